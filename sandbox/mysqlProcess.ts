/** What a private server of MySQL and one of MariaDB have in common: a folder, a port, a process, an administrator. */
import { spawn, type ChildProcess } from 'node:child_process';
import { constants, existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import mysql from 'mysql2/promise';
import { hold, release } from './hold.ts';
import { queryable, rowsOf, SESSION_OPTIONS } from './mysqlSession.ts';
import type { Login, SandboxServer } from './server.ts';

const USER = 'root';
const PASSWORD = 'sandbox';
export const asRoot = process.getuid?.() === 0 ? ['--user=root'] : [];

export interface MysqlOptions {
  /** server options without the dashes, e.g. `{ 'default-time-zone': '+05:00' }`; '' for one without a value */
  readonly settings?: Readonly<Record<string, string>>;
}

/** What differs between the products. */
export interface MysqlProduct {
  readonly name: 'mysql' | 'mariadb';
  /** program and first arguments */
  readonly command: readonly [string, ...string[]];
  /** an initialised data folder to copy */
  readonly template: string;
  readonly settings: Readonly<Record<string, string>>;
}

export interface MysqlServer extends SandboxServer {
  readonly product: MysqlProduct['name'];
  /** `mysql://root:…@127.0.0.1:port/` without a database */
  readonly url: string;
  /** full rights, over TCP */
  readonly root: { readonly host: string; readonly port: number; readonly user: string; readonly password: string };
  /** the URL of one database */
  urlOf(database: string): string;
  /** runs statements separated by `;` as root and answers the last one's rows */
  query(sql: string, database?: string): Promise<readonly Record<string, unknown>[]>;
  /** kills the process without a word: `halt('immediate')` */
  crash(): Promise<void>;
}

/** Starts one server on a copy of the product's template. */
export async function startMysqlServer(product: MysqlProduct, options: MysqlOptions): Promise<MysqlServer> {
  const folder = await hold(await mkdtemp(path.join(tmpdir(), `dts-${product.name}-`)));
  const data = path.join(folder, 'data');
  await cp(product.template, data, { recursive: true, mode: constants.COPYFILE_FICLONE });
  // MySQL's server_uuid: a server makes one of its own where there is none
  await rm(path.join(data, 'auto.cnf'), { force: true });
  const port = await freePort();
  const pidFile = path.join(folder, `${product.name}.pid`);
  const initFile = path.join(folder, 'init.sql');
  await writeFile(
    initFile,
    `CREATE USER IF NOT EXISTS '${USER}'@'127.0.0.1' IDENTIFIED BY '${PASSWORD}';\n` +
      `ALTER USER '${USER}'@'127.0.0.1' IDENTIFIED BY '${PASSWORD}';\n` +
      `GRANT ALL PRIVILEGES ON *.* TO '${USER}'@'127.0.0.1' WITH GRANT OPTION;\n`,
  );
  const settings = {
    'server-id': String((port % 60000) + 1),
    'log-bin': path.join(folder, 'binlog'),
    'binlog-format': 'ROW',
    // a server that starts deletes the temporary tables of all others that share this folder
    tmpdir: folder,
    'character-set-server': 'utf8mb4',
    'innodb-buffer-pool-size': '64M',
    'innodb-flush-log-at-trx-commit': '2',
    ...product.settings,
    ...options.settings,
  };
  const [program, ...first] = product.command;
  const args = [
    '--no-defaults',
    ...asRoot,
    `--datadir=${data}`,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    '--skip-name-resolve',
    `--socket=${path.join(folder, 's.sock')}`,
    `--pid-file=${pidFile}`,
    `--log-error=${path.join(folder, 'error.log')}`,
    `--init-file=${initFile}`,
    ...Object.entries(settings).map(([name, value]) => (value === '' ? `--${name}` : `--${name}=${value}`)),
  ];
  const root = { host: '127.0.0.1', port, user: USER, password: PASSWORD };

  let child: ChildProcess | null = null;
  const start = async () => {
    child = spawn(program, [...first, ...args], { stdio: 'ignore' });
    // the server writes it as well, but only when it is ready
    await writeFile(pidFile, String(child.pid));
    await untilReady(child, root, path.join(folder, 'error.log'));
  };
  const halt = async (mode: 'fast' | 'immediate' = 'fast') => {
    const ending = child;
    child = null;
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => ending.once('exit', () => resolve()));
    ending.kill(mode === 'fast' ? 'SIGTERM' : 'SIGKILL');
    await gone;
  };
  const stop = async (mode: 'fast' | 'immediate') => {
    await halt(mode);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    release(folder);
  };
  try {
    await start();
  } catch (error) {
    await stop('immediate');
    throw error;
  }
  return {
    product: product.name,
    host: root.host,
    port,
    folder,
    root,
    url: `mysql://${USER}:${PASSWORD}@127.0.0.1:${port}/`,
    urlOf: (database) => `mysql://${USER}:${PASSWORD}@127.0.0.1:${port}/${encodeURIComponent(database)}`,
    async query(sql, database) {
      const connection = await mysql.createConnection({
        ...{ ...root, ...SESSION_OPTIONS, multipleStatements: true },
        ...(database === undefined ? {} : { database }),
      });
      try {
        return await rowsOf(connection, sql);
      } finally {
        await connection.end();
      }
    },
    async connect(login: Login = {}) {
      const connection = await mysql.createConnection({ ...root, ...SESSION_OPTIONS, ...login });
      connection.on('error', () => undefined);
      return { ...queryable(connection), end: () => connection.end() };
    },
    halt,
    async restart(mode) {
      await halt(mode);
      await start();
    },
    crash: () => halt('immediate'),
    stop: () => stop('fast'),
  };
}

/** The data folder that was initialised before, or now: `initialise` fills an empty one. */
export async function templateData(
  cache: string,
  name: string,
  initialise: (folder: string) => Promise<unknown>,
): Promise<string> {
  const ready = path.join(cache, name);
  if (existsSync(ready)) return ready;
  await mkdir(cache, { recursive: true });
  const making = await mkdtemp(path.join(cache, 'making-'));
  try {
    await initialise(making);
    await rename(making, ready);
  } catch (error) {
    await rm(making, { recursive: true, force: true });
    // somebody else finished first: theirs is as good
    if (!existsSync(ready)) throw error;
  }
  return ready;
}

async function untilReady(child: ChildProcess, root: MysqlServer['root'], log: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`The server did not start:\n${(await readFile(log, 'utf8').catch(() => '')).slice(-3000)}`);
    }
    try {
      const connection = await mysql.createConnection({ ...root, connectTimeout: 2000 });
      await connection.end();
      return;
    } catch (error) {
      const refused = error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
      if (!refused || Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
