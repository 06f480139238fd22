import * as vscode from 'vscode';
import { ScriptedBackend, type Script } from '../../../sandbox/dts/scripted.ts';
import { startDtsService, type DtsService, type SandboxAccount } from '../../../sandbox/dts/service.ts';
import type { SandboxTask } from '../../../sandbox/dts/task.ts';
import type { Credentials } from '../../../src/dts/api.ts';
import { createCloud } from '../../../src/host/cloud/cloud.ts';
import { TaskList } from '../../../src/host/cloud/taskList.ts';
import { passwords } from '../../../src/host/connections/passwords.ts';
import type { CredentialStore } from '../../../src/host/credentials/store.ts';
import type { Log } from '../../../src/host/log.ts';
import { RunRegistry } from '../../../src/host/runs/registry.ts';
import { watchSettings } from '../../../src/host/settings/watch.ts';
import { TasksProvider } from '../../../src/host/tasksView/provider.ts';

export const account: SandboxAccount = {
  secretId: 'AKIDhosttests0001',
  secretKey: 'host-tests-secret-key-0001',
  uin: '100000000001',
  permissions: 'full',
};
export const powerless: SandboxAccount = { ...account, secretId: 'AKIDhosttests0002', permissions: 'none' };
export const region = 'ap-guangzhou';

/** A task that moves nothing and stands where its script says. */
export function task(jobId: string, script: Script = { phase: 'full' }, more: Partial<SandboxTask> = {}): SandboxTask {
  const endpoint = { databaseType: 'mysql', accessType: 'extranet', region, nodes: [{ host: '10.0.0.5', port: 3306 }] };
  return {
    jobId,
    name: `name of ${jobId}`,
    region,
    migrateType: 'fullAndIncrement',
    source: endpoint,
    target: endpoint,
    databases: 'all',
    backend: new ScriptedBackend(script),
    ...more,
  };
}

export const startService = (tasks: readonly SandboxTask[]): Promise<DtsService> =>
  startDtsService({ accounts: [account, powerless], tasks });

/** Sets these settings of the extension and takes them back in the end. */
export async function withSettings(values: Record<string, unknown>): Promise<() => Promise<void>> {
  const set = async (name: string, value: unknown) =>
    vscode.workspace.getConfiguration('dtsCutover').update(name, value, vscode.ConfigurationTarget.Global);
  for (const [name, value] of Object.entries(values)) await set(name, value);
  return async () => {
    for (const name of Object.keys(values)) await set(name, undefined);
  };
}

export const settingsFor = (service: DtsService, regions: readonly string[] = [region]) => ({
  endpoint: 'custom',
  endpointUrl: service.url,
  regions,
});

/** What is behind the Tasks view, with keys of the test's own instead of the editor's. */
export function viewParts(keys: Credentials = account, folder = '/nonexistent') {
  const lines: string[] = [];
  const write = (text: string) => void lines.push(text);
  const log: Log = {
    debug: write,
    info: write,
    warn: write,
    error: write,
    keepSecret: () => undefined,
    show: () => undefined,
    dispose: () => undefined,
  };
  const credentials: CredentialStore = {
    read: () => Promise.resolve(keys),
    find: () => Promise.resolve(keys),
    keep: () => Promise.resolve(),
    forget: () => Promise.resolve(),
  };
  const settings = watchSettings();
  const cloud = createCloud(settings, credentials, log);
  const list = new TaskList(cloud, settings, log);
  const storage = { secrets: secretsInMemory(), memento: mementoInMemory() };
  const kept = passwords(storage.secrets, storage.memento, log);
  const runs = new RunRegistry(
    { cloud, settings, passwords: kept },
    { storage: vscode.Uri.file(folder), memento: storage.memento },
    log,
  );
  const provider = new TasksProvider({ list, runs, settings, cloud, memento: storage.memento });
  return {
    log,
    lines,
    settings,
    cloud,
    list,
    runs,
    passwords: kept,
    provider,
    storage,
    async dispose() {
      provider.dispose();
      list.dispose();
      await runs.dispose();
      settings.dispose();
    },
  };
}

export type ViewParts = ReturnType<typeof viewParts>;

export function secretsInMemory(): vscode.SecretStorage {
  const kept = new Map<string, string>();
  const changed = new vscode.EventEmitter<vscode.SecretStorageChangeEvent>();
  return {
    get: (key) => Promise.resolve(kept.get(key)),
    store: (key, value) => Promise.resolve(void kept.set(key, value)),
    delete: (key) => Promise.resolve(void kept.delete(key)),
    onDidChange: changed.event,
  };
}

export function mementoInMemory(): vscode.Memento {
  const kept = new Map<string, unknown>();
  return {
    keys: () => [...kept.keys()],
    get: <T>(key: string, fallback?: T) => (kept.has(key) ? (kept.get(key) as T) : fallback) as T,
    update: (key, value) => Promise.resolve(void kept.set(key, value)),
  };
}

/** The next time an event fires. */
export function next<T>(event: vscode.Event<T>): Promise<T> {
  return new Promise((resolve) => {
    const subscription = event((value) => {
      subscription.dispose();
      resolve(value);
    });
  });
}
