/**
 * The append-only record of a run. Every entry is a fact that mattered or an action somebody took; replaying the
 * entries gives the run's state back (`machine.ts`). Samples that changed nothing are not entries: after a reload
 * windows start from zero anyway, because nobody watched in between.
 */
import type { FailureFacts } from '../util/failure.ts';
import type { Sentence } from '../util/sentence.ts';
import type { DtsMethod, DtsOutcome } from './dtsComparison.ts';
import type { ComparisonFacts, ServerFacts, Side, TaskRef } from './facts.ts';
import type { RecordedReason } from './reasons.ts';
import type { PrepareItemId, StepId, StepOrder } from './steps.ts';

export type JournalEvent =
  | {
      readonly kind: 'started';
      readonly ref: TaskRef;
      readonly taskName: string;
      readonly incremental: boolean;
      /** missing in records of before Verify came before Complete */
      readonly order?: StepOrder | undefined;
    }
  /** the run was opened anew while it was under way: nobody watched since the entry before */
  | { readonly kind: 'reopened' }
  | { readonly kind: 'statusChanged'; readonly from: string | null; readonly to: string }
  | { readonly kind: 'connected'; readonly side: Side; readonly server: ServerFacts }
  /** the user says that the server that answers now is the right one */
  | { readonly kind: 'serverAccepted'; readonly side: Side; readonly server: string }
  | { readonly kind: 'connectionLost'; readonly side: Side; readonly failure: FailureFacts }
  | { readonly kind: 'taskUnreadable'; readonly failure: FailureFacts }
  | { readonly kind: 'taskReadable' }
  | { readonly kind: 'attested'; readonly item: PrepareItemId; readonly note: string }
  | { readonly kind: 'attestationWithdrawn'; readonly item: PrepareItemId }
  | { readonly kind: 'caughtUp'; readonly gapMb: number; readonly lagSeconds: number }
  | { readonly kind: 'fellBehind'; readonly why: Sentence }
  | { readonly kind: 'paused'; readonly pausedAt: number }
  | { readonly kind: 'resumed' }
  | { readonly kind: 'sessionTerminated'; readonly side: Side; readonly session: string }
  /** the business is said to be stopped, and this was seen on the source: once for each kind of thing */
  | { readonly kind: 'notQuiet'; readonly why: Sentence }
  | { readonly kind: 'quietReached'; readonly since: number }
  | { readonly kind: 'quietBroken'; readonly why: Sentence }
  | { readonly kind: 'dwellReached'; readonly since: number }
  | { readonly kind: 'dwellBroken'; readonly why: Sentence }
  | {
      readonly kind: 'overridden';
      readonly step: StepId;
      readonly reason: string;
      readonly against: readonly RecordedReason[];
    }
  /** the user asked for Complete and then did not confirm it; nothing was sent */
  | { readonly kind: 'completeDeclined' }
  /** the user asked for Complete and we refused; nothing was sent */
  | { readonly kind: 'completeRefused'; readonly why: Sentence }
  /** `again`: the answer to an earlier call was lost, and the user knows */
  | { readonly kind: 'completeSent'; readonly evidence: readonly Sentence[]; readonly again?: boolean | undefined }
  | { readonly kind: 'completeAccepted' }
  | { readonly kind: 'completeRejected'; readonly failure: FailureFacts }
  | { readonly kind: 'completeOutcomeUnknown'; readonly failure: FailureFacts }
  /** of the first records only: two readings after half a minute passed for proof that nothing was done */
  | { readonly kind: 'completeNotCarriedOut' }
  | { readonly kind: 'completed'; readonly endedAt: number | null }
  | { readonly kind: 'completionFailed'; readonly status: string; readonly message: string }
  /** the task’s status went back on what had been concluded from it */
  | { readonly kind: 'completionRevoked'; readonly was: 'succeeded' | 'failed'; readonly status: string }
  | { readonly kind: 'comparisonStarted'; readonly method: ComparisonFacts['method'] }
  | { readonly kind: 'comparisonFinished'; readonly comparison: ComparisonFacts }
  | { readonly kind: 'comparisonEnded'; readonly failure: FailureFacts }
  /** one side was written after the comparison; `written` false: nobody can tell, it may have been */
  | { readonly kind: 'comparisonStale'; readonly side: Side; readonly written: boolean; readonly why: Sentence }
  | {
      readonly kind: 'dtsComparisonStarted';
      readonly id: string;
      readonly method: DtsMethod;
      readonly sampleRate: number | null;
      /** how many were chosen; null for all that the task moves */
      readonly tables: number | null;
    }
  | { readonly kind: 'dtsComparisonFinished'; readonly outcome: DtsOutcome }
  /** it could not be started, or DTS knows it no more */
  | { readonly kind: 'dtsComparisonEnded'; readonly failure: FailureFacts }
  /** in files of the workspace, host:port each */
  | {
      readonly kind: 'addressReplaced';
      readonly from: string;
      readonly to: string;
      readonly files: readonly string[];
    }
  | { readonly kind: 'switched'; readonly switchedAt: number }
  | { readonly kind: 'businessSeen'; readonly side: Side; readonly accounts: readonly string[] }
  /** `reason`: why it ended although its last gate was shut */
  | { readonly kind: 'finished'; readonly reason?: string | undefined }
  | { readonly kind: 'noted'; readonly text: string }
  /** on disk before the server is asked to end it */
  | { readonly kind: 'sessionEnding'; readonly side: Side; readonly session: string }
  /** the lines from `line` on cannot be believed; they lie in `evidence`, a file beside the record */
  | {
      readonly kind: 'recordDamaged';
      readonly line: number;
      readonly why: Sentence;
      /** kinds of entry that can still be made out from there on */
      readonly after: readonly string[];
      readonly evidence: string;
    }
  /** another window had the record, or a process that did not give it back */
  | { readonly kind: 'takenOver'; readonly from: string }
  /** it was exported for somebody on another machine, who goes on with it: here it is shown only */
  | { readonly kind: 'handedOver' }
  /** somebody on another machine handed it over, at that time by that machine's clock */
  | { readonly kind: 'received'; readonly from: string; readonly handedOverAt: number }
  /** whoever handed it over goes on with it all the same */
  | { readonly kind: 'takenBack' }
  /** an entry of a kind that this version does not know: kept as it is, and shown */
  | { readonly kind: 'unrecognized'; readonly name: string };

export type JournalKind = JournalEvent['kind'];

export type JournalEntry = JournalEvent & {
  /** 1, 2, 3 … without a hole */
  readonly seq: number;
  /** epoch milliseconds, this machine's clock */
  readonly at: number;
  /** who: the user's name as the editor knows it, or '' when the run itself observed it */
  readonly by: string;
};

/** Who has a record that is not ours to write, for people: `user@host, process 17`. */
export interface RecordOwner {
  readonly name: string;
  /** epoch milliseconds, its last sign of life; null where there was none */
  readonly seenAt: number | null;
}

/** The right to write a record: one process at a time has it. */
export interface RecordLease {
  /** null: it is ours, or free */
  owner(): RecordOwner | null;
  /** takes it away from whoever has it; what they write from then on is not in the record */
  takeOver(): Promise<void>;
  release(): Promise<void>;
}

/** Where a run's journal is kept; one per task, append-only. */
export interface JournalStore {
  /**
   * Every entry that can be believed, in order; where some cannot, `recordDamaged` is the last. A torn last line
   * (crash while writing) is no entry.
   */
  read(): Promise<readonly JournalEntry[]>;
  /** resolves when the entry is on disk; rejects, with nothing written, when the record is not ours to write */
  append(entry: JournalEntry): Promise<void>;
  /** missing where nobody else can write it */
  readonly lease?: RecordLease;
}
