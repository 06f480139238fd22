/** What is known of Complete, where a status or a record that went back on itself leaves it. */
import { sentence } from '../util/sentence.ts';
import type { JournalEntry, JournalKind } from './journal.ts';
import type { RunState } from './machine.ts';
import type { CompletionState } from './snapshot.ts';

/** States of completion in which the call may be on its way or have taken effect: never send another one unasked. */
export const SENT: ReadonlySet<CompletionState> = new Set(['sending', 'outcomeUnknown', 'accepted', 'succeeded']);

/** Sent, and nothing but the task’s status will tell what becomes of it: an accepted call too may do nothing at all. */
export const AWAITED: ReadonlySet<CompletionState> = new Set(['outcomeUnknown', 'accepted']);

export const ENDED_NOWHERE: RunState['completion'] = { state: 'none', at: null, failure: null, doubted: null };

/**
 * What was concluded from a status that went back. What was sent may still be taking effect, so it is a lost answer again;
 * once the business was moved nothing is taken back by itself.
 */
export function revoked(
  { completion, cutoverAt }: RunState,
  { at, status }: Extract<JournalEntry, { kind: 'completionRevoked' }>,
): RunState['completion'] {
  if (cutoverAt !== null) return { ...completion, doubted: { at, status } };
  return {
    ...ENDED_NOWHERE,
    state: 'outcomeUnknown',
    at,
    failure: {
      reason: 'outcome-unknown',
      what: sentence('DTS first said that the task had ended, and now that it is {status}.', { status }),
      tryThis: sentence('The task’s status will tell.'),
    },
  };
}

/**
 * A run that was given up while its call may still take effect leaves that to the next run of the task: whatever begins
 * anew, the call was sent.
 */
export function fromEarlierRun({ completion }: RunState, incremental: boolean): RunState['completion'] {
  const isOpen = completion.state !== 'succeeded' && SENT.has(completion.state);
  if (!isOpen || !incremental) return ENDED_NOWHERE;
  const what = sentence('An earlier cutover of this task was ended before it was known what became of its Complete.');
  const failure = { reason: 'outcome-unknown', what, tryThis: sentence('The task’s status will tell.') } as const;
  return { ...ENDED_NOWHERE, state: 'outcomeUnknown', at: completion.at, failure };
}

/** Kinds of entry after which Complete may be on its way, or have taken effect. */
export const TELLS_OF_COMPLETE: ReadonlySet<string> = new Set<JournalKind>([
  'completeSent',
  'completeAccepted',
  'completeOutcomeUnknown',
  'completed',
  'completionFailed',
]);

/**
 * Lines were lost, nobody knows which: nothing that was confirmed, waved through or proven before counts any more, and
 * Complete may have been sent. Only the task's status tells whether it was.
 */
export function afterDamage(
  state: RunState,
  { at, after }: Extract<JournalEntry, { kind: 'recordDamaged' }>,
): RunState {
  const told = after.some((kind) => TELLS_OF_COMPLETE.has(kind));
  const begun = state.startedAt !== null || told || after.includes('started') || after.includes('paused');
  const reset = unproven({ ...state, pausedAt: after.includes('resumed') ? null : state.pausedAt });
  if (!begun) return reset;
  // a second run of the same task may stand in the lines that were lost
  const running = { ...reset, startedAt: state.startedAt ?? at, incremental: state.incremental ?? true };
  return maybeSent(told ? { ...running, finishedAt: null } : running, at);
}

/** Nothing of what was confirmed, waved through or compared holds any more. */
export const unproven = (state: RunState): RunState => {
  const nothing = { comparison: null, comparisonStale: null, verified: null, comparedAfterEnd: false } as const;
  return { ...state, ...nothing, attestations: {}, overrides: {} };
};

/** Others had the run meanwhile, on another machine: whatever is known here, they may have sent it. */
export function maybeSentElsewhere(state: RunState, at: number): RunState {
  if (state.incremental !== true || SENT.has(state.completion.state)) return state;
  const what = sentence('The cutover was handed over meanwhile: it is not known whether Complete was sent there.');
  const failure = { reason: 'outcome-unknown', what, tryThis: sentence('The task’s status will tell.') } as const;
  return { ...state, completion: { ...ENDED_NOWHERE, state: 'outcomeUnknown', at, failure } };
}

export function maybeSent(state: RunState, at: number): RunState {
  const { completion } = state;
  if (state.incremental !== true || state.finishedAt !== null) return state;
  if (SENT.has(completion.state) && completion.state !== 'sending') return state;
  const what = sentence('The record is damaged: it is not known whether Complete was sent.');
  const failure = { reason: 'outcome-unknown', what, tryThis: sentence('The task’s status will tell.') } as const;
  return { ...state, completion: { ...ENDED_NOWHERE, state: 'outcomeUnknown', at, failure } };
}
