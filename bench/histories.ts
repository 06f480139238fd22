/**
 * Random histories against an oracle that knows the runbook and the truth (test/unit/cutover/histories): more of them than
 * the tests play. Prints what was found with its seed, so that it can be played again.
 */
import process from 'node:process';
import { WORLDS } from '../test/unit/cutover/histories/made.ts';
import { playHistory } from '../test/unit/cutover/histories/play.ts';

export async function benchHistories(args: readonly string[]): Promise<void> {
  const [count = 10_000, seed = Date.now() % 1_000_000_000] = args.map(Number);
  for (const kind of WORLDS) {
    const began = performance.now();
    const sum = { calls: 0, overrides: 0, wrong: 0 };
    for (let i = 0; i < Math.ceil(count / WORLDS.length); i++) {
      try {
        const { calls, overrides } = await playHistory(kind, seed + i, 20);
        sum.calls += calls;
        sum.overrides += overrides;
      } catch (error) {
        sum.wrong++;
        process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n\n`);
      }
    }
    const seconds = ((performance.now() - began) / 1000).toFixed(0);
    const told = `${sum.calls} times Complete, ${sum.overrides} overrides, ${sum.wrong} wrong`;
    process.stdout.write(
      `${Math.ceil(count / WORLDS.length)} histories, ${kind}, from seed ${seed}: ${told}, ${seconds} s\n`,
    );
  }
}
