/**
 * Addresses that were pasted into the settings with more in them than where: what they say takes its own place, and a
 * password or passphrase is in nothing that is read, asked or told from here on.
 */
import * as vscode from 'vscode';
import { keyOf } from '../connections/connect.ts';
import { parseAddress, formatAddresses } from '../connections/address.ts';
import type { Passwords } from '../connections/passwords.ts';
import { isPasted } from '../../engines/url.ts';
import { isRecord } from '../../util/record.ts';
import { visible } from '../../util/visible.ts';
import { showFailure } from '../errors.ts';
import type { Log } from '../log.ts';
import { ENGINES } from './engines.ts';
import type { Settings } from './watch.ts';
import { writeEntryOf } from './write.ts';

/** One connection whose address was more than one. */
interface Struck {
  /** the setting as it should stand: without any secret */
  readonly setting: Readonly<Record<string, unknown>>;
  readonly password: string | null;
  readonly keyPassphrase: string | null;
  /** why the address cannot be read, in the editor's language */
  readonly problem: string | null;
}

/** A secret that stands in a setting which is in use. */
export interface SecretInSetting extends Omit<Struck, 'problem'> {
  readonly id: string;
  readonly target: vscode.ConfigurationTarget;
}

/** The connections of one layer without secrets, and what was struck from them by the connection's name. */
export function strikeAll(connections: unknown): { value: unknown; struck: ReadonlyMap<string, Struck> } {
  if (!isRecord(connections)) return { value: connections, struck: new Map() };
  const struck = new Map<string, Struck>();
  const entries = Object.entries(connections).map(([id, value]): [string, unknown] => {
    if (!isRecord(value) || typeof value['address'] !== 'string' || !isPasted(value['address'])) return [id, value];
    const one = strike(value, value['address']);
    struck.set(id, one);
    return [id, one.setting];
  });
  return { value: Object.fromEntries(entries), struck };
}

function strike(value: Readonly<Record<string, unknown>>, text: string): Struck {
  const unreadable = (problem: string): Struck => ({
    setting: { ...value, address: '' },
    password: null,
    keyPassphrase: null,
    problem,
  });
  const engine = ENGINES.find((known) => known === value['engine']);
  // readProfile names what is wrong with the engine
  const address = engine && parseAddress(text, engine);
  if (address === undefined || typeof address === 'string') return unreadable(address ?? '');
  const { mode, ...files } = address.tls ?? {};
  const said = {
    ...{ user: address.user, database: address.database, tls: mode, ...files },
    ...{ replicaSet: address.replicaSet, authSource: address.authSource },
  };
  const given = Object.entries(said).filter(([, text]) => text != null);
  const twice = given.find(([field, text]) => (value[field] ?? text) !== text);
  if (twice) return unreadable(vscode.l10n.t('{field} stands in the address and beside it', { field: twice[0] }));
  return {
    setting: { ...value, address: formatAddresses(address.nodes), ...Object.fromEntries(given) },
    password: address.password,
    keyPassphrase: address.keyPassphrase,
    problem: null,
  };
}

/** Puts secrets that stand in settings into the secret storage, and strikes them from the settings. */
export function moveSecrets(
  settings: Settings,
  passwords: Passwords,
  reconnect: (id: string) => void,
  log: Log,
): vscode.Disposable {
  let last = Promise.resolve();
  const moveAll = () => {
    for (const secret of settings.current().secrets) {
      last = last.then(() => moved(secret)).catch((error: unknown) => showFailure(error, log, 'moving a password'));
    }
  };
  async function moved({ id, target, setting, password, keyPassphrase }: SecretInSetting): Promise<void> {
    const profile = settings.current().connections.get(id);
    // moved meanwhile; or something else is wrong with the connection, which is told
    if (!profile || !settings.current().secrets.some((secret) => secret.id === id && secret.target === target)) return;
    if (password !== null) await passwords.keep(profile, password);
    if (keyPassphrase !== null) await passwords.keep(keyOf(profile), keyPassphrase);
    await writeEntryOf('connections', id, setting, target);
    reconnect(id);
    void vscode.window.showInformationMessage(
      vscode.l10n.t(
        'The password in the address of connection {id} was moved to the secret storage. Whoever could read the settings may know it.',
        { id: visible(id) },
      ),
    );
  }
  moveAll();
  return settings.onDidChange(moveAll);
}
