/** Tables, columns and keys of one SQL Server database, as the comparison needs them. */
import type { ColumnShape, KeyShape, TableShape } from '../../comparison/port.ts';
import { sentence, type Sentence } from '../../util/sentence.ts';
import { DTS_FOOTPRINT } from '../engine.ts';
import type { Snapshot } from './digest-snapshot.ts';
import type { Row } from './link.ts';
import {
  columns as columnsOf,
  HIDDEN_MODULES,
  KEYS,
  OPENABLE,
  RIGHTS,
  SCHEMAS,
  tables as tablesOf,
} from './sql/digest-catalog.ts';

/** A column with what its digest and its literals need besides the common shape. */
export interface SqlServerColumn extends ColumnShape {
  /** most bytes a value can have; -1 for (max) and the like */
  readonly bytes: number;
  /** digits of a number */
  readonly precision: number;
  /** numbered by the server unless IDENTITY_INSERT is on */
  readonly identity: boolean;
}

export const detailed = (column: ColumnShape) => column as SqlServerColumn;

export async function describeTables(snapshot: Snapshot, signal: AbortSignal): Promise<TableShape[]> {
  const tables = await snapshot.ask(tablesOf(snapshot.level), signal);
  const columns = byTable(await snapshot.ask(columnsOf(snapshot.level), signal));
  const keys = byTable(await snapshot.ask(KEYS, signal));
  const [rights] = await snapshot.ask(RIGHTS, signal);
  return tables.map((row) => {
    const shapes = (columns.get(row['id'] ?? '') ?? []).map(columnShape);
    return {
      name: { database: snapshot.database, schema: row['schema_name'] ?? 'dbo', name: row['table_name'] ?? '' },
      columns: shapes,
      keys: keyShapes(keys.get(row['id'] ?? '') ?? [], shapes),
      estimatedRows: Number(row['row_count'] ?? 0) > 0 ? Number(row['row_count']) : null,
      unreadable: unreadable(row, rights?.['unmask'] === '1'),
    };
  });
}

export async function unseenDatabases(snapshot: Snapshot, signal: AbortSignal): Promise<Sentence | null> {
  const rows = await snapshot.ask(OPENABLE, signal);
  const { endpoint } = snapshot;
  if (rows.some((row) => row['sees_all'] !== '1')) {
    return sentence(
      'The account on {endpoint} has no VIEW ANY DATABASE: there may be databases that it does not see.',
      {
        endpoint,
      },
    );
  }
  const closed = rows.filter((row) => row['of_users'] === '1' && row['may_open'] !== '1');
  const names = closed
    .map((row) => row['name'] ?? '')
    .filter((name) => !DTS_FOOTPRINT.sqlserver.databases.includes(name));
  if (names.length === 0) return null;
  return sentence('The account on {endpoint} may not connect to {names}: nothing in there was compared.', {
    endpoint,
    names: names.join(', '),
  });
}

export async function listSchemas(snapshot: Snapshot, signal: AbortSignal): Promise<string[]> {
  return (await snapshot.ask(SCHEMAS, signal)).map((row) => row['schema_name'] ?? '');
}

/** Without the right to see all definitions, a table the account has no right on does not even appear. */
export async function blindSpot(snapshot: Snapshot, signal: AbortSignal): Promise<Sentence | null> {
  const [rights] = await snapshot.ask(RIGHTS, signal);
  const { endpoint, database } = snapshot;
  if (rights?.['definitions'] !== '1') {
    return sentence(
      '{account} on {endpoint} has no VIEW DEFINITION on the database {database}: it may not see every table.',
      { account: rights?.['account'] ?? '?', endpoint, database },
    );
  }
  const [modules] = await snapshot.ask(HIDDEN_MODULES, signal);
  const hidden = Number(modules?.['hidden'] ?? 0);
  if (hidden === 0) return null;
  return sentence('{endpoint} hides the text of {count} views or routines (WITH ENCRYPTION): they are not compared.', {
    endpoint,
    count: hidden,
  });
}

function unreadable(row: Row, unmasked: boolean): Sentence | null {
  const is = (column: string) => row[column] === '1';
  if (!is('may_read')) return sentence('The account has no SELECT on it.');
  if (is('is_external')) return sentence('It is an external table: its rows are elsewhere.');
  if (is('in_memory')) {
    return sentence('It is memory-optimised: it cannot be read in the same moment as the other tables.');
  }
  if (is('is_graph')) return sentence('It is a graph table: its rows are told apart by ids of the server’s own.');
  if (is('is_filtered')) return sentence('A security policy filters its rows: some may not be seen.');
  if (is('is_masked') && !unmasked) return sentence('Some of its columns are masked, and the account has no UNMASK.');
  return null;
}

const UNICODE: ReadonlySet<string> = new Set(['nchar', 'nvarchar', 'ntext', 'xml', 'json']);
const SCALED: ReadonlySet<string> = new Set(['decimal', 'numeric', 'time', 'datetime2', 'datetimeoffset']);

function columnShape(row: Row): SqlServerColumn {
  const flag = (column: string) => row[column] === '1';
  const type = flag('is_encrypted') ? 'encrypted' : (row['type_name'] ?? '').toLowerCase();
  const size = { bytes: Number(row['max_length']), precision: Number(row['number_precision']) };
  const scale = SCALED.has(type) ? Number(row['number_scale']) : null;
  return {
    ...size,
    name: row['column_name'] ?? '',
    type,
    declared: declared(type, size, scale),
    nullable: flag('is_nullable'),
    identity: flag('is_identity'),
    // the server makes rowversion, the columns of a period and a column set by itself too
    generated:
      flag('is_computed') || flag('is_column_set') || type === 'timestamp' || (row['generated_always'] ?? '0') !== '0',
    scale,
    collation: row['collation_name'] ?? null,
    charset: UNICODE.has(type) ? 'utf-16' : (row['code_page'] ?? null),
  };
}

function declared(type: string, size: Pick<SqlServerColumn, 'bytes' | 'precision'>, scale: number | null): string {
  if (type === 'decimal' || type === 'numeric') return `${type}(${size.precision},${scale ?? 0})`;
  if (scale !== null) return `${type}(${scale})`;
  if (!/^(n?(var)?char|(var)?binary)$/.test(type)) return type;
  return `${type}(${size.bytes === -1 ? 'max' : type.startsWith('n') ? size.bytes / 2 : size.bytes})`;
}

/** Rows are looked up by these values as text: approximate numbers and variants are no good for that. */
const NO_KEY: ReadonlySet<string> = new Set(['float', 'real', 'sql_variant']);

function keyShapes(rows: readonly Row[], columns: readonly SqlServerColumn[]): KeyShape[] {
  const found = new Map<string, { primary: boolean; columns: string[] }>();
  for (const row of rows) {
    const name = row['index_name'] ?? '';
    const key = found.get(name) ?? { primary: row['is_primary'] === '1', columns: [] };
    key.columns.push(row['column_name'] ?? '');
    found.set(name, key);
  }
  const usable = new Set(
    columns.filter((column) => !column.nullable && !NO_KEY.has(column.type)).map(({ name }) => name),
  );
  return [...found]
    .map(([name, key]) => ({ name, ...key }))
    .filter((key) => key.columns.every((column) => usable.has(column)));
}

function byTable(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(row['id'] ?? '');
    if (group) group.push(row);
    else groups.set(row['id'] ?? '', [row]);
  }
  return groups;
}
