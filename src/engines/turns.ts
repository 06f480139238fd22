/** Work over one connection that can do one thing at a time: each waits for the one before it. */
import { cancelled } from '../util/failure.ts';
import { throwIfAborted } from '../util/wait.ts';

export class Turns {
  private tail: Promise<unknown> = Promise.resolve();
  private readonly closing = new AbortController();

  /**
   * Runs `work` when its turn comes; its signal also aborts when the turns are closed. Rejects with `cancelled` at once
   * when the caller's signal aborts, even while another piece of work is still running.
   */
  take<T>(caller: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const signal = AbortSignal.any([caller, this.closing.signal]);
    const turn = this.tail.then(() => {
      throwIfAborted(signal);
      return work(signal);
    });
    this.tail = turn.catch(() => undefined);
    return new Promise<T>((resolve, reject) => {
      const stop = () => reject(cancelled(signal.reason));
      if (signal.aborted) stop();
      signal.addEventListener('abort', stop, { once: true });
      turn.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
    });
  }

  /** Aborts what is running or waiting; resolves when nothing of it is left. */
  async close(): Promise<void> {
    this.closing.abort();
    await this.tail;
  }
}
