/** `+`, comparisons and the like, with the types and limits of SQL Server. */
import { convert, rescaled, type Ways } from './convert.ts';
import {
  Decimal,
  encoded,
  INTEGERS,
  isBinary,
  isDecimal,
  isInteger,
  isMax,
  isText,
  isUnicode,
  Moment,
  plain,
  SqlError,
  sqlType,
  typed,
  type SqlType,
  type Typed,
} from './values.ts';

export function calculate(op: string, left: Typed, right: Typed, ways: Ways): Typed {
  if (op === '+' && isBinary(left.type) && isBinary(right.type)) return joined(left, right, 'varbinary', 8000);
  if (op === '+' && isText(left.type) && isText(right.type)) {
    const wide = isUnicode(left.type) || isUnicode(right.type);
    return joined(left, right, wide ? 'nvarchar' : 'varchar', wide ? 4000 : 8000);
  }
  const exact = ({ type }: Typed) => isInteger(type) || isDecimal(type);
  if (!exact(left) || !exact(right)) {
    throw new SqlError(
      402,
      `The data types ${left.type.name} and ${right.type.name} are incompatible in the ${op} operator.`,
    );
  }
  if (isInteger(left.type) && isInteger(right.type)) return whole(op, left, right);
  if (op === '/' || op === '*' || op === '%' || op === '&') {
    throw new SqlError(402, `The test server does not do ${op} with ${left.type.name} and ${right.type.name}.`);
  }
  const scale = Math.max(left.type.scale, right.type.scale);
  const type = sqlType('decimal', [38, scale]);
  const [a, b] = [left, right].map((side) => convert(side, type, null, ways).value);
  if (!(a instanceof Decimal) || !(b instanceof Decimal)) return typed(type, null);
  return typed(type, new Decimal(op === '+' ? a.units + b.units : a.units - b.units, scale));
}

/** What is longer than the longest of its kind is cut, unless one of the two is (max). */
function joined(left: Typed, right: Typed, name: string, most: number): Typed {
  const max = isMax(left.type) || isMax(right.type);
  const size = max ? -1 : Math.min(most, left.type.size + right.type.size);
  const type = sqlType(name, [size], left.type.collation);
  const [a, b] = [left.value, right.value];
  if (a === null || b === null) return typed(type, null);
  if (Buffer.isBuffer(a) && Buffer.isBuffer(b)) {
    const all = Buffer.concat([a, b]);
    return typed(type, max ? all : all.subarray(0, size));
  }
  const all = plain(a) + plain(b);
  return typed(type, max ? all : all.slice(0, size));
}

const RANK = ['bit', 'tinyint', 'smallint', 'int', 'bigint'];

function whole(op: string, left: Typed, right: Typed): Typed {
  const name = RANK[Math.max(RANK.indexOf(left.type.name), RANK.indexOf(right.type.name))] ?? 'bigint';
  const [a, b] = [left.value, right.value];
  if (typeof a !== 'bigint' || typeof b !== 'bigint') return typed(sqlType(name), null);
  if ((op === '/' || op === '%') && b === 0n) throw new SqlError(8134, 'Divide by zero error encountered.');
  const found = { '+': a + b, '-': a - b, '*': a * b, '&': a & b, '|': a | b, '/': b && a / b, '%': b && a % b }[op];
  const [least, most] = INTEGERS[name] ?? [0n, 0n];
  if (found === undefined || found < least || found > most) {
    throw new SqlError(8115, `Arithmetic overflow error converting expression to data type ${name}.`);
  }
  return typed(sqlType(name), found);
}

/** Negative, zero or positive; null when one of them is NULL. */
export function compare(left: Typed, right: Typed, ways: Ways): number | null {
  if (left.value === null || right.value === null) return null;
  if (isText(left.type) && isText(right.type)) return compareTexts(left, right);
  const [a, b] = alike(left, right, ways);
  const [x, y] = [a.value, b.value];
  if (Buffer.isBuffer(x) && Buffer.isBuffer(y)) return compareBytes(x, y);
  if (x instanceof Decimal && y instanceof Decimal) {
    const scale = Math.max(x.scale, y.scale);
    return order(rescaled(x, scale).units, rescaled(y, scale).units);
  }
  // two times are the same when they are the same moment, wherever
  if (x instanceof Moment && y instanceof Moment) return order(instant(x), instant(y));
  if (typeof x === 'bigint' && typeof y === 'bigint') return order(x, y);
  if (typeof x === 'number' && typeof y === 'number') return order(x, y);
  if (typeof x === 'string' && typeof y === 'string') return order(x, y);
  throw new SqlError(402, `The data types ${left.type.name} and ${right.type.name} cannot be compared.`);
}

const instant = ({ ticks, offset }: Moment) => ticks - BigInt(offset) * 600_000_000n;
const order = <T>(a: T, b: T) => (a < b ? -1 : a > b ? 1 : 0);

const PRECEDENCE = ['varbinary', 'varchar', 'uniqueidentifier', ...RANK, 'decimal', 'float', 'date', 'datetime2'];

function alike(left: Typed, right: Typed, ways: Ways): [Typed, Typed] {
  if (left.type.name === right.type.name) return [left, right];
  if (isInteger(left.type) && isInteger(right.type)) return [left, right];
  if (isBinary(left.type) && isBinary(right.type)) return [left, right];
  const rank = ({ name }: SqlType) =>
    PRECEDENCE.indexOf(isDecimal({ name } as SqlType) ? 'decimal' : name === 'real' ? 'float' : name);
  const to = rank(left.type) > rank(right.type) ? left.type : right.type;
  const common = isDecimal(to) ? sqlType('decimal', [38, Math.max(left.type.scale, right.type.scale)]) : to;
  return [convert(left, common, null, ways), convert(right, common, null, ways)];
}

/** Trailing zeros do not count. */
function compareBytes(a: Buffer, b: Buffer): number {
  const size = Math.max(a.length, b.length);
  return Buffer.compare(Buffer.concat([a], size), Buffer.concat([b], size));
}

const collators = new Map<string, Intl.Collator>();

function compareTexts(left: Typed, right: Typed): number {
  const collation = collationOf(left, right);
  const [a, b] = [plain(left.value), plain(right.value)].map((text) => text.replace(/ +$/, ''));
  if (/_BIN2?(_UTF8)?$/.test(collation))
    return Buffer.compare(encoded(a ?? '', sqlType('nvarchar')), encoded(b ?? '', sqlType('nvarchar')));
  const sensitivity = /_CS_/.test(collation) ? 'variant' : /_AI/.test(collation) ? 'base' : 'accent';
  const collator = collators.get(sensitivity) ?? new Intl.Collator('en', { sensitivity });
  collators.set(sensitivity, collator);
  return collator.compare(a ?? '', b ?? '');
}

/** A literal takes the collation of what it is compared with; two columns have to agree. */
function collationOf(left: Typed, right: Typed): string {
  const [a, b] = [left.type.collation, right.type.collation];
  const fixed = [left, right].filter(({ type }) => type.fromColumn === true);
  if (a !== null && b !== null && a !== b && fixed.length === 2) {
    throw new SqlError(
      468,
      `Cannot resolve the collation conflict between "${a}" and "${b}" in the equal to operation.`,
    );
  }
  return (fixed[0] ?? left).type.collation ?? '';
}
