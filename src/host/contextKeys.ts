import * as vscode from 'vscode';

const values = new Map<string, unknown>();

/** Sets `dtsCutover.<name>` for the `when` clauses of menus and welcome views; tells the editor changes only. */
export function setContext(name: string, value: boolean | string): void {
  if (values.get(name) === value) return;
  values.set(name, value);
  void vscode.commands.executeCommand('setContext', `dtsCutover.${name}`, value);
}
