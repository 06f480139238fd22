import { STEP_TITLES, type JournalEntry } from '../protocol/index.ts';
import { sentence, type Sentence } from '../util/sentence.ts';
import { formatGap, formatLag, formatTime, t } from './language.ts';
import { PREPARE_TITLES, SIDES } from './labels.ts';

/** One line about a journal entry; what it quotes (reasons, notes) comes in `timelineDetail`. */
export function timelineText(entry: JournalEntry): Sentence {
  switch (entry.kind) {
    case 'started':
      return sentence('The cutover of {task} was started.', { task: entry.taskName });
    case 'statusChanged':
      return entry.from === null
        ? sentence('The task is {to}.', { to: entry.to })
        : sentence('The task went from {from} to {to}.', { from: entry.from, to: entry.to });
    case 'connected':
      return sentence('{side}: connected to {product} at {endpoint} as {account}.', {
        side: t(SIDES[entry.side]),
        product: entry.server.product,
        endpoint: entry.server.endpoint,
        account: entry.server.account,
      });
    case 'connectionLost':
      return sentence('{side}: the connection was lost.', { side: t(SIDES[entry.side]) });
    case 'taskUnreadable':
      return sentence('The task can no longer be read.');
    case 'taskReadable':
      return sentence('The task can be read again.');
    case 'attested':
      return sentence('Attested: {item}.', { item: t(PREPARE_TITLES[entry.item]) });
    case 'attestationWithdrawn':
      return sentence('Withdrawn: {item}.', { item: t(PREPARE_TITLES[entry.item]) });
    case 'caughtUp':
      return sentence('Caught up: gap {gap}, lag {lag}.', {
        gap: formatGap(entry.gapMb),
        lag: formatLag(entry.lagSeconds),
      });
    case 'fellBehind':
      return sentence('No longer caught up.');
    case 'paused':
      return sentence('The business stopped writing at {time}; the downtime runs.', {
        time: formatTime(entry.pausedAt),
      });
    case 'resumed':
      return sentence('The business writes to the source again.');
    case 'sessionTerminated':
      return sentence('{side}: session {session} was ended.', { side: t(SIDES[entry.side]), session: entry.session });
    case 'quietReached':
      return sentence('The source is quiet since {time}.', { time: formatTime(entry.since) });
    case 'quietBroken':
      return sentence('The source is no longer quiet.');
    case 'dwellReached':
      return sentence('Gap and lag have stayed 0 since {time}.', { time: formatTime(entry.since) });
    case 'dwellBroken':
      return sentence('Gap and lag no longer stay 0.');
    case 'overridden':
      return sentence('{step}: gone on although the gate was shut.', { step: t(STEP_TITLES[entry.step]) });
    default:
      return laterText(entry);
  }
}

type LaterEntry = Extract<
  JournalEntry,
  { kind: `comple${string}` | `comparison${string}` | 'switched' | 'businessSeen' | 'finished' | 'noted' }
>;

/** From Complete on. */
function laterText(entry: LaterEntry): Sentence {
  switch (entry.kind) {
    case 'completeSent':
      return sentence('Complete was sent to DTS.');
    case 'completeAccepted':
      return sentence('DTS accepted Complete.');
    case 'completeRejected':
      return sentence('DTS refused Complete.');
    case 'completeOutcomeUnknown':
      return sentence('The answer to Complete was lost; the task is being read to find out.');
    case 'completeNotCarriedOut':
      return sentence('Complete was not carried out: the task goes on as before.');
    case 'completed':
      return entry.endedAt === null
        ? sentence('The task ended in success.')
        : sentence('The task ended in success at {time}.', { time: formatTime(entry.endedAt) });
    case 'completionFailed':
      return sentence('The task ended as {status}: {message}', { status: entry.status, message: entry.message });
    case 'comparisonStarted':
      return {
        counts: sentence('Counting rows on both sides.'),
        digest: sentence('Comparing all data on both sides.'),
        dts: sentence('DTS compares both sides.'),
      }[entry.method];
    case 'comparisonFinished':
      return entry.comparison.summary;
    case 'comparisonEnded':
      return sentence('The comparison ended without a result.');
    case 'comparisonStale':
      return sentence('The comparison no longer counts.');
    case 'switched':
      return sentence('The business runs on the target since {time}.', { time: formatTime(entry.switchedAt) });
    case 'businessSeen':
      return sentence('{side}: business sessions seen ({accounts}).', {
        side: t(SIDES[entry.side]),
        accounts: entry.accounts.join(', '),
      });
    case 'finished':
      return sentence('The cutover is finished.');
    case 'noted':
      return sentence('Note: {text}', { text: entry.text });
  }
}

/** Why, in the words of whoever said it: a user's reason, a failure, what a gate had against it. */
export function timelineDetail(entry: JournalEntry): readonly string[] {
  if ('failure' in entry) {
    const { what, tryThis } = entry.failure;
    return tryThis ? [t(what), t(tryThis)] : [t(what)];
  }
  if ('why' in entry) return [t(entry.why)];
  if (entry.kind === 'overridden') return [`“${entry.reason}”`, ...entry.against.map((why) => t(why))];
  if (entry.kind === 'attested') return entry.note === '' ? [] : [`“${entry.note}”`];
  if (entry.kind === 'completeSent') return entry.evidence.map((fact) => t(fact));
  return [];
}
