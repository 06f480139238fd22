/** Values of SQL Server with their types. */
export interface SqlType {
  readonly name: string;
  /** characters of a text, bytes of a binary; -1 is (max) */
  readonly size: number;
  readonly precision: number;
  readonly scale: number;
  readonly collation: string | null;
  /** of a column: what it is compared with has to give way */
  readonly fromColumn?: boolean;
}

/** A number with a fixed point: `units` of ten to the minus `scale`. */
export class Decimal {
  constructor(
    readonly units: bigint,
    readonly scale: number,
  ) {}
}

/** Hundreds of nanoseconds since the first of January of the year 1, on the clock whose offset (minutes) it is. */
export class Moment {
  constructor(
    readonly ticks: bigint,
    readonly offset = 0,
  ) {}
}

export type Value = null | bigint | number | string | Buffer | Decimal | Moment | Typed;

export interface Typed {
  readonly type: SqlType;
  readonly value: Value;
}

export class SqlError extends Error {
  constructor(
    readonly number: number,
    message: string,
  ) {
    super(message);
  }
}

export const DEFAULT_COLLATION = 'SQL_Latin1_General_CP1_CI_AS';

export const INTEGERS: Readonly<Record<string, readonly [bigint, bigint, number]>> = {
  bit: [0n, 1n, 1],
  tinyint: [0n, 255n, 1],
  smallint: [-(2n ** 15n), 2n ** 15n - 1n, 2],
  int: [-(2n ** 31n), 2n ** 31n - 1n, 4],
  bigint: [-(2n ** 63n), 2n ** 63n - 1n, 8],
};
export const isText = ({ name }: SqlType) => /^(n?(var)?char|n?text|xml)$/.test(name);
export const isUnicode = ({ name }: SqlType) => (name.startsWith('n') && name !== 'numeric') || name === 'xml';
export const isBinary = ({ name }: SqlType) =>
  /^((var)?binary|image|timestamp|hierarchyid|geometry|geography)$/.test(name);
export const isInteger = ({ name }: SqlType) => name in INTEGERS;
export const isDecimal = ({ name }: SqlType) => /^(decimal|numeric|(small)?money)$/.test(name);
export const isFloat = ({ name }: SqlType) => name === 'float' || name === 'real';
export const isTime = ({ name }: SqlType) => /^(date|time|(small)?datetime2?|datetimeoffset)$/.test(name);
export const isMax = (type: SqlType) => type.size === -1 || /^(n?text|image|xml|geometry|geography)$/.test(type.name);

/** The type with its defaults: `decimal` is decimal(18,0), `varchar` in a cast is varchar(30). */
export function sqlType(name: string, sizes: readonly number[] = [], collation: string | null = null): SqlType {
  const base = { name, size: 0, precision: 0, scale: 0, collation: null };
  const [first, second] = sizes;
  if (isText(base)) {
    const own = collation ?? DEFAULT_COLLATION;
    return { ...base, size: /text|xml/.test(name) ? -1 : (first ?? 30), collation: name === 'xml' ? null : own };
  }
  if (name === 'hierarchyid') return { ...base, size: 892 };
  if (name === 'timestamp') return { ...base, size: 8 };
  if (isBinary(base)) return { ...base, size: /image|geo/.test(name) ? -1 : (first ?? 30) };
  if (name === 'money' || name === 'smallmoney') return { ...base, precision: 19, scale: 4 };
  if (isDecimal(base)) return { ...base, precision: first ?? 18, scale: second ?? 0 };
  if (/^(time|datetime2|datetimeoffset)$/.test(name)) return { ...base, scale: first ?? 7 };
  return base;
}

export const typed = (type: SqlType, value: Value): Typed => ({ type, value });
export const integer = (value: bigint | number | null): Typed =>
  typed(sqlType('int'), value === null ? null : BigInt(value));
export const unicode = (value: string | null): Typed => typed(sqlType('nvarchar', [4000]), value);

/** A text, or the digits of a number; anything else has no business where this is asked. */
export function plain(value: Value | undefined): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') return String(value);
  throw new Error('neither text nor number');
}

/** Code page of a collation, by the beginning of its name. */
export function codePageOf(collation: string | null): number {
  if (collation === null) return 1252;
  if (collation.endsWith('_UTF8')) return 65001;
  const found = [/^(SQL_)?Polish/, /^(SQL_)?Cyrillic/, /^(SQL_)?Greek/].findIndex((name) => name.test(collation));
  return [1250, 1251, 1253][found] ?? 1252;
}

const tables = new Map<number, string>();

/** The 256 characters of a code page of one byte. */
function charactersOf(codePage: number): string {
  const known = tables.get(codePage);
  if (known !== undefined) return known;
  const all = new TextDecoder(`windows-${codePage}`).decode(Uint8Array.from({ length: 256 }, (_, i) => i));
  tables.set(codePage, all);
  return all;
}

export function encoded(text: string, type: SqlType): Buffer {
  if (isUnicode(type)) return Buffer.from(text, 'utf16le');
  const codePage = codePageOf(type.collation);
  if (codePage === 65001) return Buffer.from(text, 'utf8');
  const characters = charactersOf(codePage);
  return Buffer.from(
    [...text].map((character) => (characters.includes(character) ? characters.indexOf(character) : 0x3f)),
  );
}

export function decoded(bytes: Buffer, type: SqlType): string {
  if (isUnicode(type)) return bytes.toString('utf16le');
  const codePage = codePageOf(type.collation);
  return codePage === 65001 ? bytes.toString('utf8') : [...bytes].map((byte) => charactersOf(codePage)[byte]).join('');
}
