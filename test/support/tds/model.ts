/** An imaginary SQL Server: logins, sessions, databases with tables and their counters, jobs. Its clock is eight hours ahead of UTC. */
import { EventEmitter } from 'node:events';
import type { Answer } from './server.ts';

export interface ModelLogin {
  password: string;
  rights: Set<string>;
}

export interface ModelSession {
  readonly spid: number;
  login: string;
  program: string;
  host: string;
  address: string;
  database: string;
  processId: number;
  userProcess: boolean;
  status: string;
  openTransactions: number;
  readonly loggedIn: Date;
  lastEnd: Date | null;
  /** what runs, or ran last */
  statement: string;
  /** of what runs: its status and start; null while nothing does */
  request: { readonly status: string; readonly since: Date } | null;
}

export interface ModelTable {
  readonly objectId: number;
  readonly schema: string;
  name: string;
  /** per index */
  updates: bigint[];
  rows: bigint;
}

export interface ModelDatabase {
  readonly id: number;
  readonly name: string;
  readonly tables: Map<string, ModelTable>;
  logBytes: bigint;
  commits: bigint;
  memoryOptimisedKb: bigint;
  cdc: boolean;
  autoClose: boolean;
  state: number;
  /** HAS_DBACCESS is 0 for everybody */
  closed: boolean;
}

const ZONE_MS = 8 * 3_600_000;

/** As the server writes a time: in its own zone. */
export function local(date: Date): Date {
  return new Date(date.getTime() + ZONE_MS);
}

export class Model {
  version = '15.0.4355.3';
  edition = '3';
  readonly name = 'TESTSERVER';
  started = new Date(Date.now() - 5 * 86_400_000);
  readonly logins = new Map<string, ModelLogin>();
  readonly sessions = new Map<number, ModelSession>();
  readonly databases = new Map<string, ModelDatabase>();
  jobs: { job: string; schedule: string; owner: string; next_date: string; next_time: string }[] = [];
  distributed: { transaction_id: string; uow: string; state: string; began: string }[] = [];
  /** answers to a login instead of the usual ones */
  refuseLogins: readonly { number: number; message: string }[] | null = null;
  /** a way to answer one statement differently; null for as usual */
  intercept: (sql: string, spid: number) => Answer | null = () => null;
  /** every statement as it came in */
  readonly asked: { readonly spid: number; readonly sql: string; readonly kind: 'batch' | 'rpc' }[] = [];
  /** `asked` with the statement, `attention` with the session id */
  readonly events = new EventEmitter();
  private nextSession = 51;
  private nextId = 5;

  constructor() {
    for (const [id, name] of ['master', 'tempdb', 'model', 'msdb'].entries()) this.addDatabase(name, id + 1);
    this.logins.set('admin', { password: 'admin-password', rights: new Set(['sysadmin']) });
    const system = { login: 'sa', program: '', host: '', userProcess: false, status: 'background' };
    this.addSession({ ...system, spid: 1, statement: '' });
    this.addSession({ ...system, spid: 9, statement: '', status: 'sleeping' });
  }

  addDatabase(name: string, id = this.nextId++): ModelDatabase {
    const database: ModelDatabase = {
      id,
      name,
      tables: new Map(),
      logBytes: 4096n,
      commits: 1n,
      memoryOptimisedKb: 0n,
      cdc: false,
      autoClose: false,
      state: 0,
      closed: false,
    };
    this.databases.set(name, database);
    return database;
  }

  addTable(database: string, name: string, schema = 'dbo', indexes = 1): ModelTable {
    const { tables } = this.database(database);
    const objectId = 245_575_913 + 16 * tables.size;
    const table = { objectId, schema, name, updates: Array<bigint>(indexes).fill(0n), rows: 0n };
    tables.set(`${schema}.${name}`, table);
    return table;
  }

  database(name: string): ModelDatabase {
    const database = this.databases.get(name);
    if (!database) throw new Error(`no database ${name}`);
    return database;
  }

  addSession(change: Partial<ModelSession>): ModelSession {
    const session: ModelSession = {
      spid: change.spid ?? this.nextSession++,
      login: 'shop_app',
      program: 'shop',
      host: 'APP-1',
      address: '10.0.0.7',
      database: 'shop',
      processId: 4711,
      userProcess: true,
      status: 'sleeping',
      openTransactions: 0,
      loggedIn: new Date(Date.now() - 60_000),
      lastEnd: new Date(Date.now() - 30_000),
      statement: 'SELECT 1',
      request: null,
      ...change,
    };
    this.sessions.set(session.spid, session);
    return session;
  }

  /** One committed statement that changes rows. */
  write(database: string, table: string, statements = 1): void {
    const target = this.database(database).tables.get(table);
    if (!target) throw new Error(`no table ${table}`);
    target.updates = target.updates.map((count) => count + BigInt(statements));
    this.commit(database, statements);
  }

  /** A transaction that leaves no trace in the counters of tables: TRUNCATE, DDL, partition switching. */
  commit(database: string, transactions = 1): void {
    const found = this.database(database);
    found.commits += BigInt(transactions);
    found.logBytes += BigInt(transactions) * 512n;
  }

  checkpoint(database: string): void {
    this.database(database).logBytes += 1024n;
  }

  /** Counters begin at zero, sessions are gone. */
  restart(): void {
    this.started = new Date();
    for (const id of [...this.sessions.keys()]) if (id > 50) this.sessions.delete(id);
    for (const database of this.databases.values()) {
      database.logBytes = 512n;
      database.commits = 0n;
      for (const table of database.tables.values()) table.updates = table.updates.map(() => 0n);
    }
  }

  may(spid: number, right: string): boolean {
    const rights = this.logins.get(this.sessions.get(spid)?.login ?? '')?.rights;
    if (!rights) return false;
    if (rights.has('sysadmin') || rights.has(right)) return true;
    // what 2022 split in two is covered by the old right
    return /^VIEW SERVER (PERFORMANCE|SECURITY) STATE$/.test(right) && rights.has('VIEW SERVER STATE');
  }
}
