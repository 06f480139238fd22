/** Under which form two columns of SQL Server are equal exactly when what they store is. Pure. */
import type { ColumnMatch, ColumnShape } from '../../comparison/port.ts';
import { sentence } from '../../util/sentence.ts';
import { detailed } from './digest-catalog.ts';

/**
 * `decimal:4` has four digits after the point. `text` is characters in one code page, `unicode` UTF-16; `padded` is
 * without the blanks a fixed length is filled up with. `moment` is a date with a time, `offset` one with a zone.
 */
export type Form =
  | 'integer'
  | `decimal:${number}`
  | 'money'
  | 'real'
  | 'float'
  | 'text'
  | 'unicode'
  | 'padded text'
  | 'padded unicode'
  | 'bytes'
  | 'date'
  | 'time'
  | 'moment'
  | 'offset'
  | 'uuid'
  | 'variant';

export const INTEGERS: ReadonlySet<string> = new Set(['bit', 'tinyint', 'smallint', 'int', 'bigint']);
export const DECIMALS: ReadonlySet<string> = new Set(['decimal', 'numeric']);
export const MONEY: ReadonlySet<string> = new Set(['money', 'smallmoney']);
export const FLOATS: ReadonlySet<string> = new Set(['real', 'float']);
export const TEXTS: ReadonlySet<string> = new Set([
  'char',
  'varchar',
  'text',
  'nchar',
  'nvarchar',
  'ntext',
  'xml',
  'json',
]);
export const MOMENTS: ReadonlySet<string> = new Set(['datetime', 'smalldatetime', 'datetime2']);
/** also the serialised form of the server's own CLR types */
export const BYTES: ReadonlySet<string> = new Set([
  'binary',
  'varbinary',
  'image',
  'timestamp',
  'hierarchyid',
  'geometry',
  'geography',
]);
const FILLED_UP: ReadonlySet<string> = new Set(['char', 'nchar']);
const PLAIN_BYTES: ReadonlySet<string> = new Set(['varbinary', 'image']);
const ALONE: Readonly<Record<string, Form>> = {
  date: 'date',
  time: 'time',
  datetimeoffset: 'offset',
  uniqueidentifier: 'uuid',
  sql_variant: 'variant',
};

export function matchColumns(source: ColumnShape, target: ColumnShape): ColumnMatch {
  const both = (types: ReadonlySet<string>) => types.has(source.type) && types.has(target.type);
  const same = source.type === target.type;
  if (both(INTEGERS)) return matched('integer');
  if (exact(source) && exact(target)) return exactNumbers(source, target);
  if (both(MONEY)) return matched('money');
  if (both(FLOATS)) return matched(same ? (source.type === 'real' ? 'real' : 'float') : 'float');
  if (both(TEXTS)) return texts(source, target);
  if (both(MOMENTS)) return matched('moment');
  if (both(PLAIN_BYTES)) return matched('bytes');
  // BINARY(n) is filled up with zero bytes: the length has to be the same, as it is with a rowversion kept as binary(8)
  const fixed = (type: string) => type === 'binary' || type === 'timestamp';
  if (fixed(source.type) && fixed(target.type) && detailed(source).bytes === detailed(target).bytes)
    return matched('bytes');
  if (same && BYTES.has(source.type) && source.type !== 'binary') return matched('bytes');
  const alone = same ? ALONE[source.type] : undefined;
  return alone ? matched(alone) : incomparable(source, target);
}

const exact = ({ type }: ColumnShape) => INTEGERS.has(type) || DECIMALS.has(type);

const DIGITS: Readonly<Record<string, number>> = { bit: 1, tinyint: 3, smallint: 5, int: 10, bigint: 19 };
const MOST_DIGITS = 38;

function exactNumbers(source: ColumnShape, target: ColumnShape): ColumnMatch {
  const scale = Math.max(source.scale ?? 0, target.scale ?? 0);
  const whole = (column: ColumnShape) => DIGITS[column.type] ?? detailed(column).precision - (column.scale ?? 0);
  // no number has room for both
  if (Math.max(whole(source), whole(target)) + scale > MOST_DIGITS) return incomparable(source, target);
  return matched(`decimal:${scale}`);
}

function texts(source: ColumnShape, target: ColumnShape): ColumnMatch {
  const encoding = source.charset === target.charset && source.charset !== 'utf-16' ? 'text' : 'unicode';
  const filled = [source, target].filter(({ type }) => FILLED_UP.has(type));
  if (filled.length === 0 || (filled.length === 2 && source.declared === target.declared)) return matched(encoding);
  return {
    form: encoding === 'text' ? 'padded text' : 'padded unicode',
    note:
      filled.length === 2
        ? null
        : sentence('{column} has a fixed length on one side only: blanks at its end do not count.', {
            column: source.name,
          }),
  };
}

const matched = (form: Form): ColumnMatch => ({ form, note: null });

function incomparable(source: ColumnShape, target: ColumnShape): ColumnMatch {
  return {
    form: null,
    note: sentence(
      '{column} is {source} on the source and {target} on the target: such values cannot be compared exactly.',
      { column: source.name, source: source.declared, target: target.declared },
    ),
  };
}
