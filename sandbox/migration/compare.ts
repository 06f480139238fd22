/**
 * What DTS's comparison does, for real: reads both sides row by row and reports the rows that differ. Changes are still
 * being applied meanwhile, so rows that differ are looked at again, as DTS's re-check does, before they count.
 */
import pg, { type Pool } from 'pg';
import { pause, throwIfAborted } from '../../src/util/wait.ts';
import type { ComparedTable, CompareScope, RowDifference, TableOutcome } from '../dts/backend.ts';

const RECHECKS = 3;
const RECHECK_MS = 700;
/** A report lists so many rows of a table; the rest only counts. */
const LISTED_ROWS = 1_000;

/** One side of a table: its name as SQL writes it, and its key columns. */
interface Side {
  readonly pool: Pool;
  readonly table: string;
  readonly keys: readonly string[];
}

/**
 * Compares one table of `database`, which has the same name on both sides.
 * Rejects when a side cannot be read, or the signal aborts.
 */
export async function compareTable(
  table: ComparedTable,
  database: string,
  pools: { readonly source: Pool; readonly target: Pool },
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
  const source = await openSide(pools.source, table.source);
  const target = await openSide(pools.target, table.target);
  if (!source) return skipped('The table is missing on the source.');
  if (!target) return skipped('The table is missing on the target.');
  if (method === 'rowsCount') return countRows(table, source, target, signal);
  if (source.keys.length === 0 || target.keys.join() !== source.keys.join()) {
    return skipped('The table has no primary key, or another one on the target.');
  }
  const [sourceRows, targetRows] = await Promise.all([
    digests(source, method === 'sampleDataCheck', null),
    digests(target, method === 'sampleDataCheck', null),
  ]);
  let differing = differingKeys(sourceRows, targetRows);
  for (let round = 0; differing.length > 0 && round < RECHECKS; round++) {
    await pause(RECHECK_MS, signal);
    differing = differingKeys(await digests(source, false, differing), await digests(target, false, differing));
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

async function countRows(table: ComparedTable, source: Side, target: Side, signal: AbortSignal): Promise<TableOutcome> {
  for (let round = 0; ; round++) {
    const [sourceRows, targetRows] = await Promise.all([count(source), count(target)]);
    const same = sourceRows === targetRows;
    throwIfAborted(signal);
    if (same || round === RECHECKS) {
      return { ...table, conclusion: same ? 'same' : 'different', reason: '', sourceRows, targetRows, differences: [] };
    }
    await pause(RECHECK_MS, signal);
  }
}

async function count({ pool, table }: Side): Promise<number> {
  const { rows } = await pool.query<{ rows: string }>(`select count(*) as rows from ${table}`);
  return Number(rows[0]?.rows);
}

async function openSide(pool: Pool, name: ComparedTable['source']): Promise<Side | null> {
  const { rows } = await pool.query<{ table: string; keys: string[] }>(
    `select format('%I.%I', n.nspname, c.relname) as table,
       array(select format('%I', a.attname)
         from pg_index i cross join unnest(i.indkey) with ordinality as k (attnum, place)
         join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
         where i.indrelid = c.oid and i.indisprimary order by k.place) as keys
     from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = $2`,
    [name.schema, name.table],
  );
  return rows[0] ? { pool, ...rows[0] } : null;
}

/** Key → digest of the whole row; the key is the text of a row value, e.g. `(42,1)`. */
async function digests(side: Side, sample: boolean, only: readonly string[] | null): Promise<Map<string, string>> {
  const key = `row(${side.keys.join(', ')})::text`;
  // every tenth row, the same ones on both sides
  const where = only ? `${key} = any($1)` : sample ? `hashtext(${key}) % 10 = 0` : 'true';
  const { rows } = await side.pool.query<{ key: string; digest: string }>(
    `select ${key} as key, md5(t::text) as digest from ${side.table} t where ${where}`,
    only ? [only] : [],
  );
  return new Map(rows.map((row) => [row.key, row.digest]));
}

function differingKeys(source: ReadonlyMap<string, string>, target: ReadonlyMap<string, string>): string[] {
  const keys = new Set([...source.keys(), ...target.keys()]);
  return [...keys].filter((key) => source.get(key) !== target.get(key));
}

async function readDifferences(source: Side, target: Side, keys: readonly string[]): Promise<RowDifference[]> {
  if (keys.length === 0) return [];
  const [left, right] = await Promise.all([readRows(source, keys), readRows(target, keys)]);
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

async function readRows(side: Side, keys: readonly string[]) {
  const key = `row(${side.keys.join(', ')})::text`;
  const names = side.keys.join(', ');
  const format = pg.escapeLiteral(side.keys.map((name) => `${name.replaceAll('%', '%%')}=%s`).join(', '));
  const { rows, fields } = await side.pool.query<(string | null)[]>({
    text: `select ${key}, format(${format}, ${names}), t.* from ${side.table} t
           where ${key} = any($1)`,
    values: [keys],
    rowMode: 'array',
    // the server's own text of every value
    types: { getTypeParser: () => (text: string) => text },
  });
  return {
    columns: fields.slice(2).map((field) => field.name),
    identifiers: new Map(rows.map((row) => [row[0] ?? '', row[1] ?? ''])),
    rows: new Map(rows.map((row) => [row[0] ?? '', row.slice(2)])),
  };
}
