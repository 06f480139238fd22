/**
 * DTS's own comparison: it runs inside DTS, and only while the task is in its incremental step. It is evidence beside
 * the direct comparison of Verify, and never takes its place: no gate looks at it.
 */
import type { FailureFacts } from '../util/failure.ts';
import { sentence, type Sentence } from '../util/sentence.ts';
import type { ComparisonVerdict, ObjectName } from './facts.ts';
import type { GateFacts } from './gates.ts';
import { SENT } from './completionState.ts';
import { isDtsComparing, type RunState } from './machine.ts';
import { isFollowing, isFresh } from './taskReadiness.ts';

export type DtsMethod = 'dataCheck' | 'sampleDataCheck' | 'rowsCount';

export interface DtsComparisonRequest {
  readonly method: DtsMethod;
  /** percent of the rows, 1 to 100; null unless a sample is compared */
  readonly sampleRate: number | null;
  /** 1 to 8 */
  readonly threads: number;
  /** source tables; null for all that the task moves */
  readonly tables: readonly ObjectName[] | null;
}

export type DtsStatus =
  'created' | 'readyRun' | 'running' | 'success' | 'stopping' | 'failed' | 'canceled' | 'unrecognized';
export type DtsConclusion = 'same' | 'different' | 'skipAll' | 'none' | 'unrecognized';

/** How it stands, as DTS says. `success` only says that it ran to its end. */
export interface DtsReading {
  readonly status: DtsStatus;
  readonly rawStatus: string;
  readonly conclusion: DtsConclusion;
  /** 0 to 100 */
  readonly percent: number | null;
  /** DTS's own words; '' where it says nothing */
  readonly message: string;
}

/** The head of DTS's report; null where it tells no number. */
export interface DtsCounts {
  readonly conclusion: DtsConclusion;
  readonly rawConclusion: string;
  readonly total: number | null;
  readonly checked: number | null;
  readonly different: number | null;
  readonly skipped: number | null;
  readonly differentRows: number | null;
}

export interface DtsOutcome {
  /** `same` only when DTS compared every row of every table and found no difference */
  readonly verdict: ComparisonVerdict;
  readonly summary: Sentence;
}

/** What a run knows of the last one it started. */
export interface DtsComparison {
  readonly id: string;
  readonly method: DtsMethod;
  readonly sampleRate: number | null;
  /** how many tables were chosen; null for all that the task moves */
  readonly tables: number | null;
  readonly startedAt: number;
  readonly outcome: DtsOutcome | null;
  /** why it could not be started, or not be followed to its end */
  readonly failure: FailureFacts | null;
}

export const ENDED: ReadonlySet<DtsStatus> = new Set<DtsStatus>(['success', 'failed', 'canceled']);

/** Why DTS cannot compare now; empty when it can. */
export function dtsRefusals(facts: GateFacts): Sentence[] {
  const { state, task } = facts;
  if (state.startedAt === null || state.finishedAt !== null) {
    return [sentence('No cutover is under way for this task.')];
  }
  if (SENT.has(state.completion.state)) return [sentence('DTS compares before Complete only.')];
  if (isDtsComparing(state)) return [sentence('DTS is comparing already.')];
  if (!task || !isFresh(facts)) return [sentence('The last reading of the task is too old to rely on.')];
  if (task.migrateType !== 'fullAndIncrement' || !isFollowing(task)) {
    return [sentence('DTS compares only while its step Syncing Incremental Data is running.')];
  }
  if (!task.allowedActions.includes('createCmpTask')) {
    return [sentence('DTS does not offer a comparison for this task now.')];
  }
  return [];
}

/** What an ended comparison proves. Whatever DTS left out, or does not tell, is not the same. */
export function dtsOutcome(
  { method, sampleRate }: Pick<DtsComparison, 'method' | 'sampleRate'>,
  reading: DtsReading,
  counts: DtsCounts | null,
): DtsOutcome {
  const incomplete = (summary: Sentence): DtsOutcome => ({ verdict: 'incomplete', summary });
  if (reading.status === 'canceled') return incomplete(sentence('DTS’s comparison was stopped before its end.'));
  if (reading.status !== 'success') {
    return incomplete(sentence('DTS’s comparison failed. {message}', { message: reading.message }));
  }
  if (!counts) return incomplete(sentence('DTS’s report cannot be read.'));
  const { total, checked, different, skipped, differentRows } = counts;
  const said = {
    total: total ?? '?',
    checked: checked ?? '?',
    different: different ?? '?',
    skipped: skipped ?? '?',
    rows: differentRows ?? '?',
  };
  const conclusions = [reading.conclusion, counts.conclusion];
  if (conclusions.includes('different') || (different ?? 0) > 0 || (differentRows ?? 0) > 0) {
    return {
      verdict: 'different',
      summary: sentence(
        'DTS found differences in {different} of {total} tables ({rows} rows); {skipped} were skipped.',
        said,
      ),
    };
  }
  if (conclusions.includes('skipAll')) return incomplete(sentence('DTS skipped every table: nothing was compared.'));
  if (conclusions.some((conclusion) => conclusion !== 'same')) {
    return incomplete(sentence('DTS gives no conclusion that is known here ({raw}).', { raw: counts.rawConclusion }));
  }
  if (total === null || total === 0 || skipped !== 0 || checked !== total) {
    return incomplete(
      sentence(
        'DTS found no difference, but did not look at everything: {checked} of {total} tables compared, {skipped} skipped.',
        said,
      ),
    );
  }
  if (method === 'rowsCount') {
    return incomplete(sentence('DTS found equal row counts in {total} tables. Values were not compared.', said));
  }
  if (method === 'sampleDataCheck' && sampleRate !== 100) {
    return incomplete(
      sentence('DTS found no difference in a sample of {rate} % of the rows of {total} tables.', {
        ...said,
        rate: sampleRate ?? '?',
      }),
    );
  }
  return { verdict: 'same', summary: sentence('DTS found all {total} tables to be the same.', said) };
}

/** What Complete does to it: said before Complete is sent. */
export function dtsWarning(state: RunState): Sentence[] {
  return isDtsComparing(state)
    ? [sentence('DTS’s own comparison is still running: completing the task makes it fail.')]
    : [];
}
