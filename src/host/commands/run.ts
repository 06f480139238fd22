import * as vscode from 'vscode';
import type { TaskRef } from '../../cutover/facts.ts';
import { cancelled, Failure } from '../../util/failure.ts';
import { sentence } from '../../util/sentence.ts';
import { visible } from '../../util/visible.ts';
import type { Parts } from '../parts.ts';
import { agree } from '../ui/prompts.ts';
import { perform } from './perform.ts';

/** Completes the task through its gate; the panel shows what the gate waits for. */
export async function completeTask(parts: Parts, ref: TaskRef, signal: AbortSignal): Promise<void> {
  await parts.panels.open(ref);
  await perform(parts, ref, { kind: 'complete' }, signal);
}

export function cancelConsistency(parts: Parts, ref: TaskRef, signal: AbortSignal): Promise<void> {
  return perform(parts, ref, { kind: 'cancelComparison' }, signal);
}

/** Makes this window the owner of the record, which another one has; it asks first, and that stands in the record. */
export async function takeOver(parts: Parts, ref: TaskRef): Promise<void> {
  const { record } = await parts.runs.open(ref);
  const { owner } = record;
  if (!owner) {
    throw new Failure(
      'not-allowed-now',
      sentence('The record of {task} is not another window’s.', { task: ref.jobId }),
    );
  }
  const agreed = await agree(
    vscode.l10n.t('Take over the cutover of {task}?', { task: ref.jobId }),
    vscode.l10n.t(
      'Its record belongs to {owner}, last seen {time}. That window can do nothing more then, and what has to hold without a break is counted anew.',
      { owner: visible(owner.name), time: owner.seenAt === null ? '?' : new Date(owner.seenAt).toLocaleString() },
    ),
    vscode.l10n.t('Take Over'),
  );
  if (agreed) await record.takeOver();
}

/** Where the last gate is shut, the run ends with a reason or not at all. */
export async function finishRun(parts: Parts, ref: TaskRef, signal: AbortSignal): Promise<void> {
  const run = await parts.runs.open(ref);
  if (run.snapshot().endsWithReason !== true) return perform(parts, ref, { kind: 'finish' }, signal);
  const reason = await vscode.window.showInputBox({
    title: vscode.l10n.t('End this cutover as it stands'),
    prompt: vscode.l10n.t('Why does it end here? The reason stands in the report.'),
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim().length < 3 ? vscode.l10n.t('Say why it ends here.') : null),
  });
  if (reason === undefined) throw cancelled();
  return perform(parts, ref, { kind: 'finish', reason: reason.trim() }, signal);
}
