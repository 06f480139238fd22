/**
 * Rows as bytes in SQL, and their hashes. Every value is written so that it can be read back in one way only: numbers
 * in a fixed width or ended by a zero byte, everything of a varying length with that length before it, and a mark
 * before every value that may be NULL. One after the other in a fixed order, no value can pass for its neighbour's.
 *
 * No expression here can grow beyond 8,000 bytes: `+` cuts there without a word, and HASHBYTES takes no more before
 * 2016. Long values are hashed by themselves, and rows that are too wide in pieces.
 */
import type { ColumnShape, PlannedColumn } from '../../comparison/port.ts';
import { detailed } from './digest-catalog.ts';
import type { Form } from './digest-match.ts';
import { quoteName } from './text.ts';

/** What both servers do alike, found out by trying (digest-agreement.ts). */
export interface Agreement {
  /** forms that do not come out as they should */
  readonly unproved: ReadonlySet<string>;
  /** forms that are written as text and not as the bytes of the server's own */
  readonly asText: ReadonlySet<string>;
  /** both have HASHBYTES without a limit (2016 and later) */
  readonly unlimited: boolean;
}

export type Side = 'source' | 'target';

/** The alias every statement gives the table. */
export const columnOf = (name: string) => `t.${quoteName(name)}`;

const MOST_BYTES = 8000;
/** Values that may be longer are hashed by themselves. */
const LONG = 4000;
const SHA256 = 32;

interface Part {
  /** SQL of a varbinary; NULL for a NULL unless marked */
  readonly sql: string;
  /** most bytes it can have */
  readonly most: number;
}

/** 64 bits of the hash of these columns, as a bigint. Never NULL. */
export function rowHash(columns: readonly PlannedColumn[], side: Side, agreement: Agreement): string {
  return first64(hashed(columns.map((column) => marked(column, valueOf(column, side, agreement)))));
}

/** The first eight bytes: a longer varbinary would give its last ones. */
export const first64 = (hash: string) => `CAST(CAST(${hash} AS binary(8)) AS bigint)`;

export const sha256 = (bytes: string) => `HASHBYTES('SHA2_256', ${bytes})`;

function hashed(parts: readonly Part[]): string {
  if (sizeOf(parts) <= MOST_BYTES) return sha256(parts.map((part) => part.sql).join(' + '));
  const pieces: Part[][] = [[]];
  for (const part of parts) {
    const piece = pieces.at(-1) ?? [];
    if (sizeOf(piece) + part.most > MOST_BYTES) pieces.push([part]);
    else piece.push(part);
  }
  return hashed(pieces.map((piece) => ({ sql: hashed(piece), most: SHA256 })));
}

const sizeOf = (parts: readonly Part[]) => parts.reduce((sum, part) => sum + part.most, 0);

function marked({ source, target }: PlannedColumn, { sql, most }: Part): Part {
  if (!source.nullable && !target.nullable) return { sql, most };
  return { sql: `ISNULL(0x01 + ${sql}, 0x00)`, most: most + 1 };
}

function valueOf(column: PlannedColumn, side: Side, agreement: Agreement): Part {
  const c = columnOf(column.name);
  const shape = column[side];
  const form = column.form as Form;
  if (form.startsWith('decimal:')) return digits(`CAST(${c} AS decimal(38, ${form.slice(8)}))`);
  switch (form) {
    case 'integer':
      return fixed(`CAST(${c} AS bigint)`, 8);
    case 'money':
      return digits(`CAST(${c} AS money), 2`);
    case 'real':
      return agreement.asText.has('real') ? allDigits(c) : fixed(c, 4);
    case 'float':
      return agreement.asText.has('float') ? allDigits(c) : fixed(`CAST(${c} AS float)`, 8);
    case 'uuid':
      return agreement.asText.has('uuid') ? characters(c, 36) : fixed(c, 16);
    case 'date':
      return fixed(`DATEDIFF(day, CAST('0001-01-01' AS date), ${c})`, 4);
    case 'time':
      return characters(`CAST(${c} AS time(7)), 121`, 16);
    case 'moment':
      return moment(c, shape);
    case 'offset':
      return characters(`CAST(${c} AS datetimeoffset(7)), 121`, 34);
    case 'variant':
      return variant(c);
    case 'bytes':
      return bytes(c, mostBytes(column), agreement);
    default:
      return text(column, side, agreement);
  }
}

const fixed = (value: string, size: number): Part => ({ sql: `CAST(${value} AS binary(${size}))`, most: size });

/** Text in a fixed width; `arguments_` are CONVERT's after the type. */
function characters(arguments_: string, size: number): Part {
  return fixed(`CONVERT(char(${size}), ${arguments_})`, size);
}

/** At most 38 digits, a sign, a point and a zero before it; no digit is a zero byte. */
function digits(arguments_: string): Part {
  return { sql: `CAST(CONVERT(varchar(41), ${arguments_}) AS varbinary(41)) + 0x00`, most: 42 };
}

/** Style 3 gives all the digits it takes to read the same value back; a real's as those of the same float. */
const allDigits = (c: string) => characters(`CAST(${c} AS float), 3`, 32);

/**
 * `2026-11-23 01:02:03.1234567`. Of a datetime, whose ticks are a three-hundredth of a second, milliseconds tell all;
 * it is not cast to datetime2, because versions do that differently.
 */
function moment(c: string, { type }: ColumnShape): Part {
  if (type === 'datetime2') return characters(`CAST(${c} AS datetime2(7)), 121`, 27);
  return fixed(`CONVERT(char(23), ${c}, 121) + '0000'`, 27);
}

/** The type belongs to the value, and so does the code page of its characters. */
function variant(c: string): Part {
  const property = (name: string) => `CAST(SQL_VARIANT_PROPERTY(${c}, '${name}') AS nvarchar(128))`;
  const codePage = `CAST(COLLATIONPROPERTY(${property('Collation')}, 'CodePage') AS nvarchar(11))`;
  const type = `${property('BaseType')} + N' ' + ISNULL(${property('Scale')}, N'') + N' ' + ISNULL(${codePage}, N'')`;
  const value = sha256(`CAST(${c} AS varbinary(8000))`);
  // a variant that is NULL has no type
  return { sql: `${sha256(`CAST(${type} AS varbinary(600))`)} + ${value}`, most: 2 * SHA256 };
}

function bytes(c: string, most: number | null, agreement: Agreement): Part {
  if (most === null) return long(`CAST(${c} AS varbinary(max))`, agreement);
  const value = `CAST(${c} AS varbinary(${most}))`;
  return most > LONG ? { sql: sha256(value), most: SHA256 } : { sql: `${lengthOf(value)} + ${value}`, most: most + 4 };
}

const lengthOf = (value: string) => `CAST(DATALENGTH(${value}) AS binary(4))`;

function text(column: PlannedColumn, side: Side, agreement: Agreement): Part {
  const form = column.form as Form;
  const unicode = form.endsWith('unicode');
  const most = mostBytes(column);
  // one character of a code page is at most one of UTF-16
  const length = (shape: ColumnShape) =>
    shape.type.startsWith('n') ? detailed(shape).bytes / 2 : detailed(shape).bytes;
  const longest = most === null ? null : Math.max(length(column.source), length(column.target));
  const type = unicode
    ? `nvarchar(${longest === null || longest > 4000 ? 'max' : longest})`
    : `varchar(${longest ?? 'max'})`;
  const cast = `CAST(${columnOf(column.name)} AS ${type})`;
  // of its own code page where the bytes are compared: the cast keeps the collation
  const value = form.startsWith('padded') ? `RTRIM(${cast})` : cast;
  return bytes(value, type.endsWith('(max)') ? null : unicode ? (longest ?? 0) * 2 : longest, agreement);
}

/** The longer of the two sides; null for what may be longer than 8,000 bytes. */
function mostBytes({ source, target }: PlannedColumn): number | null {
  const sizes = [source, target].map((shape) => (UNBOUND.has(shape.type) ? -1 : detailed(shape).bytes));
  return sizes.includes(-1) ? null : Math.max(...sizes);
}

const UNBOUND: ReadonlySet<string> = new Set(['text', 'ntext', 'image', 'xml', 'json', 'geometry', 'geography']);

/** Bytes hashed at a time where HASHBYTES takes 8,000 only. */
const PIECE = 7000;
const SIXTEEN = `(VALUES ${Array(16).fill('(0)').join(', ')})`;

/**
 * A value without a limit. Where HASHBYTES has one: the sum of the hashes of its pieces, each with its number, and
 * the length. Five times sixteen numbers are enough pieces for 2 GB; TOP takes as many as there are.
 * An aggregate may not see columns from outside, so the hashes are made one level below the sum.
 */
function long(value: string, agreement: Agreement): Part {
  if (agreement.unlimited) return { sql: sha256(value), most: SHA256 };
  const sets = ['a', 'b', 'c', 'd', 'e'].map((name) => `${SIXTEEN} AS ${name}(x)`).join(' CROSS JOIN ');
  const pieces =
    `SELECT TOP (ISNULL(DATALENGTH(${value}), 0) / ${PIECE} + 1) ` +
    `ROW_NUMBER() OVER (ORDER BY (SELECT NULL)) - 1 AS n FROM ${sets}`;
  const piece = `CAST(SUBSTRING(${value}, p.n * ${PIECE} + 1, ${PIECE}) AS varbinary(${PIECE}))`;
  const hash = first64(sha256(`CAST(p.n AS binary(8)) + ${piece}`));
  const sum = `(SELECT SUM(CAST(q.h AS decimal(38, 0))) FROM (SELECT ${hash} AS h FROM (${pieces}) AS p) AS q)`;
  const size = `CAST(CAST(DATALENGTH(${value}) AS bigint) AS binary(8))`;
  const { sql, most } = digits(sum);
  return { sql: `${size} + ${sql}`, most: most + 8 };
}

/** A key's value as text that is the same on both sides, whatever their types. @param level of that side's server */
export function keyText(column: PlannedColumn, side: Side, level: number): string {
  const { source, target, form } = column;
  const c = columnOf(column.name);
  if (source.declared === target.declared) return shown(column, side, level);
  if (form.startsWith('decimal:')) return `CONVERT(nvarchar(41), CAST(${c} AS decimal(38, ${form.slice(8)})))`;
  if (form.startsWith('padded')) return `RTRIM(CAST(${c} AS nvarchar(max)))`;
  switch (form) {
    case 'money':
      return `CONVERT(nvarchar(40), CAST(${c} AS money), 2)`;
    case 'time':
      return `CONVERT(nvarchar(16), CAST(${c} AS time(7)), 121)`;
    case 'offset':
      return `CONVERT(nvarchar(34), CAST(${c} AS datetimeoffset(7)), 121)`;
    case 'moment':
      return column[side].type === 'datetime2'
        ? `CONVERT(nvarchar(27), CAST(${c} AS datetime2(7)), 121)`
        : `CONVERT(nvarchar(23), ${c}, 121) + N'0000'`;
    default:
      return shown(column, side, level);
  }
}

/** Longer values are cut on the server: a difference is there to be looked at. Characters; bytes half as many. */
export const LONGEST_VALUE = 100_000;

/** The value for people, told from any other: `shown`, and the bytes where no style shows all there is. */
export function toldApart(column: PlannedColumn, side: Side, level: number): string {
  const text = shown(column, side, level);
  const c = columnOf(column.name);
  const bytes = (of: string) => `N' ' + CONVERT(nvarchar(max), CAST(${of} AS varbinary(8000)), 1)`;
  switch (column[side].type) {
    case 'sql_variant':
      return `${text} + ${bytes(c)}`;
    case 'real':
    case 'float':
      if (level >= 13) return text;
      // 0 may have a sign, and sixteen digits are one too few for some
      return `${text} + CASE WHEN CONVERT(float, ${text}) = ${c} AND ${c} <> 0 THEN N'' ELSE ${bytes(`CAST(CAST(${c} AS float) AS binary(8))`)} END`;
    default:
      return text;
  }
}

/** The value for people and for repair statements, as text. @param level of that side's server */
export function shown({ name, ...column }: PlannedColumn, side: Side, level: number): string {
  const c = columnOf(name);
  const { type } = column[side];
  switch (type) {
    case 'char':
    case 'varchar':
    case 'text':
    case 'nchar':
    case 'nvarchar':
    case 'ntext':
    case 'xml':
    case 'json':
      return `LEFT(CAST(${c} AS nvarchar(max)), ${LONGEST_VALUE + 1})`;
    case 'binary':
    case 'varbinary':
    case 'image':
    case 'timestamp':
    case 'hierarchyid':
    case 'geometry':
    case 'geography':
      return `CONVERT(varchar(max), SUBSTRING(CAST(${c} AS varbinary(max)), 1, ${LONGEST_VALUE / 2}), 1)`;
    case 'real':
    case 'float':
      // before 2016 no style gives all digits of a float
      return `CONVERT(nvarchar(40), ${c}, ${level >= 13 ? 3 : 2})`;
    case 'money':
    case 'smallmoney':
      return `CONVERT(nvarchar(40), ${c}, 2)`;
    case 'date':
    case 'time':
    case 'datetime':
    case 'smalldatetime':
    case 'datetime2':
    case 'datetimeoffset':
      return `CONVERT(nvarchar(40), ${c}, 121)`;
    case 'sql_variant':
      return `CAST(SQL_VARIANT_PROPERTY(${c}, 'BaseType') AS nvarchar(128)) + N': ' + CAST(${c} AS nvarchar(3800))`;
    default:
      return `CONVERT(nvarchar(41), ${c})`;
  }
}
