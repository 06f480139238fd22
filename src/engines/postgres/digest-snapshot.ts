/**
 * One consistent, read-only view of a PostgreSQL database for several connections: a keeper exports its snapshot and
 * runs nothing that could fail; the workers read in it. A worker whose transaction broke joins the snapshot again.
 */
import { Failure, isFailure } from '../../util/failure.ts';
import { Lanes } from '../../util/lanes.ts';
import { sentence } from '../../util/sentence.ts';
import type { ConnectRequest } from '../engine.ts';
import { Backend, TIME_LIMIT_FROM_HERE } from './backend.ts';
import { Questions } from './digest-questions.ts';
import { arrayLiteral as arrayText } from './text.ts';

export type Cell = string | null;

interface Worker {
  readonly backend: Backend;
  /** its transaction: none, in the snapshot, or one that is of no more use */
  state: 'none' | 'joined' | 'broken';
}

const BEGIN = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';
const ABOUT =
  "SELECT current_setting('server_version_num'), split_part(current_setting('server_version'), ' ', 1), getdatabaseencoding()";
/** A scan takes as long as it takes; the user can cancel it. Milliseconds. */
const A_DAY = 86_400_000;
const LOCK_TIMEOUT = '10s';
/** The same for one of several questions: the others must not wait with it. */
const SHORT_LOCK_TIMEOUT = '200ms';

export class Snapshot {
  private readonly closing = new AbortController();
  private readonly questions: Questions;

  private constructor(
    private readonly keeper: Backend,
    private readonly workers: Lanes<Worker>,
    /** as the server calls the keeper's snapshot */
    private name: string,
    readonly endpoint: string,
    /** e.g. 180004 */
    readonly version: number,
    readonly product: string,
    /** of the database, as the server calls it: `UTF8` */
    readonly encoding: string,
  ) {
    this.questions = new Questions(this.size, (statements, signal) => this.together(statements, signal));
  }

  /** All connections at once; the snapshot is taken in the first message of the keeper. */
  static async open(
    request: ConnectRequest,
    database: string,
    workers: number,
    signal: AbortSignal,
  ): Promise<Snapshot> {
    const stop = new AbortController();
    const either = AbortSignal.any([signal, stop.signal]);
    const failures: unknown[] = [];
    const open = async (first: readonly string[]) => {
      try {
        const opened = await Backend.openWith(request, database, first, either);
        if (!opened.backend.pooled) return opened;
        await opened.backend.close();
        throw pooled(opened.backend.where.endpoint);
      } catch (error) {
        failures.push(error);
        stop.abort();
        return null;
      }
    };
    const [keeper, ...others] = await Promise.all([
      open([...TAKE, ABOUT]),
      ...Array.from({ length: workers }, () => open([])),
    ]);
    const opened = others.flatMap((each) => each?.backend ?? []);
    if (!keeper || failures.length > 0) {
      await Promise.all([...(keeper ? [keeper.backend] : []), ...opened].map((backend) => backend.close()));
      throw failures[0];
    }
    const [taken, about] = keeper.answers.slice(-2);
    const [version, name, encoding] = about?.rows[0] ?? [];
    return new Snapshot(
      keeper.backend,
      new Lanes(opened.map((backend): Worker => ({ backend, state: 'none' }))),
      taken?.rows[0]?.[0] ?? '',
      `${keeper.backend.where.endpoint}/${database}`,
      Number(version ?? 0),
      `PostgreSQL ${name ?? ''}`,
      encoding ?? '',
    );
  }

  get size(): number {
    return this.workers.all.length;
  }

  /** Gives up the snapshot and takes a new one; no statement may be running. */
  async renew(signal: AbortSignal): Promise<void> {
    const used = this.workers.all.filter((worker) => worker.state !== 'none');
    // all of them first: a change that waits for a lock of ours gets its turn before the new snapshot
    await Promise.all([
      this.keeper.tables(['ROLLBACK'], signal),
      ...used.map(async (worker) => {
        await worker.backend.tables(['ROLLBACK'], signal, A_DAY);
        worker.state = 'none';
      }),
    ]);
    const taken = (await this.keeper.tables(TAKE, signal)).at(-1);
    this.name = taken?.rows[0]?.[0] ?? '';
  }

  /** Runs one statement on a free worker; values come back as text. */
  async query(sql: string, signal: AbortSignal): Promise<Cell[][]> {
    return (await this.all([sql], signal))[0] ?? [];
  }

  /** The same for a statement that takes no time to speak of: what is asked at the same time travels together. */
  ask(sql: string, signal: AbortSignal): Promise<Cell[][]> {
    return this.questions.ask(sql, signal);
  }

  /** Runs several statements on a free worker, in one message; the answer of each. */
  async all(statements: readonly string[], signal: AbortSignal): Promise<Cell[][][]> {
    const either = AbortSignal.any([signal, this.closing.signal]);
    const worker = await this.workers.take(either);
    try {
      return await this.run(worker, statements, either);
    } finally {
      this.workers.give(worker);
    }
  }

  private async together(questions: readonly string[], signal: AbortSignal): Promise<Cell[][][]> {
    if (questions.length === 1) return this.all(questions, signal);
    const limit = (time: string) => `SET LOCAL lock_timeout = '${time}'`;
    const answers = await this.all([limit(SHORT_LOCK_TIMEOUT), ...questions, limit(LOCK_TIMEOUT)], signal);
    return answers.slice(1, -1);
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
      const fetch = `FETCH ${size} FROM pieces`;
      let statements = [`DECLARE pieces NO SCROLL CURSOR FOR ${sql}`, fetch];
      for (;;) {
        const rows = (await this.run(worker, statements, either)).at(-1) ?? [];
        if (rows.length > 0) yield rows.map(map);
        if (rows.length < size) break;
        statements = [fetch];
      }
      await this.run(worker, ['CLOSE pieces'], either);
      whole = true;
    } finally {
      if (!whole) worker.state = 'broken';
      this.workers.give(worker);
    }
  }

  /** Milliseconds for a trivial question on the keeper. */
  async latency(signal: AbortSignal): Promise<number> {
    const before = performance.now();
    await this.keeper.tables(['SELECT 1'], signal);
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

  /** The transaction is only ever read from. A worker that is not in the snapshot joins it in the same message. */
  private async run(worker: Worker, statements: readonly string[], signal: AbortSignal): Promise<Cell[][][]> {
    const joining = worker.state !== 'joined';
    const begin = joining ? [BEGIN, `SET TRANSACTION SNAPSHOT ${literal(this.name)}`, ...SETTLE] : [];
    if (worker.state === 'broken') begin.unshift('ROLLBACK');
    worker.state = 'broken';
    try {
      const answers = await worker.backend.tables([...begin, ...statements], signal, A_DAY);
      if (joining && !isOwnSession(answers[begin.length - 1]?.rows[0] ?? [], worker.backend.pid)) {
        throw pooled(this.endpoint);
      }
      worker.state = 'joined';
      return answers.slice(begin.length).map(({ rows }) => rows as Cell[][]);
    } catch (error) {
      throw readable(error, this.endpoint);
    }
  }
}

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
  standard_conforming_strings: 'on',
  quote_all_identifiers: 'off',
  transform_null_equals: 'off',
  array_nulls: 'on',
  xmloption: 'content',
  // groups are many and small, and their order does not matter
  enable_sort: 'off',
  hash_mem_multiplier: '4',
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  synchronize_seqscans: 'off',
  cursor_tuple_fraction: '1',
  lock_timeout: LOCK_TIMEOUT,
  idle_in_transaction_session_timeout: '0',
  idle_session_timeout: '0',
  transaction_timeout: '0',
};

/** What decides which rows are seen, and how values are written. */
const DECISIVE = [
  ...['row_security', 'search_path', 'client_encoding', 'TimeZone', 'DateStyle', 'IntervalStyle'],
  ...['bytea_output', 'extra_float_digits', 'xmlbinary', 'lc_monetary', 'standard_conforming_strings'],
  'quote_all_identifiers',
];
const IN_FORCE = `SELECT pg_catalog.pg_backend_pid(), ${DECISIVE.map((name) => `pg_catalog.current_setting('${name}')`).join(', ')}`;

/** Settings hold for one transaction; it has to be in the session that was met, and nothing in between. */
const isOwnSession = ([pid, ...values]: readonly Cell[], own: string) =>
  pid === own && DECISIVE.every((name, i) => values[i] === SETTINGS[name]);

const pooled = (endpoint: string) =>
  new Failure(
    'unsupported',
    sentence(
      '{endpoint} gives each transaction another session, as a connection pooler in transaction mode does: our settings do not hold there, and rows may be hidden from us.',
      { endpoint },
    ),
    sentence('Connect to the server itself.'),
  );

/** For one transaction; some of the settings are newer than the oldest server that is supported. */
function settings(limitMs: number): string {
  const wanted = Object.entries({ ...SETTINGS, statement_timeout: String(limitMs) });
  const values = wanted.map(([name, value]) => `(${literal(name)}, ${literal(value)})`).join(', ');
  return `SELECT pg_catalog.set_config(s.name, v.value, true)
    FROM pg_catalog.pg_settings s JOIN (VALUES ${values}) AS v(name, value) USING (name)`;
}
const SETTLE = [settings(A_DAY), TIME_LIMIT_FROM_HERE, IN_FORCE];
/** No savepoint here: none may export. What the keeper runs takes no time to speak of. */
const TAKE = [BEGIN, settings(A_DAY), 'SELECT pg_catalog.pg_export_snapshot()'];

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
  return literal(arrayText(values));
}
