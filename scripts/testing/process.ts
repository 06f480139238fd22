import { spawn } from 'node:child_process';
import { inRepository } from '../paths.ts';

export interface ProcessOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMinutes: number;
  /** pass its output through while it runs */
  readonly show?: boolean;
  /** told to end, it ends what it started in process groups of their own: a run of this function in another process */
  readonly tidy?: boolean;
}

export interface ProcessEnd {
  /** the exit code, or the signal that ended it */
  readonly code: number | NodeJS.Signals;
  readonly output: string;
}

/** Runs a program to its end in a process group of its own; one that takes too long is killed with all it started. */
export function runProcess(file: string, args: readonly string[], options: ProcessOptions): Promise<ProcessEnd> {
  const child = spawn(file, args, {
    cwd: inRepository(),
    env: options.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const killGroup = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, options.tidy ? 'SIGTERM' : 'SIGKILL');
    } catch {
      // Nothing of it is left.
    }
  };
  const interrupt = () => {
    killGroup();
    process.exit(130);
  };
  process.once('exit', killGroup);
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  const timer = setTimeout(() => {
    process.stderr.write(`No end after ${options.timeoutMinutes} minutes: killed.\n`);
    killGroup();
  }, options.timeoutMinutes * 60_000);

  let output = '';
  const read = (stream: NodeJS.WriteStream) => (chunk: Buffer) => {
    output += chunk.toString();
    if (options.show) stream.write(chunk);
  };
  child.stdout.on('data', read(process.stdout));
  child.stderr.on('data', read(process.stderr));
  return new Promise<ProcessEnd>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => setTimeout(killGroup, 1000)); // a grandchild that holds the pipes open
    child.once('close', (code, signal) => resolve({ code: code ?? signal ?? 1, output }));
  }).finally(() => {
    clearTimeout(timer);
    process.off('exit', killGroup);
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  });
}
