import * as vscode from 'vscode';
import type { Parts } from '../parts.ts';
import { GROUPINGS, type Grouping } from '../tasksView/grouping.ts';

/** Reads the lists again now. What fails in some regions stands in the view; when all fail, it is told as well. */
export async function refreshTasks({ list, account }: Parts): Promise<void> {
  await account.check();
  await vscode.window.withProgress({ location: { viewId: 'dtsCutover.tasks' } }, () => list.refresh());
  const failures = list.regions().flatMap(({ failure }) => failure ?? []);
  if (failures[0] && failures.length === list.regions().length) throw failures[0];
}

/** Shows only the tasks in which every word occurs, while the user types. Escape restores what was. */
export function filterTasks({ view }: Parts): Promise<void> {
  const before = view.provider.filter;
  const box = vscode.window.createInputBox();
  box.title = vscode.l10n.t('Filter tasks');
  box.prompt = vscode.l10n.t('Words of the name, id, region, status, engine or address; empty shows all');
  box.value = before;
  const apply = (text: string) => {
    view.provider.filter = text;
    view.filterChanged();
  };
  return new Promise((resolve) => {
    let accepted = false;
    box.onDidChangeValue(apply);
    box.onDidAccept(() => {
      accepted = true;
      box.hide();
    });
    box.onDidHide(() => {
      if (!accepted) apply(before);
      box.dispose();
      resolve();
    });
    box.show();
  });
}

export function clearFilter({ view }: Parts): void {
  view.provider.filter = '';
  view.filterChanged();
}

export async function groupTasks({ view }: Parts): Promise<void> {
  const labels: Readonly<Record<Grouping, string>> = {
    state: vscode.l10n.t('By state: what needs you first'),
    region: vscode.l10n.t('By region'),
    engine: vscode.l10n.t('By engine of the source'),
  };
  const items = GROUPINGS.map((grouping) => ({
    label: labels[grouping],
    grouping,
    ...(grouping === view.provider.grouping && { description: vscode.l10n.t('now') }),
  }));
  const chosen = await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Group tasks') });
  if (chosen) await view.provider.setGrouping(chosen.grouping);
}

/** One more page of a group; the argument is the group's id. */
export function showMore({ view }: Parts, group: unknown): void {
  if (typeof group === 'string') view.provider.showMore(group);
}
