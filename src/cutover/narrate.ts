/** One sentence per journal entry, for the timeline, the report and the headless run. */
import { sentence, type Sentence } from '../util/sentence.ts';
import type { JournalEntry } from './journal.ts';
import { PREPARE_TITLES, type StepId } from './steps.ts';

export function narrate(entry: JournalEntry): readonly Sentence[] {
  switch (entry.kind) {
    case 'started':
      return [
        entry.incremental
          ? sentence('Cutover of task {task} ({jobId}) begins.', { task: entry.taskName, jobId: entry.ref.jobId })
          : sentence('Cutover of task {task} ({jobId}, without incremental migration) begins.', {
              task: entry.taskName,
              jobId: entry.ref.jobId,
            }),
      ];
    case 'reopened':
      return [
        sentence('The cutover was opened again after the window was closed or reloaded.'),
        sentence('Nobody watched in between: what has to hold without a break is counted anew.'),
      ];
    case 'statusChanged':
      return [sentence('The task’s status is {status}.', { status: entry.to })];
    case 'connected':
      return [
        side(entry.side, sentence('Source connected'), sentence('Target connected')),
        sentence('{product} at {endpoint} as {account}.', {
          product: entry.server.product,
          endpoint: entry.server.endpoint,
          account: entry.server.account,
        }),
      ];
    case 'serverAccepted':
      return [
        side(
          entry.side,
          sentence('Confirmed by hand: this is the right source now.'),
          sentence('Confirmed by hand: this is the right target now.'),
        ),
        sentence('{server}', { server: entry.server }),
      ];
    case 'connectionLost':
      return [
        side(entry.side, sentence('Source cannot be watched'), sentence('Target cannot be watched')),
        entry.failure.what,
      ];
    case 'taskUnreadable':
      return [sentence('The task cannot be read.'), entry.failure.what];
    case 'taskReadable':
      return [sentence('The task can be read again.')];
    case 'attested':
      return [
        sentence('Confirmed by hand:'),
        PREPARE_TITLES[entry.item],
        ...(entry.note ? [sentence('Note: {note}', { note: entry.note })] : []),
      ];
    case 'attestationWithdrawn':
      return [sentence('No longer confirmed:'), PREPARE_TITLES[entry.item]];
    case 'caughtUp':
      return [sentence('Caught up: gap {gap} MB, lag {lag} s.', { gap: entry.gapMb, lag: entry.lagSeconds })];
    case 'fellBehind':
      return [sentence('Fell behind.'), entry.why];
    case 'paused':
      return [sentence('The business has stopped writing. The downtime begins.')];
    case 'resumed':
      return [sentence('The business writes to the source again. The downtime ends without a switch.')];
    case 'sessionTerminated':
      return [sentence('Session {session} was ended.', { session: entry.session })];
    case 'notQuiet':
      return [sentence('Seen on the source although the business is said to be stopped:'), entry.why];
    case 'quietReached':
      return [sentence('The source is quiet.')];
    case 'quietBroken':
      return [sentence('The source is no longer quiet.'), entry.why];
    case 'dwellReached':
      return [sentence('Gap and lag have stayed 0 long enough.')];
    case 'dwellBroken':
      return [sentence('Gap and lag have not stayed 0.'), entry.why];
    case 'overridden':
      return [OVERRIDDEN[entry.step], sentence('Reason: {reason}', { reason: entry.reason }), ...entry.against];
    case 'completeDeclined':
      return [
        entry.by
          ? sentence('Complete was asked for and declined by {user}; nothing was sent.', { user: entry.by })
          : sentence('Complete was asked for and declined; nothing was sent.'),
      ];
    case 'completeRefused':
      return [sentence('Complete was asked for and refused; nothing was sent:'), entry.why];
    case 'completeSent':
      return [
        entry.again
          ? sentence('Complete was sent to DTS again, after the answer to an earlier call was lost.')
          : sentence('Complete was sent to DTS.'),
        ...entry.evidence,
      ];
    case 'completeAccepted':
      return [sentence('DTS accepted Complete.')];
    case 'completeRejected':
      return [sentence('DTS did not carry out Complete.'), entry.failure.what];
    case 'completeOutcomeUnknown':
      return [
        sentence('It is not known whether DTS carried out Complete; the task’s status will tell.'),
        entry.failure.what,
      ];
    case 'completeNotCarriedOut':
      return [sentence('The status shows that Complete was not carried out. It may be sent again.')];
    case 'completed':
      return [sentence('The task has ended with success.')];
    case 'completionFailed':
      return [
        sentence('The task ended with status {status}. {message}', { status: entry.status, message: entry.message }),
      ];
    case 'completionRevoked':
      return [
        entry.was === 'succeeded'
          ? sentence('DTS said that the task had ended with success, and now that it is {status}.', {
              status: entry.status,
            })
          : sentence('DTS said that the task had failed, and now that it is {status}.', { status: entry.status }),
        sentence('What was concluded from it no longer holds.'),
      ];
    case 'comparisonStarted':
      return [
        entry.method === 'counts'
          ? sentence('Counting rows on both sides.')
          : sentence('Comparing the data of both sides.'),
      ];
    case 'comparisonFinished':
      return [entry.comparison.summary, ...entry.comparison.skipped];
    case 'comparisonEnded':
      return [sentence('The comparison ended without a verdict.'), entry.failure.what];
    case 'comparisonStale':
      return [sentence('The last comparison no longer holds.'), entry.why];
    case 'dtsComparisonStarted':
      return [
        DTS_METHOD_NAMES[entry.method],
        entry.tables === null
          ? sentence('DTS compares all tables of the task ({id}).', { id: entry.id })
          : sentence('DTS compares {count} tables ({id}).', { count: entry.tables, id: entry.id }),
      ];
    case 'dtsComparisonFinished':
      return [entry.outcome.summary];
    case 'dtsComparisonEnded':
      return [sentence('DTS’s comparison ended without a conclusion.'), entry.failure.what];
    case 'addressReplaced':
      return [
        sentence('{from} was replaced by {to} in the workspace: {files}', {
          from: entry.from,
          to: entry.to,
          files: entry.files.join(', '),
        }),
      ];
    case 'switched':
      return [sentence('The business was switched to the target. The downtime ends.')];
    case 'businessSeen':
      return [sentence('Business sessions seen on the target: {accounts}.', { accounts: entry.accounts.join(', ') })];
    case 'finished':
      return entry.reason === undefined
        ? [sentence('The cutover is finished.')]
        : [sentence('The cutover was ended as it stood. Reason: {reason}', { reason: entry.reason })];
    case 'noted':
      return [sentence('{note}', { note: entry.text })];
    case 'sessionEnding':
      return [sentence('Session {session} is being ended.', { session: entry.session })];
    case 'recordDamaged':
      return [
        sentence('The record is damaged from line {line} on; what stood there is kept in {evidence}.', {
          line: entry.line,
          evidence: entry.evidence,
        }),
        entry.why,
        sentence('What was confirmed, overridden or compared before counts no more, and Complete may have been sent.'),
      ];
    case 'takenOver':
      return [sentence('The record was taken over from {owner}.', { owner: entry.from })];
    case 'handedOver':
      return [sentence('The cutover was exported and handed over; here it is only shown from now on.')];
    case 'received':
      return [
        sentence('The cutover was handed over by {from}.', { from: entry.from }),
        sentence('What was confirmed, overridden, compared or watched before is to be shown anew.'),
      ];
    case 'takenBack':
      return [
        sentence('The cutover that was handed over was taken back.'),
        sentence('What was done with it meanwhile is not in this record; Complete may have been sent.'),
      ];
    case 'unrecognized':
      return [sentence('An entry of another version, “{name}”, is kept as it is.', { name: entry.name })];
  }
}

/** By name: the number of a step depends on when the record began. */
const OVERRIDDEN: Readonly<Record<StepId, Sentence>> = {
  prepare: sentence('The step Prepare was overridden.'),
  catchUp: sentence('The step Catch up was overridden.'),
  pause: sentence('The step Pause was overridden.'),
  quiet: sentence('The step Quiet was overridden.'),
  complete: sentence('The step Complete was overridden.'),
  verify: sentence('The step Verify was overridden.'),
  switch: sentence('The step Switch was overridden.'),
};

/** What each of DTS's ways to compare looks at. */
export const DTS_METHOD_NAMES = {
  dataCheck: sentence('Full data comparison by DTS.'),
  sampleDataCheck: sentence('Sample comparison by DTS.'),
  rowsCount: sentence('Row count comparison by DTS.'),
} as const;

function side(which: 'source' | 'target', source: Sentence, target: Sentence): Sentence {
  return which === 'source' ? source : target;
}
