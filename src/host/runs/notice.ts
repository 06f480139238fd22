import * as vscode from 'vscode';
import type { CutoverRun } from '../../cutover/run.ts';
import { visible } from '../../util/visible.ts';

/** Tells of cutovers that were found under way when the window was opened, in whatever folder. */
export function tellUnderWay(runs: readonly CutoverRun[]): void {
  for (const run of runs) {
    const { ref } = run.snapshot();
    const started = run.entries().findLast((entry) => entry.kind === 'started');
    const name = visible(started?.taskName || ref.jobId);
    const text = run.record.owner
      ? vscode.l10n.t('The cutover of {task} is under way in another window.', { task: name })
      : vscode.l10n.t('The cutover of {task} is under way.', { task: name });
    const open = vscode.l10n.t('Open the Panel');
    void vscode.window.showInformationMessage(text, open).then((answer) => {
      if (answer === open) void vscode.commands.executeCommand('dtsCutover.openPanel', ref);
    });
  }
}
