import { throwIfAborted } from './wait.ts';

/** Work that takes long leaves the event loop to others after so many milliseconds. */
const TURN_MS = 5;

/** Asked between pieces of work whether it is time to let others have their turn. */
export class Breather {
  private begun = performance.now();

  get due(): boolean {
    return performance.now() - this.begun >= TURN_MS;
  }

  /** Resolves when everybody else has had a turn; throws a `cancelled` Failure when the signal has aborted meanwhile. */
  async pause(signal: AbortSignal): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    throwIfAborted(signal);
    this.begun = performance.now();
  }
}
