/** Slows the comparison down when the source's own answers get slow: its users come first. */
import type { Clock } from '../util/clock.ts';
import { pause } from '../util/wait.ts';

export interface LoadGuard {
  /** resolves when more work may be given to the servers */
  admit(signal: AbortSignal): Promise<void>;
}

export interface GuardOptions {
  readonly clock: Clock;
  /** milliseconds a trivial question takes now */
  latency(signal: AbortSignal): Promise<number>;
  /** how often at most it is asked, milliseconds */
  readonly everyMs: number;
  /** slower than this many times the best answer so far, and than `floorMs`, counts as loaded */
  readonly factor: number;
  readonly floorMs: number;
  /** the longest pause before the next statement, milliseconds; the comparison slows down but never stops */
  readonly longestPauseMs: number;
}

export const GUARD_DEFAULTS = { everyMs: 500, factor: 10, floorMs: 100, longestPauseMs: 5_000 } as const;

export function loadGuard(options: GuardOptions): LoadGuard {
  let best = Number.POSITIVE_INFINITY;
  let last = 0;
  let askedAt = Number.NEGATIVE_INFINITY;
  return {
    async admit(signal) {
      const now = options.clock.now();
      if (now - askedAt >= options.everyMs) {
        askedAt = now;
        last = await options.latency(signal);
        best = Math.min(best, last);
      }
      if (last > options.floorMs && last > best * options.factor) {
        await pause(Math.min(last * 2, options.longestPauseMs), signal);
      }
    },
  };
}
