/**
 * One consistent, read-only view of a PostgreSQL database for several connections: a keeper exports its snapshot and
 * runs nothing that could fail; the workers read in it. A worker whose transaction broke joins the snapshot again.
 */
import pg from 'pg';
import { cancelled, Failure, isFailure } from '../../util/failure.ts';
import { sentence } from '../../util/sentence.ts';
import { throwIfAborted } from '../../util/wait.ts';
import type { ConnectRequest } from '../engine.ts';
import { openClient } from './digest-connect.ts';

export type Cell = string | null;

interface Worker {
  client: pg.Client;
  pid: number;
  /** its transaction is in the snapshot */
  joined: boolean;
}

const BEGIN = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';

export class Snapshot {
  private readonly idle: Worker[] = [];
  private readonly waiting: ((worker: Worker) => void)[] = [];
  private readonly workers: Worker[] = [];
  private name = '';
  /** statements on the keeper, one after the other */
  private keeping: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly request: ConnectRequest,
    private readonly database: string,
    readonly endpoint: string,
    private readonly keeper: pg.Client,
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
    const { client, endpoint } = await openClient(request, database, signal);
    const clients = [client];
    try {
      await prepare(client);
      const about = await client.query<{ n: string; v: string }>(
        "SELECT current_setting('server_version_num') AS n, current_setting('server_version') AS v",
      );
      const version = Number(about.rows[0]?.n ?? 0);
      const product = `PostgreSQL ${(about.rows[0]?.v ?? '').split(' ')[0] ?? ''}`;
      const snapshot = new Snapshot(request, database, endpoint, client, version, product);
      for (let i = 0; i < workers; i++) {
        const worker = await openClient(request, database, signal);
        clients.push(worker.client);
        await prepare(worker.client);
        const { rows } = await worker.client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
        const joining: Worker = { client: worker.client, pid: rows[0]?.pid ?? 0, joined: false };
        snapshot.workers.push(joining);
        snapshot.idle.push(joining);
      }
      await snapshot.take();
      return snapshot;
    } catch (error) {
      await Promise.all(clients.map((each) => each.end().catch(() => undefined)));
      throw snapshotFailure(error, endpoint);
    }
  }

  get size(): number {
    return this.workers.length;
  }

  /** Gives up the snapshot and takes a new one; no statement may be running. */
  async renew(): Promise<void> {
    await this.onKeeper('ROLLBACK');
    await this.take();
  }

  private async take(): Promise<void> {
    await this.onKeeper(BEGIN);
    const rows = await this.onKeeper('SELECT pg_export_snapshot()');
    this.name = rows[0]?.[0] ?? '';
    for (const worker of this.workers) worker.joined = false;
  }

  /** Runs one statement on a free worker; values come back as text. */
  query(sql: string, values: readonly unknown[], signal: AbortSignal): Promise<Cell[][]> {
    return this.withWorker(signal, async (run) => run(sql, values));
  }

  /** Keeps one worker for several statements, e.g. a cursor. The transaction is only ever read from. */
  async withWorker<T>(
    signal: AbortSignal,
    work: (run: (sql: string, values?: readonly unknown[]) => Promise<Cell[][]>) => Promise<T>,
  ): Promise<T> {
    const worker = await this.acquire(signal);
    try {
      await this.join(worker);
      return await work((sql, values = []) => this.run(worker, sql, values, signal));
    } catch (error) {
      worker.joined = false;
      throw signal.aborted ? cancelled(signal.reason) : snapshotFailure(error, this.endpoint);
    } finally {
      this.release(worker);
    }
  }

  /** Rows of one long answer, a piece at a time; keeps a worker until the last piece is taken. */
  async *cursor<T>(
    sql: string,
    size: number,
    signal: AbortSignal,
    map: (row: Cell[]) => T,
  ): AsyncIterable<readonly T[]> {
    const worker = await this.acquire(signal);
    let whole = false;
    try {
      await this.join(worker);
      await this.run(worker, `DECLARE pieces NO SCROLL CURSOR FOR ${sql}`, [], signal);
      for (;;) {
        const rows = await this.run(worker, `FETCH ${size} FROM pieces`, [], signal);
        if (rows.length > 0) yield rows.map(map);
        if (rows.length < size) break;
      }
      await this.run(worker, 'CLOSE pieces', [], signal);
      whole = true;
    } catch (error) {
      throw signal.aborted ? cancelled(signal.reason) : snapshotFailure(error, this.endpoint);
    } finally {
      if (!whole) worker.joined = false;
      this.release(worker);
    }
  }

  /** Milliseconds for a trivial question on the keeper. */
  async latency(): Promise<number> {
    const before = performance.now();
    await this.onKeeper('SELECT 1');
    return performance.now() - before;
  }

  async close(): Promise<void> {
    const busy = this.workers.filter((worker) => !this.idle.includes(worker));
    if (busy.length > 0) await this.stop(busy).catch(() => undefined);
    await Promise.all(
      [this.keeper, ...this.workers.map((worker) => worker.client)].map((each) => each.end().catch(() => undefined)),
    );
  }

  private async join(worker: Worker): Promise<void> {
    if (worker.joined) return;
    await worker.client.query('ROLLBACK');
    await worker.client.query(BEGIN);
    await worker.client.query(`SET TRANSACTION SNAPSHOT ${pg.escapeLiteral(this.name)}`);
    worker.joined = true;
  }

  private async run(worker: Worker, sql: string, values: readonly unknown[], signal: AbortSignal): Promise<Cell[][]> {
    throwIfAborted(signal);
    let stopping: Promise<unknown> = Promise.resolve();
    const stop = () => {
      stopping = this.stop([worker]).catch(() => undefined);
    };
    signal.addEventListener('abort', stop, { once: true });
    try {
      const result = await worker.client.query<Cell[]>({
        text: sql,
        values: [...values],
        rowMode: 'array',
        types: TEXT,
      });
      return result.rows;
    } finally {
      signal.removeEventListener('abort', stop);
      // a cancel still under way must not hit the next statement of this worker
      await stopping;
    }
  }

  private async stop(workers: readonly Worker[]): Promise<void> {
    await this.onKeeper('SELECT pg_cancel_backend(pid) FROM unnest($1::int[]) AS pid', [
      workers.map((worker) => worker.pid),
    ]);
  }

  private onKeeper(sql: string, values: readonly unknown[] = []): Promise<Cell[][]> {
    const turn = this.keeping.then(async () => {
      const result = await this.keeper.query<Cell[]>({ text: sql, values: [...values], rowMode: 'array', types: TEXT });
      return result.rows;
    });
    this.keeping = turn.catch(() => undefined);
    return turn.catch((error: unknown) => {
      throw snapshotFailure(error, this.endpoint);
    });
  }

  private acquire(signal: AbortSignal): Promise<Worker> {
    throwIfAborted(signal);
    const free = this.idle.pop();
    if (free) return Promise.resolve(free);
    return new Promise((resolve, reject) => {
      const take = (worker: Worker) => {
        signal.removeEventListener('abort', stop);
        resolve(worker);
      };
      const stop = () => {
        const at = this.waiting.indexOf(take);
        if (at >= 0) this.waiting.splice(at, 1);
        reject(cancelled(signal.reason));
      };
      signal.addEventListener('abort', stop, { once: true });
      this.waiting.push(take);
    });
  }

  private release(worker: Worker): void {
    const next = this.waiting.shift();
    if (next) next(worker);
    else this.idle.push(worker);
  }
}

/** Every value as the server spells it. */
const TEXT: pg.CustomTypesConfig = { getTypeParser: () => (text: string) => text };

/** The same spelling of values on both sides, whatever their settings; one process per statement, ours are parallel. */
async function prepare(client: pg.Client): Promise<void> {
  await client.query(`
    SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'; SET bytea_output = 'hex';
    SET extra_float_digits = 3; SET xmlbinary = 'base64'; SET client_encoding = 'UTF8'; SET lc_monetary = 'C';
    SET search_path = ''; SET row_security = off; SET enable_sort = off; SET max_parallel_workers_per_gather = 0;
    SET synchronize_seqscans = off; SET statement_timeout = 0; SET lock_timeout = '10s';
    SET idle_in_transaction_session_timeout = 0`);
  for (const setting of ["jit = 'off'", "hash_mem_multiplier = '4'", "idle_session_timeout = '0'"]) {
    // newer than the oldest server that is supported
    const [name, value] = setting.split(' = ');
    await client.query(
      `SELECT set_config(name, ${value ?? ''}, false) FROM pg_catalog.pg_settings WHERE name = '${name ?? ''}'`,
    );
  }
}

function snapshotFailure(error: unknown, endpoint: string): Failure {
  if (isFailure(error)) return error;
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  const detail = error instanceof Error ? error.message : '';
  if (code === '42501') {
    return new Failure(
      'insufficient-privilege',
      sentence('{endpoint} does not let this account read everything: {detail}', { endpoint, detail }),
      sentence('Grant SELECT on the tables (and BYPASSRLS where row level security is on) to the account.'),
      { cause: error, code },
    );
  }
  const lost = code === '' || code.startsWith('08') || code.startsWith('57P');
  if (lost) {
    return new Failure(
      'connection-lost',
      sentence('{endpoint} closed a connection during the comparison.', { endpoint }),
      sentence('Start the comparison again; finished tables are kept.'),
      { cause: error, code },
    );
  }
  return new Failure('query-failed', sentence('A query failed on {endpoint}: {detail}', { endpoint, detail }), null, {
    cause: error,
    code,
  });
}
