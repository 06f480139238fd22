/**
 * One session through the driver. It only knows pools, which replace a broken connection silently and so would lose
 * our session settings: a pool of one is kept per session, and a second connection is refused.
 */
import mssql, { type config, type Connection, type ConnectionPool, type IResult } from 'mssql';
import { cancelled, Failure } from '../../util/failure.ts';
import { sentence } from '../../util/sentence.ts';
import { throwIfAborted } from '../../util/wait.ts';
import type { ConnectRequest } from '../engine.ts';
import { whereOf } from '../networkErrors.ts';
import { nameToCheck, tlsMaterial, wrongPin, type TlsMaterial } from '../tls.ts';
import { portOf } from './browser.ts';
import { driverFailure, isDenied, timedOut } from './errors.ts';
import { IN_MASTER, OWN_SESSION, setUp } from './sql/server.ts';
import { textOf } from './text.ts';
import { Wires } from './wire.ts';

export interface Rows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

export interface About {
  /** the server's own name for itself: the same whatever address it was reached by */
  readonly serverKey: string;
  /** e.g. `15.0.4355.3` */
  readonly version: string;
  readonly azureDatabase: boolean;
}

/** How long a socket may take to close in good order. */
const GRACE_MS = 2_000;
/** EngineEdition of Azure SQL Database. */
const AZURE_SQL_DATABASE = '5';

export class Session {
  private constructor(
    private readonly pool: ConnectionPool,
    private readonly wires: Wires,
    readonly about: About,
    /** session id and time of login */
    readonly key: string,
  ) {}

  /** Connects, logs in and prepares the session, all within the time limit; an abort closes the socket at once. */
  static async open(request: ConnectRequest, inMaster: boolean, signal: AbortSignal): Promise<Session> {
    throwIfAborted(signal);
    const where = whereOf(request, 1433);
    const tls = await tlsMaterial(request);
    const port = await portOf(request, signal);
    const wires = new Wires({
      host: where.host,
      port,
      encrypted: request.profile.tls.mode !== 'off',
      where,
    });
    const loginErrors: number[] = [];
    const options = driverOptions(request, { wires, port, tls }, (connection) => {
      connection.on('secure', (shown) => {
        const wrong = tls && wrongPin(tls, shown, where);
        // the login has not been sent yet, and will not be
        if (wrong) wires.cut(wrong);
      });
      connection.on('errorMessage', ({ number }) => {
        if (!wires.inUse) loginErrors.push(number);
      });
    });
    const pool = new mssql.ConnectionPool(options);
    pool.on('error', () => undefined);
    const late = setTimeout(() => wires.cut(timedOut(where, request.timeoutMs)), request.timeoutMs);
    const onAbort = () => wires.cut(cancelled(signal.reason));
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await pool.connect();
      const { about, key } = await prepare(pool, request, inMaster);
      throwIfAborted(signal);
      wires.seal();
      return new Session(pool, wires, about, key);
    } catch (error) {
      const failure = wires.fault ?? driverFailure(error, where, loginErrors);
      wires.cut(failure);
      await pool.close().catch(() => undefined);
      throw failure;
    } finally {
      clearTimeout(late);
      signal.removeEventListener('abort', onAbort);
    }
  }

  get lost(): boolean {
    return this.wires.gone;
  }

  /** Begins a statement. `query` goes through sp_executesql, `batch` is sent exactly as it is written. */
  start(sql: string, kind: 'query' | 'batch'): { readonly answer: Promise<Rows>; cancel(): void } {
    const request = new mssql.Request(this.pool);
    const answer = (kind === 'batch' ? request.batch(sql) : request.query(sql)).then(rowsOf);
    return { answer, cancel: () => request.cancel() };
  }

  /** Ends the socket without ceremony; what is pending fails. */
  cut(why: Failure): void {
    this.wires.cut(why);
  }

  async close(): Promise<void> {
    const late = setTimeout(() => this.wires.cut(cancelled()), GRACE_MS);
    await this.pool.close().catch(() => undefined);
    clearTimeout(late);
    this.wires.cut(cancelled());
  }
}

async function prepare(pool: ConnectionPool, request: ConnectRequest, inMaster: boolean) {
  const own = rowsOf(await new mssql.Request(pool).batch(OWN_SESSION));
  const at = (name: string) => own.rows[0]?.[own.columns.indexOf(name)] ?? '';
  const about: About = {
    serverKey: `${at('server_name')}@${at('machine_name')}`,
    version: at('product_version'),
    azureDatabase: at('engine_edition') === AZURE_SQL_DATABASE,
  };
  await new mssql.Request(pool).batch(setUp(request.timeoutMs));
  if (inMaster && !about.azureDatabase) await goToMaster(pool);
  return { about, key: `${at('session_id')} ${at('login_time')}` };
}

async function goToMaster(pool: ConnectionPool): Promise<void> {
  try {
    await new mssql.Request(pool).batch(IN_MASTER);
  } catch (error) {
    if (!isDenied(error)) throw error;
  }
}

function rowsOf({ recordset }: IResult<unknown>): Rows {
  const rows: unknown = recordset;
  if (!Array.isArray(rows)) return { columns: [], rows: [] };
  // rows are arrays, and so are the columns, whatever the type definitions say
  const columns = Object.values(recordset.columns).map(({ name }) => name);
  return { columns, rows: rows.map((row: unknown) => (Array.isArray(row) ? row.map(textOf) : [])) };
}

function driverOptions(
  request: ConnectRequest,
  { wires, port, tls: material }: { wires: Wires; port: number; tls: TlsMaterial | null },
  beforeConnect: (connection: Connection) => void,
): config {
  const { profile, password, programName, timeoutMs } = request;
  const { tls } = profile;
  const where = whereOf(request, 1433);
  if (tls.mode === 'verify-ca' || tls.certFile || tls.keyFile) {
    throw new Failure(
      'unsupported',
      sentence('SQL Server knows neither the TLS mode verify-ca nor client certificates.'),
      sentence('Use verify-full with the name in the certificate, or required.'),
    );
  }
  return {
    server: where.host,
    port,
    user: profile.user,
    password,
    ...(profile.database === '' ? {} : { database: profile.database }),
    connectionTimeout: timeoutMs,
    // none: the driver's ends with the first packet of an answer, ours (link.ts) covers all of it
    requestTimeout: 0,
    arrayRowMode: true,
    beforeConnect,
    // a look at the socket; the default would send a SELECT of its own before every statement
    validateConnection: 'socket',
    // the one connection is kept however long nobody asks
    pool: { min: 0, max: 1, idleTimeoutMillis: 24 * 60 * 60_000, acquireTimeoutMillis: timeoutMs },
    options: {
      appName: programName,
      connector: wires.open,
      encrypt: tls.mode !== 'off',
      serverName: nameToCheck(where.host),
      trustServerCertificate: material?.checked !== true,
      cryptoCredentialsDetails: material?.files ?? {},
      useUTC: true,
      cancelTimeout: GRACE_MS,
      // whoever polls tries again with a growing pause
      maxRetriesOnTransientErrors: 0,
    },
  };
}
