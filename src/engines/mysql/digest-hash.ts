/**
 * Row digests as SQL. A row becomes one text that can be read back in one way only: values separated by `#`, before a
 * text its length in bytes, `~` for NULL. Such texts are hashed with SHA: alone (64 bits of it, to be added up), or a
 * whole key range at once.
 * Text counts as its bytes; sessions have `character_set_connection = binary`, so that nothing is converted.
 */
import type { ColumnMatch, ColumnShape, PlannedColumn } from '../../comparison/port.ts';
import { sentence } from '../../util/sentence.ts';
import type { MysqlColumn } from './digest-catalog.ts';
import { comesBack, readable, SEPARATOR } from './digest-charset.ts';
import { quoteName } from './text.ts';

export type HashFunction = 'SHA1' | 'SHA2';

/** What both servers do alike. */
export interface Agreement {
  readonly hash: HashFunction;
  /** the smaller `max_allowed_packet`, bytes: a longer text would silently become NULL */
  readonly packet: number;
  /** they write a point as its coordinates' eight bytes each: a fifth of the work of spelling the number out */
  readonly points: boolean;
}

const INTEGERS = /^(tinyint|smallint|mediumint|int|bigint)( unsigned)?$/;
const TEXTS: ReadonlySet<string> = new Set(['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext']);
const BYTES: ReadonlySet<string> = new Set(['varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob']);
const TIMES: ReadonlySet<string> = new Set(['datetime', 'timestamp', 'time']);
const SHAPES: ReadonlySet<string> = new Set([
  'geometry',
  'point',
  'linestring',
  'polygon',
  'multipoint',
  'multilinestring',
  'multipolygon',
  'geometrycollection',
  'geomcollection',
]);

/** The form under which two columns are equal exactly when what they store is. */
export function matchColumns(source: ColumnShape, target: ColumnShape): ColumnMatch {
  const both = (test: (type: string) => boolean) => test(source.type) && test(target.type);
  const same = source.type === target.type;
  const filled = [source, target].some(({ declared }) => /zerofill/i.test(declared));
  if (both((type) => INTEGERS.test(type))) return matched(filled ? 'filled' : 'number');
  const exact = (type: string) => type === 'decimal' || INTEGERS.test(type);
  if (both(exact)) {
    if (same && source.scale === target.scale) return matched(filled ? 'filled' : 'number');
    if (Math.max(wholeDigits(source), wholeDigits(target)) + scaleOf({ source, target }) <= DIGITS)
      return matched('scaled');
  }
  const labels = same && (source.type === 'enum' || (source.type === 'set' && source.declared === target.declared));
  if (labels || both((type) => TEXTS.has(type)))
    return matched(source.charset === target.charset ? 'bytes' : 'converted');
  if (both((type) => BYTES.has(type))) return matched('bytes');
  // BINARY(n) is filled up with zero bytes, VARBINARY is not
  if (same && source.type === 'binary' && source.declared === target.declared) return matched('bytes');
  if (same && TIMES.has(source.type)) return matched(source.scale === target.scale ? 'plain' : source.type);
  if (same && source.type === 'bit') return matched('bit');
  if (same && (source.type === 'float' || source.type === 'double')) return matched(source.type);
  if (same && source.type === 'json') return matched('json');
  const json = (one: ColumnShape, other: ColumnShape) => one.type === 'json' && TEXTS.has(other.type);
  if (json(source, target) || json(target, source)) {
    return {
      form: 'document',
      note: sentence('{column} is JSON on one side and text on the other: what the documents say is compared.', {
        column: source.name,
      }),
    };
  }
  if (same && source.type === 'vector') return matched('vector');
  if (same && SHAPES.has(source.type)) return matched('shape');
  if (same && PLAIN.has(source.type)) return matched('plain');
  if (same && SPELLED.has(source.type)) return matched('spelled');
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
const PLAIN: ReadonlySet<string> = new Set(['date', 'year']);
/** With a text they would be put together as their own kind, not as texts. */
const SPELLED: ReadonlySet<string> = new Set(['uuid', 'inet4', 'inet6']);

/** Columns whose values may be longer are hashed before they go into the text of their row. */
const LONG = 65_535;

interface Part {
  /** SQL of what is put into the row's text, one after the other */
  readonly values: readonly string[];
  /** most bytes they can have */
  readonly most: number;
}

/** Most bytes of a number, a time or a hash. */
const SHORT = 80;

/** @param longest values of columns that may be longer are hashed by themselves, bytes */
function partOf(column: PlannedColumn, side: 'source' | 'target', { hash, points }: Agreement, longest: number): Part {
  const name = quoteName(column.name);
  const nullable = column.source.nullable || column.target.nullable;
  const orNull = (value: string) => (nullable ? `IFNULL(${value}, '~')` : value);
  /** a value that has no `#` and does not begin with `~` */
  const plain = (value: string): Part => ({ values: [orNull(value)], most: SHORT });
  const { type, charset } = column[side];
  // the value of an ENUM that was given something invalid is '' with the number 0
  const length = (value: string) =>
    type === 'enum' ? `IF(${name} + 0 = 0, '!', LENGTH(${value}))` : `LENGTH(${value})`;
  const text = (value: string, most: number, long: string): Part => {
    const short = most <= longest;
    // CONCAT_WS leaves the length of NULL out, and `~` is no length
    return { values: [long, orNull(short ? value : hashed(hash, value))], most: short ? most + SHORT : 2 * SHORT };
  };
  const octets = Math.max(octetsOf(column.source), octetsOf(column.target));
  switch (column.form) {
    case 'bytes':
      return text(name, octets, length(name));
    case 'vector':
      return plain(`HEX(${name})`);
    case 'converted': {
      const unicode = `CONVERT(${name} USING utf8mb4)`;
      const lossless = comesBack(name, charset);
      if (lossless === null) return text(unicode, octets * 4, length(unicode));
      // what is not in Unicode is equal to nothing on the other side
      return text(
        `IF(${lossless}, ${unicode}, HEX(${name}))`,
        octets * 4,
        // NULL has no length
        `CASE WHEN ${lossless} THEN ${length(unicode)} WHEN ${name} IS NOT NULL THEN '${side}' END`,
      );
    }
    case 'json':
    case 'document':
      return plain(hashed(hash, asText(name)));
    case 'shape':
      // as it is stored, reference system and all: MySQL 8 writes the axes in another order than others do
      return plain(hashed(hash, name));
    case 'float':
    case 'double':
      return plain(points ? `ST_AsBinary(POINT(${name}, 0))` : widest(column));
    case 'spelled':
      return plain(asText(name));
    default:
      return plain(widest(column));
  }
}

/** SQL of a value in a type that holds those of both sides. */
export function widest(column: PlannedColumn): string {
  const name = quoteName(column.name);
  switch (column.form) {
    case 'bit':
    case 'filled':
      return `${name} + 0`;
    case 'float':
    case 'double':
      // as FLOAT it would be rounded to six digits, as DOUBLE(10,2) to two after the point; a sum would lose the sign of 0
      return `${name} * 1e0`;
    case 'scaled':
      return `CAST(${name} AS DECIMAL(${DIGITS}, ${scaleOf(column)}))`;
    case 'datetime':
    case 'timestamp':
      return `CAST(${name} AS DATETIME(6))`;
    case 'time':
      return `CAST(${name} AS TIME(6))`;
    default:
      return name;
  }
}

/** As characters: without the character set some types give their bytes. */
export const asText = (sql: string): string => `CAST(${sql} AS CHAR CHARACTER SET utf8mb4)`;

/** Most digits a DECIMAL can have. */
const DIGITS = 65;
const scaleOf = ({ source, target }: Pick<PlannedColumn, 'source' | 'target'>) =>
  Math.max(source.scale ?? 0, target.scale ?? 0);

/** Digits before the point. */
function wholeDigits({ declared, scale }: ColumnShape): number {
  const digits = /\((\d+)/.exec(declared)?.[1];
  // the longest integer has 20 digits
  return /^dec/.test(declared) && digits !== undefined ? Number(digits) - (scale ?? 0) : 20;
}

const octetsOf = (column: ColumnShape) => (column as MysqlColumn).octets ?? 255;

/** Digits of a row's hash in hexadecimal. */
export const HEX = 16;

/** 64 bits of the hash of a row: in hexadecimal, and as a number. */
export interface RowText {
  readonly hex: string;
  readonly hash: string;
}

export function rowText(columns: readonly PlannedColumn[], side: 'source' | 'target', agreement: Agreement): RowText {
  for (const longest of [LONG, 1024, 64, 0]) {
    const parts = columns.map((column) => partOf(column, side, agreement, longest));
    const most = parts.reduce((sum, part) => sum + part.most, 0);
    if (most > agreement.packet / 2 && longest > 0) continue;
    const whole = `CONCAT_WS(${SEPARATOR}, ${parts.flatMap((part) => part.values).join(', ')})`;
    const hex = `LEFT(${hashed(agreement.hash, whole)}, ${HEX})`;
    return { hex, hash: `CAST(CONV(${hex}, 16, 10) AS UNSIGNED)` };
  }
  throw new Error('unreachable: the last limit always fits');
}

export function hashed(hash: HashFunction, text: string): string {
  return hash === 'SHA2' ? `SHA2(${text}, 256)` : `${hash}(${text})`;
}

/** What an ENUM reads as when its value is none of its labels; shown so only where one of the labels reads like that. */
export const NO_LABEL = '(0: no label)';

/** The value for people: text as text, bytes in hexadecimal. */
export function shown(column: PlannedColumn, side: 'source' | 'target'): string {
  const name = quoteName(column.name);
  const { type, charset, declared } = column[side];
  if (type === 'enum' && declared.match(/'(?:[^']|'')*'/g)?.includes("''"))
    return `IF(${name} + 0 = 0, '${NO_LABEL}', ${readable(name, charset ?? 'utf8mb4')})`;
  if (charset !== null) return readable(name, charset);
  if (BYTES.has(type) || type === 'binary' || type === 'vector') return `CONCAT('0x', HEX(${name}))`;
  if (SHAPES.has(type)) return `CONCAT('SRID=', ST_SRID(${name}), ';', ST_AsText(${name}))`;
  return asText(type === 'bit' || type === 'float' || type === 'double' ? widest(column) : name);
}
