/**
 * What was written meanwhile. Rows that differed are read again after the target had time to catch up, so that only
 * lasting differences count. As soon as both sides are quiet, the tables that were written are compared once more in
 * that quiet moment: `same` is only said of a state after which nobody wrote.
 */
import type { ObjectName } from '../cutover/facts.ts';
import { sentence, type Sentence } from '../util/sentence.ts';
import type { PositionWatch, Writes } from './positions.ts';
import { identity, shortName } from './scope.ts';
import type { TableOutcome } from './tableResult.ts';

export interface Settling {
  readonly watch: PositionWatch;
  readonly rounds: number;
  /** whether the snapshots may be renewed: not when other databases were compared in older ones */
  readonly alone: boolean;
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
  /** tables that were written after they were last compared as a whole */
  const written = new Set<string>();
  const note = (seen: Writes) => {
    for (const { tables } of outcomes) if (touches(seen, tables)) written.add(identity(tables.source.name));
  };
  for (let round = 0; round < how.rounds && writes.kind !== 'none'; round++) {
    note(writes);
    await how.settle(signal);
    if (how.alone) {
      // also what was written while the target caught up: the new snapshot is younger than this reading
      writes = await how.watch.advance(signal);
      note(writes);
    }
    await how.renew(signal);
    outcomes = await each(outcomes, (outcome) =>
      outcome.result.verdict === 'different' ? how.recheck(outcome) : Promise.resolve(outcome),
    );
    // where it cannot be told who writes, a lasting difference is all that can be found
    if (writes.kind === 'unknown' || !how.alone) break;
    writes = await how.watch.writes(signal);
    if (writes.kind !== 'none') continue;
    outcomes = await each(outcomes, (outcome) =>
      written.has(identity(outcome.tables.source.name)) ? how.again(outcome) : Promise.resolve(outcome),
    );
    written.clear();
    how.watch.hold();
    writes = await how.watch.writes(signal);
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

function touches(writes: Writes, tables: { source: { name: ObjectName }; target: { name: ObjectName } }): boolean {
  if (writes.kind !== 'written') return false;
  const named = (names: readonly string[] | null, table: ObjectName) =>
    names === null || names.includes(shortName(table)) || names.includes(`${table.database}.${shortName(table)}`);
  return named(writes.names.source, tables.source.name) || named(writes.names.target, tables.target.name);
}

async function each(
  outcomes: readonly TableOutcome[],
  work: (outcome: TableOutcome) => Promise<TableOutcome>,
): Promise<TableOutcome[]> {
  const done: TableOutcome[] = [];
  for (const outcome of outcomes) done.push(await work(outcome));
  return done;
}
