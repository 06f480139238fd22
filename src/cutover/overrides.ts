/**
 * What a user waved through with a reason. An override covers what was shown when it was given, up to the measure that
 * was shown, and no more: somebody who goes on although one report session is idly connected has agreed neither to a
 * write that comes later nor to five hundred sessions.
 */
import { SENT } from './completionState.ts';
import type { Override, RunState } from './machine.ts';
import { beyond, type Reason } from './reasons.ts';
import type { StepId } from './steps.ts';
import type { Verdict } from './verdict.ts';

/** The reasons of a shut gate that the override says nothing about; all of them without an override. */
export function uncovered(override: Override | undefined, verdict: Verdict): readonly Reason[] {
  return beyond(verdict.why, override?.against ?? []);
}

/** Whether the gate is shut by nothing but what was waved through. */
export function covers(override: Override | undefined, verdict: Verdict): override is Override {
  return override !== undefined && verdict.why.length > 0 && uncovered(override, verdict).length === 0;
}

/** Whether the step was passed on its override: nothing has come up since, or what it led to has happened. */
export function isOverridden(step: StepId, verdict: Verdict, state: RunState): boolean {
  const override = state.overrides[step];
  if (!override || verdict.state === 'open') return false;
  return isBehind(step, state) || covers(override, verdict);
}

function isBehind(step: StepId, { completion, cutoverAt, finishedAt, order }: RunState): boolean {
  if (step === 'switch') return finishedAt !== null;
  if (step === 'verify' && order === 'completeFirst') return cutoverAt !== null;
  return SENT.has(completion.state);
}
