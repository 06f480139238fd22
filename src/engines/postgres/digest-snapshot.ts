/**
 * One consistent, read-only view of a PostgreSQL database for several connections: a keeper exports its snapshot and
 * runs nothing that could fail; the workers read in it. A worker whose transaction broke joins the snapshot again.
 */
import { Failure, isFailure } from '../../util/failure.ts';
import { Lanes } from '../../util/lanes.ts';
import { sentence } from '../../util/sentence.ts';
import type { ConnectRequest } from '../engine.ts';
import { Backend } from './backend.ts';

export type Cell = string | null;

interface Worker {
  readonly backend: Backend;
  /** its transaction is in the snapshot */
  joined: boolean;
}

const BEGIN = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';
/** A scan takes as long as it takes; the user can cancel it. Milliseconds. */
const A_DAY = 86_400_000;

export class Snapshot {
  private name = '';
  private readonly closing = new AbortController();

  private constructor(
    private readonly keeper: Backend,
    private readonly workers: Lanes<Worker>,
    readonly endpoint: string,
    /** e.g. 180004 */
    readonly version: number,
    readonly product: string,
  ) {}

  static async open(
    request: ConnectRequest,
    database: string,
    workers: number,
    signal: AbortSignal,
  ): Promise<Snapshot> {
    const backends: Backend[] = [];
    const open = async () => {
      const backend = await Backend.open(request, database, signal);
      backends.push(backend);
      await prepare(backend, signal);
      return backend;
    };
    try {
      const keeper = await open();
      const about = await keeper.table(
        "SELECT current_setting('server_version_num'), split_part(current_setting('server_version'), ' ', 1)",
        signal,
      );
      const [version, name] = about.rows[0] ?? [];
      const others: Worker[] = [];
      while (others.length < workers) others.push({ backend: await open(), joined: false });
      const endpoint = `${keeper.where.endpoint}/${database}`;
      const snapshot = new Snapshot(
        keeper,
        new Lanes(others),
        endpoint,
        Number(version ?? 0),
        `PostgreSQL ${name ?? ''}`,
      );
      await snapshot.take(signal);
      return snapshot;
    } catch (error) {
      await Promise.all(backends.map((backend) => backend.close()));
      throw error;
    }
  }

  get size(): number {
    return this.workers.all.length;
  }

  /** Gives up the snapshot and takes a new one; no statement may be running. */
  async renew(signal: AbortSignal): Promise<void> {
    // all of them first: a change that waits for a lock of ours gets its turn before the new snapshot
    await Promise.all([
      this.keeper.table('ROLLBACK', signal),
      ...this.workers.all.map(({ backend }) => backend.table('ROLLBACK', signal, A_DAY)),
    ]);
    await this.take(signal);
  }

  private async take(signal: AbortSignal): Promise<void> {
    await this.keeper.table(BEGIN, signal);
    const { rows } = await this.keeper.table('SELECT pg_export_snapshot()', signal);
    this.name = rows[0]?.[0] ?? '';
    for (const worker of this.workers.all) worker.joined = false;
  }

  /** Runs one statement on a free worker; values come back as text. */
  query(sql: string, signal: AbortSignal): Promise<Cell[][]> {
    return this.withWorker(signal, (run) => run(sql));
  }

  /** Keeps one worker for several statements. The transaction is only ever read from. */
  async withWorker<T>(signal: AbortSignal, work: (run: Run) => Promise<T>): Promise<T> {
    const either = AbortSignal.any([signal, this.closing.signal]);
    const worker = await this.workers.take(either);
    let whole = false;
    try {
      await this.join(worker, either);
      const result = await work((sql) => this.run(worker, sql, either));
      whole = true;
      return result;
    } finally {
      if (!whole) worker.joined = false;
      this.workers.give(worker);
    }
  }

  /** Rows of one long answer, a piece at a time; keeps a worker until the last piece is taken. */
  async *cursor<T>(
    sql: string,
    size: number,
    signal: AbortSignal,
    map: (row: Cell[]) => T,
  ): AsyncIterable<readonly T[]> {
    const either = AbortSignal.any([signal, this.closing.signal]);
    const worker = await this.workers.take(either);
    let whole = false;
    try {
      await this.join(worker, either);
      await this.run(worker, `DECLARE pieces NO SCROLL CURSOR FOR ${sql}`, either);
      for (;;) {
        const rows = await this.run(worker, `FETCH ${size} FROM pieces`, either);
        if (rows.length > 0) yield rows.map(map);
        if (rows.length < size) break;
      }
      await this.run(worker, 'CLOSE pieces', either);
      whole = true;
    } finally {
      if (!whole) worker.joined = false;
      this.workers.give(worker);
    }
  }

  /** Milliseconds for a trivial question on the keeper. */
  async latency(signal: AbortSignal): Promise<number> {
    const before = performance.now();
    await this.keeper.table('SELECT 1', signal);
    return performance.now() - before;
  }

  async close(): Promise<void> {
    // stops on the server what still runs
    this.closing.abort();
    await this.workers.drain();
    await Promise.all(
      [this.keeper, ...this.workers.all.map((worker) => worker.backend)].map((backend) => backend.close()),
    );
  }

  private async join(worker: Worker, signal: AbortSignal): Promise<void> {
    if (worker.joined) return;
    // one limit for all a worker does: in a transaction that broke it could not be changed, and a rollback would undo it
    const run = (sql: string) => worker.backend.table(sql, signal, A_DAY);
    await run('ROLLBACK');
    await run(BEGIN);
    await run(`SET TRANSACTION SNAPSHOT ${literal(this.name)}`);
    worker.joined = true;
  }

  private async run(worker: Worker, sql: string, signal: AbortSignal): Promise<Cell[][]> {
    try {
      const { rows } = await worker.backend.table(sql, signal, A_DAY);
      return rows as Cell[][];
    } catch (error) {
      throw readable(error, this.endpoint);
    }
  }
}

export type Run = (sql: string) => Promise<Cell[][]>;

/** The same spelling of values on both sides, whatever their settings; one process per statement, ours are parallel. */
const SETTINGS: Readonly<Record<string, string>> = {
  TimeZone: 'UTC',
  DateStyle: 'ISO, YMD',
  IntervalStyle: 'postgres',
  bytea_output: 'hex',
  extra_float_digits: '3',
  xmlbinary: 'base64',
  client_encoding: 'UTF8',
  lc_monetary: 'C',
  search_path: '',
  row_security: 'off',
  // groups are many and small, and their order does not matter
  enable_sort: 'off',
  hash_mem_multiplier: '4',
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  synchronize_seqscans: 'off',
  cursor_tuple_fraction: '1',
  lock_timeout: '10s',
  idle_in_transaction_session_timeout: '0',
  idle_session_timeout: '0',
};

/** Some of the settings are newer than the oldest server that is supported. */
async function prepare(backend: Backend, signal: AbortSignal): Promise<void> {
  const wanted = Object.entries(SETTINGS).map(([name, value]) => `(${literal(name)}, ${literal(value)})`);
  await backend.table(
    `SELECT set_config(s.name, v.value, false) FROM pg_catalog.pg_settings s JOIN (VALUES ${wanted.join(', ')}) AS v(name, value) USING (name)`,
    signal,
  );
}

/** Row level security that would hide rows from us is an error here: what one may not see cannot be called equal. */
function readable(error: unknown, endpoint: string): unknown {
  if (!isFailure(error) || !('code' in error) || error.code !== '42501') return error;
  const detail = error.cause instanceof Error ? error.cause.message : '';
  return new Failure(
    'insufficient-privilege',
    sentence('{endpoint} does not let this account read everything: {detail}', { endpoint, detail }),
    sentence('Grant SELECT on the tables (and BYPASSRLS where row level security is on) to the account.'),
    { cause: error, code: error.code },
  );
}

/** SQL text for a string, and for an array of strings. */
export function literal(text: string): string {
  const quoted = text.replaceAll("'", "''");
  return text.includes('\\') ? ` E'${quoted.replaceAll('\\', '\\\\')}'` : `'${quoted}'`;
}
export function arrayLiteral(values: readonly string[]): string {
  return literal(`{${values.map((value) => `"${value.replace(/[\\"]/g, '\\$&')}"`).join(',')}}`);
}
