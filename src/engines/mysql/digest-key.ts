/** Keys in SQL: how their values are read as text, written as literals, and compared as ranges. */
import type { TablePlan } from '../../comparison/port.ts';
import { quoteName, quoteText } from './text.ts';

export interface KeyColumn {
  readonly name: string;
  readonly sql: string;
  readonly kind: 'number' | 'text' | 'bytes' | 'other';
}

const NUMBER = /int|^decimal$|^year$|^bit$/;
const TEXT = /char|text/;
const BYTES = /binary|blob/;
/** Their indexes are in the order in which their values are compared. */
const ORDERED = /int|^decimal$|^year$|^(var)?char$|^(var)?binary$|^date$|^datetime$|^timestamp$/;

export function keyColumns(plan: TablePlan, side: 'source' | 'target'): KeyColumn[] {
  return plan.key.map((name) => {
    const type = plan.columns.find((column) => column.name === name)?.[side].type ?? '';
    const kind =
      NUMBER.test(type) && type !== 'bit' ? 'number' : TEXT.test(type) ? 'text' : BYTES.test(type) ? 'bytes' : 'other';
    return { name, sql: quoteName(name), kind };
  });
}

/** Whether both sides put these keys into the same order, and rows into the same range. */
export function orderedAlike(plan: TablePlan): boolean {
  return (
    plan.key.length > 0 &&
    plan.key.every((name) => {
      const column = plan.columns.find((each) => each.name === name);
      if (!column || !ORDERED.test(column.source.type) || !ORDERED.test(column.target.type)) return false;
      const { source, target } = column;
      return (
        source.collation === target.collation && source.charset === target.charset && source.scale === target.scale
      );
    })
  );
}

/** The value as text that `keyLiteral` takes back. */
export function keyText(column: KeyColumn): string {
  if (column.kind === 'bytes') return `CONCAT('0x', HEX(${column.sql}))`;
  if (column.kind === 'text') return `CONVERT(${column.sql} USING utf8mb4)`;
  return `CAST(${column.sql} AS CHAR)`;
}

export function keyLiteral(column: KeyColumn, text: string): string {
  switch (column.kind) {
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(text) ? text : quoteText(text);
    case 'bytes':
      return `x'${text.slice(2)}'`;
    case 'text':
      // with its character set, so that the column's collation compares it and not its bytes
      return `_utf8mb4${quoteText(text)}`;
    case 'other':
      return quoteText(text);
  }
}

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
