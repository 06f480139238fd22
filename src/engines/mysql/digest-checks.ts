/** CHECK constraints: MySQL keeps them since 8.0.16, MariaDB lists them since 10.2.22; their names do not matter. */
import type { SchemaObject } from '../../comparison/port.ts';
import { defaultKey } from './digest-defaults.ts';
import { plainExpression } from './digest-expression.ts';
import type { Created } from './digest-created.ts';
import type { Cell, Snapshot } from './digest-snapshot.ts';
import { quoteText } from './text.ts';

export interface CheckReader {
  readonly snapshot: Snapshot;
  readonly created: Created;
  /** takes the database's own name out of a clause */
  readonly normalised: (clause: string) => string;
}

export async function readChecks(
  { snapshot, created, normalised }: CheckReader,
  signal: AbortSignal,
): Promise<SchemaObject[]> {
  const { database, dialect } = snapshot;
  const { mariaDb } = dialect;
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
  const found: { readonly table: string; readonly clause: string; readonly enforced: Cell | undefined }[] = [];
  for (const [table, text, enforced] of rows) {
    const exact = mariaDb ? await created.exact(table ?? '', text ?? '') : (text ?? '');
    found.push({ table: table ?? '', clause: spelled(normalised(exact)), enforced });
  }
  return found
    .sort((a, b) => (a.clause < b.clause ? -1 : 1))
    .map(({ table, clause, enforced }): SchemaObject => {
      const { form, words, certain } = plainExpression(clause);
      return {
        ...{ kind: 'constraint', schema: null, table: { database, schema: null, name: table } },
        ...{ name: `check ${clause}`, foundBy: `check ${words}`, definition: form, exact: certain },
        // MariaDB’s JSON, also where it was restored on MySQL: the column tells
        ...(documentOf(clause) === null ? {} : { part: true }),
        traits: [{ name: 'ENFORCED', value: enforced === 'NO' ? 'no' : 'yes', weight: 'counts' }],
      };
    });
}

/** MariaDB's JSON is a text with this check, restored on MySQL too: the columns that have it, by table and column. */
export const documentsIn = (checks: readonly SchemaObject[]): ReadonlySet<string> =>
  new Set(
    checks.flatMap(({ table, name }) => {
      const column = documentOf(name.replace(/^check /, ''));
      return table && column !== null ? [defaultKey(table.name, column)] : [];
    }),
  );

function documentOf(clause: string): string | null {
  const name = /^json_valid\(`((?:[^`]|``)+)`\)$/.exec(clause)?.[1];
  return name === undefined ? null : name.replaceAll('``', '`');
}

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
