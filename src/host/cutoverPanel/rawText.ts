/** The server's own answer about its sessions: its beginning for the panel, and all of it as a document once it is asked for. */
import type { RawResult } from '../../cutover/facts.ts';
import { visible } from '../../util/visible.ts';

/** As much as the panel shows of one value, in the tip over its cell. */
const SHOWN = 2_000;

export const beginningOf = (raw: RawResult | null): RawResult | null =>
  raw && { ...raw, rows: raw.rows.map((row) => row.map((value) => (value === null ? null : cut(value)))) };

const cut = (value: string) => (value.length > SHOWN ? `${value.slice(0, SHOWN)}…` : value);

/** One paragraph a row, one line a column; what hides in a value is written out. */
export function rawText({ query, columns, rows }: RawResult): string {
  const paragraphs = rows.map((row, index) => {
    const lines = row.map(
      (value, column) => `${visible(columns[column] ?? '')}: ${value === null ? '–' : visible(value)}`,
    );
    return [`── ${index + 1} ──`, ...lines].join('\n');
  });
  return `${[query, ...paragraphs].join('\n\n')}\n`;
}
