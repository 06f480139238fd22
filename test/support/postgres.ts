/**
 * The servers the PostgreSQL tests talk to: private ones of version 17 and 18, or the one in
 * DTS_CUTOVER_TEST_POSTGRES_URL (a superuser's address; databases and roles named dts_cutover_… come and go).
 */
import pg from 'pg';
import { startPostgres, type Login, type PostgresServer, type StartPostgres } from '../../sandbox/postgres.ts';
import type { PositionFacts } from '../../src/cutover/facts.ts';
import type { ConnectionProfile, ConnectRequest, DtsFootprint, EngineConnection } from '../../src/engines/engine.ts';
import { postgres } from '../../src/engines/postgres/index.ts';
import { parseConnectionUrl } from '../../src/engines/url.ts';
import { pause } from '../../src/util/wait.ts';

export const never = new AbortController().signal;
export const PROGRAM = 'DTS Cutover';

const given = process.env['DTS_CUTOVER_TEST_POSTGRES_URL'];

/** What a suite is repeated for. */
export const SERVERS: readonly { readonly name: string; start: () => Promise<TestServer> }[] =
  given !== undefined
    ? [{ name: 'PostgreSQL, as given', start: () => TestServer.given(given) }]
    : (['17', '18'] as const).map((version) => ({
        name: `PostgreSQL ${version}`,
        start: () => TestServer.own({ version }),
      }));

export class TestServer {
  /** made for the test; the heartbeat of DTS is its table `identify` */
  readonly database = `dts_cutover_${process.pid}_${Math.random().toString(36).slice(2, 8)}`;
  readonly dts: DtsFootprint = {
    databases: ['__tencentdb__'],
    objects: [{ database: this.database, schema: 'public', name: 'identify' }],
  };
  private readonly connections: EngineConnection[] = [];
  private readonly clients: pg.Client[] = [];
  private readonly cleanUp: string[] = [];

  private constructor(
    readonly profile: ConnectionProfile,
    readonly password: string,
    /** null for a server that is not ours to restart */
    readonly server: PostgresServer | null,
  ) {}

  static async own(options: StartPostgres = {}): Promise<TestServer> {
    const settings = { max_prepared_transactions: 5, autovacuum: 'off', ...options.settings };
    const server = await startPostgres({ ...options, settings });
    return TestServer.prepare(server.url(), server);
  }

  static given(url: string): Promise<TestServer> {
    return TestServer.prepare(url, null);
  }

  private static async prepare(url: string, server: PostgresServer | null): Promise<TestServer> {
    const { profile, password } = parseConnectionUrl(url);
    const test = new TestServer(profile, password, server);
    await test.createDatabase(test.database);
    return test;
  }

  async createDatabase(name: string): Promise<void> {
    await this.run(`CREATE DATABASE ${name}`, 'postgres');
    this.cleanUp.push(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  }

  /** A role that may log in with the password `guest`. */
  async createRole(name: string, attributes = ''): Promise<void> {
    await this.run(`CREATE ROLE ${name} LOGIN PASSWORD 'guest' ${attributes}`);
    this.cleanUp.push(`DROP ROLE IF EXISTS ${name}`);
  }

  /** Each statement on its own, as superuser, in a connection that is gone afterwards; the rows of the last one. */
  async run(statements: string | readonly string[], database = this.database): Promise<Record<string, unknown>[]> {
    const client = await this.client({ database });
    try {
      let rows: Record<string, unknown>[] = [];
      for (const sql of [statements].flat()) rows = (await client.query<Record<string, unknown>>(sql)).rows;
      return rows;
    } finally {
      await client.end();
    }
  }

  /** A client that stays connected, e.g. the business's pool. */
  async client(login: Login = {}): Promise<pg.Client> {
    const [node] = this.profile.nodes;
    const client = new pg.Client({
      host: node?.host ?? '',
      port: node?.port ?? 0,
      user: login.user ?? this.profile.user,
      password: login.password ?? this.password,
      database: login.database ?? this.database,
      application_name: 'shop',
    });
    client.on('error', () => undefined);
    await client.connect();
    this.clients.push(client);
    return client;
  }

  /** Our own connection of the port. */
  async connect(change: Partial<ConnectRequest> = {}): Promise<EngineConnection> {
    const connection = await postgres.connect(this.request(change), never);
    this.connections.push(connection);
    return connection;
  }

  request(change: Partial<ConnectRequest> = {}): ConnectRequest {
    const profile = { ...this.profile, database: this.database };
    return { profile, password: this.password, programName: PROGRAM, timeoutMs: 10_000, ...change };
  }

  async stop(): Promise<void> {
    await Promise.all(this.connections.map((connection) => connection.close()));
    await Promise.all(this.clients.map((client) => client.end().catch(() => undefined)));
    if (this.server) await this.server.stop();
    else await this.run(this.cleanUp, 'postgres');
  }
}

/** Asks until the answer is there; fails with `what` when it has not come within the time. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | null | undefined | false>,
  withinMs = 15_000,
): Promise<T> {
  for (const deadline = Date.now() + withinMs; Date.now() < deadline; await pause(50, never)) {
    const answer = await ask();
    if (answer) return answer;
  }
  throw new Error(`not within ${withinMs} ms: ${what}`);
}

/** Reads the write position again and again, each time since the one before. */
export class Watcher {
  private last: PositionFacts | null = null;
  constructor(
    private readonly connection: EngineConnection,
    private readonly dts: DtsFootprint,
  ) {}

  async read(): Promise<PositionFacts> {
    this.last = await this.connection.readWritePosition(this.last?.token ?? null, this.dts, never);
    return this.last;
  }

  /** Reads until the books balance: what the server had not published before does not disturb what comes. */
  async settle(): Promise<PositionFacts> {
    await this.read();
    return until('a quiet server', async () => {
      const reading = await this.read();
      return reading.foreign === 'none' && reading;
    });
  }
}

/** Names of what others wrote, sorted. */
export function foreignNames({ written }: PositionFacts): string[] {
  return written.flatMap((object) => (object.byDts ? [] : [object.name])).sort();
}
