/**
 * Private MariaDB servers for tests, the demo and the bench: each with a temporary data folder, a free port on
 * 127.0.0.1, ROW binary logging, and nothing of the machine's own configuration. Uses the installed `mariadbd`.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import mysql from 'mysql2/promise';
import { hold, release } from './hold.ts';
import { queryable, rowsOf, SESSION_OPTIONS } from './mysqlSession.ts';
import type { Login, SandboxServer } from './server.ts';

const run = promisify(execFile);
const USER = 'root';
const PASSWORD = 'sandbox';
const asRoot = process.getuid?.() === 0 ? ['--user=root'] : [];

export interface MariaDbOptions {
  /** server options without the dashes, e.g. `{ 'default-time-zone': '+05:00' }` */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface MariaDb extends SandboxServer {
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

/** Whether a MariaDB server is installed here. */
export function haveMariaDb(): boolean {
  return binary('mariadbd') !== null;
}

/** Starts one server; the first call on a machine makes the data template (a few seconds), later ones take about one. */
export async function startMariaDb(options: MariaDbOptions = {}): Promise<MariaDb> {
  const mariadbd = binary('mariadbd');
  if (!mariadbd) throw new Error('mariadbd is not installed (Debian: apt-get install mariadb-server)');
  const folder = await hold(await mkdtemp(path.join(tmpdir(), 'dts-mariadb-')));
  const data = path.join(folder, 'data');
  await cp(await templateData(mariadbd), data, { recursive: true });
  const port = await freePort();
  const pidFile = path.join(folder, 'mariadb.pid');
  const initFile = path.join(folder, 'init.sql');
  await writeFile(
    initFile,
    `CREATE OR REPLACE USER '${USER}'@'127.0.0.1' IDENTIFIED BY '${PASSWORD}';\n` +
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
    'innodb-log-file-size': '16M',
    'innodb-flush-log-at-trx-commit': '2',
    ...options.settings,
  };
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
    child = spawn(mariadbd, args, { stdio: 'ignore' });
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

/** An initialised data folder, made once per server version and copied for each server. */
async function templateData(mariadbd: string): Promise<string> {
  const { stdout } = await run(mariadbd, ['--no-defaults', '--version']);
  const version = /Ver ([\w.-]+)/.exec(stdout)?.[1] ?? 'unknown';
  const cache = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '.sandbox');
  const ready = path.join(cache, `mariadb-${version}`);
  if (existsSync(ready)) return ready;
  await mkdir(cache, { recursive: true });
  const making = await mkdtemp(path.join(cache, 'making-'));
  const installer = binary('mariadb-install-db');
  if (!installer) throw new Error('mariadb-install-db is not installed');
  await run(installer, [
    '--no-defaults',
    ...asRoot,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
    `--datadir=${making}`,
  ]);
  try {
    await rename(making, ready);
  } catch {
    // somebody else finished first: theirs is as good
    await rm(making, { recursive: true, force: true });
  }
  return ready;
}

async function untilReady(child: ChildProcess, root: MariaDb['root'], log: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`mariadbd did not start:\n${(await readFile(log, 'utf8').catch(() => '')).slice(-3000)}`);
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

function binary(name: string): string | null {
  const folders = ['/usr/sbin', '/usr/bin', '/usr/local/sbin', '/usr/local/bin'];
  return folders.map((folder) => path.join(folder, name)).find((file) => existsSync(file)) ?? null;
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
