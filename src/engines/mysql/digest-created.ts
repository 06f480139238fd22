/**
 * What no catalog has, and SHOW CREATE tells: read for the few tables and programs that need it, once each. Catalogs
 * write `?` for every character outside utf8mb3, an emoji for one: which it is stands in SHOW CREATE only.
 */
import { isFailure } from '../../util/failure.ts';
import type { Snapshot } from './digest-snapshot.ts';
import { quoteName } from './text.ts';

export interface Created {
  /** the statement that makes the table; '' where the account may not see it */
  table(name: string): Promise<string>;
  /** of an expression in this table's catalog on MariaDB, which writes `????` for such characters: with them */
  exact(table: string, expression: string): Promise<string>;
  /**
   * The text of a program, which the catalogs write without what was doubled or escaped within literals.
   * @param kind PROCEDURE, FUNCTION, TRIGGER or EVENT
   */
  body(kind: string, name: string, text: string): Promise<string>;
  /** @param kind as SHOW CREATE takes it: VIEW, PROCEDURE … @returns characters of a program that the catalog wrote `?` for, in their order; '' for a text without `?` */
  unseen(kind: string, name: string, text: string): Promise<string>;
}

export function createdOn(snapshot: Pick<Snapshot, 'database' | 'ask'>, signal: AbortSignal): Created {
  const tables = new Map<string, Promise<string>>();
  const show = async (kind: string, name: string): Promise<string> => {
    try {
      const rows = await snapshot.ask(`SHOW CREATE ${kind} ${quoteName(snapshot.database)}.${quoteName(name)}`, signal);
      // after the name, of a program after its sql_mode
      const [row = []] = rows;
      return row.find((cell) => cell !== null && /^CREATE\b/i.test(cell)) ?? '';
    } catch (error) {
      // that it may not be seen is told by itself
      if (isFailure(error) && !signal.aborted) return '';
      throw error;
    }
  };
  const table = (name: string) => {
    const found = tables.get(name) ?? show('TABLE', name);
    tables.set(name, found);
    return found;
  };
  return {
    table,
    async exact(name, expression) {
      return expression.includes('????') ? restored(expression, await table(name)) : expression;
    },
    async body(kind, name, text) {
      // up to its first literal it stands in the statement as it is here
      const [start = ''] = /^[^'"?\\]*/.exec(text) ?? [];
      if (start.trim() === '' || start.length === text.length) return text;
      const statement = await show(kind, name);
      const at = statement.indexOf(start);
      return at === -1 ? text : statement.slice(at);
    },
    async unseen(kind, name, text) {
      return text.includes('?') ? outside(await show(kind, name)) : '';
    },
  };
}

/**
 * The expression of a table's catalog with the characters that it wrote `????` for, one for each byte, as they stand in
 * the statement that makes the table.
 */
function restored(expression: string, statement: string): string {
  const parts = expression.split('????').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(parts.join('(?:[\\u{10000}-\\u{10ffff}]|\\?{4})'), 'u').exec(statement)?.[0] ?? expression;
}

/** Characters that catalogs cannot write, in their order. */
const outside = (text: string): string => text.match(/[\u{10000}-\u{10ffff}]/gu)?.join('') ?? '';
