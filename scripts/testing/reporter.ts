import { appendFileSync } from 'node:fs';
import Mocha from 'mocha';
import { collectResults } from './results.ts';

/**
 * Mocha's readable report, and the results as data for scripts/test.ts, which adds up several runs: a line for each test as
 * it ends, so that a run that is killed has told what had ended before.
 */
export default class SpecAndResults extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    const file = process.env['DTS_CUTOVER_RESULTS'];
    if (!file) throw new Error('DTS_CUTOVER_RESULTS names no file');
    collectResults(runner, (result) => appendFileSync(file, `${JSON.stringify(result)}\n`));
  }
}
