import * as vscode from 'vscode';
import { cancelled, Failure } from '../../util/failure.ts';
import { sentence } from '../../util/sentence.ts';
import { throwIfAborted } from '../../util/wait.ts';
import { agree } from '../ui/prompts.ts';

/** Runs the user's own VS Code task that sends the business to the target, after asking, and waits for its end. */
export async function runRoutingTask(name: string, signal: AbortSignal): Promise<void> {
  if (name === '') {
    throw new Failure(
      'not-configured',
      sentence('No task that switches the routing is named in the settings.'),
      sentence('Put the name of a VS Code task into dtsCutover.routingTask.'),
    );
  }
  const task = (await vscode.tasks.fetchTasks()).find((candidate) => candidate.name === name);
  throwIfAborted(signal);
  if (!task) throw new Failure('not-configured', sentence('There is no VS Code task named {name}.', { name }));
  const agreed = await agree(
    vscode.l10n.t('Run the task {name} now?', { name }),
    vscode.l10n.t('It is a task of your own and does what you wrote into it; it is not taken back from here.'),
    vscode.l10n.t('Run Task'),
  );
  if (!agreed) throw cancelled();
  const code = await exitCode(task);
  if (code === 0) return;
  throw code === undefined
    ? new Failure('outcome-unknown', sentence('The task {name} ended without an exit code.', { name }))
    : new Failure('query-failed', sentence('The task {name} ended with exit code {code}.', { name, code }));
}

async function exitCode(task: vscode.Task): Promise<number | undefined> {
  const subscriptions: vscode.Disposable[] = [];
  try {
    let execution: vscode.TaskExecution | null = null;
    const ended = new Promise<number | undefined>((resolve) => {
      subscriptions.push(
        vscode.tasks.onDidEndTaskProcess((event) => {
          if (event.execution === execution) resolve(event.exitCode);
        }),
        // Tasks that start no process end without a code.
        vscode.tasks.onDidEndTask((event) => {
          if (event.execution === execution) setTimeout(() => resolve(undefined), 500);
        }),
      );
    });
    execution = await vscode.tasks.executeTask(task);
    return await ended;
  } finally {
    for (const subscription of subscriptions) subscription.dispose();
  }
}
