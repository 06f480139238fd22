/** How an action says that it is not the time for it. */
import { Failure } from '../util/failure.ts';
import { sentence, type Sentence } from '../util/sentence.ts';
import { GATES, type GateFacts } from './gates.ts';
import type { StepId } from './steps.ts';

export function notNow(why: Sentence): Failure {
  return new Failure('not-allowed-now', why);
}

/** Throws the first reason why the step's gate is shut, unless the user has overridden it. */
export function mustBeOpenOrOverridden(facts: GateFacts, step: StepId): void {
  if (facts.state.overrides[step]) return;
  const verdict = GATES[step](facts);
  if (verdict.state !== 'open') throw notNow(verdict.why[0] ?? sentence('The gate is shut.'));
}
