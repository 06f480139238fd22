/**
 * What was written meanwhile. Rows that differed are read again after the target had time to catch up, so that only
 * lasting differences count. As soon as both sides are quiet, all tables are compared once more in that quiet moment:
 * `same` is only said of a state after which nobody wrote. All of them, since the name of a written table says little
 * about the others: rows that a foreign key cascades to stand in no log of MySQL, a partition is not named like its
 * table, and of a statement that changes several tables a log may name one.
 */
import { sentence, type Sentence } from '../util/sentence.ts';
import type { PositionWatch, Writes } from './positions.ts';
import type { TableOutcome } from './tableResult.ts';
import { inTurn } from './tableRows.ts';

export interface Settling {
  readonly watch: PositionWatch;
  readonly rounds: number;
  /** whether the snapshots may be renewed: not when other databases were compared in older ones */
  readonly alone: boolean;
  /** tables at once */
  readonly atOnce: number;
  /** whether it has taken so long that all tables are compared again at most once */
  late(): boolean;
  /** lets the target catch up */
  settle(signal: AbortSignal): Promise<void>;
  /** new snapshots on both sides */
  renew(signal: AbortSignal): Promise<void>;
  /** reads the differing rows again */
  recheck(outcome: TableOutcome): Promise<TableOutcome>;
  /** compares the whole table again */
  again(outcome: TableOutcome): Promise<TableOutcome>;
}

export interface Settled {
  readonly outcomes: readonly TableOutcome[];
  /** why the state cannot be called the same */
  readonly unsettled: readonly Sentence[];
  /** somebody wrote, and nothing was read again */
  readonly unchecked: boolean;
}

export async function settle(first: readonly TableOutcome[], how: Settling, signal: AbortSignal): Promise<Settled> {
  let outcomes = first;
  let writes = await how.watch.writes(signal);
  if (writes.kind === 'none') return { outcomes, unsettled: [], unchecked: false };
  const each = async (work: (outcome: TableOutcome) => Promise<TableOutcome>) => {
    const done = [...outcomes];
    await inTurn([...outcomes.entries()], how.atOnce, async ([i, outcome]) => void (done[i] = await work(outcome)));
    outcomes = done;
  };
  let comparedAgain = false;
  for (let round = 0; round < how.rounds && writes.kind !== 'none'; round++) {
    await how.settle(signal);
    if (how.alone) {
      // also what was written while the target caught up: the new snapshot is younger than this reading
      const seen = await how.watch.advance(signal);
      if (seen.kind !== 'none') writes = seen;
    }
    await how.renew(signal);
    const since: Writes = how.alone ? await how.watch.writes(signal) : writes;
    // somebody who writes now and then would have us begin again and again
    const enough = comparedAgain && how.late();
    if (writes.kind === 'written' && since.kind === 'none' && !enough) {
      await each((outcome) => how.again(outcome));
      comparedAgain = true;
      how.watch.hold();
      writes = await how.watch.writes(signal);
      continue;
    }
    await each((outcome) => (outcome.result.verdict === 'different' ? how.recheck(outcome) : Promise.resolve(outcome)));
    // where it cannot be told who writes, a lasting difference is all that can be found
    if (writes.kind === 'unknown' || !how.alone || enough) break;
    writes = since;
  }
  return {
    outcomes,
    unsettled: remarksOn(writes, how.rounds),
    unchecked: writes.kind === 'written' && how.rounds === 0,
  };
}

/** Why what was found cannot be the last word. */
export function remarksOn(writes: Writes, rounds: number): Sentence[] {
  switch (writes.kind) {
    case 'none':
      return [];
    case 'unknown':
      return [writes.why];
    case 'written':
      return rounds === 0
        ? [sentence('Somebody wrote during the comparison, and what was written was not read again.')]
        : [sentence('Somebody kept writing during the comparison: what is the same now may already have changed.')];
  }
}
