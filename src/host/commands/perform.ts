import type { TaskRef } from '../../cutover/facts.ts';
import type { Intent } from '../../cutover/intents.ts';
import type { CutoverRun } from '../../cutover/run.ts';
import { cancelled, Failure } from '../../util/failure.ts';

/** Where runs are opened. */
export interface RunParts {
  readonly runs: { open(ref: TaskRef): Promise<Pick<CutoverRun, 'perform' | 'snapshot'>> };
}

/** Hands an intent to the task's run, the same one the panel shows. What the run refuses becomes a Failure. */
export async function perform(parts: RunParts, ref: TaskRef, intent: Intent, signal: AbortSignal): Promise<void> {
  const run = await parts.runs.open(ref);
  const result = await run.perform(intent, signal);
  if (result.ok) return;
  if (result.declined) throw cancelled();
  throw new Failure(result.failure.reason, result.failure.what, result.failure.tryThis);
}
