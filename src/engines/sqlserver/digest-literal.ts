/** Values as literals of Transact-SQL that the column's type takes back unchanged, whatever the session's settings. Pure. */
import type { ColumnShape } from '../../comparison/port.ts';
import { BYTES, DECIMALS, FLOATS, INTEGERS, MOMENTS, MONEY } from './digest-match.ts';

/**
 * A text. A backslash before the end of a line would join the lines, so the literal is parted between the two; as
 * nvarchar(max), because the parts together may be longer than 4,000 characters.
 */
export function textLiteral(text: string): string {
  const parts = text.split(/(?<=\\)(?=\r?\n)/).map((part) => `N'${part.replaceAll("'", "''")}'`);
  return parts.length === 1 ? (parts[0] ?? "N''") : `(CAST(N'' AS nvarchar(max)) + ${parts.join(' + ')})`;
}

const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i;
const HEX = /^0x([0-9A-F]{2})*$/i;

/** @param value as `shown` in digest-encode.ts gives it */
export function literal(value: string | null, { type, declared }: ColumnShape): string {
  if (value === null) return 'NULL';
  if (INTEGERS.has(type) || DECIMALS.has(type) || MONEY.has(type) || FLOATS.has(type)) {
    return NUMBER.test(value) ? value : textLiteral(value);
  }
  if (BYTES.has(type) && HEX.test(value)) return /binary|image/.test(type) ? value : `CAST(${value} AS ${declared})`;
  // with its style: otherwise the session's language decides what is the month; the newer types know this form only
  if (OLD_TIMES.has(type)) return `CONVERT(${declared}, ${textLiteral(value.slice(0, 23))}, 121)`;
  if (isTime(type)) return `CAST(${textLiteral(value)} AS ${declared})`;
  return textLiteral(value);
}

/** They take three digits after the second and no more. */
const OLD_TIMES: ReadonlySet<string> = new Set(['datetime', 'smalldatetime']);

export const isTime = (type: string) =>
  MOMENTS.has(type) || type === 'date' || type === 'time' || type === 'datetimeoffset';

/**
 * The same, in exactly the type and collation of the column, so that its index finds it. A varchar is made in the
 * code page of the column: without one it would be that of the database.
 */
export function typedLiteral(value: string, column: ColumnShape): string {
  const { type, declared, collation } = column;
  if (isTime(type) || (BYTES.has(type) && !/binary/.test(type))) return literal(value, column);
  const collated = collation === null ? '' : ` COLLATE ${collation}`;
  return `CAST(${literal(value, column)}${collated} AS ${declared})`;
}
