import type { Clock } from '../util/clock.ts';
import { cancelled, isFailure, type Failure } from '../util/failure.ts';

export interface RetryPlan {
  /** tries in all */
  readonly attempts: number;
  /** the first pause is up to this long, each next one up to twice as long, milliseconds */
  readonly firstPauseMs: number;
  readonly maxPauseMs: number;
  /** 0 ≤ x < 1 */
  readonly random: () => number;
  readonly clock: Clock;
}

/**
 * Tries a read again while its failure is one that passes by itself. Pauses grow and are spread at random over their
 * upper half, so that several windows throttled together do not come back together. Never for calls that change something.
 */
export async function retryRead<T>(
  read: (attempt: number) => Promise<T>,
  plan: RetryPlan,
  signal: AbortSignal,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await read(attempt);
    } catch (error) {
      if (attempt >= plan.attempts || !isFailure(error) || !passes(error)) throw error;
      const longest = Math.min(plan.maxPauseMs, plan.firstPauseMs * 2 ** (attempt - 1));
      await sleep(longest * (0.5 + plan.random() / 2), plan.clock, signal);
    }
  }
}

function passes({ reason, code }: Failure): boolean {
  switch (reason) {
    case 'throttled':
    case 'connection-lost':
    case 'refused':
    case 'unreachable':
      return code !== '407';
    case 'service-error':
      return code !== undefined && /^(InternalError|ResourceUnavailable|ServiceUnavailable|5\d\d$)/.test(code);
    default:
      return false;
  }
}

function sleep(ms: number, clock: Clock, shared: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    // a signal of its own: many may pause under one, and Node warns of a leak from eleven listeners on
    const signal = AbortSignal.any([shared]);
    if (signal.aborted) return reject(cancelled(signal.reason));
    const stop = () => {
      cancel();
      reject(cancelled(signal.reason));
    };
    const cancel = clock.after(ms, () => {
      signal.removeEventListener('abort', stop);
      resolve();
    });
    signal.addEventListener('abort', stop, { once: true });
  });
}
