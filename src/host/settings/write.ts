import * as vscode from 'vscode';
import { isRecord } from '../../util/record.ts';

/**
 * Where a change of a setting belongs: into the workspace when the workspace has a value of its own (it would hide
 * the user's), otherwise into the user's settings.
 */
function targetOf(name: string): vscode.ConfigurationTarget {
  const found = vscode.workspace.getConfiguration('dtsCutover').inspect(name);
  return found?.workspaceValue !== undefined ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
}

export async function writeSetting(name: string, value: unknown): Promise<void> {
  await vscode.workspace.getConfiguration('dtsCutover').update(name, value, targetOf(name));
}

/** Sets (or with undefined removes) one key of a setting that is an object, and leaves the others alone. */
export const writeEntry = (name: string, key: string, value: unknown): Promise<void> =>
  writeEntryOf(name, key, value, targetOf(name));

/** The same in one place. A key may be called anything, `__proto__` too. */
export async function writeEntryOf(
  name: string,
  key: string,
  value: unknown,
  target: vscode.ConfigurationTarget,
): Promise<void> {
  const config = vscode.workspace.getConfiguration('dtsCutover');
  const found = config.inspect(name);
  const own = target === vscode.ConfigurationTarget.Workspace ? found?.workspaceValue : found?.globalValue;
  const entries = new Map(Object.entries(isRecord(own) ? own : {}));
  if (value === undefined) entries.delete(key);
  else entries.set(key, value);
  await config.update(name, entries.size === 0 ? undefined : Object.fromEntries(entries), target);
}
