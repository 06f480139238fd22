/** The tests of hidden writes once more, with many histories instead of one, on every server they know. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { inRepository } from '../scripts/paths.ts';

const FILES = { postgres: 'test/engines/postgresHidden.test.ts', mysql: 'test/engines/mysqlHidden.test.ts' };

export async function benchQuiet(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { histories: { type: 'string', default: '20' }, engine: { type: 'string' } },
  });
  const { engine, histories } = values;
  const files = Object.entries(FILES).flatMap(([name, file]) =>
    engine === undefined || engine === name ? [file] : [],
  );
  const mocha = inRepository('node_modules/mocha/bin/mocha.js');
  const child = spawn(process.execPath, [mocha, '--import=tsx', '--exit', ...files], {
    cwd: inRepository('.'),
    env: { ...process.env, DTS_CUTOVER_HISTORIES: histories },
    stdio: 'inherit',
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  process.exitCode = code ?? 1;
}
