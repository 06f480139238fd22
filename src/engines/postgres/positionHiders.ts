/**
 * Who may keep a committed write out of the counters. A session publishes what it changed only while it rests outside
 * a transaction: at the end of a transaction when the last time was over a second ago, from PostgreSQL 15 on also
 * after 10 s of rest, and when it ends. Until then nobody but its transaction id tells of the write.
 */
import type { DtsFootprint } from '../engine.ts';
import { isOurs, type Backend } from './backend.ts';
import { arrayLiteral } from './text.ts';

/** One session that could have committed something. Times are the server's clock, epoch milliseconds. */
export interface Hider {
  readonly pid: string;
  readonly account: string;
  /** outside a transaction, waiting for its client */
  readonly idle: boolean;
  /** when it began to rest, or began what it does */
  readonly since: number | null;
  readonly transactionSince: number | null;
  /** inside a transaction that has taken an id, or nobody can tell */
  readonly mayHaveWritten: boolean;
}

export interface Hiders {
  /** the server's clock when they were listed, epoch milliseconds */
  readonly at: number;
  /** whether a session that rests for 10 s publishes: from version 15 on */
  readonly publishesAtRest: boolean;
  readonly sessions: readonly Hider[];
}

/** Between two publications of a session that is at work; 0.5 s up to version 14. With a margin. */
const PUBLISHED_EVERY_MS = 1_500;
/** A session that rests publishes within 10 s. With a margin. */
const PUBLISHED_AT_REST_MS = 11_000;

/** The moment of a sample and that of its clock are not quite the same. */
const CLOCK_MARGIN_MS = 500;

/** The server's own processes that write no row of anybody's, or whose work has counters of its own. */
const HARMLESS = [
  ...[
    'archiver',
    'autovacuum launcher',
    'autovacuum worker',
    'background writer',
    'checkpointer',
    'io worker',
    'logger',
  ],
  ...['logical replication launcher', 'parallel worker', 'slotsync worker', 'startup', 'walreceiver', 'walsender'],
  ...['walsummarizer', 'walwriter'],
];

export async function readHiders(backend: Backend, dts: DtsFootprint, signal: AbortSignal): Promise<Hiders> {
  const ms = (column: string) => `(extract(epoch FROM ${column}) * 1000)::text`;
  const rows = await backend.rowsOfAnyBytes(
    `SELECT ${ms('clock_timestamp()')} AS at, current_setting('server_version_num')::int >= 150000 AS publishes,
       a.pid::text AS pid, (a.backend_start AT TIME ZONE 'UTC')::text || '+00' AS started, a.usename::text AS account,
       a.datname::text AS database, a.state, ${ms('a.state_change')} AS since, ${ms('a.xact_start')} AS transaction_since,
       a.backend_xid IS NOT NULL AS has_id, a.query
     FROM (SELECT 1) one LEFT JOIN pg_stat_activity a ON a.datid IS NOT NULL AND a.pid <> pg_backend_pid()
       AND NOT a.backend_type = ANY (($1)::text[])`,
    [arrayLiteral(HARMLESS)],
    signal,
  );
  const sessions: Hider[] = [];
  for (const row of rows) {
    const pid = row['pid'];
    if (pid == null || isOurs(pid, row['started'] ?? '')) continue;
    if (isOfDts(row['query'] ?? '', row['database'] ?? '', dts)) continue;
    sessions.push({
      pid,
      account: row['account'] ?? '',
      idle: row['state'] === 'idle',
      since: timeOf(row['since']),
      transactionSince: timeOf(row['transaction_since']),
      mayHaveWritten: row['has_id'] === 't' || row['state'] == null || row['state'] === 'disabled',
    });
  }
  return { at: Number(rows[0]?.['at'] ?? 0), publishesAtRest: rows[0]?.['publishes'] === 't', sessions };
}

/** Those of `hiders` that may keep back what was committed between two moments of the server's clock. */
export function hidersOf({ at, publishesAtRest, sessions }: Hiders, from: number, seen: number): Hider[] {
  return sessions.filter(({ idle, since, transactionSince, mayHaveWritten }) => {
    // in one transaction since before: it committed nothing in between
    if (!idle) return mayHaveWritten || transactionSince === null || transactionSince >= from - CLOCK_MARGIN_MS;
    if (since === null) return true;
    const published = publishesAtRest && at - since > PUBLISHED_AT_REST_MS;
    return since >= from - CLOCK_MARGIN_MS && since < seen + PUBLISHED_EVERY_MS && !published;
  });
}

/** The heartbeat's own session: what it last did was to write DTS's table, and it will go on to. */
function isOfDts(query: string, database: string, dts: DtsFootprint): boolean {
  return (
    dts.databases.includes(database) ||
    [...dts.objects, ...(dts.heartbeats ?? [])].some(
      (object) => (object.database === null || object.database === database) && mentions(query, object.name),
    )
  );
}

/** As a word of its own in a statement that writes, and the only thing written there. */
function mentions(query: string, name: string): boolean {
  const written = [...query.matchAll(/\b(?:insert\s+into|update|delete\s+from)\s+(?:only\s+)?((?:"[^"]+"|[\w.])+)/gi)];
  return (
    written.length > 0 && written.every(([, target = '']) => target.replaceAll('"', '').split('.').at(-1) === name)
  );
}

function timeOf(text: string | null | undefined): number | null {
  return text == null ? null : Number(text);
}
