import * as vscode from 'vscode';
import type { TaskRef } from '../../cutover/facts.ts';
import { showFailure } from '../errors.ts';
import type { Parts } from '../parts.ts';
import { isRecord } from '../../util/record.ts';
import type { Command } from './command.ts';
import { pickTask } from './pickTask.ts';

/**
 * Registers every command in one wrapper: it finds the task, logs the call, and shows what failed. Work that still
 * runs when the extension is deactivated is aborted.
 */
export function registerCommands(commands: readonly Command[], parts: Parts): vscode.Disposable {
  const deactivated = new AbortController();
  const registrations = commands.map((command) =>
    vscode.commands.registerCommand(`dtsCutover.${command.id}`, async (argument: unknown) => {
      try {
        parts.log.info(`command ${command.id}`);
        if ('run' in command) await command.run(parts, argument);
        else await command.onTask(parts, taskOf(argument) ?? (await pickTask(parts, command)), deactivated.signal);
      } catch (error) {
        showFailure(error, parts.log, command.id);
      }
    }),
  );
  return new vscode.Disposable(() => {
    deactivated.abort();
    for (const registration of registrations) registration.dispose();
  });
}

/** The task a menu, the panel or another command names: a row of the tree or a reference. */
function taskOf(argument: unknown): TaskRef | null {
  const ref = isRecord(argument) && isRecord(argument['ref']) ? argument['ref'] : argument;
  if (!isRecord(ref)) return null;
  const { region, jobId } = ref;
  return typeof region === 'string' && typeof jobId === 'string' ? { region, jobId } : null;
}
