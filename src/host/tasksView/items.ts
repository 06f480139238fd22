import * as vscode from 'vscode';
import type { TaskFacts, TaskRef, TaskStep } from '../../cutover/facts.ts';
import type { Failure } from '../../util/failure.ts';
import { keyOf } from '../cloud/details.ts';
import { failureText, wayOut } from '../errors.ts';
import type { Node } from './nodes.ts';
import { statusIcon, statusText } from './status.ts';
import { rowDescription } from './text.ts';
import { visible } from '../../util/visible.ts';

const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;

export const themed = (icon: string, color?: string) =>
  new vscode.ThemeIcon(icon, color === undefined ? undefined : new vscode.ThemeColor(color));

/** Names from outside stand in labels, descriptions and tips. */
export function withNothingHidden(item: vscode.TreeItem): vscode.TreeItem {
  if (typeof item.label === 'string') item.label = visible(item.label);
  if (typeof item.description === 'string') item.description = visible(item.description);
  if (typeof item.tooltip === 'string') item.tooltip = visible(item.tooltip);
  return item;
}

/** One task's row. `staleSince` is when its region's list failed to be read again; null while it is fresh. */
export function taskItem(task: TaskFacts, staleSince: number | null, hasRun: boolean): vscode.TreeItem {
  const item = new vscode.TreeItem(task.name || task.ref.jobId, Collapsed);
  item.id = `task:${keyOf(task.ref)}`;
  item.description = rowDescription(task, staleSince);
  item.iconPath = statusIcon(task);
  item.contextValue = `task:${task.status}:${task.source.engine ?? 'none'}${hasRun ? ':run' : ''}`;
  item.accessibilityInformation = { label: `${task.name}, ${statusText(task)}, ${item.description}` };
  return item;
}

/** A task that is in no list any more, e.g. one whose panel is still open. */
export function vanishedItem(ref: TaskRef): vscode.TreeItem {
  const item = new vscode.TreeItem(ref.jobId, None);
  item.id = `task:${keyOf(ref)}`;
  item.description = vscode.l10n.t('no longer in the list');
  item.iconPath = themed('circle-slash', 'disabledForeground');
  return item;
}

export function groupItem({ id, label, refs }: Extract<Node, { kind: 'group' }>): vscode.TreeItem {
  const open = id !== 'done' && id !== 'failed';
  const item = new vscode.TreeItem(label, open ? Expanded : Collapsed);
  item.id = `group:${id}`;
  item.description = String(refs.length);
  item.contextValue = 'group';
  return item;
}

export function moreItem({ group, left }: Extract<Node, { kind: 'more' }>): vscode.TreeItem {
  const item = new vscode.TreeItem(vscode.l10n.t('Show more ({left} left)', { left }), None);
  item.id = `more:${group}`;
  item.iconPath = themed('ellipsis');
  item.command = { title: '', command: 'dtsCutover.showMore', arguments: [group] };
  return item;
}

/** One region that cannot be read: the sentence, and what stays on screen from earlier. */
export function failureItem({ region, failure, rows }: Extract<Node, { kind: 'failure' }>): vscode.TreeItem {
  const item = new vscode.TreeItem(region, None);
  item.id = `failure:${region}`;
  item.description = failureText(failure);
  item.iconPath = themed('error', 'errorForeground');
  item.contextValue = 'failure';
  item.tooltip =
    rows === 0
      ? failureText(failure)
      : `${failureText(failure)}\n${vscode.l10n.t('The tasks shown are from an earlier reading.')}`;
  item.accessibilityInformation = { label: `${region}: ${failureText(failure)}` };
  item.command = wayOut(failure.reason) ?? { title: '', command: 'dtsCutover.refreshTasks' };
  return item;
}

/** Tasks of a region that are there and cannot be shown. */
export function unreadableItem({ region, count }: Extract<Node, { kind: 'unreadable' }>): vscode.TreeItem {
  const item = new vscode.TreeItem(region, None);
  const text = vscode.l10n.t('{count} tasks in the answer of DTS could not be read', { count });
  item.id = `unreadable:${region}`;
  item.description = text;
  item.iconPath = themed('warning', 'list.warningForeground');
  item.tooltip = `${text}\n${vscode.l10n.t('The log names the places. Look at these tasks in the console.')}`;
  item.accessibilityInformation = { label: `${region}: ${text}` };
  item.command = { title: '', command: 'dtsCutover.showLog' };
  return item;
}

/** Stands for a task's steps until they have been read. */
export function loadingItem(failure: Failure | undefined): vscode.TreeItem {
  const item = new vscode.TreeItem(failure ? failureText(failure) : vscode.l10n.t('Reading the steps …'));
  item.iconPath = failure ? themed('error', 'errorForeground') : themed('loading~spin');
  if (failure) item.tooltip = failureText(failure);
  return item;
}

const STEP_ICONS: Readonly<Record<TaskStep['status'], readonly [string, string?]>> = {
  notStarted: ['circle-outline', 'disabledForeground'],
  running: ['sync', 'charts.blue'],
  finished: ['pass', 'testing.iconPassed'],
  failed: ['error', 'testing.iconFailed'],
  unrecognized: ['question', 'charts.yellow'],
};

export function stepItem({ ref, step }: Extract<Node, { kind: 'step' }>): vscode.TreeItem {
  const item = new vscode.TreeItem(step.name || step.id, None);
  item.id = `step:${keyOf(ref)}:${step.id}`;
  const status = stepStatusText(step);
  item.description = step.percent === null ? status : `${status} · ${step.percent} %`;
  item.iconPath = themed(...STEP_ICONS[step.status]);
  return item;
}

function stepStatusText(step: TaskStep): string {
  switch (step.status) {
    case 'notStarted':
      return vscode.l10n.t('not started');
    case 'running':
      return vscode.l10n.t('running');
    case 'finished':
      return vscode.l10n.t('finished');
    case 'failed':
      return vscode.l10n.t('failed');
    case 'unrecognized':
      return step.rawStatus;
  }
}
