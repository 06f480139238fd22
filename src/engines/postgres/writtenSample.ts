/** What is read of one database for telling which tables were written: counters, files, columns, types. PostgreSQL 10 and later. */
import type { Backend, Row } from './backend.ts';

/** One table (also a partition, a partitioned or a foreign table) as one position has it. */
export interface TableMark {
  readonly schema: string;
  readonly name: string;
  /** pg_class.relkind */
  readonly kind: string;
  /** rows changed since the counters began, rolled back ones among them */
  readonly changes: string;
  /** the file that holds the rows: TRUNCATE and every rewrite give it another one */
  readonly file: string;
  /** digest of the columns: what an ALTER changes about how rows are read */
  readonly columns: string;
  /** oids of what it is a partition of, or inherits from */
  readonly parents: readonly string[];
  readonly partition: boolean;
  /** oids of the user's types in its columns */
  readonly types: readonly string[];
}

/** A type that is not the server's own: its labels, attributes or version decide how stored values are read. */
export interface TypeMark {
  readonly schema: string;
  readonly name: string;
  readonly digest: string;
  /** oids of the types it is made of */
  readonly types: readonly string[];
}

export interface DatabaseMarks {
  readonly oid: string;
  /** when its counters were reset last, those of one table included */
  readonly reset: string;
  /** by oid */
  readonly tables: Readonly<Record<string, TableMark>>;
  readonly types: Readonly<Record<string, TypeMark>>;
}

/** The first oid that initdb did not give. */
const FIRST_USER_OID = 16_384;

const tablesSql = (version: number) => `
  SELECT c.oid, n.nspname, c.relname, c.relkind::text AS kind, c.relispartition AS partition,
    pg_stat_get_tuples_inserted(c.oid) + pg_stat_get_tuples_updated(c.oid) + pg_stat_get_tuples_deleted(c.oid) AS changes,
    coalesce(pg_relation_filenode(c.oid), 0) AS file,
    (SELECT md5(json_agg(json_build_array(a.attnum, a.attname, a.atttypid, a.atttypmod, a.attcollation, a.attisdropped
        ${version >= 110000 ? ', a.attmissingval::text' : ''}) ORDER BY a.attnum)::text)
       FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0) AS columns,
    (SELECT coalesce(json_agg(i.inhparent::text ORDER BY i.inhparent), '[]') FROM pg_inherits i WHERE i.inhrelid = c.oid) AS parents,
    (SELECT coalesce(json_agg(DISTINCT a.atttypid::text), '[]') FROM pg_attribute a
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND a.atttypid >= ${FIRST_USER_OID}) AS types
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't' AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'`;

const TYPES = `
  SELECT t.oid, n.nspname, t.typname,
    md5(json_build_array(t.typtype, t.typbasetype, t.typtypmod, t.typelem, t.typoutput, r.rngsubtype,
      (SELECT json_agg(json_build_array(e.oid, e.enumlabel, e.enumsortorder) ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid),
      (SELECT json_agg(json_build_array(a.attnum, a.attname, a.atttypid, a.atttypmod, a.attcollation, a.attisdropped) ORDER BY a.attnum)
         FROM pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0),
      (SELECT json_agg(x.extversion) FROM pg_depend d JOIN pg_extension x ON x.oid = d.refobjid
         AND d.refclassid = 'pg_extension'::regclass WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')
    )::text) AS digest,
    (SELECT coalesce(json_agg(DISTINCT used.oid::text), '[]') FROM (
       SELECT t.typbasetype AS oid UNION SELECT t.typelem UNION SELECT r.rngsubtype
       UNION SELECT a.atttypid FROM pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0) used
      WHERE used.oid >= ${FIRST_USER_OID}) AS types
  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_range r ON r.rngtypid = t.oid
  WHERE t.oid >= ${FIRST_USER_OID}`;

const DATABASE = `
  SELECT d.oid, coalesce(pg_stat_get_db_stat_reset_time(d.oid)::text, '') AS reset,
    current_setting('server_version_num')::int AS version FROM pg_database d WHERE d.datname = current_database()`;

/** Of the database the connection is for. */
export async function readMarks(backend: Backend, signal: AbortSignal): Promise<DatabaseMarks> {
  const [database] = await backend.rows(DATABASE, [], signal);
  const tables = await backend.rows(tablesSql(Number(database?.['version'] ?? 0)), [], signal);
  const all = new Map((await backend.rows(TYPES, [], signal)).map((row) => [text(row, 'oid'), typeMark(row)]));
  const marks = tables.map((row) => [text(row, 'oid'), tableMark(row)] as const);
  // every table has a row type: only what columns are made of is kept
  const types: Record<string, TypeMark> = {};
  const open = marks.flatMap(([, mark]) => mark.types);
  for (let oid = open.pop(); oid !== undefined; oid = open.pop()) {
    const mark = all.get(oid);
    if (!mark || types[oid]) continue;
    types[oid] = mark;
    open.push(...mark.types);
  }
  return {
    oid: text(database ?? {}, 'oid'),
    reset: text(database ?? {}, 'reset'),
    tables: Object.fromEntries(marks),
    types,
  };
}

const tableMark = (row: Row): TableMark => ({
  schema: text(row, 'nspname'),
  name: text(row, 'relname'),
  kind: text(row, 'kind'),
  changes: text(row, 'changes'),
  file: text(row, 'file'),
  columns: text(row, 'columns'),
  parents: texts(row, 'parents'),
  partition: row['partition'] === 't',
  types: texts(row, 'types'),
});

const typeMark = (row: Row): TypeMark => ({
  schema: text(row, 'nspname'),
  name: text(row, 'typname'),
  digest: text(row, 'digest'),
  types: texts(row, 'types'),
});

const text = (row: Row, column: string) => row[column] ?? '';
const texts = (row: Row, column: string) => JSON.parse(row[column] ?? '[]') as string[];
