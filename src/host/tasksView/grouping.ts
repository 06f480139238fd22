import * as vscode from 'vscode';
import type { TaskFacts, TaskRef } from '../../cutover/facts.ts';
import { groupOf, type TaskGroup } from './status.ts';

export const GROUPINGS = ['state', 'region', 'engine'] as const;
export type Grouping = (typeof GROUPINGS)[number];

export interface Group {
  readonly id: string;
  readonly label: string;
  readonly refs: readonly TaskRef[];
}

const STATE_ORDER: readonly TaskGroup[] = ['needsYou', 'migrating', 'done', 'failed'];

/** The tasks that match the filter, in groups; groups without a task are left out. */
export function groupTasks(tasks: Iterable<TaskFacts>, grouping: Grouping, filter: string): readonly Group[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const members = new Map<string, TaskRef[]>();
  for (const task of tasks) {
    if (!matches(task, words)) continue;
    const id = groupId(task, grouping);
    const refs = members.get(id);
    if (refs) refs.push(task.ref);
    else members.set(id, [task.ref]);
  }
  const ids = [...members.keys()];
  const order = (id: string) => STATE_ORDER.findIndex((state) => state === id);
  ids.sort((a, b) => (grouping === 'state' ? order(a) - order(b) : a.localeCompare(b)));
  return ids.map((id) => ({ id, label: groupLabel(id, grouping), refs: members.get(id) ?? [] }));
}

function groupId(task: TaskFacts, grouping: Grouping): string {
  switch (grouping) {
    case 'state':
      return groupOf(task);
    case 'region':
      return task.ref.region;
    case 'engine':
      return task.source.databaseType;
  }
}

function groupLabel(id: string, grouping: Grouping): string {
  if (grouping !== 'state') return id;
  const labels: Readonly<Record<string, string>> = {
    needsYou: vscode.l10n.t('Needs you'),
    migrating: vscode.l10n.t('Migrating'),
    done: vscode.l10n.t('Done'),
    failed: vscode.l10n.t('Failed'),
  };
  return labels[id] ?? id;
}

/** Every word has to occur in the task's name, id, region, kinds, places or status. */
function matches(task: TaskFacts, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const { source, target } = task;
  const places = [...source.nodes, ...target.nodes].map(({ host }) => host);
  const text = [
    task.name,
    task.ref.jobId,
    task.ref.region,
    task.rawStatus,
    source.databaseType,
    target.databaseType,
    source.instanceId,
    target.instanceId,
    ...places,
  ]
    .join(' ')
    .toLowerCase();
  return words.every((word) => text.includes(word));
}
