import type { ComparisonResult } from '../../comparison/result.ts';

/** Full results weigh more than verdicts; older ones are made again by comparing again. */
const KEPT = 5;

/** What comparisons of this window found, row by row. The journal keeps their verdicts only. */
export class Comparisons {
  readonly #results = new Map<string, ComparisonResult>();

  keep(id: string, result: ComparisonResult): void {
    this.#results.set(id, result);
    for (const old of [...this.#results.keys()].slice(0, -KEPT)) this.#results.delete(old);
  }

  find(id: string): ComparisonResult | undefined {
    return this.#results.get(id);
  }
}
