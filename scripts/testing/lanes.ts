import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureChromium, ensureMariaDb, ensurePgBouncer } from '../provision.ts';
import { inRepository } from '../paths.ts';
import { runProcess } from './process.ts';
import { readResults, type KindResult } from './results.ts';

/**
 * Kinds of tests that run one after another; the lanes run side by side and take about as long. What starts database
 * servers is in the first; the editor's tests mostly wait for minutes to pass, and they share dist/ with the packaging.
 */
const lanes: readonly (readonly string[])[] = [
  ['contract', 'engines', 'sandbox'],
  ['check', 'unit', 'webview', 'manifest', 'host', 'e2e'],
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
        const file = path.join(folder, `${index}.jsonl`);
        const program = ['--import=tsx', inRepository('scripts/test.ts'), ...kinds, '--results', file, ...options];
        const { code, output } = await runProcess(process.execPath, program, {
          timeoutMinutes: 30,
          show: index === 0,
          tidy: true,
        });
        return { kinds, file, code, output: index === 0 ? '' : output };
      }),
    );
    const results: KindResult[] = [];
    for (const { kinds, file, code, output } of ends) {
      process.stdout.write(output);
      results.push(...(await resultsOf(kinds, file, code)));
    }
    return results;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What a lane has told; a kind of which it told nothing has failed. */
async function resultsOf(kinds: readonly string[], file: string, code: number | NodeJS.Signals): Promise<KindResult[]> {
  const results = await readResults<KindResult>(file);
  const silent = kinds.filter((kind) => !results.some((result) => result.kind === kind));
  const why = `The process of these tests ended with ${code} before it wrote its results of this kind to ${file}.`;
  return [
    ...results,
    ...silent.map((kind): KindResult => ({ kind, title: 'the run itself', state: 'failed', error: why })),
  ];
}
