/**
 * Whether everything that was committed before a moment has been published. Sessions keep counters back (see
 * positionHiders.ts); here one is waited for until it has published, has ended, or is known to have committed nothing.
 */
import { pause } from '../../util/wait.ts';
import type { DtsFootprint } from '../engine.ts';
import type { Backend } from './backend.ts';
import type { Connections } from './connections.ts';
import { readHiders, type Hider, type Hiders } from './positionHiders.ts';

/** Here nobody's writes are left out, not even DTS's. */
const NOBODY: DtsFootprint = { databases: [], objects: [] };

/** A session that is at work publishes this often: at the end of a transaction, when the last time is so long ago. */
const PUBLISHED_EVERY_MS = 1_500;
/** One that rests does so after 10 s, from version 15 on. */
const PUBLISHED_AT_REST_MS = 11_000;
const MARGIN_MS = 500;
/** What has been published takes this long to be seen, up to version 14. */
const TRAVEL_MS = 1_500;
const LOOK_AGAIN_MS = 250;
/** As long as there is somebody who publishes at rest; the others may take hours. */
const LONGEST_MS = 14_000;
const LONGEST_FOR_OTHERS_MS = 4_000;

export interface Moment {
  /** the server's clock, epoch milliseconds */
  readonly at: number;
  /** the transaction each session was in, by its process id */
  readonly transactions: Readonly<Record<string, string>>;
}

interface Seen extends Moment {
  readonly hiders: Hiders;
}

export async function readMoment(connections: Connections, signal: AbortSignal): Promise<Moment> {
  const { at, transactions } = await connections.use(signal, see);
  return { at, transactions };
}

async function see(backend: Backend, signal: AbortSignal): Promise<Seen> {
  const hiders = await readHiders(backend, NOBODY, signal);
  const locks = await backend.rows(
    `SELECT pid::text, virtualtransaction AS id FROM pg_locks
      WHERE locktype = 'virtualxid' AND granted AND mode = 'ExclusiveLock' AND pid IS NOT NULL`,
    [],
    signal,
  );
  const transactions = Object.fromEntries(locks.map((row) => [row['pid'] ?? '', row['id'] ?? '']));
  return { at: hiders.at, hiders, transactions };
}

export interface Published {
  /** the moment of the question: whatever was committed before it has been published, unless somebody is left */
  readonly moment: Moment;
  /** accounts with the process ids of the sessions that may still keep a write back */
  readonly left: readonly string[];
}

/** Waits, some seconds at most. @param since what was committed before it does not matter */
export async function untilPublished(connections: Connections, since: Moment, signal: AbortSignal): Promise<Published> {
  const first = await connections.use(signal, see);
  const asked = first.at;
  const waiting = new Set(first.hiders.sessions.map(({ pid }) => pid));
  /** the transaction a session was in when one that ends later has published by then */
  const after = new Map<string, string>();
  const began = Date.now();
  for (let seen = first; ; seen = await connections.use(signal, see)) {
    const listed = new Map(seen.hiders.sessions.map((session) => [session.pid, session]));
    for (const pid of waiting) {
      const session = listed.get(pid);
      if (!session || !mayHide(session, seen, since, asked, after)) waiting.delete(pid);
    }
    const left = [...waiting].flatMap((pid) => listed.get(pid) ?? []);
    const rests = seen.hiders.publishesAtRest && left.some(({ idle }) => idle);
    if (left.length === 0 || Date.now() - began > (rests ? LONGEST_MS : LONGEST_FOR_OTHERS_MS)) {
      if (!seen.hiders.publishesAtRest) await pause(TRAVEL_MS, signal);
      return { moment: first, left: left.map(({ account, pid }) => `${account} (${pid})`) };
    }
    await pause(LOOK_AGAIN_MS, signal);
  }
}

function mayHide(session: Hider, seen: Seen, since: Moment, asked: number, after: Map<string, string>): boolean {
  const { pid, idle } = session;
  const { at, hiders, transactions } = seen;
  if (idle) {
    if (session.since === null) return true;
    if (session.since < since.at - MARGIN_MS) return false;
    if (session.since >= asked + PUBLISHED_EVERY_MS) return false;
    return !(hiders.publishesAtRest && at - session.since > PUBLISHED_AT_REST_MS);
  }
  const transaction = transactions[pid];
  if (transaction === undefined) return true;
  // in one and the same transaction all the time: nothing was committed
  if (since.transactions[pid] === transaction) return false;
  const before = after.get(pid);
  if (before === undefined && at >= asked + PUBLISHED_EVERY_MS) after.set(pid, transaction);
  return before === undefined || before === transaction;
}
