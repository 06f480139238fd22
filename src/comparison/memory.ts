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

/** Tables that were found to be the same, kept on disk. Losing them costs time only, so nothing here rejects. */
export interface FinishedStore {
  /** those that an interrupted comparison had finished */
  read(): Promise<Earlier | null>;
  /** from the first table on, what an interrupted comparison left is gone */
  begin(subject: string, startedAt: number): FinishedWriter;
  /** those of the newest comparison of everything that came to its end */
  readWhole(): Promise<Earlier | null>;
  /** null: what is kept of one proves nothing any more */
  keepWhole(whole: Earlier | null): Promise<void>;
}

export interface FinishedWriter {
  add(table: TableResult, tokens: Finished['tokens']): void;
  /** the comparison came to its end: there is nothing to go on with */
  ended(): Promise<void>;
}

export interface ComparisonMemory {
  readonly finished: FinishedStore;
  /** keeps a result with its rows; `whole`: it covers all that the task moves */
  keep(id: string, result: ComparisonResult, of: { readonly subject: string; readonly whole: boolean }): Promise<void>;
  /** the newest whole result there is; after a reload of it the tables that were the same */
  whole(): Promise<Earlier | null>;
}

/** Keeps nothing. */
export const NO_MEMORY: ComparisonMemory = {
  finished: {
    read: () => Promise.resolve(null),
    begin: () => ({ add: () => undefined, ended: () => Promise.resolve() }),
    readWhole: () => Promise.resolve(null),
    keepWhole: () => Promise.resolve(),
  },
  keep: () => Promise.resolve(),
  whole: () => Promise.resolve(null),
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
