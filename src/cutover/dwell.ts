/** What one reading of the task says about the zero dwell, and about the wait after a lost answer. Pure. */
import type { Moment } from '../util/clock.ts';
import { sentence, type Sentence } from '../util/sentence.ts';
import { isCompletable } from './completion.ts';
import type { TaskFacts } from './facts.ts';
import { GATES, maxHoleMs, type GateFacts } from './gates.ts';
import type { RunState } from './machine.ts';
import { covers } from './overrides.ts';
import type { CutoverSettings } from './settings.ts';
import { EMPTY_WINDOW, look, windowState, type Look, type SustainedWindow } from './windows.ts';

/** Zero only counts once the source is quiet: before, the next write is already on its way. */
export function dwellLook({ at, mono }: Moment, behind: Sentence | undefined, facts: GateFacts): Look {
  if (behind) return { at, mono, holds: 'no', why: behind };
  if (covers(facts.state.overrides.quiet, GATES.quiet(facts))) return { at, mono, holds: 'yes' };
  const { quiet, settings, now } = facts;
  switch (windowState(quiet, settings.quietWindowSeconds, now, maxHoleMs(settings))) {
    case 'reached':
      return { at, mono, holds: 'yes' };
    case 'pending': {
      const why = sentence('the source has not said yet by whom its last write was');
      return { at, mono, holds: 'pending', why };
    }
    case 'waiting':
    case 'broken':
      return { at, mono, holds: 'no', why: sentence('the source is not quiet') };
  }
}

/** Only an unbroken row of readings that show a task ready to be completed counts, from after the answer was lost. */
export function afterLostAnswer(
  window: SustainedWindow,
  reading: {
    readonly task: TaskFacts;
    readonly at: Moment;
    readonly state: RunState;
    readonly settings: CutoverSettings;
  },
): SustainedWindow {
  const { task, at, state, settings } = reading;
  const since = state.completion.at;
  if (state.completion.state !== 'outcomeUnknown' || since === null || at.at < since) return EMPTY_WINDOW;
  const why = sentence('the task’s status is {status}', { status: task.rawStatus });
  const next: Look = isCompletable(task) ? { ...at, holds: 'yes' } : { ...at, holds: 'no', why };
  return look(window, next, maxHoleMs(settings));
}
