/**
 * Row digests as SQL. A row becomes one text that can be read back in one way only: values separated by `#`, and at
 * the end numbers that hold the byte length of every text, every NULL and every invalid ENUM. Such texts are hashed
 * with SHA: alone (64 bits of it, to be added up), or a whole key range at once.
 * Text counts as its bytes; sessions have `character_set_connection = binary`, so that nothing is converted.
 */
import type { ColumnMatch, ColumnShape, PlannedColumn } from '../../comparison/port.ts';
import { sentence } from '../../util/sentence.ts';
import type { MysqlColumn } from './digest-catalog.ts';
import { quoteName } from './text.ts';

export type HashFunction = 'SHA1' | 'SHA2' | 'MD5';

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
  if (both((type) => INTEGERS.test(type))) return matched('number');
  const exact = (type: string) => type === 'decimal' || INTEGERS.test(type);
  if (both(exact)) return matched(same && source.scale === target.scale ? 'number' : 'scaled');
  if (both((type) => TEXTS.has(type))) return matched(source.charset === target.charset ? 'bytes' : 'converted');
  if (both((type) => BYTES.has(type))) return matched('bytes');
  // BINARY(n) is filled up with zero bytes, VARBINARY is not
  if (same && source.type === 'binary' && source.declared === target.declared) return matched('bytes');
  if (same && TIMES.has(source.type)) return matched(source.scale === target.scale ? 'plain' : source.type);
  if (same && source.type === 'bit') return matched('bit');
  if (same && source.type === 'float') return matched('float');
  if (same && (source.type === 'enum' || (source.type === 'set' && source.declared === target.declared)))
    return matched('label');
  if (same && source.type === 'json') return matched('json');
  if (same && SHAPES.has(source.type)) return matched('shape');
  if (same && PLAIN.has(source.type)) return matched('plain');
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
const PLAIN: ReadonlySet<string> = new Set(['double', 'date', 'year', 'uuid', 'inet4', 'inet6']);

/** Columns whose values may be longer are hashed before they go into the text of their row. */
const LONG = 65_535;

interface Part {
  /** SQL of the value, never with a `#` unless its length is told */
  readonly value: string;
  readonly nullable: boolean;
  /** SQL of the byte length, and the most it can be; null where the value cannot hold a `#` */
  readonly length: { readonly sql: string; readonly most: number } | null;
  /** SQL that is 1 for something the value does not show */
  readonly flag: string | null;
}

/** @param longest values of columns that may be longer are hashed by themselves, bytes */
function partOf(column: PlannedColumn, hash: HashFunction, longest: number): Part {
  const name = quoteName(column.name);
  const nullable = column.source.nullable || column.target.nullable;
  const plain = (value: string): Part => ({ value, nullable, length: null, flag: null });
  const digest = (value: string): Part => plain(hashed(hash, value));
  const octets = Math.max(octetsOf(column.source), octetsOf(column.target));
  switch (column.form) {
    case 'bytes':
    case 'label':
      if (octets > longest) return digest(name);
      return {
        value: name,
        nullable,
        length: { sql: `LENGTH(${name})`, most: octets },
        // the value of an ENUM that was given something invalid is '' with the number 0
        flag: column.form === 'label' && column.source.type === 'enum' ? `IFNULL(${name} + 0 = 0, 0)` : null,
      };
    case 'converted': {
      const converted = `CONVERT(${name} USING utf8mb4)`;
      if (octets * 4 > longest) return digest(converted);
      return { value: converted, nullable, length: { sql: `LENGTH(${converted})`, most: octets * 4 }, flag: null };
    }
    case 'json':
      return digest(`CAST(${name} AS CHAR CHARACTER SET utf8mb4)`);
    case 'shape':
      return digest(`CONCAT(ST_SRID(${name}), ':', ST_AsBinary(${name}))`);
    case 'bit':
      return plain(`${name} + 0`);
    case 'float':
      // as FLOAT it would be rounded to six digits
      return plain(`${name} + 0e0`);
    case 'scaled':
      return plain(`CAST(${name} AS DECIMAL(65,30))`);
    case 'datetime':
    case 'timestamp':
      return plain(`CAST(${name} AS DATETIME(6))`);
    case 'time':
      return plain(`CAST(${name} AS TIME(6))`);
    default:
      return plain(name);
  }
}

const octetsOf = (column: ColumnShape) => (column as MysqlColumn).octets ?? 255;

export interface RowText {
  /** the row as a text; never NULL */
  readonly whole: string;
  /** 64 bits of the hash of the row: in hexadecimal, and as a number */
  readonly hex: string;
  readonly hash: string;
  /** most bytes one row's text can have */
  readonly most: number;
}

/** @param packet `max_allowed_packet` of the stricter server: a longer text would silently become NULL */
export function rowText(columns: readonly PlannedColumn[], hash: HashFunction, packet: number): RowText {
  for (const longest of [LONG, 1024, 64, 0]) {
    const parts = columns.map((column) => partOf(column, hash, longest));
    const most = parts.reduce((sum, part) => sum + (part.length?.most ?? 80) + 22, 22);
    if (most > packet / 2 && longest > 0) continue;
    // CONCAT_WS leaves NULLs out; the numbers at the end tell which
    const whole = `CONCAT_WS('#', ${[...parts.map((part) => part.value), ...tail(parts)].join(', ')})`;
    const hex = `LEFT(${hashed(hash, whole)}, 16)`;
    return { whole, hex, hash: `CAST(CONV(${hex}, 16, 10) AS UNSIGNED)`, most };
  }
  throw new Error('unreachable: the last limit always fits');
}

/** Lengths, NULLs and flags, several of them in one number, each in a range of its own. */
function tail(parts: readonly Part[]): string[] {
  const numbers: string[] = [];
  let terms: string[] = [];
  let room = 1n;
  const add = (sql: string, values: bigint) => {
    if (room * values >= 1n << 62n) {
      numbers.push(terms.join(' + '));
      terms = [];
      room = 1n;
    }
    terms.push(room === 1n ? sql : `${sql} * ${room}`);
    room *= values;
  };
  for (const part of parts) {
    if (part.length && part.nullable)
      add(`IFNULL(${part.length.sql}, ${part.length.most + 1})`, BigInt(part.length.most + 2));
    else if (part.length) add(part.length.sql, BigInt(part.length.most + 1));
    else if (part.nullable) add(`(${part.value} IS NULL)`, 2n);
    if (part.flag) add(part.flag, 2n);
  }
  if (terms.length > 0) numbers.push(terms.join(' + '));
  return numbers;
}

export function hashed(hash: HashFunction, text: string): string {
  return hash === 'SHA2' ? `SHA2(${text}, 256)` : `${hash}(${text})`;
}

/** The value for people: text as text, bytes in hexadecimal. */
export function shown(column: PlannedColumn, side: 'source' | 'target'): string {
  const name = quoteName(column.name);
  const { type } = column[side];
  if (BYTES.has(type) || type === 'binary') return `CONCAT('0x', HEX(${name}))`;
  if (SHAPES.has(type)) return `CONCAT('SRID=', ST_SRID(${name}), ';', ST_AsText(${name}))`;
  if (type === 'bit') return `CAST(${name} + 0 AS CHAR)`;
  if (type === 'float') return `CAST(${name} + 0e0 AS CHAR)`;
  if (TEXTS.has(type) || type === 'enum' || type === 'set' || type === 'json') return `CONVERT(${name} USING utf8mb4)`;
  return `CAST(${name} AS CHAR)`;
}
