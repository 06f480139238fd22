import type * as vscode from 'vscode';
import type { ConnectionProfile } from '../../engines/engine.ts';
import type { Log } from '../log.ts';
import { isRecord } from '../settings/checks.ts';
import { formatAddresses } from './address.ts';
import { passwordVariable } from './passwordVariable.ts';

const PREFIX = 'dtsCutover.password.';
/** Which profiles have a password: SecretStorage itself cannot be listed in every version supported. */
const INDEX = 'dtsCutover.passwords';

/** `elsewhere`: there is one under this profile's id, given for another server or account */
export type FoundPassword =
  { readonly state: 'found'; readonly password: string } | { readonly state: 'elsewhere' } | { readonly state: 'none' };

/**
 * Passwords of connections, by profile id. A password belongs to the server and account it was given for: when the
 * settings send a profile elsewhere (another address, another user, other TLS), it is not handed out again. Without
 * one that fits, the environment variable named for the profile is looked at.
 */
export interface Passwords {
  find(profile: ConnectionProfile): Promise<FoundPassword>;
  keep(profile: ConnectionProfile, password: string): Promise<void>;
  forget(id: string): Promise<void>;
  forgetAll(): Promise<void>;
  count(): number;
}

export function passwords(secrets: vscode.SecretStorage, memento: vscode.Memento, log: Log): Passwords {
  const ids = () => memento.get<readonly string[]>(INDEX, []);
  async function forget(id: string): Promise<void> {
    await secrets.delete(PREFIX + id);
    await memento.update(
      INDEX,
      ids().filter((other) => other !== id),
    );
  }
  async function findKept(profile: ConnectionProfile): Promise<FoundPassword> {
    const text = await secrets.get(PREFIX + profile.id);
    const value: unknown = text === undefined ? null : JSON.parse(text);
    if (!isRecord(value) || typeof value['password'] !== 'string') return { state: 'none' };
    if (value['for'] !== purpose(profile)) return { state: 'elsewhere' };
    return { state: 'found', password: value['password'] };
  }
  return {
    async find(profile) {
      const kept = await findKept(profile);
      const password = kept.state === 'found' ? kept.password : process.env[passwordVariable(profile.id)];
      if (password === undefined) return kept;
      log.keepSecret(password);
      return { state: 'found', password };
    },
    async keep(profile, password) {
      log.keepSecret(password);
      await secrets.store(PREFIX + profile.id, JSON.stringify({ for: purpose(profile), password }));
      await memento.update(INDEX, [...ids().filter((id) => id !== profile.id), profile.id]);
    },
    forget,
    async forgetAll() {
      for (const id of ids()) await forget(id);
    },
    count: () => ids().length,
  };
}

const purpose = ({ engine, nodes, user, tls }: ConnectionProfile) =>
  `${engine} ${formatAddresses(nodes)} ${user} ${tls.mode}`;
