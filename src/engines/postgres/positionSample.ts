/**
 * What the server counts about writes, read without writing. Two kinds of evidence:
 * - transaction ids: every transaction that changes anything takes one, and so does one that only tried;
 * - counters of changed rows per table, per database and per sequence, published late: after a transaction ends,
 *   up to 1 s later, and from PostgreSQL 15 on up to 10 s later by a connection that has gone idle.
 * Counters are read first and the transaction id last, so whatever a counter shows is covered by the id.
 */
import type { ObjectName } from '../../cutover/facts.ts';
import type { Backend, Row } from './backend.ts';
import { readLife } from './server.ts';
import { quoteIdentifier } from './text.ts';

/** One database as its own connection shows it. */
export interface TableCounters {
  /** changed rows since the counters were reset, by table oid, zero left out; catalogs included */
  readonly changes: Readonly<Record<string, number>>;
  /** last value by sequence oid, of those we may read */
  readonly sequences: Readonly<Record<string, string>>;
  /** how often a table was analyzed: each writes the statistics in a transaction of its own */
  readonly analyzes: number;
  /** how often a table was vacuumed: may take a transaction id, to cut off empty pages */
  readonly vacuums: number;
}

export interface TableName {
  readonly schema: string;
  readonly name: string;
  /** it was created, altered, truncated or rewritten by a transaction after the earlier sample */
  readonly redefined: boolean;
  readonly temporary: boolean;
}

export interface DatabaseSample {
  readonly tables: TableCounters;
  /** by oid, tables and sequences */
  readonly names: ReadonlyMap<string, TableName>;
  /** transactions that wrote the rows DTS's own tables hold now: ids of 32 bits, not older than the earlier sample */
  readonly dtsIds: readonly string[];
}

export interface DatabaseRow {
  readonly name: string;
  readonly changes: number;
  readonly reset: string;
  /** a template: nothing of anybody's lives there, and to connect would keep others from copying it */
  readonly template: boolean;
  readonly connectable: boolean;
}

export interface ServerSample {
  /** system identifier; '' where the account may not read it */
  readonly identity: string;
  readonly timeline: string;
  readonly started: string;
  readonly recovery: boolean;
  readonly counting: boolean;
  /** next transaction id, 64 bits, never wraps */
  readonly xid: bigint;
  /** ids of transactions under way, prepared ones left out; as text, 64 bits */
  readonly open: readonly string[];
  /** the server's clock, epoch milliseconds */
  readonly now: number;
  /** roles and databases whose sessions count nothing (`track_counts` is switched off for them) */
  readonly uncounted: readonly string[];
  readonly lsn: string;
  /** transaction id by the name it was prepared under */
  readonly prepared: Readonly<Record<string, string>>;
}

/** By database oid. */
export async function readDatabases(backend: Backend, signal: AbortSignal): Promise<Map<string, DatabaseRow>> {
  const rows = await backend.rows(
    `SELECT s.datid, d.datname, s.tup_inserted + s.tup_updated + s.tup_deleted AS changes,
       coalesce(s.stats_reset::text, '') AS reset,
       d.datistemplate AS template, d.datallowconn AND NOT d.datistemplate AND has_database_privilege(d.oid, 'CONNECT') AS connectable
     FROM pg_stat_database s JOIN pg_database d ON d.oid = s.datid`,
    [],
    signal,
  );
  return new Map(
    rows.map((row) => [
      text(row, 'datid'),
      {
        name: text(row, 'datname'),
        changes: Number(row['changes']),
        reset: text(row, 'reset'),
        template: row['template'] === 't',
        connectable: row['connectable'] === 't',
      },
    ]),
  );
}

/**
 * The counters of the database the connection is for. A table's row in pg_class carries the id of the transaction
 * that last defined it, which tells a truncated or altered table where no counter of its own would.
 * @param since next transaction id of the earlier sample, null at the first
 * @param shared with the catalogs all databases have in common; for one database only, or they are counted twice
 */
export async function readTables(
  backend: Backend,
  since: bigint | null,
  shared: boolean,
  signal: AbortSignal,
): Promise<Omit<DatabaseSample, 'dtsIds'>> {
  const since32 = in32Bits(since ?? 0n);
  const rows = await backend.rows(
    `SELECT oid, nspname, relname, temporary, redefined, changes, analyzes, vacuums FROM (
       SELECT c.oid, n.nspname, c.relname, c.relpersistence = 't' AS temporary,
         $2::bool AND age(c.xmin) <= age($1::xid) AS redefined,
         pg_stat_get_tuples_inserted(c.oid) + pg_stat_get_tuples_updated(c.oid) + pg_stat_get_tuples_deleted(c.oid)
           AS changes,
         pg_stat_get_analyze_count(c.oid) + pg_stat_get_autoanalyze_count(c.oid) AS analyzes,
         pg_stat_get_vacuum_count(c.oid) + pg_stat_get_autovacuum_count(c.oid) AS vacuums
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'm') AND ($3::bool OR NOT c.relisshared)
     ) t WHERE redefined OR changes > 0 OR analyzes > 0 OR vacuums > 0`,
    [since32, String(since !== null), String(shared)],
    signal,
  );
  const changes: Record<string, number> = {};
  const names = new Map<string, TableName>();
  let analyzes = 0;
  let vacuums = 0;
  for (const row of rows) {
    const oid = text(row, 'oid');
    names.set(oid, {
      schema: text(row, 'nspname'),
      name: text(row, 'relname'),
      redefined: row['redefined'] === 't',
      temporary: row['temporary'] === 't',
    });
    if (row['changes'] !== '0') changes[oid] = Number(row['changes']);
    analyzes += Number(row['analyzes']);
    vacuums += Number(row['vacuums']);
  }
  const sequences: Record<string, string> = {};
  for (const row of await readSequences(backend, signal)) {
    const oid = text(row, 'oid');
    sequences[oid] = text(row, 'last');
    names.set(oid, { schema: text(row, 'nspname'), name: text(row, 'relname'), redefined: false, temporary: false });
  }
  return { tables: { changes, sequences, analyzes, vacuums }, names };
}

/** Ids below 3 are special and older than everything. */
function in32Bits(id: bigint): string {
  const low = id & 0xffffffffn;
  return String(low < 3n ? 3n : low);
}

/** Larger tables are not read for it; a heartbeat has one page. */
const MOST_PAGES = 64;

/**
 * @param since 64 bits; writers of before are left out
 * @param own tables of DTS in this database
 */
export async function readWriters(
  backend: Backend,
  since: bigint,
  own: readonly Pick<ObjectName, 'schema' | 'name'>[],
  signal: AbortSignal,
): Promise<string[]> {
  const ids: string[] = [];
  for (const { schema, name } of own) {
    const table = `${quoteIdentifier(schema ?? 'public')}.${quoteIdentifier(name)}`;
    const [may] = await backend.rows(
      `SELECT true AS readable FROM pg_class WHERE oid = to_regclass($1) AND relkind = 'r'
         AND pg_relation_size(oid) <= ${MOST_PAGES} * current_setting('block_size')::int
         AND has_table_privilege(oid, 'SELECT') AND has_schema_privilege(relnamespace, 'USAGE')`,
      [table],
      signal,
    );
    if (may?.['readable'] !== 't') continue;
    const rows = await backend.rows(
      `SELECT DISTINCT xmin::text AS id FROM ${table} WHERE age(xmin) <= age('${in32Bits(since)}'::xid)`,
      [],
      signal,
    );
    ids.push(...rows.map((row) => text(row, 'id')));
  }
  return ids;
}

/** `nextval` takes a transaction id only every 32nd time, and is counted nowhere. */
async function readSequences(backend: Backend, signal: AbortSignal): Promise<readonly Row[]> {
  const [able] = await backend.rows(`SELECT current_setting('server_version_num')::int >= 100000 AS able`, [], signal);
  if (able?.['able'] !== 't') return [];
  return backend.rows(
    // OFFSET 0: the functions must not see what is no sequence
    `SELECT oid, nspname, relname, coalesce(pg_sequence_last_value(oid)::text, 'unused') AS last FROM (
       SELECT c.oid, n.nspname, c.relname FROM (
         SELECT oid, relname, relnamespace FROM pg_class WHERE relkind = 'S' AND relpersistence <> 't' OFFSET 0
       ) c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE has_sequence_privilege(c.oid, 'SELECT, USAGE') OFFSET 0
     ) s`,
    [],
    signal,
  );
}

const UNCOUNTED = `(SELECT coalesce(jsonb_agg(DISTINCT coalesce(r.rolname, d.datname)), '[]')
   FROM pg_db_role_setting s CROSS JOIN unnest(s.setconfig) AS c(setting)
   LEFT JOIN pg_roles r ON r.oid = s.setrole LEFT JOIN pg_database d ON d.oid = s.setdatabase
   WHERE lower(c.setting) LIKE 'track_counts=%'
     AND NOT lower(split_part(c.setting, '=', 2)) IN ('on', 'true', 'tru', 'tr', 't', 'yes', 'ye', 'y', '1'))`;

export async function readServerSample(backend: Backend, signal: AbortSignal): Promise<ServerSample> {
  const [version] = await backend.rows(
    `SELECT current_setting('server_version_num')::int >= 100000 AS modern, pg_is_in_recovery() AS recovery`,
    [],
    signal,
  );
  const current = version?.['modern'] === 't' ? 'pg_current_wal_lsn()' : 'pg_current_xlog_location()';
  const replayed = version?.['modern'] === 't' ? 'pg_last_wal_replay_lsn()' : 'pg_last_xlog_replay_location()';
  const lsn = version?.['recovery'] === 't' ? replayed : current;
  const row = await readLife(
    backend,
    `txid_snapshot_xmax(s.snapshot) AS xid, ${lsn} AS lsn,
     (SELECT string_agg(id::text, ',') FROM txid_snapshot_xip(s.snapshot) AS id
       WHERE (id & 4294967295)::text NOT IN (SELECT transaction::text FROM pg_prepared_xacts)) AS open,
     (extract(epoch FROM clock_timestamp()) * 1000)::text AS clock,
     (SELECT reset_val FROM pg_settings WHERE name = 'track_counts') AS counting, ${UNCOUNTED} AS uncounted,
     (SELECT coalesce(jsonb_object_agg(gid, transaction::text), '{}') FROM pg_prepared_xacts) AS prepared
     FROM (SELECT txid_current_snapshot() AS snapshot OFFSET 0) s`,
    signal,
  );
  return {
    identity: text(row, 'identity'),
    timeline: text(row, 'timeline'),
    started: text(row, 'started'),
    recovery: row['recovery'] === 't',
    counting: row['counting'] === 'on',
    xid: BigInt(text(row, 'xid')),
    open: text(row, 'open')
      .split(',')
      .filter((id) => id !== ''),
    now: Number(text(row, 'clock')),
    uncounted: JSON.parse(text(row, 'uncounted')) as string[],
    lsn: text(row, 'lsn'),
    prepared: JSON.parse(text(row, 'prepared')) as Record<string, string>,
  };
}

function text(row: Row, column: string): string {
  return row[column] ?? '';
}
