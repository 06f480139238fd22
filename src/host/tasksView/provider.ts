import * as vscode from 'vscode';
import type { TaskFacts, TaskRef } from '../../cutover/facts.ts';
import type { Cloud } from '../cloud/cloud.ts';
import { keyOf } from '../cloud/details.ts';
import type { TaskList } from '../cloud/taskList.ts';
import { sourceLabel } from '../credentials/labels.ts';
import { findProfile } from '../runs/ports.ts';
import { isUnderWay, type RunRegistry } from '../runs/registry.ts';
import type { Settings } from '../settings/watch.ts';
import { GROUPINGS, groupTasks, type Grouping } from './grouping.ts';
import {
  failureItem,
  groupItem,
  loadingItem,
  moreItem,
  stepItem,
  taskItem,
  themed,
  unreadableItem,
  vanishedItem,
  withNothingHidden,
} from './items.ts';
import type { Node } from './nodes.ts';
import { comparisonItem, connectionItem, runItem } from './runItems.ts';
import { taskTooltip } from './tooltip.ts';
import { viewState } from './welcome.ts';

const PAGE = 200;
const GROUPING = 'dtsCutover.grouping';

export interface ProviderParts {
  readonly list: TaskList;
  readonly runs: RunRegistry;
  readonly settings: Settings;
  readonly cloud: Cloud;
  readonly memento: vscode.Memento;
}

/** The rows of the Tasks view. Holds what the user chose (grouping, filter, pages, open rows), never facts. */
export class TasksProvider implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<Node | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #parts: ProviderParts;
  readonly #pages = new Map<string, number>();
  readonly #collapsed = new Set<string>(['done', 'failed']);
  readonly #openTasks = new Map<string, TaskRef>();
  #filter = '';

  constructor(parts: ProviderParts) {
    this.#parts = parts;
  }

  // ------------------------------------------------------------ what the user chose

  get filter(): string {
    return this.#filter;
  }
  set filter(text: string) {
    this.#filter = text.trim();
    this.#pages.clear();
    this.refresh();
  }

  get grouping(): Grouping {
    const kept = this.#parts.memento.get<unknown>(GROUPING);
    return GROUPINGS.find((known) => known === kept) ?? 'state';
  }
  async setGrouping(grouping: Grouping): Promise<void> {
    await this.#parts.memento.update(GROUPING, grouping);
    this.#pages.clear();
    this.refresh();
  }

  showMore(group: string): void {
    this.#pages.set(group, (this.#pages.get(group) ?? 1) + 1);
    this.refresh();
  }

  /** The user opened or closed a row; an opened task is read in detail. */
  toggled(node: Node, open: boolean): void {
    if (node.kind === 'group') {
      if (open) this.#collapsed.delete(node.id);
      else this.#collapsed.add(node.id);
    } else if (node.kind === 'task') {
      if (open) this.#openTasks.set(keyOf(node.ref), node.ref);
      else this.#openTasks.delete(keyOf(node.ref));
    }
  }

  refresh(): void {
    this.#changed.fire(undefined);
  }

  /** Tasks on screen whose steps, gap and lag somebody may read: opened ones, and those waiting to be completed. */
  wanted(): readonly TaskRef[] {
    const wanted = new Map(this.#openTasks);
    for (const group of this.#groups()) {
      if (this.#collapsed.has(group.id)) continue;
      for (const ref of group.refs.slice(0, this.#shown(group.id))) {
        if (this.#parts.list.find(ref)?.status === 'readyComplete') wanted.set(keyOf(ref), ref);
      }
    }
    return [...wanted.values()];
  }

  // ------------------------------------------------------------ rows

  getChildren(node?: Node): Node[] {
    if (!node) return this.#roots();
    if (node.kind === 'group') return this.#rows(node);
    return node.kind === 'task' ? this.#children(node.ref) : [];
  }

  #roots(): Node[] {
    const regions = this.#parts.list.regions();
    if (viewState(regions) !== 'rows') return [];
    const failures = regions.flatMap(({ region, failure, tasks }): Node[] =>
      failure ? [{ kind: 'failure', region, failure, rows: tasks.size }] : [],
    );
    const lost = regions.flatMap(({ region, unreadable }): Node[] =>
      unreadable > 0 ? [{ kind: 'unreadable', region, count: unreadable }] : [],
    );
    const groups = this.#groups().map((group): Node => ({ kind: 'group', ...group }));
    // the cutover of another account's task, or of a region that is not chosen
    const unlisted = this.#parts.runs.all().flatMap((run): Node[] => {
      const snapshot = run.snapshot();
      return isUnderWay(snapshot) && !this.#parts.list.find(snapshot.ref) ? [{ kind: 'run', ref: snapshot.ref }] : [];
    });
    return [{ kind: 'account' }, ...unlisted, ...failures, ...lost, ...groups];
  }

  #groups() {
    return groupTasks(this.#tasks(), this.grouping, this.#filter);
  }

  *#tasks(): Iterable<TaskFacts> {
    for (const { tasks } of this.#parts.list.regions()) {
      for (const { ref } of tasks.values()) {
        const task = this.facts(ref);
        if (task) yield task;
      }
    }
  }

  #shown = (group: string) => PAGE * (this.#pages.get(group) ?? 1);

  #rows({ id, refs }: Extract<Node, { kind: 'group' }>): Node[] {
    const rows = refs.slice(0, this.#shown(id)).map((ref): Node => ({ kind: 'task', ref }));
    const left = refs.length - rows.length;
    return left > 0 ? [...rows, { kind: 'more', group: id, left }] : rows;
  }

  #children(ref: TaskRef): Node[] {
    const task = this.facts(ref);
    if (!task) return [];
    const snapshot = this.#parts.runs.find(ref)?.snapshot();
    if (!task.detailed) void this.#parts.list.look(ref);
    return [
      { kind: 'connection', ref, side: 'source' },
      { kind: 'connection', ref, side: 'target' },
      ...(task.detailed
        ? task.steps.map((step): Node => ({ kind: 'step', ref, step }))
        : [{ kind: 'loading', ref } as const]),
      ...(snapshot?.verification.latest ? [{ kind: 'comparison', ref } as const] : []),
      ...(snapshot?.started ? [{ kind: 'run', ref } as const] : []),
    ];
  }

  /** The newest facts of a task: from its run when that has read it later than the list. */
  facts(ref: TaskRef): TaskFacts | undefined {
    const listed = this.#parts.list.find(ref);
    const inRun = this.#parts.runs.find(ref)?.snapshot().task;
    return inRun && (!listed || inRun.readAt >= listed.readAt) ? inRun : listed;
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return withNothingHidden(this.#item(node));
  }

  #item(node: Node): vscode.TreeItem {
    switch (node.kind) {
      case 'account':
        return this.#accountItem();
      case 'failure':
        return failureItem(node);
      case 'unreadable':
        return unreadableItem(node);
      case 'group':
        return groupItem(node);
      case 'more':
        return moreItem(node);
      case 'step':
        return stepItem(node);
      case 'loading':
        return loadingItem(this.#parts.list.detailFailure(node.ref));
      case 'task': {
        const task = this.facts(node.ref);
        if (!task) return vanishedItem(node.ref);
        const record = this.#parts.runs.find(node.ref)?.snapshot().timelineTotal ?? 0;
        return taskItem(task, this.#staleSince(task), record > 0);
      }
      case 'connection':
      case 'comparison':
      case 'run':
        return this.#runChild(node);
    }
  }

  #runChild(node: Extract<Node, { kind: 'connection' | 'comparison' | 'run' }>): vscode.TreeItem {
    const snapshot = this.#parts.runs.find(node.ref)?.snapshot();
    const id = `${node.kind}:${keyOf(node.ref)}`;
    if (node.kind === 'connection') {
      const profile = findProfile(node.ref, node.side, this.#parts.settings);
      return connectionItem(`${id}:${node.side}`, node.side, profile, snapshot?.[node.side].connection);
    }
    if (node.kind === 'run' && snapshot) return runItem(id, snapshot, this.#parts.list.find(node.ref) !== undefined);
    const latest = snapshot?.verification.latest;
    return latest ? comparisonItem(id, latest, snapshot.verification.stale !== null) : vanishedItem(node.ref);
  }

  /** Tooltips are made when the pointer rests on a row, not for every row. */
  resolveTreeItem(item: vscode.TreeItem, node: Node): vscode.TreeItem {
    const task = node.kind === 'task' ? this.facts(node.ref) : undefined;
    if (task) item.tooltip = taskTooltip(task);
    return item;
  }

  #staleSince(task: TaskFacts): number | null {
    const region = this.#parts.list.regions().find(({ region }) => region === task.ref.region);
    return region?.failure ? task.readAt : null;
  }

  #accountItem(): vscode.TreeItem {
    const { settings, cloud } = this.#parts;
    const item = new vscode.TreeItem(sourceLabel(settings.current().credentials));
    item.id = 'account';
    item.description = cloud.endpointName();
    item.iconPath = themed('key');
    item.contextValue = 'account';
    item.tooltip = `${cloud.endpointName()}\n${settings.current().regions.join(', ')}`;
    return item;
  }

  dispose(): void {
    this.#changed.dispose();
  }
}
