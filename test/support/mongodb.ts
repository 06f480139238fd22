/**
 * The server the MongoDB tests talk to: one of our own in this process, or the one in DTS_CUTOVER_TEST_MONGODB_URL
 * (`mongodb://user:password@host:port/`, an account that may do everything; databases named dts_cutover_… come and go).
 */
import { MongoClient, type Document, type MongoClientOptions } from 'mongodb';
import type { Context } from 'mocha';
import type { PositionFacts } from '../../src/cutover/facts.ts';
import type { ConnectionProfile, ConnectRequest, EngineConnection } from '../../src/engines/engine.ts';
import { mongodb } from '../../src/engines/mongodb/index.ts';
import { parseConnectionUrl } from '../../src/engines/url.ts';
import { MongoServer, type Options, type User } from '../../sandbox/mongodb/server.ts';

export const never = new AbortController().signal;
export const DTS = { databases: ['__tencentdb__', 'TencentDTSData'], objects: [] };
export const PROGRAM = 'DTS Cutover';
export const ROOT: User = { user: 'root', password: 'r00t', roles: ['root'] };

/** What the tests take for DTS's own writes, under a name that no DTS uses. */
export const HEARTBEAT = { database: 'TencentDTSData', name: 'dts_cutover_heartbeat' };

const given = process.env['DTS_CUTOVER_TEST_MONGODB_URL'];

export class TestServer {
  readonly database = `dts_cutover_${process.pid}_${Math.random().toString(36).slice(2, 8)}`;
  private readonly connections: EngineConnection[] = [];
  private readonly clients: MongoClient[] = [];

  private constructor(
    readonly profile: ConnectionProfile,
    readonly password: string,
    /** null for a server that is not ours */
    readonly own: MongoServer | null,
  ) {}

  /** The given server where there is one, unless `options` ask for one that only ours can be. */
  static async start(options?: Options): Promise<TestServer> {
    if (given !== undefined && options === undefined) {
      const { profile, password } = parseConnectionUrl(given);
      return new TestServer(profile, password, null);
    }
    const own = await MongoServer.start({ users: [ROOT], ...options });
    return new TestServer(
      profileOf([own], own.options.users?.[0]?.user ?? ''),
      own.options.users?.[0]?.password ?? '',
      own,
    );
  }

  /** The server as our own, to be scripted; skips the calling suite by name where it is not. */
  scripted(context: Context): MongoServer {
    return this.own ?? context.skip();
  }

  /** Skips the calling suite or test by name on a given server without an oplog and transactions. */
  async needsReplicaSet(context: Context): Promise<void> {
    if (!this.own && !(await this.connect()).server.identity.startsWith('replica set')) context.skip();
  }

  /** A client of the business: the unmodified driver, connected. */
  async client(
    login?: { readonly user: string; readonly password: string },
    options: MongoClientOptions = {},
  ): Promise<MongoClient> {
    const { user, password } = login ?? { user: this.profile.user, password: this.password };
    const hosts = this.profile.nodes.map(({ host, port }) => `${host}:${port}`).join(',');
    const client = new MongoClient(`mongodb://${hosts}/`, {
      ...(user === '' ? {} : { auth: { username: user, password }, authSource: 'admin' }),
      ...(this.profile.tls.mode === 'off' ? {} : { tls: true, tlsAllowInvalidCertificates: true }),
      appName: 'shop',
      ...options,
    });
    this.clients.push(client);
    return client.connect();
  }

  /** Something done over a connection that is gone afterwards. */
  async briefly<T>(work: (client: MongoClient) => Promise<T>): Promise<T> {
    const client = await this.client();
    try {
      return await work(client);
    } finally {
      await client.close();
    }
  }

  insert(collection: string, document: Document, database = this.database): Promise<unknown> {
    return this.briefly((client) => client.db(database).collection(collection).insertOne(document));
  }

  /** Our own connection of the port. */
  async connect(change: Partial<ConnectRequest> = {}): Promise<EngineConnection> {
    const connection = await mongodb.connect(this.request(change), never);
    this.connections.push(connection);
    return connection;
  }

  request(change: Partial<ConnectRequest> = {}): ConnectRequest {
    return { profile: this.profile, password: this.password, programName: PROGRAM, timeoutMs: 10_000, ...change };
  }

  as(user: User): Partial<ConnectRequest> {
    return { profile: { ...this.profile, user: user.user }, password: user.password };
  }

  async stop(): Promise<void> {
    if (!this.own) {
      await this.briefly(async (client) => {
        await client.db(this.database).dropDatabase();
        await client.db(HEARTBEAT.database).collection(HEARTBEAT.name).drop();
      });
    }
    await Promise.all(this.connections.map((connection) => connection.close()));
    await Promise.all(this.clients.map((client) => client.close()));
    await this.own?.stop();
  }
}

export function profileOf(servers: readonly MongoServer[], user: string): ConnectionProfile {
  return {
    id: 'test',
    engine: 'mongodb',
    nodes: servers.map(({ port }) => ({ host: '127.0.0.1', port })),
    user,
    database: '',
    tls: { mode: 'off' },
  };
}

/** Reads the write position again and again, each time since the one before. */
export class Watcher {
  private token: string | null = null;
  constructor(private readonly connection: EngineConnection) {}

  async read(): Promise<PositionFacts> {
    const facts = await this.connection.readWritePosition(this.token, DTS, never);
    this.token = facts.token;
    return facts;
  }
}

export function foreignNames({ written }: PositionFacts): string[] {
  return written.flatMap((object) => (object.byDts ? [] : [object.name])).sort();
}
