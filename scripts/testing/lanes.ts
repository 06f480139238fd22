import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureChromium, ensureMariaDb, ensurePgBouncer } from '../provision.ts';
import { inRepository } from '../paths.ts';
import { runProcess } from './process.ts';
import { describeError, type KindResult } from './results.ts';

/**
 * Kinds of tests that run one after another; the lanes run side by side. The editor's tests mostly wait for minutes to
 * pass, and they share dist/ with the packaging.
 */
const lanes: readonly (readonly string[])[] = [
  ['check', 'unit', 'webview', 'contract', 'engines', 'sandbox'],
  ['manifest', 'host', 'e2e'],
];

/** Runs every kind of test, each lane in a process of its own. The second lane's output comes when it has ended. */
export async function runLanes(options: readonly string[]): Promise<KindResult[]> {
  // two package managers at once would be in each other's way
  for (const ensure of [ensureMariaDb, ensurePgBouncer, ensureChromium]) {
    // the kinds that need it ask again, and say what is missing
    await ensure().catch(() => undefined);
  }
  const folder = await mkdtemp(path.join(tmpdir(), 'lanes-'));
  try {
    const ends = await Promise.all(
      lanes.map(async (kinds, index) => {
        const file = path.join(folder, `${index}.json`);
        const program = ['--import=tsx', inRepository('scripts/test.ts'), ...kinds, '--results', file, ...options];
        const { output } = await runProcess(process.execPath, program, {
          timeoutMinutes: 30,
          show: index === 0,
          tidy: true,
        });
        return { kinds, file, output: index === 0 ? '' : output };
      }),
    );
    const results: KindResult[] = [];
    for (const { kinds, file, output } of ends) {
      process.stdout.write(output);
      results.push(...(await resultsOf(kinds, file)));
    }
    return results;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function resultsOf(kinds: readonly string[], file: string): Promise<KindResult[]> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as KindResult[];
  } catch (error) {
    return kinds.map((kind) => ({ kind, title: 'the run itself', state: 'failed', error: describeError(error) }));
  }
}
