/** Readings of the task that matter to more than one gate. */
import { elapsedMs, type Moment } from '../util/clock.ts';
import { sentence } from '../util/sentence.ts';
import type { TaskFacts, TaskStep } from './facts.ts';
import { reason, type Reason } from './reasons.ts';
import type { CutoverSettings } from './settings.ts';

export interface TaskReading {
  readonly now: Moment;
  readonly settings: CutoverSettings;
  readonly task: TaskFacts | null;
  /** when its answer arrived, by both clocks */
  readonly taskReadAt: Moment | null;
  readonly taskUnreadable: boolean;
}

/** A reading is fresh when it is not older than allowed, not from the future, and no later attempt failed. */
export function isFresh({ now, settings, task, taskReadAt, taskUnreadable }: TaskReading): boolean {
  if (!task || !taskReadAt || taskUnreadable) return false;
  const age = elapsedMs(taskReadAt, now);
  return age !== null && now.at >= taskReadAt.at && age <= settings.staleAfterSeconds * 1000;
}

/** The only states of billing that forbid Complete; one that is missing or was never seen says nothing. */
const FORBIDDING: ReadonlySet<TaskFacts['trade']> = new Set(['isolating', 'isolated', 'offlining', 'offlined']);

/** "Syncing Incremental Data", whose id is published for MySQL only; undefined where no step has it. */
export function incrementalStep(task: TaskFacts): TaskStep | undefined {
  return task.steps.find(({ id }) => id === 'sinker');
}

/**
 * Whether the task follows the source's changes now. Where no step tells it, the API's own conditions do: a task that is
 * ready to be completed, or that may be compared, does.
 */
export function isFollowing(task: TaskFacts): boolean {
  const step = incrementalStep(task);
  if (step) return step.status === 'running';
  return task.status === 'readyComplete' || task.allowedActions.includes('createCmpTask');
}

/** Why the task as such is not in the state in which it can be completed; empty when it is. */
export function hardReasons(reading: TaskReading): Reason[] {
  const { task } = reading;
  if (!task) return [reason('taskUnread', sentence('The task has not been read yet.'))];
  if (!isFresh(reading)) return [TASK_STALE];
  const why: Reason[] = [];
  if (task.migrateType !== 'fullAndIncrement') {
    why.push(reason('notIncremental', sentence('The task has no incremental migration to complete.')));
  }
  if (task.status !== 'readyComplete') {
    const text = sentence('The task’s status is {status}, not readyComplete.', { status: task.rawStatus });
    why.push(reason('taskStatus', text, task.rawStatus));
  }
  if (FORBIDDING.has(task.trade)) {
    const text = sentence('The task’s billing state does not allow it: {state}.', { state: task.trade });
    why.push(reason('taskBilling', text, task.trade));
  }
  if (!task.allowedActions.includes('complete')) {
    why.push(reason('completeNotOffered', sentence('DTS does not offer Complete for this task now.')));
  }
  if (!isFollowing(task)) {
    why.push(reason('notFollowing', sentence('DTS’s step Syncing Incremental Data is not running.')));
  }
  return why;
}

export const TASK_STALE = reason('taskStale', sentence('The last reading of the task is too old to rely on.'));

/** Why the gap is not 0; "no valid value" is not 0. */
function gapReason({ gapMb }: TaskFacts): Reason | null {
  if (gapMb === null) return reason('gapMissing', sentence('DTS gives no valid value for the gap.'));
  return gapMb === 0 ? null : reason('gap', sentence('The gap is {gap} MB.', { gap: gapMb }), '', gapMb);
}

function lagReason({ lagSeconds }: TaskFacts): Reason | null {
  if (lagSeconds === null) return reason('lagMissing', sentence('DTS gives no valid value for the lag.'));
  return lagSeconds === 0 ? null : reason('lag', sentence('The lag is {lag} s.', { lag: lagSeconds }), '', lagSeconds);
}

/** "DTS gives no valid value": for some engines one of them may never have one. */
export const MISSING: ReadonlySet<string> = new Set(['gapMissing', 'lagMissing']);

/** Why gap and lag are not both 0. */
export function zeroReasons({ task }: TaskReading): Reason[] {
  if (!task) return [reason('taskUnread', sentence('The task has not been read yet.'))];
  return [gapReason(task), lagReason(task)].filter((each) => each !== null);
}
