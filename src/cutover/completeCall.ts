/** Step 5: read again, ask, read again, record, send once. */
import { Failure, isFailure, type FailureReason } from '../util/failure.ts';
import { sentence, type Sentence } from '../util/sentence.ts';
import type { RunParts } from './actions.ts';
import { dtsWarning } from './dtsComparison.ts';
import { completeRefusals, GATES } from './gates.ts';
import type { JournalEvent } from './journal.ts';
import { accepts } from './machine.ts';
import { covers, uncovered } from './overrides.ts';
import type { Confirmation } from './ports.ts';

/** A call whose answer was lost may still be taking effect for this long. */
export const FAILED_CALL_SETTLES_MS = 30_000;

/** Answers after which it is certain that nothing was done. Everything else leaves the outcome unknown. */
const NOT_CARRIED_OUT: ReadonlySet<FailureReason> = new Set<FailureReason>([
  'credentials-missing',
  'credentials-invalid',
  'credentials-expired',
  'clock-skew',
  'permission-denied',
  'task-not-found',
  'not-allowed-now',
  'throttled',
  'invalid-request',
  'name-not-found',
  'refused',
  'not-configured',
  'bad-input',
]);

/**
 * Sends Complete if its gate is open, or overridden where that is allowed; false when the user declined. That it was
 * asked for stands in the record however it ends.
 */
export async function sendComplete(run: RunParts, signal: AbortSignal): Promise<boolean> {
  await run.refresh();
  const evidence = await mustBeOpen(run);
  if (!(await run.options.ports.confirm(confirmation(run, evidence), signal))) {
    if (!signal.aborted) await note(run, { kind: 'completeDeclined' });
    return false;
  }
  // the dialog may have been open for minutes
  await run.refresh();
  const proof = await mustBeOpen(run);
  await recordSending(run, proof);
  run.changed();
  try {
    // from here on nothing may interrupt it: the call is worth more than the wish to stop waiting for it
    await run.options.ports.task.complete(new AbortController().signal);
  } catch (error) {
    const failure = failureOf(error);
    const certain = NOT_CARRIED_OUT.has(failure.reason);
    // where this cannot be written, the panel says so by itself: what became of the call is the greater news
    await run.ledger
      .record(
        certain
          ? { kind: 'completeRejected', failure: failure.facts() }
          : { kind: 'completeOutcomeUnknown', failure: failure.facts() },
        '',
      )
      .catch(() => undefined);
    void run.taskWatch.readNow();
    throw failure;
  }
  void run.taskWatch.readNow();
  await run.ledger.record({ kind: 'completeAccepted' }, '').catch((cause: unknown) => {
    throw new Failure(
      'outcome-unknown',
      sentence('Complete was sent and DTS accepted it, but that could not be written to the record.'),
      sentence('Do not send it again. Make room on the disk; the entry is written with the next one.'),
      { cause },
    );
  });
  return true;
}

/** The call stands in the record before it is sent; where the record cannot be written, nothing is sent. */
async function recordSending(run: RunParts, evidence: readonly Sentence[]): Promise<void> {
  try {
    await run.ledger.record({ kind: 'completeSent', evidence }, run.options.ports.userName());
  } catch (error) {
    const failure = new Failure(
      'not-allowed-now',
      sentence('The record of this cutover cannot be written, so Complete was not sent.'),
      isFailure(error) ? error.what : sentence('Make room on the disk, then try again.'),
      { cause: error },
    );
    run.ledger.observe({ kind: 'completeRejected', failure: failure.facts() });
    throw failure;
  }
}

function failureOf(error: unknown): Failure {
  if (isFailure(error)) return error;
  return new Failure(
    'outcome-unknown',
    sentence('Complete was sent, and it is not known whether DTS carried it out.'),
    sentence('The task’s status is being read; do not send it again by other means.'),
    { cause: error },
  );
}

/** Where no cutover is under way there is no record to put it on; a full disk has its own place on the panel. */
async function note(
  { ledger, options }: RunParts,
  event: Extract<JournalEvent, { kind: 'completeDeclined' | 'completeRefused' }>,
): Promise<void> {
  if (!accepts(ledger.state, event.kind)) return;
  await ledger.record(event, options.ports.userName()).catch(() => undefined);
}

/** The evidence for sending, or a Failure that says what is missing. */
async function mustBeOpen(run: RunParts): Promise<readonly Sentence[]> {
  const facts = run.facts();
  const verdict = GATES.complete(facts);
  if (verdict.state === 'open') return verdict.evidence;
  const refusals = completeRefusals(facts);
  const override = facts.state.overrides.complete;
  if (refusals.length === 0 && covers(override, verdict)) {
    return [sentence('Overridden by {by}: {reason}', { by: override.by, reason: override.reason }), ...verdict.why];
  }
  const why = (refusals.length > 0 ? refusals : uncovered(override, verdict))[0] ?? sentence('The gate is shut.');
  await note(run, { kind: 'completeRefused', why });
  throw new Failure('not-allowed-now', why, sentence('Nothing was sent. Step 5 shows what Complete waits for.'));
}

function confirmation(run: RunParts, evidence: readonly Sentence[]): Confirmation {
  const { task, source, target } = run.facts();
  const { jobId, region } = run.options.ref;
  return {
    kind: 'complete',
    title: sentence('Complete the migration task {task}?', { task: task?.name || jobId }),
    details: [
      sentence('Task {jobId} in {region}.', { jobId, region }),
      sentence('Source: {endpoint}', { endpoint: endpointOf(source) }),
      sentence('Target: {endpoint}', { endpoint: endpointOf(target) }),
      sentence('CompleteMigrateJob is called: DTS stops carrying changes from the source to the target.'),
      sentence('This cannot be undone.'),
      ...dtsWarning(run.facts().state),
      ...evidence,
    ],
    action: sentence('Complete'),
    typed: jobId,
  };
}

function endpointOf(connection: { readonly state: string; readonly server?: { readonly endpoint: string } }): string {
  return connection.server?.endpoint ?? '?';
}
