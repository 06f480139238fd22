import * as vscode from 'vscode';
import type { EngineKind, Side, TaskEndpoint, TaskFacts, TaskRef } from '../../cutover/facts.ts';
import type { ConnectionProfile } from '../../engines/engine.ts';
import { cancelled, Failure } from '../../util/failure.ts';
import { sentence } from '../../util/sentence.ts';
import { signalOf } from '../abort.ts';
import { taskFacts, type FactParts } from '../commands/facts.ts';
import { tell } from '../errors.ts';
import type { Parts } from '../parts.ts';
import { findProfile } from '../runs/ports.ts';
import { profileSetting } from '../settings/connectionSettings.ts';
import { writeEntry } from '../settings/write.ts';
import { agree, askAll } from '../ui/prompts.ts';
import { formatAddresses } from './address.ts';
import { fitOf, isSameServer, otherSide, type Place } from './fit.ts';
import { DEFAULT_PORTS } from '../../engines/defaultPorts.ts';
import { answersOf, connectionQuestions, profileOf, type Answers } from './questions.ts';
import { showResult, testConnection } from './test.ts';
import { visible } from '../../util/visible.ts';
import type { Wish } from '../settings/workspaceValues.ts';
import { keyOf } from './connect.ts';

type ConfigureParts = FactParts & Pick<Parts, 'settings' | 'passwords' | 'runs' | 'log'>;

/** Asks how one side of a task is reached, keeps it, and tries it. */
export async function configureConnection(
  parts: ConfigureParts,
  ref: TaskRef,
  side: Side,
  signal: AbortSignal,
): Promise<void> {
  const task = await taskFacts(parts, ref, signal);
  const endpoint = task[side];
  if (!endpoint.engine) {
    throw new Failure(
      'unsupported',
      sentence('Sessions and comparison are not available for {type}.', { type: endpoint.databaseType }),
    );
  }
  const title =
    side === 'source'
      ? vscode.l10n.t('Source of {task}', { task: visible(task.name) })
      : vscode.l10n.t('Target of {task}', { task: visible(task.name) });
  const choice = await chooseConnection(parts, task, side, endpoint.engine, title);
  if (choice === null) return;
  let profile: ConnectionProfile;
  if (choice.use) {
    profile = choice.use;
    await warnOfSameServer(parts, task, side, profile);
  } else {
    const first = choice.edit ? answersOf(choice.edit) : suggestion(endpoint, endpoint.engine, `${ref.jobId}-${side}`);
    const others = new Set(parts.settings.current().connections.keys());
    if (choice.edit) others.delete(choice.edit.id);
    const answers = await askAll(title, first, connectionQuestions(endpoint.engine, others));
    profile = profileOf(answers);
    await warnOfSameServer(parts, task, side, profile);
    if (answers.keyPassphrase !== '') await parts.passwords.keep(keyOf(profile), answers.keyPassphrase);
    await keep(parts, profile, answers.password);
  }
  await writeEntry('taskConnections', ref.jobId, {
    ...parts.settings.current().taskConnections.get(ref.jobId),
    [side]: profile.id,
  });
  await tryIt(parts, profile);
}

/** Tries a connection with progress and says what was found. */
export async function tryIt(parts: Pick<Parts, 'passwords' | 'log'>, profile: ConnectionProfile): Promise<void> {
  const result = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Trying connection {id} …', { id: profile.id }),
      cancellable: true,
    },
    (_progress, canceled) => testConnection(profile, parts.passwords, signalOf(canceled)),
  );
  showResult(result, parts.log);
}

async function keep(
  parts: Pick<Parts, 'passwords' | 'runs' | 'settings'>,
  profile: ConnectionProfile,
  password: string,
): Promise<void> {
  // left empty, a password that is known for this place stays
  const known = await parts.passwords.find(profile);
  if (password !== '' || known.state !== 'found') await parts.passwords.keep(profile, password);
  await writeEntry('connections', profile.id, profileSetting(profile));
  // into the workspace, where that has connections of its own; the user has just given it
  await parts.settings.confirm(parts.settings.current().wishes.filter((wish) => isAbout(wish, profile.id)));
  parts.runs.reconnect(profile.id);
}

const isAbout = ({ kind, text }: Wish, id: string) => kind === 'connection' && text.startsWith(`${id}: `);

interface Choice {
  readonly use?: ConnectionProfile;
  readonly edit?: ConnectionProfile;
}

/** Source and target on one server are a slip of the hand, nearly always. @throws `cancelled` when the user sees it */
async function warnOfSameServer(
  { settings }: Pick<Parts, 'settings'>,
  task: TaskFacts,
  side: Side,
  profile: ConnectionProfile,
): Promise<void> {
  const other = findProfile(task.ref, otherSide(side), settings);
  if (!other || !isSameServer(profile, other)) return;
  const names = { id: profile.id, other: other.id, place: formatAddresses(other.nodes) };
  const agreed = await agree(
    side === 'source'
      ? vscode.l10n.t('{id} leads to the target of this task.', names)
      : vscode.l10n.t('{id} leads to the source of this task.', names),
    side === 'source'
      ? vscode.l10n.t(
          'The target connection {other} is at {place}, too. Step 1 refuses one server for both sides.',
          names,
        )
      : vscode.l10n.t(
          'The source connection {other} is at {place}, too. Step 1 refuses one server for both sides.',
          names,
        ),
    vscode.l10n.t('Use It Anyway'),
  );
  if (!agreed) throw cancelled();
}

/** With connections of this engine already there: edit the one in use, take another, or make a new one. */
async function chooseConnection(
  { settings }: Pick<Parts, 'settings'>,
  task: TaskFacts,
  side: Side,
  engine: EngineKind,
  title: string,
): Promise<Choice | null> {
  const inUse = findProfile(task.ref, side, settings);
  const { connections, taskConnections } = settings.current();
  const others = inOrder([...connections.values()], { task, side, taskConnections }).filter(
    ({ use }) => use.engine === engine && use.id !== inUse?.id,
  );
  if (!inUse && others.length === 0) return {};
  const items: (vscode.QuickPickItem & { readonly choice: Choice })[] = [
    ...(inUse
      ? [
          {
            label: `$(edit) ${vscode.l10n.t('Edit {id}', { id: inUse.id })}`,
            description: place(inUse),
            choice: { edit: inUse },
          },
        ]
      : []),
    { label: `$(add) ${vscode.l10n.t('New connection')}`, choice: {} },
    ...others.map(({ use, detail }) => ({
      label: `$(database) ${use.id}`,
      description: place(use),
      ...(detail && { detail }),
      choice: { use },
    })),
  ];
  const chosen = await vscode.window.showQuickPick(items, { title, ignoreFocusOut: true });
  return chosen?.choice ?? null;
}

/** Those that fit this side first, each with what speaks for it or against it. */
function inOrder(profiles: readonly ConnectionProfile[], at: Place) {
  return profiles
    .map((use) => ({ use, ...fitOf(use, at) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ use, why }) => ({ use, detail: why && tell(why) }));
}

const place = ({ user, nodes }: ConnectionProfile) => `${user}@${formatAddresses(nodes)}`;

/** What the task itself says about the endpoint; DTS's own account is a first guess only. */
function suggestion(endpoint: TaskEndpoint, engine: EngineKind, id: string): Answers {
  const nodes = endpoint.nodes
    .filter(({ host }) => host !== '')
    .map(({ host, port }) => ({ host, port: port ?? DEFAULT_PORTS[engine] }));
  return {
    id,
    engine,
    address: formatAddresses(engine === 'mongodb' ? nodes : nodes.slice(0, 1)),
    user: endpoint.nodes[0]?.user ?? '',
    database: '',
    tls: { mode: 'verify-full' },
    replicaSet: '',
    authSource: '',
    password: '',
    keyPassphrase: '',
  };
}
