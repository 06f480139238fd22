/** Where tables and their partitions are told: what a partition has for itself stands with its table. */
import { ofExtension, USER_SCHEMA } from './digest-catalog.ts';

/**
 * `places`: relations of users, with the schema and the name of the table they are part of. The prefix is empty, or says
 * of a partition what it takes: what it is called does not matter.
 */
export const PLACES = `
  WITH RECURSIVE parts(oid, root, path) AS (
    SELECT c.oid, c.oid, '' COLLATE "C" FROM pg_class c WHERE c.relkind = 'p' AND NOT c.relispartition
    UNION ALL
    SELECT c.oid, p.root, concat_ws(' / ', NULLIF(p.path, ''), pg_get_expr(c.relpartbound, c.oid)) COLLATE "C"
      FROM parts p JOIN pg_inherits i ON i.inhparent = p.oid JOIN pg_class c ON c.oid = i.inhrelid),
  places AS (
    SELECT c.oid, n.nspname, c.relname, c.relkind, '' COLLATE "C" AS prefix
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT c.relispartition AND ${USER_SCHEMA}
    UNION ALL
    SELECT p.oid, n.nspname, c.relname, o.relkind, p.path || ': ' FROM parts p JOIN pg_class c ON c.oid = p.root
      JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_class o ON o.oid = p.oid
     WHERE p.oid <> p.root AND ${USER_SCHEMA} AND NOT ${ofExtension('pg_class', 'c.oid')})`;

/** Over `pg_index AS i` and `pg_constraint AS o` of a partition: it did not get it from its table. */
export const OWN_INDEX = 'NOT EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = i.indexrelid)';
/** `conparentid` is new in 11; in 10 the table itself has no such constraints. */
export const OWN_CONSTRAINT = `o.coninhcount = 0 AND COALESCE((to_jsonb(o)->>'conparentid')::oid, 0) = 0`;
