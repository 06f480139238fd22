/**
 * Statements that describe the tables of the current database. Every number comes as text. What newer versions added
 * is asked for only where it exists; `level` is the major version (11 is 2012), Azure SQL Database counts as newest.
 */

/** sys.databases: everybody sees the current database. Both columns: 2005 and later. */
export const ISOLATION = `SELECT CONVERT(nvarchar(1), d.snapshot_isolation_state) AS snapshot_state,
  CONVERT(nvarchar(1), d.is_read_committed_snapshot_on) AS row_versions
FROM sys.databases AS d WHERE d.name = DB_NAME()`;

/**
 * User tables, with what keeps their rows from being read as they are. Row counts are the server's own bookkeeping.
 * is_memory_optimized: 2014 and later; is_external, masks and row filters: 2016 and later; graph tables: 2017 and later.
 * A row filter (predicate_type 0) hides rows even from the owner of the database.
 */
export function tables(level: number): string {
  const since = (version: number, sql: string) => (level >= version ? `CONVERT(nvarchar(1), ${sql})` : "N'0'");
  return `SELECT CONVERT(nvarchar(11), t.object_id) AS id, s.name AS schema_name, t.name AS table_name,
  CONVERT(nvarchar(20), (SELECT SUM(p.rows) FROM sys.partitions AS p
    WHERE p.object_id = t.object_id AND p.index_id IN (0, 1))) AS row_count,
  CONVERT(nvarchar(1), HAS_PERMS_BY_NAME(QUOTENAME(s.name) + N'.' + QUOTENAME(t.name), N'OBJECT', N'SELECT')) AS may_read,
  ${since(12, 't.is_memory_optimized')} AS in_memory,
  ${since(13, 't.is_external')} AS is_external,
  ${since(14, 'CASE WHEN t.is_node = 1 OR t.is_edge = 1 THEN 1 ELSE 0 END')} AS is_graph,
  ${since(13, 'CASE WHEN EXISTS (SELECT 1 FROM sys.masked_columns AS m WHERE m.object_id = t.object_id AND m.is_masked = 1) THEN 1 ELSE 0 END')} AS is_masked,
  ${since(13, 'CASE WHEN EXISTS (SELECT 1 FROM sys.security_predicates AS f JOIN sys.security_policies AS y ON y.object_id = f.object_id WHERE f.target_object_id = t.object_id AND f.predicate_type = 0 AND y.is_enabled = 1) THEN 1 ELSE 0 END')} AS is_filtered
FROM sys.tables AS t JOIN sys.schemas AS s ON s.schema_id = t.schema_id
WHERE t.is_ms_shipped = 0 ORDER BY s.name, t.name`;
}

/**
 * Columns with their base types: an alias type's is found by its system type, a CLR type has none.
 * COLLATIONPROPERTY: all versions; code page 65001 (UTF-8): 2019 and later.
 * Period columns and encrypted ones: 2016 and later.
 */
export function columns(level: number): string {
  const since = (version: number, sql: string) => (level >= version ? `CONVERT(nvarchar(1), ${sql})` : "N'0'");
  return `SELECT CONVERT(nvarchar(11), c.object_id) AS id, c.name AS column_name,
  CASE WHEN u.is_assembly_type = 1 THEN u.name ELSE COALESCE(b.name, u.name) END AS type_name,
  CONVERT(nvarchar(11), c.max_length) AS max_length, CONVERT(nvarchar(11), c.precision) AS number_precision,
  CONVERT(nvarchar(11), c.scale) AS number_scale, CONVERT(nvarchar(1), c.is_nullable) AS is_nullable,
  CONVERT(nvarchar(1), c.is_computed) AS is_computed, CONVERT(nvarchar(1), c.is_identity) AS is_identity,
  CONVERT(nvarchar(1), c.is_column_set) AS is_column_set, c.collation_name,
  CONVERT(nvarchar(11), COLLATIONPROPERTY(c.collation_name, 'CodePage')) AS code_page,
  ${since(13, 'c.generated_always_type')} AS generated_always,
  ${since(13, 'CASE WHEN c.encryption_type IS NULL THEN 0 ELSE 1 END')} AS is_encrypted
FROM sys.columns AS c JOIN sys.tables AS t ON t.object_id = c.object_id
JOIN sys.types AS u ON u.user_type_id = c.user_type_id
LEFT JOIN sys.types AS b ON b.user_type_id = c.system_type_id
WHERE t.is_ms_shipped = 0 ORDER BY c.object_id, c.column_id`;
}

/** Unique indexes over all rows, the primary key first. A filter leaves rows out; a disabled index guards nothing. */
export const KEYS = `SELECT CONVERT(nvarchar(11), i.object_id) AS id, i.name AS index_name,
  CONVERT(nvarchar(1), i.is_primary_key) AS is_primary, c.name AS column_name
FROM sys.indexes AS i JOIN sys.tables AS t ON t.object_id = i.object_id
JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id
JOIN sys.columns AS c ON c.object_id = x.object_id AND c.column_id = x.column_id
WHERE t.is_ms_shipped = 0 AND i.is_unique = 1 AND i.has_filter = 0 AND i.is_disabled = 0 AND i.is_hypothetical = 0
  AND x.is_included_column = 0
ORDER BY i.object_id, i.is_primary_key DESC, i.index_id, x.key_ordinal`;

/** Online databases, whether the account may open them, and whether it sees the names of all. */
export const OPENABLE = `SELECT d.name, CONVERT(nvarchar(1), HAS_DBACCESS(d.name)) AS may_open,
  CONVERT(nvarchar(1), HAS_PERMS_BY_NAME(NULL, NULL, N'VIEW ANY DATABASE')) AS sees_all,
  CASE WHEN d.database_id > 4 AND d.is_distributor = 0 AND d.source_database_id IS NULL THEN N'1' ELSE N'0' END AS of_users
FROM sys.databases AS d WHERE d.state = 0 ORDER BY d.name`;

/** sys.schemas: 2005 and later. */
export const SCHEMAS = `SELECT s.name AS schema_name FROM sys.schemas AS s ORDER BY s.name`;

/**
 * What the account may see: metadata of everything, values behind masks. HAS_PERMS_BY_NAME answers NULL for a right
 * the version does not know (UNMASK: 2016 and later).
 */
export const RIGHTS = `SELECT USER_NAME() AS account,
  CONVERT(nvarchar(1), HAS_PERMS_BY_NAME(DB_NAME(), N'DATABASE', N'VIEW DEFINITION')) AS definitions,
  CONVERT(nvarchar(1), HAS_PERMS_BY_NAME(DB_NAME(), N'DATABASE', N'UNMASK')) AS unmask`;

/** Views, procedures, functions and triggers whose text is hidden: created WITH ENCRYPTION. */
export const HIDDEN_MODULES = `SELECT COUNT_BIG(*) AS hidden FROM sys.sql_modules AS m
JOIN sys.objects AS o ON o.object_id = m.object_id WHERE o.is_ms_shipped = 0 AND m.definition IS NULL`;
