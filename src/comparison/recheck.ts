/**
 * Rows that differed while somebody was writing are read again in a newer snapshot, after the target had time to
 * catch up: only what still differs counts. A difference that moved on (both sides changed and are equal now) is gone.
 */
import { both } from './tableRows.ts';
import { idOf, valuesOf } from './differences.ts';
import type { DifferingRow } from './mergeRows.ts';
import type { PairDigest } from './port.ts';

/** Their values come with them. */
const ROWS_AT_A_TIME = 100;

/** `pair` is over renewed sessions; `rows` have keys. */
export async function stillDiffering(
  pair: PairDigest,
  rows: readonly DifferingRow[],
  signal: AbortSignal,
): Promise<DifferingRow[]> {
  const left: DifferingRow[] = [];
  for (let i = 0; i < rows.length; i += ROWS_AT_A_TIME) {
    const batch = rows.slice(i, i + ROWS_AT_A_TIME);
    const [mine, theirs] = await both(valuesOf(pair.source, batch, signal), valuesOf(pair.target, batch, signal));
    for (const row of batch) {
      const source = mine.get(idOf(row));
      const target = theirs.get(idOf(row));
      if (source && target) {
        if (source.hash !== target.hash) left.push({ ...row, kind: 'changed', hash: source.hash });
      } else if (source) {
        left.push({ ...row, kind: 'missing', hash: source.hash });
      } else if (target) {
        left.push({ ...row, kind: 'extra', hash: target.hash });
      }
    }
  }
  return left;
}
