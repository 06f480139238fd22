/**
 * One socket to one server. Statements run one after the other; an abort or a time limit stops the statement on the
 * server (KILL QUERY over a second socket), not only here; a lost socket is opened again by the next statement.
 * Every value comes back as text, so that no digit of a 64-bit number is lost.
 */
import { connect as connectTcp, type Socket as TcpSocket } from 'node:net';
import type { Connection, ConnectionOptions, SslOptions } from 'mysql2/promise';
import { cancelled, Failure } from '../../util/failure.ts';
import { sentence } from '../../util/sentence.ts';
import { throwIfAborted } from '../../util/wait.ts';
import type { ConnectRequest } from '../engine.ts';
import { onlyOtherwise, whereOf } from '../networkErrors.ts';
import { nameToCheck, tlsMaterial, type TlsMaterial } from '../tls.ts';
import { Turns } from '../turns.ts';
import { dialectOf, type Dialect } from './dialect.ts';
import { driverFailure, errorNumber, timedOut, type Where } from './errors.ts';
import { handshake } from './handshake.ts';

export interface Rows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

const NO_LIMIT = '18446744073709551615';

/** How long a stopped statement may take to end before the socket is cut. */
const GRACE_MS = 2_000;

/** Connection ids of this process per server, so that every connection of ours knows all the others as ours. */
const ours = new Map<string, Set<string>>();

interface Socket {
  readonly connection: Connection;
  /** destroying it makes every pending statement fail; the driver's own destroy() would leave them waiting */
  readonly wire: TcpSocket;
  readonly id: string;
  /** host name, port and server id as the server tells them: which server the id belongs to */
  readonly server: string;
  lost: boolean;
}

export class Link {
  readonly where: Where;
  private socket: Socket | null = null;
  private known: Dialect | null = null;
  private opened = 0;
  private readonly turns = new Turns();

  /** Opens its socket with the first statement. */
  constructor(private readonly request: ConnectRequest) {
    this.where = whereOf(request, 3306);
  }

  static async open(request: ConnectRequest, signal: AbortSignal): Promise<Link> {
    const link = new Link(request);
    try {
      await link.turns.take(signal, (either) => link.ready(either));
      return link;
    } catch (error) {
      throw (await refusedForTls(error, request, signal)) ?? error;
    }
  }

  /** limit of a single answer */
  get timeoutMs(): number {
    return this.request.timeoutMs;
  }

  get dialect(): Dialect {
    if (!this.known) throw new Error('the link was never open');
    return this.known;
  }

  /** Host name, port and id the server gives itself: the same whatever address it was reached by. */
  get serverKey(): string {
    return this.socket?.server ?? '';
  }

  /** How often it was opened: whoever needs the same session all the time looks whether this is still the same. */
  get generation(): number {
    return this.opened;
  }

  /** Ids of all connections of this process to the same server. */
  ownIds(): ReadonlySet<string> {
    return ours.get(this.socket?.server ?? '') ?? new Set();
  }

  /** Runs one statement; `limitMs` defaults to the limit the connection was made with. */
  query(sql: string, signal: AbortSignal, limitMs = this.request.timeoutMs): Promise<Rows> {
    return this.turns.take(signal, async (either) => this.run(await this.ready(either), sql, either, limitMs));
  }

  /** Stops what is running, on the server too, and closes the socket. */
  async close(): Promise<void> {
    await this.turns.close();
    const socket = this.socket;
    this.socket = null;
    if (socket) await endSocket(socket);
  }

  private async ready(signal: AbortSignal): Promise<Socket> {
    if (this.socket && !this.socket.lost) return this.socket;
    if (this.socket) await endSocket(this.socket);
    this.socket = null;
    const { socket, dialect } = await openSocket(this.request, signal);
    this.socket = socket;
    this.opened++;
    this.known = dialect;
    return socket;
  }

  private async run(socket: Socket, sql: string, signal: AbortSignal, limitMs: number): Promise<Rows> {
    throwIfAborted(signal);
    let stopped: Failure | null = null;
    let stopping: Promise<void> = Promise.resolve();
    let cut: NodeJS.Timeout | undefined;
    const stop = (why: Failure) => {
      if (stopped) return;
      stopped = why;
      cut = setTimeout(() => socket.wire.destroy(), GRACE_MS);
      stopping = killQuery(this.request, socket.id).catch(() => void socket.wire.destroy());
    };
    const onAbort = () => stop(cancelled(signal.reason));
    // the server's own limit comes first; this one is for a server that no longer answers
    const late = setTimeout(() => stop(timedOut(this.where, limitMs)), limitMs + GRACE_MS / 2);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await ask(socket.connection, sql);
    } catch (error) {
      if (isFatal(error)) socket.lost = true;
      throw stopped ?? driverFailure(error, this.where);
    } finally {
      clearTimeout(late);
      clearTimeout(cut);
      signal.removeEventListener('abort', onAbort);
      // a kill still under way must not hit the next statement
      await stopping;
    }
  }
}

const ACCESS_DENIED = 1045;

/** An account that must encrypt is refused as with a wrong password: whether it gets in with TLS tells the two apart. */
async function refusedForTls(error: unknown, request: ConnectRequest, signal: AbortSignal): Promise<Failure | null> {
  const { profile } = request;
  if (errorNumber(error) !== ACCESS_DENIED || profile.tls.mode !== 'off' || signal.aborted) return null;
  try {
    const { socket } = await openSocket({ ...request, profile: { ...profile, tls: { mode: 'required' } } }, signal);
    await endSocket(socket);
  } catch {
    return null;
  }
  const { reason, what, tryThis } = onlyOtherwise(whereOf(request, 3306), true);
  return new Failure(reason, what, tryThis, { cause: error });
}

async function killQuery(request: ConnectRequest, id: string): Promise<void> {
  const { socket } = await openSocket({ ...request, timeoutMs: GRACE_MS }, AbortSignal.timeout(GRACE_MS));
  try {
    await ask(socket.connection, `KILL QUERY ${id}`);
  } finally {
    await endSocket(socket);
  }
}

/** Connects, logs in and prepares the session, all within the time limit; an abort closes the socket at once. */
async function openSocket(request: ConnectRequest, signal: AbortSignal): Promise<{ socket: Socket; dialect: Dialect }> {
  throwIfAborted(signal);
  const where = whereOf(request, 3306);
  const tls = await tlsMaterial(request);
  const options = driverOptions(request, tls);
  const wire = connectTcp(options.port ?? 3306, where.host);
  wire.setNoDelay(true);
  wire.setKeepAlive(true);
  let late = false;
  const limit = setTimeout(() => {
    late = true;
    wire.destroy();
  }, request.timeoutMs);
  const onAbort = () => void wire.destroy();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const connection = await handshake({ ...options, stream: wire }, tls, where);
    // what breaks while nobody asks shows at the next statement
    connection.on('error', () => undefined);
    await refuseShared(connection, where);
    return await prepare(connection, wire, request.timeoutMs);
  } catch (error) {
    wire.destroy();
    if (signal.aborted) throw cancelled(signal.reason);
    throw late ? timedOut(where, request.timeoutMs) : driverFailure(error, where, request.profile.tls);
  } finally {
    clearTimeout(limit);
    signal.removeEventListener('abort', onAbort);
  }
}

/** How often a proxy may answer with one connection by chance. */
const ASKED = 4;

/**
 * Behind a proxy that gives each statement another connection our settings would stay on connections of the business, and
 * no session could be told from another. One server keeps to the number it greeted with; who does not is asked more often.
 */
async function refuseShared(connection: Connection, { endpoint }: Where): Promise<void> {
  const ids = new Set<string>();
  for (let asked = 0; asked < ASKED; asked++) {
    const id = (await ask(connection, 'SELECT CONNECTION_ID() + 0')).rows[0]?.[0] ?? '';
    // the greeting has room for 32 bits
    if (/^\d+$/.test(id) && BigInt.asUintN(32, BigInt(id)) === BigInt(connection.threadId ?? -1)) return;
    ids.add(id);
  }
  if (ids.size < 2) return;
  throw new Failure(
    'unsupported',
    sentence('{endpoint} is a proxy that gives each statement another connection to the server behind it.', {
      endpoint,
    }),
    sentence('Connect to the server itself: settings of ours would stay on connections of the business.'),
  );
}

async function prepare(
  connection: Connection,
  wire: TcpSocket,
  timeoutMs: number,
): Promise<{ socket: Socket; dialect: Dialect }> {
  const about = await ask(
    connection,
    'SELECT CONNECTION_ID(), VERSION(), @@version_comment, @@hostname, @@port, @@server_id',
  );
  const [id, version, comment, ...server] = about.rows[0] ?? [];
  const dialect = dialectOf(version ?? '', comment ?? '');
  const seconds = Math.ceil(timeoutMs / 1000);
  // a limit set for everybody would cut our answers without a word, or refuse them
  await ask(
    connection,
    `SET SESSION sql_mode = '', time_zone = '+00:00', lock_wait_timeout = ${seconds}, sql_select_limit = ${NO_LIMIT}, sql_big_selects = 1, autocommit = 1`,
  );
  await ask(connection, 'SET SESSION TRANSACTION READ ONLY');
  await ask(connection, dialect.setTimeLimit(timeoutMs));
  const socket: Socket = { connection, wire, id: id ?? '', server: server.join(':'), lost: false };
  // a server that restarts gives the number to somebody else
  wire.once('close', () => {
    socket.lost = true;
    ours.get(socket.server)?.delete(socket.id);
  });
  ours.set(socket.server, (ours.get(socket.server) ?? new Set()).add(socket.id));
  return { socket, dialect };
}

function driverOptions(request: ConnectRequest, tls: TlsMaterial | null): ConnectionOptions {
  const { profile, password, programName } = request;
  const [node] = profile.nodes;
  const ssl = sslOptions(tls);
  return {
    // our own socket is connected already: to the driver it is the name in the certificate
    host: nameToCheck(node?.host ?? ''),
    port: node?.port ?? 3306,
    user: profile.user,
    password,
    ...(profile.database === '' ? {} : { database: profile.database }),
    ...(ssl ? { ssl } : {}),
    charset: 'utf8mb4',
    connectAttributes: { program_name: programName },
    typeCast: (field) => field.string('utf8'),
    rowsAsArray: true,
    trace: false,
  };
}

function sslOptions(tls: TlsMaterial | null): SslOptions | null {
  return tls && { ...tls.files, rejectUnauthorized: tls.checked, verifyIdentity: tls.identity };
}

async function ask(connection: Connection, sql: string): Promise<Rows> {
  const [result, fields]: [unknown, readonly { name: string }[] | undefined] = await connection.query(sql);
  if (!Array.isArray(result)) return { columns: [], rows: [] };
  return { columns: (fields ?? []).map((field) => field.name), rows: result.map(textRow) };
}

/** `typeCast` has made a text of every value already. */
function textRow(row: unknown): (string | null)[] {
  return Array.isArray(row) ? row.map((value: unknown) => (typeof value === 'string' ? value : null)) : [];
}

async function endSocket(socket: Socket): Promise<void> {
  if (socket.lost) {
    socket.wire.destroy();
    return;
  }
  const gone = new Promise<void>((resolve) => socket.wire.once('close', () => resolve()));
  const cut = setTimeout(() => socket.wire.destroy(), GRACE_MS);
  socket.connection.end().catch(() => socket.wire.destroy());
  await gone;
  clearTimeout(cut);
}

function isFatal(error: unknown): boolean {
  return error instanceof Error && 'fatal' in error && error.fatal === true;
}

/** null when the account may not read it or the server has no such table. */
export async function optional(link: Link, sql: string, signal: AbortSignal): Promise<Rows | null> {
  try {
    return await link.query(sql, signal);
  } catch (error) {
    if (NOT_READABLE.has(errorNumber(error))) return null;
    throw error;
  }
}

/**
 * access denied (database, table, column, special right), no such database, table, column, variable, I_S table, XA right;
 * MySQL's views of transactions while somebody's statement holds a character they have no room for
 */
const NOT_READABLE: ReadonlySet<number> = new Set([1044, 1142, 1143, 1227, 1049, 1146, 1054, 1193, 1109, 1401, 3854]);
