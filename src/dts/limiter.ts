import type { Clock } from '../util/clock.ts';
import { cancelled } from '../util/failure.ts';

export interface Limiter {
  /**
   * Resolves when a request of this kind may be sent, in the order asked, with a function to call when its answer is
   * there; rejects with `cancelled` on abort.
   */
  turn(kind: string, signal: AbortSignal): Promise<() => void>;
}

interface Lane {
  underWay: number;
  /** when the latest answers came, oldest first */
  ended: number[];
  /** starts who waits longest first */
  readonly queue: (() => void)[];
  /** set while a timer waits for the oldest end to leave the window */
  disarm: (() => void) | null;
}

/**
 * At most `count` requests of a kind in any `windowMs`, as the *service* counts them. It counts arrivals, which are
 * somewhere between a request and its answer; so a request holds its place until a whole window after its answer.
 * Who aborts leaves the queue and takes no turn.
 */
export function createLimiter(count: number, windowMs: number, clock: Clock): Limiter {
  const lanes = new Map<string, Lane>();

  function laneOf(kind: string): Lane {
    let lane = lanes.get(kind);
    if (!lane) lanes.set(kind, (lane = { underWay: 0, ended: [], queue: [], disarm: null }));
    return lane;
  }

  function advance(lane: Lane): void {
    const now = clock.now();
    // an end in the future is from before the clock was set back
    lane.ended = lane.ended.filter((at) => now - at < windowMs && at <= now);
    while (lane.queue.length > 0 && lane.underWay + lane.ended.length < count) {
      lane.underWay++;
      lane.queue.shift()?.();
    }
    const oldest = lane.ended[0];
    if (lane.queue.length === 0 || oldest === undefined || lane.disarm) return;
    lane.disarm = clock.after(Math.max(1, oldest + windowMs - now), () => {
      lane.disarm = null;
      advance(lane);
    });
  }

  function releaser(lane: Lane): () => void {
    let released = false;
    return () => {
      if (released) return;
      released = true;
      lane.underWay--;
      lane.ended.push(clock.now());
      advance(lane);
    };
  }

  return {
    turn: (kind, shared) =>
      new Promise((resolve, reject) => {
        // a signal of its own: hundreds may wait under one, and Node warns of a leak from eleven listeners on
        const signal = AbortSignal.any([shared]);
        if (signal.aborted) return reject(cancelled(signal.reason));
        const lane = laneOf(kind);
        const leave = () => {
          lane.queue.splice(lane.queue.indexOf(start), 1);
          if (lane.queue.length === 0) {
            lane.disarm?.();
            lane.disarm = null;
          }
          reject(cancelled(signal.reason));
        };
        const start = () => {
          signal.removeEventListener('abort', leave);
          resolve(releaser(lane));
        };
        signal.addEventListener('abort', leave, { once: true });
        lane.queue.push(start);
        advance(lane);
      }),
  };
}
