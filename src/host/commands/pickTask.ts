import * as vscode from 'vscode';
import type { TaskRef } from '../../cutover/facts.ts';
import { cancelled, Failure } from '../../util/failure.ts';
import { sentence } from '../../util/sentence.ts';
import { keyOf } from '../cloud/details.ts';
import type { Parts } from '../parts.ts';
import { statusIcon } from '../tasksView/status.ts';
import { rowDescription } from '../tasksView/text.ts';
import type { TaskCommand } from './command.ts';
import { visible } from '../../util/visible.ts';

interface Pick extends vscode.QuickPickItem {
  readonly ref: TaskRef;
}

/** Asks which of the tasks a command can work on; the one whose panel is in front comes first. */
export async function pickTask(parts: Parts, command: TaskCommand): Promise<TaskRef> {
  if (parts.list.regions().every(({ readAt }) => readAt === null)) await readList(parts);
  const picks = candidates(parts, command);
  if (picks.length === 0) throw nothingToPick(parts);
  const chosen = await vscode.window.showQuickPick(picks, {
    title: vscode.l10n.t('Which task?'),
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (!chosen) throw cancelled();
  return chosen.ref;
}

async function readList({ list }: Parts): Promise<void> {
  await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Reading the tasks …') },
    () => list.refresh(),
  );
}

function candidates(parts: Parts, command: TaskCommand): Pick[] {
  const front = parts.panels.active();
  const refs = new Map<string, TaskRef>();
  for (const run of parts.runs.all()) refs.set(keyOf(run.snapshot().ref), run.snapshot().ref);
  for (const { tasks } of parts.list.regions()) for (const { ref } of tasks.values()) refs.set(keyOf(ref), ref);
  const picks = [...refs.values()].flatMap((ref): Pick[] => {
    const task = parts.view.provider.facts(ref);
    if (!command.offers({ task, run: parts.runs.find(ref)?.snapshot() })) return [];
    return [
      {
        ref,
        label: visible(task?.name || ref.jobId).replaceAll('$(', String.raw`\$(`),
        description: task ? rowDescription(task, null) : '',
        detail: `${ref.jobId} · ${ref.region}`,
        ...(task && { iconPath: statusIcon(task) }),
      },
    ];
  });
  const isFront = ({ ref }: Pick) => front !== null && keyOf(ref) === keyOf(front);
  return picks.sort((a, b) => Number(isFront(b)) - Number(isFront(a)));
}

/** An empty list is no answer: say whether there is no task, or whether the service gave none. */
function nothingToPick({ list }: Parts): Failure {
  const failure = list.regions().find((region) => region.failure !== null)?.failure;
  return (
    failure ??
    new Failure(
      'not-allowed-now',
      list.regions().length === 0
        ? sentence('No region is chosen.')
        : sentence('There is no task for which this can be done now.'),
    )
  );
}
