/**
 * One connection to one database. Every value comes back as text, so that no digit is lost.
 * A pooler may give the session behind it to somebody else after every transaction: nothing is ever set for longer
 * than one transaction of ours, all of which only read. A connection known to be ours alone also gets a name.
 * An abort or a time limit stops the statement on the server (`pg_cancel_backend` over a second connection), not
 * only here; where even that gets no answer the socket is cut.
 */
import { TLSSocket } from 'node:tls';
import pg from 'pg';
import { cancelled, Failure, isFailure } from '../../util/failure.ts';
import { onlyOtherwise } from '../networkErrors.ts';
import { tlsMaterial, wrongPin } from '../tls.ts';
import { throwIfAborted } from '../../util/wait.ts';
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

/** Text in an encoding that the server cannot turn into ours. */
const ODD_BYTES = ['22021', '22P05'];

export class Backend {
  private dead = false;

  private constructor(
    private readonly client: pg.Client,
    private readonly request: ConnectRequest,
    readonly where: Where,
    /** id of the server process */
    readonly pid: string,
    /** something between us and the server hands out its sessions: ids and sessions do not belong together */
    readonly pooled: boolean,
  ) {
    client.on('error', () => (this.dead = true));
    client.on('end', () => (this.dead = true));
  }

  static async open(request: ConnectRequest, database: string, signal: AbortSignal): Promise<Backend> {
    return (await Backend.openWith(request, database, [], signal)).backend;
  }

  /** @returns also the answers to `first`, statements sent along, which saves the way to the server and back */
  static async openWith(
    request: ConnectRequest,
    database: string,
    first: readonly string[],
    signal: AbortSignal,
  ): Promise<{ backend: Backend; answers: readonly Table[] }> {
    throwIfAborted(signal);
    const where = whereOf(request, database);
    const client = await clientOf(request, where);
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
      const { pid, pooled, answers } = await meet(client, request.programName, first);
      return { backend: new Backend(client, request, where, pid, pooled), answers };
    } catch (error) {
      client.connection.stream.destroy();
      throw ended ?? (await refusedForTls(error, request, where, signal)) ?? driverFailure(error, where);
    } finally {
      clearTimeout(late);
      signal.removeEventListener('abort', stop);
    }
  }

  get usable(): boolean {
    return !this.dead;
  }

  /** Rows by column name, read in a transaction of its own. `limitMs` defaults to the limit the connection was made with. */
  async rows(text: string, values: readonly string[], signal: AbortSignal, limitMs?: number): Promise<Row[]> {
    return rowsOf(await this.table(withValues(text, values), signal, limitMs));
  }

  /** The same for text that came from databases of other encodings: what is no character becomes U+FFFD, and no error. */
  async rowsOfAnyBytes(text: string, values: readonly string[], signal: AbortSignal): Promise<Row[]> {
    const [table] = await this.tablesOfAnyBytes([withValues(text, values)], signal);
    return table ? rowsOf(table) : [];
  }

  /** Rows in the order of the server's columns, two of which may have one name. */
  async table(text: string, signal: AbortSignal, limitMs = this.request.timeoutMs): Promise<Table> {
    const [table] = await this.inTransaction([text], [], signal, limitMs);
    return table ?? { columns: [], rows: [] };
  }

  /** Several questions to one session in one transaction, with text as in `rowsOfAnyBytes`. */
  async tablesOfAnyBytes(texts: readonly string[], signal: AbortSignal): Promise<readonly Table[]> {
    const limitMs = this.request.timeoutMs;
    try {
      return await this.inTransaction(texts, [], signal, limitMs);
    } catch (error) {
      if (!isFailure(error) || !ODD_BYTES.includes(error.code ?? '')) throw error;
      return this.inTransaction(texts, [localSetting('client_encoding', 'SQL_ASCII')], signal, limitMs);
    }
  }

  /**
   * Several statements in one message, transactions begun and ended by themselves; the answer of each. When one fails,
   * so do those after it, and all is rejected.
   */
  async tables(statements: readonly string[], signal: AbortSignal, limitMs?: number): Promise<Table[]> {
    const query: pg.QueryArrayConfig = { text: inOneMessage(statements), rowMode: 'array' };
    return tablesOf(await this.run<ArrayResults>(query, signal, limitMs));
  }

  private async inTransaction(
    texts: readonly string[],
    more: readonly string[],
    signal: AbortSignal,
    limitMs: number,
  ): Promise<Table[]> {
    const settings = [
      ...localSettings({ statement: limitMs, lock: this.request.timeoutMs }),
      ...(this.pooled ? [localSetting('application_name', this.request.programName)] : []),
      ...more,
    ];
    const statements = [BEGIN, `SELECT ${settings.join(', ')}`, TIME_LIMIT_FROM_HERE, ...texts, 'COMMIT'];
    try {
      return (await this.tables(statements, signal, limitMs)).slice(-1 - texts.length, -1);
    } catch (error) {
      // what failed keeps the transaction open, and the session behind a pooler with it
      if (!this.dead) await this.client.query('ROLLBACK').catch(() => this.cut());
      throw error;
    }
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

  private failure(error: unknown): Failure {
    if (this.dead && !codeOf(error)) return connectionLost(this.where, error);
    return driverFailure(error, this.where);
  }

  private cut(): void {
    this.dead = true;
    this.client.connection.stream.destroy();
  }

  private async cancelStatement(): Promise<void> {
    // the session may be somebody else's before a cancel request gets there; its own time limit ends the statement
    if (this.pooled) return this.cut();
    const limit = AbortSignal.timeout(GRACE_MS);
    let helper: Backend | null = null;
    try {
      helper = await Backend.open(this.request, this.where.database, limit);
      await helper.client.query(`SELECT pg_catalog.pg_cancel_backend(${this.pid})`);
    } catch {
      this.cut();
    } finally {
      await helper?.close();
    }
  }
}

/** A client that ends its connection before it says anything where the server shows another certificate than pinned. */
async function clientOf(request: ConnectRequest, where: Where, more: pg.ClientConfig = {}): Promise<pg.Client> {
  const client = new pg.Client({ ...(await configOf(request, where)), ...more });
  const tls = await tlsMaterial(request);
  if (tls?.pins) {
    client.connection.once('sslconnect', () => {
      const { stream } = client.connection;
      if (!(stream instanceof TLSSocket)) throw new Error('no encrypted stream to look at');
      stream.prependOnceListener('secureConnect', () => {
        const wrong = wrongPin(tls, stream, where);
        if (wrong) stream.destroy(wrong);
      });
    });
  }
  return client;
}

/** The server's access rules refused us (28000): do they let this account in with or without TLS instead? No password is sent. */
async function refusedForTls(
  error: unknown,
  request: ConnectRequest,
  where: Where,
  signal: AbortSignal,
): Promise<Failure | null> {
  if (!(error instanceof pg.DatabaseError) || error.code !== '28000') return null;
  const { profile } = request;
  const encrypted = profile.tls.mode === 'off';
  const tls = { ...profile.tls, mode: encrypted ? ('required' as const) : ('off' as const) };
  let asked = false;
  const password = () => {
    asked = true;
    throw new Error('not given away');
  };
  const client = await clientOf({ ...request, profile: { ...profile, tls } }, where, { password });
  client.on('error', () => undefined);
  const stop = () => void client.connection.stream.destroy(cancelled(signal.reason));
  const limit = AbortSignal.any([signal, AbortSignal.timeout(request.timeoutMs)]);
  limit.addEventListener('abort', stop, { once: true });
  const letIn = await client.connect().then(
    () => true,
    () => asked,
  );
  limit.removeEventListener('abort', stop);
  client.connection.stream.destroy();
  if (!letIn) return null;
  const told = onlyOtherwise(where, encrypted);
  return new Failure(told.reason, told.what, told.tryThis, { cause: error, code: error.code });
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
    ssl: await tlsOf(request),
    keepAlive: true,
    types: { getTypeParser: () => (value: unknown) => value },
  };
}

async function tlsOf(request: ConnectRequest): Promise<pg.ClientConfig['ssl']> {
  const tls = await tlsMaterial(request);
  if (!tls) return false;
  return {
    ...tls.files,
    rejectUnauthorized: tls.checked,
    ...(tls.identity ? {} : { checkServerIdentity: () => undefined }),
  };
}

type ArrayResult = pg.QueryArrayResult<(string | null)[]>;
/** The driver gives a list for several statements only. */
type ArrayResults = ArrayResult | readonly ArrayResult[];

const inOneMessage = (statements: readonly string[]) => statements.join(';\n');

const tablesOf = (results: ArrayResults): Table[] =>
  [results].flat().map(({ fields, rows }) => ({ columns: fields.map((field) => field.name), rows }));

const BEGIN = 'BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY';
/** The server starts its clock anew after a statement of this kind only; until then the session's own limit holds. */
export const TIME_LIMIT_FROM_HERE = 'SAVEPOINT settled';

/** What our statements rest on, until the end of the transaction; milliseconds. */
function localSettings(limitMs: { readonly statement: number; readonly lock: number }): string[] {
  const settings = {
    // keeps functions and operators of other schemas out of our statements
    search_path: 'pg_catalog',
    TimeZone: 'UTC',
    DateStyle: 'ISO',
    statement_timeout: String(Math.ceil(limitMs.statement)),
    lock_timeout: String(Math.ceil(limitMs.lock)),
    idle_in_transaction_session_timeout: '0',
    bytea_output: 'hex',
    extra_float_digits: '3',
  };
  return Object.entries(settings).map(([name, value]) => localSetting(name, value));
}

const localSetting = (name: string, value: string) =>
  `pg_catalog.set_config(${pg.escapeLiteral(name)}, ${pg.escapeLiteral(value)}, true)`;

/** `$1` and so on in their places: a statement with settings before it travels in one message, which takes no values. */
const withValues = (text: string, values: readonly string[]) =>
  text.replace(/\$(\d+)/g, (place, number: string) => {
    const value = values[Number(number) - 1];
    return value === undefined ? place : pg.escapeLiteral(value);
  });

const rowsOf = ({ columns, rows }: Table): Row[] =>
  rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i] ?? null])));

const OURSELVES = `
  SELECT pid::pg_catalog.text, (backend_start AT TIME ZONE 'UTC')::pg_catalog.text || '+00'
  FROM pg_catalog.pg_stat_get_activity(pg_catalog.pg_backend_pid())`;
const DATES = "SELECT pg_catalog.set_config('DateStyle', 'ISO', true)";

/**
 * Who we are, asked before anything is set for longer than a transaction. A pooler answers for the server with a
 * process id of its own, or with that of a session that is not ours any more a transaction later.
 */
async function meet(
  client: pg.Client,
  programName: string,
  first: readonly string[],
): Promise<{ pid: string; pooled: boolean; answers: readonly Table[] }> {
  const query: pg.QueryArrayConfig = { text: inOneMessage([BEGIN, DATES, OURSELVES, 'COMMIT']), rowMode: 'array' };
  const [pid, startedAt] = tablesOf(await client.query<(string | null)[]>(query))[2]?.rows[0] ?? [];
  if (pid == null) throw new Error('the server does not list our own session');
  const pooled = !('processID' in client) || String(client.processID) !== pid;
  if (pooled) return { pid, pooled, answers: [] };
  // one that is not told apart yet may give another session for this transaction: only here is anything set
  const name = `SELECT pg_catalog.set_config('application_name', ${pg.escapeLiteral(programName)}, false)
    WHERE pg_catalog.pg_backend_pid() = ${pid}`;
  const naming: pg.QueryArrayConfig = { text: inOneMessage([BEGIN, name, 'COMMIT', ...first]), rowMode: 'array' };
  const answers = tablesOf(await client.query<(string | null)[]>(naming));
  const alone = answers[1]?.rows.length === 1;
  if (alone) registerAsOurs(client, `${pid} ${startedAt ?? ''}`);
  return { pid, pooled: !alone, answers: first.length > 0 ? answers.slice(-first.length) : [] };
}

/** From now on the session list knows this client as a connection of ours. */
function registerAsOurs(client: pg.Client, key: string): void {
  ours.add(key);
  // the server lists a session for a moment after it ended here
  client.once('end', () => setTimeout(() => ours.delete(key), 60_000).unref());
}
