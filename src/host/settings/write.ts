import * as vscode from 'vscode';
import { isRecord } from '../../util/record.ts';

/**
 * Where a change of a setting belongs: into the workspace when the workspace has a value of its own (it would hide
 * the user's), otherwise into the user's settings.
 */
function placeOf(name: string): { readonly target: vscode.ConfigurationTarget; readonly value: unknown } {
  const found = vscode.workspace.getConfiguration('dtsCutover').inspect(name);
  return found?.workspaceValue !== undefined
    ? { target: vscode.ConfigurationTarget.Workspace, value: found.workspaceValue }
    : { target: vscode.ConfigurationTarget.Global, value: found?.globalValue };
}

export async function writeSetting(name: string, value: unknown): Promise<void> {
  await vscode.workspace.getConfiguration('dtsCutover').update(name, value, placeOf(name).target);
}

/** Sets (or with undefined removes) one key of a setting that is an object, and leaves the others alone. */
export async function writeEntry(name: string, key: string, value: unknown): Promise<void> {
  const place = placeOf(name);
  const entries = { ...(isRecord(place.value) ? place.value : {}) };
  if (value === undefined) Reflect.deleteProperty(entries, key);
  else entries[key] = value;
  const next = Object.keys(entries).length === 0 ? undefined : entries;
  await vscode.workspace.getConfiguration('dtsCutover').update(name, next, place.target);
}
