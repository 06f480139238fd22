/** When Complete may be possible at the earliest, by the windows that have to be full and the comparison that has to end. */
import type { ComparisonProgress, RunSnapshot, WindowView } from '../protocol/index.ts';

const left = ({ requiredSeconds, heldSeconds, reached }: WindowView): number =>
  reached ? 0 : Math.max(0, requiredSeconds - heldSeconds) * 1000;

/** Milliseconds the comparison may still take, by its rows; null where that cannot be told. */
export function comparisonLeft({ rowsDone, rowsTotal, startedAt }: ComparisonProgress, now: number): number | null {
  // tables say nothing of the time: the last one may be the largest
  if (!rowsTotal || rowsDone <= 0 || rowsDone >= rowsTotal) return null;
  return ((now - startedAt) / rowsDone) * (rowsTotal - rowsDone);
}

/** Epoch milliseconds; null while the business writes, a window does not run, or nobody can tell. */
export function earliestComplete(snapshot: RunSnapshot, now: number): number | null {
  const { downtime, completion, quietWindow, zeroDwell, verification, steps } = snapshot;
  if (downtime.since === null || completion.state !== 'none' || quietWindow.since === null) return null;
  // the dwell begins once the source is quiet
  const windows = quietWindow.reached ? left(zeroDwell) : left(quietWindow) + zeroDwell.requiredSeconds * 1000;
  if (windows === 0) return null;
  const isProven = steps.some(({ id, verdict, override }) => id === 'verify' && (verdict.state === 'open' || override));
  if (isProven) return now + windows;
  if (!verification.running) return null;
  const rest = comparisonLeft(verification.running, now);
  return rest === null ? null : now + Math.max(windows, rest);
}
