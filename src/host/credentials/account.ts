import * as vscode from 'vscode';
import type { TaskList } from '../cloud/taskList.ts';
import { setContext } from '../contextKeys.ts';
import type { Log } from '../log.ts';
import type { Settings } from '../settings/watch.ts';
import type { TasksView } from '../tasksView/tasksView.ts';
import type { CredentialStore } from './store.ts';

/** Follows the chosen credentials and the endpoint: when either changes, what was read with the old ones is forgotten. */
export interface Account extends vscode.Disposable {
  /** looks again whether there are keys */
  check(): Promise<void>;
}

export interface AccountParts {
  readonly secrets: vscode.SecretStorage;
  readonly credentials: CredentialStore;
  readonly settings: Settings;
  readonly list: TaskList;
  readonly view: TasksView;
  readonly log: Log;
}

export function followAccount({ secrets, credentials, settings, list, view, log }: AccountParts): Account {
  let seen = place();
  async function check(): Promise<void> {
    // A source that is there but broken is asked all the same: the tree then shows what is wrong with it.
    const found = await credentials.find().catch((error: unknown) => {
      log.error('reading the credentials', error);
      return 'broken' as const;
    });
    setContext('signedIn', found !== null);
    // only now: the invitation to sign in must not flash up while nobody has looked yet
    setContext('known', true);
    view.signedIn = found !== null;
  }
  function place(): string {
    const { endpoint, regions, credentials: source } = settings.current();
    return JSON.stringify([endpoint, regions, source]);
  }
  const subscriptions = [
    secrets.onDidChange(({ key }) => {
      if (key !== 'dtsCutover.credentials') return;
      list.reset();
      void check();
    }),
    settings.onDidChange(() => {
      setContext('hasConsole', settings.current().endpoint.kind !== 'custom');
      setContext('hasConnections', settings.current().connections.size > 0);
      const now = place();
      if (now === seen) return;
      seen = now;
      list.reset();
      void check();
    }),
  ];
  setContext('hasConsole', settings.current().endpoint.kind !== 'custom');
  setContext('hasConnections', settings.current().connections.size > 0);
  return { check, dispose: () => void vscode.Disposable.from(...subscriptions).dispose() };
}
