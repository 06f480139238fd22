/** The end of a run: its record is closed, and nothing is watched any more. */
import { asFailure, Failure } from '../util/failure.ts';
import { sentence, type Sentence } from '../util/sentence.ts';
import type { RunParts } from './actions.ts';
import { GATES, type GateFacts } from './gates.ts';
import { SENT } from './completionState.ts';
import type { RunState } from './machine.ts';
import { covers } from './overrides.ts';
import { mustBeOpenOrOverridden } from './refusal.ts';

/** Who ends it, and why although its last gate is shut ('' where nobody said). */
export interface Ending {
  readonly by: string;
  readonly reason: string;
}

/**
 * False when the user declined. Before anything was stopped or sent, a run may simply be given up; from any other state
 * there is a way out too, with a reason.
 */
export async function finish(run: RunParts, { by, reason }: Ending, signal: AbortSignal): Promise<boolean> {
  const { ledger, options } = run;
  mayFinish(run, reason);
  if (hasTouchedAnything(ledger.state)) {
    const task = run.facts().task?.name || options.ref.jobId;
    const agreed = await options.ports.confirm(
      {
        kind: 'finish',
        title: sentence('Finish the cutover of {task}?', { task }),
        details: [
          sentence('Task {jobId} in {region}.', { jobId: options.ref.jobId, region: options.ref.region }),
          ...standing(ledger.state),
          ...(reason === '' ? [] : [sentence('Your reason stands in the report: {reason}', { reason })]),
          sentence('The record is closed and nothing is watched any more. Starting again begins a new cutover.'),
        ],
        action: sentence('Finish the cutover'),
        typed: null,
      },
      signal,
    );
    if (!agreed) return false;
    // the dialog may have been open for minutes
    mayFinish(run, reason);
  }
  await ledger.record(reason === '' ? { kind: 'finished' } : { kind: 'finished', reason }, by);
  return true;
}

function mayFinish(run: RunParts, reason: string): void {
  if (!needsReason(run.facts()) || reason.length >= 3) return;
  try {
    const facts = run.facts();
    mustBeOpenOrOverridden(facts, { verdict: GATES.switch(facts), step: 'switch' });
  } catch (error) {
    const { what } = asFailure(error);
    throw new Failure('not-allowed-now', what, sentence('Give a reason to end this cutover as it stands.'));
  }
}

/** Whether the run can end only with a reason: the business was stopped or moved, and the last gate is shut. */
export function needsReason(facts: GateFacts): boolean {
  const { pausedAt, cutoverAt, overrides, completion } = facts.state;
  const touched = pausedAt !== null || cutoverAt !== null || SENT.has(completion.state);
  if (!touched) return false;
  const verdict = GATES.switch(facts);
  return verdict.state !== 'open' && !covers(overrides.switch, verdict);
}

/** The business was stopped, Complete was sent, or the business was moved. */
function hasTouchedAnything({ pausedAt, cutoverAt, completion }: RunState): boolean {
  return pausedAt !== null || cutoverAt !== null || SENT.has(completion.state);
}

/** How things stand, so that nobody closes the wrong run. */
function standing({ completion, cutoverAt, overrides }: RunState): Sentence[] {
  const override = overrides.switch;
  return [
    completion.state === 'none' || completion.state === 'rejected'
      ? sentence('Complete has not been called.')
      : completion.state === 'succeeded'
        ? sentence('The task has ended with success.')
        : sentence('It is not certain that the task has ended with success.'),
    cutoverAt === null
      ? sentence('The switch to the target has not been recorded.')
      : sentence('The switch to the target is on record.'),
    ...(override ? [sentence('Overridden by {by}: {reason}', { by: override.by, reason: override.reason })] : []),
  ];
}
