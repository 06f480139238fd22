/**
 * The gates: facts in, verdict out. One function per step, each pure. The rule of all of them: what is unknown,
 * stale, null, −1 or partial never opens a gate.
 */
import { sentence, type Sentence } from '../util/sentence.ts';
import type { ConnectionState, PositionFacts, Side, TaskFacts } from './facts.ts';
import { isTargetWrite, SENT, type Override, type RunState } from './machine.ts';
import { covers, uncovered } from './overrides.ts';
import { sameServer } from './prepare.ts';
import { hardReasons, zeroReasons } from './taskReadiness.ts';
import type { CutoverSettings } from './settings.ts';
import type { StepId } from './steps.ts';
import type { Verdict } from './verdict.ts';
import { heldSeconds, windowState, type SustainedWindow } from './windows.ts';
import type { CompletionState, PrepareItemView } from './snapshot.ts';

/** Everything the gates look at, at one moment. */
export interface GateFacts {
  readonly now: number;
  readonly settings: CutoverSettings;
  readonly state: RunState;
  /** the newest reading, and whether the last attempt to read failed since */
  readonly task: TaskFacts | null;
  readonly taskUnreadable: boolean;
  readonly prepare: readonly PrepareItemView[];
  readonly source: ConnectionState;
  readonly target: ConnectionState;
  readonly quiet: SustainedWindow;
  readonly dwell: SustainedWindow;
  /** what the newest look at the source found in the way of quiet */
  readonly disturbances: readonly Sentence[];
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
const waiting = (why: readonly Sentence[], evidence: readonly Sentence[] = []): Verdict => ({
  state: 'waiting',
  why,
  evidence,
});
const blocked = (why: readonly Sentence[], evidence: readonly Sentence[] = []): Verdict => ({
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
    left.map((item) => item.detail),
    done.map((item) => item.detail),
  );
}

function catchUpGate(facts: GateFacts): Verdict {
  const hard = hardReasons(facts);
  if (hard.length > 0) return blocked(hard);
  const notZero = zeroReasons(facts);
  if (notZero.length > 0) return waiting(notZero);
  return open(sentence('DTS reports gap 0 MB and lag 0 s.'));
}

function pauseGate(facts: GateFacts): Verdict {
  if (facts.state.pausedAt !== null) return open(sentence('The business was stopped by hand.'));
  const behind = catchUpGate(facts);
  if (behind.state !== 'open')
    return waiting([sentence('Wait with the pause until the target has caught up.'), ...behind.why]);
  return waiting([sentence('Stop the business’s writes to the source, then record it here.')]);
}

function quietGate(facts: GateFacts): Verdict {
  if (facts.state.pausedAt === null) return blocked([sentence('The business has not been stopped yet.')]);
  if (facts.source.state !== 'connected') return blocked([NO_CONNECTION.source]);
  const hole = maxHoleMs(facts.settings);
  const required = facts.settings.quietWindowSeconds;
  switch (windowState(facts.quiet, required, facts.now, hole)) {
    case 'reached':
      return open(
        sentence('Nothing but DTS ran on the source for {seconds} s, and nothing else was written.', {
          seconds: Math.floor(heldSeconds(facts.quiet, facts.now, hole)),
        }),
      );
    case 'pending':
      return waiting([PENDING.source]);
    case 'waiting':
      return waiting([
        sentence('Quiet for {held} s of {required} s.', {
          held: Math.floor(heldSeconds(facts.quiet, facts.now, hole)),
          required,
        }),
      ]);
    case 'broken':
      return facts.disturbances.length > 0 ? blocked(facts.disturbances) : waiting([NO_FRESH_LOOK.source]);
  }
}

/** What no reason of the user's can override: the task itself does not allow Complete, or nobody can tell. */
export function completeRefusals(facts: GateFacts): Sentence[] {
  const { state } = facts;
  if (state.startedAt === null || state.finishedAt !== null)
    return [sentence('No cutover is under way for this task.')];
  if (SENT.has(state.completion.state)) return [sentence('Complete has already been sent.')];
  return hardReasons(facts);
}

const ON_ITS_WAY: ReadonlySet<CompletionState> = new Set(['sending', 'accepted', 'outcomeUnknown']);

function completeGate(facts: GateFacts): Verdict {
  if (facts.state.completion.state === 'succeeded') return open(sentence('The task has ended with success.'));
  const refusals = completeRefusals(facts);
  // on its way it is nobody's fault that it is not done yet
  if (ON_ITS_WAY.has(facts.state.completion.state)) return waiting(refusals);
  if (refusals.length > 0) return blocked(refusals);
  const { overrides } = facts.state;
  const prepare = prepareGate(facts);
  if (prepare.state !== 'open' && !covers(overrides.prepare, prepare)) {
    return blocked([sentence('Step 1 (Prepare) is not done.'), ...uncovered(overrides.prepare, prepare)]);
  }
  if (facts.state.pausedAt === null) return blocked([sentence('The business has not been stopped yet.')]);
  const quiet = quietGate(facts);
  if (quiet.state !== 'open' && !covers(overrides.quiet, quiet)) {
    const why = [sentence('The source is not quiet.'), ...uncovered(overrides.quiet, quiet)];
    return { state: quiet.state, why, evidence: [] };
  }
  const passed = [...passedWith(overrides.prepare, prepare), ...passedWith(overrides.quiet, quiet)];
  const notZero = zeroReasons(facts);
  if (notZero.length > 0) return waiting(notZero);
  const hole = maxHoleMs(facts.settings);
  const required = facts.settings.zeroDwellSeconds;
  const held = Math.floor(heldSeconds(facts.dwell, facts.now, hole));
  if (windowState(facts.dwell, required, facts.now, hole) !== 'reached') {
    return waiting(
      [
        sentence('Gap and lag have been 0 for {held} s of {required} s since the source became quiet.', {
          held,
          required,
        }),
      ],
      [...passed, ...quiet.evidence],
    );
  }
  return open(...passed, ...quiet.evidence, sentence('Gap and lag have been 0 for {held} s since then.', { held }));
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
  if (!migrationEnded(facts)) return blocked([sentence('The task has not ended with success yet.')]);
  const oneServer = sameServer(facts.source, facts.target);
  if (oneServer) return blocked([oneServer]);
  if (facts.state.comparing) return waiting([sentence('The comparison is running.')]);
  if (!comparison) return blocked([sentence('Source and target have not been compared yet.')]);
  if (incremental === true && (completion.at === null || comparison.startedAt < completion.at)) {
    return blocked([sentence('The last comparison began before the task had ended: compare again.')]);
  }
  if (comparison.verdict !== 'same') return blocked([comparison.summary]);
  if (comparisonStale && !isSwitchUnderWay(facts)) {
    return blocked([sentence('The last comparison no longer holds.'), comparisonStale.why]);
  }
  if (comparison.method === 'counts') {
    return waiting([sentence('Equal counts do not prove equal data: compare all data.')], [comparison.summary]);
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

const NO_CONNECTION: Readonly<Record<Side, Sentence>> = {
  source: sentence('The source cannot be watched: there is no connection.'),
  target: sentence('The target cannot be watched: there is no connection.'),
};
const NO_FRESH_LOOK: Readonly<Record<Side, Sentence>> = {
  source: sentence('There is no fresh look at the source.'),
  target: sentence('There is no fresh look at the target.'),
};
const PENDING: Readonly<Record<Side, Sentence>> = {
  source: sentence('The source has not said yet by whom its last write was.'),
  target: sentence('The target has not said yet by whom its last write was.'),
};

/** The business has just been started on the target: its writes there are the switch, and the source still stands. */
function isSwitchUnderWay({ state, businessOnTarget }: GateFacts): boolean {
  return state.comparisonStale !== null && isTargetWrite(state.comparisonStale) && (businessOnTarget ?? 0) > 0;
}

function switchGate(facts: GateFacts): Verdict {
  if (facts.state.cutoverAt === null) return blocked([sentence('The switch to the target has not been recorded yet.')]);
  const why: Sentence[] = [];
  if (!facts.state.businessSeenOnTarget) why.push(sentence('No business session has been seen on the target yet.'));
  if (facts.businessOnSource === null) why.push(sentence('The source cannot be watched: there is no fresh look.'));
  else if (facts.businessOnSource > 0) {
    why.push(sentence('{count} business sessions are still on the source.', { count: facts.businessOnSource }));
  }
  if (why.length > 0) return waiting(why);
  return open(sentence('The business is on the target, and none of it is left on the source.'));
}
