/** What the columns of a MySQL or MariaDB database take and are filled with, in one spelling for both products. */
import { decimalRoom, integerRoom, plainNumber, type ColumnRules } from '../../comparison/columns.ts';
import type { SchemaObject } from '../../comparison/port.ts';
import type { Trait } from '../../comparison/traits.ts';
import type { Collations } from './digest-collations.ts';
import type { Cell, Snapshot } from './digest-snapshot.ts';
import { quoteText } from './text.ts';

/** @param normalised takes the database's own name out of an expression */
export async function readColumns(
  snapshot: Pick<Snapshot, 'database' | 'dialect' | 'ask'>,
  normalised: (expression: string) => string,
  collations: Collations,
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
  const ours = columns.filter(([table]) => whole.has(table ?? null));
  return [
    ...ordersOf(ours).map(([table, traits]) => ({
      ...{ kind: 'options' as const, schema: null, table: { database, schema: null, name: table } },
      ...{ name: 'order of columns', definition: '', part: true, traits },
    })),
    ...ours.map(([table, name, ...facts]): SchemaObject => {
      const column = rulesOf(facts, dialect.mariaDb, normalised);
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
          ...[declared, charset, column.nullable ? '' : 'NOT NULL', column.filled ?? ''],
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

function rulesOf(facts: readonly Cell[], mariaDb: boolean, normalised: (text: string) => string): ColumnRules {
  const [type, declared, nullable, standard, extra, expression] = facts.map((cell) => cell ?? '');
  const [precision, scale, fraction, length, octets] = facts
    .slice(6)
    .map((cell) => (cell == null ? null : Number(cell)));
  const kind = kindOf(type ?? '', declared ?? '', [precision, scale, fraction, length, octets]);
  const numeric = kind.family === 'number' || kind.family === 'float';
  const generated = (expression ?? '') !== '';
  const onUpdate = /\bon update (\S+)/i.exec(extra ?? '')?.[1];
  const value =
    generated || facts[3] == null ? null : defaultOf(standard ?? '', type ?? '', extra ?? '', mariaDb, numeric);
  const stored = /\b(STORED|PERSISTENT)\b/i.test(extra ?? '') ? 'STORED' : 'VIRTUAL';
  const filled = [
    value === null ? '' : `DEFAULT ${normalised(value.text)}`,
    onUpdate === undefined ? '' : `ON UPDATE ${now(onUpdate)}`,
    generated ? `AS (${normalised(expression ?? '')}) ${stored}` : '',
  ];
  return {
    ...kind,
    nullable: nullable === 'YES',
    filled: filled.filter(Boolean).join(' ') || null,
    plain: !generated && (value?.plain ?? true),
    generated,
  };
}

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
