/** Keys in SQL: how their values are read as text, written as literals, and compared as ranges. */
import type { PlannedColumn, TablePlan, TableShape } from '../../comparison/port.ts';
import { literalOf, rawBytes, readable } from './digest-charset.ts';
import { asText, widest } from './digest-hash.ts';
import type { MysqlKey } from './digest-catalog.ts';
import { quoteName, quoteText } from './text.ts';

export interface KeyColumn {
  readonly name: string;
  readonly sql: string;
  /** SQL of the value as text: the same text for the same value on both sides, whatever the columns' types */
  readonly text: string;
  readonly kind: 'number' | 'float' | 'text' | 'bytes' | 'other';
  readonly charset: string | null;
}

const INTEGER = /int|^year$|^bit$/;
const BYTES = /binary|blob/;
/** Their indexes are in the order in which their values are compared. */
const ORDERED = /int|^decimal$|^year$|^(var)?char$|^(var)?binary$|^date$|^datetime$|^timestamp$/;

export function keyColumns(plan: TablePlan, side: 'source' | 'target'): KeyColumn[] {
  return plan.key.flatMap((name) => {
    const column = plan.columns.find((each) => each.name === name);
    return column ? [keyColumn(column, side)] : [];
  });
}

function keyColumn(column: PlannedColumn, side: 'source' | 'target'): KeyColumn {
  const { type, charset } = column[side];
  const sql = quoteName(column.name);
  const as = (kind: KeyColumn['kind'], text: string): KeyColumn => ({ name: column.name, sql, text, kind, charset });
  // an ENUM's labels have a character set too
  if (charset !== null) return as('text', readable(sql, charset));
  if (BYTES.test(type)) return as('bytes', `CONCAT('0x', HEX(${sql}))`);
  const text = asText(widest(column));
  if (INTEGER.test(type) || type === 'decimal') return as('number', text);
  return as(type === 'float' || type === 'double' ? 'float' : 'other', text);
}

/** The index that both sides find this key by, in the same order; null where one has none or orders it otherwise. */
export function commonIndexes(plan: TablePlan): { readonly source: MysqlKey; readonly target: MysqlKey } | null {
  const [source, target] = [indexOf(plan.source, plan.key), indexOf(plan.target, plan.key)];
  if (!source || !target) return null;
  const alike = plan.key.every((name) => {
    const column = plan.columns.find((each) => each.name === name);
    if (!column || !ORDERED.test(column.source.type) || !ORDERED.test(column.target.type)) return false;
    const { source: mine, target: theirs } = column;
    return mine.collation === theirs.collation && mine.charset === theirs.charset && mine.scale === theirs.scale;
  });
  return alike ? { source, target } : null;
}

function indexOf({ keys }: TableShape, key: readonly string[]): MysqlKey | undefined {
  const wanted = JSON.stringify(key);
  return (keys as readonly MysqlKey[]).find(({ columns, ordered }) => ordered && JSON.stringify(columns) === wanted);
}

/** The literal for what `text` gave. */
export function keyLiteral({ kind, charset }: KeyColumn, text: string): string {
  switch (kind) {
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(text) ? text : quoteText(text);
    case 'float':
      // compared as the column's own kind of number, and not as a decimal
      return /^-?\d+(\.\d+)?$/.test(text) ? `${text}e0` : /^-?[\d.]+e[+-]?\d+$/.test(text) ? text : quoteText(text);
    case 'bytes':
      return `x'${text.slice(2)}'`;
    case 'text': {
      const bytes = rawBytes(text, charset);
      return bytes === null ? characters(text) : literalOf(bytes, charset);
    }
    case 'other':
      return characters(text);
  }
}

/** With its character set: a column's collation compares it and not its bytes, and an address is not taken for them. */
const characters = (text: string) => `_utf8mb4${quoteText(text)}`;

/** SQL of a range's end, to the last byte: `boundLiteral` makes the literal of it. */
export const boundText = ({ kind, sql, text }: KeyColumn): string => (kind === 'text' ? `HEX(${sql})` : text);

export const boundLiteral = (column: KeyColumn, text: string): string =>
  column.kind === 'text' ? literalOf(text, column.charset) : keyLiteral(column, text);

/**
 * `lower < key <= upper`, in a form for which every server uses its index. What both bounds begin with is compared
 * once: the server looks at the condition again for every row it finds by the index.
 */
export function between(
  columns: readonly KeyColumn[],
  lower: readonly string[] | undefined,
  upper: readonly string[] | undefined,
): string {
  const [first, ...rest] = columns;
  if (first && rest.length > 0 && lower && upper && lower[0] === upper[0])
    return `${first.sql} = ${lower[0] ?? ''} AND ${between(rest, lower.slice(1), upper.slice(1))}`;
  const ends = [lower ? compare(columns, lower, '>', '>') : [], upper ? compare(columns, upper, '<', '<=') : []].flat();
  return ends.length > 0 ? ends.join(' AND ') : 'TRUE';
}

function compare(columns: readonly KeyColumn[], bound: readonly string[], operator: string, last: string): string {
  const [first, ...rest] = columns;
  const [value, ...others] = bound;
  if (!first || value === undefined) return 'TRUE';
  if (rest.length === 0) return `${first.sql} ${last} ${value}`;
  return `(${first.sql} ${operator} ${value} OR (${first.sql} = ${value} AND ${compare(rest, others, operator, last)}))`;
}
