/** What outlives a comparison, so that its work need not be done twice while nobody writes. */
import type { Finished } from './compare.ts';
import { isListed } from './scope.ts';
import type { ComparisonResult, TableResult } from './result.ts';

/** What a comparison was about: results of another task's scope or of other servers are of no use. */
export interface Earlier extends Finished {
  readonly subject: string;
  /** when the earlier comparison began, epoch milliseconds */
  readonly startedAt: number;
}

/** Tables that an interrupted comparison had finished. Losing them costs time only, so nothing here rejects. */
export interface FinishedStore {
  read(): Promise<Earlier | null>;
  /** from the first table on, what was kept before is gone */
  begin(subject: string, startedAt: number): FinishedWriter;
}

export interface FinishedWriter {
  add(table: TableResult, tokens: Finished['tokens']): void;
  /** the comparison came to its end: nothing has to be kept */
  ended(): Promise<void>;
}

export interface ComparisonMemory {
  readonly finished: FinishedStore;
  /** keeps a result with its rows; `whole`: it covers all that the task moves */
  keep(id: string, result: ComparisonResult, of: { readonly subject: string; readonly whole: boolean }): void;
  /** the newest whole result there is */
  whole(): Earlier | null;
}

/** Keeps nothing. */
export const NO_MEMORY: ComparisonMemory = {
  finished: {
    read: () => Promise.resolve(null),
    begin: () => ({ add: () => undefined, ended: () => Promise.resolve() }),
  },
  keep: () => undefined,
  whole: () => null,
};

/** Earlier results that may be taken over if nobody has written since: of the same subject, and not too old to prove anything. */
export function usable(earlier: Earlier | null, subject: string, notBefore: number | null): Earlier | null {
  if (!earlier || earlier.subject !== subject) return null;
  return notBefore !== null && earlier.startedAt < notBefore ? null : earlier;
}

/** Without the tables that are to be looked at again. */
export function without(earlier: Earlier, again: readonly string[]): Finished {
  return {
    tokens: earlier.tokens,
    tables: earlier.tables.filter(({ source }) => source === null || !isListed(again, source)),
  };
}
