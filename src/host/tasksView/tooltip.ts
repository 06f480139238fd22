import * as vscode from 'vscode';
import type { TaskFacts } from '../../cutover/facts.ts';
import { statusIcon, statusText, tradeText } from './status.ts';
import { endpointText, gapText, lagText, timeText } from './text.ts';
import { visible } from '../../util/visible.ts';

/** Everything about a task that fits a tooltip. Names and messages come from outside and are shown as plain text. */
export function taskTooltip(task: TaskFacts): vscode.MarkdownString {
  const tooltip = new vscode.MarkdownString('', true);
  tooltip
    .appendMarkdown('**')
    .appendText(visible(task.name))
    .appendMarkdown(`**  \n$(${statusIcon(task).id}) `);
  tooltip.appendText(`${statusText(task)} (${task.rawStatus})`);
  tooltip.appendMarkdown('\n\n| | |\n|---|---|\n');
  for (const [label, value] of rows(task)) tooltip.appendMarkdown(`| ${cell(label)} | ${cell(value)} |\n`);
  if (task.error) {
    tooltip.appendMarkdown('\n\n$(error) ').appendText(visible(task.error.message));
    if (task.error.solution) tooltip.appendMarkdown('\n\n$(lightbulb) ').appendText(visible(task.error.solution));
  }
  return tooltip;
}

function rows(task: TaskFacts): readonly (readonly [string, string])[] {
  const step = task.steps.find(({ status }) => status === 'running' || status === 'failed');
  return [
    [vscode.l10n.t('Task'), task.ref.jobId],
    [vscode.l10n.t('Region'), task.ref.region],
    [vscode.l10n.t('Source'), `${task.source.databaseType} ${endpointText(task.source)}`],
    [vscode.l10n.t('Target'), `${task.target.databaseType} ${endpointText(task.target)}`],
    ...(step ? [[vscode.l10n.t('Step'), stepText(step)] as const] : []),
    ...(task.detailed && task.migrateType === 'fullAndIncrement'
      ? [[vscode.l10n.t('Behind'), `${gapText(task.gapMb)} · ${lagText(task.lagSeconds)}`] as const]
      : []),
    ...(task.trade !== 'normal' ? [[vscode.l10n.t('Billing'), tradeText(task.trade)] as const] : []),
    ...(task.startedAt !== null ? [[vscode.l10n.t('Started'), timeText(task.startedAt)] as const] : []),
    ...(task.endedAt !== null ? [[vscode.l10n.t('Ended'), timeText(task.endedAt)] as const] : []),
    ...(task.unreadable?.length ? [[vscode.l10n.t('Not readable'), task.unreadable.join(', ')] as const] : []),
    [vscode.l10n.t('Last update'), timeText(task.readAt)],
  ];
}

const stepText = ({ name, percent }: { name: string; percent: number | null }) =>
  percent === null ? name : `${name} ${percent} %`;

/** Text for a table's cell: nothing in it is Markdown, an icon or the end of the cell. */
function cell(text: string): string {
  const { value } = new vscode.MarkdownString('', true).appendText(visible(text).replace(/\s+/g, ' '));
  return value.replaceAll('|', '\\|');
}
