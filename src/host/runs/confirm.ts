import * as vscode from 'vscode';
import type { Confirmation } from '../../cutover/ports.ts';
import { tell } from '../errors.ts';

/** Asks in a modal, then, where it cannot be undone, for the text the user has to type. Anything else is a no. */
export async function confirm(request: Confirmation, signal: AbortSignal): Promise<boolean> {
  const action = tell(request.action);
  const detail = request.details.map(tell).join('\n');
  const answer = await vscode.window.showWarningMessage(tell(request.title), { modal: true, detail }, action);
  if (answer !== action || signal.aborted) return false;
  if (request.typed === null) return true;
  const typed = await askTyped(tell(request.title), request.typed, signal);
  return typed && !signal.aborted;
}

async function askTyped(title: string, expected: string, signal: AbortSignal): Promise<boolean> {
  const source = new vscode.CancellationTokenSource();
  const cancel = () => source.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const typed = await vscode.window.showInputBox(
      {
        title,
        prompt: vscode.l10n.t('Type {expected} to go on. This cannot be undone.', { expected }),
        placeHolder: expected,
        ignoreFocusOut: true,
        validateInput: (text) =>
          text === '' || text.trim() === expected
            ? null
            : {
                message: vscode.l10n.t('This is not {expected}.', { expected }),
                severity: vscode.InputBoxValidationSeverity.Error,
              },
      },
      source.token,
    );
    return typed?.trim() === expected;
  } finally {
    signal.removeEventListener('abort', cancel);
    source.dispose();
  }
}
