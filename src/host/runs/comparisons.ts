import type { ComparisonMemory, Earlier, FinishedStore } from '../../comparison/memory.ts';
import type { ComparisonResult } from '../../comparison/result.ts';

/** Full results weigh more than verdicts; older ones are made again by comparing again. */
const KEPT = 5;

interface Kept {
  readonly result: ComparisonResult;
  readonly task: string;
  readonly subject: string;
  readonly whole: boolean;
}

/** What comparisons of this window found, row by row. The journal keeps their verdicts only. */
export class Comparisons {
  readonly #kept = new Map<string, Kept>();

  find(task: string, id: string): ComparisonResult | undefined {
    const kept = this.#kept.get(id);
    return kept?.task === task ? kept.result : undefined;
  }

  /** One task's part of it, for that task's comparisons. */
  memoryOf(task: string, finished: FinishedStore): ComparisonMemory {
    return {
      finished,
      keep: (id, result, of) => {
        const kept = { result, task, ...of };
        this.#kept.set(id, kept);
        for (const old of [...this.#kept.keys()].slice(0, -KEPT)) this.#kept.delete(old);
        return finished.keepWhole(kept.whole ? earlier(kept) : null);
      },
      whole: async () => this.#newestWhole(task) ?? (await finished.readWhole()),
    };
  }

  #newestWhole(task: string): Earlier | null {
    const found = [...this.#kept.values()].findLast((kept) => kept.task === task && kept.whole);
    return found ? earlier(found) : null;
  }
}

const earlier = ({ subject, result: { startedAt, tables, tokens } }: Kept): Earlier => {
  return { subject, startedAt, tables, tokens };
};
