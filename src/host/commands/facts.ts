import type { TaskFacts, TaskRef } from '../../cutover/facts.ts';
import type { Parts } from '../parts.ts';
import type { TasksProvider } from '../tasksView/provider.ts';

/** Where facts of a task are found. */
export interface FactParts extends Pick<Parts, 'cloud'> {
  readonly view: { readonly provider: Pick<TasksProvider, 'facts'> };
}

/** What is known of a task, read from the service when nothing is. */
export async function taskFacts(parts: FactParts, ref: TaskRef, signal: AbortSignal): Promise<TaskFacts> {
  return parts.view.provider.facts(ref) ?? (await parts.cloud.client()).readTask(ref, signal);
}
