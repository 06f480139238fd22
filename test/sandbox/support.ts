/** What the tests of the sandbox share: waiting, and proving that nothing is left. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { WorldEngine } from '../../sandbox/world.ts';

/** Waits for something to become so; Mocha's limit ends it when it never does. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** The rights or roles that README's table asks for in a row, sorted. */
export function askedByReadme(row: string): string[] {
  const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');
  const [line] = readme.split('\n').filter((one) => one.startsWith(`| ${row} `));
  const asked = /`([^`]*)`/.exec(line ?? '')?.[1] ?? '';
  return asked
    .replace(/ ON .*/, '')
    .split(', ')
    .sort();
}

export interface Traceable {
  readonly dts: { readonly url: string };
  readonly control: {
    readonly servers: Readonly<Record<'source' | 'target', { readonly port: number; readonly folder: string }>>;
  };
}

export interface Traces {
  readonly ports: readonly number[];
  readonly folders: readonly string[];
  readonly processes: readonly number[];
}

/** `pidFile`: where in its folder a server keeps its process id */
export function tracesOf({ dts, control: { servers } }: Traceable, pidFile: string): Traces {
  const both = [servers.source, servers.target];
  return {
    ports: [Number(new URL(dts.url).port), ...both.map((server) => server.port)],
    folders: both.map((server) => server.folder),
    processes: both.map(({ folder }) => Number(readFileSync(join(folder, pidFile), 'utf8').split('\n')[0])),
  };
}

export async function assertGone({ ports, folders, processes }: Traces): Promise<void> {
  for (const folder of folders) assert.ok(!existsSync(folder), `${folder} is still there`);
  for (const pid of processes)
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' }, `process ${pid} still runs`);
  for (const port of ports) {
    const socket = connect(port, '127.0.0.1');
    const answer = await Promise.race([
      once(socket, 'connect').then(() => 'open'),
      once(socket, 'error').then(() => 'closed'),
    ]).catch(() => 'closed');
    socket.destroy();
    assert.equal(answer, 'closed', `port ${port} still answers`);
  }
}

/** A world in a process of its own, to be ended from outside. */
export async function startApart(engine: WorldEngine) {
  const script = `
    import { startWorld } from './sandbox/world.ts';
    const world = await startWorld({ engine: '${engine}', orders: 100 });
    const { source, target } = world.control.servers;
    console.log(JSON.stringify({ dts: world.dts, control: { servers: { source, target } } }, ['dts', 'url', 'control',
      'servers', 'source', 'target', 'port', 'folder']));`;
  const child = spawn(process.execPath, ['--import=tsx', '--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { child, started: JSON.parse(line) as Traceable };
}
