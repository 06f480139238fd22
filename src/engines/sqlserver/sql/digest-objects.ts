/**
 * Statements that list what the current database holds besides rows. One row for each object, or for each column of an
 * index or key: put together by the program, because 2012 to 2016 cannot aggregate text. Views of the catalog: 2012
 * and later. `is_ms_shipped` are the server's own.
 */

/** Views, routines, triggers of tables: the text they were created with, NULL where it is hidden or compiled. */
export const MODULES = `SELECT RTRIM(o.type) AS kind, s.name AS schema_name, p.name AS table_name, o.name AS object_name,
  m.definition, CONVERT(nvarchar(1), r.is_disabled) AS disabled
FROM sys.objects AS o JOIN sys.schemas AS s ON s.schema_id = o.schema_id
LEFT JOIN sys.sql_modules AS m ON m.object_id = o.object_id
LEFT JOIN sys.triggers AS r ON r.object_id = o.object_id
LEFT JOIN sys.objects AS p ON p.object_id = o.parent_object_id
WHERE o.is_ms_shipped = 0 AND o.type IN ('V', 'P', 'PC', 'FN', 'IF', 'TF', 'FS', 'FT', 'AF', 'TR', 'TA')
ORDER BY s.name, o.name`;

/** Triggers of the database itself (parent_class 0) belong to no schema. */
export const DATABASE_TRIGGERS = `SELECT r.name AS object_name, m.definition, CONVERT(nvarchar(1), r.is_disabled) AS disabled
FROM sys.triggers AS r LEFT JOIN sys.sql_modules AS m ON m.object_id = r.object_id
WHERE r.parent_class = 0 AND r.is_ms_shipped = 0 ORDER BY r.name`;

/** Indexes, primary keys and unique constraints of tables and views, a row for each column. */
export const INDEXES = `SELECT CONVERT(nvarchar(11), i.object_id) + N'.' + CONVERT(nvarchar(11), i.index_id) AS id,
  s.name AS schema_name, o.name AS table_name, i.type_desc, i.filter_definition,
  CONVERT(nvarchar(1), i.is_unique) AS is_unique, CONVERT(nvarchar(1), i.is_primary_key) AS is_primary,
  CONVERT(nvarchar(1), i.is_unique_constraint) AS is_constraint, CONVERT(nvarchar(1), i.is_disabled) AS disabled,
  c.name AS column_name, CONVERT(nvarchar(1), x.is_descending_key) AS descending,
  CONVERT(nvarchar(1), x.is_included_column) AS included
FROM sys.indexes AS i JOIN sys.objects AS o ON o.object_id = i.object_id JOIN sys.schemas AS s ON s.schema_id = o.schema_id
JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id
JOIN sys.columns AS c ON c.object_id = x.object_id AND c.column_id = x.column_id
WHERE i.index_id > 0 AND i.is_hypothetical = 0 AND o.is_ms_shipped = 0 AND o.type IN ('U', 'V')
ORDER BY i.object_id, i.index_id, x.key_ordinal, x.index_column_id`;

/** Foreign keys, a row for each pair of columns. */
export const FOREIGN_KEYS = `SELECT CONVERT(nvarchar(11), f.object_id) AS id, s.name AS schema_name, o.name AS table_name,
  rs.name AS other_schema, r.name AS other_table, c.name AS column_name, rc.name AS other_column,
  f.delete_referential_action_desc AS on_delete, f.update_referential_action_desc AS on_update,
  CONVERT(nvarchar(1), f.is_disabled) AS disabled, CONVERT(nvarchar(1), f.is_not_trusted) AS untrusted
FROM sys.foreign_keys AS f JOIN sys.objects AS o ON o.object_id = f.parent_object_id
JOIN sys.schemas AS s ON s.schema_id = o.schema_id
JOIN sys.objects AS r ON r.object_id = f.referenced_object_id JOIN sys.schemas AS rs ON rs.schema_id = r.schema_id
JOIN sys.foreign_key_columns AS k ON k.constraint_object_id = f.object_id
JOIN sys.columns AS c ON c.object_id = k.parent_object_id AND c.column_id = k.parent_column_id
JOIN sys.columns AS rc ON rc.object_id = k.referenced_object_id AND rc.column_id = k.referenced_column_id
WHERE o.is_ms_shipped = 0 ORDER BY f.object_id, k.constraint_column_id`;

/** Check constraints; an untrusted one was not checked against the rows that were there before. */
export const CHECKS = `SELECT s.name AS schema_name, o.name AS table_name, k.definition,
  CONVERT(nvarchar(1), k.is_disabled) AS disabled, CONVERT(nvarchar(1), k.is_not_trusted) AS untrusted
FROM sys.check_constraints AS k JOIN sys.objects AS o ON o.object_id = k.parent_object_id
JOIN sys.schemas AS s ON s.schema_id = o.schema_id WHERE o.is_ms_shipped = 0`;

export const DEFAULTS = `SELECT s.name AS schema_name, o.name AS table_name, c.name AS column_name, d.definition
FROM sys.default_constraints AS d JOIN sys.objects AS o ON o.object_id = d.parent_object_id
JOIN sys.schemas AS s ON s.schema_id = o.schema_id
JOIN sys.columns AS c ON c.object_id = d.parent_object_id AND c.column_id = d.parent_column_id
WHERE o.is_ms_shipped = 0`;

/** What the server numbers itself. last_value is NULL until a row was inserted. */
export const IDENTITIES = `SELECT s.name AS schema_name, t.name AS table_name, CONVERT(nvarchar(41), i.seed_value) AS seed,
  CONVERT(nvarchar(41), i.increment_value) AS step, CONVERT(nvarchar(41), i.last_value) AS last
FROM sys.identity_columns AS i JOIN sys.tables AS t ON t.object_id = i.object_id
JOIN sys.schemas AS s ON s.schema_id = t.schema_id WHERE t.is_ms_shipped = 0`;

/**
 * Sequences. current_value is the start of one that was never used as well as of one used once; last_used_value, NULL
 * until it was used, is there since 2017.
 */
export function sequences(level: number): string {
  const last = level >= 14 ? 'CONVERT(nvarchar(41), q.last_used_value)' : "N'?'";
  return `SELECT s.name AS schema_name, q.name AS object_name, CONVERT(nvarchar(41), q.start_value) AS start,
  CONVERT(nvarchar(41), q.increment) AS step, CONVERT(nvarchar(41), q.current_value) AS now, ${last} AS last
FROM sys.sequences AS q JOIN sys.schemas AS s ON s.schema_id = q.schema_id WHERE q.is_ms_shipped = 0`;
}

/** Alias types and table types by name; what an alias stands for. */
export const TYPES = `SELECT s.name AS schema_name, u.name AS object_name, COALESCE(b.name, N'table') AS base,
  CONVERT(nvarchar(11), u.max_length) AS max_length, CONVERT(nvarchar(11), u.precision) AS number_precision,
  CONVERT(nvarchar(11), u.scale) AS number_scale, CONVERT(nvarchar(1), u.is_nullable) AS is_nullable
FROM sys.types AS u JOIN sys.schemas AS s ON s.schema_id = u.schema_id
LEFT JOIN sys.types AS b ON b.user_type_id = u.system_type_id AND u.is_table_type = 0
WHERE u.is_user_defined = 1`;

export const SYNONYMS = `SELECT s.name AS schema_name, y.name AS object_name, y.base_object_name AS definition
FROM sys.synonyms AS y JOIN sys.schemas AS s ON s.schema_id = y.schema_id WHERE y.is_ms_shipped = 0`;

/** Rights on single tables and views (class 1, the whole object). */
export const GRANTS = `SELECT s.name AS schema_name, o.name AS table_name, u.name AS account,
  p.state_desc AS state, p.permission_name AS permission
FROM sys.database_permissions AS p JOIN sys.objects AS o ON o.object_id = p.major_id
JOIN sys.schemas AS s ON s.schema_id = o.schema_id
JOIN sys.database_principals AS u ON u.principal_id = p.grantee_principal_id
WHERE p.class = 1 AND p.minor_id = 0 AND o.is_ms_shipped = 0 AND o.type IN ('U', 'V')
ORDER BY s.name, o.name, u.name, p.permission_name, p.state_desc`;
