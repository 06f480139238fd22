/**
 * How far the target is behind, in seconds, measured and not computed: a beat is written into a table of the source
 * every second, replicated like any other row, and looked for on the target. A beat counts as applied when the target's
 * table shows it *and* everything before its position in the source's log is applied, for a database may have a
 * stream of its own. The lag is the age of the oldest beat that is not applied.
 */
import type { Standing } from './mover.ts';

interface Beat {
  readonly number: number;
  /** epoch milliseconds of this machine */
  readonly at: number;
  /** where the source's log stood after it; null when the source refused the write, as a read-only server does */
  readonly position: bigint | null;
}

export class Heartbeat {
  private next = Date.now();
  private waiting: Beat[] = [];

  /** @param write puts the number into the source's table and answers where its log stands then */
  constructor(private readonly write: (number: number) => Promise<bigint>) {}

  /** Writes one beat. A beat that cannot be written is never applied, so the lag grows, as DTS's does then. */
  async beat(): Promise<void> {
    const number = this.next++;
    const at = Date.now();
    let position: bigint | null = null;
    try {
      position = await this.write(number);
    } finally {
      this.waiting.push({ number, at, position });
    }
  }

  /** The lag in milliseconds at `now`. */
  lagMs({ beat, applied }: Standing, now: number): number {
    const last = this.waiting.findLastIndex(
      ({ number, position }) => position !== null && position <= applied && beat !== null && number <= Number(beat),
    );
    this.waiting.splice(0, last + 1);
    const oldest = this.waiting[0];
    return oldest ? now - oldest.at : 0;
  }
}
