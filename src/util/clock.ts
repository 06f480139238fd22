/** Time as an argument, so that a run can be tested without waiting. Instants are epoch milliseconds. */
export interface Clock {
  /** the wall clock: for showing and for the record. People and services set it, so nothing is measured by it. */
  now(): number;
  /**
   * Milliseconds since some moment, never set and never running backwards; it may stand still while the machine sleeps.
   * Missing where nobody can set the wall clock.
   */
  monotonic?(): number;
  /** Calls back once after `ms`; the answer cancels it. */
  after(ms: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

/** One moment by both clocks, milliseconds each. */
export interface Moment {
  readonly at: number;
  readonly mono: number;
}

export function momentOf(clock: Clock): Moment {
  const at = clock.now();
  return { at, mono: clock.monotonic?.() ?? at };
}

/** Further apart than this about the time between two moments, one of the clocks was set or the machine slept. */
const CLOCKS_AGREE_MS = 2_000;

/**
 * Milliseconds from one moment to a later one, where both clocks agree about it; null where nobody can tell how long it
 * was.
 */
export function elapsedMs(from: Moment, to: Moment): number | null {
  const [wall, mono] = [to.at - from.at, to.mono - from.mono];
  return mono < 0 || Math.abs(wall - mono) > CLOCKS_AGREE_MS ? null : mono;
}
