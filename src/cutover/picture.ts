/** Makes the snapshot from the parts of a run. Pure. */
import { catchUpEta } from './eta.ts';
import type { ClassifiedSession, ComparisonFacts, ComparisonProgress, LagSample, SessionClass } from './facts.ts';
import { dtsRefusals, type DtsReading } from './dtsComparison.ts';
import { needsReason } from './finish.ts';
import { GATES, maxHoleMs, type GateFacts } from './gates.ts';
import type { JournalEntry } from './journal.ts';
import { SENT } from './completionState.ts';
import type { Override, RunState } from './machine.ts';
import { covers, isOverridden } from './overrides.ts';
import { refusals } from './permitted.ts';
import type { SideWatch } from './sideWatch.ts';
import type { FinalCheckView, RunSnapshot, ShownVerdict, SideView, StepView, WindowView } from './snapshot.ts';
import { isNeeded, stepsOf, type StepId } from './steps.ts';
import { isFresh } from './taskReadiness.ts';
import { heldSeconds, windowState, type SustainedWindow } from './windows.ts';
import type { Verdict } from './verdict.ts';
import { finalCheck, migrationEnded, verifiesFirst } from './verification.ts';
import type { FailureFacts } from '../util/failure.ts';
import { wordsOf } from '../util/sentence.ts';

/** Entries the panel gets; the whole journal is in the report. */
const TIMELINE_LENGTH = 200;
/** Reasons of a gate the panel gets; more nobody reads. */
const REASONS = 12;
/** Points of the chart the panel gets. */
const CHART_LENGTH = 600;

export interface PictureParts {
  readonly revision: number;
  readonly facts: GateFacts;
  readonly ref: RunSnapshot['ref'];
  readonly taskFailure: FailureFacts | null;
  readonly lag: readonly LagSample[];
  readonly source: SideView;
  readonly target: SideView;
  readonly progress: ComparisonProgress | null;
  readonly comparisonFailure: FailureFacts | null;
  readonly dts: { readonly reading: DtsReading | null; readonly failure: FailureFacts | null };
  readonly journalFailure: FailureFacts | null;
  readonly entries: readonly JournalEntry[];
}

export function picture(parts: PictureParts): RunSnapshot {
  const { facts, entries } = parts;
  const { state, settings, now } = facts;
  const steps = stepViews(facts);
  return {
    revision: parts.revision,
    takenAt: now.at,
    ref: parts.ref,
    task: facts.task,
    taskFailure: parts.taskFailure,
    taskStale: !isFresh(facts),
    incremental: incrementalOf(facts),
    started: state.startedAt !== null && state.finishedAt === null && state.handedOver === null,
    finishedAt: state.finishedAt,
    current: currentStep(steps),
    steps,
    prepare: facts.prepare,
    lag: parts.lag.slice(-CHART_LENGTH),
    catchUpEtaSeconds: isFresh(facts) ? catchUpEta(parts.lag, now.at) : null,
    zeroDwell: windowView(facts.dwell, settings.zeroDwellSeconds, facts),
    quietWindow: windowView(facts.quiet, settings.quietWindowSeconds, facts),
    source: parts.source,
    target: parts.target,
    downtime: { since: state.pausedAt, until: state.cutoverAt },
    completion: state.completion,
    refused: refusals(facts),
    endsWithReason: needsReason(facts),
    verification: {
      running: parts.progress,
      latest: state.comparison && withoutPositions(state.comparison),
      stale: state.comparisonStale?.why ?? null,
      failure: parts.comparisonFailure,
      final: finalView(facts),
    },
    dtsComparison: {
      refusal: dtsRefusals(facts)[0] ?? null,
      latest: state.dtsComparison,
      reading: parts.dts.reading,
      failure: parts.dts.failure,
    },
    cutoverAt: state.cutoverAt,
    journalFailure: parts.journalFailure,
    timeline: entries.slice(-TIMELINE_LENGTH).reverse().map(slim),
    timelineTotal: entries.length,
    settings,
  };
}

/** Whether changes are carried over: what the run began with, else what the task says, null when it cannot be told. */
export function incrementalOf(facts: GateFacts): boolean | null {
  if (facts.state.incremental !== null) return facts.state.incremental;
  if (!facts.task?.detailed || facts.task.migrateType === 'unrecognized') return null;
  return facts.task.migrateType === 'fullAndIncrement';
}

export function stepViews(facts: GateFacts): StepView[] {
  const incremental = incrementalOf(facts);
  const views = stepsOf(facts.state.order).map((id): StepView => {
    const verdict: Verdict = GATES[id](facts);
    const overridden = isOverridden(id, verdict, facts.state);
    return {
      id,
      verdict: shown(verdict),
      moreReasons: Math.max(0, verdict.why.length - REASONS),
      override: overridden ? overrideView(facts.state.overrides[id]) : null,
      state: stateOf(id, verdict, overridden, facts.state, incremental),
    };
  });
  const current = currentStep(views);
  return views.map((view) => (view.id === current && view.state === 'todo' ? { ...view, state: 'current' } : view));
}

function finalView(facts: GateFacts): FinalCheckView | null {
  if (!verifiesFirst(facts.state) || !migrationEnded(facts)) return null;
  const verdict = finalCheck(facts);
  return { ...shown(verdict), waived: covers(facts.state.overrides.switch, verdict) };
}

function shown(verdict: Verdict): ShownVerdict {
  return { ...verdict, why: verdict.why.slice(0, REASONS).map(wordsOf) };
}

function overrideView(override: Override | undefined): StepView['override'] {
  return override ? { reason: override.reason, by: override.by, at: override.at } : null;
}

function stateOf(
  id: StepId,
  verdict: Verdict,
  overridden: boolean,
  state: RunState,
  incremental: boolean | null,
): StepView['state'] {
  if (!isNeeded(id, incremental)) return 'notNeeded';
  if (isDone(id, verdict, state)) return overridden ? 'overridden' : 'done';
  // an override opens the way, but sending Complete is still to be done
  return overridden && id !== 'complete' ? 'overridden' : 'todo';
}

/** What once was reached stays done when the world moves on by the user's own next step. */
function isDone(id: StepId, verdict: Verdict, state: RunState): boolean {
  const sent = SENT.has(state.completion.state);
  switch (id) {
    case 'prepare':
      return state.startedAt !== null && (verdict.state === 'open' || sent);
    case 'catchUp':
      return state.startedAt !== null && (verdict.state === 'open' || sent);
    case 'pause':
      return state.pausedAt !== null;
    case 'quiet':
      return verdict.state === 'open' || sent;
    case 'complete':
      return state.completion.state === 'succeeded';
    case 'verify':
      if (sent && state.verified !== null) return true;
      return verdict.state === 'open' || (state.cutoverAt !== null && state.comparison?.verdict === 'same');
    case 'switch':
      return state.finishedAt !== null && state.cutoverAt !== null;
  }
}

export function currentStep(steps: readonly StepView[]): StepId {
  const next = steps.find((step) => step.state === 'todo' || step.state === 'current');
  return next?.id ?? 'switch';
}

function windowView(window: SustainedWindow, requiredSeconds: number, facts: GateFacts): WindowView {
  const hole = maxHoleMs(facts.settings);
  return {
    requiredSeconds,
    heldSeconds: heldSeconds(window, facts.now, hole),
    since: window.since,
    reached: windowState(window, requiredSeconds, facts.now, hole) === 'reached',
    lastReset: window.lastReset,
  };
}

/** One side as its watch last saw it. */
export function sideView(
  { connection, last }: Pick<SideWatch, 'connection' | 'last'>,
  writtenSince: SideView['writtenSince'],
): SideView {
  return {
    connection,
    sessions: last?.sessions ?? [],
    sessionsAt: last?.at ?? null,
    counts: countClasses(last?.sessions ?? []),
    position: last?.position ?? null,
    writtenSince,
    pendingWriters: last?.pendingWriters ?? [],
  };
}

export function countClasses(sessions: readonly ClassifiedSession[]): Record<SessionClass, number> {
  const counts: Record<SessionClass, number> = {
    self: 0,
    dts: 0,
    replication: 0,
    system: 0,
    ignored: 0,
    business: 0,
    unknown: 0,
  };
  for (const session of sessions) counts[session.class]++;
  return counts;
}

/** Position tokens hold counters of every table; the panel has no use for them. */
function withoutPositions(comparison: ComparisonFacts): ComparisonFacts {
  return { ...comparison, positions: { source: null, target: null } };
}

/** A comparison's table list may be thousands long; in the timeline its summary is enough. */
function slim(entry: JournalEntry): JournalEntry {
  return entry.kind === 'comparisonFinished'
    ? { ...entry, comparison: { ...withoutPositions(entry.comparison), tables: [], objects: [] } }
    : entry;
}
