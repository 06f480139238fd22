/**
 * Which tables there are, as InnoDB numbers them: a table that was made, dropped, emptied or built anew without a trace
 * in the log shows here. Tables of other engines stand beside them as far as the account may see all tables.
 */
import { innodbTable } from './counters.ts';
import { optional, type Link } from './link.ts';
import type { OtherEngines } from './storageEngines.ts';
import { isSystemSchema } from './text.ts';

/** `schema.table` → what tells it from another of that name */
export type Catalogue = ReadonlyMap<string, string>;

/** null where the account may not list InnoDB's tables. */
export async function readCatalogue(
  link: Link,
  others: OtherEngines | null,
  signal: AbortSignal,
): Promise<Catalogue | null> {
  const answer = await optional(link, `SELECT NAME, TABLE_ID FROM ${link.dialect.innodbTables}`, signal);
  if (!answer) return null;
  const tables = new Map<string, string>();
  const ids = answer.rows.map(([name, id]) => [innodbTable(name ?? ''), id ?? ''] as const);
  // parts of one table in one order
  for (const [table, id] of ids.sort(([, a], [, b]) => (a < b ? -1 : 1))) {
    if (!table || isSystemSchema(table.schema)) continue;
    const name = `${table.schema}.${table.table}`;
    tables.set(name, `${tables.get(name) ?? ''}/${id}`);
  }
  for (const { name, engine, createdAt } of others?.tables ?? []) tables.set(name, `${engine} ${createdAt}`);
  return tables;
}

export interface CatalogueChanges {
  /** made, dropped or of another kind */
  readonly changed: readonly string[];
  /** the same name with another number: emptied or built anew */
  readonly rebuilt: readonly string[];
}

/** Pure. */
export function catalogueChanges(earlier: Catalogue, later: Catalogue): CatalogueChanges {
  const changed = [...earlier.keys()].filter((name) => !later.has(name));
  const rebuilt: string[] = [];
  for (const [name, id] of later) {
    const before = earlier.get(name);
    if (before === undefined) changed.push(name);
    else if (before !== id) rebuilt.push(name);
  }
  return { changed, rebuilt };
}
