/**
 * Sustained conditions over samples: the quiet window, the zero dwell, the wait after a lost answer. A window is as long
 * as its samples prove: the sum of the times between samples that follow one another without a hole, up to the last good
 * one, never to "now". It is measured by the monotonic clock; where that and the wall clock disagree about the time
 * between two samples, nobody can vouch for it, and the window starts again.
 */
import { elapsedMs, type Moment } from '../util/clock.ts';
import { sentence, type Sentence } from '../util/sentence.ts';

/** One look at the condition. `pending` neither proves nor disproves: the window goes on but cannot be reached on it. */
export type Look =
  (Moment & { readonly holds: 'yes' }) | (Moment & { readonly holds: 'pending' | 'no'; readonly why: Sentence });

export interface SustainedWindow {
  /** first good look of the unbroken row (wall clock, for showing), null when the condition does not hold */
  readonly since: number | null;
  /** milliseconds proven, up to the last good look of the row */
  readonly provenMs: number;
  /** milliseconds from there to the last look, while looks could not tell */
  readonly pendingMs: number;
  /** the last look of the row could not tell */
  readonly pending: boolean;
  /** last look of any kind */
  readonly last: Moment | null;
  readonly lastReset: { readonly at: number; readonly why: Sentence } | null;
}

export const EMPTY_WINDOW: SustainedWindow = {
  since: null,
  provenMs: 0,
  pendingMs: 0,
  pending: false,
  last: null,
  lastReset: null,
};

/**
 * The window after one more look. A look that says no ends it; so does a hole of more than `maxHoleMs` before this
 * look, because nobody can vouch for the hole, and clocks that disagree about the time since the look before.
 */
export function look(window: SustainedWindow, next: Look, maxHoleMs: number): SustainedWindow {
  const last = { at: next.at, mono: next.mono };
  if (next.holds === 'no') return { ...EMPTY_WINDOW, last, lastReset: { at: next.at, why: next.why } };
  const hole = window.since === null || window.last === null ? 0 : elapsedMs(window.last, next);
  const torn =
    hole === null
      ? sentence('a clock of this machine was set, or it slept')
      : hole > maxHoleMs
        ? sentence('there was no sample for {seconds} s', { seconds: Math.round(hole / 1000) })
        : null;
  const kept = torn ? { ...EMPTY_WINDOW, lastReset: { at: next.at, why: torn } } : window;
  const since = torn === null ? (hole ?? 0) : 0;
  if (next.holds === 'pending') {
    return { ...kept, last, pending: true, pendingMs: kept.since === null ? 0 : kept.pendingMs + since };
  }
  const row = { ...kept, last, pending: false, pendingMs: 0 };
  if (kept.since === null) return { ...row, since: next.at, provenMs: 0 };
  return { ...row, provenMs: kept.provenMs + kept.pendingMs + since };
}

/** Whether the newest look is so recent that it says something about now. */
function isRecent({ last }: SustainedWindow, now: Moment, maxHoleMs: number): boolean {
  const age = last === null ? null : elapsedMs(last, now);
  return age !== null && age <= maxHoleMs;
}

/** Seconds the condition is proven to have held without a break; 0 once the newest look is older than `maxHoleMs`. */
export function heldSeconds(window: SustainedWindow, now: Moment, maxHoleMs: number): number {
  return window.since !== null && isRecent(window, now, maxHoleMs) ? window.provenMs / 1000 : 0;
}

/**
 * `broken`: does not hold, or nobody has looked lately. `waiting`: holds, not long enough. `pending`: would be reached,
 * but the newest look could not tell. Only `reached` counts.
 */
export type WindowState = 'broken' | 'waiting' | 'pending' | 'reached';

export function windowState(
  window: SustainedWindow,
  requiredSeconds: number,
  now: Moment,
  maxHoleMs: number,
): WindowState {
  if (window.since === null || !isRecent(window, now, maxHoleMs)) return 'broken';
  if (heldSeconds(window, now, maxHoleMs) < requiredSeconds) return 'waiting';
  return window.pending ? 'pending' : 'reached';
}
