/**
 * Rows that differed while somebody was writing are read again in a newer snapshot, after the target had time to
 * catch up: only what still differs counts. A difference that moved on (both sides changed and are equal now) is gone.
 */
import { both } from './tableRows.ts';
import { idOf, valuesOf } from './differences.ts';
import type { DifferingRow } from './mergeRows.ts';
import type { PairDigest } from './port.ts';
import type { RowDifference } from './result.ts';

/** Their values come with them. */
const ROWS_AT_A_TIME = 100;

/**
 * Null: a row cannot be asked for by its key, so nothing but the whole table tells what became of it.
 * @param pair over renewed sessions
 * @param rows with keys
 * @param reached ids of rows that were given back by their key when they were there: such a row is gone when no side
 *   gives it back any more. The key of another may be one that the server does not find again, e.g. a rounded number.
 */
export async function stillDiffering(
  pair: PairDigest,
  rows: readonly DifferingRow[],
  reached: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<DifferingRow[] | null> {
  const left: DifferingRow[] = [];
  for (let i = 0; i < rows.length; i += ROWS_AT_A_TIME) {
    const batch = rows.slice(i, i + ROWS_AT_A_TIME);
    const [mine, theirs] = await both(valuesOf(pair.source, batch, signal), valuesOf(pair.target, batch, signal));
    for (const row of batch) {
      const source = mine.get(idOf(row));
      const target = theirs.get(idOf(row));
      if (source && target) {
        if (source.hash !== target.hash) left.push({ ...row, kind: 'changed', hash: source.hash });
        continue;
      }
      const expected = row.kind === 'changed' || (!source && !target);
      if (expected && !reached.has(idOf(row))) return null;
      if (source) left.push({ ...row, kind: 'missing', hash: source.hash });
      else if (target) left.push({ ...row, kind: 'extra', hash: target.hash });
    }
  }
  return [...((await pair.reallyDiffering?.(left, signal)) ?? left)];
}

/** Ids of the rows that were given back by every side that has them. `differences` are of the first of the rows. */
export function reachedByKey(
  rows: readonly DifferingRow[],
  differences: readonly RowDifference[],
): ReadonlySet<string> {
  const reached = rows.filter(({ kind }, i) => {
    const found = differences[i];
    return found && (kind === 'extra' || found.source !== null) && (kind === 'missing' || found.target !== null);
  });
  return new Set(reached.map(idOf));
}
