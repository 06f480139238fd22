import * as vscode from 'vscode';
import type { TaskFacts, TaskStatus } from '../../cutover/facts.ts';

export type TaskGroup = 'needsYou' | 'migrating' | 'done' | 'failed';

interface StatusLook {
  readonly group: TaskGroup;
  /** shape and colour: either alone tells the state */
  readonly icon: string;
  readonly color: string;
}

const GREEN = 'testing.iconPassed';
const RED = 'testing.iconFailed';
const YELLOW = 'charts.yellow';
const BLUE = 'charts.blue';
const GREY = 'disabledForeground';

const LOOKS: Readonly<Record<TaskStatus, StatusLook>> = {
  creating: { group: 'migrating', icon: 'circle-outline', color: GREY },
  created: { group: 'migrating', icon: 'circle-outline', color: GREY },
  checking: { group: 'migrating', icon: 'search', color: BLUE },
  checkPass: { group: 'needsYou', icon: 'checklist', color: YELLOW },
  checkNotPass: { group: 'needsYou', icon: 'warning', color: YELLOW },
  readyRun: { group: 'migrating', icon: 'clock', color: BLUE },
  running: { group: 'migrating', icon: 'sync', color: BLUE },
  readyComplete: { group: 'needsYou', icon: 'bell-dot', color: YELLOW },
  completing: { group: 'migrating', icon: 'arrow-swap', color: BLUE },
  success: { group: 'done', icon: 'pass-filled', color: GREEN },
  failed: { group: 'failed', icon: 'error', color: RED },
  error: { group: 'failed', icon: 'error', color: RED },
  stopping: { group: 'migrating', icon: 'debug-stop', color: GREY },
  canceled: { group: 'done', icon: 'circle-slash', color: GREY },
  pausing: { group: 'migrating', icon: 'debug-pause', color: YELLOW },
  manualPaused: { group: 'needsYou', icon: 'debug-pause', color: YELLOW },
  resumableErr: { group: 'needsYou', icon: 'warning', color: RED },
  resuming: { group: 'migrating', icon: 'debug-continue', color: BLUE },
  unknown: { group: 'needsYou', icon: 'question', color: YELLOW },
  unrecognized: { group: 'needsYou', icon: 'question', color: YELLOW },
};

export const groupOf = (task: TaskFacts): TaskGroup => LOOKS[task.status].group;

export function statusIcon(task: TaskFacts): vscode.ThemeIcon {
  const look = LOOKS[task.status];
  return new vscode.ThemeIcon(look.icon, new vscode.ThemeColor(look.color));
}

/** The status in words. One that DTS has only just invented stands as it came. */
export function statusText(task: TaskFacts): string {
  switch (task.status) {
    case 'creating':
      return vscode.l10n.t('being created');
    case 'created':
      return vscode.l10n.t('created');
    case 'checking':
      return vscode.l10n.t('being checked');
    case 'checkPass':
      return vscode.l10n.t('check passed, not started');
    case 'checkNotPass':
      return vscode.l10n.t('check not passed');
    case 'readyRun':
      return vscode.l10n.t('about to start');
    case 'running':
      return vscode.l10n.t('running');
    case 'readyComplete':
      return vscode.l10n.t('ready to complete');
    case 'completing':
      return vscode.l10n.t('completing');
    case 'success':
      return vscode.l10n.t('completed');
    case 'failed':
      return vscode.l10n.t('failed');
    case 'error':
      return vscode.l10n.t('in error');
    case 'stopping':
      return vscode.l10n.t('stopping');
    case 'canceled':
      return vscode.l10n.t('canceled');
    case 'pausing':
      return vscode.l10n.t('pausing');
    case 'manualPaused':
      return vscode.l10n.t('paused by hand');
    case 'resumableErr':
      return vscode.l10n.t('stopped by an error, can be resumed');
    case 'resuming':
      return vscode.l10n.t('resuming');
    case 'unknown':
      return vscode.l10n.t('DTS does not know the status');
    case 'unrecognized':
      return vscode.l10n.t('unrecognized status {status}', { status: task.rawStatus });
  }
}

/** What the purchase of the task is going through. */
export function tradeText(trade: TaskFacts['trade']): string {
  switch (trade) {
    case 'normal':
      return vscode.l10n.t('billed');
    case 'resizing':
      return vscode.l10n.t('being resized');
    case 'reversing':
      return vscode.l10n.t('being reversed');
    case 'isolating':
      return vscode.l10n.t('being isolated');
    case 'isolated':
      return vscode.l10n.t('isolated');
    case 'offlining':
      return vscode.l10n.t('being taken offline');
    case 'offlined':
      return vscode.l10n.t('offline');
    case 'notBilled':
      return vscode.l10n.t('not billed');
    case 'unrecognized':
      return vscode.l10n.t('unknown');
  }
}
