/**
 * Literal defaults that the catalog cannot write out: bytes, which it cuts or takes for characters, and characters outside
 * utf8mb3. The server is asked for the value itself.
 */
import { isFailure } from '../../util/failure.ts';
import type { Snapshot } from './digest-snapshot.ts';
import { quoteName } from './text.ts';

export interface LiteralDefault {
  readonly table: string;
  readonly column: string;
  /** as the catalog writes it */
  readonly text: string;
  /** lower case, without length */
  readonly type: string;
}

/** By table and column (`defaultKey`): its bytes in hexadecimal, text as UTF-8. */
export async function exactDefaults(
  snapshot: Pick<Snapshot, 'database' | 'ask'>,
  defaults: readonly LiteralDefault[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const byTable = new Map<string, LiteralDefault[]>();
  for (const each of defaults.filter(({ text, type }) => isBinary(type) || text.includes('?'))) {
    byTable.set(each.table, [...(byTable.get(each.table) ?? []), each]);
  }
  const found = new Map<string, string>();
  for (const [table, columns] of byTable) {
    const values = columns.map(({ column, type }) => {
      const value = `DEFAULT(${quoteName(column)})`;
      return `HEX(${isBinary(type) ? value : `CONVERT(${value} USING utf8mb4)`})`;
    });
    try {
      const [row = []] = await snapshot.ask(
        // a row whether or not the table has one
        `SELECT ${values.join(', ')} FROM (SELECT 1) AS one LEFT JOIN ${quoteName(snapshot.database)}.${quoteName(table)} ON FALSE`,
        signal,
      );
      columns.forEach(({ column }, i) => {
        const hex = row[i];
        if (hex != null) found.set(defaultKey(table, column), hex);
      });
    } catch (error) {
      // without the right to read the column the catalog's text has to do
      if (!isFailure(error) || signal.aborted) throw error;
    }
  }
  return found;
}

export const defaultKey = (table: string, column: string): string => JSON.stringify([table, column]);
const isBinary = (type: string) => /binary$/.test(type);
