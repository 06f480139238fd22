import * as vscode from 'vscode';
import { failureText } from '../errors.ts';
import type { Parts } from '../parts.ts';
import { GROUPINGS, type Grouping } from '../tasksView/grouping.ts';

/** Reads the lists again now. What fails stands in the view. */
export async function refreshTasks({ list, account }: Parts): Promise<void> {
  await account.check();
  await vscode.window.withProgress({ location: { viewId: 'dtsCutover.tasks' } }, () => list.refresh());
}

/** Shows only the tasks in which every word occurs, while the user types. Escape restores what was. */
export function filterTasks({ view, list }: Parts): Promise<void> {
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
    const failures = list.regions().flatMap(({ failure }) => (failure ? [failureText(failure)] : []));
    if (failures.length > 0) box.validationMessage = failures.join(' ');
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
