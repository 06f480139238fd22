/**
 * What a comparison proves: before Complete that the rows at rest are the same on both sides (step Verify), after it that
 * they still are and that what DTS adds at the end is there (the final check, asked for by Switch).
 */
import { sentence, type Sentence } from '../util/sentence.ts';
import type { ComparisonFacts } from './facts.ts';
import type { GateFacts } from './gates.ts';
import { isTargetWrite, type RunState } from './machine.ts';
import { covers, uncovered } from './overrides.ts';
import { sameServer } from './prepare.ts';
import { NO_CONNECTION, NO_FRESH_LOOK, NOT_PAUSED, PENDING, reason, type Reason } from './reasons.ts';
import { areRowsSame, rowsProven } from './rowsProof.ts';
import { hardReasons, MISSING, zeroReasons } from './taskReadiness.ts';
import type { CompletionState } from './snapshot.ts';
import { blocked, open, waiting, type Verdict } from './verdict.ts';

/** Whether rows have to be proven before Complete: a record that began under the old order keeps it. */
export function verifiesFirst({ order, incremental }: Pick<RunState, 'order' | 'incremental'>): boolean {
  return order === 'verifyFirst' && incremental !== false;
}

/** Whether DTS has ended, so that nobody carries anything over any more. */
export function migrationEnded(facts: GateFacts): boolean {
  if (facts.state.incremental === false) return facts.task?.status === 'success' && !facts.taskUnreadable;
  return facts.state.completion.state === 'succeeded';
}

/**
 * Whether a comparison that begins now looks at data at rest: the business is stopped, the source is quiet (or what
 * disturbs it was waved through), and DTS has nothing left to carry over. Everything written later makes it stale.
 */
export function isAtRest(facts: GateFacts, quiet: Verdict): boolean {
  const { state } = facts;
  if (migrationEnded(facts)) return true;
  if (state.incremental === false || state.pausedAt === null || isCarriedOut(facts)) return false;
  const isQuiet = (facts.quiet.since !== null && !facts.quiet.pending) || covers(state.overrides.quiet, quiet);
  // a value that DTS never gives says nothing against it: what it still writes is seen on the target
  const behind = zeroReasons(facts).filter(({ code }) => !MISSING.has(code));
  return isQuiet && hardReasons(facts).length === 0 && behind.length === 0;
}

/** From here on DTS itself writes on the target: what was proven was proven before. After a lost answer it counts anew. */
export const CARRIED_OUT: ReadonlySet<CompletionState> = new Set(['sending', 'accepted', 'succeeded']);

/** An accepted call that left the task ready to be completed has done nothing: then it counts anew as well. */
function isCarriedOut({ state, lostAnswer }: GateFacts): boolean {
  if (state.completion.state === 'accepted' && lostAnswer.since !== null) return false;
  return CARRIED_OUT.has(state.completion.state);
}

/** The gate of Verify. */
export function verifyGate(facts: GateFacts): Verdict {
  const { state } = facts;
  if (!verifiesFirst(state)) return endedGate(facts, '');
  if (state.verified && isCarriedOut(facts)) return open(state.verified);
  if (migrationEnded(facts)) return endedGate(facts, '');
  if (isCarriedOut(facts)) {
    return waiting([
      reason('verifiedNever', sentence('Complete was sent before the rows were proven to be the same.')),
    ]);
  }
  if (state.pausedAt === null) return blocked([NOT_PAUSED]);
  return restingGate(facts);
}

/** Before Complete: the newest comparison began at rest, found everything the same, and nothing was written since. */
function restingGate(facts: GateFacts): Verdict {
  const { comparison } = facts.state;
  const early = sentence(
    'The last comparison began before the source was quiet and DTS had carried everything over: compare again.',
  );
  return (
    notComparable(facts) ??
    comparedWell(facts, comparison, {
      tooEarly: comparison?.atRest ? null : early,
      proves: areRowsSame,
      subject: '',
    }) ??
    unwatched(facts) ??
    open(...(comparison ? [rowsProven(comparison)] : []))
  );
}

/**
 * The check after the task's end: rows are still the same and everything around them is, too. Switch asks for it; its
 * reasons name it, so that nobody who waved something through before Complete has waved this through.
 */
export function finalCheck(facts: GateFacts): Verdict {
  return endedGate(facts, 'final check');
}

function endedGate(facts: GateFacts, subject: string): Verdict {
  const { comparison, comparedAfterEnd, incremental } = facts.state;
  if (!migrationEnded(facts)) {
    return blocked([reason('taskNotEnded', sentence('The task has not ended with success yet.'), subject)]);
  }
  const early = incremental === true && !comparedAfterEnd;
  const text = sentence('The last comparison began before the task had ended: compare again.');
  return (
    notComparable(facts) ??
    comparedWell(facts, comparison, { tooEarly: early ? text : null, proves: isAllSame, subject }) ??
    unwatched(facts) ??
    open(...(comparison ? [comparison.summary] : []))
  );
}

const isAllSame = ({ verdict }: ComparisonFacts): boolean => verdict === 'same';

/** What a comparison has to be at one step. */
interface Wanted {
  /** why it began too early; null when it did not */
  readonly tooEarly: Sentence | null;
  readonly proves: (comparison: ComparisonFacts) => boolean;
  /** in its reasons */
  readonly subject: string;
}

function notComparable(facts: GateFacts): Verdict | null {
  const oneServer = sameServer(facts.source, facts.target);
  if (oneServer) return blocked([reason('oneServer', oneServer)]);
  if (facts.state.comparing) return waiting([reason('comparing', sentence('The comparison is running.'))]);
  return null;
}

/** What keeps the newest comparison from being a proof; null when it is one. */
function comparedWell(
  facts: GateFacts,
  comparison: ComparisonFacts | null,
  { tooEarly, proves, subject }: Wanted,
): Verdict | null {
  if (!comparison) {
    return blocked([reason('notCompared', sentence('Source and target have not been compared yet.'), subject)]);
  }
  // whatever is waved through is waved through for this very result
  const of = (code: string, text: Sentence) => reason(code, text, subject, 0, comparison.id);
  if (tooEarly) return blocked([of('comparedTooEarly', tooEarly)]);
  const isCounted = comparison.method === 'counts' && comparison.verdict === 'same';
  if (!isCounted && !proves(comparison)) return blocked([of('notSame', comparison.summary)]);
  const { comparisonStale } = facts.state;
  if (comparisonStale && !isSwitchUnderWay(facts)) {
    const { at, side, why } = comparisonStale;
    return blocked([
      of('comparisonStale', sentence('The last comparison no longer holds.')),
      reason('staleBecause', why, side, 0, `${comparison.id} ${at}`),
    ]);
  }
  if (isCounted) {
    const text = sentence('Equal counts do not prove equal data: compare all data.');
    return waiting([of('countsOnly', text)], [comparison.summary]);
  }
  return null;
}

/** Until the switch is on record somebody has to vouch for both sides: what nobody looks at may be written. */
function unwatched(facts: GateFacts): Verdict | null {
  if (facts.state.cutoverAt !== null) return null;
  for (const side of ['source', 'target'] as const) {
    if (facts[side].state !== 'connected') return blocked([NO_CONNECTION[side]]);
    const foreign = facts.writes[side];
    if (foreign === null) return waiting([NO_FRESH_LOOK[side]]);
    const isTheSwitch = side === 'target' && migrationEnded(facts) && (facts.businessOnTarget ?? 0) > 0;
    if (foreign === 'pending' && !isTheSwitch) return waiting([PENDING[side]]);
  }
  return null;
}

/** The business has just been started on the target: its writes there are the switch, and the source still stands. */
function isSwitchUnderWay(facts: GateFacts): boolean {
  const { comparisonStale } = facts.state;
  if (!migrationEnded(facts) || comparisonStale === null) return false;
  return isTargetWrite(comparisonStale) && (facts.businessOnTarget ?? 0) > 0;
}

/** What has to be proven before the business may be said to be on the target, and whose override counts for it. */
export function beforeSwitch(facts: GateFacts): { readonly verdict: Verdict; readonly step: 'verify' | 'switch' } {
  return verifiesFirst(facts.state)
    ? { verdict: finalCheck(facts), step: 'switch' }
    : { verdict: verifyGate(facts), step: 'verify' };
}

/** The reasons of the final check nobody has waved through. */
export function finalCheckLeft(facts: GateFacts): readonly Reason[] {
  if (!verifiesFirst(facts.state) || facts.state.cutoverAt !== null) return [];
  return uncovered(facts.state.overrides.switch, finalCheck(facts));
}
