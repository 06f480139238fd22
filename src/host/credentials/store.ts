import type * as vscode from 'vscode';
import type { Credentials, Identity } from '../../dts/api.ts';
import { sdkFile } from '../../dts/credentialFiles.ts';
import { Failure } from '../../util/failure.ts';
import { sentence } from '../../util/sentence.ts';
import type { Log } from '../log.ts';
import type { Settings } from '../settings/watch.ts';
import { isRecord } from '../../util/record.ts';

const KEY = 'dtsCutover.credentials';
const CLOUD = 'tencentcloud';

/** Where the API keys come from; which of the sources is the user's explicit choice (`dtsCutover.credentials`). */
export interface CredentialStore {
  /** who the chosen source says we are, read anew; rejects with `credentials-missing` when it has nothing */
  read(): Promise<Identity>;
  /** the same, null when the chosen source has nothing */
  find(): Promise<Identity | null>;
  /** keeps keys in the editor's secret storage */
  keep(credentials: Credentials): Promise<void>;
  forget(): Promise<void>;
}

export function credentialStore(secrets: vscode.SecretStorage, settings: Settings, log: Log): CredentialStore {
  async function find(): Promise<Identity | null> {
    const { source, profile } = settings.current().credentials;
    const found =
      source === 'stored' ? parse(await get(secrets), placeOf(settings)) : await readElsewhere(source, profile);
    const keys = found && 'role' in found ? (found.role === 'assume' ? found.keys : null) : found;
    if (keys) for (const secret of [keys.secretKey, keys.token ?? '']) log.keepSecret(secret);
    return found;
  }
  return {
    find,
    async read() {
      const found = await find();
      if (found) return found;
      throw new Failure('credentials-missing', missing(settings), sentence('Sign in or choose other credentials.'));
    },
    async keep(credentials) {
      log.keepSecret(credentials.secretKey);
      log.keepSecret(credentials.token ?? '');
      await secrets.store(KEY, JSON.stringify({ ...credentials, for: placeOf(settings) }));
    },
    forget: async () => secrets.delete(KEY),
  };
}

/** Rejects with a Failure where the keyring of the system does not answer. */
async function get(secrets: vscode.SecretStorage): Promise<string | undefined> {
  try {
    return await secrets.get(KEY);
  } catch (cause) {
    throw new Failure(
      'credentials-missing',
      sentence('The secret storage of the editor does not give the API key.'),
      sentence('Unlock the keyring of the system, or choose keys from the environment or a profile.'),
      { cause },
    );
  }
}

function missing(settings: Settings) {
  const { source, profile } = settings.current().credentials;
  switch (source) {
    case 'stored':
      return sentence('You are not signed in to Tencent Cloud.');
    case 'environment':
      return sentence('The environment variables TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY are not set.');
    case 'profile':
      return sentence('The CLI profile {profile} holds no keys.', { profile });
    case 'file':
      return sentence('The profile {profile} in {file} holds no keys.', { profile, file: sdkFile() });
  }
}

/** What a kept key was given for: the cloud's own sites, or one private service. Keys of earlier versions are the cloud's. */
function placeOf(settings: Settings): string {
  const { endpoint } = settings.current();
  return endpoint.kind === 'custom' ? endpoint.url : CLOUD;
}

function parse(text: string | undefined, place: string): Credentials | null {
  if (text === undefined) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null; // torn, or somebody else's
  }
  if (!isRecord(value) || (value['for'] ?? CLOUD) !== place) return null;
  const { secretId, secretKey, token } = value;
  if (typeof secretId !== 'string' || typeof secretKey !== 'string') return null;
  return { secretId, secretKey, ...(typeof token === 'string' && token !== '' && { token }) };
}

async function readElsewhere(source: 'environment' | 'profile' | 'file', profile: string): Promise<Identity | null> {
  const readers = await import('../../dts/credentials.ts');
  switch (source) {
    case 'environment':
      return readers.environmentIdentity();
    case 'profile':
      return readers.cliIdentity(profile);
    case 'file':
      return readers.fileIdentity(profile);
  }
}
