/** What loading a bundle costs in a plain Node.js, each time in a new process: `require` of the file, nothing else. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { inRepository } from '../../scripts/paths.ts';

/** Stands in for `vscode`: whatever is asked of it while loading is a class that has everything, too. */
const LOAD = `
  const { Module } = require('node:module');
  const load = Module._load;
  const anything = new Proxy(class {}, { get: (known, name) => known[name] ?? anything });
  // a bundle copies a module's own properties and takes over its prototype
  const vscode = Object.create(anything);
  Module._load = function (request, ...rest) { return request === 'vscode' ? vscode : load.call(this, request, ...rest); };
  // as many names as VS Code's API has: copying them would cost what it costs there
  for (let i = 0; i < 450; i++) Object.defineProperty(vscode, 'Name' + i, { get: () => anything, enumerable: true });
  const used = process.cpuUsage();
  const began = performance.now();
  require(process.argv[1]);
  const wall = performance.now() - began;
  const { user, system } = process.cpuUsage(used);
  process.stdout.write(JSON.stringify({ wall, processor: (user + system) / 1000 }));
  process.exit();`;

/** Milliseconds. On a machine with other work to do the processor's time says more than the clock on the wall. */
export interface Load {
  readonly wall: number;
  readonly processor: number;
}

/** One for each of `times` processes. */
export async function requireTimes(bundle: string, times: number): Promise<Load[]> {
  const taken: Load[] = [];
  for (let i = 0; i < times; i++) {
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', LOAD, inRepository('dist', bundle)]);
    taken.push(JSON.parse(stdout) as Load);
  }
  return taken;
}
