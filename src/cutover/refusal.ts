/** How an action says that it is not the time for it. */
import { Failure } from '../util/failure.ts';
import { sentence, type Sentence } from '../util/sentence.ts';
import { GATES, type GateFacts } from './gates.ts';
import { covers, uncovered } from './overrides.ts';
import type { StepId } from './steps.ts';

export function notNow(why: Sentence): Failure {
  return new Failure('not-allowed-now', why);
}

/** Throws the first reason why the step's gate is shut that the user has not overridden. */
export function mustBeOpenOrOverridden(facts: GateFacts, step: StepId): void {
  const verdict = GATES[step](facts);
  const override = facts.state.overrides[step];
  if (verdict.state === 'open' || covers(override, verdict)) return;
  throw notNow(uncovered(override, verdict)[0] ?? sentence('The gate is shut.'));
}
