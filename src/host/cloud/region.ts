import type { TaskFacts } from '../../cutover/facts.ts';
import type { DtsClient } from '../../dts/api.ts';
import { asFailure, type Failure } from '../../util/failure.ts';

/** What is known of one region's tasks. */
export interface RegionTasks {
  readonly region: string;
  /** in the service's order, newest task first */
  readonly tasks: ReadonlyMap<string, TaskFacts>;
  /** how many there are by the service's count; null while unknown */
  readonly total: number | null;
  /** how many of its tasks DTS described in a way that could not be read; they are in none of the lists */
  readonly unreadable: number;
  /** why the last reading failed; its tasks are then from an earlier one, or not all of them */
  readonly failure: Failure | null;
  /** when all of it was last read without a failure */
  readonly readAt: number | null;
}

export const unread = (region: string): RegionTasks => ({
  region,
  tasks: new Map(),
  total: null,
  unreadable: 0,
  failure: null,
  readAt: null,
});

/**
 * Reads all pages of a region's list. The first time, `publish` sees every page as it comes; later the old rows stay
 * until the new list is whole. Never rejects: a failure becomes part of what is known.
 */
export async function readRegion(
  before: RegionTasks,
  client: () => Promise<DtsClient>,
  publish: (after: RegionTasks) => void,
  signal: AbortSignal,
): Promise<void> {
  const tasks = new Map<string, TaskFacts>();
  const first = before.readAt === null;
  let unreadable = 0;
  try {
    for await (const page of (await client()).taskPages(before.region, {}, signal)) {
      for (const task of page.tasks) tasks.set(task.ref.jobId, task);
      unreadable += page.unreadable;
      if (first) publish({ ...before, tasks: new Map(tasks), total: page.total, unreadable, failure: null });
    }
    signal.throwIfAborted();
    publish({ region: before.region, tasks, total: tasks.size, unreadable, failure: null, readAt: Date.now() });
  } catch (error) {
    if (signal.aborted) return;
    const kept = first && tasks.size > before.tasks.size ? tasks : before.tasks;
    publish({ ...before, tasks: kept, failure: asFailure(error) });
  }
}
