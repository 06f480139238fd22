/**
 * The runbook's `currentOp`, run as it is for its raw result; the normalised list comes from `$currentOp`, which
 * since MongoDB 3.6 tells more (idle connections, idle sessions with transactions), or from the command without it.
 * Fields: https://www.mongodb.com/docs/manual/reference/operator/aggregation/currentOp/
 */
import type { Document } from 'mongodb';
import type { RawResult, SessionFacts, SessionList } from '../../cutover/facts.ts';
import type { Deployment } from './deployment.ts';
import { CODE, errorNumber } from './errors.ts';
import type { Link } from './link.ts';
import { normalise } from './normalise.ts';
import { at, cellOf, hostOnly, isDocument, stringOf, withoutSecrets } from './text.ts';
import { accountsOf, readConnectionStatus } from './visibility.ts';

/** One entry of the list, with the client it came over. */
export interface Listed {
  readonly session: SessionFacts;
  readonly entry: Document;
  readonly link: Link;
}

export async function listSessions(deployment: Deployment, signal: AbortSignal): Promise<SessionList> {
  const raw = await readRaw(deployment.members, signal);
  const listed = await listEntries(deployment, signal);
  return { sessions: listed.map(({ session }) => session), raw };
}

/** Every session that can be seen, with what the server said about it. */
export async function listEntries(deployment: Deployment, signal: AbortSignal): Promise<readonly Listed[]> {
  const listed: Listed[] = [];
  const own = await readOwn(deployment.main, signal);
  const sharded = deployment.kind === 'sharded';
  const add = (link: Link, entries: readonly Document[]) => {
    const sessions = normalise(entries, own, sharded, listed.length);
    sessions.forEach((session, i) => listed.push({ session, entry: entries[i] ?? {}, link }));
  };
  for (const link of deployment.members) {
    add(link, await currentOps(link, { idleConnections: true, ...(sharded ? { localOps: true } : {}) }, signal));
  }
  if (sharded) add(deployment.main, await shardOps(deployment.main, listed, signal));
  return listed;
}

/** What runs on the shards, without what a mongos listed above already shows as its client's. */
async function shardOps(link: Link, listed: readonly Listed[], signal: AbortSignal): Promise<readonly Document[]> {
  const hosts = new Set(listed.map(({ entry }) => stringOf(entry['host'])));
  const entries = await currentOps(link, {}, signal);
  return entries.filter((entry) => !hosts.has(stringOf(at(entry, 'clientMetadata', 'mongos', 'host'))));
}

/** What makes a connection ours. */
export interface Own {
  readonly appName: string;
  readonly programName: string;
  readonly account: string;
  /** our address as the server sees it, '' where it does not tell */
  readonly host: string;
}

async function readOwn(link: Link, signal: AbortSignal): Promise<Own> {
  const [account] = accountsOf(await readConnectionStatus(link, signal));
  const you = await link.command('admin', { whatsmyuri: 1 }, signal).catch((error: unknown) => {
    if (errorNumber(error) === 0) throw error;
    return {};
  });
  return {
    appName: link.appName,
    programName: link.request.programName,
    account: account?.user ?? '',
    host: hostOnly(stringOf(at(you, 'you'))),
  };
}

/** Older servers know fewer options; without `inprog` only our own operations may be asked for. */
async function currentOps(link: Link, options: Document, signal: AbortSignal): Promise<readonly Document[]> {
  const attempts: readonly Document[] = [
    { allUsers: true, idleSessions: true, ...options },
    { allUsers: true, ...options },
    { allUsers: false, idleSessions: true, ...options },
  ];
  let denied = false;
  for (const attempt of attempts) {
    if (denied && attempt['allUsers'] === true) continue;
    try {
      return await link.aggregate('admin', null, [{ $currentOp: attempt }], signal);
    } catch (error) {
      const code = errorNumber(error);
      if (code === 0) throw error;
      if (code === CODE.unauthorized) denied = true;
    }
  }
  return inProgress((await runbook(link, signal)).answer);
}

/** As mongosh sends it, and as servers take it that want a plain truth value. */
const RUNBOOK = { currentOp: 1, $all: [{ active: true }] };
const RUNBOOK_PLAIN = { currentOp: true, $all: true };
const RUNBOOK_OWN = { currentOp: 1, $all: true, $ownOps: true };

async function runbook(link: Link, signal: AbortSignal): Promise<{ query: string; answer: Document }> {
  const ask = async (command: Document, query: string) => ({
    query,
    answer: await link.command('admin', command, signal, { literal: true }),
  });
  try {
    return await ask(RUNBOOK, 'db.adminCommand({currentOp: 1, $all: [{active: true}]})');
  } catch (error) {
    const code = errorNumber(error);
    if (code === CODE.unauthorized) {
      return ask(RUNBOOK_OWN, 'db.adminCommand({currentOp: 1, $all: true, $ownOps: true})');
    }
    if (code === 0) throw error;
  }
  return ask(RUNBOOK_PLAIN, 'db.adminCommand({currentOp: true, $all: true})');
}

function inProgress(answer: Document): readonly Document[] {
  const entries: unknown = answer['inprog'];
  return Array.isArray(entries) ? entries.filter(isDocument) : [];
}

async function readRaw(members: readonly Link[], signal: AbortSignal): Promise<RawResult> {
  const entries: Document[] = [];
  let asked = '';
  for (const link of members) {
    const { query, answer } = await runbook(link, signal);
    asked = query;
    entries.push(...inProgress(answer));
  }
  const columns = [...new Set(entries.flatMap((entry) => Object.keys(entry)))];
  const rows = entries.map((entry) => columns.map((column) => cellOf(withoutSecrets(entry[column]))));
  return { query: asked, columns, rows };
}
