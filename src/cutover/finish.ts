/** The end of a run: its record is closed, and nothing is watched any more. */
import { sentence, type Sentence } from '../util/sentence.ts';
import type { RunParts } from './actions.ts';
import { SENT, type RunState } from './machine.ts';
import { mustBeOpenOrOverridden } from './refusal.ts';

/** False when the user declined. Before anything was stopped or sent, a run may simply be given up. */
export async function finish(run: RunParts, by: string, signal: AbortSignal): Promise<boolean> {
  const { ledger, options } = run;
  mayFinish(run);
  if (hasTouchedAnything(ledger.state)) {
    const task = run.facts().task?.name || options.ref.jobId;
    const agreed = await options.ports.confirm(
      {
        kind: 'finish',
        title: sentence('Finish the cutover of {task}?', { task }),
        details: [
          sentence('Task {jobId} in {region}.', { jobId: options.ref.jobId, region: options.ref.region }),
          ...standing(ledger.state),
          sentence('The record is closed and nothing is watched any more. Starting again begins a new cutover.'),
        ],
        action: sentence('Finish the cutover'),
        typed: null,
      },
      signal,
    );
    if (!agreed) return false;
    // the dialog may have been open for minutes
    mayFinish(run);
  }
  await ledger.record({ kind: 'finished' }, by);
  return true;
}

function mayFinish(run: RunParts): void {
  const { pausedAt, cutoverAt } = run.ledger.state;
  if (pausedAt !== null || cutoverAt !== null) mustBeOpenOrOverridden(run.facts(), 'switch');
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
