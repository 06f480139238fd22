import type { Clock } from '../../../src/util/clock.ts';

/** A clock that stands until it is moved. */
export class ManualClock implements Clock {
  private pending: { at: number; callback: () => void }[] = [];
  constructor(private time = 0) {}

  get timers(): number {
    return this.pending.length;
  }
  /** how long until the next timer is due; null without one */
  get nextIn(): number | null {
    return this.pending.length === 0 ? null : Math.min(...this.pending.map(({ at }) => at)) - this.time;
  }
  now() {
    return this.time;
  }
  after(ms: number, callback: () => void) {
    const entry = { at: this.time + ms, callback };
    this.pending.push(entry);
    return () => {
      this.pending = this.pending.filter((each) => each !== entry);
    };
  }
  set(time: number) {
    this.time = time;
  }
  advance(ms: number) {
    this.time += ms;
    const due = this.pending.filter(({ at }) => at <= this.time);
    this.pending = this.pending.filter(({ at }) => at > this.time);
    for (const { callback } of due) callback();
  }
}
