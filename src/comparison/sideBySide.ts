/** The differing rows of one table as two texts, source and target, made for a diff editor: row beside row. */
import { visible } from '../util/visible.ts';
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
  /** stands for so many characters of a long value, left out here */
  readonly omitted: (count: number) => string;
  /** stands for what no text tells apart: the hash of what is stored */
  readonly stored: (digest: string) => string;
  /** follows the key of a document in which only the order of the fields differs */
  readonly reordered?: string;
  /** values are on one line and told from NULL already: they are JSON */
  readonly verbatim?: boolean;
}

/** Characters shown of a value. Editors stop drawing a line long before the end of a large one. */
const LONGEST = 300;
/** Characters shown before the first one that differs. */
const LEAD = 40;

/**
 * One block for each row, the key first, in the order of the keys; both texts name every row. Each line begins with the
 * number of its row: no line of one row is equal to one of another, so that a diff editor sets no two rows side by side.
 */
export function sideBySide({ differences }: Pick<TableResult, 'differences'>, words: SideBySideWords): SideBySide {
  const text = (side: 'source' | 'target') =>
    differences.map((row, index) => block(row, side, `#${index + 1}`, words)).join('\n\n') + '\n';
  return { source: text('source'), target: text('target') };
}

function block(row: RowDifference, side: 'source' | 'target', number: string, words: SideBySideWords): string {
  const [values, others] = side === 'source' ? [row.source, row.target] : [row.target, row.source];
  const value = (of: string | null, other: string | null | undefined) => valueText(of, other ?? null, words);
  const key = Object.entries(row.key).map(([column, of]) => `${visible(column)} = ${value(of, null)}`);
  const copies = (row.copies ?? 1) > 1 ? `× ${row.copies}` : '';
  const title = [number, key.join(', ') || copies, row.orderOnly && words.reordered].filter(Boolean).join(' ');
  if (!values) return `${title}\n${number}     ${words.absent}`;
  const lines = Object.entries(values)
    .filter(([column]) => !Object.hasOwn(row.key, column))
    .map(([column, of]) => [
      `${number}     ${visible(column)} = ${value(of, others && Object.hasOwn(others, column) ? others[column] : undefined)}`,
      ...(row.cut?.includes(column) ? [words.cut] : []),
    ]);
  // two texts that are the same would say that nothing differs
  const stored = row.digest ? [`${number}     ${words.stored(row.digest[side])}`] : [];
  return [title, ...lines.map((parts) => parts.join(' ')), ...stored].join('\n');
}

/** On one line, and NULL unlike the text "NULL". Of a long value the part where it begins to differ. */
function valueText(value: string | null, other: string | null, { omitted, verbatim }: SideBySideWords): string {
  if (value === null) return 'NULL';
  const start = value.length > LONGEST && other !== null ? firstShown(value, other) : 0;
  const end = whole(value, Math.min(value.length, start + LONGEST));
  const part = value.slice(start, end);
  return [
    ...(start > 0 ? [omitted(start)] : []),
    visible(verbatim ? part : JSON.stringify(part)),
    ...(end < value.length ? [omitted(value.length - end)] : []),
  ].join(' ');
}

/** A little before the first character that differs; the beginning where none does. */
function firstShown(value: string, other: string): number {
  let alike = 0;
  while (alike < value.length && value[alike] === other[alike]) alike++;
  return alike === value.length && alike === other.length ? 0 : whole(value, Math.max(0, alike - LEAD));
}

/** An emoji is two characters of a text and stays in one piece. */
const whole = (text: string, at: number) => (/[\uDC00-\uDFFF]/.test(text[at] ?? '') ? at - 1 : at);
