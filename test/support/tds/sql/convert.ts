/** CAST and CONVERT as the documentation describes them. */
import { bytesOf } from './layout.ts';
import { fitted, momentOf, momentText } from './moments.ts';
import {
  decoded,
  Decimal,
  encoded,
  INTEGERS,
  isBinary,
  isDecimal,
  isFloat,
  isInteger,
  isMax,
  isText,
  isTime,
  isUnicode,
  Moment,
  SqlError,
  typed,
  type SqlType,
  type Typed,
  type Value,
} from './values.ts';

/** What a version does differently: `level` is its major number. */
export interface Ways {
  readonly level: number;
  /** keeps floats in another order of bytes */
  readonly otherFloats?: boolean;
}

export function convert(from: Typed, to: SqlType, style: number | null, ways: Ways): Typed {
  if (from.type.name === 'sql_variant' && to.name !== 'sql_variant') {
    return from.value === null ? typed(to, null) : convert(from.value as Typed, to, style, ways);
  }
  // a text keeps its collation unless it changes to another kind
  const collation =
    isText(to) && isText(from.type) && from.type.collation !== null ? from.type.collation : to.collation;
  const target = isText(to) ? { ...to, collation } : to;
  if (from.value === null) return typed(target, null);
  if (to.name === 'sql_variant') return typed(to, from);
  return typed(target, valueOf(from, target, style, ways));
}

function valueOf(from: Typed, to: SqlType, style: number | null, ways: Ways): Value {
  const { type, value } = from;
  if (isInteger(to)) return integerOf(from, to);
  if (isDecimal(to)) return decimalOf(from, to);
  if (isFloat(to)) {
    if (isBinary(type)) throw unable(from, to);
    const number = value instanceof Decimal ? Number(value.units) / 10 ** value.scale : Number(value);
    return to.name === 'real' ? Math.fround(number) : number;
  }
  if (isText(to)) return textOf(from, to, style, ways);
  if (isBinary(to)) return padded(bytesOf(from, to, ways), to);
  if (isTime(to)) {
    if (typeof value === 'string') return momentOf(value, to);
    if (value instanceof Moment) return fitted(value, to);
  }
  if (to.name === 'uniqueidentifier') {
    if (typeof value === 'string' && /^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}/i.test(value))
      return value.slice(0, 36).toUpperCase();
  }
  throw unable(from, to);
}

const unable = ({ type }: Typed, to: SqlType) =>
  new SqlError(529, `Explicit conversion from data type ${type.name} to ${to.name} is not allowed.`);

const overflow = (to: SqlType) =>
  new SqlError(8115, `Arithmetic overflow error converting expression to data type ${to.name}.`);

function integerOf(from: Typed, to: SqlType): bigint {
  const { value } = from;
  const [least, most] = INTEGERS[to.name] ?? [0n, 0n];
  let found: bigint;
  if (typeof value === 'bigint') found = value;
  else if (typeof value === 'number') found = BigInt(Math.trunc(value));
  else if (value instanceof Decimal) found = value.units / 10n ** BigInt(value.scale);
  else if (Buffer.isBuffer(value)) {
    // the last bytes
    const last = Buffer.alloc(8);
    value.subarray(-8).copy(last, 8 - Math.min(8, value.length));
    found = BigInt.asIntN((INTEGERS[to.name]?.[2] ?? 8) * 8, last.readBigInt64BE());
  } else if (typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value)) found = BigInt(value.trim());
  else throw unable(from, to);
  if (to.name === 'bit') return found === 0n ? 0n : 1n;
  if (found < least || found > most) throw overflow(to);
  return found;
}

function decimalOf(from: Typed, to: SqlType): Decimal {
  const { value } = from;
  let exact: Decimal;
  if (typeof value === 'bigint') exact = new Decimal(value, 0);
  else if (value instanceof Decimal) exact = value;
  else if (typeof value === 'number') exact = digitsOf(value.toFixed(Math.min(100, to.scale)));
  else if (typeof value === 'string' && /^\s*[+-]?\d+(\.\d*)?\s*$/.test(value)) exact = digitsOf(value.trim());
  else throw unable(from, to);
  const scaled = rescaled(exact, to.scale);
  if (String(scaled.units).replace('-', '').length > to.precision && scaled.units !== 0n) throw overflow(to);
  return scaled;
}

function digitsOf(text: string): Decimal {
  const [whole = '', fraction = ''] = text.split('.');
  return new Decimal(BigInt(whole + fraction), fraction.length);
}

/** Half away from zero. */
export function rescaled({ units, scale }: Decimal, to: number): Decimal {
  if (to >= scale) return new Decimal(units * 10n ** BigInt(to - scale), to);
  const unit = 10n ** BigInt(scale - to);
  const half = units < 0n ? -unit / 2n : unit / 2n;
  return new Decimal((units + half) / unit, to);
}

function textOf(from: Typed, to: SqlType, style: number | null, ways: Ways): string {
  const { type, value } = from;
  if (typeof value === 'string') {
    const text = isText(type) && isUnicode(type) && !isUnicode(to) ? decoded(encoded(value, to), to) : value;
    return cut(text, to);
  }
  if (Buffer.isBuffer(value)) {
    if (style === 1 || style === 2) return cut((style === 1 ? '0x' : '') + value.toString('hex').toUpperCase(), to);
    return cut(decoded(value, to), to);
  }
  const text = shown(type, value, style, ways);
  if (!isMax(to) && text.length > to.size) throw overflow(to);
  return cut(text, to);
}

/** Too long is cut, too short is filled up. */
function cut(text: string, to: SqlType): string {
  if (isMax(to)) return text;
  if (isUnicode(to)) return /^n?char$/.test(to.name) ? text.slice(0, to.size).padEnd(to.size) : text.slice(0, to.size);
  const bytes = encoded(text, to).subarray(0, to.size);
  const fits = decoded(bytes, to);
  return to.name === 'char' ? fits + ' '.repeat(to.size - bytes.length) : fits;
}

function shown(type: SqlType, value: Value, style: number | null, ways: Ways): string {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Decimal) {
    // without a style money has two digits
    const { units, scale } = /money/.test(type.name) && style !== 2 ? rescaled(value, 2) : value;
    const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0');
    const point = digits.length - scale;
    return `${units < 0n ? '-' : ''}${digits.slice(0, point)}${scale > 0 ? `.${digits.slice(point)}` : ''}`;
  }
  if (typeof value === 'number') {
    // style 3 came with 2016; before, it is processed as 0
    const digits = style === 3 && ways.level >= 13 ? 17 : style === 2 ? 16 : 6;
    if (digits === 6) return String(Number(value.toPrecision(6)));
    const [number = '', exponent = ''] = value.toExponential(digits - 1).split('e');
    const sign = Object.is(value, -0) ? '-' : '';
    return `${sign}${number}e${exponent.slice(0, 1)}${exponent.slice(1).padStart(3, '0')}`;
  }
  if (value instanceof Moment) return momentText(value, type, style ?? 121);
  throw new Error(`no text for ${type.name}`);
}

/** binary(n) is filled up with zeros behind, but a number before; what is too long is cut. */
function padded(bytes: Buffer, to: SqlType): Buffer {
  if (isMax(to)) return bytes;
  const found = bytes.subarray(0, to.size);
  if (to.name !== 'binary' && to.name !== 'timestamp') return found;
  return Buffer.concat([found, Buffer.alloc(to.size - found.length)]);
}
