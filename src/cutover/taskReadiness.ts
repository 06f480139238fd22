/** Readings of the task that matter to more than one gate. */
import { sentence, type Sentence } from '../util/sentence.ts';
import type { TaskFacts } from './facts.ts';
import type { CutoverSettings } from './settings.ts';

export interface TaskReading {
  readonly now: number;
  readonly settings: CutoverSettings;
  readonly task: TaskFacts | null;
  readonly taskUnreadable: boolean;
}

/** A reading is fresh when it is not older than allowed, not from the future, and no later attempt failed. */
export function isFresh(reading: TaskReading): boolean {
  if (!reading.task || reading.taskUnreadable) return false;
  const age = reading.now - reading.task.readAt;
  return age >= 0 && age <= reading.settings.staleAfterSeconds * 1000;
}

/** Why the task as such is not in the state in which it can be completed; empty when it is. */
export function hardReasons(reading: TaskReading): Sentence[] {
  const { task } = reading;
  if (!task) return [sentence('The task has not been read yet.')];
  if (!isFresh(reading)) return [sentence('The last reading of the task is too old to rely on.')];
  const why: Sentence[] = [];
  if (task.migrateType !== 'fullAndIncrement') why.push(sentence('The task has no incremental migration to complete.'));
  if (task.status !== 'readyComplete') {
    why.push(sentence('The task’s status is {status}, not readyComplete.', { status: task.rawStatus }));
  }
  if (task.trade !== 'normal') why.push(sentence('The task’s billing state does not allow it (isolated or changing).'));
  if (!task.allowedActions.includes('complete')) why.push(sentence('DTS does not offer Complete for this task now.'));
  const sinker = task.steps.find((step) => step.id === 'sinker');
  if (sinker?.status !== 'running') why.push(sentence('DTS’s step Syncing Incremental Data is not running.'));
  return why;
}

/** Why gap and lag are not both 0; "no valid value" is not 0. */
export function zeroReasons(reading: TaskReading): Sentence[] {
  const { task } = reading;
  const why: Sentence[] = [];
  if (task?.gapMb === null || task?.gapMb === undefined) why.push(sentence('DTS gives no valid value for the gap.'));
  else if (task.gapMb !== 0) why.push(sentence('The gap is {gap} MB.', { gap: task.gapMb }));
  if (task?.lagSeconds === null || task?.lagSeconds === undefined) {
    why.push(sentence('DTS gives no valid value for the lag.'));
  } else if (task.lagSeconds !== 0) why.push(sentence('The lag is {lag} s.', { lag: task.lagSeconds }));
  return why;
}
