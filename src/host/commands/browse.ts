import * as vscode from 'vscode';
import type { TaskRef } from '../../cutover/facts.ts';
import { Failure } from '../../util/failure.ts';
import { sentence } from '../../util/sentence.ts';
import { consoleUrl } from '../cloud/console.ts';
import type { Parts } from '../parts.ts';

export async function copyTaskId(_parts: Parts, { jobId }: TaskRef): Promise<void> {
  await vscode.env.clipboard.writeText(jobId);
  vscode.window.setStatusBarMessage(vscode.l10n.t('Copied {text}', { text: jobId }), 3000);
}

/** Opens the console's list of migration tasks, with the id on the clipboard to search for. */
export async function openInConsole({ settings }: Parts, { jobId }: TaskRef): Promise<void> {
  const url = consoleUrl(settings.current().endpoint);
  if (url === null) {
    throw new Failure('unsupported', sentence('A private DTS service has no console that is known here.'));
  }
  await vscode.env.clipboard.writeText(jobId);
  vscode.window.setStatusBarMessage(vscode.l10n.t('Copied {text}', { text: jobId }), 3000);
  await vscode.env.openExternal(vscode.Uri.parse(url));
}

export async function openWalkthrough({ context }: Parts): Promise<void> {
  await vscode.commands.executeCommand(
    'workbench.action.openWalkthrough',
    `${context.extension.id}#firstCutover`,
    false,
  );
}
