import type * as vscode from 'vscode';
import type { Credentials } from '../../dts/api.ts';
import { Failure } from '../../util/failure.ts';
import { sentence } from '../../util/sentence.ts';
import type { Log } from '../log.ts';
import type { Settings } from '../settings/watch.ts';
import { isRecord } from '../settings/checks.ts';

const KEY = 'dtsCutover.credentials';

/** Where the API keys come from; which of the sources is the user's explicit choice (`dtsCutover.credentials`). */
export interface CredentialStore {
  /** the chosen source's keys, read anew; rejects with `credentials-missing` when it has none */
  read(): Promise<Credentials>;
  /** the same, null when the chosen source has none */
  find(): Promise<Credentials | null>;
  /** keeps keys in the editor's secret storage */
  keep(credentials: Credentials): Promise<void>;
  forget(): Promise<void>;
}

export function credentialStore(secrets: vscode.SecretStorage, settings: Settings, log: Log): CredentialStore {
  async function find(): Promise<Credentials | null> {
    const { source, profile } = settings.current().credentials;
    const found = source === 'stored' ? parse(await secrets.get(KEY)) : await readElsewhere(source, profile);
    if (found) for (const secret of [found.secretKey, found.token ?? '']) log.keepSecret(secret);
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
      await secrets.store(KEY, JSON.stringify(credentials));
    },
    forget: async () => secrets.delete(KEY),
  };
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
  }
}

function parse(text: string | undefined): Credentials | null {
  if (text === undefined) return null;
  const value: unknown = JSON.parse(text);
  if (!isRecord(value)) return null;
  const { secretId, secretKey, token } = value;
  if (typeof secretId !== 'string' || typeof secretKey !== 'string') return null;
  return { secretId, secretKey, ...(typeof token === 'string' && token !== '' && { token }) };
}

async function readElsewhere(source: 'environment' | 'profile', profile: string): Promise<Credentials | null> {
  const readers = await import('../../dts/credentials.ts');
  return source === 'environment' ? readers.environmentCredentials() : readers.profileCredentials(profile);
}
