/**
 * Statements about databases and what is in them. sys.databases, sys.schemas, sys.tables, sys.views, sys.objects,
 * sys.triggers, sys.indexes, sys.partitions: 2005 and later; sys.sequences: 2012 and later. Three-part names, so
 * that nothing depends on the current database. The server lists only what the account may see the definition of.
 */

/** Online databases the account may open, but the server's own four, the distributor's and snapshots. */
export const DATABASES = `SELECT d.name FROM sys.databases AS d
WHERE d.database_id > 4 AND d.is_distributor = 0 AND d.source_database_id IS NULL AND d.state = 0
  AND HAS_DBACCESS(d.name) = 1
ORDER BY d.name`;

/**
 * User objects: kind, schema, name (within a table: `table.name`), rows by the server's own bookkeeping.
 * @param db the database's name in brackets
 */
export function objects(db: string): string {
  return `SELECT N'table' AS kind, s.name AS schema_name, t.name AS object_name,
  CONVERT(nvarchar(20), (SELECT SUM(p.rows) FROM ${db}.sys.partitions AS p
    WHERE p.object_id = t.object_id AND p.index_id IN (0, 1))) AS row_count
FROM ${db}.sys.tables AS t JOIN ${db}.sys.schemas AS s ON s.schema_id = t.schema_id WHERE t.is_ms_shipped = 0
UNION ALL
SELECT N'view', s.name, v.name, NULL
FROM ${db}.sys.views AS v JOIN ${db}.sys.schemas AS s ON s.schema_id = v.schema_id WHERE v.is_ms_shipped = 0
UNION ALL
SELECT N'routine', s.name, o.name, NULL
FROM ${db}.sys.objects AS o JOIN ${db}.sys.schemas AS s ON s.schema_id = o.schema_id
WHERE o.is_ms_shipped = 0 AND o.type IN ('P', 'PC', 'FN', 'IF', 'TF', 'FS', 'FT', 'AF')
UNION ALL
SELECT N'trigger', s.name, r.name, NULL
FROM ${db}.sys.triggers AS r LEFT JOIN ${db}.sys.objects AS o ON o.object_id = r.object_id
LEFT JOIN ${db}.sys.schemas AS s ON s.schema_id = o.schema_id WHERE r.is_ms_shipped = 0
UNION ALL
SELECT N'sequence', s.name, q.name, NULL
FROM ${db}.sys.sequences AS q JOIN ${db}.sys.schemas AS s ON s.schema_id = q.schema_id WHERE q.is_ms_shipped = 0
UNION ALL
SELECT N'index', s.name, o.name + N'.' + i.name, NULL
FROM ${db}.sys.indexes AS i JOIN ${db}.sys.objects AS o ON o.object_id = i.object_id
JOIN ${db}.sys.schemas AS s ON s.schema_id = o.schema_id
WHERE i.index_id > 0 AND i.name IS NOT NULL AND i.is_hypothetical = 0 AND o.is_ms_shipped = 0 AND o.type IN ('U', 'V')
UNION ALL
SELECT N'constraint', s.name, o.name + N'.' + c.name, NULL
FROM ${db}.sys.objects AS c JOIN ${db}.sys.objects AS o ON o.object_id = c.parent_object_id
JOIN ${db}.sys.schemas AS s ON s.schema_id = c.schema_id
WHERE o.is_ms_shipped = 0 AND o.type = 'U' AND c.type IN ('PK', 'UQ', 'F', 'C', 'D')`;
}

/** COUNT_BIG as text: a bigint. @param table three names in brackets */
export function countRows(table: string): string {
  return `SELECT CONVERT(nvarchar(20), COUNT_BIG(*)) AS row_count FROM ${table}`;
}
