/**
 * A migration between two PostgreSQL servers that really moves the data, with the server's own means: the structure from
 * the catalog, the rows by the first synchronisation of a subscription, the changes by logical replication. It leaves
 * DTS's footprint: sessions and a walsender of the migration account, one slot per database, `postgres.public.identify`.
 */
import pg from 'pg';
import { systemClock } from '../../src/util/clock.ts';
import { pause as sleep } from '../../src/util/wait.ts';
import type { BackendPhase, CompareOutcome, CompareScope, MigrationBackend } from '../dts/backend.ts';
import { compareTable } from './compare.ts';
import { loseRows, PROGRAM, setSlow, setStalled, userTables } from './faults.ts';
import { Heartbeat, HEARTBEAT_TABLE } from './heartbeat.ts';
import { readSlots, Stream } from './replication.ts';
import { copySequenceValues, copyStructure } from './structure.ts';

/** What the servers need in postgresql.conf for this to work, and to work briskly. */
export const SOURCE_SETTINGS = { wal_level: 'logical', max_replication_slots: 20, max_wal_senders: 20 } as const;
export const TARGET_SETTINGS = {
  wal_level: 'logical',
  max_logical_replication_workers: 12,
  max_sync_workers_per_subscription: 4,
  max_worker_processes: 20,
  wal_receiver_status_interval: '1s',
  wal_retrieve_retry_interval: '200ms',
} as const;

export interface MigrationEnd {
  readonly host: string;
  readonly port: number;
  /** the migration account: superuser here, for it makes subscriptions and publishes all tables */
  readonly user: string;
  readonly password: string;
}

export interface MigrationOptions {
  readonly jobId: string;
  /** to be moved; exists on both sides, empty on the target */
  readonly database: string;
  readonly source: MigrationEnd;
  readonly target: MigrationEnd;
  /**
   * Whether `complete` sets the target's sequences to the source's values (default true). DTS's documentation does not
   * promise it for logical migration; without it the first insert after the switch fails with a duplicate key.
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
const STRUCTURE_PERCENT = 10;

interface Ends {
  readonly source: pg.Pool;
  readonly target: pg.Pool;
}

export class PostgresMigration implements MigrationBackend {
  phase: BackendPhase = 'idle';
  percent = 0;
  error: MigrationBackend['error'] = null;
  private readonly data: Ends;
  private readonly beats: Ends;
  private readonly streams: readonly [Stream, Stream];
  private readonly heartbeat: Heartbeat;
  private measurement: Measurement | null = null;
  private work: Promise<void> = Promise.resolve();
  private stopping = new AbortController();
  private paused = false;
  private stalled = false;

  constructor(private readonly options: MigrationOptions) {
    this.data = this.connectTo(options.database);
    this.beats = this.connectTo('postgres');
    const stream = (database: string, ends: Ends) =>
      new Stream(options.jobId, database, conninfo(options.source, database), ends);
    this.streams = [stream(options.database, this.data), stream('postgres', this.beats)];
    this.heartbeat = new Heartbeat(this.beats.source);
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
    await this.applyState();
  }

  /** Goes on after `pause`, and after a failure of the incremental step; a failed copy cannot go on. */
  async resume(): Promise<void> {
    this.paused = false;
    if (this.phase === 'failed' && this.percent === 100) {
      this.phase = 'incremental';
      this.error = null;
    }
    await this.applyState();
  }

  /**
   * Ends where the target stands: like DTS it does not wait for what was not applied yet, so whoever calls it looks at the
   * lag first. No subscription, slot or publication is left; the source keeps its heartbeat table.
   */
  async complete(): Promise<void> {
    await this.end(false);
    if (this.options.syncSequences !== false) await this.copySequences();
    // an idle session publishes its statistics late: what DTS removed at the end would look like somebody's later write
    await this.disconnect();
    this.phase = 'finished';
    this.log('migration completed');
  }

  async stop(): Promise<void> {
    await this.end(true);
    await this.disconnect();
    this.phase = 'finished';
    this.log('migration stopped');
  }

  async compare(
    scope: CompareScope,
    onProgress: (percent: number) => void,
    signal: AbortSignal,
  ): Promise<CompareOutcome> {
    const scoped = scope.tables ?? (await this.allTables());
    const tables = [];
    for (const table of scoped) {
      tables.push(await compareTable(table, this.options.database, this.data, scope.method, signal));
      onProgress(Math.floor((100 * tables.length) / scoped.length));
    }
    return { tables };
  }

  /** Faults to show; each works on the servers and lasts until it is taken back. */
  readonly faults = {
    /** nothing is applied although the task runs */
    stall: async (on: boolean): Promise<void> => {
      this.stalled = on;
      await this.applyState();
    },
    /** every row takes longer to apply; null ends it */
    slow: (msPerRow: number | null): Promise<void> => setSlow(this.data.target, msPerRow),
    /** rows vanish from the target and nobody says so, also after `complete`; answers how many */
    loseRows: (table: string, rows: number): Promise<number> =>
      loseRows(this.options.target, this.options.database, table, rows),
    /** the task stops with an error; `resume` goes on */
    fail: async (message: string): Promise<void> => {
      this.fail(message);
      await this.applyState();
    },
  };

  /** Closes the connections; for the end of the sandbox, after or instead of `complete` and `stop`. */
  async close(): Promise<void> {
    this.stopping.abort();
    await this.work;
    await this.disconnect();
  }

  private async disconnect(): Promise<void> {
    const pools = [this.data.source, this.data.target, this.beats.source, this.beats.target];
    await Promise.all(pools.filter((pool) => !pool.ended).map((pool) => pool.end()));
  }

  private async copyThenFollow(signal: AbortSignal): Promise<void> {
    await this.copyStructure();
    signal.throwIfAborted();
    for (const pool of [this.beats.source, this.beats.target]) await pool.query(HEARTBEAT_TABLE);
    const total = await this.countRows();
    const [shop, beats] = this.streams;
    await shop.create(null);
    await beats.create(['public.identify']);
    for (;;) {
      signal.throwIfAborted();
      const copied = await shop.copied();
      const share = total > 0 ? Math.min(copied.rows / total, 1) : 1;
      this.percent = STRUCTURE_PERCENT + Math.floor((99 - STRUCTURE_PERCENT) * share);
      if (copied.done && (await beats.copied()).done) break;
      await sleep(100, signal);
    }
    this.percent = 100;
    await this.measure(signal);
    this.phase = 'incremental';
    this.log('existing rows copied, following the changes');
    while (!signal.aborted) {
      await sleep(BEAT_MS - CARRY_MS, signal);
      await this.measure(signal);
    }
  }

  private async copyStructure(): Promise<void> {
    const source = await this.data.source.connect();
    const target = await this.data.target.connect();
    try {
      await copyStructure(source, target, (percent) => {
        this.percent = Math.floor((STRUCTURE_PERCENT * percent) / 100);
      });
    } finally {
      // their session settings were changed
      source.release(true);
      target.release(true);
    }
    this.log('structure copied');
  }

  /** One beat, and a look at what of it and of the write-ahead log has arrived. A failure leaves no measurement. */
  private async measure(signal: AbortSignal): Promise<void> {
    try {
      await this.heartbeat.beat().catch(() => undefined);
      await sleep(CARRY_MS, signal);
      const { rows } = await this.beats.target.query<{ beat: string }>('select beat from public.identify');
      const slots = await readSlots(this.data.source, this.streams);
      const at = systemClock.now();
      this.measurement = slots && {
        at,
        gapBytes: Math.max(0, Number(slots.written - slots.confirmed)),
        lagMs: this.heartbeat.lagMs(rows[0]?.beat ?? null, slots.confirmed, at),
      };
    } catch {
      this.measurement = null;
    }
  }

  /** Brings the subscriptions to what pause, fault and phase ask for. */
  private async applyState(): Promise<void> {
    if (this.phase !== 'incremental' && this.phase !== 'failed') return;
    await setStalled(this.streams, this.paused || this.stalled || this.phase === 'failed');
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
    for (const stream of this.streams) await stream.drop(force);
    await setSlow(this.data.target, null);
    await this.beats.target.query('drop table if exists public.identify');
  }

  private async copySequences(): Promise<void> {
    const source = await this.data.source.connect();
    const target = await this.data.target.connect();
    try {
      await copySequenceValues(source, target);
    } finally {
      source.release(true);
      target.release();
    }
  }

  private async countRows(): Promise<number> {
    let total = 0;
    for (const table of await userTables(this.data.source)) {
      const { rows } = await this.data.source.query<{ rows: string }>(`select count(*) as rows from ${table}`);
      total += Number(rows[0]?.rows ?? 0);
    }
    return total;
  }

  private async allTables() {
    const { rows } = await this.data.source.query<{ schema: string; table: string }>(
      'select schemaname as schema, relname as table from pg_stat_user_tables order by 1, 2',
    );
    const { database } = this.options;
    return rows.map((row) => ({ source: { database, ...row }, target: { database, ...row } }));
  }

  private connectTo(database: string): Ends {
    const open = ({ host, port, user, password }: MigrationEnd) => {
      const pool = new pg.Pool({
        ...{ host, port, user, password, database, application_name: PROGRAM },
        max: 2,
        idleTimeoutMillis: 0,
        connectionTimeoutMillis: 5_000,
      });
      // an idle connection that somebody ended; the next query opens another
      pool.on('error', () => undefined);
      return pool;
    };
    return { source: open(this.options.source), target: open(this.options.target) };
  }

  private log(line: string): void {
    this.options.log?.(line);
  }
}

/** How the target's server reaches the source. */
function conninfo({ host, port, user, password }: MigrationEnd, database: string): string {
  const quoted = (value: string) => `'${value.replace(/[\\']/g, '\\$&')}'`;
  const parts = { host, port: String(port), user, password, dbname: database, application_name: 'dts-sinker' };
  return Object.entries(parts)
    .map(([name, value]) => `${name}=${quoted(value)}`)
    .join(' ');
}
