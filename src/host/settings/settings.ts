import * as vscode from 'vscode';
import { DEFAULT_SETTINGS, type CutoverSettings } from '../../cutover/settings.ts';
import type { DtsEndpoint } from '../../dts/api.ts';
import type { ConnectionProfile } from '../../engines/engine.ts';
import { booleanOf, numberIn, oneOf, textOf, type Report } from './checks.ts';
import { connectionProfiles, taskConnections, type TaskConnections } from './connectionSettings.ts';
import { heartbeatTables } from './heartbeatTables.ts';
import { sessionRules } from './sessionRules.ts';
import { isRecord } from '../../util/record.ts';
import { strikeAll, type SecretInSetting } from './struckAddresses.ts';
import { isLoopbackUrl, judgeWorkspace, type Guarded, type Layers, type Wish } from './workspaceValues.ts';

export const CREDENTIAL_SOURCES = ['stored', 'environment', 'profile', 'file'] as const;
export type CredentialSource = (typeof CREDENTIAL_SOURCES)[number];

/** Every setting, of the right type and in range. */
export interface HostSettings {
  readonly endpoint: DtsEndpoint;
  readonly regions: readonly string[];
  readonly credentials: { readonly source: CredentialSource; readonly profile: string };
  readonly refreshSeconds: number;
  readonly cutover: CutoverSettings;
  readonly connections: ReadonlyMap<string, ConnectionProfile>;
  readonly taskConnections: ReadonlyMap<string, TaskConnections>;
  /** name of a VS Code task, '' for none */
  readonly routingTask: string;
  /** what the workspace asks for and the user has not confirmed; it is not used */
  readonly wishes: readonly Wish[];
  /** what stands in addresses that are used and belongs into the secret storage */
  readonly secrets: readonly SecretInSetting[];
  /** one sentence for each setting that cannot be used as it stands */
  readonly problems: readonly string[];
}

const REGION = /^[a-z]+(-[a-z0-9]+)+$/;

/** `confirmed`: whether the user has agreed that this workspace leads there; without it, nothing is. */
export function readSettings(confirmed: (wish: Wish) => boolean = () => false): HostSettings {
  const config = vscode.workspace.getConfiguration('dtsCutover');
  const { layers, struckIn } = layersOf(config);
  const { values, wishes } = judgeWorkspace(layers, confirmed, process.env['DTS_CUTOVER_ENDPOINT']);
  const struck = struckIn(values.connections);
  const get = (name: string): unknown => (name in values ? values[name as keyof Guarded] : config.get(name));
  const problems: string[] = [];
  const report: Report = (problem) => problems.push(problem);
  return {
    endpoint: endpoint(get('endpoint'), get('endpointUrl'), report),
    regions: regions(get('regions'), report),
    credentials: {
      source: oneOf('credentials', get('credentials'), CREDENTIAL_SOURCES, 'stored', report),
      profile: textOf('credentialsProfile', get('credentialsProfile'), 'default', report) || 'default',
    },
    refreshSeconds: number('refreshInterval', 5, 3600, 15),
    cutover: {
      ...DEFAULT_SETTINGS,
      quietWindowSeconds: number('quietWindowSeconds', 60, 300, DEFAULT_SETTINGS.quietWindowSeconds),
      zeroDwellSeconds: number('zeroDwellSeconds', 60, 600, DEFAULT_SETTINGS.zeroDwellSeconds),
      taskIntervalSeconds: number('taskIntervalSeconds', 1, 5, DEFAULT_SETTINGS.taskIntervalSeconds),
      sessionIntervalSeconds: number('sessionIntervalSeconds', 1, 5, DEFAULT_SETTINGS.sessionIntervalSeconds),
      idleBusinessBlocks: booleanOf('idleBusinessBlocks', get('idleBusinessBlocks'), true, report),
      sessionRules: sessionRules(get('sessionRules'), report),
      heartbeatTables: heartbeatTables(get('heartbeatTables'), report),
      comparisonWorkers: Math.round(number('comparisonWorkers', 1, 16, DEFAULT_SETTINGS.comparisonWorkers)),
    },
    connections: connectionProfiles(get('connections'), report, struck.problems),
    taskConnections: taskConnections(get('taskConnections'), report),
    routingTask: textOf('routingTask', get('routingTask'), '', report),
    wishes,
    secrets: struck.secrets,
    problems,
  };

  function number(name: string, minimum: number, maximum: number, fallback: number): number {
    return numberIn(name, get(name), { minimum, maximum, fallback }, report);
  }
}

/** The settings by where they come from, with addresses that hold no secret any more; and what was struck from them. */
function layersOf(config: vscode.WorkspaceConfiguration) {
  const layers = (name: keyof Guarded): Layers => {
    const found = config.inspect(name);
    const user: unknown = found?.globalValue ?? found?.defaultValue;
    const [workspace, folder]: unknown[] = [found?.workspaceValue, found?.workspaceFolderValue];
    // an untrusted workspace has no say at all
    if (!vscode.workspace.isTrusted) return { user, workspace: undefined };
    return {
      user,
      workspace: isRecord(workspace) && isRecord(folder) ? { ...workspace, ...folder } : (folder ?? workspace),
    };
  };
  const connections = layers('connections');
  const user = { ...strikeAll(connections.user), target: vscode.ConfigurationTarget.Global };
  const workspace = { ...strikeAll(connections.workspace), target: vscode.ConfigurationTarget.Workspace };
  return {
    layers: {
      endpoint: layers('endpoint'),
      endpointUrl: withoutLogin(layers('endpointUrl')),
      credentials: layers('credentials'),
      credentialsProfile: layers('credentialsProfile'),
      connections: { user: user.value, workspace: workspace.value },
    },
    /** of the connections that are used in the end */
    struckIn: (used: unknown) => {
      const secrets: SecretInSetting[] = [];
      const problems = new Map<string, string>();
      for (const { struck, target } of [user, workspace]) {
        for (const [id, { problem, ...secret }] of struck) {
          if (!isRecord(used) || used[id] !== secret.setting) continue;
          if (problem) problems.set(id, problem);
          if (secret.password !== null || secret.keyPassphrase !== null) secrets.push({ id, target, ...secret });
        }
      }
      return { secrets, problems };
    },
  };
}

/** An address of the service with a login in it is none, and nothing of it is shown or kept. */
function withoutLogin({ user, workspace }: Layers): Layers {
  const cleaned = (url: unknown) => (typeof url === 'string' && url.includes('@') ? '' : url);
  return { user: cleaned(user), workspace: cleaned(workspace) };
}

function endpoint(kind: unknown, url: unknown, report: Report): DtsEndpoint {
  const chosen = oneOf('endpoint', kind, ['mainland', 'international', 'custom'] as const, 'mainland', report);
  if (chosen !== 'custom') return { kind: chosen };
  const text = textOf('endpointUrl', url, '', report);
  if (!/^https?:\/\/[^\s/@]+\/?$/.test(text) || !URL.canParse(text)) {
    report(
      vscode.l10n.t(
        'The setting dtsCutover.endpointUrl has to be an address such as https://dts.cloud.example; nothing is asked until it is.',
      ),
    );
    return { kind: 'custom', url: '' };
  }
  if (text.startsWith('http:') && !isLoopbackUrl(text)) {
    report(
      vscode.l10n.t(
        'The setting dtsCutover.endpointUrl has to begin with https:// except for this machine itself; nothing is asked until it does.',
      ),
    );
    return { kind: 'custom', url: '' };
  }
  return { kind: 'custom', url: text.replace(/\/$/, '') };
}

function regions(value: unknown, report: Report): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  const usable = list.filter((region): region is string => typeof region === 'string' && REGION.test(region));
  if (!Array.isArray(value) || usable.length < list.length) {
    report(
      vscode.l10n.t(
        'The setting dtsCutover.regions has to be a list of regions such as ap-guangzhou; the rest is left out.',
      ),
    );
  }
  return [...new Set(usable)];
}
