/** What one reading of the task says about the zero dwell. Pure. */
import type { Moment } from '../util/clock.ts';
import { sentence, type Sentence } from '../util/sentence.ts';
import { GATES, maxHoleMs, type GateFacts } from './gates.ts';
import { covers, uncovered } from './overrides.ts';
import { PENDING } from './reasons.ts';
import { windowState, type Look } from './windows.ts';

/** Zero only counts once the source is quiet: before, the next write is already on its way. */
export function dwellLook({ at, mono }: Moment, behind: Sentence | undefined, facts: GateFacts): Look {
  if (behind) return { at, mono, holds: 'no', why: behind };
  const wavedThrough = quietWavedThrough(facts);
  if (wavedThrough) return wavedThrough === 'yes' ? { at, mono, holds: 'yes' } : { at, mono, ...PENDING_LOOK };
  const { quiet, settings, now } = facts;
  switch (windowState(quiet, settings.quietWindowSeconds, now, maxHoleMs(settings))) {
    case 'reached':
      return { at, mono, holds: 'yes' };
    case 'pending':
      return { at, mono, ...PENDING_LOOK };
    case 'waiting':
    case 'broken':
      return { at, mono, holds: 'no', why: sentence('the source is not quiet') };
  }
}

const PENDING_LOOK = {
  holds: 'pending',
  why: sentence('the source has not said yet by whom its last write was'),
} as const;

/** Whether the source counts as quiet by the user's word; `pending` while only a late counter is in the way. */
function quietWavedThrough(facts: GateFacts): 'yes' | 'pending' | null {
  const { quiet } = facts.state.overrides;
  const verdict = GATES.quiet(facts);
  if (covers(quiet, verdict)) return 'yes';
  const left = uncovered(quiet, verdict);
  return quiet && verdict.state !== 'open' && left.every(({ code }) => code === PENDING.source.code) ? 'pending' : null;
}
