/**
 * Structure and rows by the vendor's own dump, in one consistent snapshot. The dump itself tells the target from which
 * GTID on the changes are to be followed.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { MigrationEnd } from '../mover.ts';
import type { Replication } from './replication.ts';

export interface CopyOptions {
  readonly programs: Awaited<ReturnType<Replication['programs']>>;
  readonly source: MigrationEnd;
  readonly target: MigrationEnd;
  readonly databases: readonly string[];
  /** bytes that have passed so far */
  readonly onBytes: (bytes: number) => void;
}

/** Rejects with what the programs say; an abort ends them. */
export async function copyDatabases(options: CopyOptions, signal: AbortSignal): Promise<void> {
  const { programs, source, target, databases, onBytes } = options;
  const dump = run('The dump', programs.dump, source, ['--databases', ...databases]);
  const load = run('The load', programs.load, target, []);
  const stop = () => [dump, load].forEach(({ child }) => child.kill('SIGKILL'));
  signal.addEventListener('abort', stop, { once: true });
  let bytes = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      onBytes(bytes);
      done(null, chunk);
    },
  });
  try {
    // what a program says is more telling than the pipe it broke
    const piped = pipeline(dump.child.stdout, counted, load.child.stdin).catch((error: unknown) => error);
    await Promise.all([dump.ended, load.ended]);
    const broken = await piped;
    if (broken instanceof Error) throw broken;
  } finally {
    stop();
    signal.removeEventListener('abort', stop);
    signal.throwIfAborted();
  }
}

function run(what: string, command: readonly [string, ...string[]], end: MigrationEnd, last: readonly string[]) {
  const [program, ...first] = command;
  const { host, port, user, password } = end;
  const login = [`--host=${host}`, `--port=${port}`, `--user=${user}`, '--default-character-set=utf8mb4'];
  const env = { ...process.env, MYSQL_PWD: password };
  const child = spawn(program, [...first, ...login, ...last], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  return { child, ended: ended(what, child) };
}

function ended(what: string, child: ChildProcess): Promise<void> {
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2_000)));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`${what} ended with ${code ?? signal}: ${said.trim()}`));
    });
  });
}
