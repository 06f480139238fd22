/** The journal in hand: numbers the entries, keeps them in order on disk, and carries the state they give. */
import type { Clock } from '../util/clock.ts';
import { asFailure, Failure, type FailureFacts } from '../util/failure.ts';
import { sentence } from '../util/sentence.ts';
import type { JournalEntry, JournalEvent, JournalStore } from './journal.ts';
import { accepts, evolve, INITIAL_STATE, recoveries, replay, type RunState } from './machine.ts';

export class Ledger {
  state: RunState = INITIAL_STATE;
  failure: FailureFacts | null = null;
  private readonly all: JournalEntry[] = [];
  private readonly unsaved: JournalEntry[] = [];
  private writing: Promise<void> = Promise.resolve();

  private constructor(
    private readonly store: JournalStore,
    private readonly clock: Clock,
  ) {}

  /** Reads the journal; where the run is under way, records that it was opened anew and what that left open. */
  static async open(store: JournalStore, clock: Clock): Promise<Ledger> {
    const ledger = new Ledger(store, clock);
    ledger.all.push(...(await store.read()));
    ledger.state = replay(ledger.all);
    ledger.observe({ kind: 'reopened' });
    for (const event of recoveries(ledger.state)) await ledger.record(event, '');
    return ledger;
  }

  get entries(): readonly JournalEntry[] {
    return this.all;
  }

  /** Resolves when the entry is on disk; the state has changed already then. Refuses what makes no sense now. */
  record(event: JournalEvent, by: string): Promise<void> {
    if (!accepts(this.state, event.kind)) {
      return Promise.reject(
        new Failure('not-allowed-now', sentence('This cannot be done at this point of the cutover.')),
      );
    }
    const entry: JournalEntry = { ...event, seq: this.all.length + 1, at: this.clock.now(), by };
    this.all.push(entry);
    this.state = evolve(this.state, entry);
    this.unsaved.push(entry);
    this.writing = this.writing.catch(() => undefined).then(() => this.save());
    this.writing.catch(() => undefined);
    return this.writing;
  }

  /** Writes what is not on disk yet, oldest first: after a failure the next entry brings the missing ones along. */
  private async save(): Promise<void> {
    try {
      for (let entry = this.unsaved[0]; entry; entry = this.unsaved[0]) {
        await this.store.append(entry);
        this.unsaved.shift();
      }
      this.failure = null;
    } catch (error) {
      const failure = asFailure(error);
      this.failure = failure.facts();
      throw failure;
    }
  }

  /** Records an observation; one that makes no sense now is none. A failing disk shows in `failure`. */
  observe(event: JournalEvent): void {
    if (accepts(this.state, event.kind)) this.record(event, '').catch(() => undefined);
  }

  /** Resolves when everything recorded so far is on disk. */
  async settled(): Promise<void> {
    await this.writing.catch(() => undefined);
  }
}
