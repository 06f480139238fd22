/**
 * What the panel shows: one plain picture of a run, made anew for every revision. It is data only, with sentences
 * instead of finished text, so that the webview renders it in the editor's language.
 */
import type { FailureFacts } from '../util/failure.ts';
import type { Sentence } from '../util/sentence.ts';
import type { DtsComparison, DtsReading } from './dtsComparison.ts';
import type {
  ClassifiedSession,
  ComparisonFacts,
  ComparisonProgress,
  ConnectionState,
  LagSample,
  PendingWriter,
  PositionFacts,
  SessionClass,
  TaskFacts,
  TaskRef,
} from './facts.ts';
import type { IntentKind } from './intents.ts';
import type { JournalEntry } from './journal.ts';
import type { CutoverSettings } from './settings.ts';
import type { PrepareItemId, StepId } from './steps.ts';
import type { Verdict } from './verdict.ts';

/** A verdict as it is shown: people read the sentences of its reasons. */
export interface ShownVerdict extends Omit<Verdict, 'why'> {
  readonly why: readonly Sentence[];
}

/** `waived`: it is shut, and the user has gone on against all that shuts it. */
export interface FinalCheckView extends ShownVerdict {
  readonly waived?: boolean | undefined;
}

export interface StepView {
  readonly id: StepId;
  /** `overridden`: the user went on against the gate, with a reason that stands in the report */
  readonly state: 'notNeeded' | 'todo' | 'current' | 'done' | 'overridden';
  /** with the first of its reasons only: a gate may have one for each of thousands of sessions */
  readonly verdict: ShownVerdict;
  /** how many reasons are left out of it */
  readonly moreReasons: number;
  readonly override: { readonly reason: string; readonly by: string; readonly at: number } | null;
}

export interface PrepareItemView {
  readonly id: PrepareItemId;
  readonly state: 'checked' | 'attested' | 'open' | 'failed';
  readonly detail: Sentence;
  /** what keeps it from being met, for telling one cause from another; missing where there is only one */
  readonly problem?: string | undefined;
  /** what only the user can say about it: that the point is met, or that the server which answers now is the right one */
  readonly asks?: 'attestation' | 'server' | undefined;
  /** a statement the user may copy, e.g. the grant that is missing */
  readonly statement: string | null;
  readonly attestedBy: string | null;
  readonly attestedAt: number | null;
}

/** A sustained condition: how long it has held without a break, of how long it has to. */
export interface WindowView {
  readonly requiredSeconds: number;
  /** proven by samples, up to the last one; 0 when it does not hold */
  readonly heldSeconds: number;
  readonly since: number | null;
  readonly reached: boolean;
  readonly lastReset: { readonly at: number; readonly why: Sentence } | null;
}

export interface SideView {
  readonly connection: ConnectionState;
  readonly sessions: readonly ClassifiedSession[];
  readonly sessionsAt: number | null;
  readonly counts: Readonly<Record<SessionClass, number>>;
  readonly position: PositionFacts | null;
  /** everything foreign written since the business was paused, or since the watch began */
  readonly writtenSince: {
    readonly since: number;
    readonly objects: readonly { name: string; count: number | null }[];
  } | null;
  readonly pendingWriters: readonly PendingWriter[];
}

export type CompletionState = 'none' | 'sending' | 'outcomeUnknown' | 'accepted' | 'rejected' | 'succeeded' | 'failed';

export interface RunSnapshot {
  /** grows by one with every picture; the webview drops older ones */
  readonly revision: number;
  readonly takenAt: number;
  readonly ref: TaskRef;
  readonly task: TaskFacts | null;
  /** why the last reading of the task failed, if it did */
  readonly taskFailure: FailureFacts | null;
  readonly taskStale: boolean;
  /** null until the task's kind is known */
  readonly incremental: boolean | null;
  readonly started: boolean;
  readonly finishedAt: number | null;
  readonly current: StepId;
  readonly steps: readonly StepView[];
  readonly prepare: readonly PrepareItemView[];
  readonly lag: readonly LagSample[];
  /** when gap and lag may be 0, by their recent course; null where it cannot be said */
  readonly catchUpEtaSeconds: number | null;
  readonly zeroDwell: WindowView;
  readonly quietWindow: WindowView;
  readonly source: SideView;
  readonly target: SideView;
  readonly downtime: { readonly since: number | null; readonly until: number | null };
  readonly completion: {
    readonly state: CompletionState;
    readonly at: number | null;
    readonly failure: FailureFacts | null;
    /** after the switch was recorded the task’s status went back on its success */
    readonly doubted?: { readonly at: number; readonly status: string } | null | undefined;
  };
  /** why each intent cannot be carried out now; what is missing here can */
  readonly refused: Readonly<Partial<Record<IntentKind, Sentence>>>;
  /** the run can be ended as it stands, but only with a reason */
  readonly endsWithReason?: boolean | undefined;
  readonly verification: {
    readonly running: ComparisonProgress | null;
    readonly latest: ComparisonFacts | null;
    readonly stale: Sentence | null;
    readonly failure: FailureFacts | null;
    /** the check after the task's end that Switch asks for; null while none is asked for */
    readonly final?: FinalCheckView | null | undefined;
  };
  readonly dtsComparison: {
    /** why DTS cannot be asked to compare now; null when it can */
    readonly refusal: Sentence | null;
    readonly latest: DtsComparison | null;
    /** of a running one */
    readonly reading: DtsReading | null;
    /** why the last look at it failed */
    readonly failure: FailureFacts | null;
  };
  readonly cutoverAt: number | null;
  /** the record cannot be written (disk full, folder gone): nothing that needs the record is done until it can */
  readonly journalFailure: FailureFacts | null;
  /** the newest entries, newest first */
  readonly timeline: readonly JournalEntry[];
  readonly timelineTotal: number;
  readonly settings: CutoverSettings;
}
