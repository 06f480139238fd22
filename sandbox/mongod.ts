/**
 * Private MongoDB servers for the demo and its tests: each a process of its own with a temporary folder and a free port
 * on 127.0.0.1. No mongod comes from a package registry, so it is the sandbox's own server (see mongodb/), which
 * speaks the wire protocol to the unmodified driver as the one member of a replica set.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { MongoClient, type MongoClientOptions } from 'mongodb';
import { hold, release } from './hold.ts';
import { queryable } from './mongodbSession.ts';
import type { Login, SandboxServer } from './server.ts';

const ROOT = { user: 'root', password: 'sandbox', roles: ['root'] };
const MAIN = fileURLToPath(new URL('./mongodb/main.ts', import.meta.url));
/** from where `tsx` is found */
const ROOT_FOLDER = fileURLToPath(new URL('..', import.meta.url));

export interface Mongod extends SandboxServer {
  /** an unmodified driver, connected; by default as the administrator */
  client(login?: Login, options?: MongoClientOptions): Promise<MongoClient>;
}

/** Starts one server; about a second. */
export async function startMongod(): Promise<Mongod> {
  const folder = await hold(await mkdtemp(path.join(tmpdir(), 'dts-mongodb-')));
  await writeFile(path.join(folder, 'users.json'), JSON.stringify([ROOT]), { mode: 0o600 });
  let child: ChildProcess | null = null;
  let port = 0;
  const start = async () => {
    const args = ['--import=tsx', MAIN, folder, String(port)];
    const starting = (child = spawn(process.execPath, args, { cwd: ROOT_FOLDER, stdio: ['ignore', 'pipe', 'pipe'] }));
    await writeFile(path.join(folder, 'mongod.pid'), String(starting.pid));
    port = await portOf(starting);
  };
  const halt = async (mode: 'fast' | 'immediate' = 'fast') => {
    const ending = child;
    child = null;
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
    const gone = once(ending, 'exit');
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
  const host = '127.0.0.1';
  const client = ({ user, password }: Login = {}, options: MongoClientOptions = {}) =>
    new MongoClient(`mongodb://${host}:${port}/`, {
      auth: { username: user ?? ROOT.user, password: password ?? ROOT.password },
      directConnection: true,
      serverSelectionTimeoutMS: 5_000,
      ...options,
    }).connect();
  return {
    host,
    port,
    folder,
    client,
    async connect(login: Login = {}) {
      const connected = await client(login);
      return { ...queryable(connected.db(login.database ?? 'admin')), end: () => connected.close() };
    },
    halt,
    async restart(mode) {
      await halt(mode);
      await start();
    },
    stop: () => stop('fast'),
  };
}

/** Resolves when it answers; rejects with what it said when it ends instead. */
async function portOf(child: ChildProcess): Promise<number> {
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-3_000)));
  if (!child.stdout) throw new Error('The server has no standard output.');
  const ended = once(child, 'exit').then(() => Promise.reject(new Error(`The MongoDB server did not start:\n${said}`)));
  ended.catch(() => undefined);
  const [line] = (await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended])) as [string];
  return Number(line);
}
