/**
 * The gates: facts in, verdict out. One function per step, each pure. The rule of all of them: what is unknown,
 * stale, null, −1 or partial never opens a gate.
 */
import type { Moment } from '../util/clock.ts';
import { sentence, type Sentence } from '../util/sentence.ts';
import type { ConnectionState, PositionFacts, Side, TaskFacts } from './facts.ts';
import { AWAITED, SENT } from './completionState.ts';
import { flowEvidence, lagExplained, type FlowSigns } from './flowSigns.ts';
import type { Override, RunState } from './machine.ts';
import { covers, uncovered } from './overrides.ts';
import {
  beyond,
  dwellTooShort,
  HANDED_OVER,
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
import { hardReasons, MISSING, zeroReasons } from './taskReadiness.ts';
import type { CutoverSettings } from './settings.ts';
import type { StepId } from './steps.ts';
import { blocked, open, waiting, type Verdict } from './verdict.ts';
import { finalCheckLeft, verifiesFirst, verifyGate } from './verification.ts';
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
  /** what was seen there, beyond an override, since the override was given and since it was quiet last */
  readonly sinceOverride: readonly Reason[];
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
  // nobody waves a window through and with it what comes after
  const after = [...facts.sinceOverride, ...(facts.writes.source === 'pending' ? [PENDING.source] : [])];
  switch (windowState(facts.quiet, required, facts.now, hole)) {
    case 'reached':
      return open(
        sentence('Nothing but DTS ran on the source for {seconds} s, and nothing else was written.', { seconds: held }),
      );
    case 'pending':
      return waiting([PENDING.source]);
    case 'waiting':
      return waiting([quietTooShort(held, required), ...after]);
    case 'broken':
      return facts.disturbances.length > 0
        ? blocked([...facts.disturbances, ...after])
        : waiting([NO_FRESH_LOOK.source, ...after]);
  }
}

/** How long fresh readings must show a task that can be completed before a call without effect may be followed by another. */
export const LOST_ANSWER_SECONDS = 300;

/** Whether a Complete that has shown no effect may be sent once more, on the user's explicit word. */
export function maySendAgain(facts: GateFacts): boolean {
  if (!AWAITED.has(facts.state.completion.state)) return false;
  return windowState(facts.lostAnswer, LOST_ANSWER_SECONDS, facts.now, maxHoleMs(facts.settings)) === 'reached';
}

/** What no reason of the user's can override: the task itself does not allow Complete, or nobody can tell. */
export function completeRefusals(facts: GateFacts): Reason[] {
  const { state } = facts;
  if (state.startedAt === null || state.finishedAt !== null) return [NO_RUN];
  if (state.handedOver) return [HANDED_OVER];
  if (SENT.has(state.completion.state) && !maySendAgain(facts)) return [alreadySent(facts)];
  return hardReasons(facts);
}

function alreadySent(facts: GateFacts): Reason {
  const { state } = facts.state.completion;
  const held = Math.floor(heldSeconds(facts.lostAnswer, facts.now, maxHoleMs(facts.settings)));
  const wait = { required: LOST_ANSWER_SECONDS, held };
  if (state === 'outcomeUnknown') {
    const text = sentence(
      'Complete has already been sent, and its answer was lost. It can be sent again once the task has shown itself ready to be completed for {required} s without a break: {held} s so far.',
      wait,
    );
    return reason('answerLost', text);
  }
  // an accepted call that did nothing shows in a task that stays ready
  if (state === 'accepted' && facts.lostAnswer.since !== null) {
    const text = sentence(
      'Complete has already been sent, and DTS accepted it. Should nothing come of it, it can be sent again once the task has shown itself ready to be completed for {required} s without a break: {held} s so far.',
      wait,
    );
    return reason('sent', text);
  }
  return reason('sent', sentence('Complete has already been sent.'));
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
  const verify = verifiesFirst(facts.state) ? verifyGate(facts) : null;
  const steps = [
    ...stepReasons(NOT_PREPARED, prepare, overrides.prepare),
    ...quietReasons(facts, quiet),
    ...(verify && facts.state.pausedAt !== null ? stepReasons(NOT_VERIFIED, verify, overrides.verify) : []),
  ];
  const zero = zeroReasons(facts);
  const waived = waivedMissing(overrides.complete, zero);
  const behind = zero.filter((each) => !waived.includes(each));
  const passed = [
    ...passedWith(overrides.prepare, prepare),
    ...passedWith(overrides.quiet, quiet),
    ...(verify ? passedWith(overrides.verify, verify) : []),
    ...waived,
  ];
  const proven = [...quiet.evidence, ...(verify?.evidence ?? [])];
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
    return open(...passed, ...proven, zeroFor, ...flowEvidence(facts.flow, facts.now));
  }
  const isVerifyShut = verify?.state === 'blocked' && !covers(overrides.verify, verify);
  const isBlocked =
    steps.length > 0 && (prepareShut(prepare, overrides.prepare) || quiet.state === 'blocked' || isVerifyShut);
  const evidence = steps.length > 0 ? [] : [...passed, ...proven];
  return { state: isBlocked ? 'blocked' : 'waiting', why, evidence };
}

const NOT_PREPARED = reason('prepareOpen', sentence('Prepare is not done.'));
const NOT_VERIFIED = reason('verifyOpen', sentence('The rows are not proven to be the same.'));
const NOT_QUIET = reason('quietOpen', sentence('The source is not quiet.'));

/** Reasons that name a step before Complete; the step's own reasons follow them. */
export const HEADINGS: ReadonlySet<string> = new Set([NOT_PREPARED, NOT_VERIFIED, NOT_QUIET].map(({ code }) => code));

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

function switchGate(facts: GateFacts): Verdict {
  if (facts.state.cutoverAt === null) {
    const notSwitched = reason('notSwitched', sentence('The switch to the target has not been recorded yet.'));
    return blocked([...finalCheckLeft(facts), notSwitched]);
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
