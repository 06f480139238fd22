/** What a migration may leave out, as the statements that make it again: roles, grants, views, routines, triggers. */
import type { CarriedObject } from '../engine.ts';
import type { Backend } from './backend.ts';

/** Roles of the whole server, without passwords: who they are, and which others they belong to. */
const ROLES = `
  SELECT 'role' AS kind, NULL AS schema, r.rolname AS name,
    format('CREATE ROLE %I %s%s%s%s; -- set its password', r.rolname,
      CASE WHEN r.rolcanlogin THEN 'LOGIN' ELSE 'NOLOGIN' END, CASE WHEN r.rolcreatedb THEN ' CREATEDB' ELSE '' END,
      CASE WHEN r.rolcreaterole THEN ' CREATEROLE' ELSE '' END, CASE WHEN r.rolinherit THEN '' ELSE ' NOINHERIT' END)
    || coalesce((SELECT string_agg(format(E'\\nGRANT %I TO %I;', g.rolname, r.rolname), '' ORDER BY g.rolname)
      FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid), '') AS statement
  FROM pg_roles r WHERE r.rolname !~ '^pg_' AND NOT r.rolsuper
  ORDER BY r.rolname`;

const USER_SCHEMA = `n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'`;
const notOfExtension = (catalog: string, alias: string) =>
  `NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = '${catalog}'::regclass AND d.objid = ${alias}.oid AND d.deptype = 'e')`;

const GRANTED = `CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END`;
/** One statement for each object and grantee; what its owner may do goes without saying. */
const grants = (what: string, acl: string, owner: string, from: string, name: string, which = 'true') => `
  SELECT 'grant' AS kind, n.nspname AS schema, ${name} AS name,
    format('GRANT %s ON %s TO %s;', string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type), ${what}, ${GRANTED}) AS statement
  FROM ${from} CROSS JOIN LATERAL aclexplode(${acl}) a
  WHERE ${USER_SCHEMA} AND a.grantee <> ${owner} AND ${which}
  GROUP BY n.nspname, ${name}, ${what}, a.grantee`;

const OBJECTS = [
  `SELECT 'view' AS kind, n.nspname AS schema, c.relname AS name,
     format(E'CREATE %s %I.%I AS\\n%s', CASE c.relkind WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'VIEW' END, n.nspname,
       c.relname, pg_get_viewdef(c.oid)) AS statement
   FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE ${USER_SCHEMA} AND c.relkind IN ('v', 'm') AND ${notOfExtension('pg_class', 'c')} ORDER BY c.oid`,
  `SELECT CASE WHEN l.result = 'procedure' THEN 'procedure' ELSE 'function' END AS kind, n.nspname AS schema, p.proname AS name,
     rtrim(pg_get_functiondef(p.oid)) || ';' AS statement
   FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace CROSS JOIN LATERAL (
     SELECT CASE WHEN pg_get_functiondef(p.oid) ILIKE 'CREATE OR REPLACE PROCEDURE%' THEN 'procedure' ELSE 'function' END AS result) l
   WHERE ${USER_SCHEMA} AND ${notOfExtension('pg_proc', 'p')}
     AND NOT EXISTS (SELECT 1 FROM pg_aggregate g WHERE g.aggfnoid = p.oid) ORDER BY p.oid`,
  `SELECT 'trigger' AS kind, n.nspname AS schema, t.tgname AS name, pg_get_triggerdef(t.oid) || ';' AS statement
   FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE ${USER_SCHEMA} AND NOT t.tgisinternal ORDER BY t.oid`,
  // what everybody may do in `public` is there by itself
  `${grants(
    "format('SCHEMA %I', n.nspname)",
    'n.nspacl',
    'n.nspowner',
    'pg_namespace n',
    'n.nspname',
    "(n.nspname <> 'public' OR a.grantee <> 0)",
  )}
   UNION ALL ${grants(
     "format('%s %I.%I', CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, n.nspname, c.relname)",
     'c.relacl',
     'c.relowner',
     'pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace',
     'c.relname',
   )}
   UNION ALL ${grants(
     "format('FUNCTION %s', p.oid::regprocedure)",
     'p.proacl',
     'p.proowner',
     'pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace',
     'p.proname',
   )} ORDER BY 2, 3, 4`,
];

export async function listRoles(backend: Backend, signal: AbortSignal): Promise<CarriedObject[]> {
  return (await backend.rows(ROLES, [], signal)).map((row) => carried(row, null));
}

/** Of the database the session is in. */
export async function listCarryOver(backend: Backend, signal: AbortSignal): Promise<CarriedObject[]> {
  const objects: CarriedObject[] = [];
  for (const sql of OBJECTS) {
    for (const row of await backend.rows(sql, [], signal)) objects.push(carried(row, backend.where.database));
  }
  return objects;
}

const KINDS = ['role', 'grant', 'view', 'function', 'procedure', 'trigger'] as const;

function carried(row: Readonly<Record<string, string | null>>, database: string | null): CarriedObject {
  const kind = KINDS.find((known) => known === row['kind']) ?? 'function';
  return {
    kind,
    database,
    schema: row['schema'] ?? null,
    name: row['name'] ?? '',
    statement: row['statement'] ?? null,
  };
}
