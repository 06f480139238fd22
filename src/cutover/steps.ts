import { sentence, type Sentence } from '../util/sentence.ts';

/**
 * The seven steps of a cutover, in order. The runbook compares last; here rows are proven while DTS still runs, because
 * a difference found after Complete is carried over by nobody any more.
 */
export const STEP_IDS = ['prepare', 'catchUp', 'pause', 'quiet', 'verify', 'complete', 'switch'] as const;
export type StepId = (typeof STEP_IDS)[number];

/** `completeFirst`: records that began when Complete came before Verify keep their order, numbers and gates. */
export type StepOrder = 'verifyFirst' | 'completeFirst';

const COMPLETE_FIRST: readonly StepId[] = ['prepare', 'catchUp', 'pause', 'quiet', 'complete', 'verify', 'switch'];

export function stepsOf(order: StepOrder): readonly StepId[] {
  return order === 'verifyFirst' ? STEP_IDS : COMPLETE_FIRST;
}

/** 1 for the first. */
export function stepNumber(step: StepId, order: StepOrder): number {
  return stepsOf(order).indexOf(step) + 1;
}

export const STEP_TITLES: Readonly<Record<StepId, Sentence>> = {
  prepare: sentence('Prepare'),
  catchUp: sentence('Catch up'),
  pause: sentence('Pause'),
  quiet: sentence('Quiet'),
  complete: sentence('Complete'),
  verify: sentence('Verify'),
  switch: sentence('Switch'),
};

/** Steps that only exist while changes are carried over; without incremental migration the runbook says "go to step 6". */
const INCREMENTAL_ONLY: ReadonlySet<StepId> = new Set(['catchUp', 'pause', 'quiet', 'complete']);

/** Whether a step is part of this run; `incremental` null means the task's kind is not known yet, then every step is. */
export function isNeeded(step: StepId, incremental: boolean | null): boolean {
  return incremental !== false || !INCREMENTAL_ONLY.has(step);
}

/** Points of step 1 that nobody but the user can vouch for, or that we check where we can. */
export const PREPARE_ITEMS = [
  'sourceConnection',
  'targetConnection',
  'visibility',
  'sourceRights',
  'targetRights',
  'account',
  'backup',
  'offPeak',
] as const;
export type PrepareItemId = (typeof PREPARE_ITEMS)[number];

/** The points of step 1, as the checklist and the record name them. */
export const PREPARE_TITLES: Readonly<Record<PrepareItemId, Sentence>> = {
  sourceConnection: sentence('Connection to the source'),
  targetConnection: sentence('Connection to the target'),
  visibility: sentence('Every session on the source can be seen'),
  sourceRights: sentence('The account on the source may do what later steps need'),
  targetRights: sentence('The account on the target may do what later steps need'),
  account: sentence('DTS has an account of its own on the source'),
  backup: sentence('The source is backed up'),
  offPeak: sentence('It is off-peak'),
};
