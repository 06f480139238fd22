/** What server this is: product, version, identity, when it started. */
import type { Document } from 'mongodb';
import type { ServerFacts } from '../../cutover/facts.ts';
import { hello, type Deployment } from './deployment.ts';
import { optional, type Link } from './link.ts';
import { at, numberOf, stringOf, textOf } from './text.ts';
import { accountsOf, readConnectionStatus } from './visibility.ts';

export async function readServer(deployment: Deployment, signal: AbortSignal): Promise<ServerFacts> {
  const { main } = deployment;
  const sentAt = Date.now();
  const answer = await hello(main, signal);
  const answeredAt = Date.now();
  const build = await main.command('admin', { buildInfo: 1 }, signal);
  const accounts = accountsOf(await readConnectionStatus(main, signal));
  const status = await readServerStatus(main, signal);
  const serverNow = answer['localTime'] instanceof Date ? answer['localTime'].getTime() : null;
  const clockOffset = serverNow === null ? null : Math.round(serverNow - (sentAt + answeredAt) / 2);
  const version = stringOf(build['version']);
  return {
    engine: 'mongodb',
    product: `${productOf(build)} ${version}`,
    version,
    endpoint: `${deployment.members.map((link) => link.where.endpoint).join(',')}/${main.request.profile.database}`,
    account: accounts.map(({ user, db }) => `${user}@${db}`).join(', '),
    identity: await readInstance(deployment, answer, status, signal),
    startedAt: startOf(processOf(answer, status), status, clockOffset),
    clockOffset,
    readOnly: answer['secondary'] === true || answer['readOnly'] === true,
    standby: deployment.kind === 'replica set' ? answer['secondary'] === true : null,
  };
}

function productOf(build: Document): string {
  return 'psmdbVersion' in build ? 'Percona Server for MongoDB' : 'MongoDB';
}

/** null where the account may not. The large parts that nobody reads here are left out. */
export function readServerStatus(link: Link, signal: AbortSignal): Promise<Document | null> {
  return optional(
    link.command('admin', { serverStatus: 1, wiredTiger: 0, tcmalloc: 0, locks: 0, repl: 0, mirroredReads: 0 }, signal),
  );
}

/** Two routers lead to one cluster; elsewhere files copied with their replica set's id make another deployment. */
async function readInstance(
  deployment: Deployment,
  answer: Document,
  status: Document | null,
  signal: AbortSignal,
): Promise<string> {
  const identity = await readIdentity(deployment, answer, status, signal);
  return deployment.kind === 'sharded' ? identity : `${identity} ${processOf(answer, status)}`;
}

/** What differs between two deployments and stays for one, through elections, restarts and changes of address. */
export async function readIdentity(
  { kind, main }: Deployment,
  answer: Document,
  status: Document | null,
  signal: AbortSignal,
): Promise<string> {
  const { endpoint } = main.where;
  switch (kind) {
    case 'sharded': {
      const versions = await optional(main.find('config', 'version', {}, { limit: 1 }, signal));
      const id = at(versions?.[0], 'clusterId');
      return id === undefined ? endpoint : `cluster ${textOf(id)}`;
    }
    case 'replica set': {
      const config = await optional(main.command('admin', { replSetGetConfig: 1 }, signal));
      const id = at(config, 'config', 'settings', 'replicaSetId');
      if (id !== undefined) return `replica set ${textOf(id)}`;
      const hosts = Array.isArray(answer['hosts']) ? answer['hosts'].map(String).sort() : [endpoint];
      return `replica set ${stringOf(answer['setName'])} ${hosts.join(',')}`;
    }
    case 'standalone':
      return stringOf(status?.['host']) || endpoint;
  }
}

/** One run of one server process: a name made at its start, or host, process id and start. */
export function processOf(answer: Document, status: Document | null): string {
  const id = at(answer, 'topologyVersion', 'processId');
  if (id !== undefined) return textOf(id);
  const place = `${stringOf(status?.['host'])} ${numberOf(status?.['pid']) ?? ''}`;
  const started = startMs(status);
  return started === null ? place : `${place} ${steady(place, started)}`;
}

function startMs(status: Document | null): number | null {
  const seconds = numberOf(status?.['uptime']);
  const uptime = numberOf(status?.['uptimeMillis']) ?? (seconds === null ? null : seconds * 1000);
  const now: unknown = status?.['localTime'];
  return uptime === null || !(now instanceof Date) ? null : now.getTime() - uptime;
}

/** In our clock. */
function startOf(process: string, status: Document | null, clockOffset: number | null): number | null {
  const started = startMs(status);
  return started === null ? null : Math.round(steady(process, started - (clockOffset ?? 0)));
}

/** Clock and uptime are read at two moments, so their difference trembles; within this it is one and the same start. */
const TREMBLE_MS = 5_000;
const starts = new Map<string, number>();

function steady(of: string, started: number): number {
  const known = starts.get(of);
  if (known !== undefined && Math.abs(known - started) < TREMBLE_MS) return known;
  starts.set(of, started);
  return started;
}
