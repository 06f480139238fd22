import { homedir } from 'node:os';
import * as vscode from 'vscode';
import type { TaskRef } from '../../cutover/facts.ts';
import type { CutoverRun } from '../../cutover/run.ts';
import type { Parts } from '../parts.ts';

/** Saves the record of a run as Markdown to read or JSON to keep, and opens it. */
export async function exportReport(parts: Parts, ref: TaskRef): Promise<void> {
  const run = await parts.runs.open(ref);
  const day = new Date().toISOString().slice(0, 10);
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(homedir());
  const file = await vscode.window.showSaveDialog({
    title: vscode.l10n.t('Export the report of {task}', { task: ref.jobId }),
    defaultUri: vscode.Uri.joinPath(folder, `cutover-${ref.jobId}-${day}.md`),
    filters: { Markdown: ['md'], JSON: ['json'] },
  });
  if (!file) return;
  const text = await reportText(run, file.path.endsWith('.json') ? 'json' : 'md');
  await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(text));
  await vscode.window.showTextDocument(file);
}

/** The record of a run so far, in the editor's language. */
export async function reportText(run: CutoverRun, format: 'md' | 'json'): Promise<string> {
  const { reportJson, reportMarkdown } = await import('../../cutover/report.ts');
  const options = {
    entries: run.entries(),
    snapshot: run.snapshot(),
    translate: (text: string, args: Record<string, string | number>) => vscode.l10n.t(text, args),
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
  return format === 'json' ? reportJson(options) : reportMarkdown(options);
}
