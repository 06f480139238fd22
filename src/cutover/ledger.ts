/** The journal in hand: numbers the entries, keeps them in order on disk, and carries the state they give. */
import { momentOf, type Clock } from '../util/clock.ts';
import { asFailure, Failure, type FailureFacts } from '../util/failure.ts';
import { sentence } from '../util/sentence.ts';
import { entriesToAdd } from './handover.ts';
import type { JournalEntry, JournalEvent, JournalStore, RecordOwner } from './journal.ts';
import { accepts, evolve, INITIAL_STATE, recoveries, replay, type RunState } from './machine.ts';
import { isSameServer } from './servers.ts';

/** Entries that tell what was seen and change nothing; a flapping network or task makes thousands of them in a night. */
const COMES_AND_GOES: ReadonlySet<JournalEvent['kind']> = new Set<JournalEvent['kind']>([
  'statusChanged',
  'connectionLost',
  'taskUnreadable',
  'taskReadable',
  'caughtUp',
  'fellBehind',
  'quietReached',
  'quietBroken',
  'dwellReached',
  'dwellBroken',
]);
/** of each kind, since the run was opened */
const FREELY = 50;
const LONGEST_PAUSE_MS = 6 * 3_600_000;

export class Ledger {
  state: RunState = INITIAL_STATE;
  failure: FailureFacts | null = null;
  private readonly all: JournalEntry[] = [];
  private readonly unsaved: JournalEntry[] = [];
  private readonly observed = new Map<JournalEvent['kind'], { count: number; last: number }>();
  private writing: Promise<void> = Promise.resolve();

  private constructor(
    private readonly store: JournalStore,
    private readonly clock: Clock,
  ) {}

  /** Reads the journal; where the run is under way, records that it was opened anew and what that left open. */
  static async open(store: JournalStore, clock: Clock): Promise<Ledger> {
    const ledger = new Ledger(store, clock);
    await ledger.reread();
    if (!ledger.owner) await ledger.goOn();
    return ledger;
  }

  /** Who has the record, where it is not ours to write. */
  get owner(): RecordOwner | null {
    return this.store.lease?.owner() ?? null;
  }

  /** Throws where the record belongs to another window. */
  mustBeOurs(): void {
    const { owner } = this;
    if (owner) throw ownedBy(owner);
  }

  /** Takes the record away from another window, by the user's explicit word, and goes on with what it says now. */
  async takeOver(by: string): Promise<void> {
    const { owner } = this;
    if (!this.store.lease) return;
    await this.settled();
    await this.store.lease.takeOver();
    await this.reread();
    if (owner) await this.record({ kind: 'takenOver', from: owner.name }, by);
    await this.goOn();
  }

  /** Goes on with a run that somebody handed over on another machine. Nothing that stands here already is lost. */
  async receive(entries: readonly JournalEntry[], from: string, by: string): Promise<void> {
    this.mustBeOurs();
    await this.settled();
    const { startedAt, finishedAt, handedOver } = this.state;
    for (const entry of entriesToAdd(this.all, startedAt !== null && finishedAt === null, entries)) {
      const renumbered = { ...entry, seq: this.all.length + 1 };
      this.all.push(renumbered);
      this.state = evolve(this.state, renumbered);
      this.unsaved.push(renumbered);
    }
    const handedOverAt = this.state.handedOver?.at ?? handedOver?.at ?? this.clock.now();
    await this.record({ kind: 'received', from, handedOverAt }, by);
    await this.goOn();
  }

  /** Reads what the owner wrote meanwhile; answers whether the record was given up there and is ours now. */
  async follow(): Promise<boolean> {
    await this.settled();
    await this.reread();
    if (this.owner) return false;
    await this.goOn();
    return true;
  }

  /** What another window wrote meanwhile. Entries of ours that never reached the disk are none. */
  async reread(): Promise<void> {
    const entries = await this.store.read();
    this.unsaved.length = 0;
    this.all.splice(0, this.all.length, ...entries);
    this.state = replay(this.all);
    const { owner } = this;
    this.failure = owner ? ownedBy(owner).facts() : null;
  }

  /** A disk that cannot be written does not keep the run from opening: it shows in `failure`. */
  private async goOn(): Promise<void> {
    this.observe({ kind: 'reopened' });
    for (const event of recoveries(this.state)) this.observe(event);
    await this.settled();
  }

  /** Gives the record back, so that another window can have it at once. */
  async close(): Promise<void> {
    await this.settled();
    await this.store.lease?.release();
  }

  get entries(): readonly JournalEntry[] {
    return this.all;
  }

  /** Resolves when the entry is on disk; the state has changed already then. Refuses what makes no sense now. */
  record(event: JournalEvent, by: string): Promise<void> {
    const { owner } = this;
    if (owner) {
      const failure = ownedBy(owner);
      this.failure = failure.facts();
      return Promise.reject(failure);
    }
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

  /**
   * Records an observation; one that makes no sense now is none, nor is one more of what comes and goes all the time. A
   * failing disk shows in `failure`.
   */
  observe(event: JournalEvent): void {
    if (!accepts(this.state, event.kind) || this.isFlapping(event)) return;
    this.record(event, '').catch(() => undefined);
  }

  private isKnownServer(event: JournalEvent): boolean {
    const known = event.kind === 'connected' ? this.state.servers[event.side] : null;
    return event.kind === 'connected' && known !== null && isSameServer(known, event.server);
  }

  /** Of what changes no state the first come as they are, then ever fewer: a record must not grow without bound. */
  private isFlapping(event: JournalEvent): boolean {
    if (!COMES_AND_GOES.has(event.kind) && !this.isKnownServer(event)) return false;
    const { count, last } = this.observed.get(event.kind) ?? { count: 0, last: -Infinity };
    const now = momentOf(this.clock).mono;
    const pause = count < FREELY ? 0 : Math.min(60_000 * 2 ** (count - FREELY), LONGEST_PAUSE_MS);
    if (now - last < pause) return true;
    this.observed.set(event.kind, { count: count + 1, last: now });
    return false;
  }

  /** Resolves when everything recorded so far is on disk. */
  async settled(): Promise<void> {
    await this.writing.catch(() => undefined);
  }
}

const ownedBy = ({ name, seenAt }: RecordOwner) =>
  new Failure(
    'not-allowed-now',
    sentence(
      'The record of this cutover belongs to another window ({owner}, last seen {time}); here it is shown only.',
      {
        owner: name,
        time: seenAt === null ? '?' : new Date(seenAt).toISOString(),
      },
    ),
    sentence(
      'Go on there, or take the record over by the command “Take Over the Cutover”. What this window shows of the servers it reads itself, over two connections to each at most.',
    ),
  );
