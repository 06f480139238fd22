/** Tables, columns and keys of a PostgreSQL database, as the comparison needs them. PostgreSQL 10 and later. */
import type { ColumnShape, KeyShape, TableShape } from '../../comparison/port.ts';
import { asFailure } from '../../util/failure.ts';
import { sentence, type Sentence } from '../../util/sentence.ts';
import { DTS_FOOTPRINT } from '../engine.ts';
import { readRepairFacts } from './digest-repair.ts';
import { arrayLiteral, type Cell, type Snapshot } from './digest-snapshot.ts';
import { quote } from './digest-table.ts';

/** Schemas that are the server's own. */
export const USER_SCHEMA = `n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'`;
/** Belongs to an extension, which is installed rather than migrated. */
export const ofExtension = (catalog: string, oid: string) =>
  `EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = '${catalog}'::pg_catalog.regclass AND d.objid = ${oid} AND d.deptype = 'e')`;

/** Partitions are read through their parent. Of a table of an extension: which rows the extension did not bring. */
const TABLES = `
  SELECT c.oid, n.nspname, c.relname, c.relkind::text, c.reltuples::bigint,
         has_table_privilege(c.oid, 'SELECT') AND has_schema_privilege(n.oid, 'USAGE'), e.oid IS NOT NULL,
         c.relkind = 'r' AND c.relhassubclass,
         (SELECT k.condition FROM unnest(e.extconfig, e.extcondition) AS k(oid, condition) WHERE k.oid = c.oid)
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e'
    LEFT JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
   WHERE c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't' AND NOT c.relispartition AND ${USER_SCHEMA}
     AND (e.oid IS NULL OR c.relkind <> 'f')`;

/** Since 18 a NOT NULL may be NOT VALID: what was there before it may be NULL. */
const NEVER_NULL = `a.attnotnull AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint o
    WHERE o.conrelid = a.attrelid AND o.contype = 'n' AND o.conkey[1] = a.attnum AND NOT o.convalidated)`;

/** The base type below any domains decides how a value is compared. `attgenerated` is new in 12. */
const columns = (version: number) => `
  WITH RECURSIVE domains(oid, type, typmod) AS (
    SELECT t.oid, t.typbasetype, t.typtypmod FROM pg_catalog.pg_type t WHERE t.typtype = 'd'
    UNION ALL
    SELECT d.oid, t.typbasetype, CASE WHEN d.typmod >= 0 THEN d.typmod ELSE t.typtypmod END
      FROM domains d JOIN pg_catalog.pg_type t ON t.oid = d.type WHERE t.typtype = 'd')
  SELECT a.attrelid, a.attname, bt.typname, pg_catalog.format_type(a.atttypid, a.atttypmod), ${NEVER_NULL},
         ${version >= 120000 ? "a.attgenerated <> ''" : 'false'},
         CASE WHEN a.atttypmod >= 0 THEN a.atttypmod ELSE COALESCE(d.typmod, -1) END, co.collname, bt.typtype::text,
         bt.typnamespace = 'pg_catalog'::pg_catalog.regnamespace, ${version >= 120000 ? "a.attgenerated = 's'" : 'false'}
    FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN (SELECT d.* FROM domains d JOIN pg_catalog.pg_type t ON t.oid = d.type AND t.typtype <> 'd') d ON d.oid = a.atttypid
    JOIN pg_catalog.pg_type bt ON bt.oid = COALESCE(d.type, a.atttypid)
    LEFT JOIN pg_catalog.pg_collation co ON co.oid = a.attcollation
   WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'f') AND NOT c.relispartition AND ${USER_SCHEMA}
   ORDER BY a.attrelid, a.attnum`;

/** Unique, over plain columns that cannot be null, without a condition, checked at once. */
const KEYS = `
  SELECT i.indrelid, ic.relname, i.indisprimary, array_to_json(array_agg(a.attname ORDER BY k.n))::text
    FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
    JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, n)
    LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum AND k.attnum > 0
   WHERE i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND ${USER_SCHEMA}
     AND k.n <= COALESCE((to_jsonb(i)->>'indnkeyatts')::int, i.indnatts)
   GROUP BY i.indexrelid, i.indrelid, ic.relname, i.indisprimary
  HAVING bool_and(a.attname IS NOT NULL AND ${NEVER_NULL})
   ORDER BY i.indrelid, i.indisprimary DESC, ic.relname`;

export async function describeTables(snapshot: Snapshot, database: string, signal: AbortSignal): Promise<TableShape[]> {
  const [tables, allColumns, allKeys, facts] = await Promise.all([
    snapshot.ask(TABLES, signal),
    snapshot.ask(columns(snapshot.version), signal),
    snapshot.ask(KEYS, signal),
    readRepairFacts(snapshot, database, signal),
  ]);
  const columnsOf = byTable(allColumns);
  const keysOf = byTable(allKeys);
  return Promise.all(
    tables.map(async (row): Promise<TableShape> => {
      const [oid, schema, name, kind, rows, readable, extension, parent] = row;
      const repair = { ...facts.get(oid ?? ''), ...(parent === 't' ? { only: true } : {}) };
      return {
        name: { database, schema: schema ?? '', name: name ?? '' },
        columns: (columnsOf.get(oid ?? '') ?? []).map(columnShape),
        keys: (keysOf.get(oid ?? '') ?? []).map(keyShape),
        // -1 (14 and later) and 0 (before) both mean: never analysed
        estimatedRows: Number(rows) > 0 ? Number(rows) : null,
        unreadable:
          kind === 'f'
            ? sentence('It is a foreign table: its rows are on another server.')
            : readable === 't'
              ? null
              : sentence('This account may not read it (SELECT is missing).'),
        ...(Object.keys(repair).length > 0 ? { repair } : {}),
        ...(extension === 't' ? { ofExtension: await rowsOfUsers(snapshot, row, signal) } : {}),
      };
    }),
  );
}

/** Like pg_dump, by the condition the extension gives; without one all its rows count. What cannot be told may be some. */
async function rowsOfUsers(snapshot: Snapshot, row: readonly Cell[], signal: AbortSignal): Promise<'empty' | 'rows'> {
  const [, schema, name, , , readable, , , condition] = row;
  if (readable !== 't') return 'rows';
  try {
    const table = `${quote(schema ?? '')}.${quote(name ?? '')}`;
    const [found] = await snapshot.ask(`SELECT EXISTS (SELECT FROM ${table} ${condition ?? ''})`, signal);
    return found?.[0] === 'f' ? 'empty' : 'rows';
  } catch (error) {
    if (asFailure(error).reason === 'cancelled') throw error;
    return 'rows';
  }
}

export async function listSchemas(snapshot: Snapshot, signal: AbortSignal): Promise<string[]> {
  const rows = await snapshot.ask(`SELECT n.nspname FROM pg_catalog.pg_namespace n WHERE ${USER_SCHEMA}`, signal);
  return rows.map(([name]) => name ?? '');
}

/** Where managed services keep their own; nobody else may connect to them. */
const OF_THE_SERVICE = ['rdsadmin', 'cloudsqladmin', 'azure_maintenance', 'azure_sys'];

/** Every account sees the names of all databases. */
export async function unseenDatabases(snapshot: Snapshot, signal: AbortSignal): Promise<Sentence | null> {
  const known = arrayLiteral([...DTS_FOOTPRINT.postgres.databases, ...OF_THE_SERVICE]);
  const rows = await snapshot.ask(
    `SELECT d.datname FROM pg_catalog.pg_database d
      WHERE d.datallowconn AND NOT d.datistemplate AND NOT has_database_privilege(d.oid, 'CONNECT')
        AND d.datname <> ALL (${known}::name[]) ORDER BY d.datname`,
    signal,
  );
  if (rows.length === 0) return null;
  return sentence('The account on {endpoint} may not connect to {names}: nothing in there was compared.', {
    endpoint: snapshot.endpoint,
    names: rows.map(([name]) => name ?? '').join(', '),
  });
}

function byTable(rows: Cell[][]): Map<string, Cell[][]> {
  const groups = new Map<string, Cell[][]>();
  for (const row of rows) {
    const group = groups.get(row[0] ?? '');
    if (group) group.push(row);
    else groups.set(row[0] ?? '', [row]);
  }
  return groups;
}

function columnShape(row: Cell[]): ColumnShape {
  const [, name, type, declared, notNull, generated, typmod, collation, typtype, builtIn, stored] = row;
  return {
    name: name ?? '',
    type: typtype === 'e' ? 'enum' : builtIn === 't' ? (type ?? '') : 'other',
    declared: declared ?? '',
    nullable: notNull !== 't',
    generated: generated === 't',
    ...(stored === 't' ? { stored: true } : {}),
    // numeric(p,s): ((p << 16) | s) + 4, the scale a signed 11-bit number since 15
    scale: type === 'numeric' && Number(typmod) >= 4 ? signed11((Number(typmod) - 4) & 0x7ff) : null,
    collation: collation ?? null,
    charset: null,
  };
}

const signed11 = (bits: number) => (bits >= 1024 ? bits - 2048 : bits);

function keyShape(row: Cell[]): KeyShape {
  const columns: unknown = JSON.parse(row[3] ?? '[]');
  return { name: row[1] ?? '', primary: row[2] === 't', columns: Array.isArray(columns) ? columns.map(String) : [] };
}
