/**
 * What a user waved through with a reason. An override covers what was known when it was given and no more: somebody
 * who goes on although a report server is idly connected has not agreed to a write that comes later.
 */
import type { Sentence } from '../util/sentence.ts';
import { SENT, type Override, type RunState } from './machine.ts';
import type { StepId } from './steps.ts';
import type { Verdict } from './verdict.ts';

/** The reasons of a shut gate that the override says nothing about; all of them without an override. */
export function uncovered(override: Override | undefined, verdict: Verdict): readonly Sentence[] {
  const known = new Set((override?.against ?? []).map(matterOf));
  return verdict.why.filter((why) => !known.has(matterOf(why)));
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

function isBehind(step: StepId, { completion, cutoverAt, finishedAt }: RunState): boolean {
  if (step === 'switch') return finishedAt !== null;
  if (step === 'verify') return cutoverAt !== null;
  return SENT.has(completion.state);
}

/** What a reason is about: seconds and megabytes run on, and a pool's sessions come and go. */
function matterOf({ text, args = {} }: Sentence): string {
  const lasting = Object.entries(args).filter(([name, value]) => typeof value === 'string' && name !== 'id');
  return JSON.stringify([text, ...lasting]);
}
