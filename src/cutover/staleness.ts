/** Whether what was found by a comparison still holds. */
import { sentence } from '../util/sentence.ts';
import type { Side } from './facts.ts';
import type { RunState, Staleness } from './machine.ts';
import { foreignNames } from './quiet.ts';
import { CARRIED_OUT, verifiesFirst } from './verification.ts';
import type { SideLook } from './sideWatch.ts';

/** A verdict about data that was written afterwards, or may have been, no longer holds; null when it does. */
export function stalenessOf(side: Side, { position }: SideLook, state: RunState): Omit<Staleness, 'at'> | null {
  const { foreign } = position;
  if (foreign !== 'written' && foreign !== 'unknown') return null;
  // after the switch the business is meant to write to the target; a write to the source is all the worse
  if (side === 'target' && (state.cutoverAt !== null || isForFinalCheck(state))) return null;
  const written = foreign === 'written';
  const why = written
    ? sentence('{objects} was written afterwards.', { objects: foreignNames(position) })
    : position.why;
  return { side, written, why };
}

/** From Complete on DTS adds keys, triggers and numbers on the target: whether rows were written, too, the final check tells. */
function isForFinalCheck(state: RunState): boolean {
  const { completion, comparison } = state;
  if (!verifiesFirst(state) || !CARRIED_OUT.has(completion.state)) return false;
  // by the order of the record where it tells: clocks are set
  if (completion.state === 'succeeded') return !state.comparedAfterEnd;
  return completion.at !== null && (comparison?.startedAt ?? 0) < completion.at;
}
