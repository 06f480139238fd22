/**
 * What DTS's comparison does, for real: reads both sides row by row and reports the rows that differ. Changes are still
 * being applied meanwhile, so rows that differ are looked at again, as DTS's re-check does, before they count.
 */
import { pause, throwIfAborted } from '../../src/util/wait.ts';
import type { ComparedTable, CompareScope, RowDifference, TableOutcome } from '../dts/backend.ts';
import type { Mover } from './mover.ts';

const RECHECKS = 3;
const RECHECK_MS = 700;
/** A report lists so many rows of a table; the rest only counts. */
const LISTED_ROWS = 1_000;

/** One side of a table. A row goes by the text of its key, which is written alike on both sides. */
export interface ComparedSide {
  /** names of the primary key's columns */
  readonly keys: readonly string[];
  count(): Promise<number>;
  /** key → digest of the whole row: of all rows, of about every tenth (the same on both sides), or of these */
  digests(which: 'all' | 'sample' | readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** whole rows as the server writes them, by key; `identifiers` are for people, e.g. `id=42` */
  rows(keys: readonly string[]): Promise<{
    readonly columns: readonly string[];
    readonly identifiers: ReadonlyMap<string, string>;
    readonly rows: ReadonlyMap<string, readonly (string | null)[]>;
  }>;
}

/**
 * Compares one table of `database`, which has the same name on both sides.
 * Rejects when a side cannot be read, or the signal aborts.
 */
export async function compareTable(
  table: ComparedTable,
  database: string,
  mover: Pick<Mover, 'openSide'>,
  method: CompareScope['method'],
  signal: AbortSignal,
): Promise<TableOutcome> {
  const skipped = (reason: string): TableOutcome => ({
    ...table,
    conclusion: 'skipped',
    reason,
    sourceRows: null,
    targetRows: null,
    differences: [],
  });
  if (table.source.database !== database || table.target.database !== database) {
    return skipped('The task does not move this database.');
  }
  const source = await mover.openSide('source', table.source);
  const target = await mover.openSide('target', table.target);
  if (!source) return skipped('The table is missing on the source.');
  if (!target) return skipped('The table is missing on the target.');
  if (method === 'rowsCount') return countRows(table, source, target, signal);
  if (source.keys.length === 0 || target.keys.join() !== source.keys.join()) {
    return skipped('The table has no primary key, or another one on the target.');
  }
  const which = method === 'sampleDataCheck' ? 'sample' : 'all';
  const [sourceRows, targetRows] = await Promise.all([source.digests(which), target.digests(which)]);
  let differing = differingKeys(sourceRows, targetRows);
  for (let round = 0; differing.length > 0 && round < RECHECKS; round++) {
    await pause(RECHECK_MS, signal);
    differing = differingKeys(await source.digests(differing), await target.digests(differing));
  }
  throwIfAborted(signal);
  return {
    ...table,
    conclusion: differing.length > 0 ? 'different' : 'same',
    reason: '',
    sourceRows: sourceRows.size,
    targetRows: targetRows.size,
    differences: await readDifferences(source, target, differing.slice(0, LISTED_ROWS)),
  };
}

async function countRows(
  table: ComparedTable,
  source: ComparedSide,
  target: ComparedSide,
  signal: AbortSignal,
): Promise<TableOutcome> {
  for (let round = 0; ; round++) {
    const [sourceRows, targetRows] = await Promise.all([source.count(), target.count()]);
    const same = sourceRows === targetRows;
    throwIfAborted(signal);
    if (same || round === RECHECKS) {
      return { ...table, conclusion: same ? 'same' : 'different', reason: '', sourceRows, targetRows, differences: [] };
    }
    await pause(RECHECK_MS, signal);
  }
}

function differingKeys(source: ReadonlyMap<string, string>, target: ReadonlyMap<string, string>): string[] {
  const keys = new Set([...source.keys(), ...target.keys()]);
  return [...keys].filter((key) => source.get(key) !== target.get(key));
}

async function readDifferences(
  source: ComparedSide,
  target: ComparedSide,
  keys: readonly string[],
): Promise<RowDifference[]> {
  if (keys.length === 0) return [];
  const [left, right] = await Promise.all([source.rows(keys), target.rows(keys)]);
  return keys.map((key) => {
    const [one, other] = [left.rows.get(key) ?? null, right.rows.get(key) ?? null];
    return {
      identifier: left.identifiers.get(key) ?? right.identifiers.get(key) ?? key,
      kind: !one ? 'srcLack' : !other ? 'dstLack' : 'data',
      columns: left.columns,
      source: one,
      target: other,
    };
  });
}
