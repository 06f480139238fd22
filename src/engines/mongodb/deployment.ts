/** What stands behind an address: one server, a replica set, or the mongos of a sharded cluster. */
import type { Document } from 'mongodb';
import type { ConnectRequest } from '../engine.ts';
import { CODE, errorNumber } from './errors.ts';
import { Link, optional } from './link.ts';
import { at, stringOf } from './text.ts';

export type Kind = 'standalone' | 'replica set' | 'sharded';

export interface Deployment {
  readonly kind: Kind;
  /** for what any member answers alike; of a replica set the primary */
  readonly main: Link;
  /** every mongos, each with sessions of its own; `main` alone for the others */
  readonly members: readonly Link[];
  close(): Promise<void>;
}

export async function openDeployment(request: ConnectRequest, signal: AbortSignal): Promise<Deployment> {
  const { nodes } = request.profile;
  const first = await Link.open(request, nodes, signal);
  let kind: Kind;
  try {
    kind = kindOf(await hello(first, signal));
  } catch (error) {
    await first.close();
    throw error;
  }
  if (kind !== 'sharded' || nodes.length === 1) return deploymentOf(kind, [first]);
  // the driver would ask now this mongos, now that one
  await first.close();
  const opened = await Promise.allSettled(nodes.map((node) => Link.open(request, [node], signal)));
  const links = opened.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const failed = opened.find((each) => each.status === 'rejected');
  if (!failed) return deploymentOf(kind, links);
  await Promise.all(links.map((link) => link.close()));
  throw failed.reason;
}

function deploymentOf(kind: Kind, members: readonly Link[]): Deployment {
  const [main] = members;
  if (!main) throw new Error('a deployment has at least one node');
  return {
    kind,
    main,
    members,
    async close() {
      await Promise.all(members.map((link) => link.close()));
    },
  };
}

export async function hello(link: Link, signal: AbortSignal): Promise<Document> {
  try {
    return await link.command('admin', { hello: 1 }, signal);
  } catch (error) {
    if (errorNumber(error) !== CODE.commandNotFound) throw error;
    return link.command('admin', { isMaster: 1 }, signal);
  }
}

export function kindOf(answer: Document): Kind {
  if (answer['msg'] === 'isdbgrid') return 'sharded';
  return typeof answer['setName'] === 'string' ? 'replica set' : 'standalone';
}

/** A mongos counts as running for this long after its last sign of life, which it gives every 30 s. */
const MONGOS_ALIVE_MS = 120_000;

/**
 * Names of running mongos that are not among our addresses: what their clients do cannot be seen in full.
 * null where the account may not ask.
 */
export async function unlistedMongos({ main, members }: Deployment, signal: AbortSignal): Promise<string[] | null> {
  const answer = await hello(main, signal);
  const now = answer['localTime'] instanceof Date ? answer['localTime'] : new Date();
  const alive = { ping: { $gt: new Date(now.getTime() - MONGOS_ALIVE_MS) } };
  const listed = await optional(main.find('config', 'mongos', alive, { limit: 1_000 }, signal));
  if (!listed) return null;
  const ours = new Set<string>();
  for (const member of members) {
    const status = await optional(member.command('admin', { serverStatus: 1 }, signal));
    if (!status) return null;
    ours.add(stringOf(at(status, 'host')));
  }
  return listed.map((mongos) => String(mongos['_id'])).filter((name) => !ours.has(name));
}
