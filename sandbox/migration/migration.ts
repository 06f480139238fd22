/** A migration that really moves the data, led as DTS leads one: its phases, its measurements, what may be asked of it. */
import { systemClock } from '../../src/util/clock.ts';
import { pause as sleep } from '../../src/util/wait.ts';
import type { BackendPhase, CompareOutcome, CompareScope, MigrationBackend } from '../dts/backend.ts';
import { compareTable } from './compare.ts';
import { Heartbeat } from './heartbeat.ts';
import type { Mover } from './mover.ts';

export interface MigrationOptions {
  /** the one that is moved */
  readonly database: string;
  /**
   * Whether `complete` sets what numbers new rows (sequences, AUTO_INCREMENT) on the target to the source's values
   * (default true). DTS's documentation does not promise it for PostgreSQL's logical migration; without it the first
   * insert after the switch fails there with a duplicate key.
   */
  readonly syncSequences?: boolean;
  readonly log?: (line: string) => void;
}

/** A measurement of the incremental step. */
export interface Measurement {
  readonly at: number;
  readonly gapBytes: number;
  readonly lagMs: number;
}

const BEAT_MS = 1_000;
/** From a beat to looking for it on the target: a healthy stream needs a few milliseconds. */
const CARRY_MS = 400;
/** A measurement older than this says nothing any more. */
const STALE_MS = 5_000;

export class Migration implements MigrationBackend {
  phase: BackendPhase = 'idle';
  percent = 0;
  error: MigrationBackend['error'] = null;
  private readonly heartbeat: Heartbeat;
  private measurement: Measurement | null = null;
  private work: Promise<void> = Promise.resolve();
  private stopping = new AbortController();
  private paused = false;
  private stalled = false;

  constructor(
    private readonly mover: Mover,
    private readonly options: MigrationOptions,
  ) {
    this.heartbeat = new Heartbeat((number) => mover.beat(number));
  }

  /** The latest measurement; null while there is none, when a server cannot be asked, and when it is too old. */
  get measured(): Measurement | null {
    const last = this.measurement;
    return last && systemClock.now() - last.at < STALE_MS ? last : null;
  }

  /** Whole MB, so that less than one shows as 0, as with DTS. */
  gapMb(): number | null {
    const last = this.measured;
    return last && Math.floor(last.gapBytes / 2 ** 20);
  }

  lagSeconds(): number | null {
    const last = this.measured;
    return last && Math.floor(last.lagMs / 1_000);
  }

  /** Resolves when the copy has begun; `phase` tells the rest. */
  async start(): Promise<void> {
    if (this.phase !== 'idle') throw new Error(`The migration was started before; it is in phase ${this.phase}.`);
    this.phase = 'full';
    this.work = this.copyThenFollow(this.stopping.signal).catch((error: unknown) => {
      if (!this.stopping.signal.aborted) this.fail(error instanceof Error ? error.message : String(error));
    });
    return Promise.resolve();
  }

  async pause(): Promise<void> {
    this.paused = true;
    await this.applyState(this.phase === 'failed');
  }

  /** Goes on after `pause`, and after a failure of the incremental step; a failed copy cannot go on. */
  async resume(): Promise<void> {
    this.paused = false;
    const recovers = this.phase === 'failed' && this.percent === 100;
    await this.applyState(this.phase === 'failed' && !recovers);
    if (!recovers) return;
    this.phase = 'incremental';
    this.error = null;
  }

  /**
   * Ends where the target stands: like DTS it does not wait for what was not applied yet, so whoever calls it looks at
   * the lag first. What comes over only now is added. Nothing of the replication is left; the source keeps its heartbeat table.
   */
  async complete(): Promise<void> {
    await this.end(false);
    await this.mover.addLateObjects();
    if (this.options.syncSequences !== false) await this.mover.copySequences();
    // an idle session publishes its statistics late: what DTS removed at the end would look like somebody's later write
    await this.mover.disconnect();
    this.phase = 'finished';
    this.log('migration completed');
  }

  async stop(): Promise<void> {
    await this.end(true);
    await this.mover.disconnect();
    this.phase = 'finished';
    this.log('migration stopped');
  }

  async compare(
    scope: CompareScope,
    onProgress: (percent: number) => void,
    signal: AbortSignal,
  ): Promise<CompareOutcome> {
    const { database } = this.options;
    const all = async () => (await this.mover.tables()).map((name) => ({ database, ...name }));
    const scoped = scope.tables ?? (await all()).map((name) => ({ source: name, target: name }));
    const tables = [];
    for (const table of scoped) {
      tables.push(await compareTable(table, database, this.mover, scope.method, signal));
      onProgress(Math.floor((100 * tables.length) / scoped.length));
    }
    return { tables };
  }

  /** Faults to show; each works on the servers and lasts until it is taken back. */
  readonly faults = {
    /** nothing is applied although the task runs: gap and lag grow by themselves */
    stall: async (on: boolean): Promise<void> => {
      this.stalled = on;
      await this.applyState(this.phase === 'failed');
    },
    /** rows vanish from the target and nobody says so, also after `complete`; answers how many */
    loseRows: (table: string, rows: number): Promise<number> => this.mover.loseRows(table, rows),
    /** the task stops with an error; `resume` goes on */
    fail: async (message: string): Promise<void> => {
      this.fail(message);
      await this.applyState(true);
    },
  };

  /** Closes the connections; for the end of the sandbox, after or instead of `complete` and `stop`. */
  async close(): Promise<void> {
    this.stopping.abort();
    await this.work;
    await this.mover.disconnect();
  }

  private async copyThenFollow(signal: AbortSignal): Promise<void> {
    await this.mover.copy((percent) => (this.percent = percent), signal);
    this.percent = 100;
    await this.measure(signal);
    this.phase = 'incremental';
    this.log('existing rows copied, following the changes');
    while (!signal.aborted) {
      await sleep(BEAT_MS - CARRY_MS, signal);
      await this.measure(signal);
    }
  }

  /** One beat, and a look at what of it and of the source's log has arrived. A failure leaves no measurement. */
  private async measure(signal: AbortSignal): Promise<void> {
    try {
      await this.heartbeat.beat().catch(() => undefined);
      await sleep(CARRY_MS, signal);
      const follows = this.phase === 'incremental';
      const standing = await this.mover.look();
      const at = systemClock.now();
      this.measurement = standing && { at, gapBytes: standing.gapBytes, lagMs: this.heartbeat.lagMs(standing, at) };
      if (follows && this.phase === 'incremental' && standing?.broken) this.fail(standing.broken);
    } catch {
      this.measurement = null;
    }
  }

  /** Lets the target apply, or not, as pause, fault and failure ask for. */
  private async applyState(failed: boolean): Promise<void> {
    if (this.phase !== 'incremental' && this.phase !== 'failed') return;
    await this.mover.apply(!this.paused && !this.stalled && !failed);
  }

  private fail(message: string): void {
    this.phase = 'failed';
    this.error = { message, solution: 'Remove the cause and resume the task.' };
    this.log(`migration failed: ${message}`);
  }

  private async end(force: boolean): Promise<void> {
    this.stopping.abort();
    await this.work;
    this.measurement = null;
    await this.mover.end(force);
  }

  private log(line: string): void {
    this.options.log?.(line);
  }
}
