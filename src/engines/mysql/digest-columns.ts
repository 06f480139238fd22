/** What the columns of a MySQL or MariaDB database take and are filled with, in one spelling for both products. */
import { decimalRoom, integerRoom, plainNumber, type ColumnRules } from '../../comparison/columns.ts';
import type { SchemaObject } from '../../comparison/port.ts';
import type { Trait } from '../../comparison/traits.ts';
import type { Collations } from './digest-collations.ts';
import type { Cell, Snapshot } from './digest-snapshot.ts';
import type { Created } from './digest-created.ts';
import { defaultKey, exactDefaults, type LiteralDefault } from './digest-defaults.ts';
import { plainExpression } from './digest-expression.ts';
import { quoteText } from './text.ts';

export interface ColumnReader {
  readonly snapshot: Pick<Snapshot, 'database' | 'dialect' | 'ask'>;
  readonly collations: Collations;
  readonly created: Pick<Created, 'exact'>;
  /** takes the database's own name out of an expression */
  readonly normalised: (expression: string) => string;
  /** columns that are JSON by a check of MariaDB, by table and column */
  readonly documents: ReadonlySet<string>;
}

export async function readColumns(
  { snapshot, collations, created, normalised, documents }: ColumnReader,
  signal: AbortSignal,
): Promise<SchemaObject[]> {
  const { database, dialect } = snapshot;
  const schema = quoteText(database);
  const tables = await snapshot.ask(
    `SELECT TABLE_NAME FROM information_schema.TABLES
      WHERE TABLE_SCHEMA = ${schema} AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')`,
    signal,
  );
  const known = await snapshot.ask(
    `SELECT COLUMN_NAME FROM information_schema.COLUMNS
      WHERE TABLE_SCHEMA = 'information_schema' AND TABLE_NAME = 'COLUMNS'`,
    signal,
  );
  const has = (column: string) => known.some(([name]) => name === column);
  const columns = await snapshot.ask(
    `SELECT TABLE_NAME, COLUMN_NAME, LOWER(DATA_TYPE), COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT, EXTRA,
            GENERATION_EXPRESSION, NUMERIC_PRECISION, NUMERIC_SCALE, DATETIME_PRECISION, CHARACTER_MAXIMUM_LENGTH,
            CHARACTER_OCTET_LENGTH, CHARACTER_SET_NAME, COLLATION_NAME, ${has('SRS_ID') ? 'SRS_ID' : 'NULL'}
       FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ${schema} ORDER BY TABLE_NAME, ORDINAL_POSITION`,
    signal,
  );
  const whole = new Set(tables.map(([name]) => name));
  const ours: (readonly Cell[])[] = [];
  for (const row of columns.filter(([table]) => whole.has(table ?? null))) {
    const [table] = row;
    const exactly = async (text: Cell | undefined) =>
      text == null || !dialect.mariaDb ? (text ?? null) : created.exact(table ?? '', text);
    const [standard, expression] = [await exactly(row[5]), await exactly(row[7])];
    ours.push([...row.slice(0, 5), standard, row[6] ?? null, expression, ...row.slice(8)]);
  }
  const literals = ours.flatMap(([table, column, type, , , text, extra]): LiteralDefault[] =>
    text == null || !isLiteral(text, extra ?? '', dialect.mariaDb)
      ? []
      : [{ table: table ?? '', column: column ?? '', type: type ?? '', text }],
  );
  const exact = await exactDefaults(snapshot, literals, signal);
  return [
    ...ordersOf(ours).map(([table, traits]) => ({
      ...{ kind: 'options' as const, schema: null, table: { database, schema: null, name: table } },
      ...{ name: 'order of columns', definition: '', part: true, traits },
    })),
    ...ours.map(([table, name, ...facts]): SchemaObject => {
      const id = defaultKey(table ?? '', name ?? '');
      const { rules: column, filled } = rulesOf(facts, {
        ...{ mariaDb: dialect.mariaDb, normalised },
        ...{ document: documents.has(id), exact: exact.get(id) },
      });
      const declared = (facts[1] ?? '').replace(/int\(\d+\)/i, (type) => type.replace(/\(.*/, ''));
      const charset = facts[11] == null ? '' : `CHARACTER SET ${facts[11]} COLLATE ${facts[12]}`;
      const extra = facts[4] ?? '';
      return {
        kind: 'column',
        schema: null,
        table: { database, schema: null, name: table ?? '' },
        name: name ?? '',
        foundBy: (name ?? '').toLowerCase(),
        definition: [
          ...[declared, charset, column.nullable ? '' : 'NOT NULL', filled],
          ...[/auto_increment|\bINVISIBLE\b/gi].flatMap((words) => extra.match(words) ?? []),
          facts[13] == null ? '' : `SRID ${facts[13]}`,
        ]
          .filter(Boolean)
          .join(' '),
        column,
        traits: [
          ...collations.trait('COLLATE', facts[12], 'counts'),
          flag('INVISIBLE', extra),
          // without it the next INSERT that names no value fails
          flag('AUTO_INCREMENT', extra),
          // values of other reference systems are refused, and without one its index is not used
          ...(has('SRS_ID') ? [{ name: 'SRID', value: facts[13] ?? 'any', weight: 'counts' } as const] : []),
          flag('WITHOUT SYSTEM VERSIONING', extra),
          { name: 'COMPRESSED', value: /\bCOMPRESSED\b/.test(facts[1] ?? '') ? 'yes' : 'no', weight: 'told' },
        ],
      };
    }),
  ];
}

const flag = (name: string, extra: string): Trait => ({
  ...{ name, value: new RegExp(`\\b${name}\\b`, 'i').test(extra) ? 'yes' : 'no', weight: 'counts' },
});

/** An INSERT without names, and `SELECT *`, go by it. Columns of one side only are told with the table. */
function ordersOf(columns: readonly (readonly Cell[])[]): [string, readonly Trait[]][] {
  const names = new Map<string, string[]>();
  for (const [table, column] of columns) {
    const found = names.get(table ?? '');
    // the case of a letter makes no other column
    const plain = (column ?? '').toLowerCase();
    if (found) found.push(plain);
    else names.set(table ?? '', [plain]);
  }
  return [...names].map(([table, inOrder]) => {
    const onlyWith = JSON.stringify([...inOrder].sort());
    return [table, [{ name: '', value: inOrder.join(', '), weight: 'counts', onlyWith }]];
  });
}

const BITS: Readonly<Record<string, number>> = { tinyint: 8, smallint: 16, mediumint: 24, int: 32, bigint: 64 };

interface Reading {
  readonly mariaDb: boolean;
  readonly normalised: (text: string) => string;
  readonly document: boolean;
  /** bytes of the literal default where the catalog cannot write them */
  readonly exact: string | undefined;
}

/** What is compared, and for people what fills the column. */
function rulesOf(
  facts: readonly Cell[],
  { mariaDb, normalised, document, exact }: Reading,
): { readonly rules: ColumnRules; readonly filled: string } {
  const [type, declared, nullable, standard, extra, expression] = facts.map((cell) => cell ?? '');
  const [precision, scale, fraction, length, octets] = facts
    .slice(6)
    .map((cell) => (cell == null ? null : Number(cell)));
  const kind = document
    ? { family: 'json', room: [] }
    : kindOf(type ?? '', declared ?? '', [precision, scale, fraction, length, octets]);
  const numeric = kind.family === 'number' || kind.family === 'float';
  const generated = (expression ?? '') !== '';
  const onUpdate = /\bon update (\S+)/i.exec(extra ?? '')?.[1];
  const stored = /\b(STORED|PERSISTENT)\b/i.test(extra ?? '') ? 'STORED' : 'VIRTUAL';
  const text = generated ? normalised(expression ?? '') : '';
  const value =
    generated || facts[3] == null ? null : defaultOf(standard ?? '', type ?? '', extra ?? '', mariaDb, numeric);
  const made = (plain: boolean) =>
    [
      value === null
        ? ''
        : `DEFAULT ${value.plain ? (exact ? `0x${exact}` : value.text) : inForm(normalised(value.text), plain)}`,
      onUpdate === undefined ? '' : `ON UPDATE ${now(onUpdate)}`,
      generated ? `AS (${inForm(text, plain)}) ${stored}` : '',
    ]
      .filter(Boolean)
      .join(' ');
  return {
    rules: {
      ...kind,
      nullable: nullable === 'YES',
      filled: made(true) || null,
      plain: generated
        ? plainExpression(text).certain
        : value === null || value.plain || plainExpression(normalised(value.text)).certain,
      generated,
    },
    filled: made(false),
  };
}

const inForm = (expression: string, plain: boolean) => (plain ? plainExpression(expression).form : expression);

/** Digits shown and filled up with zeros take nothing away from what an integer holds. */
function kindOf(
  type: string,
  declared: string,
  [precision, scale, fraction, length, octets]: readonly (number | null | undefined)[],
): Pick<ColumnRules, 'family' | 'room' | 'labels'> {
  const signed = !/unsigned/i.test(declared);
  const bits = BITS[type];
  if (bits !== undefined) return { family: 'number', room: integerRoom(bits, signed) };
  switch (type) {
    case 'decimal':
      return { family: 'number', room: decimalRoom(precision ?? 10, scale ?? 0, signed) };
    case 'float':
    case 'double':
      // FLOAT(7,2) rounds
      if (scale != null) return { family: declared.toLowerCase(), room: [] };
      return { family: 'float', room: [type === 'float' ? 24 : 53] };
    case 'char':
    case 'varchar':
    case 'tinytext':
    case 'text':
    case 'mediumtext':
    case 'longtext':
      // a CHAR loses the blanks at its end
      return { family: 'text', room: [length ?? 0, octets ?? 0, type === 'char' ? 0 : 1] };
    case 'binary':
    case 'varbinary':
    case 'tinyblob':
    case 'blob':
    case 'mediumblob':
    case 'longblob':
      // a BINARY is filled up with zero bytes
      return type === 'binary'
        ? { family: declared.toLowerCase(), room: [] }
        : { family: 'bytes', room: [octets ?? 0] };
    case 'datetime':
    case 'timestamp':
    case 'time':
      return { family: type, room: [fraction ?? 0] };
    case 'bit':
      return { family: type, room: [precision ?? 1] };
    case 'enum':
    case 'set':
      return { family: type, room: [], labels: declared.match(/'(?:[^']|'')*'/g) ?? [] };
    case 'vector':
      return { family: type, room: [Number(/\((\d+)\)/.exec(declared)?.[1] ?? 0)] };
    case 'geomcollection':
      return { family: 'geometrycollection', room: [] };
    default:
      return { family: type, room: [] };
  }
}

/** A value somebody wrote down, and no expression: MariaDB writes it as SQL. */
const isLiteral = (text: string, extra: string, mariaDb: boolean) =>
  mariaDb ? text.startsWith("'") : !/\bDEFAULT_GENERATED\b/.test(extra);

/**
 * MariaDB writes a default as SQL, MySQL writes a literal as its bare text and marks what is an expression. null when
 * it is NULL.
 */
function defaultOf(
  text: string,
  type: string,
  extra: string,
  mariaDb: boolean,
  numeric: boolean,
): { text: string; plain: boolean } | null {
  const isTime = /^(datetime|timestamp)$/.test(type) && /^current_timestamp/i.test(text);
  if (isTime) return { text: now(text), plain: true };
  const literal = (value: string) => ({ text: numeric ? plainNumber(value) : quoteText(value), plain: true });
  if (!mariaDb) return /\bDEFAULT_GENERATED\b/.test(extra) ? { text, plain: false } : literal(text);
  if (text === 'NULL') return null;
  const quoted = /^'((?:[^'\\]|''|\\.)*)'$/s.exec(text)?.[1];
  if (quoted !== undefined)
    return literal(quoted.replace(/''|\\(.)/gs, (_, char?: string) => ESCAPED[char ?? ''] ?? char ?? "'"));
  if (/^-?\d+(\.\d+)?$|^b'[01]*'$/.test(text)) return literal(text);
  return { text, plain: false };
}

const ESCAPED: Readonly<Record<string, string>> = { n: '\n', r: '\r', '0': '\0', Z: '\x1a' };

/** `CURRENT_TIMESTAMP(3)`, and MariaDB's `current_timestamp()`. */
const now = (text: string) => text.toUpperCase().replace('()', '');
