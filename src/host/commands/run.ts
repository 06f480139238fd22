import * as vscode from 'vscode';
import type { TaskRef } from '../../cutover/facts.ts';
import { signalOf } from '../abort.ts';
import { tell } from '../errors.ts';
import type { Parts } from '../parts.ts';
import { perform } from './perform.ts';

/** Completes the task through its gate; the panel shows what the gate waits for. */
export async function completeTask(parts: Parts, ref: TaskRef, signal: AbortSignal): Promise<void> {
  await parts.panels.open(ref);
  await perform(parts, ref, { kind: 'complete' }, signal);
}

/** Compares source and target: counts of every table, or all rows. */
export async function checkConsistency(parts: Parts, ref: TaskRef, signal: AbortSignal): Promise<void> {
  const methods = [
    {
      label: vscode.l10n.t('Row counts'),
      detail: vscode.l10n.t('Counts the rows of every migrated table on both sides. Quick, and blind to changed rows.'),
      method: 'counts' as const,
    },
    {
      label: vscode.l10n.t('Full comparison'),
      detail: vscode.l10n.t('Compares every row of every migrated table, and the objects around them.'),
      method: 'digest' as const,
    },
  ];
  const chosen = await vscode.window.showQuickPick(methods, { title: vscode.l10n.t('Compare source and target') });
  if (!chosen) return;
  const run = await parts.runs.open(ref);
  const unwatch = run.watch();
  try {
    await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t('Comparing …'), cancellable: true },
      async (progress, canceled) => {
        const stop = run.onChange(({ verification: { running } }) => {
          if (!running) return;
          progress.report({
            message: vscode.l10n.t('{done} of {total} tables, {current}', {
              done: running.tablesDone,
              total: running.tablesTotal,
              current: running.current,
            }),
          });
        });
        try {
          const either = AbortSignal.any([signal, signalOf(canceled)]);
          await perform(parts, ref, { kind: 'compare', method: chosen.method, tables: null }, either);
        } finally {
          stop();
        }
      },
    );
  } finally {
    unwatch();
  }
  const latest = run.snapshot().verification.latest;
  if (latest) showVerdict(ref, latest.verdict === 'same', tell(latest.summary));
}

function showVerdict(ref: TaskRef, same: boolean, text: string): void {
  const open = vscode.l10n.t('Open Panel');
  const shown = same ? vscode.window.showInformationMessage(text, open) : vscode.window.showWarningMessage(text, open);
  void shown.then((answer) => {
    if (answer === open) void vscode.commands.executeCommand('dtsCutover.openPanel', ref);
  });
}

export function cancelConsistency(parts: Parts, ref: TaskRef, signal: AbortSignal): Promise<void> {
  return perform(parts, ref, { kind: 'cancelComparison' }, signal);
}

export function finishRun(parts: Parts, ref: TaskRef, signal: AbortSignal): Promise<void> {
  return perform(parts, ref, { kind: 'finish' }, signal);
}
