import * as vscode from 'vscode';
import type { Credentials, DtsClient, DtsRegion } from '../../dts/api.ts';
import { asFailure } from '../../util/failure.ts';
import type { Cloud } from '../cloud/cloud.ts';
import { signalOf } from '../abort.ts';
import { tell } from '../errors.ts';
import { writeSetting } from '../settings/write.ts';
import { agree, askAll, askText, BACK, type Question } from '../ui/prompts.ts';
import type { Parts } from '../parts.ts';
import { sourceLabel } from './labels.ts';
import { askRegions } from './regions.ts';

interface Answers {
  readonly secretId: string;
  readonly secretKey: string;
  readonly token: string;
}

const required = (text: string) => (text === '' ? vscode.l10n.t('This cannot be empty.') : null);

const questions: readonly Question<Answers>[] = [
  async (answers, place) => {
    const secretId = await askText(place, {
      prompt: vscode.l10n.t('SecretId of an API key of Tencent Cloud (CAM, API keys)'),
      placeholder: 'AKID…',
      value: answers.secretId,
      check: required,
    });
    return secretId === BACK ? BACK : { ...answers, secretId };
  },
  async (answers, place) => {
    const secretKey = await askText(place, {
      prompt: vscode.l10n.t('SecretKey; it is kept in the secret storage of the editor and nowhere else'),
      password: true,
      check: required,
    });
    return secretKey === BACK ? BACK : { ...answers, secretKey: secretKey.trim() };
  },
  async (answers, place) => {
    const token = await askText(place, {
      prompt: vscode.l10n.t('Token of a temporary key; leave it empty for a permanent one'),
      password: true,
    });
    return token === BACK ? BACK : { ...answers, token: token.trim() };
  },
];

/** Asks for an API key, tries it with one call, and keeps it when the service knows it. */
export async function signIn(parts: Parts): Promise<void> {
  const title = vscode.l10n.t('Sign in to Tencent Cloud');
  const answers = await askAll(title, { secretId: '', secretKey: '', token: '' }, questions);
  const { secretId, secretKey, token } = answers;
  const credentials: Credentials = { secretId, secretKey, ...(token !== '' && { token }) };
  parts.log.keepSecret(secretKey);
  parts.log.keepSecret(token);
  const regions = await askRegions(title, parts.settings.current().regions, () =>
    offeredRegions(parts.cloud.clientWith(credentials)),
  );
  await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t('Trying the key …'), cancellable: true },
    (_progress, canceled) => tryKey(parts.cloud, credentials, regions[0] ?? '', signalOf(canceled)),
  );
  await parts.credentials.keep(credentials);
  await writeSetting('regions', regions);
  if (parts.settings.current().credentials.source !== 'stored') await writeSetting('credentials', 'stored');
  await parts.account.check();
}

/** Nobody waits longer than this for a list that can also be typed. */
const REGIONS_LIMIT_MS = 4_000;

async function offeredRegions(client: Promise<DtsClient>): Promise<readonly DtsRegion[] | null> {
  return (await client).listRegions(AbortSignal.timeout(REGIONS_LIMIT_MS));
}

/** One page of the list. A key that is right but may not list tasks is kept: the view says which right is missing. */
async function tryKey(cloud: Cloud, credentials: Credentials, region: string, signal: AbortSignal): Promise<void> {
  try {
    const client = await cloud.clientWith(credentials);
    for await (const page of client.taskPages(region, {}, signal)) {
      void page;
      break;
    }
  } catch (error) {
    if (asFailure(error).reason !== 'permission-denied') throw error;
  }
}

/** Forgets the key and every password of a connection, after asking. */
export async function signOut(parts: Parts): Promise<void> {
  const agreed = await agree(
    vscode.l10n.t('Sign out of Tencent Cloud?'),
    vscode.l10n.t(
      'The API key and the passwords of {count} connections are removed from this machine. Settings and the records of cutovers stay.',
      { count: parts.passwords.count() },
    ),
    vscode.l10n.t('Sign Out'),
  );
  if (!agreed) return;
  await parts.credentials.forget();
  await parts.passwords.forgetAll();
  const kept = parts.settings.current().credentials.source !== 'stored';
  if (kept) await writeSetting('credentials', undefined);
  parts.runs.reconnectAll();
  await parts.account.check();
  if (kept) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t(
        'Keys from the environment or a profile file are not kept by DTS Cutover and cannot be removed by it. They are no longer used until you choose them again.',
      ),
    );
  }
}

/** Lets the user choose where keys come from; only sources that are there are offered. */
export async function chooseCredentials(parts: Parts): Promise<void> {
  const { listCredentialSources } = await import('../../dts/credentials.ts');
  const found = await listCredentialSources();
  const { credentials, regions } = parts.settings.current();
  const choices = [
    {
      label: `$(key) ${sourceLabel({ source: 'stored', profile: '' })}`,
      detail: vscode.l10n.t('Typed once, kept in the secret storage of the editor'),
      settings: { source: 'stored', profile: '', region: '' },
    },
    ...found.map(({ kind, profile, file, region, problem }) => {
      const source = kind === 'cli' ? ('profile' as const) : kind;
      return {
        label: `${kind === 'environment' ? '$(terminal)' : '$(file)'} ${sourceLabel({ source, profile })}`,
        description: region,
        detail: problem ? tell(problem) : file || 'TENCENTCLOUD_SECRET_ID, TENCENTCLOUD_SECRET_KEY',
        settings: { source, profile, region },
      };
    }),
  ];
  const chosen = await vscode.window.showQuickPick(choices, {
    title: vscode.l10n.t('Credentials'),
    placeHolder: vscode.l10n.t('Now in use: {source}', { source: sourceLabel(credentials) }),
    matchOnDetail: true,
  });
  if (!chosen) return;
  const { source, profile, region } = chosen.settings;
  if (profile !== '' && profile !== credentials.profile) await writeSetting('credentialsProfile', profile);
  if (source !== credentials.source) await writeSetting('credentials', source);
  if (regions.length === 0 && region !== '') await writeSetting('regions', [region]);
  await parts.account.check();
  if (source === 'stored' && (await parts.credentials.find()) === null) await signIn(parts);
}

/** Asks for the regions whose tasks are shown. */
export async function selectRegions(parts: Parts): Promise<void> {
  const chosen = await askRegions(vscode.l10n.t('Regions'), parts.settings.current().regions, () =>
    offeredRegions(parts.cloud.client()),
  );
  await writeSetting('regions', chosen);
}
