import type * as vscode from 'vscode';
import type { ConnectionProfile } from '../../engines/engine.ts';
import type { Log } from '../log.ts';
import { isRecord } from '../../util/record.ts';
import { formatAddresses } from './address.ts';
import { passwordVariable } from './passwordVariable.ts';
import { Failure } from '../../util/failure.ts';
import { sentence } from '../../util/sentence.ts';

const PREFIX = 'dtsCutover.password.';
/** Which profiles have a password: SecretStorage itself cannot be listed in every version supported. */
const INDEX = 'dtsCutover.passwords';

/**
 * `elsewhere`: there is one under this profile's id, given for another server or account; `refused`: the editor's secret
 * storage does not answer, e.g. because the system's keyring is locked
 */
export type FoundPassword =
  | { readonly state: 'found'; readonly password: string }
  | { readonly state: 'elsewhere' }
  | { readonly state: 'none' }
  | { readonly state: 'refused' };

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
    const value = parsed(await secrets.get(PREFIX + profile.id));
    if (!isRecord(value) || typeof value['password'] !== 'string') return { state: 'none' };
    if (value['for'] !== purpose(profile)) return { state: 'elsewhere' };
    return { state: 'found', password: value['password'] };
  }
  return {
    async find(profile) {
      let kept: FoundPassword;
      try {
        kept = await findKept(profile);
      } catch (error) {
        log.error(`the secret storage refused the password of connection ${profile.id}`, error);
        kept = { state: 'refused' };
      }
      const password = kept.state === 'found' ? kept.password : process.env[passwordVariable(profile.id)];
      if (password === undefined) return kept;
      log.keepSecret(password);
      return { state: 'found', password };
    },
    async keep(profile, password) {
      log.keepSecret(password);
      try {
        await secrets.store(PREFIX + profile.id, JSON.stringify({ for: purpose(profile), password }));
      } catch (cause) {
        throw keyringRefused(profile.id, cause);
      }
      await memento.update(INDEX, [...ids().filter((id) => id !== profile.id), profile.id]);
    },
    forget,
    async forgetAll() {
      for (const id of ids()) await forget(id);
    },
    count: () => ids().length,
  };
}

/** What lies there may be torn or somebody else's; it is then as good as nothing. */
function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

/** The secret storage of the editor did not take or give the password of this connection. */
export function keyringRefused(id: string, cause?: unknown): Failure {
  return new Failure(
    'not-configured',
    sentence('The secret storage of the editor refuses the password of connection {id}.', { id }),
    sentence(
      'Unlock the keyring of the system, or set the environment variable {variable} and start the editor anew.',
      {
        variable: passwordVariable(id),
      },
    ),
    { cause },
  );
}

const purpose = ({ engine, nodes, user, tls }: ConnectionProfile) =>
  [engine, formatAddresses(nodes), user, tls.mode, ...(tls.pin ? [tls.pin] : [])].join(' ');
