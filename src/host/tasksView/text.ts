import * as vscode from 'vscode';
import type { EngineKind, TaskEndpoint, TaskFacts } from '../../cutover/facts.ts';
import { statusText, tradeText } from './status.ts';

const ENGINE_NAMES: Readonly<Record<EngineKind, string>> = {
  mysql: 'MySQL',
  postgres: 'PostgreSQL',
  sqlserver: 'SQL Server',
  mongodb: 'MongoDB',
};

export const engineName = (engine: EngineKind): string => ENGINE_NAMES[engine];

/** `mysql → mysql · gap 0 MB · lag 0 s`, or the step it is at, or its status. */
export function rowDescription(task: TaskFacts, failedAt: number | null): string {
  const parts = [`${task.source.databaseType} → ${task.target.databaseType}`, progressText(task)];
  if (task.trade !== 'normal' && task.trade !== 'notBilled') parts.push(tradeText(task.trade));
  if (failedAt !== null) parts.push(vscode.l10n.t('as of {time}', { time: timeText(task.readAt) }));
  return parts.join(' · ');
}

function progressText(task: TaskFacts): string {
  const incremental = task.steps.find(({ id, status }) => id === 'sinker' && status === 'running');
  if (incremental && (task.status === 'readyComplete' || task.status === 'running')) {
    return `${gapText(task.gapMb)} · ${lagText(task.lagSeconds)}`;
  }
  const step = task.steps.find(({ status }) => status === 'running');
  if (step && task.status === 'running') {
    return step.percent === null
      ? step.name
      : vscode.l10n.t('{step} {percent} %', { step: step.name, percent: step.percent });
  }
  return statusText(task);
}

export const gapText = (gapMb: number | null): string =>
  gapMb === null ? vscode.l10n.t('gap: no valid value') : vscode.l10n.t('gap {gap} MB', { gap: gapMb });

export const lagText = (lagSeconds: number | null): string =>
  lagSeconds === null ? vscode.l10n.t('lag: no valid value') : vscode.l10n.t('lag {lag} s', { lag: lagSeconds });

/** Where an endpoint is, without a secret: `10.0.0.5:3306` or `cdb-1234 (ap-guangzhou)`. */
export function endpointText(endpoint: TaskEndpoint): string {
  const nodes = endpoint.nodes
    .filter(({ host }) => host !== '')
    .map(({ host, port }) => (port === null ? host : `${host}:${port}`));
  if (nodes.length > 0) return nodes.join(', ');
  return endpoint.instanceId === '' ? '–' : `${endpoint.instanceId} (${endpoint.region})`;
}

/** Local time of day with seconds; with the date when it was another day. */
export function timeText(at: number): string {
  const date = new Date(at);
  const today = date.toDateString() === new Date().toDateString();
  return today
    ? date.toLocaleTimeString(vscode.env.language, { hour12: false })
    : date.toLocaleString(vscode.env.language, { hour12: false });
}

/** `00:07:42` */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}
