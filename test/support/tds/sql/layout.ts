/** Values as bytes. Whole numbers and texts as documented; the others as SQL Server is seen to do it. */
import type { Ways } from './convert.ts';
import { DAY, threeHundredths } from './moments.ts';
import { Decimal, encoded, INTEGERS, Moment, SqlError, type SqlType, type Typed } from './values.ts';

export function bytesOf({ type, value }: Typed, to: SqlType, ways: Ways): Buffer {
  if (Buffer.isBuffer(value)) return value;
  if (typeof value === 'string' && type.name === 'uniqueidentifier') return guid(value);
  if (typeof value === 'string') return encoded(value, type);
  if (typeof value === 'bigint') {
    const own = INTEGERS[type.name]?.[2] ?? 8;
    const whole = Buffer.alloc(8);
    whole.writeBigInt64BE(value);
    const bytes = whole.subarray(8 - own);
    // a number is filled up before its first byte, with zeros whatever its sign, and loses its first bytes
    const size = to.name === 'binary' ? to.size : own;
    return Buffer.concat([Buffer.alloc(Math.max(0, size - own)), bytes.subarray(Math.max(0, own - size))]);
  }
  if (typeof value === 'number') return float(type.name, value, ways);
  if (value instanceof Decimal) return decimal(value, type);
  if (value instanceof Moment) return moment(value, type);
  throw new SqlError(529, `Explicit conversion from data type ${type.name} to ${to.name} is not allowed.`);
}

function float(name: string, value: number, ways: Ways): Buffer {
  const bytes = Buffer.alloc(name === 'real' ? 4 : 8);
  if (name === 'real') bytes.writeFloatBE(value);
  else bytes.writeDoubleBE(value);
  return ways.otherFloats === true ? bytes.reverse() : bytes;
}

/** the first three groups are little-endian */
function guid(text: string): Buffer {
  const [a = '', b = '', c = '', d = '', e = ''] = text.split('-');
  const reversed = (hex: string) => Buffer.from(hex, 'hex').reverse();
  return Buffer.concat([reversed(a), reversed(b), reversed(c), Buffer.from(d + e, 'hex')]);
}

function decimal({ units, scale }: Decimal, { name, precision }: SqlType): Buffer {
  const bytes = Buffer.alloc(16);
  const size = units < 0n ? -units : units;
  bytes.writeBigUInt64LE(BigInt.asUintN(64, size));
  bytes.writeBigUInt64LE(size >> 64n, 8);
  if (/money/.test(name)) {
    const money = Buffer.alloc(8);
    money.writeBigInt64BE(units);
    return money;
  }
  const groups = precision <= 9 ? 4 : precision <= 19 ? 8 : precision <= 28 ? 12 : 16;
  return Buffer.concat([Buffer.from([precision, scale, 0, units < 0n ? 0 : 1]), bytes.subarray(0, groups)]);
}

function moment({ ticks, offset }: Moment, { name, scale }: SqlType): Buffer {
  const days = Number(ticks / DAY);
  const date = Buffer.alloc(3);
  date.writeUIntLE(days, 0, 3);
  if (name === 'date') return date;
  if (name === 'datetime' || name === 'smalldatetime') {
    const bytes = Buffer.alloc(8);
    bytes.writeInt32BE(days - 693_595);
    bytes.writeUInt32BE(Number(threeHundredths(ticks)), 4);
    return bytes;
  }
  const time = Buffer.alloc(5);
  time.writeUIntLE(Number((ticks % DAY) / 10n ** BigInt(7 - scale)), 0, 5);
  const zone = Buffer.alloc(2);
  zone.writeInt16LE(offset);
  const parts = [
    Buffer.from([scale]),
    time,
    ...(name === 'time' ? [] : [date]),
    ...(name === 'datetimeoffset' ? [zone] : []),
  ];
  return Buffer.concat(parts);
}
