/** Built-in functions, as documented. */
import { createHash } from 'node:crypto';
import { convert, type Ways } from './convert.ts';
import { DAY } from './moments.ts';
import {
  codePageOf,
  encoded,
  integer,
  isBinary,
  isMax,
  isText,
  isUnicode,
  Moment,
  plain,
  SqlError,
  sqlType,
  typed,
  unicode,
  type Typed,
  type Value,
} from './values.ts';

/** What a function may ask about its session. */
export interface Surroundings extends Ways {
  readonly database: string;
  readonly login: string;
  readonly contextInfo: Buffer;
  readonly depth: number;
  may(kind: 'DATABASE' | 'OBJECT', name: string, right: string): boolean | null;
}

const FIXED_BIGINT = sqlType('bigint');

export function call(name: string, args: readonly Typed[], around: Surroundings): Typed {
  const [first, second, third] = args;
  const a = first ?? integer(null);
  const b = second ?? integer(null);
  switch (name) {
    case 'HASHBYTES':
      return hashBytes(a, b, around.level);
    case 'ISNULL':
      // the type of the first, whatever the second
      return a.value === null ? convert(b, a.type, null, around) : a;
    case 'COALESCE':
      return args.find(({ value }) => value !== null) ?? a;
    case 'DATALENGTH':
      return typed(isMax(a.type) ? FIXED_BIGINT : sqlType('int'), a.value === null ? null : BigInt(lengthOf(a)));
    case 'SUBSTRING':
      return substring(a, b, third ?? integer(null));
    case 'LEFT':
      return substring(a, integer(1), b);
    case 'RTRIM':
      return typed(
        { ...a.type, name: a.type.name.replace(/^(n?)char$/, '$1varchar') },
        mapped(a, (text) => text.replace(/ +$/, '')),
      );
    case 'REPLICATE': {
      const most = isUnicode(a.type) ? 4000 : 8000;
      if (isMax(a.type))
        return typed(
          a.type,
          mapped(a, (text) => text.repeat(Number(b.value))),
        );
      return typed(
        { ...a.type, size: most },
        mapped(a, (text) => text.repeat(Number(b.value)).slice(0, most)),
      );
    }
    case 'NCHAR':
      return typed(sqlType('nvarchar', [1]), a.value === null ? null : String.fromCharCode(Number(a.value)));
    case 'POWER':
      if (typeof a.value !== 'bigint' || typeof b.value !== 'bigint') return integer(null);
      return convert(typed(FIXED_BIGINT, a.value ** b.value), a.type, null, around);
    case 'DATEDIFF':
      return dayDifference(b, third ?? integer(null), around);
    case 'QUOTENAME':
      return unicode(a.value === null ? null : `[${plain(a.value).replaceAll(']', ']]')}]`);
    case 'DB_NAME':
      return unicode(around.database);
    case 'USER_NAME':
      return unicode(around.login);
    case 'CONTEXT_INFO':
      return typed(sqlType('varbinary', [128]), Buffer.concat([around.contextInfo], 128));
    case 'COLLATIONPROPERTY':
      return typed(sqlType('sql_variant'), a.value === null ? null : integer(codePageOf(plain(a.value))));
    case 'SQL_VARIANT_PROPERTY':
      return property(a, plain(b.value));
    case 'HAS_PERMS_BY_NAME': {
      const kind = plain(b.value) === 'OBJECT' ? 'OBJECT' : 'DATABASE';
      const may = around.may(kind, plain(a.value), plain(third?.value));
      return integer(may === null ? null : Number(may));
    }
    default:
      throw new SqlError(195, `'${name}' is not a recognized built-in function name.`);
  }
}

const mapped = ({ value }: Typed, change: (text: string) => string): Value =>
  value === null ? null : change(plain(value));

function lengthOf({ type, value }: Typed): number {
  if (Buffer.isBuffer(value)) return value.length;
  if (typeof value === 'string' && isText(type)) return encoded(value, type).length;
  throw new Error(`no DATALENGTH of ${type.name}`);
}

function hashBytes(algorithm: Typed, input: Typed, level: number): Typed {
  if (algorithm.value !== 'SHA2_256') throw new SqlError(15_599, `unknown algorithm ${plain(algorithm.value)}`);
  if (!isBinary(input.type) && !isText(input.type)) {
    throw new SqlError(8116, `Argument data type ${input.type.name} is invalid for argument 2 of hashbytes function.`);
  }
  const type = sqlType('varbinary', [8000]);
  if (input.value === null) return typed(type, null);
  const bytes = Buffer.isBuffer(input.value) ? input.value : encoded(plain(input.value), input.type);
  if (level < 13 && bytes.length > 8000) throw new SqlError(8152, 'String or binary data would be truncated.');
  return typed(type, createHash('sha256').update(bytes).digest());
}

/** From the first character or byte, which is number one. */
function substring(of: Typed, start: Typed, length: Typed): Typed {
  const from = Number(start.value) - 1;
  const to = from + Number(length.value);
  if (of.value === null) return of;
  if (Buffer.isBuffer(of.value))
    return typed(sqlType('varbinary', [of.type.size]), of.value.subarray(Math.max(0, from), to));
  return typed(of.type, plain(of.value).slice(Math.max(0, from), to));
}

function dayDifference(from: Typed, to: Typed, ways: Ways): Typed {
  const date = sqlType('date');
  const [a, b] = [from, to].map((side) => convert(side, date, null, ways).value);
  if (!(a instanceof Moment) || !(b instanceof Moment)) return integer(null);
  return integer(b.ticks / DAY - a.ticks / DAY);
}

function property(of: Typed, name: string): Typed {
  const type = sqlType('sql_variant');
  if (of.type.name !== 'sql_variant' || of.value === null) return typed(type, null);
  const own = of.value as Typed;
  switch (name) {
    case 'BaseType':
      return typed(type, unicode(own.type.name));
    case 'Scale':
      return typed(type, integer(own.type.scale));
    case 'Collation':
      return typed(type, own.type.collation === null ? null : unicode(own.type.collation));
    default:
      throw new Error(`no property ${name}`);
  }
}
