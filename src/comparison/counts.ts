/**
 * The quick consistency step: exact row counts of every migrated table, source against target. Equal counts prove that
 * no row is missing or double, not that the values are equal; the full comparison does that.
 */
import type { EngineConnection } from '../engines/engine.ts';
import { asFailure } from '../util/failure.ts';
import { sentence, type Sentence } from '../util/sentence.ts';
import { throwIfAborted } from '../util/wait.ts';
import { databasePairs, pairTables, within } from './scope.ts';
import type {
  ComparisonFacts,
  ComparisonProgress,
  ComparisonVerdict,
  MigrationScope,
  ObjectName,
  TableComparison,
} from '../cutover/facts.ts';

export interface CountRequest {
  readonly scope: MigrationScope;
  /** only these source tables, as `table` or `schema.table`; null for all */
  readonly tables: readonly string[] | null;
  readonly now: () => number;
}

interface Pair {
  readonly source: ObjectName | null;
  readonly target: ObjectName | null;
  readonly estimate: number;
}

/** Counts on both sides at once, table by table, smallest first. Rejects when cancelled or when the lists cannot be read. */
export async function compareCounts(
  source: EngineConnection,
  target: EngineConnection,
  request: CountRequest,
  onProgress: (progress: ComparisonProgress) => void,
  signal: AbortSignal,
): Promise<ComparisonFacts> {
  const startedAt = request.now();
  const pairs = await listPairs(source, target, request, signal);
  const tables: TableComparison[] = [];
  let rowsDone = 0;
  const rowsTotal = pairs.reduce((sum, pair) => sum + pair.estimate, 0);
  for (const pair of pairs) {
    throwIfAborted(signal);
    const current = nameText(pair.source ?? pair.target);
    onProgress({ tablesDone: tables.length, tablesTotal: pairs.length, rowsDone, rowsTotal, current, startedAt });
    tables.push(await comparePair(source, target, pair, signal));
    rowsDone += pair.estimate;
  }
  return { ...conclude(tables), id: `counts-${startedAt}`, method: 'counts', startedAt, finishedAt: request.now() };
}

async function comparePair(
  source: EngineConnection,
  target: EngineConnection,
  pair: Pair,
  signal: AbortSignal,
): Promise<TableComparison> {
  const names = { source: pair.source, target: pair.target, differenceCount: null };
  const none = { rows: { source: null, target: null }, reason: null };
  if (!pair.target) return { ...names, ...none, verdict: 'missingOnTarget' };
  if (!pair.source) return { ...names, ...none, verdict: 'missingOnSource' };
  const [left, right] = await Promise.allSettled([
    source.countRows(pair.source, signal),
    target.countRows(pair.target, signal),
  ]);
  throwIfAborted(signal);
  const rows = { source: valueOf(left), target: valueOf(right) };
  const failed = [left, right].find((side) => side.status === 'rejected');
  if (failed) return { ...names, rows, verdict: 'failed', reason: asFailure(failed.reason).what };
  const equal = rows.source === rows.target;
  return { ...names, rows, verdict: equal ? 'same' : 'different', reason: null };
}

function valueOf(result: PromiseSettledResult<number>): number | null {
  return result.status === 'fulfilled' ? result.value : null;
}

function conclude(
  tables: readonly TableComparison[],
): Pick<ComparisonFacts, 'verdict' | 'summary' | 'tables' | 'skipped' | 'positions'> {
  const failed = tables.filter((table) => table.verdict === 'failed' || table.verdict === 'skipped');
  const different = tables.filter((table) => !failed.includes(table) && table.verdict !== 'same');
  const verdict: ComparisonVerdict =
    different.length > 0 ? 'different' : failed.length > 0 || tables.length === 0 ? 'incomplete' : 'same';
  return {
    verdict,
    summary: summaryOf(verdict, tables, different.length, failed.length),
    tables,
    skipped: failed.map((table) =>
      sentence('{table} could not be counted.', { table: nameText(table.source ?? table.target) }),
    ),
    positions: { source: null, target: null },
  };
}

function summaryOf(
  verdict: ComparisonVerdict,
  tables: readonly TableComparison[],
  different: number,
  failed: number,
): Sentence {
  const total = tables.length;
  switch (verdict) {
    case 'same': {
      const rows = tables.reduce((sum, table) => sum + (table.rows.source ?? 0), 0);
      return sentence('Row counts agree in all {total} tables ({rows} rows). Values were not compared.', {
        total,
        rows,
      });
    }
    case 'different':
      return sentence('Row counts or tables differ: {different} of {total} tables.', { different, total });
    case 'incomplete':
      return total === 0
        ? sentence('There is no table to count: the task’s scope matches nothing on the source.')
        : sentence('{failed} of {total} tables could not be counted.', { failed, total });
  }
}

async function listPairs(
  source: EngineConnection,
  target: EngineConnection,
  { scope, tables }: CountRequest,
  signal: AbortSignal,
): Promise<Pair[]> {
  const [sourceDatabases, targetDatabases] = await Promise.all([
    source.listDatabases(signal),
    target.listDatabases(signal),
  ]);
  const pairs: Pair[] = [];
  for (const database of databasePairs(scope, sourceDatabases)) {
    const [left, right] = await Promise.all([
      sourceDatabases.includes(database.source) ? listTables(source, database.source, signal) : [],
      targetDatabases.includes(database.target) ? listTables(target, database.target, signal) : [],
    ]);
    const found = pairTables(within(scope, database), left, right, tables);
    for (const pair of found.pairs) {
      pairs.push({ source: pair.source.name, target: pair.target.name, estimate: pair.source.estimate });
    }
    for (const { source: table } of found.missing) pairs.push({ source: table.name, target: null, estimate: 0 });
    for (const name of [...found.extra.map((table) => table.name), ...found.unknown]) {
      pairs.push({ source: null, target: name, estimate: 0 });
    }
  }
  return pairs.sort((a, b) => a.estimate - b.estimate);
}

interface ListedTable {
  readonly name: ObjectName;
  readonly estimate: number;
}

async function listTables(connection: EngineConnection, database: string, signal: AbortSignal): Promise<ListedTable[]> {
  const objects = await connection.listObjects(database, signal);
  return objects
    .filter(({ kind }) => kind === 'table' || kind === 'collection')
    .map(({ object, estimatedRows }) => ({ name: object, estimate: Math.max(0, estimatedRows ?? 0) }));
}

function nameText(name: ObjectName | null): string {
  return name ? [name.database, name.schema, name.name].filter((part) => part !== null).join('.') : '?';
}
