import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { collectResults, type TestResult } from '../../scripts/testing/results.ts';

/**
 * VS Code calls this inside the extension host: runs every `*.test.cjs` next to the bundled suite and leaves the results
 * in a file, since an exit code alone proves nothing.
 */
export async function run(): Promise<void> {
  const resultFile = process.env['DTS_CUTOVER_SUITE_RESULT'];
  if (!resultFile) throw new Error('DTS_CUTOVER_SUITE_RESULT names no file');
  process.setSourceMapsEnabled(true); // failures name lines of the source
  const { default: Mocha } = await import('mocha');
  const mocha = new Mocha({ ui: 'bdd', timeout: 30_000, color: false });
  // by name: what activation loads is asked before anything else has loaded more
  for (const name of readdirSync(__dirname).sort()) {
    if (name.endsWith('.test.cjs')) mocha.addFile(path.join(__dirname, name));
  }
  const results = await new Promise<TestResult[]>((resolve) => {
    const runner = mocha.run(() => resolve(collected));
    const collected = collectResults(runner);
  });
  writeFileSync(resultFile, JSON.stringify(results));
  const failed = results.filter(({ state }) => state === 'failed').length;
  if (failed > 0) throw new Error(`${failed} failed`);
}
