/** What will write later by itself: prepared XA transactions, enabled events, and an upstream this server copies from. */
import type { PendingWriter } from '../../cutover/facts.ts';
import { optional, type Link } from './link.ts';
import { SYSTEM_SCHEMAS } from './text.ts';
import { readGlobalPrivileges } from './visibility.ts';

export async function listPendingWriters(link: Link, signal: AbortSignal): Promise<readonly PendingWriter[]> {
  const prepared = await preparedTransactions(link, signal);
  const events = await enabledEvents(link, signal);
  const upstreams = await runningReplication(link, signal);
  return [...prepared, ...events, ...upstreams];
}

async function preparedTransactions(link: Link, signal: AbortSignal): Promise<readonly PendingWriter[]> {
  const listed = await optional(link, link.dialect.preparedTransactions, signal);
  if (listed) {
    return listed.rows.map((row) => ({
      kind: 'prepared transaction',
      name: row[3] ?? '',
      detail: `XA, format ${row[0] ?? '?'}`,
      blocks: true,
    }));
  }
  // a prepared transaction whose client has gone belongs to no connection
  const orphans = await optional(
    link,
    'SELECT trx_id, trx_started FROM information_schema.INNODB_TRX WHERE trx_mysql_thread_id = 0',
    signal,
  );
  if (orphans) {
    return orphans.rows.map(([id, started]) => ({
      kind: 'prepared transaction',
      name: `InnoDB ${id ?? '?'}`,
      detail: `since ${started ?? '?'}`,
      blocks: true,
    }));
  }
  // what cannot be listed may be there; step 1 shows the grant that is missing
  return [{ kind: 'prepared transaction', name: '?', detail: 'cannot be listed by this account', blocks: true }];
}

async function enabledEvents(link: Link, signal: AbortSignal): Promise<readonly PendingWriter[]> {
  const scheduler = (await link.query("SHOW GLOBAL VARIABLES LIKE 'event_scheduler'", signal)).rows[0]?.[1] ?? 'OFF';
  if (scheduler !== 'ON') return [];
  const answer = await link.query(
    'SELECT EVENT_SCHEMA, EVENT_NAME, INTERVAL_VALUE, INTERVAL_FIELD, EXECUTE_AT FROM information_schema.EVENTS ' +
      `WHERE STATUS = 'ENABLED' AND EVENT_SCHEMA NOT IN (${SYSTEM_SCHEMAS.map((name) => `'${name}'`).join(', ')}) ` +
      'ORDER BY EVENT_SCHEMA, EVENT_NAME',
    signal,
  );
  const events = answer.rows.map(([schema, name, every, unit, at]): PendingWriter => ({
    kind: 'event',
    name: `${schema ?? ''}.${name ?? ''}`,
    detail: every === null ? `at ${at ?? '?'}` : `every ${every ?? '?'} ${unit ?? ''}`.toLowerCase(),
    blocks: false,
  }));
  if ((await readGlobalPrivileges(link, signal)).has('EVENT')) return events;
  // the server hides events of databases where the account lacks EVENT
  return [
    ...events,
    { kind: 'event', name: 'event_scheduler', detail: 'ON; other events may be hidden', blocks: false },
  ];
}

async function runningReplication(link: Link, signal: AbortSignal): Promise<readonly PendingWriter[]> {
  const answer = await optional(link, link.dialect.replicaStatus, signal);
  if (!answer) return [];
  const column = (...names: readonly string[]) => answer.columns.findIndex((name) => names.includes(name));
  const applying = column('Replica_SQL_Running', 'Slave_SQL_Running');
  const host = column('Source_Host', 'Master_Host');
  const port = column('Source_Port', 'Master_Port');
  return answer.rows
    .filter((row) => row[applying] === 'Yes')
    .map((row) => ({
      kind: 'job',
      name: `replication from ${row[host] ?? ''}:${row[port] ?? ''}`,
      detail: 'SQL thread running',
      blocks: false,
    }));
}
