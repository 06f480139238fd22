/** Whether what was found by a comparison still holds. */
import { sentence } from '../util/sentence.ts';
import type { Side } from './facts.ts';
import type { RunState, Staleness } from './machine.ts';
import { foreignNames } from './quiet.ts';
import type { SideLook } from './sideWatch.ts';

/** A verdict about data that was written afterwards, or may have been, no longer holds; null when it does. */
export function stalenessOf(side: Side, { position }: SideLook, state: RunState): Omit<Staleness, 'at'> | null {
  const { foreign } = position;
  if (foreign !== 'written' && foreign !== 'unknown') return null;
  // after the switch the business is meant to write to the target; a write to the source is all the worse
  if (side === 'target' && state.cutoverAt !== null) return null;
  const written = foreign === 'written';
  const why = written
    ? sentence('{objects} was written afterwards.', { objects: foreignNames(position) })
    : position.why;
  return { side, written, why };
}
