import * as vscode from 'vscode';
import { databasePairs, identity, mappedName, shortName } from '../../comparison/scope.ts';
import type { ObjectName, TaskRef } from '../../cutover/facts.ts';
import { cancelled } from '../../util/failure.ts';
import { connect } from '../connections/connect.ts';
import { cancellable } from '../ui/progress.ts';
import type { Parts } from '../parts.ts';
import { profileOf } from '../runs/ports.ts';

/** A table as comparisons take it: with its database, so that no other one is meant. */
export const fullName = (name: ObjectName) => `${name.database}.${shortName(name)}`;

/** What is needed to ask a source for its tables. */
export type Source = Pick<Parts, 'runs' | 'cloud' | 'settings' | 'passwords'>;

interface TablePick extends vscode.QuickPickItem {
  readonly name: ObjectName;
}

/** Asks which of the source's migrated tables; all of them are chosen at first, or those that are `suggested`. */
export async function askTables(
  parts: Source,
  ref: TaskRef,
  suggested: readonly ObjectName[],
  signal: AbortSignal,
): Promise<'all' | readonly ObjectName[]> {
  const names = await cancellable(vscode.l10n.t('Reading the list of tables …'), signal, (either) =>
    migratedTables(parts, ref, either),
  );
  const wanted = new Set(suggested.map(identity));
  const picks = names.map((name): TablePick => {
    return {
      name,
      label: shortName(name),
      description: name.database,
      picked: wanted.size === 0 || wanted.has(identity(name)),
    };
  });
  const chosen = await vscode.window.showQuickPick(picks, {
    title: vscode.l10n.t('Which tables?'),
    placeHolder: vscode.l10n.t('Only some of them prove nothing about the others.'),
    canPickMany: true,
    matchOnDescription: true,
  });
  if (!chosen || (chosen.length === 0 && picks.length > 0)) throw cancelled();
  return chosen.length === picks.length ? 'all' : chosen.map(({ name }) => name);
}

async function migratedTables(parts: Source, ref: TaskRef, signal: AbortSignal): Promise<ObjectName[]> {
  const known = parts.runs.find(ref)?.snapshot().task;
  // the scope comes with the detailed reading only
  const { scope } = known?.detailed ? known : await (await parts.cloud.client()).readTask(ref, signal);
  const connection = await connect(profileOf(ref, 'source', parts.settings), parts.passwords, signal);
  try {
    const names: ObjectName[] = [];
    const there = await connection.listDatabases(signal);
    for (const { source } of databasePairs(scope, there).filter((pair) => there.includes(pair.source))) {
      for (const { kind, object } of await connection.listObjects(source, signal)) {
        if ((kind === 'table' || kind === 'collection') && mappedName(scope, object)) names.push(object);
      }
    }
    return names.sort((a, b) => (fullName(a) < fullName(b) ? -1 : 1));
  } finally {
    await connection.close();
  }
}
