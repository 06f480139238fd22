/** What will write later by itself: prepared transactions, and the jobs of pg_cron. */
import type { PendingWriter } from '../../cutover/facts.ts';
import type { Backend } from './backend.ts';

const PREPARED = `
  SELECT gid, owner, database, transaction, prepared FROM pg_prepared_xacts ORDER BY prepared`;

/** pg_cron keeps its jobs in one database; row security shows an account its own jobs only. */
const CRON_READABLE = `
  SELECT to_regclass('cron.job') IS NOT NULL AS present,
    to_regclass('cron.job') IS NOT NULL AND has_schema_privilege('cron', 'USAGE')
      AND has_table_privilege('cron.job', 'SELECT') AS readable`;
const CRON = `
  SELECT jobid, to_jsonb(job) ->> 'jobname' AS jobname, schedule, command, database, username
  FROM cron.job WHERE active ORDER BY jobid`;
const CRON_HOME = `
  SELECT current_setting('cron.database_name', true) AS home,
    (SELECT count(*) FROM pg_database WHERE datname = current_setting('cron.database_name', true)) AS there`;

/** The database pg_cron keeps its jobs in, or null where the server does not run it. */
export async function cronDatabase(backend: Backend, signal: AbortSignal): Promise<string | null> {
  const [row] = await backend.rows(CRON_HOME, [], signal);
  return row?.['there'] === '1' ? (row['home'] ?? null) : null;
}

export async function listPrepared(backend: Backend, signal: AbortSignal): Promise<PendingWriter[]> {
  const rows = await backend.rows(PREPARED, [], signal);
  return rows.map((row) => ({
    kind: 'prepared transaction',
    name: row['gid'] ?? '',
    detail: `${row['database'] ?? ''}, ${row['owner'] ?? ''}, ${row['prepared'] ?? ''}`,
    blocks: true,
  }));
}

/** @param backend connected to the database pg_cron lives in */
export async function listCronJobs(backend: Backend, signal: AbortSignal): Promise<PendingWriter[]> {
  const [cron] = await backend.rows(CRON_READABLE, [], signal);
  if (cron?.['present'] !== 't') return [];
  if (cron['readable'] !== 't') {
    return [
      {
        kind: 'job',
        name: 'pg_cron',
        detail: `cron.job @ ${backend.where.database}: permission denied`,
        blocks: false,
      },
    ];
  }
  const rows = await backend.rows(CRON, [], signal);
  return rows.map((row) => ({
    kind: 'job',
    name: `pg_cron ${row['jobname'] ?? row['jobid'] ?? ''}`,
    detail: `${row['schedule'] ?? ''} @ ${row['database'] ?? ''}, ${row['username'] ?? ''}: ${row['command'] ?? ''}`,
    blocks: false,
  }));
}
