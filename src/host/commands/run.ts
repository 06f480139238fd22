import type { TaskRef } from '../../cutover/facts.ts';
import type { Parts } from '../parts.ts';
import { perform } from './perform.ts';

/** Completes the task through its gate; the panel shows what the gate waits for. */
export async function completeTask(parts: Parts, ref: TaskRef, signal: AbortSignal): Promise<void> {
  await parts.panels.open(ref);
  await perform(parts, ref, { kind: 'complete' }, signal);
}

export function cancelConsistency(parts: Parts, ref: TaskRef, signal: AbortSignal): Promise<void> {
  return perform(parts, ref, { kind: 'cancelComparison' }, signal);
}

export function finishRun(parts: Parts, ref: TaskRef, signal: AbortSignal): Promise<void> {
  return perform(parts, ref, { kind: 'finish' }, signal);
}
