import type { Clock } from '../util/clock.ts';

/**
 * Repeats a piece of work, re-arming its timer only after the answer: never two at once. Errors are the work's own
 * business; it answers whether it went well, and the pause grows while it does not.
 */
export class Poller {
  private stopTimer: (() => void) | null = null;
  private running: Promise<boolean> | null = null;
  private abort = new AbortController();
  private active = false;
  private failures = 0;

  constructor(
    private readonly clock: Clock,
    private readonly work: (signal: AbortSignal) => Promise<boolean>,
    private readonly intervalMs: () => number,
    private readonly longestPauseMs = 30_000,
  ) {}

  start(): void {
    if (this.active) return;
    this.active = true;
    this.abort = new AbortController();
    void this.once();
  }

  /** Stops polling and aborts what is under way; resolves when nothing of it is left. */
  async stop(): Promise<void> {
    this.active = false;
    this.stopTimer?.();
    this.stopTimer = null;
    this.abort.abort();
    await this.running;
  }

  /** One run from now on: what is under way is waited for first, because it may have looked before now. */
  async once(): Promise<boolean> {
    while (this.running) await this.running;
    this.stopTimer?.();
    this.stopTimer = null;
    if (this.abort.signal.aborted) this.abort = new AbortController();
    this.running = this.work(this.abort.signal).finally(() => {
      this.running = null;
    });
    const well = await this.running;
    this.failures = well ? 0 : this.failures + 1;
    this.arm();
    return well;
  }

  /** The pause before the next run, milliseconds: longer the more often it failed in a row. */
  get pauseMs(): number {
    const interval = this.intervalMs();
    return this.failures === 0 ? interval : Math.min(interval * 2 ** Math.min(this.failures, 10), this.longestPauseMs);
  }

  private arm(): void {
    if (!this.active || this.stopTimer || this.running) return;
    this.stopTimer = this.clock.after(this.pauseMs, () => {
      this.stopTimer = null;
      void this.once();
    });
  }
}
