/** Complete: read again, ask, read again, record, send once. */
import { Failure, isFailure, type FailureReason } from '../util/failure.ts';
import { sentence, wordsOf, type Sentence } from '../util/sentence.ts';
import type { RunParts } from './actions.ts';
import { AWAITED } from './completionState.ts';
import { dtsWarning } from './dtsComparison.ts';
import { completeRefusals, GATES, HEADINGS, type GateFacts } from './gates.ts';
import type { JournalEvent } from './journal.ts';
import { accepts } from './machine.ts';
import { covers, uncovered } from './overrides.ts';
import type { Confirmation } from './ports.ts';
import { beyond, type Reason } from './reasons.ts';
import { zeroReasons } from './taskReadiness.ts';
import { verifiesFirst } from './verification.ts';

/**
 * Answers after which it is certain that nothing was done. Everything else leaves the outcome unknown, DTS's own "not in
 * this state" above all: the state may be the effect of this very call.
 */
const NOT_CARRIED_OUT: ReadonlySet<FailureReason> = new Set<FailureReason>([
  'credentials-missing',
  'credentials-invalid',
  'credentials-expired',
  'clock-skew',
  'permission-denied',
  'task-not-found',
  'throttled',
  'invalid-request',
  'name-not-found',
  'refused',
  'not-configured',
  'bad-input',
]);

/**
 * Sends Complete if its gate is open, or overridden where that is allowed; false when the user declined. What the dialog
 * showed is what is sent on: where anything got worse while it was open, it is shown again. That it was asked for stands
 * in the record however it ends.
 */
export async function sendComplete(run: RunParts, signal: AbortSignal): Promise<boolean> {
  await run.refresh();
  let proof = await mustBeOpen(run);
  for (let shown: Proof | null = null; !shown || isWorse(proof, shown);) {
    shown = proof;
    if (!(await run.options.ports.confirm(confirmation(run, shown), signal))) {
      if (!signal.aborted) await note(run, { kind: 'completeDeclined' });
      return false;
    }
    // the dialog may have been open for minutes
    await run.refresh();
    proof = await mustBeOpen(run);
  }
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
async function recordSending(run: RunParts, { evidence, again }: Proof): Promise<void> {
  try {
    const event = { kind: 'completeSent', evidence, ...(again && { again }) } as const;
    await run.ledger.record(event, run.options.ports.userName());
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

/** What Complete rests on at one moment, and what of it somebody waved through. */
interface Proof {
  readonly evidence: readonly Sentence[];
  readonly wavedThrough: readonly Reason[];
  /** who waved through what: an override that was given meanwhile is something new */
  readonly overrides: readonly string[];
  /** the answer to an earlier call was lost */
  readonly again: boolean;
}

/** Whether it says more than was shown, or of something that is worse now. */
function isWorse(now: Proof, shown: Proof): boolean {
  const isNew = now.overrides.some((each) => !shown.overrides.includes(each));
  return isNew || now.again !== shown.again || beyond(now.wavedThrough, shown.wavedThrough).length > 0;
}

/** The evidence for sending, or a Failure that says what is missing. */
async function mustBeOpen(run: RunParts): Promise<Proof> {
  const facts = run.facts();
  const verdict = GATES.complete(facts);
  const refusals = completeRefusals(facts);
  const { overrides } = facts.state;
  const { complete } = overrides;
  const isOpen = verdict.state === 'open' && facts.state.completion.state !== 'succeeded';
  if (refusals.length === 0 && (isOpen || covers(complete, verdict))) {
    const own =
      isOpen || !complete
        ? []
        : [sentence('Overridden by {by}: {reason}', { by: complete.by, reason: complete.reason })];
    return {
      evidence: [...verdict.evidence, ...own, ...verdict.why],
      wavedThrough: [...verdict.why, ...shutBefore(facts), ...zeroReasons(facts)],
      overrides: Object.values(overrides).map(({ by, at, reason }) => JSON.stringify([by, at, reason])),
      again: AWAITED.has(facts.state.completion.state),
    };
  }
  const left = refusals.length > 0 ? refusals : uncovered(complete, verdict);
  // what shuts an earlier step says more than that it is shut
  const why = left.find(({ code }) => !HEADINGS.has(code)) ?? left[0] ?? sentence('The gate is shut.');
  await note(run, { kind: 'completeRefused', why: wordsOf(why) });
  throw new Failure('not-allowed-now', why, sentence('Nothing was sent. The step shows what Complete waits for.'));
}

/** What shuts the steps before it: whoever goes on all the same has waved it through. */
function shutBefore(facts: GateFacts): readonly Reason[] {
  const before = verifiesFirst(facts.state) ? GATES.verify(facts).why : [];
  return [...GATES.prepare(facts).why, ...GATES.quiet(facts).why, ...before];
}

function confirmation(run: RunParts, { evidence, again }: Proof): Confirmation {
  const facts = run.facts();
  const { task, source, target, now } = facts;
  const { jobId, region } = run.options.ref;
  return {
    kind: 'complete',
    title: again
      ? sentence('Send Complete for the migration task {task} again?', { task: task?.name || jobId })
      : sentence('Complete the migration task {task}?', { task: task?.name || jobId }),
    details: [
      ...(again ? firstCall(facts) : []),
      sentence('Task {jobId} in {region}.', { jobId, region }),
      sentence('Source: {endpoint}', { endpoint: endpointOf(source) }),
      sentence('Target: {endpoint}', { endpoint: endpointOf(target) }),
      sentence('CompleteMigrateJob is called: DTS stops carrying changes from the source to the target.'),
      sentence('This cannot be undone.'),
      ...dtsWarning(facts.state),
      sentence('Everything below was read anew at {time}.', { time: timeText(now.at) }),
      ...evidence,
    ],
    action: again ? sentence('Send it again') : sentence('Complete'),
    typed: jobId,
  };
}

/** What became of the call that has shown no effect, for whoever wants to send another one. */
function firstCall({ state }: GateFacts): Sentence[] {
  const { at, failure } = state.completion;
  const time = at === null ? '?' : timeText(at);
  return [
    state.completion.state === 'accepted'
      ? sentence('Complete was sent before, at {time}, and DTS accepted it: it may still take effect.', { time })
      : sentence('Complete was sent before, at {time}, and its answer was lost: it may still take effect.', { time }),
    ...(failure ? [failure.what] : []),
  ];
}

/** Date and time of this machine, e.g. `2026-01-02 02:00:00`. */
function timeText(at: number): string {
  const date = new Date(at);
  return new Date(at - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19).replace('T', ' ');
}

function endpointOf(connection: { readonly state: string; readonly server?: { readonly endpoint: string } }): string {
  return connection.server?.endpoint ?? '?';
}
