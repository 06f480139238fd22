import * as vscode from 'vscode';
import type { ComparisonFacts, ConnectionState, Side } from '../../cutover/facts.ts';
import type { RunSnapshot } from '../../cutover/snapshot.ts';
import type { ConnectionProfile } from '../../engines/engine.ts';
import { formatAddresses } from '../connections/address.ts';
import { failureText, tell } from '../errors.ts';
import { STEP_TITLES } from '../../cutover/steps.ts';
import { themed } from './items.ts';
import { durationText, timeText } from './text.ts';

/** A side's connection: configured? reachable? who am I? */
export function connectionItem(
  id: string,
  side: Side,
  profile: ConnectionProfile | undefined,
  state: ConnectionState | undefined,
): vscode.TreeItem {
  const item = new vscode.TreeItem(side === 'source' ? vscode.l10n.t('Source') : vscode.l10n.t('Target'));
  item.id = id;
  item.contextValue = `connection:${side}`;
  if (!profile) {
    item.description = vscode.l10n.t('not configured');
    item.iconPath = themed('debug-disconnect', 'disabledForeground');
    return item;
  }
  const place = `${profile.user}@${formatAddresses(profile.nodes)}`;
  item.description = place;
  item.iconPath = themed('database');
  switch (state?.state) {
    case 'connected':
      item.description = `${state.server.product} · ${state.server.account}`;
      item.iconPath =
        state.visibility?.level === 'limited'
          ? themed('eye-closed', 'charts.yellow')
          : themed('database', 'testing.iconPassed');
      item.tooltip = [place, state.visibility ? visibilityText(state.visibility) : ''].filter(Boolean).join('\n');
      break;
    case 'connecting':
      item.iconPath = themed('loading~spin');
      break;
    case 'failed':
      item.description = failureText(state.failure);
      item.iconPath = themed('error', 'errorForeground');
      item.tooltip = `${place}\n${failureText(state.failure)}`;
      break;
    case 'unconfigured':
    case undefined:
      item.tooltip = vscode.l10n.t('{id}: {place}, not connected now', { id: profile.id, place });
  }
  return item;
}

function visibilityText(visibility: NonNullable<Extract<ConnectionState, { state: 'connected' }>['visibility']>) {
  return visibility.level === 'full'
    ? vscode.l10n.t('This account sees every session.')
    : vscode.l10n.t('This account does not see every session: {missing}', { missing: tell(visibility.missing) });
}

export function comparisonItem(id: string, comparison: ComparisonFacts, stale: boolean): vscode.TreeItem {
  const item = new vscode.TreeItem(vscode.l10n.t('Last comparison'));
  item.id = id;
  item.description = [
    tell(comparison.summary),
    timeText(comparison.finishedAt),
    ...(stale ? [vscode.l10n.t('written since')] : []),
  ].join(' · ');
  item.tooltip = item.description;
  if (comparison.verdict === 'different') item.iconPath = themed('diff', 'testing.iconFailed');
  else if (comparison.verdict === 'same' && !stale) item.iconPath = themed('pass', 'testing.iconPassed');
  else item.iconPath = themed('question', 'charts.yellow');
  return item;
}

/** Below its task, or by itself where the list has no such task. */
export function runItem(id: string, snapshot: RunSnapshot, belowTask: boolean): vscode.TreeItem {
  const item = new vscode.TreeItem(
    belowTask ? vscode.l10n.t('Cutover') : vscode.l10n.t('Cutover: {task}', { task: snapshot.ref.jobId }),
  );
  item.id = id;
  const { since, until } = snapshot.downtime;
  const step = tell(STEP_TITLES[snapshot.current]);
  const parts = [
    snapshot.finishedAt === null ? step : vscode.l10n.t('finished {time}', { time: timeText(snapshot.finishedAt) }),
    ...(since === null
      ? []
      : [vscode.l10n.t('downtime {duration}', { duration: durationText((until ?? Date.now()) - since) })]),
  ];
  item.description = parts.join(' · ');
  item.iconPath = snapshot.finishedAt === null ? themed('arrow-swap', 'charts.blue') : themed('history');
  item.command = { title: '', command: 'dtsCutover.openPanel', arguments: [snapshot.ref] };
  return item;
}
