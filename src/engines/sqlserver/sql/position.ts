/**
 * Statements the write position is read with. All need VIEW SERVER STATE (2022: VIEW SERVER PERFORMANCE STATE), and
 * show every database of the server whether or not the account may open it.
 */

/** sys.dm_os_sys_info.sqlserver_start_time: 2008 and later. Counters begin at zero there. */
export const STARTED = `SELECT CONVERT(nvarchar(23), i.sqlserver_start_time, 121) AS started FROM sys.dm_os_sys_info AS i`;

/**
 * Counters of the object "Databases", one set per online database. sys.dm_os_performance_counters: 2005 and later;
 * the two that end in /sec are totals since the start in this view.
 * - Log Bytes Flushed/sec (2005 and later): what was written to the log file; a commit waits for it (but see delayed
 *   durability, 2014 and later, where it comes later, while the counters of tables do not).
 * - Write Transactions/sec (2008 and later): transactions that wrote to the database and committed. A checkpoint
 *   writes to the log without committing any.
 * - XTP Memory Used (KB) (2014 and later): more than 0 where there are memory-optimised tables.
 */
export const LOG_COUNTERS = `SELECT RTRIM(c.instance_name) AS database_name, RTRIM(c.counter_name) AS counter,
  CONVERT(nvarchar(20), c.cntr_value) AS value
FROM sys.dm_os_performance_counters AS c
WHERE c.object_name LIKE N'%:Databases%'
  AND c.counter_name IN (N'Log Bytes Flushed/sec', N'Write Transactions/sec', N'XTP Memory Used (KB)')`;

/** sys.databases: 2005 and later, is_cdc_enabled 2008 and later; listed to who holds VIEW ANY DATABASE (public does). */
export const DATABASES = `SELECT CONVERT(nvarchar(11), d.database_id) AS database_id, d.name,
  CONVERT(nvarchar(1), d.is_cdc_enabled) AS cdc, CONVERT(nvarchar(1), d.is_auto_close_on) AS auto_close,
  CONVERT(nvarchar(1), d.is_distributor) AS distributor, CONVERT(nvarchar(11), d.state) AS state
FROM sys.databases AS d`;

/**
 * What statements changed, per table: user_updates counts INSERT, UPDATE, DELETE and MERGE statements (not rows) on
 * every index and heap they touch, at once, whether or not they commit and even when they find no row to change; bulk
 * loads are counted as inserts.
 * Not counted: TRUNCATE, SELECT INTO's table before its first change, partition switching, DDL, memory-optimised
 * tables; and the counter of a table goes with its last row here when the table is dropped or its indexes are
 * rebuilt (2012, 2014), and when the database is detached, restored or closed. sys.dm_db_index_usage_stats: 2005
 * and later. `total` over all indexes moves with every change; `statements` is the most any single one was touched.
 * Object ids up to 100 are the server's own.
 */
export const TABLE_COUNTERS = `SELECT CONVERT(nvarchar(11), u.database_id) AS database_id,
  CONVERT(nvarchar(11), u.object_id) AS object_id, CONVERT(nvarchar(20), SUM(u.user_updates)) AS total,
  CONVERT(nvarchar(20), MAX(u.user_updates)) AS statements
FROM sys.dm_db_index_usage_stats AS u
WHERE u.database_id > 4 AND u.object_id > 100 AND u.user_updates > 0
GROUP BY u.database_id, u.object_id`;

/**
 * Names of tables in any database; NULL where the account may not see the definition or the table is gone.
 * OBJECT_NAME and OBJECT_SCHEMA_NAME with a database id: 2005 SP2 and later.
 * @param ids database and object ids as the server gave them
 */
export function tableNames(ids: readonly { readonly database: string; readonly object: string }[]): string {
  const values = ids.map(({ database, object }) => `(${BigInt(database)}, ${BigInt(object)})`).join(', ');
  return `SELECT CONVERT(nvarchar(11), v.database_id) AS database_id, CONVERT(nvarchar(11), v.object_id) AS object_id,
  OBJECT_SCHEMA_NAME(v.object_id, v.database_id) AS schema_name, OBJECT_NAME(v.object_id, v.database_id) AS object_name
FROM (VALUES ${values}) AS v(database_id, object_id)`;
}
