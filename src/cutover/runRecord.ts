/** A run's record as windows share it: whose it is, making it ours, showing what its owner writes. */
import type { RunParts } from './actions.ts';
import type { JournalEntry, RecordOwner } from './journal.ts';

export class RunRecord {
  constructor(
    private readonly run: RunParts,
    /** begins to watch, where this run has to be watched by whoever owns its record */
    private readonly watchAgain: () => void,
  ) {}

  /** who has it, where it is not ours to write: then it is shown only */
  get owner(): RecordOwner | null {
    return this.run.ledger.owner;
  }

  /** Makes it ours, by the user's explicit word; that stands in it. Windows begin anew: we did not watch. */
  async takeOver(): Promise<void> {
    await this.run.ledger.takeOver(this.run.options.ports.userName());
    this.beginAnew();
  }

  /** Reads what its owner wrote meanwhile, and makes it ours where the owner gave it back or died. */
  async follow(): Promise<void> {
    if (!this.owner) return;
    if (await this.run.ledger.follow()) this.beginAnew();
    else this.run.changed();
  }

  /**
   * Goes on with a run that somebody handed over (`entries`, the last of them `handedOver`): every window, proof and word
   * of before counts no more. Throws where the record that is here is another one.
   */
  async receive(entries: readonly JournalEntry[], from: string): Promise<void> {
    await this.run.ledger.receive(entries, from, this.run.options.ports.userName());
    this.beginAnew();
  }

  private beginAnew(): void {
    this.run.restartWindows();
    this.watchAgain();
    this.run.changed();
  }
}
