/** A cutover goes to a colleague on another machine: out as a file, and in from one. */
import { homedir, hostname, userInfo } from 'node:os';
import * as vscode from 'vscode';
import type { TaskRef } from '../../cutover/facts.ts';
import { visible } from '../../util/visible.ts';
import type { Parts } from '../parts.ts';
import { handoverText, parseHandover } from '../runs/handoverFile.ts';
import { agree } from '../ui/prompts.ts';
import { perform } from './perform.ts';

/** Exports the record and marks it as handed over; the mark stands before the file does. */
export async function handOver(parts: Parts, ref: TaskRef, signal: AbortSignal): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(homedir());
  const file = await vscode.window.showSaveDialog({
    title: vscode.l10n.t('Hand over the cutover of {task}', { task: ref.jobId }),
    defaultUri: vscode.Uri.joinPath(folder, `${ref.jobId}.cutover.json`),
    filters: { JSON: ['json'] },
  });
  if (!file) return;
  await perform(parts, ref, { kind: 'handOver' }, signal);
  const entries = (await parts.runs.open(ref)).entries();
  const text = handoverText({ ref, from: `${userInfo().username}@${hostname()}`, entries });
  await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(text));
  void vscode.window.showInformationMessage(
    vscode.l10n.t('The cutover of {task} was handed over: give {file} to whoever goes on with it.', {
      task: ref.jobId,
      file: file.fsPath,
    }),
  );
}

export function takeBack(parts: Parts, ref: TaskRef, signal: AbortSignal): Promise<void> {
  return perform(parts, ref, { kind: 'takeBack' }, signal);
}

/** Goes on with what a colleague handed over. */
export async function importHandover(parts: Parts): Promise<void> {
  const [file] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t('Import a cutover that was handed over'),
      filters: { JSON: ['json'] },
    })) ?? [];
  if (!file) return;
  const bytes = await vscode.workspace.fs.readFile(file);
  const handover = await parseHandover(new TextDecoder().decode(bytes), visible(file.fsPath));
  const { ref, entries } = handover;
  const from = visible(handover.from);
  const agreed = await agree(
    vscode.l10n.t('Go on with the cutover of {task}?', { task: visible(ref.jobId) }),
    vscode.l10n.t(
      'It was handed over by {from} at {time}. What was confirmed, overridden or compared there has to be shown anew, and connections and keys are your own.',
      { from, time: new Date(entries.at(-1)?.at ?? 0).toLocaleString() },
    ),
    vscode.l10n.t('Go On Here'),
  );
  if (!agreed) return;
  const run = await parts.runs.open(ref);
  await run.record.receive(entries, from);
  await parts.panels.open(ref);
}
