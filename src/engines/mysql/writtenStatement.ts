/**
 * What one statement of the binary log may have done to rows, for proofs. Pure. Only a statement that is known to name
 * every table it touches is taken by its names; one that changes rows may reach anywhere through triggers and functions.
 */
import { MAINTENANCE, NAME, qualify, splitUse, TRANSACTION, unquote } from './binlogStatement.ts';

/** Names are `schema.table`. */
export interface StatementEffect {
  /** rows of these may be others */
  readonly tables: readonly string[];
  readonly database: string | null;
  /** nobody can tell which rows */
  readonly anywhere: boolean;
  /** counted by the server among the changed definitions */
  readonly definition: boolean;
  /** the rows stay, but counters of these begin anew; with `rebuilt` they lie in another file */
  readonly kept: readonly string[];
  readonly rebuilt: boolean;
  /** foreign keys it speaks of: the table that is referred to, the table that refers */
  readonly references: readonly (readonly [string, string])[];
}

const NOTHING: StatementEffect = {
  tables: [],
  database: null,
  anywhere: false,
  definition: false,
  kept: [],
  rebuilt: false,
  references: [],
};
const ANYWHERE: StatementEffect = { ...NOTHING, anywhere: true };

/** Triggers, views, events and routines: no row is touched until they run, and then the rows are logged. */
const PROGRAM = new RegExp(
  '^(?:create|alter|drop)(?:\\s+or\\s+replace)?(?:\\s+algorithm\\s*=\\s*\\w+)?' +
    "(?:\\s+definer\\s*=\\s*(?:`[^`]*`|'[^']*'|[^\\s@]+)(?:\\s*@\\s*(?:`[^`]*`|'[^']*'|\\S+))?)?" +
    '(?:\\s+sql\\s+security\\s+\\w+)?(?:\\s+aggregate)?\\s+(?:trigger|view|event|procedure|function|package|sequence)\\b',
  'i',
);
const DROP_DATABASE = /^drop\s+(?:database|schema)(?:\s+if\s+exists)?\s+(`(?:[^`]|``)+`|[^\s;]+)/i;
const OTHER_DATABASE = /^(create|alter)(?:\s+or\s+replace)?\s+(?:database|schema)\b/i;
const INDEX = new RegExp(`^(?:create|drop)(?:\\s+or\\s+replace)?(?:\\s+\\w+)?\\s+index\\b.*?\\bon\\s+${NAME}`, 'is');
const TRUNCATE = new RegExp(`^truncate(?:\\s+table)?\\s+${NAME}(?:\\s+(?:no)?wait\\b.*)?\\s*$`, 'is');
const OPTIMIZE = /^optimize\s+(?:(?:no_write_to_binlog|local)\s+)?tables?\s+(.*)$/is;
const DROP_TABLES = /^drop\s+tables?\s+(?:if\s+exists\s+)?(.*?)(?:\s+(?:restrict|cascade))?\s*$/is;
const RENAME = /^rename\s+tables?\s+(?:if\s+exists\s+)?(.*)$/is;
const ALTER = new RegExp(
  `^alter(?:\\s+online)?(?:\\s+ignore)?\\s+table(?:\\s+if\\s+exists)?\\s+${NAME}\\s+(.*)$`,
  'is',
);
const CREATE = new RegExp(`^create(\\s+or\\s+replace)?\\s+table(?:\\s+if\\s+not\\s+exists)?\\s+${NAME}(.*)$`, 'is');

/** Clauses of ALTER TABLE that leave every row as it is. */
const KEEPS_ROWS = new RegExp(
  '^(?:add\\s+(?:constraint\\s+(?:`(?:[^`]|``)+`\\s+|(?!foreign\\b|unique\\b|check\\b)\\w+\\s+)?)?(?:foreign\\s+key|unique|check|index|key|fulltext|spatial)\\b' +
    '|drop\\s+(?:foreign\\s+key|index|key|check)\\b|rename\\s+(?:index|key)\\b|alter\\s+index\\b' +
    '|(?:enable|disable)\\s+keys\\b|(?:auto_increment|comment|stats_\\w+|algorithm|lock)\\b)',
  'i',
);

/** `info` as the log lists it. Transaction control is the caller's. */
export function effectOf(info: string): StatementEffect {
  const { schema, text: whole } = splitUse(info);
  const text = withoutTexts(whole).trim().replace(/;$/, '');
  const full = (name: string) => qualify(unquote(name), schema);
  const optimized = OPTIMIZE.exec(text)?.[1];
  if (optimized !== undefined) return { ...NOTHING, kept: listed(optimized).map(full), rebuilt: true };
  if (text === '' || TRANSACTION.test(text) || MAINTENANCE.test(text) || PROGRAM.test(text)) return NOTHING;
  const dropped = DROP_DATABASE.exec(text)?.[1];
  if (dropped !== undefined) return { ...NOTHING, database: unquote(dropped), definition: true };
  const other = OTHER_DATABASE.exec(text)?.[1];
  if (other !== undefined) return { ...NOTHING, definition: other.toLowerCase() === 'alter' };
  const indexed = INDEX.exec(text)?.[1];
  if (indexed !== undefined) return { ...NOTHING, kept: [full(indexed)], definition: true };
  const truncated = TRUNCATE.exec(text)?.[1];
  if (truncated !== undefined) return { ...NOTHING, tables: [full(truncated)], definition: true };
  const gone = DROP_TABLES.exec(text)?.[1] ?? RENAME.exec(text)?.[1];
  if (gone !== undefined) return named(listed(gone.replaceAll(/\s+to\s+/gi, ',')), full);
  return altered(text, full) ?? created(text, full) ?? ANYWHERE;
}

function named(names: readonly string[], full: (name: string) => string): StatementEffect {
  const whole = new RegExp(`^${NAME}$`, 's');
  if (!names.every((name) => whole.test(name))) return ANYWHERE;
  return { ...NOTHING, tables: names.map(full), definition: true };
}

function altered(text: string, full: (name: string) => string): StatementEffect | null {
  const [, name, clauses] = ALTER.exec(text) ?? [];
  if (name === undefined || clauses === undefined) return null;
  const table = full(name);
  const effect = { ...NOTHING, definition: true, references: referencesIn(clauses, table, full) };
  if (listed(clauses).every((clause) => KEEPS_ROWS.test(clause))) return { ...effect, kept: [table] };
  const others: string[] = [];
  const second = new RegExp(
    `\\b(?:with\\s+table|rename(?:\\s+(?:to|as)|\\s*=)?(?!\\s+(?:column|index|key)\\b)|to\\s+table|convert\\s+table)\\s+${NAME}`,
    'gis',
  );
  for (const [, other] of clauses.matchAll(second)) if (other !== undefined) others.push(full(other));
  // it takes rows from, or gives its own to, another table
  if (/\b(?:exchange\s+partition|convert\s+(?:table|partition))\b/i.test(clauses) && others.length === 0)
    return ANYWHERE;
  return { ...effect, tables: [table, ...others] };
}

function created(text: string, full: (name: string) => string): StatementEffect | null {
  const [, , name, rest] = CREATE.exec(text) ?? [];
  if (name === undefined || rest === undefined) return null;
  // with the rows of a query, which a log of rows has apart
  if (/\bselect\b/i.test(withoutNames(rest))) return ANYWHERE;
  return { ...NOTHING, tables: [full(name)], references: referencesIn(rest, full(name), full) };
}

function referencesIn(text: string, table: string, full: (name: string) => string): StatementEffect['references'] {
  return [...text.matchAll(new RegExp(`\\breferences\\s+${NAME}`, 'gis'))].flatMap(([, name]) =>
    name === undefined ? [] : [[full(name), table] as const],
  );
}

/** Split at the commas that stand in no parentheses and in no name. */
function listed(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quoted = false;
  let part = '';
  for (const char of text) {
    if (char === '`') quoted = !quoted;
    else if (!quoted && char === '(') depth++;
    else if (!quoted && char === ')') depth--;
    if (char === ',' && depth === 0 && !quoted) {
      parts.push(part.trim());
      part = '';
    } else part += char;
  }
  return [...parts, part.trim()].filter((piece) => piece !== '');
}

/** Texts and comments taken out (but not those the server executes), so that no word in them means anything. */
function withoutTexts(statement: string): string {
  return statement.replace(
    /`(?:[^`]|``)*`|'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|\/\*(?!M?!).*?\*\/|(?:--[ \t]|#)[^\n]*/gs,
    (piece) => (piece.startsWith('`') ? piece : piece.startsWith("'") || piece.startsWith('"') ? "''" : ' '),
  );
}

const withoutNames = (text: string) => text.replace(/`(?:[^`]|``)*`/g, ' ');
