/**
 * The server the MySQL tests talk to: a private one of either product, or the one in DTS_CUTOVER_TEST_MYSQL_URL
 * (`mysql://user:password@host:port/`, an account that may do everything; databases named dts_cutover_… come and go).
 */
import type { Context } from 'mocha';
import mysql, { type Connection } from 'mysql2/promise';
import type { MysqlOptions, MysqlServer } from '../../sandbox/mysqlProcess.ts';
import type { ConnectionProfile, ConnectRequest, EngineConnection } from '../../src/engines/engine.ts';
import { mysql as engine } from '../../src/engines/mysql/index.ts';
import { available, startProduct, type MysqlProduct } from './pairs.ts';

export const never = new AbortController().signal;
export const DTS = { databases: ['__tencentdb__'], objects: [] };
export const PROGRAM = 'DTS Cutover';

export interface TestServer {
  readonly root: { readonly host: string; readonly port: number; readonly user: string; readonly password: string };
  /** to restart or crash; null for a server that is not ours */
  readonly own: MysqlServer | null;
  readonly product: MysqlProduct;
  /** one statement as root, in a connection of its own */
  run(sql: string): Promise<readonly Record<string, unknown>[]>;
  /** a client that stays connected, e.g. the business's pool */
  client(account?: { readonly user: string; readonly password: string }): Promise<Connection>;
  /** our own connection of the port */
  connect(change?: Partial<ConnectRequest>): Promise<EngineConnection>;
  request(change?: Partial<ConnectRequest>): ConnectRequest;
  stop(): Promise<void>;
}

/** Skips the calling suite by name where there is no server to be had, or not one of our own when `options` ask for it. */
export async function startServer(
  context: Pick<Context, 'skip'>,
  product: MysqlProduct,
  options?: MysqlOptions,
): Promise<TestServer> {
  const url = process.env['DTS_CUTOVER_TEST_MYSQL_URL'];
  if (url !== undefined && options === undefined) return given(rootOf(new URL(url)));
  const own = await startProduct(await available(context, product), options);
  return serve(own.root, own, own.product);
}

/** A private server of exactly this product; skips the calling suite by name where it cannot be had. */
export async function startOwn(context: Context, product: MysqlProduct): Promise<TestServer> {
  if ((await available(context, product)) !== product) context.skip();
  const own = await startProduct(product);
  return serve(own.root, own, own.product);
}

function rootOf(url: URL): TestServer['root'] {
  return {
    host: url.hostname,
    port: Number(url.port || 3306),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  };
}

async function given(root: TestServer['root']): Promise<TestServer> {
  const connection = await mysql.createConnection(root);
  const [rows] = await connection.query('SELECT VERSION() AS version').finally(() => connection.end());
  return serve(root, null, JSON.stringify(rows).includes('MariaDB') ? 'mariadb' : 'mysql');
}

function serve(root: TestServer['root'], own: MysqlServer | null, product: MysqlProduct): TestServer {
  const open: (Connection | EngineConnection)[] = [];
  const client: TestServer['client'] = async (account) => {
    const connection = await mysql.createConnection({ ...root, ...account });
    connection.on('error', () => undefined);
    open.push(connection);
    return connection;
  };
  const request: TestServer['request'] = (change) => ({
    profile: profileOf(root),
    password: root.password,
    programName: PROGRAM,
    timeoutMs: 10_000,
    ...change,
  });
  return {
    root,
    own,
    product,
    client,
    request,
    async run(sql) {
      const connection = await mysql.createConnection(root);
      try {
        const [rows] = await connection.query(sql);
        return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
      } finally {
        await connection.end();
      }
    },
    async connect(change) {
      const connection = await engine.connect(request(change), never);
      open.push(connection);
      return connection;
    },
    async stop() {
      for (const connection of open) {
        if ('destroy' in connection) connection.destroy();
        else await connection.close();
      }
      await own?.stop();
    },
  };
}

export function profileOf(
  root: { host: string; port: number; user: string },
  change: Partial<ConnectionProfile> = {},
): ConnectionProfile {
  return {
    id: 'test',
    engine: 'mysql',
    nodes: [{ host: root.host, port: root.port }],
    user: root.user,
    database: '',
    tls: { mode: 'off' },
    ...change,
  };
}
