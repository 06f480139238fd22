/**
 * The gates: facts in, verdict out. One function per step, each pure. The rule of all of them: what is unknown,
 * stale, null, −1 or partial never opens a gate.
 */
import type { Moment } from '../util/clock.ts';
import { sentence, type Sentence } from '../util/sentence.ts';
import type { ConnectionState, PositionFacts, Side, TaskFacts } from './facts.ts';
import { SENT } from './completionState.ts';
import { flowEvidence, lagExplained, type FlowSigns } from './flowSigns.ts';
import { isTargetWrite, type Override, type RunState } from './machine.ts';
import { covers, uncovered } from './overrides.ts';
import { sameServer } from './prepare.ts';
import {
  beyond,
  dwellTooShort,
  NO_CONNECTION,
  NO_FRESH_LOOK,
  NO_RUN,
  NOT_PAUSED,
  notPrepared,
  PENDING,
  quietTooShort,
  reason,
  type Reason,
} from './reasons.ts';
import { hardReasons, zeroReasons } from './taskReadiness.ts';
import type { CutoverSettings } from './settings.ts';
import type { StepId } from './steps.ts';
import type { Verdict } from './verdict.ts';
import { heldSeconds, windowState, type SustainedWindow } from './windows.ts';
import type { CompletionState, PrepareItemView } from './snapshot.ts';

/** Everything the gates look at, at one moment. */
export interface GateFacts {
  readonly now: Moment;
  readonly settings: CutoverSettings;
  readonly state: RunState;
  /** the newest reading, when it came, and whether the last attempt to read failed since */
  readonly task: TaskFacts | null;
  readonly taskReadAt: Moment | null;
  readonly taskUnreadable: boolean;
  readonly prepare: readonly PrepareItemView[];
  readonly source: ConnectionState;
  readonly target: ConnectionState;
  readonly quiet: SustainedWindow;
  readonly dwell: SustainedWindow;
  /** how long the task has been ready to be completed since the answer to Complete was lost */
  readonly lostAnswer: SustainedWindow;
  /** what shows that DTS still works, beside its own figures */
  readonly flow: FlowSigns;
  /** what the newest look at the source found in the way of quiet */
  readonly disturbances: readonly Reason[];
  /**
   * Sessions at the newest look, null when there is none that is fresh. On the source unknown ones count as business,
   * on the target they do not: what is unknown must never help a gate.
   */
  readonly businessOnSource: number | null;
  readonly businessOnTarget: number | null;
  /** whether others than DTS wrote, by the newest look; null when there is none that is fresh */
  readonly writes: Readonly<Record<Side, PositionFacts['foreign'] | null>>;
}

export const GATES: Readonly<Record<StepId, (facts: GateFacts) => Verdict>> = {
  prepare: prepareGate,
  catchUp: catchUpGate,
  pause: pauseGate,
  quiet: quietGate,
  complete: completeGate,
  verify: verifyGate,
  switch: switchGate,
};

const open = (...evidence: Sentence[]): Verdict => ({ state: 'open', why: [], evidence });
const waiting = (why: readonly Reason[], evidence: readonly Sentence[] = []): Verdict => ({
  state: 'waiting',
  why,
  evidence,
});
const blocked = (why: readonly Reason[], evidence: readonly Sentence[] = []): Verdict => ({
  state: 'blocked',
  why,
  evidence,
});

export function maxHoleMs(settings: CutoverSettings): number {
  return settings.staleAfterSeconds * 1000;
}

function prepareGate(facts: GateFacts): Verdict {
  const done = facts.prepare.filter((item) => item.state === 'checked' || item.state === 'attested');
  const left = facts.prepare.filter((item) => !done.includes(item));
  if (facts.prepare.length > 0 && left.length === 0) return open(...done.map((item) => item.detail));
  return blocked(
    left.map((item) => notPrepared(item)),
    done.map((item) => item.detail),
  );
}

function catchUpGate(facts: GateFacts): Verdict {
  const hard = hardReasons(facts);
  if (hard.length > 0) return blocked(hard);
  const notZero = zeroReasons(facts);
  if (notZero.length > 0) {
    const explained = notZero.some(({ code }) => code === 'lag') ? lagExplained(serverOf(facts.source)) : null;
    return waiting(notZero, explained ? [explained] : []);
  }
  return open(sentence('DTS reports gap 0 MB and lag 0 s.'));
}

const serverOf = (connection: ConnectionState) => (connection.state === 'connected' ? connection.server : null);

function pauseGate(facts: GateFacts): Verdict {
  if (facts.state.pausedAt !== null) return open(sentence('The business was stopped by hand.'));
  const behind = catchUpGate(facts);
  if (behind.state !== 'open') return waiting([WAIT_WITH_PAUSE, ...behind.why]);
  return waiting([STOP_THE_BUSINESS]);
}

const WAIT_WITH_PAUSE = reason('waitWithPause', sentence('Wait with the pause until the target has caught up.'));
const STOP_THE_BUSINESS = reason(
  'stopTheBusiness',
  sentence('Stop the business’s writes to the source, then record it here.'),
);

function quietGate(facts: GateFacts): Verdict {
  if (facts.state.pausedAt === null) return blocked([NOT_PAUSED]);
  if (facts.source.state !== 'connected') return blocked([NO_CONNECTION.source]);
  const hole = maxHoleMs(facts.settings);
  const required = facts.settings.quietWindowSeconds;
  const held = Math.floor(heldSeconds(facts.quiet, facts.now, hole));
  switch (windowState(facts.quiet, required, facts.now, hole)) {
    case 'reached':
      return open(
        sentence('Nothing but DTS ran on the source for {seconds} s, and nothing else was written.', { seconds: held }),
      );
    case 'pending':
      return waiting([PENDING.source]);
    case 'waiting':
      return waiting([quietTooShort(held, required)]);
    case 'broken':
      return facts.disturbances.length > 0 ? blocked(facts.disturbances) : waiting([NO_FRESH_LOOK.source]);
  }
}

/** How long fresh readings must show a task that can be completed before a lost call may be followed by another. */
export const LOST_ANSWER_SECONDS = 300;

/** Whether a lost Complete may be sent once more, on the user's explicit word. */
export function maySendAgain(facts: GateFacts): boolean {
  if (facts.state.completion.state !== 'outcomeUnknown') return false;
  return windowState(facts.lostAnswer, LOST_ANSWER_SECONDS, facts.now, maxHoleMs(facts.settings)) === 'reached';
}

/** What no reason of the user's can override: the task itself does not allow Complete, or nobody can tell. */
export function completeRefusals(facts: GateFacts): Reason[] {
  const { state } = facts;
  if (state.startedAt === null || state.finishedAt !== null) return [NO_RUN];
  if (SENT.has(state.completion.state) && !maySendAgain(facts)) return [alreadySent(facts)];
  return hardReasons(facts);
}

function alreadySent(facts: GateFacts): Reason {
  if (facts.state.completion.state !== 'outcomeUnknown') {
    return reason('sent', sentence('Complete has already been sent.'));
  }
  return reason(
    'answerLost',
    sentence(
      'Complete has already been sent, and its answer was lost. It can be sent again once the task has shown itself ready to be completed for {required} s without a break: {held} s so far.',
      {
        required: LOST_ANSWER_SECONDS,
        held: Math.floor(heldSeconds(facts.lostAnswer, facts.now, maxHoleMs(facts.settings))),
      },
    ),
  );
}

const ON_ITS_WAY: ReadonlySet<CompletionState> = new Set(['sending', 'accepted', 'outcomeUnknown']);

function completeGate(facts: GateFacts): Verdict {
  const { completion, overrides } = facts.state;
  if (completion.state === 'succeeded') return open(sentence('The task has ended with success.'));
  const refusals = completeRefusals(facts);
  // on its way it is nobody's fault that it is not done yet
  if (ON_ITS_WAY.has(completion.state) && !maySendAgain(facts)) return waiting(refusals);
  if (refusals.length > 0) return blocked(refusals);
  const prepare = prepareGate(facts);
  const quiet = facts.state.pausedAt === null ? blocked([NOT_PAUSED]) : quietGate(facts);
  const steps = [...stepReasons(NOT_PREPARED, prepare, overrides.prepare), ...quietReasons(facts, quiet)];
  const zero = zeroReasons(facts);
  const waived = waivedMissing(overrides.complete, zero);
  const behind = zero.filter((each) => !waived.includes(each));
  const passed = [...passedWith(overrides.prepare, prepare), ...passedWith(overrides.quiet, quiet), ...waived];
  const why = [...steps, ...behind];
  // whoever waives a value that DTS does not give waives nothing else: the dwell begins only then
  const onlyMissing = why.length > 0 && why.every(({ code }) => MISSING.has(code));
  const hole = maxHoleMs(facts.settings);
  const required = facts.settings.zeroDwellSeconds;
  const held = Math.floor(heldSeconds(facts.dwell, facts.now, hole));
  if (!onlyMissing && windowState(facts.dwell, required, facts.now, hole) !== 'reached') {
    why.push(dwellTooShort(held, required));
  }
  if (why.length === 0) {
    const zeroFor = sentence('Gap and lag have been 0 for {held} s since then.', { held });
    return open(...passed, ...quiet.evidence, zeroFor, ...flowEvidence(facts.flow, facts.now));
  }
  const isBlocked = steps.length > 0 && (prepareShut(prepare, overrides.prepare) || quiet.state === 'blocked');
  const evidence = steps.length > 0 ? [] : [...passed, ...quiet.evidence];
  return { state: isBlocked ? 'blocked' : 'waiting', why, evidence };
}

const NOT_PREPARED = reason('prepareOpen', sentence('Step 1 (Prepare) is not done.'));
const NOT_QUIET = reason('quietOpen', sentence('The source is not quiet.'));

function prepareShut(prepare: Verdict, override: Override | undefined): boolean {
  return prepare.state !== 'open' && !covers(override, prepare);
}

/** The reasons of an earlier step that nobody has waved through, behind one that names the step. */
function stepReasons(heading: Reason, verdict: Verdict, override: Override | undefined): Reason[] {
  if (verdict.state === 'open' || covers(override, verdict)) return [];
  return [heading, ...uncovered(override, verdict)];
}

function quietReasons({ state }: GateFacts, quiet: Verdict): Reason[] {
  return state.pausedAt === null ? [NOT_PAUSED] : stepReasons(NOT_QUIET, quiet, state.overrides.quiet);
}

/** "DTS gives no valid value": for some engines one of them may never have one. */
const MISSING: ReadonlySet<string> = new Set(['gapMissing', 'lagMissing']);

/** Missing values of gap or lag that the user has waived, each by itself. */
export function waivedMissing(override: Override | undefined, zero: readonly Reason[]): readonly Reason[] {
  if (!override) return [];
  const left = beyond(zero, override.against);
  return zero.filter((each) => MISSING.has(each.code) && !left.includes(each));
}

/** Who confirms Complete has to see what was waved through on the way. */
function passedWith(override: Override | undefined, verdict: Verdict): Sentence[] {
  if (!covers(override, verdict)) return [];
  return [sentence('Overridden by {by}: {reason}', { by: override.by, reason: override.reason }), ...verdict.why];
}

/** Whether the data is at rest on both sides, so that a comparison proves something about the switch. */
export function migrationEnded(facts: GateFacts): boolean {
  if (facts.state.incremental === false) return facts.task?.status === 'success' && !facts.taskUnreadable;
  return facts.state.completion.state === 'succeeded';
}

function verifyGate(facts: GateFacts): Verdict {
  const { comparison, comparisonStale, completion, incremental } = facts.state;
  if (!migrationEnded(facts)) {
    return blocked([reason('taskNotEnded', sentence('The task has not ended with success yet.'))]);
  }
  const oneServer = sameServer(facts.source, facts.target);
  if (oneServer) return blocked([reason('oneServer', oneServer)]);
  if (facts.state.comparing) return waiting([reason('comparing', sentence('The comparison is running.'))]);
  if (!comparison) {
    return blocked([reason('notCompared', sentence('Source and target have not been compared yet.'))]);
  }
  // whatever is waved through is waved through for this very result
  const of = (code: string, text: Sentence) => reason(code, text, '', 0, comparison.id);
  if (incremental === true && (completion.at === null || comparison.startedAt < completion.at)) {
    const text = sentence('The last comparison began before the task had ended: compare again.');
    return blocked([of('comparedTooEarly', text)]);
  }
  if (comparison.verdict !== 'same') return blocked([of('notSame', comparison.summary)]);
  if (comparisonStale && !isSwitchUnderWay(facts)) {
    const { at, side, why } = comparisonStale;
    return blocked([
      of('comparisonStale', sentence('The last comparison no longer holds.')),
      reason('staleBecause', why, side, 0, `${comparison.id} ${at}`),
    ]);
  }
  if (comparison.method === 'counts') {
    const text = sentence('Equal counts do not prove equal data: compare all data.');
    return waiting([of('countsOnly', text)], [comparison.summary]);
  }
  return unwatched(facts) ?? open(comparison.summary);
}

/** Until the switch is on record somebody has to vouch for both sides: what nobody looks at may be written. */
function unwatched(facts: GateFacts): Verdict | null {
  if (facts.state.cutoverAt !== null) return null;
  for (const side of ['source', 'target'] as const) {
    if (facts[side].state !== 'connected') return blocked([NO_CONNECTION[side]]);
    const foreign = facts.writes[side];
    if (foreign === null) return waiting([NO_FRESH_LOOK[side]]);
    const isTheSwitch = side === 'target' && (facts.businessOnTarget ?? 0) > 0;
    if (foreign === 'pending' && !isTheSwitch) return waiting([PENDING[side]]);
  }
  return null;
}

/** The business has just been started on the target: its writes there are the switch, and the source still stands. */
function isSwitchUnderWay({ state, businessOnTarget }: GateFacts): boolean {
  return state.comparisonStale !== null && isTargetWrite(state.comparisonStale) && (businessOnTarget ?? 0) > 0;
}

function switchGate(facts: GateFacts): Verdict {
  if (facts.state.cutoverAt === null) {
    return blocked([reason('notSwitched', sentence('The switch to the target has not been recorded yet.'))]);
  }
  const why: Reason[] = [];
  if (facts.target.state === 'connected' && facts.target.server.readOnly) {
    const text = sentence('The target is read-only: the business cannot write there yet.');
    why.push(reason('targetReadOnly', text));
  }
  if (!facts.state.businessSeenOnTarget) {
    why.push(reason('notSeenOnTarget', sentence('No business session has been seen on the target yet.')));
  }
  const onSource = facts.businessOnSource;
  if (onSource === null) {
    why.push(reason('noFreshLook', sentence('The source cannot be watched: there is no fresh look.'), 'source'));
  } else if (onSource > 0) {
    const text = sentence('{count} business sessions are still on the source.', { count: onSource });
    why.push(reason('businessOnSource', text, '', onSource));
  }
  if (why.length > 0) return waiting(why);
  return open(sentence('The business is on the target, and none of it is left on the source.'));
}
