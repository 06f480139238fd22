/** Databases, their objects, and exact row counts. The server's own objects and those of extensions are left out. */
import type { ObjectName } from '../../cutover/facts.ts';
import { DTS_FOOTPRINT, type ObjectFacts } from '../engine.ts';
import type { Backend } from './backend.ts';
import { PROVIDER_DATABASES } from './providers.ts';
import { arrayLiteral, quoteIdentifier } from './text.ts';

/** A count scans the table, so the limit for one answer would be the wrong one: ten minutes, and the abort signal. */
const COUNT_LIMIT_MS = 600_000;

export async function listDatabases(backend: Backend, signal: AbortSignal): Promise<string[]> {
  const rows = await backend.rows(
    `SELECT datname FROM pg_database
     WHERE datallowconn AND NOT datistemplate AND has_database_privilege(oid, 'CONNECT') AND datname <> ALL (($1)::name[])
     ORDER BY datname`,
    [arrayLiteral([...DTS_FOOTPRINT.postgres.databases, ...PROVIDER_DATABASES])],
    signal,
  );
  return rows.map((row) => row['datname'] ?? '');
}

/**
 * Names as one sees them: a trigger, a constraint or an index as `table.name`, for it is unique only there; a routine
 * with its argument types. A partitioned table appears once, with the rows of all its partitions; partitions do not.
 */
const OBJECTS = `
  WITH user_schema AS (
    SELECT oid, nspname FROM pg_namespace
    WHERE nspname <> 'information_schema' AND nspname NOT LIKE 'pg\\_%'
  ), relation AS (
    SELECT c.oid, s.nspname, c.relname, c.relkind, c.reltuples, c.relispartition
    FROM pg_class c JOIN user_schema s ON s.oid = c.relnamespace
    WHERE c.relpersistence <> 't' AND NOT EXISTS (
      SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
  ), leaf AS (
    WITH RECURSIVE tree(root, oid) AS (
      SELECT oid, oid FROM relation WHERE relkind = 'p' AND NOT relispartition
      UNION ALL SELECT t.root, i.inhrelid FROM tree t JOIN pg_inherits i ON i.inhparent = t.oid
    ) SELECT root, min(c.reltuples) AS least, sum(c.reltuples) AS tuples
      FROM tree t JOIN pg_class c ON c.oid = t.oid AND c.relkind IN ('r', 'f') GROUP BY root
  )
  SELECT CASE relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' ELSE 'table' END
      AS kind, nspname AS schema, relname AS name,
    CASE WHEN relkind IN ('r', 'm') THEN CASE WHEN reltuples >= 0 THEN round(reltuples)::bigint END
      WHEN relkind = 'p' THEN (SELECT round(tuples)::bigint FROM leaf WHERE root = relation.oid AND least >= 0) END AS rows
  FROM relation WHERE relkind IN ('r', 'p', 'v', 'm', 'S') AND NOT relispartition
  UNION ALL
  SELECT 'index', r.nspname, r.relname || '.' || c.relname, NULL
  FROM pg_index i JOIN relation r ON r.oid = i.indrelid JOIN pg_class c ON c.oid = i.indexrelid
  WHERE r.relkind IN ('r', 'p', 'm') AND NOT r.relispartition
  UNION ALL
  SELECT 'constraint', r.nspname, r.relname || '.' || k.conname, NULL
  FROM pg_constraint k JOIN relation r ON r.oid = k.conrelid
  WHERE k.contype IN ('c', 'f', 'p', 'u', 'x', 'n') AND NOT r.relispartition
  UNION ALL
  SELECT 'trigger', r.nspname, r.relname || '.' || t.tgname, NULL
  FROM pg_trigger t JOIN relation r ON r.oid = t.tgrelid WHERE NOT t.tgisinternal AND NOT r.relispartition
  UNION ALL
  SELECT 'routine', s.nspname, p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')', NULL
  FROM pg_proc p JOIN user_schema s ON s.oid = p.pronamespace
  WHERE NOT EXISTS (
    SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
  ORDER BY 1, 2, 3`;

const KINDS = [
  'table',
  'view',
  'materialized view',
  'routine',
  'trigger',
  'sequence',
  'index',
  'constraint',
] as const satisfies readonly ObjectFacts['kind'][];

export async function listObjects(backend: Backend, signal: AbortSignal): Promise<ObjectFacts[]> {
  const rows = await backend.rows(OBJECTS, [], signal);
  return rows.flatMap((row) => {
    const kind = KINDS.find((known) => known === row['kind']);
    if (!kind) return [];
    const object = { database: backend.where.database, schema: row['schema'] ?? '', name: row['name'] ?? '' };
    return [{ kind, object, estimatedRows: row['rows'] == null ? null : Number(row['rows']) }];
  });
}

/** Exact; above 2^53 rows the number would lose digits, which no table of this world reaches. */
export async function countRows(backend: Backend, table: ObjectName, signal: AbortSignal): Promise<number> {
  const name = [table.schema ?? 'public', table.name].map(quoteIdentifier).join('.');
  const [row] = await backend.rows(`SELECT count(*) AS rows FROM ${name}`, [], signal, COUNT_LIMIT_MS);
  return Number(row?.['rows']);
}
