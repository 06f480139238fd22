import * as vscode from 'vscode';
import type { RunSnapshot } from '../cutover/snapshot.ts';
import { STEP_TITLES } from '../cutover/steps.ts';
import { keyOf } from './cloud/details.ts';
import { tell } from './errors.ts';
import { isUnderWay, type RunRegistry } from './runs/registry.ts';
import { durationText } from './tasksView/text.ts';
import { visible } from '../util/visible.ts';

/**
 * One item per cutover under way: its phase and how long the business has been down. A click opens the panel. The
 * clock ticks only while the business is down.
 */
export function showRunsInStatusBar(runs: RunRegistry): vscode.Disposable {
  const items = new Map<string, { readonly item: vscode.StatusBarItem; snapshot: RunSnapshot }>();
  let timer: NodeJS.Timeout | null = null;

  function show(snapshot: RunSnapshot): void {
    const key = keyOf(snapshot.ref);
    const known = items.get(key);
    if (!isUnderWay(snapshot)) {
      known?.item.dispose();
      items.delete(key);
    } else if (known) known.snapshot = snapshot;
    else items.set(key, { item: createItem(snapshot, key), snapshot });
    draw();
  }

  function draw(): void {
    if (timer) clearTimeout(timer);
    timer = null;
    for (const { item, snapshot } of items.values()) fill(item, snapshot);
    const ticking = [...items.values()].some(({ snapshot: { downtime } }) => isRunning(downtime));
    if (ticking) timer = setTimeout(draw, 1000 - (Date.now() % 1000));
  }

  const subscription = runs.onDidChange(show);
  return new vscode.Disposable(() => {
    subscription.dispose();
    if (timer) clearTimeout(timer);
    for (const { item } of items.values()) item.dispose();
  });
}

const isRunning = ({ since, until }: RunSnapshot['downtime']) => since !== null && until === null;

function createItem({ ref }: RunSnapshot, key: string): vscode.StatusBarItem {
  const item = vscode.window.createStatusBarItem(`cutover:${key}`, vscode.StatusBarAlignment.Left, 100);
  item.name = vscode.l10n.t('Cutover: {task}', { task: ref.jobId });
  item.command = { title: item.name, command: 'dtsCutover.openPanel', arguments: [ref] };
  item.show();
  return item;
}

function fill(item: vscode.StatusBarItem, { task, ref, current, downtime }: RunSnapshot): void {
  const name = visible(task?.name || ref.jobId).replaceAll('$(', String.raw`\$(`);
  const step = tell(STEP_TITLES[current]);
  const down = downtime.since === null ? '' : durationText((downtime.until ?? Date.now()) - downtime.since);
  item.text = ['$(arrow-swap)', name, step, down].filter(Boolean).join(' · ').replace(' · ', ' ');
  item.tooltip = down
    ? vscode.l10n.t('Cutover of {task}: {step}, business down for {duration}', { task: name, step, duration: down })
    : vscode.l10n.t('Cutover of {task}: {step}', { task: name, step });
  item.backgroundColor = isRunning(downtime) ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
}
