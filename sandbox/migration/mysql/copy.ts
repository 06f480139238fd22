/**
 * Structure and rows by `mariadb-dump`, in one consistent snapshot without a lock. The dump itself tells the target from
 * which GTID on the changes are to be followed.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { MigrationEnd } from '../mover.ts';

export interface CopyOptions {
  readonly source: MigrationEnd;
  readonly target: MigrationEnd;
  readonly databases: readonly string[];
  /** bytes that have passed so far */
  readonly onBytes: (bytes: number) => void;
}

/** Rejects with what the programs say; an abort ends them. */
export async function copyDatabases(options: CopyOptions, signal: AbortSignal): Promise<void> {
  const { source, target, databases, onBytes } = options;
  const dump = run('mariadb-dump', source, [
    '--single-transaction',
    '--master-data=1',
    '--gtid',
    '--routines',
    '--triggers',
    '--events',
    '--hex-blob',
    '--databases',
    ...databases,
  ]);
  const load = run('mariadb', target, ['--binary-mode']);
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

function run(program: string, { host, port, user, password }: MigrationEnd, args: readonly string[]) {
  const login = [`--host=${host}`, `--port=${port}`, `--user=${user}`, '--default-character-set=utf8mb4'];
  const env = { ...process.env, MYSQL_PWD: password };
  const child = spawn(program, ['--no-defaults', ...login, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  return { child, ended: ended(program, child) };
}

function ended(program: string, child: ChildProcess): Promise<void> {
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2_000)));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`${program} ended with ${code ?? signal}: ${said.trim()}`));
    });
  });
}
