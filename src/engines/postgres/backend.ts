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

export class Backend {
  private dead = false;
  private serverLimitMs: number;

  private constructor(
    private readonly client: pg.Client,
    private readonly request: ConnectRequest,
    readonly where: Where,
    /** id of the server process */
    readonly pid: string,
  ) {
    this.serverLimitMs = request.timeoutMs;
    client.on('error', () => (this.dead = true));
    client.on('end', () => (this.dead = true));
  }

  static async open(request: ConnectRequest, database: string, signal: AbortSignal): Promise<Backend> {
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
      const pid = await prepare(client, request);
      return new Backend(client, request, where, pid);
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
    const query: pg.QueryArrayConfig = { text, rowMode: 'array' };
    const result = await this.run<pg.QueryArrayResult<(string | null)[]>>(query, signal, limitMs);
    return { columns: result.fields.map((field) => field.name), rows: result.rows };
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

/**
 * Settings by statement and not at startup, because connection poolers refuse what they do not know there.
 * The search path keeps functions and operators of other schemas out of our statements.
 */
async function prepare(client: pg.Client, { timeoutMs }: ConnectRequest): Promise<string> {
  await client.query(`SET default_transaction_read_only = on; SET search_path = pg_catalog; SET timezone = 'UTC';
    SET datestyle = ISO; SET statement_timeout = ${Math.ceil(timeoutMs)}; SET lock_timeout = ${Math.ceil(timeoutMs)};
    SET idle_in_transaction_session_timeout = 0; SET bytea_output = hex; SET extra_float_digits = 3`);
  return registerAsOurs(client);
}

/** From now on the session list knows this client as a connection of ours. @returns its process id */
export async function registerAsOurs(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ pid: string; started: string }>(
    `SELECT pid::text, (backend_start AT TIME ZONE 'UTC')::text || '+00' AS started FROM pg_stat_activity
     WHERE pid = pg_backend_pid()`,
  );
  const [own] = rows;
  if (!own) throw new Error('the server does not list our own session');
  const key = `${own.pid} ${own.started}`;
  ours.add(key);
  // the server lists a session for a moment after it ended here
  client.once('end', () => setTimeout(() => ours.delete(key), 60_000).unref());
  return own.pid;
}
