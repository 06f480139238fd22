/**
 * A small world in memory for runs: a task, two databases and a clock that only moves when told. The real servers
 * are in the sandbox tests; here time itself is under test (hours of watching, answers that never come).
 */
import assert from 'node:assert/strict';
import type {
  ComparisonFacts,
  ConnectionState,
  PositionFacts,
  RightFacts,
  ServerFacts,
  SessionFacts,
  TaskFacts,
  Visibility,
} from '../../../src/cutover/facts.ts';
import { createRun } from '../../../src/cutover/createRun.ts';
import type { JournalEntry, JournalStore } from '../../../src/cutover/journal.ts';
import type { Compare, Confirmation, DtsComparisonPort } from '../../../src/cutover/ports.ts';
import type { CutoverRun } from '../../../src/cutover/run.ts';
import { DEFAULT_SETTINGS, type CutoverSettings } from '../../../src/cutover/settings.ts';
import type { EngineConnection } from '../../../src/engines/engine.ts';
import type { Clock } from '../../../src/util/clock.ts';
import { Failure } from '../../../src/util/failure.ts';
import { sentence } from '../../../src/util/sentence.ts';
import { NOW, position, REF, server, session, task } from './facts.ts';

export class FakeClock implements Clock {
  private at = NOW;
  private set = 0;
  private slept = 0;
  private timers: { due: number; callback: () => void }[] = [];

  /** `turns` of the event loop are given to whatever a timer sets off */
  constructor(private readonly turns?: number) {}

  /** what no clock of the machine shows: how much time has really passed */
  get true(): number {
    return this.at;
  }

  now(): number {
    return this.at + this.set;
  }

  monotonic(): number {
    return this.at - this.slept;
  }

  /** somebody sets the wall clock forward (or back) */
  step(ms: number): void {
    this.set += ms;
  }

  /** the machine sleeps: no timer fires, and the monotonic clock stands still */
  sleep(ms: number): void {
    this.at += ms;
    this.slept += ms;
    for (const timer of this.timers) timer.due += ms;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { due: this.at + ms, callback };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  get pending(): number {
    return this.timers.length;
  }

  /** Lets `ms` pass, timer by timer, each with everything it sets off. */
  async advance(ms: number): Promise<void> {
    const end = this.at + ms;
    await settle(this.turns);
    for (;;) {
      const next = this.timers.filter((timer) => timer.due <= end).sort((a, b) => a.due - b.due)[0];
      if (!next) break;
      this.timers = this.timers.filter((timer) => timer !== next);
      this.at = Math.max(this.at, next.due);
      next.callback();
      await settle(this.turns);
    }
    this.at = end;
  }
}

/** Lets every promise that can go on go on. */
export async function settle(turns = 5): Promise<void> {
  for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
}

export class FakeDatabase {
  sessions: SessionFacts[] = [];
  next: PositionFacts['foreign'] = 'none';
  visibility: Visibility = { level: 'full', how: sentence('It sees every session.') };
  rights: readonly RightFacts[] = [
    { use: 'sessions', state: 'ok', objects: [], why: sentence('It may.'), grant: null },
  ];
  down: Failure | null = null;
  /** who answers behind the address */
  answering: Partial<ServerFacts> = {};
  /** answers never, until it is told to stop */
  silent = false;
  open = 0;
  looks = 0;

  constructor(
    private readonly name: string,
    private readonly clock: Clock,
  ) {}

  configured = (): boolean => true;

  connect = async (): Promise<EngineConnection> => {
    await this.answer();
    this.open++;
    return {
      server: this.who(),
      readServer: () => this.answer(this.who()),
      listSessions: (signal) => {
        this.looks++;
        if (this.silent) {
          return new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(new Failure('cancelled', sentence('Cancelled.'))));
          });
        }
        return this.answer({ sessions: this.sessions, raw: { query: 'SELECT', columns: [], rows: [] } });
      },
      checkVisibility: () => this.answer(this.visibility),
      checkRights: () => this.answer(this.rights),
      readWritePosition: () => this.answer(position(this.next, { takenAt: this.clock.now(), token: `${this.looks}` })),
      listPendingWriters: () => this.answer([]),
      terminateSession: (id) => {
        this.sessions = this.sessions.filter((s) => s.id !== id);
        return this.answer(undefined);
      },
      listDatabases: () => this.answer([]),
      listObjects: () => this.answer([]),
      countRows: () => this.answer(0),
      close: () => {
        this.open--;
        return Promise.resolve();
      },
    };
  };

  private who(): ServerFacts {
    return { ...server(this.name), ...this.answering };
  }

  private answer(): Promise<void>;
  private answer<T>(value: T): Promise<T>;
  private answer<T>(value?: T): Promise<T | undefined> {
    return this.down ? Promise.reject(this.down) : Promise.resolve(value);
  }
}

export class MemoryJournal implements JournalStore {
  readonly lines: string[] = [];
  broken = false;
  read() {
    return Promise.resolve(this.lines.map((line) => JSON.parse(line) as JournalEntry));
  }
  append(entry: JournalEntry) {
    if (this.broken) return Promise.reject(new Error('disk full'));
    this.lines.push(JSON.stringify(entry));
    return Promise.resolve();
  }
}

export class World {
  readonly clock = new FakeClock();
  readonly source = new FakeDatabase('source', this.clock);
  readonly target = new FakeDatabase('target', this.clock);
  readonly journal = new MemoryJournal();
  facts: Partial<TaskFacts> = {};
  taskDown: Failure | null = null;
  /** what happens to CompleteMigrateJob: nothing special, or an error after (or before) its effect */
  completeFails: { error: Failure; afterEffect: boolean } | null = null;
  completeCalls = 0;
  agree: (request: Confirmation) => boolean | Promise<boolean> = () => true;
  confirmations: Confirmation[] = [];
  /** by itself it finds everything to be the same, at once */
  compare: Compare = () =>
    Promise.resolve({ ...same, id: `c${this.clock.now()}`, startedAt: this.clock.now(), finishedAt: this.clock.now() });
  dts: DtsComparisonPort | undefined;
  settings: CutoverSettings = DEFAULT_SETTINGS;

  open(journal: JournalStore = this.journal): Promise<CutoverRun> {
    return createRun({
      ref: REF,
      journal,
      settings: this.settings,
      clock: this.clock,
      ports: {
        task: {
          read: () =>
            this.taskDown
              ? Promise.reject(this.taskDown)
              : Promise.resolve(task({ readAt: this.clock.now(), ...this.facts })),
          complete: () => {
            this.completeCalls++;
            const fails = this.completeFails;
            if (!fails || fails.afterEffect) this.facts = { ...this.facts, status: 'completing', allowedActions: [] };
            return fails ? Promise.reject(fails.error) : Promise.resolve();
          },
        },
        endpoints: { source: this.source, target: this.target },
        compare: (...args) => this.compare(...args),
        dtsComparison: this.dts,
        confirm: async (request) => {
          this.confirmations.push(request);
          return this.agree(request);
        },
        userName: () => 'eva',
      },
    });
  }

  /** A run whose step 1 is done and whose business is stopped. */
  async paused(): Promise<CutoverRun> {
    const run = await this.open();
    run.watch();
    await settle();
    await act(run, { kind: 'start' });
    for (const item of ['account', 'backup', 'offPeak'] as const) await act(run, { kind: 'attest', item, note: '' });
    await act(run, { kind: 'recordPause', at: null });
    return run;
  }

  /** As above, quiet and dwell reached, and the rows are proven meanwhile: Complete may be sent. */
  async ready(): Promise<CutoverRun> {
    const run = await this.paused();
    await this.clock.advance(250_000);
    return run;
  }

  /** As above, the task has ended with success, and the final check has passed. */
  async completed(): Promise<CutoverRun> {
    const run = await this.ready();
    await act(run, { kind: 'complete' });
    this.facts = { status: 'success' };
    await this.clock.advance(5000);
    return run;
  }
}

/** Performs an intent and expects it to succeed. */
export async function act(run: CutoverRun, intent: Parameters<CutoverRun['perform']>[0]): Promise<void> {
  const result = await run.perform(intent, new AbortController().signal);
  if (!result.ok) throw new Error(`${intent.kind}: ${JSON.stringify(result)}`);
}

export function connectionOf(run: CutoverRun, side: 'source' | 'target'): ConnectionState['state'] {
  return run.snapshot()[side].connection.state;
}

export { session };

/**
 * A world of its own for each test of a `describe`, handed to `begin`. A run that is disposed of leaves no timer and no
 * connection behind.
 */
export function useWorlds(begin: (world: World) => void, runOf: () => CutoverRun | undefined): void {
  let world: World;
  beforeEach(() => {
    world = new World();
    begin(world);
  });
  afterEach(async () => {
    await runOf()?.dispose();
    await settle();
    assert.equal(world.clock.pending, 0, 'a disposed run leaves no timer');
    assert.equal(world.source.open + world.target.open, 0, 'a disposed run leaves no connection');
  });
}

/** What the check after the task's end says; Switch asks for it. */
export const finalOf = (run: CutoverRun) => run.snapshot().verification.final!;
export const kinds = (run: CutoverRun) => run.entries().map((entry) => entry.kind);
export const stepOf = (run: CutoverRun, id: string) => run.snapshot().steps.find((s) => s.id === id)!;

/** A comparison of everything that found no difference. */
export const same: ComparisonFacts = {
  id: 'c',
  method: 'digest',
  startedAt: 0,
  finishedAt: 0,
  verdict: 'same',
  summary: sentence('Same.'),
  tables: [],
  skipped: [],
  positions: { source: null, target: null },
};
