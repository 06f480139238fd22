import * as vscode from 'vscode';
import type { Side } from '../../cutover/facts.ts';
import type { ConnectionProfile } from '../../engines/engine.ts';
import { normalPins } from '../../engines/pin.ts';
import { formatAddresses, parseAddresses } from '../connections/address.ts';
import type { Report } from './checks.ts';
import { ENGINES, TLS_MODES } from './engines.ts';
import { isRecord } from '../../util/record.ts';

/** Which connection stands for which side of a task. */
export type TaskConnections = Readonly<Partial<Record<Side, string>>>;

/** `problems`: what is known already to be wrong with an address, by the connection's name. */
export function connectionProfiles(
  value: unknown,
  report: Report,
  problems: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, ConnectionProfile> {
  const profiles = new Map<string, ConnectionProfile>();
  if (!isRecord(value)) {
    report(vscode.l10n.t('The setting dtsCutover.connections has to be an object; no connection is used.'));
    return profiles;
  }
  for (const [id, candidate] of Object.entries(value)) {
    const profile = problems.get(id) ?? readProfile(id, candidate);
    if (typeof profile !== 'string') profiles.set(id, profile);
    else {
      report(
        vscode.l10n.t('The connection {id} in dtsCutover.connections cannot be used: {problem}.', {
          id,
          problem: profile,
        }),
      );
    }
  }
  return profiles;
}

const TEXTS = ['address', 'user', 'database', 'pin', 'caFile', 'certFile', 'keyFile', 'replicaSet', 'authSource'];

/** The profile, or what is wrong with it. */
function readProfile(id: string, value: unknown): ConnectionProfile | string {
  if (!isRecord(value)) return vscode.l10n.t('it is no object');
  const engine = ENGINES.find((known) => known === value['engine']);
  if (!engine) return vscode.l10n.t('engine has to be one of {choices}', { choices: ENGINES.join(', ') });
  const mode = TLS_MODES.find((known) => known === (value['tls'] ?? 'verify-full'));
  if (!mode) return vscode.l10n.t('tls has to be one of {choices}', { choices: TLS_MODES.join(', ') });
  const texts: Record<string, string> = {};
  for (const field of TEXTS) {
    const text = value[field] ?? '';
    if (typeof text !== 'string') return vscode.l10n.t('{field} has to be a text', { field });
    texts[field] = text.trim();
  }
  const nodes = parseAddresses(texts['address'] ?? '', engine);
  if (typeof nodes === 'string') return nodes;
  const pin = mode === 'pinned' ? normalPins(texts['pin'] ?? '') : null;
  if (mode === 'pinned' && pin === null) return vscode.l10n.t('pin has to be a SHA-256 fingerprint');
  return {
    id,
    engine,
    nodes,
    user: texts['user'] ?? '',
    database: texts['database'] ?? '',
    tls: {
      mode,
      ...(pin !== null && { pin }),
      ...(texts['caFile'] && { caFile: texts['caFile'] }),
      ...(texts['certFile'] && { certFile: texts['certFile'] }),
      ...(texts['keyFile'] && { keyFile: texts['keyFile'] }),
    },
    ...(texts['replicaSet'] && { replicaSet: texts['replicaSet'] }),
    ...(texts['authSource'] && { authSource: texts['authSource'] }),
  };
}

/** The profile as it stands in settings.json. */
export function profileSetting(profile: ConnectionProfile): Record<string, string> {
  return {
    engine: profile.engine,
    address: formatAddresses(profile.nodes),
    user: profile.user,
    ...(profile.database && { database: profile.database }),
    tls: profile.tls.mode,
    ...(profile.tls.pin && { pin: profile.tls.pin }),
    ...(profile.tls.caFile && { caFile: profile.tls.caFile }),
    ...(profile.tls.certFile && { certFile: profile.tls.certFile }),
    ...(profile.tls.keyFile && { keyFile: profile.tls.keyFile }),
    ...(profile.replicaSet && { replicaSet: profile.replicaSet }),
    ...(profile.authSource && { authSource: profile.authSource }),
  };
}

/** Task id → the connections of its sides. */
export function taskConnections(value: unknown, report: Report): ReadonlyMap<string, TaskConnections> {
  const byTask = new Map<string, TaskConnections>();
  if (!isRecord(value)) {
    report(vscode.l10n.t('The setting dtsCutover.taskConnections has to be an object; no task has a connection.'));
    return byTask;
  }
  for (const [jobId, sides] of Object.entries(value)) {
    const source = isRecord(sides) ? sides['source'] : null;
    const target = isRecord(sides) ? sides['target'] : null;
    const usable = [source, target].every((id) => id === undefined || typeof id === 'string');
    if (!usable) {
      report(
        vscode.l10n.t(
          'The task {jobId} in dtsCutover.taskConnections needs the names of its source and target connection.',
          { jobId },
        ),
      );
      continue;
    }
    byTask.set(jobId, {
      ...(typeof source === 'string' && { source }),
      ...(typeof target === 'string' && { target }),
    });
  }
  return byTask;
}
