/** The differing rows of one table as two texts, source and target, made for a diff editor: row beside row. */
import type { RowDifference, TableResult } from './result.ts';

export interface SideBySide {
  readonly source: string;
  readonly target: string;
}

export interface SideBySideWords {
  /** stands for a row that this side does not have */
  readonly absent: string;
  /** follows a value that was too long to be kept whole */
  readonly cut: string;
  /** follows the key of a document in which only the order of the fields differs */
  readonly reordered?: string;
  /** values are on one line and told from NULL already: they are JSON */
  readonly verbatim?: boolean;
}

/** One block for each row, the key first, in the order of the keys; both texts name every row. */
export function sideBySide({ differences }: Pick<TableResult, 'differences'>, words: SideBySideWords): SideBySide {
  const text = (side: 'source' | 'target') =>
    differences.map((row, index) => block(row, side, index + 1, words)).join('\n\n') + '\n';
  return { source: text('source'), target: text('target') };
}

function block(row: RowDifference, side: 'source' | 'target', number: number, words: SideBySideWords): string {
  const key = Object.entries(row.key);
  const heading =
    key.length > 0
      ? key.map(([column, value]) => `${column} = ${words.verbatim ? value : JSON.stringify(value)}`).join(', ')
      : `#${number}${(row.copies ?? 1) > 1 ? ` × ${row.copies}` : ''}`;
  const values = row[side];
  if (!values) return `${heading}\n    ${words.absent}`;
  const valueText = words.verbatim ? (value: string | null) => value ?? 'NULL' : quoted;
  const lines = Object.entries(values)
    .filter(([column]) => !(column in row.key))
    .map(([column, value]) => `    ${column} = ${valueText(value)}${row.cut?.includes(column) ? ` ${words.cut}` : ''}`);
  const title = row.orderOnly && words.reordered ? `${heading} ${words.reordered}` : heading;
  return [title, ...lines].join('\n');
}

/** On one line, and NULL unlike the text "NULL". */
const quoted = (value: string | null) => (value === null ? 'NULL' : JSON.stringify(value));
