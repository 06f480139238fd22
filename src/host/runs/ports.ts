import { userInfo } from 'node:os';
import { NO_MEMORY, type ComparisonMemory } from '../../comparison/memory.ts';
import type { Side, TaskRef } from '../../cutover/facts.ts';
import type { Confirmation, EndpointPort, RunPorts, TaskPort } from '../../cutover/ports.ts';
import type { ComparedEndpoint } from '../../engines/compareThrough.ts';
import type { ConnectionProfile } from '../../engines/engine.ts';
import { Failure } from '../../util/failure.ts';
import { sentence } from '../../util/sentence.ts';
import type { Cloud } from '../cloud/cloud.ts';
import { connect, connectRequest } from '../connections/connect.ts';
import type { Passwords } from '../connections/passwords.ts';
import type { Settings } from '../settings/watch.ts';
import { lazyCompare } from './compare.ts';
import { confirm } from './confirm.ts';
import { dtsComparisonPort } from './dtsComparison.ts';

export interface PortParts {
  readonly cloud: Cloud;
  readonly settings: Settings;
  readonly passwords: Passwords;
}

/** What a run of this task gets from the editor: the service, the two databases, the user. */
export function runPorts(ref: TaskRef, parts: PortParts, memory: ComparisonMemory = NO_MEMORY): RunPorts {
  const endpoints = { source: endpointPort(ref, 'source', parts), target: endpointPort(ref, 'target', parts) };
  return {
    task: taskPort(ref, parts.cloud),
    endpoints,
    compare: lazyCompare(endpoints, { workers: () => parts.settings.current().cutover.comparisonWorkers, memory }),
    dtsComparison: dtsComparisonPort(ref, parts.cloud),
    confirm: async (request, signal) => confirm(await withPlace(request, ref, parts.cloud), signal),
    userName: () => userInfo().username,
  };
}

/** What cannot be undone says where it goes and as whom. */
async function withPlace(request: Confirmation, ref: TaskRef, cloud: Cloud): Promise<Confirmation> {
  if (request.typed === null) return request;
  const place = sentence('Sent to {endpoint}, region {region}, as {account}.', {
    endpoint: cloud.endpointName(),
    region: ref.region,
    account: await cloud.accountName(),
  });
  return { ...request, details: [...request.details, place] };
}

function taskPort(ref: TaskRef, cloud: Cloud): TaskPort {
  return {
    read: async (signal) => (await cloud.client()).readTask(ref, signal),
    complete: async (signal) => (await cloud.client()).completeTask(ref, signal),
  };
}

function endpointPort(ref: TaskRef, side: Side, { settings, passwords }: PortParts): EndpointPort & ComparedEndpoint {
  return {
    configured: () => findProfile(ref, side, settings) !== undefined,
    request: async () => connectRequest(profileOf(ref, side, settings), passwords),
    connect: async (signal) => connect(profileOf(ref, side, settings), passwords, signal),
  };
}

/** The profile configured for a side of a task, by the settings as they are now. */
export function findProfile({ jobId }: TaskRef, side: Side, settings: Settings): ConnectionProfile | undefined {
  const { connections, taskConnections } = settings.current();
  const id = taskConnections.get(jobId)?.[side];
  return id === undefined ? undefined : connections.get(id);
}

export function profileOf(ref: TaskRef, side: Side, settings: Settings): ConnectionProfile {
  const profile = findProfile(ref, side, settings);
  if (profile) return profile;
  throw new Failure(
    'not-configured',
    side === 'source'
      ? sentence('The source connection of {task} is not configured.', { task: ref.jobId })
      : sentence('The target connection of {task} is not configured.', { task: ref.jobId }),
    sentence('Configure it in the panel or by the menu of the task.'),
  );
}
