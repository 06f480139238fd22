/** What one statement in the binary log changes, as far as its head tells. Pure. */

/** `name`: `schema.table`, a schema, or `statement in schema` where the head does not name all it changes */
export type StatementMeaning =
  | { readonly kind: 'harmless' }
  | { readonly kind: 'rows'; readonly name: string }
  /** `command`: the server's counter of such statements, e.g. `Com_drop_table`; '' where it has none we know */
  | { readonly kind: 'definition'; readonly name: string; readonly command: string };

/** `info` is the Info column: the statement, often with "use `schema`; " in front. */
export function statementMeaning(info: string): StatementMeaning {
  const { schema, text } = splitUse(info);
  // its rows were logged when it was prepared, which may be long ago; now they become visible
  if (/^xa commit\b/i.test(text)) return { kind: 'rows', name: 'XA COMMIT' };
  if (TRANSACTION.test(text) || MAINTENANCE.test(text)) return { kind: 'harmless' };
  const of = (kind: 'rows' | 'definition', name: string): StatementMeaning =>
    kind === 'rows' ? { kind, name } : { kind, name, command: commandOf(text) };
  const ofSchema = SCHEMA_DEFINITION.exec(text);
  if (ofSchema) return of('definition', unquote(ofSchema[1] ?? ''));
  for (const { kind, pattern } of HEADS) {
    const name = pattern.exec(text)?.[1];
    if (name !== undefined) return of(kind, qualify(unquote(name), schema));
  }
  // it may reach into any schema, so it must not pass for one of the current schema's own
  const kind = /^(create|alter|drop|rename)\b/i.test(text) ? 'definition' : 'rows';
  return of(kind, schema === '' ? 'statement' : `statement in ${schema}`);
}

/** Which counter of the server such a statement moved; what is quoted in it is no word of its own. */
function commandOf(text: string): string {
  const words = text.replace(/`(?:[^`]|``)*`|'(?:[^'\\]|\\.)*'/gs, '`').toLowerCase();
  if (words.startsWith('truncate')) return 'Com_truncate';
  const [, verb, object = ''] = COMMAND.exec(words) ?? [];
  return verb === undefined ? '' : `Com_${verb}_${object === 'database' || object === 'schema' ? 'db' : object}`;
}

const COMMAND =
  /^(create|alter|drop|rename)\b.*?\b(table|database|schema|index|view|trigger|procedure|function|event|sequence|package)\b/s;

/** Whether a statement first tries to insert each of its rows, although it may end as an update. */
export function insertsFirst(statement: string): boolean {
  return /^(insert|replace|load)\b/i.test(splitUse(statement).text);
}

/** Transaction control, and a text that is one comment to its end: dummy events pad a filtered log with it. */
export const TRANSACTION =
  /^(#[^\n]*$|begin\b|commit\b|rollback\b|savepoint\b|release savepoint\b|xa (start|begin|end|prepare|rollback)\b)/i;

/** Maintenance that changes no row (MariaDB's ANALYZE UPDATE does), accounts (no migration moves them), and temporary tables (nobody else sees them). */
export const MAINTENANCE =
  /^(analyze(?:\s+(?:no_write_to_binlog|local))?\s+tables?|optimize|flush|grant|revoke|set (password|default role)|(create|drop|alter|rename) (or replace )?(user|role)|(create|drop) (or replace )?(\/\*!40005 )?temporary)\b/i;

const PART = '(?:`(?:[^`]|``)+`|[\\w$\\u0080-\\uffff]+)';
export const NAME = `(${PART}(?:\\s*\\.\\s*${PART})?)`;

const SCHEMA_DEFINITION = head(
  '(?:create|alter|drop)(?:\\s+or\\s+replace)?\\s+(?:database|schema)(?:\\s+if\\s+(?:not\\s+)?exists)?',
);

const HEADS: readonly { readonly kind: 'rows' | 'definition'; readonly pattern: RegExp }[] = [
  {
    kind: 'rows',
    pattern: head('(?:insert|replace)(?:\\s+(?:low_priority|delayed|high_priority|ignore))*(?:\\s+into)?'),
  },
  { kind: 'rows', pattern: head('update(?:\\s+(?:low_priority|ignore))*') },
  { kind: 'rows', pattern: head('delete(?:\\s+(?:low_priority|quick|ignore))*\\s+from') },
  { kind: 'rows', pattern: head('load\\s+(?:data|xml)\\b.*?\\binto\\s+table') },
  { kind: 'definition', pattern: head('truncate(?:\\s+table)?') },
  {
    kind: 'definition',
    pattern: head(
      '(?:create|alter|drop|rename)(?:\\s+or\\s+replace)?(?:\\s+(?:online|ignore))*' +
        '\\s+(?:table|sequence)(?:\\s+if\\s+(?:not\\s+)?exists)?',
    ),
  },
  {
    kind: 'definition',
    pattern: head(
      '(?:create|drop)(?:\\s+or\\s+replace)?(?:\\s+(?:online|unique|fulltext|spatial))*\\s+index\\b.*?\\bon',
    ),
  },
];

/** Not where a second name follows: naming only the first would hide the others. */
function head(words: string): RegExp {
  return new RegExp(`^${words}\\s+${NAME}(?![\\w$\`.\\u0080-\\uffff]|\\s*,)`, 'is');
}

/** MariaDB lists checks that were off for the statement in front of it. */
const SETTINGS = /^set (?:(?:@@)?\w+=\d+(?:, ?)?)+; /;

/** Database and statement, leading comments taken off (but not `/*!` and MariaDB's `/*M!`, which are executed). */
export function splitUse(info: string): { schema: string; text: string } {
  const match = /^use `((?:[^`]|``)+)`; (.*)$/s.exec(info);
  const text = (match?.[2] ?? info).replace(SETTINGS, '').replace(/^(?:\s|\/\*(?!M?!).*?\*\/|(?:--|#)[^\n]*\n)+/s, '');
  return { schema: (match?.[1] ?? '').replaceAll('``', '`'), text };
}

export function qualify(name: string, schema: string): string {
  return name.includes('.') || schema === '' ? name : `${schema}.${name}`;
}

export function unquote(name: string): string {
  return name.replace(/\s*\.\s*/, '.').replace(/`((?:[^`]|``)+)`/g, (_, inner: string) => inner.replaceAll('``', '`'));
}
