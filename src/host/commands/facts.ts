import type { TaskFacts, TaskRef } from '../../cutover/facts.ts';
import type { Parts } from '../parts.ts';

/** What is known of a task, read from the service when nothing is. */
export async function taskFacts(parts: Parts, ref: TaskRef, signal: AbortSignal): Promise<TaskFacts> {
  return parts.view.provider.facts(ref) ?? (await parts.cloud.client()).readTask(ref, signal);
}
