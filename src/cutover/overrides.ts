/**
 * What a user waved through with a reason. An override covers what was shown when it was given, up to the measure that
 * was shown, and no more: somebody who goes on although one report session is idly connected has agreed neither to a
 * write that comes later nor to five hundred sessions.
 */
import { SENT } from './completionState.ts';
import type { Override, RunState } from './machine.ts';
import { sentence } from '../util/sentence.ts';
import { beyond, reason, type Reason } from './reasons.ts';
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

/**
 * What one look at the stopped source saw beyond what was waved through for it. It is gone at the next look, and still
 * nobody agreed to it: until the source has been quiet for a whole window, it stays in the way.
 */
export function seenBeyond(
  { quiet, complete }: RunState['overrides'],
  disturbances: readonly Reason[],
  { at }: { readonly at: number },
): readonly Reason[] {
  if (!quiet && !complete) return [];
  const more = beyond(disturbances, [...(quiet?.against ?? []), ...(complete?.against ?? [])]);
  if (more.length === 0) return [];
  const heading = sentence('This was seen on the source after the override, and the source has not been quiet since:');
  return [reason('seenSince', heading, '', 0, String(at)), ...more];
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
