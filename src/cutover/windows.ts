/**
 * Sustained conditions over samples: the quiet window and the zero dwell. A window is only as long as its samples
 * prove: from the first good one to the last good one, never to "now".
 */
import { sentence, type Sentence } from '../util/sentence.ts';

/** One look at the condition. `pending` neither proves nor disproves: the window goes on but cannot be reached on it. */
export type Look =
  | { readonly at: number; readonly holds: 'yes' }
  | { readonly at: number; readonly holds: 'pending' | 'no'; readonly why: Sentence };

export interface SustainedWindow {
  /** first good look of the unbroken row, null when the condition does not hold */
  readonly since: number | null;
  /** last good look of the row */
  readonly provenUntil: number | null;
  /** last look of any kind */
  readonly lastAt: number | null;
  readonly lastReset: { readonly at: number; readonly why: Sentence } | null;
}

export const EMPTY_WINDOW: SustainedWindow = { since: null, provenUntil: null, lastAt: null, lastReset: null };

/**
 * The window after one more look. A look that says no ends it; so does a hole of more than `maxHoleMs` before this
 * look, because nobody can vouch for the hole, and a clock that ran backwards, because nobody can vouch for it at all.
 */
export function look(window: SustainedWindow, next: Look, maxHoleMs: number): SustainedWindow {
  const hole = window.lastAt === null ? 0 : next.at - window.lastAt;
  const torn =
    window.since === null
      ? null
      : hole < 0
        ? sentence('this machine’s clock went backwards')
        : hole > maxHoleMs
          ? sentence('there was no sample for {seconds} s', { seconds: Math.round(hole / 1000) })
          : null;
  const kept = torn ? { ...window, since: null, provenUntil: null, lastReset: { at: next.at, why: torn } } : window;
  switch (next.holds) {
    case 'no':
      return { since: null, provenUntil: null, lastAt: next.at, lastReset: { at: next.at, why: next.why } };
    case 'pending':
      return { ...kept, lastAt: next.at };
    case 'yes':
      return { ...kept, since: kept.since ?? next.at, provenUntil: next.at, lastAt: next.at };
  }
}

/** Seconds the condition is proven to have held without a break; 0 once the newest look is older than `maxHoleMs`. */
export function heldSeconds(window: SustainedWindow, now: number, maxHoleMs: number): number {
  if (window.since === null || window.provenUntil === null || window.lastAt === null) return 0;
  const age = now - window.lastAt;
  if (age > maxHoleMs || age < 0) return 0;
  return (window.provenUntil - window.since) / 1000;
}

/**
 * `broken`: does not hold, or nobody has looked lately. `waiting`: holds, not long enough. `pending`: would be reached,
 * but the newest look could not tell. Only `reached` counts.
 */
export type WindowState = 'broken' | 'waiting' | 'pending' | 'reached';

export function windowState(
  window: SustainedWindow,
  requiredSeconds: number,
  now: number,
  maxHoleMs: number,
): WindowState {
  const age = window.lastAt === null ? Infinity : now - window.lastAt;
  if (window.since === null || age > maxHoleMs || age < 0) return 'broken';
  if (heldSeconds(window, now, maxHoleMs) < requiredSeconds) return 'waiting';
  return window.provenUntil === window.lastAt ? 'reached' : 'pending';
}
