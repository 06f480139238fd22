/**
 * The row digest as SQL: 64 bits from a chain of the server's own hash functions, each seeded by the one before, so
 * that every value is mixed with its place and all that came before it. Read "quick" with what the functions alone
 * would miss: bigint and timestamps are folded to 32 bits before hashing (their high word is mixed in first, and of
 * timestamps, whose high word is folded as well, on which side of 2000 they are), numeric ignores its sign and gives
 * NaN and both infinities alike, all NULLs would be alike (a random stand-in of this run, or a flag, takes their
 * place), and text is hashed as its bytes, whatever the collation.
 * "careful" hashes the text of every value and needs PostgreSQL 11; "oldest" does it with MD5 and runs anywhere.
 */
import type { ColumnMatch, ColumnShape } from '../../comparison/port.ts';
import { sentence } from '../../util/sentence.ts';

export type HashLevel = 'quick' | 'careful' | 'oldest';

export interface Hashing {
  readonly level: HashLevel;
  /** random hexadecimal of this run (32 digits), the same on both sides: nobody can store what stands in for NULL */
  readonly salt: string;
  /** the databases store text in two encodings: it is hashed as UTF-8, whatever the level */
  readonly recoded: boolean;
  /** neither database knows an encoding (SQL_ASCII): what it stores need not be text */
  readonly bytes?: boolean;
  /** one server is older than 12 and spells floating point numbers otherwise: their bits are hashed instead */
  readonly floatBits: boolean;
}

/** A column as the digest sees it. */
export interface HashedColumn {
  /** SQL that reads it */
  readonly sql: string;
  readonly form: string;
  readonly nullable: boolean;
}

const INTEGERS = new Set(['int2', 'int4', 'int8']);
const TEXTS = new Set(['text', 'varchar', 'bpchar', 'name', 'enum']);

/** The form under which two columns are equal exactly when what they store is. */
export function matchColumns(source: ColumnShape, target: ColumnShape): ColumnMatch {
  const types = [source.type, target.type];
  const all = (set: ReadonlySet<string>) => types.every((type) => set.has(type));
  const same = source.type === target.type;
  if (all(INTEGERS)) return matched(types.includes('int8') ? 'int8' : 'int4');
  if (types.includes('numeric') && types.every((type) => type === 'numeric' || INTEGERS.has(type))) {
    // a number without a declared scale stores one with each value: 1.0 and 1.00 are told apart
    if (same && source.scale === null && target.scale === null) return matched('text');
    const unlimited = [source, target].some(({ type, scale }) => type === 'numeric' && scale === null);
    return matched(unlimited ? 'unlimited numeric' : 'numeric');
  }
  // a label by the output function: its type is the user's own, and so may be a cast to text
  if (all(TEXTS)) return matched(types.includes('enum') && !types.includes('bpchar') ? 'output' : 'text');
  const send = sendOf(source.type);
  if (same && send !== null) return matched(`float ${send}`);
  if (types.every((type) => type === 'json' || type === 'jsonb') && !same) {
    return {
      form: 'jsonb',
      note: sentence('{column} is compared as jsonb: white space and key order do not count.', { column: source.name }),
    };
  }
  if (same && QUICK_TYPES.has(source.type)) return matched(source.type);
  // "other" is a type of the user's own; its text says what it holds, its name must be the same
  if (same && (source.type !== 'other' || source.declared === target.declared)) return matched('output');
  return {
    form: null,
    note: sentence(
      '{column} is {source} on the source and {target} on the target: such values cannot be compared exactly.',
      {
        column: source.name,
        source: source.declared,
        target: target.declared,
      },
    ),
  };
}

const matched = (form: string): ColumnMatch => ({ form, note: null });
const QUICK_TYPES = new Set(['bool', 'date', 'timestamp', 'timestamptz', 'uuid', 'bytea']);

/** Types of floating point numbers, whose text is another before version 12, with what sends their bits. */
const SENT: Readonly<Record<string, string>> = {
  ...{ float4: 'float4send', float8: 'float8send', point: 'point_send', lseg: 'lseg_send', box: 'box_send' },
  ...{ path: 'path_send', polygon: 'poly_send', line: 'line_send', circle: 'circle_send' },
};
const sendOf = (type: string): string | null =>
  type.startsWith('_') && SENT[type.slice(1)] !== undefined ? 'array_send' : (SENT[type] ?? null);

/** Above this the nesting of one expression would get too deep for the server's parser. */
const DEEPEST = 120;

/** SQL for the digest of one row, a bigint. */
export function rowHash(columns: readonly HashedColumn[], hashing: Hashing): string {
  const { level, salt } = hashing;
  if (level === 'oldest') {
    const values = columns.map((column) => {
      const text = bytesOf(column, hashing);
      return `COALESCE(octet_length(${text})::text || ':' || ${text}, '-')`;
    });
    return `('x' || left(md5(concat(${chunked(["''", ...values]).join(', ')})), 16))::bit(64)::bigint`;
  }
  if (columns.length > DEEPEST) {
    const parts: string[] = [];
    for (let i = 0; i < columns.length; i += DEEPEST) {
      parts.push(`(${rowHash(columns.slice(i, i + DEEPEST), hashing)})::text`);
    }
    return `hashtextextended(concat_ws(',', ${parts.join(', ')}) COLLATE "C", ${BigInt(`0x${salt.slice(0, 12)}`)})`;
  }
  const mix = level === 'quick' ? quick : careful;
  // a text, hashed last, leaves all 64 bits well mixed
  const start = `${BigInt(`0x${salt.slice(0, 12)}`)}::bigint`;
  return columns.reduce((seed, column) => mix(column, seed, hashing), start);
}

/** concat() takes at most 100 arguments. */
function chunked(values: readonly string[]): string[] {
  if (values.length <= 100) return [...values];
  const parts: string[] = [];
  for (let i = 0; i < values.length; i += 100) parts.push(`concat(${values.slice(i, i + 100).join(', ')})`);
  return chunked(parts);
}

function careful(column: HashedColumn, seed: string, hashing: Hashing): string {
  return `hashtextextended(${orElse(column, bytesOf(column, hashing), `'${hashing.salt}'`)} COLLATE "C", ${seed})`;
}

function quick(column: HashedColumn, seed: string, hashing: Hashing): string {
  const { sql, form } = column;
  const { salt } = hashing;
  const flagged = column.nullable ? `(${seed} # (${sql} IS NULL)::int::bigint)` : seed;
  const or = (standIn: string) => orElse(column, sql, standIn);
  switch (form) {
    case 'int4':
      return `hashint4extended(${or('0')}, ${flagged})`;
    case 'int8':
      return `hashint8extended(${or('0')}, hashint4extended((${or('0')}::bigint >> 32)::int, ${flagged}))`;
    case 'bool':
      return `hashint4extended(CASE WHEN ${sql} THEN 1 WHEN NOT ${sql} THEN 2 ELSE 3 END, ${seed})`;
    case 'numeric':
    case 'unlimited numeric': {
      // infinite only where the type has no limit; NaN counts as the largest of all
      const positive = form === 'numeric' ? '' : `WHEN ${sql} = 'NaN' THEN 3 WHEN ${sql} = 'Infinity' THEN 4 `;
      // the outer hash also keeps 0 and these, whose own hash hardly changes the seed, from adding up alike
      return `hashint4extended(CASE ${positive}WHEN ${sql} >= 0 THEN 0 WHEN ${sql} IS NULL THEN 2 ELSE 1 END, hash_numeric_extended(${or('0')}, ${seed}))`;
    }
    case 'date':
      return (
        `hashint4extended(CASE WHEN isfinite(${sql}) THEN ${sql} - date '2000-01-01' WHEN ${sql} > date '2000-01-01' ` +
        `THEN 2147483647 WHEN ${sql} IS NULL THEN 2147483646 ELSE -2147483647 END, ${seed})`
      );
    case 'timestamp':
    case 'timestamptz':
      return timestampHash(column, seed, salt);
    case 'uuid':
      return `uuid_hash_extended(${or(`'${salt}'::uuid`)}, ${seed})`;
    case 'bytea':
      return `hash_record_extended(ROW(${or(`'\\x${salt}'::bytea`)}), ${seed})`;
    default:
      return careful(column, seed, hashing);
  }
}

/**
 * 7,000,000 times 2^32 microseconds before 2000: up to 2024, date_bin() miscounted what lies before its origin. What
 * lies before 2000 is counted from 2^31 later: its high word alone would be folded into that of a time after 2000.
 */
const LONG_AGO = { before: '1047-04-15 03:17:55.483648', after: '1047-04-15 02:42:08' };

/** The microseconds since 2000 in two words: rounded down to 2^32 for the high one, folded together for the low one. */
function timestampHash(column: HashedColumn, seed: string, salt: string): string {
  const at = (text: string) => (column.form === 'timestamp' ? `timestamp '${text}'` : `timestamptz '${text}+00'`);
  // a microsecond somewhere in the year 290000
  const never = `290000-01-01 00:00:${String(parseInt(salt.slice(0, 5), 16) % 60).padStart(2, '0')}.${String(parseInt(salt.slice(5, 10), 16) % 1000000).padStart(6, '0')}`;
  const value = orElse(column, column.sql, at(never));
  const origin = `CASE WHEN ${column.sql} < ${at('2000-01-01 00:00:00')} THEN ${at(LONG_AGO.before)} ELSE ${at(LONG_AGO.after)} END`;
  const high = `date_bin(interval '4294967296 microseconds', ${value}, ${origin})`;
  return column.form === 'timestamp'
    ? `timestamp_hash_extended(${value}, timestamp_hash_extended(${high}, ${seed}))`
    : `hash_record_extended(ROW(${value}), hash_record_extended(ROW(${high}), ${seed}))`;
}

const orElse = (column: HashedColumn, value: string, standIn: string) =>
  column.nullable ? `COALESCE(${value}, ${standIn})` : value;

/**
 * What the type's own output function gives: a cast to text may be one that a user made. It asks for NULL in this way
 * because a composite value of nothing but NULLs "is null" too.
 */
export const outputOf = (sql: string): string =>
  `CASE WHEN ${sql} IS DISTINCT FROM NULL THEN pg_catalog.concat(${sql}) END`;

/** The value as text, with one spelling for values that the form calls equal. */
export function textOf(column: HashedColumn, { floatBits }: Pick<Hashing, 'floatBits'>): string {
  const { form, sql } = column;
  switch (form) {
    case 'numeric':
    case 'unlimited numeric':
      return `(CASE WHEN ${sql}::text LIKE '%.%' THEN rtrim(rtrim(${sql}::text, '0'), '.') ELSE ${sql}::text END)`;
    case 'jsonb':
      return `${sql}::jsonb::text`;
    case 'output':
      return `(${outputOf(sql)})`;
    default:
      if (!form.startsWith('float ')) return `${sql}::text`;
      return floatBits ? bitsOf(sql, form.slice('float '.length)) : `(${outputOf(sql)})`;
  }
}

/** Not a number has many patterns of bits, and no other text than this. No bits may read like a number. */
function bitsOf(sql: string, send: string): string {
  const bits = `('bits ' || encode(pg_catalog.${send}(${sql}), 'hex'))`;
  return /^float/.test(send) ? `(CASE WHEN ${sql} = 'NaN' THEN 'NaN' ELSE ${bits} END)` : bits;
}

/** A text whose bytes are the same on both sides when the value is. */
const bytesOf = (column: HashedColumn, hashing: Hashing) =>
  hashing.recoded ? `encode(convert_to(${textOf(column, hashing)}, 'UTF8'), 'base64')` : textOf(column, hashing);

/**
 * One row of constants in every form; hashed on both sides, it shows whether their functions agree.
 * @param plain only letters that every encoding has
 */
export function probe(hashing: Hashing, plain: boolean): string {
  const forms = [
    'int4',
    'int8',
    'bool',
    'numeric',
    'text',
    'date',
    'timestamp',
    'timestamptz',
    'uuid',
    'bytea',
    'jsonb',
  ];
  const columns = forms.flatMap((form) => [
    { sql: `c_${form}`, form, nullable: false },
    { sql: `n_${form}`, form, nullable: true },
  ]);
  const constants = forms.flatMap((form) => {
    const type = form === 'text' ? 'text' : form;
    const constant = form === 'text' && plain ? "'a''b'" : (CONSTANTS[form] ?? "''");
    return [`${constant}::${type} AS c_${form}`, `NULL::${type} AS n_${form}`];
  });
  return `SELECT ${rowHash(columns, hashing)} FROM (SELECT ${constants.join(', ')} OFFSET 0) AS constants`;
}

const CONSTANTS: Readonly<Record<string, string>> = {
  int4: "'-123456789'",
  int8: "'-1234567890123456789'",
  bool: "'t'",
  numeric: "'-12345.6700'",
  text: "'a''b ü 中文 😀'",
  date: "'1999-12-31'",
  timestamp: "'1987-06-05 04:03:02.000001'",
  timestamptz: "'2037-06-05 04:03:02.999999+05:30'",
  uuid: "'0f0e0d0c-0b0a-0908-0706-050403020100'",
  bytea: "'\\x00ff10'",
  jsonb: `'{"b": [1, 2.50], "a": null}'`,
};
