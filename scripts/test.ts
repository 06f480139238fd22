import path from 'node:path';
import { parseArgs } from 'node:util';
import { inRepository } from './paths.ts';
import { kinds } from './testing/kinds.ts';
import { describeError, type TestResult } from './testing/results.ts';

/**
 * `npm test` runs every kind of test, `npm test -- unit engines` the named ones. The last line adds them up.
 * `--desktop` runs the extension-host suite in a downloaded desktop VS Code.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { desktop: { type: 'boolean', default: false } },
});
const unknown = positionals.filter((name) => !(name in kinds));
if (unknown.length > 0) {
  process.stderr.write(`Unknown: ${unknown.join(', ')}. There are ${Object.keys(kinds).join(', ')}.\n`);
  process.exit(2);
}

const results = new Map<string, TestResult[]>();
for (const [name, run] of Object.entries(kinds)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  process.stdout.write(`\n── ${name} ──\n`);
  const started = performance.now();
  const found = await run(values).catch((error: unknown): TestResult[] => [
    { title: 'the run itself', state: 'failed', error: describeError(error) },
  ]);
  if (found.length === 0) found.push({ title: 'the run itself', state: 'failed', error: 'No test ran.' });
  results.set(name, found);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`${name}: ${found.length} tests in ${seconds} s\n`);
}

const all = [...results].flatMap(([kind, found]) => found.map((result) => ({ kind, ...result })));
for (const { kind, title, file } of all.filter(({ state }) => state === 'skipped')) {
  process.stdout.write(`skipped: ${kind} › ${title}${place(file)}\n`);
}
for (const { kind, title, file, error } of all.filter(({ state }) => state === 'failed')) {
  process.stdout.write(`\nFAILED: ${kind} › ${title}${place(file)}\n${error ?? ''}\n`);
}
process.stdout.write(`\n${summary(all)}\n`);
process.exitCode = all.some(({ state }) => state === 'failed') ? 1 : 0;

function summary(found: readonly TestResult[]): string {
  const count = (state: TestResult['state']) => found.filter((result) => result.state === state).length;
  const skipped = count('skipped');
  return `${count('passed')} passed, ${count('failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

function place(file: string | undefined): string {
  return file === undefined ? '' : ` (${path.relative(inRepository(), file)})`;
}
