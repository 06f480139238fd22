import type { Side, TaskFacts } from '../../cutover/facts.ts';
import type { ConnectionProfile, ServerNode } from '../../engines/engine.ts';
import { sentence, type Sentence } from '../../util/sentence.ts';
import type { TaskConnections } from '../settings/connectionSettings.ts';
import { DEFAULT_PORTS } from '../../engines/defaultPorts.ts';

/** How well a connection suits one side of a task: the smaller, the better; and why, where there is a reason. */
export interface Fit {
  readonly rank: number;
  readonly why: Sentence | null;
}

export interface Place {
  readonly task: Pick<TaskFacts, 'ref' | 'source' | 'target'>;
  readonly side: Side;
  /** by id of the task */
  readonly taskConnections: ReadonlyMap<string, TaskConnections>;
}

export const otherSide = (side: Side): Side => (side === 'source' ? 'target' : 'source');

/** By the addresses DTS itself uses, then by what the connection is used for elsewhere. */
export function fitOf(profile: ConnectionProfile, { task, side, taskConnections }: Place): Fit {
  const other = otherSide(side);
  if (taskConnections.get(task.ref.jobId)?.[other] === profile.id) return { rank: 4, why: IN_USE[other] };
  if (isAt(profile, task[side])) return { rank: 0, why: MATCHES[side] };
  if (isAt(profile, task[other])) return { rank: 3, why: MATCHES[other] };
  const elsewhere = (where: Side) => [...taskConnections].find(([, sides]) => sides[where] === profile.id)?.[0];
  const asThis = elsewhere(side);
  if (asThis !== undefined) return { rank: 1, why: ELSEWHERE[side](asThis) };
  const asOther = elsewhere(other);
  return asOther === undefined ? { rank: 1, why: null } : { rank: 2, why: ELSEWHERE[other](asOther) };
}

/** The two lead to one server, as far as their addresses tell. */
export function isSameServer(one: ConnectionProfile, other: ConnectionProfile): boolean {
  return one.id === other.id || one.nodes.some((a) => other.nodes.some((b) => isSame(a, b)));
}

function isAt(profile: ConnectionProfile, endpoint: TaskFacts['source']): boolean {
  if (endpoint.engine !== profile.engine) return false;
  const defaultPort = DEFAULT_PORTS[profile.engine];
  return endpoint.nodes.some(({ host, port }) =>
    profile.nodes.some((node) => isSame(node, { host, port: port ?? defaultPort })),
  );
}

const isSame = (a: ServerNode, b: ServerNode) =>
  a.host !== '' &&
  a.host.toLowerCase() === b.host.toLowerCase() &&
  a.port === b.port &&
  a.instance?.toLowerCase() === b.instance?.toLowerCase();

const MATCHES: Readonly<Record<Side, Sentence>> = {
  source: sentence('The address of this task’s source'),
  target: sentence('The address of this task’s target'),
};
const IN_USE: Readonly<Record<Side, Sentence>> = {
  source: sentence('Already the source connection of this task'),
  target: sentence('Already the target connection of this task'),
};
const ELSEWHERE: Readonly<Record<Side, (task: string) => Sentence>> = {
  source: (task) => sentence('The source connection of {task}', { task }),
  target: (task) => sentence('The target connection of {task}', { task }),
};
