/** What became of Complete, judged by the task's status: success of the call is not success of the task. */
import { FAILED_CALL_SETTLES_MS } from './completeCall.ts';
import type { TaskFacts } from './facts.ts';
import type { JournalEvent } from './journal.ts';
import type { RunState } from './machine.ts';

const ENDED_BADLY: ReadonlySet<string> = new Set(['failed', 'error', 'canceled']);

/**
 * What a reading of the task says about a Complete that was sent, or that somebody else sent from a console.
 * A call whose answer was lost counts as not carried out only when two readings, the later one well after the call,
 * still show a task that could be completed.
 */
export function resolveCompletion(state: RunState, task: TaskFacts, before: TaskFacts | null): JournalEvent[] {
  const { completion } = state;
  if (state.startedAt === null || state.incremental !== true) return [];
  if (task.status === 'success') {
    return completion.state === 'succeeded' ? [] : [{ kind: 'completed', endedAt: null }];
  }
  const sent =
    completion.state === 'sending' || completion.state === 'outcomeUnknown' || completion.state === 'accepted';
  if (!sent) return [];
  if (ENDED_BADLY.has(task.status)) {
    return [{ kind: 'completionFailed', status: task.rawStatus, message: task.error?.message ?? '' }];
  }
  if (completion.state !== 'outcomeUnknown') return [];
  if (task.status === 'completing') return [{ kind: 'completeAccepted' }];
  const sentAt = completion.at ?? Infinity;
  const settled = task.readAt - sentAt >= FAILED_CALL_SETTLES_MS;
  const stillOpen = completable(task) && before !== null && before.readAt > sentAt && completable(before);
  return settled && stillOpen ? [{ kind: 'completeNotCarriedOut' }] : [];
}

function completable(task: TaskFacts): boolean {
  return task.status === 'readyComplete' && task.allowedActions.includes('complete');
}
