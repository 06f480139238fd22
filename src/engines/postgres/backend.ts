/**
 * One connection to one database. Every value comes back as text, so that no digit is lost; sessions are read-only.
 * An abort or a time limit stops the statement on the server (`pg_cancel_backend` over a second connection), not
 * only here; where even that gets no answer the socket is cut.
 */
import pg from 'pg';
import { cancelled, type Failure } from '../../util/failure.ts';
import { throwIfAborted } from '../../util/wait.ts';
import { readCaFile } from '../caFile.ts';
import type { ConnectRequest } from '../engine.ts';
import { codeOf, connectionLost, driverFailure, timedOut, whereOf, type Where } from './errors.ts';

export type Row = Readonly<Record<string, string | null>>;
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** How long a stopped statement may take to end before the socket is cut, and how much later than the server we give up. */
const GRACE_MS = 2_000;

/** All connections of this process, by process id and start: an id alone is used again by somebody else one day. */
const ours = new Set<string>();

/** @param startedAt `backend_start` as the server wrote it */
export function isOurs(pid: string, startedAt: string): boolean {
  return ours.has(`${pid} ${startedAt}`);
}

/** What a new connection does in the same message as its own settings, which saves the way to the server and back. */
export interface Opening {
  /** for statements, from then on; milliseconds */
  readonly limitMs: number;
  /** settings further to our own, as a statement */
  readonly settings: string;
  readonly first: readonly string[];
}

export class Backend {
  private dead = false;
  private serverLimitMs: number;

  private constructor(
    private readonly client: pg.Client,
    private readonly request: ConnectRequest,
    readonly where: Where,
    /** id of the server process */
    readonly pid: string,
    limitMs: number,
  ) {
    this.serverLimitMs = limitMs;
    client.on('error', () => (this.dead = true));
    client.on('end', () => (this.dead = true));
  }

  static async open(request: ConnectRequest, database: string, signal: AbortSignal): Promise<Backend> {
    const opening = { limitMs: request.timeoutMs, settings: '', first: [] };
    return (await Backend.openWith(request, database, opening, signal)).backend;
  }

  /** @returns also the answers to the first statements */
  static async openWith(
    request: ConnectRequest,
    database: string,
    opening: Opening,
    signal: AbortSignal,
  ): Promise<{ backend: Backend; answers: readonly Table[] }> {
    throwIfAborted(signal);
    const where = whereOf(request, database);
    const client = new pg.Client(await configOf(request, where));
    let ended = null as Failure | null;
    const end = (why: Failure) => {
      ended = why;
      client.connection.stream.destroy(why);
    };
    const stop = () => end(cancelled(signal.reason));
    const late = setTimeout(() => end(timedOut(where, request.timeoutMs)), request.timeoutMs);
    client.on('error', () => undefined);
    signal.addEventListener('abort', stop, { once: true });
    try {
      await client.connect();
      const { pid, answers } = await prepare(client, request, opening);
      return { backend: new Backend(client, request, where, pid, opening.limitMs), answers };
    } catch (error) {
      client.connection.stream.destroy();
      throw ended ?? driverFailure(error, where);
    } finally {
      clearTimeout(late);
      signal.removeEventListener('abort', stop);
    }
  }

  get usable(): boolean {
    return !this.dead;
  }

  /** Rows by column name. `limitMs` defaults to the limit the connection was made with. */
  async rows(text: string, values: readonly unknown[], signal: AbortSignal, limitMs?: number): Promise<Row[]> {
    return (await this.run<pg.QueryResult<Row>>({ text, values: [...values] }, signal, limitMs)).rows;
  }

  /** Rows in the order of the server's columns, two of which may have one name. */
  async table(text: string, signal: AbortSignal, limitMs?: number): Promise<Table> {
    const [table] = await this.tables([text], signal, limitMs);
    return table ?? { columns: [], rows: [] };
  }

  /** Several statements in one message; the answer of each. When one fails, so do those after it, and all is rejected. */
  async tables(statements: readonly string[], signal: AbortSignal, limitMs?: number): Promise<Table[]> {
    const query: pg.QueryArrayConfig = { text: inOneMessage(statements), rowMode: 'array' };
    return tablesOf(await this.run<ArrayResults>(query, signal, limitMs));
  }

  async close(): Promise<void> {
    const cut = setTimeout(() => this.client.connection.stream.destroy(), GRACE_MS);
    await this.client.end().catch(() => undefined);
    clearTimeout(cut);
  }

  private async run<T>(query: pg.QueryConfig, signal: AbortSignal, limitMs = this.request.timeoutMs): Promise<T> {
    throwIfAborted(signal);
    if (this.dead) throw connectionLost(this.where);
    let stopped = null as Failure | null;
    let cancelling: Promise<void> = Promise.resolve();
    let cut: NodeJS.Timeout | undefined;
    const stop = (why: Failure) => {
      if (stopped) return;
      stopped = why;
      cut = setTimeout(() => this.cut(), GRACE_MS);
      cancelling = this.cancelStatement();
    };
    const onAbort = () => stop(cancelled(signal.reason));
    const late = setTimeout(() => stop(timedOut(this.where, limitMs)), limitMs);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await this.limitStatements(limitMs);
      throwIfAborted(signal);
      const answer: unknown = await this.client.query(query);
      if (stopped) throw stopped;
      return answer as T;
    } catch (error) {
      throw stopped ?? this.failure(error);
    } finally {
      clearTimeout(late);
      signal.removeEventListener('abort', onAbort);
      // a cancel request that is still on its way must not hit the next statement
      await cancelling;
      clearTimeout(cut);
    }
  }

  /** The server's own limit, which holds even when nobody is left here to cancel. */
  private async limitStatements(limitMs: number): Promise<void> {
    if (limitMs === this.serverLimitMs) return;
    await this.client.query(`SET statement_timeout = ${Math.ceil(limitMs)}`);
    this.serverLimitMs = limitMs;
  }

  private failure(error: unknown): Failure {
    if (this.dead && !codeOf(error)) return connectionLost(this.where, error);
    return driverFailure(error, this.where);
  }

  private cut(): void {
    this.dead = true;
    this.client.connection.stream.destroy();
  }

  private async cancelStatement(): Promise<void> {
    const limit = AbortSignal.timeout(GRACE_MS);
    let helper: Backend | null = null;
    try {
      helper = await Backend.open(this.request, this.where.database, limit);
      await helper.client.query('SELECT pg_cancel_backend($1)', [this.pid]);
    } catch {
      this.cut();
    } finally {
      await helper?.close();
    }
  }
}

async function configOf(request: ConnectRequest, where: Where): Promise<pg.ClientConfig> {
  const { profile, password } = request;
  return {
    host: where.host,
    port: profile.nodes[0]?.port ?? 5432,
    user: profile.user,
    // as a function: an empty password must not be looked up in the environment or ~/.pgpass
    password: () => password,
    database: where.database,
    application_name: request.programName,
    ssl: await tlsOf(request),
    keepAlive: true,
    types: { getTypeParser: () => (value: unknown) => value },
  };
}

async function tlsOf({ profile: { tls } }: ConnectRequest): Promise<pg.ClientConfig['ssl']> {
  if (tls.mode === 'off') return false;
  if (tls.mode === 'required') return { rejectUnauthorized: false };
  if (!tls.caFile) return { rejectUnauthorized: true };
  return { rejectUnauthorized: true, ca: await readCaFile(tls.caFile) };
}

type ArrayResult = pg.QueryArrayResult<(string | null)[]>;
/** The driver gives a list for several statements only. */
type ArrayResults = ArrayResult | readonly ArrayResult[];

const inOneMessage = (statements: readonly string[]) => statements.join(';\n');

const tablesOf = (results: ArrayResults): Table[] =>
  [results].flat().map(({ fields, rows }) => ({ columns: fields.map((field) => field.name), rows }));

const OURSELVES = `
  SELECT pid::text, (backend_start AT TIME ZONE 'UTC')::text || '+00' FROM pg_stat_get_activity(pg_backend_pid())`;

/**
 * Settings by statement and not at startup, because connection poolers refuse what they do not know there.
 * The search path keeps functions and operators of other schemas out of our statements.
 * A transaction of their own: what comes first after them may begin one.
 */
async function prepare(
  client: pg.Client,
  { timeoutMs }: ConnectRequest,
  { limitMs, settings, first }: Opening,
): Promise<{ pid: string; answers: readonly Table[] }> {
  const own = `SET default_transaction_read_only = on; SET search_path = pg_catalog; SET timezone = 'UTC';
    SET datestyle = ISO; SET statement_timeout = ${Math.ceil(limitMs)}; SET lock_timeout = ${Math.ceil(timeoutMs)};
    SET idle_in_transaction_session_timeout = 0; SET bytea_output = hex; SET extra_float_digits = 3`;
  const statements = ['BEGIN', own, OURSELVES, ...(settings === '' ? [] : [settings]), 'COMMIT', ...first];
  const query: pg.QueryArrayConfig = { text: inOneMessage(statements), rowMode: 'array' };
  const answers = tablesOf(await client.query<(string | null)[]>(query));
  const [pid, startedAt] = answers.find(({ rows }) => rows.length > 0)?.rows[0] ?? [];
  if (pid == null) throw new Error('the server does not list our own session');
  registerAsOurs(client, `${pid} ${startedAt ?? ''}`);
  return { pid, answers: first.length > 0 ? answers.slice(-first.length) : [] };
}

/** From now on the session list knows this client as a connection of ours. */
function registerAsOurs(client: pg.Client, key: string): void {
  ours.add(key);
  // the server lists a session for a moment after it ended here
  client.once('end', () => setTimeout(() => ours.delete(key), 60_000).unref());
}
