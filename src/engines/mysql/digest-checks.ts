/** CHECK constraints: MySQL keeps them since 8.0.16, MariaDB lists them since 10.2.22; their names do not matter. */
import type { SchemaObject } from '../../comparison/port.ts';
import type { Snapshot } from './digest-snapshot.ts';
import { quoteText } from './text.ts';

export async function readChecks(
  snapshot: Snapshot,
  normalised: (clause: string) => string,
  signal: AbortSignal,
): Promise<SchemaObject[]> {
  const { database } = snapshot;
  const columns = await snapshot.ask(
    `SELECT TABLE_NAME, COLUMN_NAME FROM information_schema.COLUMNS
      WHERE TABLE_SCHEMA = 'information_schema' AND TABLE_NAME IN ('CHECK_CONSTRAINTS', 'TABLE_CONSTRAINTS')`,
    signal,
  );
  const has = (table: string, column: string) => columns.some(([of, name]) => of === table && name === column);
  if (!has('CHECK_CONSTRAINTS', 'CHECK_CLAUSE')) return [];
  const schema = quoteText(database);
  // on MariaDB a name is unique within its table only
  const rows = await snapshot.ask(
    has('CHECK_CONSTRAINTS', 'TABLE_NAME')
      ? `SELECT TABLE_NAME, CHECK_CLAUSE, 'YES' FROM information_schema.CHECK_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = ${schema}`
      : `SELECT t.TABLE_NAME, c.CHECK_CLAUSE, ${has('TABLE_CONSTRAINTS', 'ENFORCED') ? 't.ENFORCED' : "'YES'"}
           FROM information_schema.CHECK_CONSTRAINTS c JOIN information_schema.TABLE_CONSTRAINTS t
             ON t.CONSTRAINT_SCHEMA = c.CONSTRAINT_SCHEMA AND t.CONSTRAINT_NAME = c.CONSTRAINT_NAME
          WHERE c.CONSTRAINT_SCHEMA = ${schema} AND t.CONSTRAINT_TYPE = 'CHECK'`,
    signal,
  );
  return rows
    .map(([table, clause, enforced]) => ({ table: table ?? '', clause: spelled(normalised(clause ?? '')), enforced }))
    .sort((a, b) => (a.clause < b.clause ? -1 : 1))
    .map(({ table, clause, enforced }) => ({
      ...{ kind: 'constraint', schema: null, table: { database, schema: null, name: table } },
      ...{ name: `check ${clause}`, foundBy: `check ${bare(clause)}`, definition: clause },
      traits: [{ name: 'ENFORCED', value: enforced === 'NO' ? 'no' : 'yes', weight: 'counts' }],
    }));
}

/**
 * Without blanks and parentheses, of which one product writes as few as it can and the other as many: what two sides find
 * each other by. Whether they are the same, the whole definition tells.
 */
const bare = (clause: string): string =>
  clause.replace(/'(?:[^'\\]|''|\\[^])*'|`(?:[^`]|``)*`|[()\s]+|[A-Z]+/g, (token) =>
    /^['`]/.test(token) ? token : /^[A-Z]/.test(token) ? token.toLowerCase() : '',
  );

/** MySQL puts parentheses around the whole. */
const spelled = (clause: string): string => (wrapped(clause) ? clause.slice(1, -1) : clause);

/** Whether the first parenthesis closes at the very end. */
function wrapped(text: string): boolean {
  if (!text.startsWith('(')) return false;
  const outside = text.replace(/'(?:[^'\\]|''|\\[^])*'|`(?:[^`]|``)*`/g, (quoted) => '_'.repeat(quoted.length));
  let depth = 0;
  for (let i = 0; i < outside.length; i++) {
    depth += outside[i] === '(' ? 1 : outside[i] === ')' ? -1 : 0;
    if (depth === 0) return i === outside.length - 1;
  }
  return false;
}
