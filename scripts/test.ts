import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { inRepository } from './paths.ts';
import { kinds, type KindOptions } from './testing/kinds.ts';
import { runLanes } from './testing/lanes.ts';
import { describeError, type KindResult, type TestResult } from './testing/results.ts';

/**
 * `npm test` runs every kind of test, `npm test -- unit engines` the named ones. The last line adds them up.
 * `--desktop` runs the extension-host suite in a downloaded desktop VS Code. `--all-pairs` runs what is tested on MySQL on
 * MariaDB too. `--results FILE` writes what was found there, for a run that adds up several.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    desktop: { type: 'boolean', default: false },
    'all-pairs': { type: 'boolean', default: false },
    results: { type: 'string' },
  },
});
const unknown = positionals.filter((name) => !(name in kinds));
if (unknown.length > 0) {
  process.stderr.write(`Unknown: ${unknown.join(', ')}. There are ${Object.keys(kinds).join(', ')}.\n`);
  process.exit(2);
}

if (values['all-pairs']) process.env['DTS_CUTOVER_ALL_PAIRS'] = '1';
const all = positionals.length > 0 ? await runKinds(positionals, values) : await runLanes(flags());
if (values.results === undefined) report(all);
process.exitCode = all.some(({ state }) => state === 'failed') ? 1 : 0;

function flags(): string[] {
  return values.desktop ? ['--desktop'] : [];
}

async function runKinds(names: readonly string[], options: KindOptions): Promise<KindResult[]> {
  const results: KindResult[] = [];
  for (const [kind, run] of Object.entries(kinds)) {
    if (!names.includes(kind)) continue;
    process.stdout.write(`\n── ${kind} ──\n`);
    const started = performance.now();
    const found = await run(options).catch((error: unknown): TestResult[] => [
      { title: 'the run itself', state: 'failed', error: describeError(error) },
    ]);
    if (found.length === 0) found.push({ title: 'the run itself', state: 'failed', error: 'No test ran.' });
    const ofKind = found.map((result) => ({ kind, ...result }));
    results.push(...ofKind);
    // kind by kind: what is killed later has told this
    if (values.results !== undefined) {
      appendFileSync(values.results, ofKind.map((result) => `${JSON.stringify(result)}\n`).join(''));
    }
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    process.stdout.write(`${kind}: ${found.length} tests in ${seconds} s\n`);
  }
  return results;
}

function report(results: readonly KindResult[]): void {
  for (const { kind, title, file } of results.filter(({ state }) => state === 'skipped')) {
    process.stdout.write(`skipped: ${kind} › ${title}${place(file)}\n`);
  }
  for (const { kind, title, file, error } of results.filter(({ state }) => state === 'failed')) {
    process.stdout.write(`\nFAILED: ${kind} › ${title}${place(file)}\n${error ?? ''}\n`);
  }
  process.stdout.write(`\n${summary(results)}\n`);
}

function summary(found: readonly TestResult[]): string {
  const count = (state: TestResult['state']) => found.filter((result) => result.state === state).length;
  const skipped = count('skipped');
  return `${count('passed')} passed, ${count('failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

function place(file: string | undefined): string {
  return file === undefined ? '' : ` (${path.relative(inRepository(), file)})`;
}
