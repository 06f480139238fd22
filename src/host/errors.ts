import * as vscode from 'vscode';
import { asFailure, type FailureFacts, type FailureReason } from '../util/failure.ts';
import { say, type Sentence } from '../util/sentence.ts';
import type { Log } from './log.ts';

/** A sentence in the editor's language. */
export const tell = (s: Sentence): string => say(s, (text, args) => vscode.l10n.t(text, args));

/** A failure as one line: what went wrong and where, and what may help. */
export function failureText({ what, tryThis }: FailureFacts): string {
  return tryThis ? `${tell(what)} ${tell(tryThis)}` : tell(what);
}

export interface WayOut {
  readonly title: string;
  readonly command: string;
  readonly arguments: string[];
}

/** The command that leads out, for failures that have one. */
export function wayOut(reason: FailureReason): WayOut | null {
  switch (reason) {
    case 'credentials-missing':
    case 'credentials-invalid':
    case 'credentials-expired':
      return { title: vscode.l10n.t('Sign In'), command: 'dtsCutover.signIn', arguments: [] };
    case 'unreachable':
    case 'name-not-found':
    case 'refused':
    case 'timed-out':
      return {
        title: vscode.l10n.t('Open Settings'),
        command: 'workbench.action.openSettings',
        arguments: ['dtsCutover.endpoint'],
      };
    default:
      return null;
  }
}

/**
 * The one place where a failure becomes something the user sees. What was cancelled is silent: the user did it.
 * Does not wait for the user's answer.
 */
export function showFailure(error: unknown, log: Log, doing: string): void {
  const failure = asFailure(error);
  if (failure.reason === 'cancelled') {
    log.info(`${doing}: cancelled`);
    return;
  }
  log.error(doing, error);
  const showLog = vscode.l10n.t('Show Log');
  const out = wayOut(failure.reason);
  const buttons = out ? [out.title, showLog] : [showLog];
  void vscode.window.showErrorMessage(failureText(failure), ...buttons).then((answer) => {
    if (answer === showLog) log.show();
    else if (out && answer === out.title) void vscode.commands.executeCommand(out.command, ...out.arguments);
  });
}
