/**
 * `npm start`: the sandbox with VS Code in the browser. `--headless` drives one cutover on the terminal instead,
 * `--desktop` opens an installed desktop VS Code. Ctrl-C stops everything and leaves nothing behind.
 */
import { parseArgs } from 'node:util';
import { isFailure } from '../src/util/failure.ts';
import { say } from '../src/util/sentence.ts';
import { WORLD_ENGINES } from './world.ts';

const USAGE = `npm start [-- options]
  --headless             drive one whole cutover without VS Code
  --json                 with --headless: one JSON event a line
  --quiet-seconds N      with --headless: length of the quiet window, default 60
  --dwell-seconds N      with --headless: how long gap and lag must stay 0, default 60
  --desktop              open an installed desktop VS Code instead of the browser's
  --engine NAME          postgres, mysql, mariadb or mongodb; default postgres
  --port N               port of VS Code in the browser, default 3000
  --help`;

async function main(): Promise<number> {
  const options = readOptions();
  if (options.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const write = (line: string) => process.stdout.write(`${line}\n`);
  const engine = WORLD_ENGINES.find((known) => known === options.engine);
  if (!engine) throw new UsageError(`There is no sandbox for the engine "${options.engine}".`);
  if (options.headless) {
    const { headless } = await import('./headless.ts');
    return headless({
      engine,
      json: options.json,
      quietWindowSeconds: seconds('--quiet-seconds', options['quiet-seconds']),
      zeroDwellSeconds: seconds('--dwell-seconds', options['dwell-seconds']),
      write,
    });
  }
  const { serve } = await import('./serve.ts');
  return serve({ engine, desktop: options.desktop, port: wholeNumber('--port', options.port, 0, 65_535), write });
}

class UsageError extends Error {}

function readOptions() {
  try {
    return parseArgs({
      options: {
        headless: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        desktop: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        engine: { type: 'string', default: 'postgres' },
        port: { type: 'string', default: '3000' },
        'quiet-seconds': { type: 'string', default: '60' },
        'dwell-seconds': { type: 'string', default: '60' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

const seconds = (name: string, text: string) => wholeNumber(name, text, 1, 600);

function wholeNumber(name: string, text: string, minimum: number, maximum: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= minimum && value <= maximum) return value;
  throw new UsageError(`${name} takes a whole number from ${minimum} to ${maximum}, not "${text}".`);
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const text = isFailure(error)
      ? [error.what, error.tryThis].flatMap((s) => (s ? [say(s)] : [])).join(' ')
      : error instanceof Error
        ? error.message
        : String(error);
    process.stderr.write(`${text}\n${error instanceof UsageError ? `\n${USAGE}\n` : ''}`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  },
);
