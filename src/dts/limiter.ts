import type { Clock } from '../util/clock.ts';
import { cancelled } from '../util/failure.ts';

export interface Limiter {
  /** Resolves when a request of this kind may be sent, in the order asked; rejects with `cancelled` on abort. */
  turn(kind: string, signal: AbortSignal): Promise<void>;
}

interface Waiting {
  go(): void;
}

interface Lane {
  /** when the latest turns were taken */
  recent: number[];
  readonly queue: Waiting[];
  /** set while a timer waits for the oldest turn to leave the window */
  disarm: (() => void) | null;
}

/**
 * At most `count` turns in any `windowMs`, for each kind by itself. Who aborts leaves the queue and takes no turn.
 * The service counts arrivals, not departures, so the window should be a little longer than the service's.
 */
export function createLimiter(count: number, windowMs: number, clock: Clock): Limiter {
  const lanes = new Map<string, Lane>();

  function laneOf(kind: string): Lane {
    let lane = lanes.get(kind);
    if (!lane) lanes.set(kind, (lane = { recent: [], queue: [], disarm: null }));
    return lane;
  }

  function advance(kind: string): void {
    const lane = laneOf(kind);
    const now = clock.now();
    lane.recent = lane.recent.filter((at) => now - at < windowMs && at <= now);
    while (lane.queue.length > 0 && lane.recent.length < count) {
      lane.recent.push(now);
      lane.queue.shift()?.go();
    }
    const oldest = lane.recent[0];
    if (lane.queue.length > 0 && oldest !== undefined && !lane.disarm) {
      lane.disarm = clock.after(Math.max(1, oldest + windowMs - now), () => {
        lane.disarm = null;
        advance(kind);
      });
    }
  }

  return {
    turn: (kind, shared) =>
      new Promise((resolve, reject) => {
        // a signal of its own: hundreds may wait under one, and Node warns of a leak from eleven listeners on
        const signal = AbortSignal.any([shared]);
        if (signal.aborted) return reject(cancelled(signal.reason));
        const lane = laneOf(kind);
        const leave = () => {
          lane.queue.splice(lane.queue.indexOf(waiting), 1);
          if (lane.queue.length === 0) {
            lane.disarm?.();
            lane.disarm = null;
          }
          reject(cancelled(signal.reason));
        };
        const waiting: Waiting = {
          go() {
            signal.removeEventListener('abort', leave);
            resolve();
          },
        };
        signal.addEventListener('abort', leave, { once: true });
        lane.queue.push(waiting);
        advance(kind);
      }),
  };
}
