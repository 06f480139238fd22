/** What server this is, and whether it is still the same one in the same life. */
import type { ServerFacts } from '../../cutover/facts.ts';
import type { Backend, Row } from './backend.ts';
import { instant } from './text.ts';

/** The columns that tell one server, one timeline and one run of its process from another; for any query of ours. */
const LIFE_COLUMNS = `
  (SELECT system_identifier FROM pg_control_system()) AS identity,
  (SELECT timeline_id FROM pg_control_checkpoint()) AS timeline,
  pg_postmaster_start_time() AS started,
  pg_is_in_recovery() AS recovery`;

/** The same where the account may not call the `pg_control_…` functions: the timeline is in the name of a WAL file. */
const LIFE_COLUMNS_WITHOUT_CONTROL = `
  NULL AS identity,
  CASE WHEN pg_is_in_recovery() THEN NULL ELSE left(pg_walfile_name(pg_current_wal_lsn()), 8) END AS timeline,
  pg_postmaster_start_time() AS started,
  pg_is_in_recovery() AS recovery`;

const SERVER = `
  current_setting('server_version') AS version, current_setting('port') AS port, current_user AS account, current_database() AS database,
  clock_timestamp() AS now,
  (SELECT reset_val FROM pg_settings WHERE name = 'default_transaction_read_only') AS read_only`;

export async function readServer(backend: Backend, signal: AbortSignal): Promise<ServerFacts> {
  const asked = Date.now();
  const row = await readLife(backend, SERVER, signal);
  const answered = Date.now();
  const version = (row['version'] ?? '').split(' ')[0] ?? '';
  const now = instant(row['now'] ?? null);
  const offset = now === null ? null : Math.round(now - (asked + answered) / 2);
  const started = instant(row['started'] ?? null);
  return {
    engine: 'postgres',
    product: `PostgreSQL ${version}`,
    version,
    endpoint: `${backend.where.endpoint}/${row['database'] ?? backend.where.database}`,
    account: row['account'] ?? '',
    // not the system identifier: a target made from the source's files has it too, and not every account may read it
    identity: `port ${row['port'] ?? ''}, started ${row['started'] ?? ''}`,
    startedAt: started === null ? null : started - (offset ?? 0),
    clockOffset: offset,
    readOnly: row['recovery'] === 't' || row['read_only'] === 'on',
    standby: row['recovery'] === 't',
  };
}

/** One row with the life columns and `columns`. Whether the account may call `pg_control_…` is asked first. */
export async function readLife(backend: Backend, columns: string, signal: AbortSignal): Promise<Row> {
  const [may] = await backend.rows(
    `SELECT bool_and(has_function_privilege(oid, 'EXECUTE')) AS control FROM pg_proc
     WHERE proname IN ('pg_control_system', 'pg_control_checkpoint') AND pronamespace = 'pg_catalog'::regnamespace`,
    [],
    signal,
  );
  const life = may?.['control'] === 't' ? LIFE_COLUMNS : LIFE_COLUMNS_WITHOUT_CONTROL;
  const [row] = await backend.rows(`SELECT ${life}, ${columns}`, [], signal);
  return row ?? {};
}
