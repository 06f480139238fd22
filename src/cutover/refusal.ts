/** How an action says that it is not the time for it. */
import { Failure } from '../util/failure.ts';
import { sentence, type Sentence } from '../util/sentence.ts';
import type { GateFacts } from './gates.ts';
import { covers, uncovered } from './overrides.ts';
import type { StepId } from './steps.ts';
import type { Verdict } from './verdict.ts';

export function notNow(why: Sentence): Failure {
  return new Failure('not-allowed-now', why);
}

/** Throws the first reason why the gate is shut that the step's override says nothing about. */
export function mustBeOpenOrOverridden(
  { state }: GateFacts,
  { verdict, step }: { readonly verdict: Verdict; readonly step: StepId },
): void {
  const override = state.overrides[step];
  if (verdict.state === 'open' || covers(override, verdict)) return;
  throw notNow(uncovered(override, verdict)[0] ?? sentence('The gate is shut.'));
}
