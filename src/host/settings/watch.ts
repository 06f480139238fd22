import * as vscode from 'vscode';
import { readSettings, type HostSettings } from './settings.ts';
import { visible } from '../../util/visible.ts';
import type { Wish } from './workspaceValues.ts';

/** The settings as they are now, read once per change. */
export interface Settings extends vscode.Disposable {
  current(): HostSettings;
  readonly onDidChange: vscode.Event<HostSettings>;
  /** the user agrees that this workspace leads there */
  confirm(wishes: readonly Wish[]): Promise<void>;
}

/** Which workspace a confirmation is for. */
const workspaceName = () =>
  (vscode.workspace.workspaceFile ?? vscode.workspace.workspaceFolders?.[0]?.uri)?.toString() ?? '';

const CONFIRMED = 'dtsCutover.confirmedWishes';

/** `memento` keeps what the user has confirmed; without one nothing of a workspace is ever confirmed. */
export function watchSettings(memento?: vscode.Memento): Settings {
  const keyOf = (wish: Wish) => `${workspaceName()}\n${wish.kind} ${wish.text}`;
  const kept = () => memento?.get<readonly string[]>(CONFIRMED, []) ?? [];
  const read = () => readSettings((wish) => kept().includes(keyOf(wish)));
  const changed = new vscode.EventEmitter<HostSettings>();
  let settings: HostSettings | null = null;
  const again = (event: vscode.ConfigurationChangeEvent | null) => {
    if (event && !event.affectsConfiguration('dtsCutover') && !event.affectsConfiguration('http')) return;
    settings = read();
    changed.fire(settings);
  };
  const subscriptions = [
    vscode.workspace.onDidChangeConfiguration(again),
    vscode.workspace.onDidGrantWorkspaceTrust(() => again(null)),
    vscode.workspace.onDidChangeWorkspaceFolders(() => again(null)),
  ];
  return {
    current: () => (settings ??= read()),
    onDidChange: changed.event,
    async confirm(wishes) {
      if (wishes.length === 0) return;
      await memento?.update(CONFIRMED, [...new Set([...kept(), ...wishes.map(keyOf)])]);
      again(null);
    },
    dispose: () => {
      for (const subscription of subscriptions) subscription.dispose();
      changed.dispose();
    },
  };
}

/** Asks once for each new set of wishes of the workspace; not answering leaves them out. */
export function askForWishes(settings: Settings): vscode.Disposable {
  let asked = '';
  const askNew = ({ wishes }: HostSettings) => {
    const all = wishes.map(({ kind, text }) => `${kind} ${text}`).join('\n');
    if (all === asked) return;
    asked = all;
    if (all === '') return;
    const use = vscode.l10n.t('Use Them in This Workspace');
    const question = vscode.l10n.t(
      'This workspace wants keys or passwords to be sent to places you have not confirmed: {places}. They are not used until you agree.',
      { places: wishes.map(wishText).join('; ') },
    );
    void vscode.window.showWarningMessage(question, use).then(async (answer) => {
      if (answer === use) await settings.confirm(wishes);
    });
  };
  askNew(settings.current());
  return settings.onDidChange(askNew);
}

function wishText({ kind, text }: Wish): string {
  switch (kind) {
    case 'endpoint':
      return vscode.l10n.t('the DTS service {url}', { url: visible(text) });
    case 'credentials':
      return vscode.l10n.t('keys from another source ({source})', { source: visible(text) });
    case 'connection':
      return vscode.l10n.t('the connection {connection}', { connection: visible(text) });
  }
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
