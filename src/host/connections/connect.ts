import type { ConnectionProfile, ConnectRequest, EngineConnection } from '../../engines/engine.ts';
import { Failure } from '../../util/failure.ts';
import { sentence } from '../../util/sentence.ts';
import { formatAddresses } from './address.ts';
import { keyringRefused, type Passwords } from './passwords.ts';

/** Seen in the servers' session lists. */
export const PROGRAM_NAME = 'dts-cutover';
const TIMEOUT_MS = 10_000;

/** Connects with the password kept for this profile; the engine with its driver is loaded by the first one. */
export async function connect(
  profile: ConnectionProfile,
  passwords: Passwords,
  signal: AbortSignal,
): Promise<EngineConnection> {
  const request = await connectRequest(profile, passwords);
  const { loadEngine } = await import('../../engines/load.ts');
  const engine = await loadEngine(profile.engine);
  return engine.connect(request, signal);
}

/** Under which the passphrase of a connection's client key is kept: a password of its own. */
export const keyOf = (profile: ConnectionProfile): ConnectionProfile => ({ ...profile, id: `${profile.id} key` });

/** What to connect with; rejects where the password is not known. */
export async function connectRequest(profile: ConnectionProfile, passwords: Passwords): Promise<ConnectRequest> {
  const password = await passwordOf(profile, passwords);
  // without one the key is taken to have none
  const passphrase = profile.tls.keyFile ? await passwords.find(keyOf(profile)) : null;
  return {
    profile,
    password,
    ...(passphrase?.state === 'found' && { keyPassphrase: passphrase.password }),
    programName: PROGRAM_NAME,
    timeoutMs: TIMEOUT_MS,
  };
}

export async function passwordOf(profile: ConnectionProfile, passwords: Passwords): Promise<string> {
  const found = await passwords.find(profile);
  const names = { id: profile.id, place: formatAddresses(profile.nodes), user: profile.user };
  switch (found.state) {
    case 'found':
      return found.password;
    case 'refused':
      throw keyringRefused(profile.id);
    case 'none':
      throw new Failure(
        'not-configured',
        sentence('The password of connection {id} is not known on this machine.', names),
        sentence('Configure the connection again and enter it.'),
      );
    case 'elsewhere':
      throw new Failure(
        'not-configured',
        sentence('Connection {id} now leads to {place} as {user}; its password was given for another place.', names),
        sentence('Configure the connection again and enter the password for this place.'),
      );
  }
}
