import * as vscode from 'vscode';
import type { TaskRef } from '../../cutover/facts.ts';
import { Failure } from '../../util/failure.ts';
import { sentence } from '../../util/sentence.ts';
import { tryIt } from '../connections/configure.ts';
import { formatAddresses } from '../connections/address.ts';
import { showFailure } from '../errors.ts';
import type { Parts } from '../parts.ts';
import { findProfile } from '../runs/ports.ts';
import { writeEntry } from '../settings/write.ts';
import { agree } from '../ui/prompts.ts';

/** Tries what is configured of a task's two sides, and says for each who we are and what the account sees. */
export async function testConnections(parts: Parts, ref: TaskRef): Promise<void> {
  const profiles = (['source', 'target'] as const).flatMap((side) => findProfile(ref, side, parts.settings) ?? []);
  if (profiles.length === 0) {
    throw new Failure(
      'not-configured',
      sentence('No connection of {task} is configured.', { task: ref.jobId }),
      sentence('Configure its source and its target first.'),
    );
  }
  await Promise.all(
    profiles.map((profile) =>
      tryIt(parts, profile).catch((error: unknown) => showFailure(error, parts.log, `test of ${profile.id}`)),
    ),
  );
}

/** Removes a connection with its password, and every task's use of it. */
export async function forgetConnection(parts: Parts): Promise<void> {
  const { connections, taskConnections } = parts.settings.current();
  const items = [...connections.values()].map((profile) => ({
    label: profile.id,
    description: `${profile.user}@${formatAddresses(profile.nodes)}`,
  }));
  const chosen = await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Forget which connection?') });
  if (!chosen) return;
  const id = chosen.label;
  const users = [...taskConnections].filter(([, sides]) => sides.source === id || sides.target === id);
  const agreed = await agree(
    vscode.l10n.t('Forget connection {id}?', { id }),
    users.length === 0
      ? vscode.l10n.t('Its settings and its password are removed. No task uses it.')
      : vscode.l10n.t('Its settings and its password are removed. These tasks use it: {tasks}', {
          tasks: users.map(([jobId]) => jobId).join(', '),
        }),
    vscode.l10n.t('Forget'),
  );
  if (!agreed) return;
  await parts.passwords.forget(id);
  for (const [jobId, { source, target }] of users) {
    const left = { ...(source !== id && source && { source }), ...(target !== id && target && { target }) };
    await writeEntry('taskConnections', jobId, Object.keys(left).length === 0 ? undefined : left);
  }
  await writeEntry('connections', id, undefined);
}
