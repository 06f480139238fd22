import { cancelled } from './failure.ts';
import { throwIfAborted } from './wait.ts';

/** A fixed number of things that are used one user at a time, e.g. connections; whoever comes too many waits. */
export class Lanes<T> {
  private readonly idle: T[];
  private readonly waiting: ((lane: T) => void)[] = [];

  constructor(readonly all: readonly T[]) {
    this.idle = [...all];
  }

  /** Resolves with a free one; every `take` is followed by one `give`. */
  take(signal: AbortSignal): Promise<T> {
    throwIfAborted(signal);
    const free = this.idle.pop();
    if (free !== undefined) return Promise.resolve(free);
    return new Promise((resolve, reject) => {
      const take = (lane: T) => {
        signal.removeEventListener('abort', stop);
        resolve(lane);
      };
      const stop = () => {
        const at = this.waiting.indexOf(take);
        if (at >= 0) this.waiting.splice(at, 1);
        reject(cancelled(signal.reason));
      };
      signal.addEventListener('abort', stop, { once: true });
      this.waiting.push(take);
    });
  }

  give(lane: T): void {
    const next = this.waiting.shift();
    if (next) next(lane);
    else this.idle.push(lane);
  }

  /** Waits until nothing is used any more, and keeps it so. */
  async drain(): Promise<void> {
    const never = new AbortController().signal;
    for (let i = 0; i < this.all.length; i++) await this.take(never);
  }
}
