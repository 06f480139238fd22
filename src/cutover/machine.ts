/**
 * The state of a run, and how each journal entry changes it. `evolve` is the only place where state changes; it is
 * pure, so replaying a journal gives the same state as living through it. What has to be done in a state (which
 * polls, whether a lost call has to be resolved) is `wanted(state)` (wanted.ts): derived, never remembered, so that nothing is
 * forgotten by a reload.
 */
import type { FailureFacts } from '../util/failure.ts';
import { sentence, type Sentence } from '../util/sentence.ts';
import type { DtsComparison } from './dtsComparison.ts';
import type { ComparisonFacts, ServerFacts, Side } from './facts.ts';
import type { JournalEntry, JournalEvent, JournalKind } from './journal.ts';
import {
  afterDamage,
  AWAITED,
  ENDED_NOWHERE,
  fromEarlierRun,
  maybeSent,
  maybeSentElsewhere,
  revoked,
  SENT,
  TELLS_OF_COMPLETE,
  unproven,
} from './completionState.ts';
import { bothOf, type RecordedReason } from './reasons.ts';
import { restingProof } from './rowsProof.ts';
import { acceptServer, withServer } from './servers.ts';
import type { CompletionState } from './snapshot.ts';
import type { PrepareItemId, StepId, StepOrder } from './steps.ts';

export interface Attestation {
  readonly by: string;
  readonly at: number;
  readonly note: string;
}

export interface Override {
  readonly reason: string;
  readonly by: string;
  readonly at: number;
  /** what shut the gate when it was given, and at earlier ones of this step */
  readonly against: readonly RecordedReason[];
}

/** Why a comparison no longer holds: the first reason, unless a graver one came after it, or one after an override. */
export interface Staleness {
  /** when it was seen */
  readonly at: number;
  readonly side: Side;
  readonly written: boolean;
  readonly why: Sentence;
}

/** The one kind that the switch itself brings about; a write on the source, or one nobody can tell, outweighs it. */
export function isTargetWrite({ side, written }: Pick<Staleness, 'side' | 'written'>): boolean {
  return side === 'target' && written;
}

export interface RunState {
  readonly startedAt: number | null;
  readonly incremental: boolean | null;
  readonly order: StepOrder;
  readonly attestations: Readonly<Partial<Record<PrepareItemId, Attestation>>>;
  readonly overrides: Readonly<Partial<Record<StepId, Override>>>;
  /** when the business stopped writing to the source; null while it writes */
  readonly pausedAt: number | null;
  readonly completion: {
    readonly state: CompletionState;
    /** when the call was sent, or when it ended */
    readonly at: number | null;
    readonly failure: FailureFacts | null;
    /** after the switch was recorded the status went back on the success: told, and no step opens again by itself */
    readonly doubted: { readonly at: number; readonly status: string } | null;
  };
  /** how often the status went back on a conclusion: each time more readings in a row are wanted for the next one */
  readonly revocations: number;
  /** the call before the newest one, which may still take effect */
  readonly earlierCall: RunState['completion'] | null;
  /** the server of each side that the run is about; null until one was reached */
  readonly servers: Readonly<Record<Side, ServerFacts | null>>;
  /** another one, or the same one in another role, that answers in its place and that the user has said nothing about */
  readonly otherServers: Readonly<Record<Side, ServerFacts | null>>;
  readonly comparing: boolean;
  readonly comparison: ComparisonFacts | null;
  /** whether the one that runs, and that one, began after the task had ended: by the order of the record, by no clock */
  readonly comparingAfterEnd: boolean;
  readonly comparedAfterEnd: boolean;
  readonly comparisonStale: Staleness | null;
  /** what had been proven of the rows when Complete was sent */
  readonly verified: Sentence | null;
  /** the last one that this run asked DTS for; no gate looks at it */
  readonly dtsComparison: DtsComparison | null;
  readonly cutoverAt: number | null;
  readonly businessSeenOnTarget: boolean;
  readonly finishedAt: number | null;
  /** somebody on another machine goes on with it: here nothing is done */
  readonly handedOver: { readonly at: number; readonly by: string } | null;
}

export const INITIAL_STATE: RunState = {
  startedAt: null,
  incremental: null,
  order: 'verifyFirst',
  attestations: {},
  overrides: {},
  pausedAt: null,
  completion: { state: 'none', at: null, failure: null, doubted: null },
  revocations: 0,
  earlierCall: null,
  servers: { source: null, target: null },
  otherServers: { source: null, target: null },
  comparing: false,
  comparison: null,
  comparingAfterEnd: false,
  comparedAfterEnd: false,
  comparisonStale: null,
  verified: null,
  dtsComparison: null,
  cutoverAt: null,
  businessSeenOnTarget: false,
  finishedAt: null,
  handedOver: null,
};

/** Under way, as far as is known. */
export const isDtsComparing = ({ dtsComparison }: RunState): boolean =>
  dtsComparison !== null && dtsComparison.outcome === null && dtsComparison.failure === null;

/** Whether an entry of this kind makes sense now. An action that does not is refused before anything is done. */
export function accepts(state: RunState, kind: JournalKind): boolean {
  const begun = state.startedAt !== null && state.finishedAt === null;
  const running = begun && state.handedOver === null;
  switch (kind) {
    case 'started':
      return !begun;
    case 'handedOver':
      return running;
    case 'received':
    case 'takenBack':
      return begun && state.handedOver !== null;
    case 'noted':
    case 'statusChanged':
    case 'connected':
    case 'connectionLost':
    case 'taskUnreadable':
    case 'taskReadable':
    case 'recordDamaged':
    case 'takenOver':
    case 'unrecognized':
      return true;
    case 'reopened':
    case 'attested':
    case 'attestationWithdrawn':
    case 'overridden':
    case 'completeDeclined':
    case 'completeRefused':
    case 'sessionEnding':
    case 'sessionTerminated':
    case 'businessSeen':
      return running;
    case 'caughtUp':
    case 'fellBehind':
    case 'paused':
      return running && maySend(state);
    case 'resumed':
      // also when the task has ended: the way back to the source is the user's, and it is the user who knows what it costs
      return running && state.pausedAt !== null && state.cutoverAt === null && state.completion.state !== 'sending';
    case 'serverAccepted':
      return running;
    case 'notQuiet':
    case 'quietReached':
    case 'quietBroken':
    case 'dwellReached':
    case 'dwellBroken':
      return running && state.pausedAt !== null && maySend(state);
    case 'completeSent':
      return running && state.incremental === true && maySend(state);
    case 'completeRejected':
    case 'completeOutcomeUnknown':
      return running && state.completion.state === 'sending';
    case 'completeAccepted':
      return running && (state.completion.state === 'sending' || state.completion.state === 'outcomeUnknown');
    case 'completeNotCarriedOut':
      return running && state.completion.state === 'outcomeUnknown';
    case 'completed':
    case 'completionFailed':
      return running && state.completion.state !== 'succeeded';
    case 'completionRevoked':
      return running && (state.completion.state === 'succeeded' || state.completion.state === 'failed');
    case 'comparisonStarted':
      return running && !state.comparing;
    case 'comparisonFinished':
    case 'comparisonEnded':
      return running && state.comparing;
    case 'comparisonStale':
      return running && state.comparison !== null && isNewStaleness(state);
    case 'dtsComparisonStarted':
      return running && state.incremental === true && !SENT.has(state.completion.state) && !isDtsComparing(state);
    case 'dtsComparisonFinished':
    case 'dtsComparisonEnded':
      return running && isDtsComparing(state);
    case 'addressReplaced':
    case 'switched':
      return running && (state.incremental === false || state.completion.state === 'succeeded');
    case 'finished':
      return running;
  }
}

/** Complete was not sent, or nothing came of it and it may have to be sent again: then with all that leads to it. */
const maySend = ({ completion }: RunState) => !SENT.has(completion.state) || AWAITED.has(completion.state);

/** Told once; again when what was told is of the lesser kind, or when the user has waved it through since. */
function isNewStaleness({ comparisonStale, overrides }: RunState): boolean {
  if (!comparisonStale || isTargetWrite(comparisonStale)) return true;
  const wavedThrough = Math.max(overrides.verify?.at ?? -Infinity, overrides.switch?.at ?? -Infinity);
  return wavedThrough >= comparisonStale.at;
}

export function evolve(state: RunState, entry: JournalEntry): RunState {
  if (!accepts(state, entry.kind)) return state;
  switch (entry.kind) {
    case 'started':
      return {
        ...INITIAL_STATE,
        servers: state.servers,
        startedAt: entry.at,
        incremental: entry.incremental,
        order: entry.order ?? 'completeFirst',
        completion: fromEarlierRun(state, entry.incremental),
      };
    case 'attested':
      return {
        ...state,
        attestations: { ...state.attestations, [entry.item]: { by: entry.by, at: entry.at, note: entry.note } },
      };
    case 'attestationWithdrawn':
      return { ...state, attestations: without(state.attestations, entry.item) };
    case 'overridden':
      return { ...state, overrides: { ...state.overrides, [entry.step]: overrideOf(entry, state) } };
    case 'paused':
      return { ...state, pausedAt: entry.pausedAt };
    case 'resumed':
      // whatever was waved through for a stopped business says nothing about a running one
      return { ...state, pausedAt: null, verified: null, overrides: pick(state.overrides, 'prepare') };
    case 'completeSent':
      return {
        ...state,
        completion: { ...ENDED_NOWHERE, state: 'sending', at: entry.at },
        earlierCall: AWAITED.has(state.completion.state) ? state.completion : null,
        verified: restingProof(state),
      };
    case 'completeAccepted':
      return { ...state, completion: { ...ENDED_NOWHERE, state: 'accepted', at: entry.at } };
    case 'completeRejected':
      return {
        ...state,
        // that this one did nothing says nothing about the one before it
        completion: state.earlierCall ?? {
          ...ENDED_NOWHERE,
          ...{ state: 'rejected', at: entry.at, failure: entry.failure },
        },
        overrides: without(state.overrides, 'complete'),
      };
    case 'completeOutcomeUnknown':
      return {
        ...state,
        completion: { ...ENDED_NOWHERE, state: 'outcomeUnknown', at: entry.at, failure: entry.failure },
      };
    case 'completeNotCarriedOut':
      return {
        ...state,
        completion: ENDED_NOWHERE,
        overrides: without(state.overrides, 'complete'),
      };
    case 'completed':
      return {
        ...notAfterEnd(state),
        completion: { ...ENDED_NOWHERE, state: 'succeeded', at: entry.endedAt ?? entry.at },
      };
    case 'completionFailed':
      return { ...state, completion: { ...state.completion, state: 'failed', at: entry.at } };
    case 'completionRevoked':
      return { ...notAfterEnd(state), completion: revoked(state, entry), revocations: state.revocations + 1 };
    case 'connected':
      return withServer(state, entry.side, entry.server);
    case 'serverAccepted':
      return acceptServer(state, entry.side);
    case 'comparisonStarted':
      return { ...state, comparing: true, comparingAfterEnd: state.completion.state === 'succeeded' };
    case 'comparisonFinished':
      return {
        ...state,
        comparing: false,
        comparison: entry.comparison,
        comparedAfterEnd: state.comparingAfterEnd,
        comparisonStale: null,
      };
    case 'comparisonEnded':
      return { ...state, comparing: false };
    case 'comparisonStale':
      return { ...state, comparisonStale: { at: entry.at, side: entry.side, written: entry.written, why: entry.why } };
    case 'dtsComparisonStarted': {
      const { id, method, sampleRate, tables } = entry;
      const began = { id, method, sampleRate, tables, startedAt: entry.at, outcome: null, failure: null };
      return { ...state, dtsComparison: began };
    }
    case 'dtsComparisonFinished':
      return withDts(state, { outcome: entry.outcome });
    case 'dtsComparisonEnded':
      return withDts(state, { failure: entry.failure });
    case 'switched':
      return { ...state, cutoverAt: entry.switchedAt };
    case 'businessSeen':
      return entry.side === 'target' ? { ...state, businessSeenOnTarget: true } : state;
    case 'finished':
      return { ...state, finishedAt: entry.at };
    case 'handedOver':
      return { ...state, comparing: false, handedOver: { at: entry.at, by: entry.by } };
    case 'received':
      return { ...unproven(state), handedOver: null };
    case 'takenBack':
      return maybeSentElsewhere({ ...unproven(state), handedOver: null }, entry.at);
    case 'recordDamaged':
      return afterDamage(state, entry);
    case 'unrecognized':
      return TELLS_OF_COMPLETE.has(entry.name) ? maybeSent(state, entry.at) : state;
    case 'takenOver':
    case 'reopened':
    case 'statusChanged':
    case 'connectionLost':
    case 'taskUnreadable':
    case 'taskReadable':
    case 'caughtUp':
    case 'fellBehind':
    case 'completeDeclined':
    case 'completeRefused':
    case 'addressReplaced':
    case 'sessionEnding':
    case 'sessionTerminated':
    case 'notQuiet':
    case 'quietReached':
    case 'quietBroken':
    case 'dwellReached':
    case 'dwellBroken':
    case 'noted':
      return state;
  }
}

export function replay(entries: readonly JournalEntry[]): RunState {
  return entries.reduce(evolve, INITIAL_STATE);
}

/**
 * What has to be recorded when a run is opened again: nobody survived to hear the answer of a call that was on its
 * way, nor to finish a comparison that was running.
 */
export function recoveries(state: RunState): JournalEvent[] {
  const events: JournalEvent[] = [];
  const closed = sentence('The editor was closed or restarted meanwhile.');
  if (state.completion.state === 'sending') {
    events.push({
      kind: 'completeOutcomeUnknown',
      failure: { reason: 'outcome-unknown', what: closed, tryThis: sentence('The task’s status will tell.') },
    });
  }
  if (state.comparing) {
    events.push({
      kind: 'comparisonEnded',
      failure: { reason: 'cancelled', what: closed, tryThis: sentence('Run the comparison again.') },
    });
  }
  return events;
}

function overrideOf(
  { step, reason, by, at, against }: Extract<JournalEntry, { kind: 'overridden' }>,
  { overrides }: RunState,
): Override {
  return { reason, by, at, against: bothOf(overrides[step]?.against ?? [], against) };
}

/** What was compared until now was compared while DTS carried changes over. */
const notAfterEnd = (state: RunState): RunState => ({ ...state, comparingAfterEnd: false, comparedAfterEnd: false });

const withDts = (state: RunState, change: Partial<DtsComparison>): RunState =>
  state.dtsComparison ? { ...state, dtsComparison: { ...state.dtsComparison, ...change } } : state;

function without<K extends string, V>(
  record: Readonly<Partial<Record<K, V>>>,
  key: K,
): Readonly<Partial<Record<K, V>>> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key)) as Partial<Record<K, V>>;
}

function pick<K extends string, V>(record: Readonly<Partial<Record<K, V>>>, key: K): Readonly<Partial<Record<K, V>>> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name === key)) as Partial<Record<K, V>>;
}
