import assert from 'node:assert/strict';
import { ScriptedBackend, type Script } from '../../../sandbox/dts/scripted.ts';
import {
  startDtsService,
  type DtsService,
  type SandboxAccount,
  type SandboxTask,
} from '../../../sandbox/dts/service.ts';
import type { TaskRef } from '../../../src/cutover/facts.ts';
import type { CallRecord, DtsClient, DtsClientOptions } from '../../../src/dts/api.ts';
import { createDtsClient } from '../../../src/dts/client.ts';
import { Failure, type FailureReason } from '../../../src/util/failure.ts';

export const REGION = 'ap-guangzhou';
export const SECRET_KEY = 'planted-secret-key-1';
export const TOKEN = 'planted-session-token-2';
export const ACCOUNT: SandboxAccount = {
  secretId: 'AKIDsandbox',
  secretKey: SECRET_KEY,
  uin: '100000000001',
  permissions: 'full',
};

export const never = new AbortController().signal;

export function taskNamed(jobId: string, script: Script, more: Partial<SandboxTask> = {}): SandboxTask {
  return {
    jobId,
    name: 'orders-prod',
    region: REGION,
    migrateType: 'fullAndIncrement',
    source: {
      databaseType: 'postgresql',
      accessType: 'extranet',
      region: REGION,
      nodes: [{ host: '10.0.0.5', port: 5432, user: 'dts', password: 'planted-password-3' }],
    },
    target: {
      databaseType: 'postgresql',
      accessType: 'cdb',
      region: REGION,
      nodes: [
        { instanceId: 'postgres-abc', user: 'dts', tmpSecretKey: 'planted-tmp-key-4', tmpToken: 'planted-tmp-token-5' },
      ],
    },
    databases: 'all',
    backend: new ScriptedBackend(script),
    ...more,
  };
}

/** At readyComplete, nothing left to apply. */
export function readyTask(jobId = 'dts-ready001', script: Script = {}): SandboxTask {
  return taskNamed(jobId, { phase: 'incremental', percent: 100, gapMb: 0, lagSeconds: 0, ...script });
}

export function refOf(task: SandboxTask): TaskRef {
  return { region: task.region, jobId: task.jobId };
}

export function startService(
  tasks: readonly SandboxTask[],
  accounts: readonly SandboxAccount[] = [ACCOUNT],
  now: () => number = Date.now,
): Promise<DtsService> {
  return startDtsService({ accounts, tasks, now });
}

export interface Connected {
  readonly client: DtsClient;
  readonly records: CallRecord[];
}

export function connect(url: string, more: Partial<DtsClientOptions> = {}): Connected {
  const records: CallRecord[] = [];
  const client = createDtsClient({
    credentials: { secretId: ACCOUNT.secretId, secretKey: SECRET_KEY },
    endpoint: { kind: 'custom', url },
    language: 'en-US',
    log: (record) => records.push(record),
    ...more,
  });
  return { client, records };
}

export async function failureOf(work: Promise<unknown>, reason: FailureReason): Promise<Failure> {
  const error = await work.then(
    () => assert.fail(`expected a failure "${reason}"`),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof Failure, String(error));
  assert.equal(error.reason, reason, error.message);
  return error;
}

/** Every text that can be reached in a value, errors, causes and hidden properties included. */
export function everythingIn(value: unknown, seen = new Set<unknown>()): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if (seen.has(value)) return '';
  seen.add(value);
  return Reflect.ownKeys(value)
    .map((key) => `${String(key)} ${everythingIn(Reflect.get(value, key), seen)}`)
    .join('\n');
}
