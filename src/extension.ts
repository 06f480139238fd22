import type * as vscode from 'vscode';
import { createCloud } from './host/cloud/cloud.ts';
import { TaskList } from './host/cloud/taskList.ts';
import { registerCommands } from './host/commands/register.ts';
import { commands } from './host/commands/table.ts';
import { passwords as createPasswords } from './host/connections/passwords.ts';
import { followAccount } from './host/credentials/account.ts';
import { credentialStore } from './host/credentials/store.ts';
import { panelAction } from './host/cutoverPanel/actions.ts';
import { CutoverPanels } from './host/cutoverPanel/panels.ts';
import { createDocuments } from './host/documents.ts';
import { showFailure } from './host/errors.ts';
import { createLog } from './host/log.ts';
import type { Parts } from './host/parts.ts';
import { followRuns } from './host/runs/contextKeys.ts';
import { tellUnderWay } from './host/runs/notice.ts';
import { RunRegistry } from './host/runs/registry.ts';
import { moveSecrets } from './host/settings/struckAddresses.ts';
import { askForWishes, tellProblems, watchSettings } from './host/settings/watch.ts';
import { showRunsInStatusBar } from './host/statusBar.ts';
import { TasksView } from './host/tasksView/tasksView.ts';

let runs: RunRegistry | null = null;

/** Composes the extension's parts. Reads no file, secret or network: that begins when something is shown or asked. */
export function activate(context: vscode.ExtensionContext): void {
  const log = createLog();
  const settings = watchSettings(context.globalState);
  const credentials = credentialStore(context.secrets, settings, log);
  const passwords = createPasswords(context.secrets, context.globalState, log);
  const cloud = createCloud(settings, credentials, log);
  const list = new TaskList(cloud, settings, log);
  const kept = { storage: context.globalStorageUri, memento: context.workspaceState };
  const registry = new RunRegistry({ cloud, settings, passwords }, kept, log);
  const view = new TasksView({ list, runs: registry, settings, cloud, memento: context.workspaceState });
  const account = followAccount({ secrets: context.secrets, credentials, settings, list, view, log });
  const documents = createDocuments();
  const panels = new CutoverPanels(registry, context.extensionUri, log, (action, ref, signal) =>
    panelAction(parts, action, ref, signal),
  );
  const parts: Parts = {
    context,
    log,
    settings,
    credentials,
    account,
    passwords,
    cloud,
    list,
    runs: registry,
    view,
    panels,
    documents,
  };
  runs = registry;
  context.subscriptions.push(
    // disposed of in this order: what asks first, what is asked last
    registerCommands(commands, parts),
    panels,
    documents,
    showRunsInStatusBar(registry),
    followRuns(registry, list),
    account,
    view,
    list,
    tellProblems(settings, log),
    askForWishes(settings),
    moveSecrets(settings, passwords, (id) => registry.reconnect(id), log),
    settings,
    log,
  );
  const later = setImmediate(() => {
    account.check().catch((error: unknown) => showFailure(error, log, 'looking for credentials'));
    registry
      .resume()
      .then((found) => tellUnderWay(found.filter((run) => !panels.has(run.snapshot().ref))))
      .catch((error: unknown) => showFailure(error, log, 'resuming the cutovers under way'));
  });
  context.subscriptions.push({ dispose: () => clearImmediate(later) });
}

/** Resolves when every run has closed its connections. */
export async function deactivate(): Promise<void> {
  await runs?.dispose();
  runs = null;
}
