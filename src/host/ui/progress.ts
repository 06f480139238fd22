import * as vscode from 'vscode';
import { signalOf } from '../abort.ts';

/** Waits for work under a notification whose Cancel aborts it; `signal` aborts it, too. */
export function cancellable<T>(
  title: string,
  signal: AbortSignal,
  work: (signal: AbortSignal, report: (message: string) => void) => Promise<T>,
): Thenable<T> {
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    (progress, canceled) =>
      work(AbortSignal.any([signal, signalOf(canceled)]), (message) => progress.report({ message })),
  );
}
