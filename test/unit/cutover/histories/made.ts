/** The world of one history: the truth, and ports that answer from it, slowly where the service is slow. */
import { createRun } from '../../../../src/cutover/createRun.ts';
import type { ComparisonFacts, PositionFacts, Side } from '../../../../src/cutover/facts.ts';
import type { Confirmation, RunPorts } from '../../../../src/cutover/ports.ts';
import type { CutoverRun } from '../../../../src/cutover/run.ts';
import { DEFAULT_SETTINGS, type CutoverSettings } from '../../../../src/cutover/settings.ts';
import type { EngineConnection } from '../../../../src/engines/engine.ts';
import { Failure } from '../../../../src/util/failure.ts';
import { sentence } from '../../../../src/util/sentence.ts';
import { position, REF, server, task } from '../facts.ts';
import { FakeClock, MemoryJournal, same } from '../world.ts';
import type { Chance } from './chance.ts';
import { TruthLog, type Truth } from './truth.ts';

export const WORLDS = ['steady clock', 'slow service', 'stepping clock'] as const;
export type WorldKind = (typeof WORLDS)[number];

const AT_FIRST: Truth = {
  status: 'readyComplete',
  offered: true,
  gap: 0,
  lag: 0,
  serviceUp: true,
  sourceUp: true,
  targetUp: true,
  source: 'source',
  target: 'target',
  sessions: [],
  seesAll: true,
  preparedTransaction: false,
  tells: true,
  said: { started: false, paused: false, confirmed: [], servers: { source: 'source', target: 'target' } },
};

/** What becomes of a call: what it answers, and after how long it takes effect (null: never). */
export interface CallFate {
  readonly answer: 'accepted' | 'refused' | 'lost';
  readonly effectMs: number | null;
  readonly ends: 'success' | 'failed';
}

const gone = (what: string) => new Failure('connection-lost', sentence('{what} does not answer.', { what }));

/** Resolves with the work, or as soon as nobody waits for it any more. */
async function unless(signal: AbortSignal, work: Promise<void>): Promise<void> {
  let stop = () => {};
  const stopped = new Promise<void>((resolve) => (stop = resolve));
  signal.addEventListener('abort', stop, { once: true });
  await Promise.race([work, stopped]);
  signal.removeEventListener('abort', stop);
}

export class MadeWorld {
  readonly clock = new FakeClock(1);
  readonly log = new TruthLog(AT_FIRST, () => this.clock.true);
  readonly journal = new MemoryJournal();
  readonly settings: CutoverSettings;
  fate: CallFate = { answer: 'accepted', effectMs: 0, ends: 'success' };
  confirm: (request: Confirmation) => Promise<boolean> = () => Promise.resolve(true);
  /** right before CompleteMigrateJob takes effect */
  onCall: () => void = () => undefined;
  onTerminate: () => void = () => undefined;
  compared: Partial<ComparisonFacts> = {};
  slow: boolean;
  /** nothing goes wrong any more */
  isWell = false;
  opened = 0;

  constructor(
    kind: WorldKind,
    private readonly chance: Chance,
  ) {
    this.slow = kind === 'slow service';
    this.settings = {
      ...DEFAULT_SETTINGS,
      quietWindowSeconds: chance.of([60, 90, 120]),
      taskIntervalSeconds: chance.of([5, 8, 10]),
      sessionIntervalSeconds: chance.of([5, 8, 10]),
      staleAfterSeconds: 15,
      idleBusinessBlocks: chance.is(0.8),
    };
  }

  open(): Promise<CutoverRun> {
    return createRun({
      ref: REF,
      journal: this.journal,
      settings: this.settings,
      clock: this.clock,
      ports: this.ports(),
    });
  }

  private ports(): RunPorts {
    return {
      task: { read: (signal) => this.readTask(signal), complete: () => this.complete() },
      endpoints: {
        source: { configured: () => true, connect: () => this.connect('source') },
        target: { configured: () => true, connect: () => this.connect('target') },
      },
      compare: async () => {
        const startedAt = this.clock.now();
        await this.wait(2_000);
        const id = String(startedAt);
        return { ...same, id, startedAt, finishedAt: this.clock.now(), ...this.compared };
      },
      confirm: (request) => this.confirm(request),
      userName: () => 'eva',
    };
  }

  /** Mostly at once; in a slow world now and then for most of a minute. */
  private slowly(): Promise<void> {
    if (!this.slow) return Promise.resolve();
    return this.chance.is(0.85) ? this.wait(this.chance.below(1_500)) : this.wait(this.chance.below(45_000));
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.clock.after(ms, resolve));
  }

  private async readTask(signal: AbortSignal) {
    const { status, offered, gap, lag, serviceUp } = this.log.now;
    await unless(signal, this.slowly());
    if (signal.aborted || !serviceUp) throw gone('dts');
    const allowedActions = offered ? ['complete'] : [];
    return task({ status, allowedActions, gapMb: gap, lagSeconds: lag, readAt: this.clock.now() });
  }

  private async complete(): Promise<void> {
    this.onCall();
    const { answer, effectMs, ends } = this.fate;
    this.log.calls.push({ at: this.clock.true, refused: answer === 'refused' });
    if (effectMs !== null && answer !== 'refused') {
      const effect = () => {
        if (this.log.now.status !== 'readyComplete') return;
        this.log.set({ status: 'completing', offered: false });
        this.clock.after(20_000, () => this.log.set({ status: this.isWell ? 'success' : ends, offered: false }));
      };
      if (effectMs === 0) effect();
      else this.clock.after(effectMs, effect);
    }
    await this.slowly();
    if (answer === 'refused') throw new Failure('refused', sentence('Nobody was there.'));
    if (answer === 'lost') throw new Failure('timed-out', sentence('No answer came.'));
  }

  private up(side: Side): void {
    if (!this.log.now[side === 'source' ? 'sourceUp' : 'targetUp']) throw gone(side);
  }

  private who(side: Side) {
    // the name of a standby begins so
    const name = this.log.now[side];
    const standby = name.startsWith('standby ');
    return { ...server(side), identity: name.replace('standby ', ''), standby, readOnly: standby };
  }

  private async connect(side: Side): Promise<EngineConnection> {
    this.up(side);
    this.opened++;
    const ask = async <T>(answer: () => T): Promise<T> => {
      const value = answer();
      await Promise.resolve();
      this.up(side);
      return value;
    };
    const list = () => (side === 'source' ? [...this.log.now.sessions] : []);
    return {
      server: this.who(side),
      readServer: () => ask(() => this.who(side)),
      listSessions: () => ask(() => ({ sessions: list(), raw: { query: '', columns: [], rows: [] } })),
      checkVisibility: () =>
        ask(() =>
          side === 'target' || this.log.now.seesAll
            ? { level: 'full', how: sentence('It sees every session.') }
            : { level: 'limited', missing: sentence('It does not see all.'), grant: 'GRANT x' },
        ),
      checkRights: () =>
        ask(() => [{ use: 'sessions', state: 'ok', objects: [], why: sentence('It may.'), grant: null }]),
      readWritePosition: (since) => ask(() => this.position(side, since)),
      listPendingWriters: () =>
        ask(() =>
          side === 'source' && this.log.now.preparedTransaction
            ? [{ kind: 'prepared transaction', name: 'gx', detail: '', blocks: true }]
            : [],
        ),
      terminateSession: () => {
        this.onTerminate();
        return ask(() => undefined);
      },
      listDatabases: () => ask(() => []),
      listObjects: () => ask(() => []),
      countRows: () => ask(() => 0),
      close: () => {
        this.opened--;
        return Promise.resolve();
      },
    };
  }

  /** A token is how many writes have been told. */
  private position(side: Side, since: string | null): PositionFacts {
    const takenAt = this.clock.now();
    const { writes, now } = this.log;
    if (side === 'source' && !now.tells) return position('unknown', { takenAt, token: since ?? `${writes.length}` });
    const news = since === null ? [] : writes.slice(Number(since)).filter((each) => each.side === side);
    const isLate = news.some(({ published }) => published > this.clock.true);
    if (isLate) return position('pending', { takenAt, token: since ?? '' });
    return position(news.length > 0 ? 'written' : 'none', { takenAt, token: `${writes.length}` });
  }
}
