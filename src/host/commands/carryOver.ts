import * as vscode from 'vscode';
import { carryOverScript, leftToCarry } from '../../cutover/carryOver.ts';
import type { TaskRef } from '../../cutover/facts.ts';
import type { CarriedObject } from '../../engines/engine.ts';
import { Failure } from '../../util/failure.ts';
import { sentence } from '../../util/sentence.ts';
import { keyOf } from '../cloud/details.ts';
import { connect } from '../connections/connect.ts';
import { tell } from '../errors.ts';
import type { Parts } from '../parts.ts';
import { profileOf } from '../runs/ports.ts';

type Used = Pick<Parts, 'cloud' | 'settings' | 'passwords' | 'documents'>;

/** What the task leaves out, read from the source as statements for the target; they are shown and never run. */
export async function openCarryOver(parts: Used, ref: TaskRef, signal: AbortSignal): Promise<void> {
  const task = await (await parts.cloud.client()).readTask(ref, signal);
  const connection = await connect(profileOf(ref, 'source', parts.settings), parts.passwords, signal);
  let objects: readonly CarriedObject[];
  try {
    if (!connection.listCarryOver) {
      throw new Failure(
        'unsupported',
        sentence(
          'For {product} no statements are made here: accounts, roles and rights have to be carried over by hand.',
          {
            product: connection.server.product,
          },
        ),
      );
    }
    const listed = task.scope.databases.map(({ name }) => name);
    const databases = task.scope.mode === 'partial' ? [...new Set(listed)] : await connection.listDatabases(signal);
    objects = await connection.listCarryOver(databases, signal);
  } finally {
    await connection.close();
  }
  const text = carryOverScript(leftToCarry(task, objects), '--', {
    heading: heading(ref, connection.server.endpoint),
    object: (kind, name, option) =>
      option === null
        ? vscode.l10n.t('{kind} {name}: migration tasks do not move it', { kind, name })
        : vscode.l10n.t('{kind} {name}: left out by {option}', { kind, name, option }),
    none: ({ why }) => (why ? tell(why) : vscode.l10n.t('No statement can be made for it.')),
    nothing: vscode.l10n.t('The task leaves nothing out that is known here.'),
  });
  await parts.documents.show(`carry-over-${ref.jobId}.sql`, text);
}

function heading(ref: TaskRef, endpoint: string): string[] {
  return [
    vscode.l10n.t('What the task leaves to be carried over by hand, as it is on the source.'),
    vscode.l10n.t('Task {task}', { task: keyOf(ref) }),
    vscode.l10n.t('Source {endpoint}, read at {time}', { endpoint, time: new Date().toISOString() }),
    vscode.l10n.t('DTS Cutover never executes these statements. Read every line before you run it yourself.'),
    vscode.l10n.t(
      'Passwords are not in here, and names of databases are those of the source. Triggers and events belong on the target only after Complete.',
    ),
  ];
}
