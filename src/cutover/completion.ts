/** What became of Complete, judged by the task's status now: success of the call is not success of the task. */
import type { TaskFacts } from './facts.ts';
import type { JournalEvent } from './journal.ts';
import type { RunState } from './machine.ts';

/** about two minutes of readings */
const MOST_IN_A_ROW = 64;

const ENDED_BADLY: ReadonlySet<string> = new Set(['failed', 'error', 'canceled']);

/**
 * What a reading of the task says about a Complete that was sent, or that somebody else sent from a console. One reading
 * is one reading: a conclusion is taken back when the status goes back on it. A lost answer stays lost until the task
 * shows that the call was carried out; that it was not, no number of readings proves. `inARow` is how many readings in a
 * row have shown this status: a task that went back on itself has to say it ever longer.
 */
export function resolveCompletion(state: RunState, task: TaskFacts, inARow: number): JournalEvent[] {
  const { completion } = state;
  if (state.startedAt === null || state.incremental !== true) return [];
  if (task.status === 'success') {
    const isSteady = inARow >= Math.min(2 ** state.revocations, MOST_IN_A_ROW);
    return completion.state === 'succeeded' || !isSteady ? [] : [{ kind: 'completed', endedAt: null }];
  }
  // a word that nobody knows says nothing about what was known
  if (task.status === 'unrecognized' || task.status === 'unknown') return [];
  const badly = ENDED_BADLY.has(task.status);
  switch (completion.state) {
    case 'succeeded':
      if (completion.doubted?.status === task.rawStatus) return [];
      return [{ kind: 'completionRevoked', was: 'succeeded', status: task.rawStatus }];
    case 'failed':
      return badly ? [] : [{ kind: 'completionRevoked', was: 'failed', status: task.rawStatus }];
    case 'sending':
    case 'accepted':
    case 'outcomeUnknown': {
      if (badly) {
        return [{ kind: 'completionFailed', status: task.rawStatus, message: task.error?.message ?? '' }];
      }
      const isCarriedOut = completion.state === 'outcomeUnknown' && task.status === 'completing';
      return isCarriedOut ? [{ kind: 'completeAccepted' }] : [];
    }
    case 'none':
    case 'rejected':
      return [];
  }
}

/** A task that could be completed: what must show for a while before a lost call may be followed by another. */
export function isCompletable(task: TaskFacts): boolean {
  return task.status === 'readyComplete' && task.allowedActions.includes('complete');
}
