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
  const began = performance.now();
  require(process.argv[1]);
  process.stdout.write(String(performance.now() - began));
  process.exit();`;

/** Milliseconds, one for each of `times` processes. */
export async function requireTimes(bundle: string, times: number): Promise<number[]> {
  const taken: number[] = [];
  for (let i = 0; i < times; i++) {
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', LOAD, inRepository('dist', bundle)]);
    taken.push(Number(stdout));
  }
  return taken;
}
