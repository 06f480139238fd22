/** What stands in the way of statements that repair rows: unique values, rows of other tables, triggers. */
import type { RepairFacts } from '../../comparison/port.ts';
import type { Rows, Snapshot } from './digest-snapshot.ts';
import { quoteText } from './text.ts';

/** By the name of the table. `keys` are rows of table, index, column, prefix, of unique indexes in order. */
export async function readObstacles(
  snapshot: Snapshot,
  keys: Rows,
  signal: AbortSignal,
): Promise<(table: string) => { readonly repair?: RepairFacts }> {
  const { database } = snapshot;
  const schema = quoteText(database);
  const triggers = await snapshot.ask(
    `SELECT EVENT_OBJECT_TABLE, TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ${schema} ORDER BY 1, 2`,
    signal,
  );
  const references = await snapshot.ask(
    `SELECT k.REFERENCED_TABLE_NAME, k.TABLE_NAME, k.CONSTRAINT_NAME, k.COLUMN_NAME, k.REFERENCED_COLUMN_NAME
       FROM information_schema.KEY_COLUMN_USAGE k
      WHERE k.TABLE_SCHEMA = ${schema} AND k.REFERENCED_TABLE_SCHEMA = ${schema} AND k.REFERENCED_TABLE_NAME IS NOT NULL
      ORDER BY k.TABLE_NAME, k.CONSTRAINT_NAME, k.ORDINAL_POSITION`,
    signal,
  );
  const runs = byName(triggers);
  const unique = byName(keys);
  const held = byName(references);
  return (table) => {
    const uniques = grouped(unique.get(table) ?? [], ([, index]) => index ?? '')
      .filter((parts) => parts[0]?.[1] !== 'PRIMARY' && parts.every(([, , column, prefix]) => column && !prefix))
      .map((parts) => parts.map(([, , column]) => column ?? ''));
    const referencedBy = grouped(held.get(table) ?? [], ([, by, name]) => JSON.stringify([by, name])).map((parts) => ({
      table: { database, schema: null, name: parts[0]?.[1] ?? '' },
      columns: parts.map(([, , , there, here]) => [there ?? '', here ?? ''] as const),
    }));
    const alsoRuns = (runs.get(table) ?? []).map(([, name]) => name ?? '');
    if (uniques.length + referencedBy.length + alsoRuns.length === 0) return {};
    return { repair: { uniques, referencedBy, alsoRuns } };
  };
}

type Row = Rows[number];

function byName(rows: Rows): ReadonlyMap<string, readonly Row[]> {
  return new Map(grouped(rows, ([name]) => name ?? '').map((group) => [group[0]?.[0] ?? '', group]));
}

function grouped(rows: Rows, keyOf: (row: Row) => string): readonly (readonly Row[])[] {
  const found = new Map<string, Row[]>();
  for (const row of rows) {
    const group = found.get(keyOf(row));
    if (group) group.push(row);
    else found.set(keyOf(row), [row]);
  }
  return [...found.values()];
}
