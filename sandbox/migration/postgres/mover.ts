/**
 * Moves data between two PostgreSQL servers with the server's own means: the structure from the catalog, the rows by
 * the first synchronisation of a subscription, the changes by logical replication. It leaves DTS's footprint: sessions
 * and a walsender of the migration account, one slot per database, `postgres.public.identify`.
 */
import pg from 'pg';
import { pause as sleep } from '../../../src/util/wait.ts';
import type { Mover, MigrationEnd, MoverOptions, Standing, TableName } from '../mover.ts';
import { loseRows, PROGRAM, setSlow, setStalled, userTables } from './faults.ts';
import { readSlots, Stream } from './replication.ts';
import { openSide } from './side.ts';
import { copySequenceValues, copyStructure, runAll } from './structure.ts';

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

const HEARTBEAT_TABLE = `create table if not exists public.identify (
  id integer primary key, beat bigint not null, written_at timestamptz not null)`;
const STRUCTURE_PERCENT = 10;

interface Ends {
  readonly source: pg.Pool;
  readonly target: pg.Pool;
}

export class PostgresMover implements Mover {
  private readonly data: Ends;
  private readonly beats: Ends;
  private readonly streams: readonly [Stream, Stream];
  private late: readonly string[] = [];

  constructor(private readonly options: MoverOptions) {
    this.data = this.connectTo(options.database);
    this.beats = this.connectTo('postgres');
    const stream = (database: string, ends: Ends) =>
      new Stream(options.jobId, database, conninfo(options.source, database), ends);
    this.streams = [stream(options.database, this.data), stream('postgres', this.beats)];
  }

  async copy(progress: (percent: number) => void, signal: AbortSignal): Promise<void> {
    await this.copyStructure((percent) => progress(Math.floor((STRUCTURE_PERCENT * percent) / 100)));
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
      progress(STRUCTURE_PERCENT + Math.floor((99 - STRUCTURE_PERCENT) * share));
      if (copied.done && (await beats.copied()).done) return;
      await sleep(100, signal);
    }
  }

  async beat(number: number): Promise<bigint> {
    await this.beats.source.query(
      `insert into public.identify values (1, $1, now())
       on conflict (id) do update set beat = excluded.beat, written_at = excluded.written_at`,
      [number],
    );
    const { rows } = await this.beats.source.query<{ lsn: string }>(
      `select pg_current_wal_flush_lsn() - '0/0'::pg_lsn as lsn`,
    );
    return BigInt(rows[0]?.lsn ?? 0);
  }

  async look(): Promise<Standing | null> {
    const { rows } = await this.beats.target.query<{ beat: string }>('select beat from public.identify');
    const slots = await readSlots(this.data.source, this.streams);
    return (
      slots && {
        beat: rows[0]?.beat ?? null,
        applied: slots.confirmed,
        gapBytes: Math.max(0, Number(slots.written - slots.confirmed)),
        // a subscription that meets an error tries again and again
        broken: null,
      }
    );
  }

  apply(on: boolean): Promise<void> {
    return setStalled(this.streams, !on);
  }

  /** A fault: every row that is applied takes so many milliseconds longer; null ends it. */
  slow(msPerRow: number | null): Promise<void> {
    return setSlow(this.data.target, msPerRow);
  }

  /** No subscription, slot or publication is left. */
  async end(force: boolean): Promise<void> {
    for (const stream of this.streams) await stream.drop(force);
    await setSlow(this.data.target, null);
    await this.beats.target.query('drop table if exists public.identify');
  }

  async addLateObjects(): Promise<void> {
    const target = await this.data.target.connect();
    try {
      await runAll(target, this.late);
    } finally {
      target.release(true);
    }
  }

  async copySequences(): Promise<void> {
    const source = await this.data.source.connect();
    const target = await this.data.target.connect();
    try {
      await copySequenceValues(source, target);
    } finally {
      source.release(true);
      target.release();
    }
  }

  /** @param table as SQL writes it, e.g. `public.orders` */
  loseRows(table: string, rows: number): Promise<number> {
    return loseRows(this.options.target, this.options.database, table, rows);
  }

  async tables(): Promise<readonly TableName[]> {
    const { rows } = await this.data.source.query<TableName>(
      'select schemaname as schema, relname as table from pg_stat_user_tables order by 1, 2',
    );
    return rows;
  }

  openSide(side: 'source' | 'target', table: TableName) {
    return openSide(this.data[side], table);
  }

  async disconnect(): Promise<void> {
    const pools = [this.data.source, this.data.target, this.beats.source, this.beats.target];
    await Promise.all(pools.filter((pool) => !pool.ended).map((pool) => pool.end()));
  }

  private async copyStructure(progress: (percent: number) => void): Promise<void> {
    const source = await this.data.source.connect();
    const target = await this.data.target.connect();
    try {
      this.late = await copyStructure(source, target, progress);
    } finally {
      // their session settings were changed
      source.release(true);
      target.release(true);
    }
    this.options.log?.('structure copied');
  }

  private async countRows(): Promise<number> {
    let total = 0;
    for (const table of await userTables(this.data.source)) {
      const { rows } = await this.data.source.query<{ rows: string }>(`select count(*) as rows from ${table}`);
      total += Number(rows[0]?.rows ?? 0);
    }
    return total;
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
}

/** How the target's server reaches the source. */
function conninfo({ host, port, user, password }: MigrationEnd, database: string): string {
  const quoted = (value: string) => `'${value.replace(/[\\']/g, '\\$&')}'`;
  const parts = { host, port: String(port), user, password, dbname: database, application_name: 'dts-sinker' };
  return Object.entries(parts)
    .map(([name, value]) => `${name}=${quoted(value)}`)
    .join(' ');
}
