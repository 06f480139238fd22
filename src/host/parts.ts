import type * as vscode from 'vscode';
import type { Cloud } from './cloud/cloud.ts';
import type { TaskList } from './cloud/taskList.ts';
import type { Passwords } from './connections/passwords.ts';
import type { Account } from './credentials/account.ts';
import type { CredentialStore } from './credentials/store.ts';
import type { Documents } from './documents.ts';
import type { CutoverPanels } from './cutoverPanel/panels.ts';
import type { Log } from './log.ts';
import type { RunRegistry } from './runs/registry.ts';
import type { Settings } from './settings/watch.ts';
import type { TasksView } from './tasksView/tasksView.ts';

/** What commands work with; made once in `extension.ts`. */
export interface Parts {
  readonly context: vscode.ExtensionContext;
  readonly log: Log;
  readonly settings: Settings;
  readonly credentials: CredentialStore;
  readonly account: Account;
  readonly passwords: Passwords;
  readonly cloud: Cloud;
  readonly list: TaskList;
  readonly runs: RunRegistry;
  readonly view: TasksView;
  readonly panels: CutoverPanels;
  readonly documents: Documents;
}
