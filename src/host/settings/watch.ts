import * as vscode from 'vscode';
import { readSettings, type HostSettings } from './settings.ts';

/** The settings as they are now, read once per change. */
export interface Settings extends vscode.Disposable {
  current(): HostSettings;
  readonly onDidChange: vscode.Event<HostSettings>;
}

export function watchSettings(): Settings {
  const changed = new vscode.EventEmitter<HostSettings>();
  let settings: HostSettings | null = null;
  const subscription = vscode.workspace.onDidChangeConfiguration((event) => {
    if (!event.affectsConfiguration('dtsCutover') && !event.affectsConfiguration('http')) return;
    settings = readSettings();
    changed.fire(settings);
  });
  return {
    current: () => (settings ??= readSettings()),
    onDidChange: changed.event,
    dispose: () => {
      subscription.dispose();
      changed.dispose();
    },
  };
}

/** Tells about settings that cannot be used: once for each new set of problems. */
export function tellProblems(settings: Settings, log: { warn(text: string): void }): vscode.Disposable {
  let told = '';
  const tellNew = ({ problems }: HostSettings) => {
    const all = problems.join(' ');
    if (all === told) return;
    told = all;
    if (all === '') return;
    for (const problem of problems) log.warn(problem);
    const open = vscode.l10n.t('Open Settings');
    void vscode.window.showWarningMessage(all, open).then((answer) => {
      if (answer === open) void vscode.commands.executeCommand('workbench.action.openSettings', 'dtsCutover');
    });
  };
  tellNew(settings.current());
  return settings.onDidChange(tellNew);
}
