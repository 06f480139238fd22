/** The catalog of a database in memory: the views and columns the documentation names, each since its version. */
import type { Database, StoredTable } from './store.ts';
import type { Relation } from './query.ts';
import {
  integer,
  isBinary,
  isDecimal,
  isInteger,
  INTEGERS,
  isText,
  isTime,
  isUnicode,
  SqlError,
  sqlType,
  typed,
  unicode,
  type SqlType,
  type Typed,
} from './values.ts';

type Plain = string | number | bigint | null;
type Row = Readonly<Record<string, Plain>>;

/** `name@13`: since 2016. What a row does not say is NULL. */
const VIEWS: Readonly<Record<string, string>> = {
  databases: 'name database_id snapshot_isolation_state is_read_committed_snapshot_on',
  schemas: 'name schema_id',
  tables: `object_id name schema_id is_ms_shipped is_memory_optimized@12 is_external@13 is_node@14 is_edge@14`,
  columns: `object_id column_id name system_type_id user_type_id max_length precision scale collation_name is_nullable
    is_computed is_identity is_column_set generated_always_type@13 encryption_type@13`,
  types: `name system_type_id user_type_id schema_id max_length precision scale is_nullable is_user_defined
    is_assembly_type is_table_type`,
  indexes: `object_id index_id name type type_desc is_unique is_primary_key is_unique_constraint is_disabled
    is_hypothetical has_filter filter_definition`,
  index_columns: 'object_id index_id index_column_id column_id key_ordinal is_descending_key is_included_column',
  partitions: 'object_id index_id rows',
  'masked_columns@13': 'object_id column_id is_masked',
  'security_policies@13': 'object_id is_enabled',
  'security_predicates@13': 'object_id target_object_id predicate_type',
  objects: 'object_id name schema_id parent_object_id type is_ms_shipped',
  sql_modules: 'object_id definition',
  triggers: 'object_id name parent_id parent_class is_disabled is_ms_shipped',
  foreign_keys: `object_id name parent_object_id referenced_object_id is_disabled is_not_trusted
    delete_referential_action_desc update_referential_action_desc`,
  foreign_key_columns: `constraint_object_id constraint_column_id parent_object_id parent_column_id
    referenced_object_id referenced_column_id`,
  check_constraints: 'object_id parent_object_id definition is_disabled is_not_trusted',
  default_constraints: 'object_id parent_object_id parent_column_id definition',
  identity_columns: 'object_id name seed_value increment_value last_value',
  sequences: 'object_id name schema_id start_value increment current_value is_ms_shipped last_used_value@14',
  synonyms: 'name schema_id base_object_name is_ms_shipped',
  database_permissions: 'class major_id minor_id grantee_principal_id permission_name state_desc',
  database_principals: 'name principal_id',
};

export function systemView(name: string, database: Database): Relation {
  const { level } = database.ways;
  const since = (text: string) => Number(text.split('@')[1] ?? 0) <= level;
  const key = Object.keys(VIEWS).find((view) => view.split('@')[0] === name);
  if (key === undefined || !since(key)) throw new SqlError(208, `Invalid object name 'sys.${name}'.`);
  const columns = (VIEWS[key] ?? '')
    .trim()
    .split(/\s+/)
    .filter(since)
    .map((column) => column.split('@')[0] ?? '');
  const rows = [...rowsOf(name, database), ...(database.extra[name] ?? [])];
  const types = columns.map((column) => rows.map((row) => row[column]).find((value) => value != null));
  return {
    columns,
    types: types.map((value) => cell(value ?? null).type),
    rows: rows.map((row) => columns.map((column) => cell(row[column] ?? null))),
  };
}

function cell(value: Plain): Typed {
  if (typeof value === 'number') return integer(value);
  // numbers of any type come as sql_variant
  if (typeof value === 'bigint') return typed(sqlType('sql_variant'), typed(sqlType('bigint'), value));
  return value === null
    ? integer(null)
    : value.length > 4000
      ? typed(sqlType('nvarchar', [-1]), value)
      : unicode(value);
}

const TYPE_NAMES =
  `image text uniqueidentifier date time datetime2 datetimeoffset tinyint smallint int smalldatetime real
  money datetime float sql_variant ntext bit decimal numeric smallmoney bigint varbinary varchar binary char timestamp
  nvarchar nchar xml`
    .trim()
    .split(/\s+/);
const CLR = ['hierarchyid', 'geometry', 'geography'];
const CLR_TYPE = 240;

const systemTypeOf = (name: string) => (CLR.includes(name) ? CLR_TYPE : TYPE_NAMES.indexOf(name) + 34);
const userTypeOf = (name: string) => (CLR.includes(name) ? CLR.indexOf(name) + 128 : systemTypeOf(name));

const SCHEMAS = ['dbo', 'sales'];
const schemaId = (name: string) => {
  const found = SCHEMAS.indexOf(name);
  if (found < 0) SCHEMAS.push(name);
  return SCHEMAS.indexOf(name) + 1;
};

function rowsOf(name: string, database: Database): Row[] {
  const tables = [...database.tables.values()];
  const each = (rows: (table: StoredTable) => Row[]) => tables.flatMap(rows);
  const flag = (value: boolean) => (value ? 1 : 0);
  switch (name) {
    case 'databases':
      return [
        {
          name: database.name,
          database_id: 5,
          snapshot_isolation_state: flag(database.snapshots),
          is_read_committed_snapshot_on: flag(database.rowVersions),
        },
      ];
    case 'schemas':
      tables.forEach(({ schema }) => schemaId(schema));
      return SCHEMAS.map((schema, i) => ({ name: schema, schema_id: i + 1 }));
    case 'tables':
      return each(({ id, schema, name: own, flags }) => [
        {
          object_id: id,
          name: own,
          schema_id: schemaId(schema),
          is_ms_shipped: 0,
          is_memory_optimized: flag(flags.has('in memory')),
          is_external: flag(flags.has('external')),
          is_node: flag(flags.has('graph')),
          is_edge: 0,
        },
      ]);
    case 'objects':
      return each(({ id, schema, name: own }) => [
        { object_id: id, name: own, schema_id: schemaId(schema), parent_object_id: 0, type: 'U ', is_ms_shipped: 0 },
      ]);
    case 'columns':
      return each((table) =>
        table.columns.map((column) => ({
          object_id: table.id,
          column_id: column.id,
          name: column.name,
          system_type_id: systemTypeOf(column.type.name),
          user_type_id: userTypeOf(column.type.name),
          max_length: maxLength(column.type),
          precision: precisionOf(column.type),
          scale: column.type.scale,
          collation_name: column.type.collation,
          is_nullable: flag(column.nullable),
          is_computed: flag(column.computed !== null),
          is_identity: flag(column.identity),
          is_column_set: 0,
          generated_always_type: 0,
        })),
      );
    case 'types':
      return [...TYPE_NAMES, ...CLR].map((type) => ({
        name: type,
        system_type_id: systemTypeOf(type),
        user_type_id: userTypeOf(type),
        schema_id: 4,
        is_user_defined: 0,
        is_assembly_type: flag(CLR.includes(type)),
        is_table_type: 0,
      }));
    case 'partitions':
      return each(({ id, rows }) => [{ object_id: id, index_id: 1, rows: rows.length }]);
    case 'indexes':
      return each((table) =>
        table.indexes.map((index, i) => ({
          object_id: table.id,
          index_id: i + 1,
          name: index.name,
          type: index.primary ? 1 : 2,
          type_desc: index.primary ? 'CLUSTERED' : 'NONCLUSTERED',
          is_unique: flag(index.unique),
          is_primary_key: flag(index.primary),
          is_unique_constraint: flag(index.name.startsWith('UQ_')),
          is_disabled: flag(index.disabled),
          is_hypothetical: 0,
          has_filter: flag(index.filter !== null),
          filter_definition: index.filter,
        })),
      );
    case 'index_columns':
      return each((table) =>
        table.indexes.flatMap((index, i) =>
          index.columns.map((column, n) => ({
            object_id: table.id,
            index_id: i + 1,
            index_column_id: n + 1,
            column_id: table.columns.find((each_) => each_.name === column)?.id ?? 0,
            key_ordinal: n + 1,
            is_descending_key: 0,
            is_included_column: 0,
          })),
        ),
      );
    case 'masked_columns':
      return each((table) =>
        table.columns
          .filter(({ masked }) => masked)
          .map(({ id }) => ({ object_id: table.id, column_id: id, is_masked: 1 })),
      );
    case 'security_policies':
      return each(({ id, flags }) => (flags.has('filtered') ? [{ object_id: id + 500_000, is_enabled: 1 }] : []));
    case 'security_predicates':
      return each(({ id, flags }) =>
        flags.has('filtered') ? [{ object_id: id + 500_000, target_object_id: id, predicate_type: 0 }] : [],
      );
    case 'identity_columns':
      return each((table) =>
        table.columns
          .filter(({ identity }) => identity)
          .map(({ name: own }) => ({
            object_id: table.id,
            name: own,
            seed_value: 1n,
            increment_value: 1n,
            last_value: table.lastIdentity,
          })),
      );
    default:
      return [];
  }
}

function maxLength(type: SqlType): number {
  if (type.size === -1) return /^(text|ntext|image)$/.test(type.name) ? 16 : -1;
  if (isText(type)) return isUnicode(type) ? type.size * 2 : type.size;
  if (isBinary(type)) return type.size;
  return INTEGERS[type.name]?.[2] ?? (isTime(type) ? 8 : 17);
}

function precisionOf(type: SqlType): number {
  if (isDecimal(type)) return type.precision;
  return isInteger(type) ? 19 : 0;
}
