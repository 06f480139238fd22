/** Tables, columns and keys of one MySQL or MariaDB database, as the comparison needs them. */
import type { ColumnShape, KeyShape, TableShape } from '../../comparison/port.ts';
import { sentence, type Sentence } from '../../util/sentence.ts';
import { plainName } from './digest-collations.ts';
import { readObstacles } from './digest-obstacles.ts';
import type { Cell, Rows, Snapshot } from './digest-snapshot.ts';
import { grantsOf, type Grants } from './grants.ts';
import { isSystemSchema, quoteText } from './text.ts';

export async function describeTables(snapshot: Snapshot, signal: AbortSignal): Promise<MysqlTable[]> {
  const schema = quoteText(snapshot.database);
  const tables = await snapshot.ask(
    `SELECT TABLE_NAME, TABLE_ROWS, ENGINE, AVG_ROW_LENGTH, TABLE_TYPE, CREATE_OPTIONS FROM information_schema.TABLES
      WHERE TABLE_SCHEMA = ${schema} AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED') ORDER BY TABLE_NAME`,
    signal,
  );
  const columns = await snapshot.ask(
    `SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, IS_NULLABLE, EXTRA, NUMERIC_SCALE, COLLATION_NAME,
            CHARACTER_SET_NAME, CHARACTER_OCTET_LENGTH, COALESCE(GENERATION_EXPRESSION, '') <> '', DATETIME_PRECISION,
            ${fillerCondition('c')}
       FROM information_schema.COLUMNS c WHERE TABLE_SCHEMA = ${schema} ORDER BY TABLE_NAME, ORDINAL_POSITION`,
    signal,
  );
  // an index over an expression or a prefix of a column does not identify rows by columns
  const keys = await snapshot.ask(
    `SELECT s.TABLE_NAME, s.INDEX_NAME, s.COLUMN_NAME, s.SUB_PART, s.NULLABLE, s.INDEX_TYPE, s.COLLATION,
            ${snapshot.dialect.unusedIndex}
       FROM information_schema.STATISTICS s WHERE s.TABLE_SCHEMA = ${schema} AND s.NON_UNIQUE = 0
      ORDER BY s.TABLE_NAME, s.INDEX_NAME <> 'PRIMARY', s.INDEX_NAME, s.SEQ_IN_INDEX`,
    signal,
  );
  const grants = grantsOf((await snapshot.ask('SHOW GRANTS', signal)).map(([text]) => text ?? ''));
  const inPieces = await partitionedTables(
    snapshot,
    tables.map(([name, , , , , options]) => [name ?? null, options ?? null]),
    signal,
  );
  const obstacles = await readObstacles(snapshot, keys, signal);
  const columnsOf = byTable(columns);
  const keysOf = byTable(keys);
  return tables.map(([name, rows, engine, bytes, type]) => ({
    name: { database: snapshot.database, schema: null, name: name ?? '' },
    columns: (columnsOf.get(name ?? '') ?? []).map(columnShape),
    keys: keyShapes(keysOf.get(name ?? '') ?? [], {
      inOneOrder: isTransactional(engine ?? '') && !inPieces.has(name ?? ''),
      ranges: isTransactional(engine ?? '') || /^(myisam|aria)$/i.test(engine ?? ''),
    }),
    estimatedRows: Number(rows) > 0 ? Number(rows) : null,
    rowBytes: Math.max(32, Number(bytes ?? 0)),
    unreadable:
      isTransactional(engine ?? '') || WITHOUT_SNAPSHOT.has((engine ?? '').toLowerCase())
        ? null
        : sentence('Its storage engine ({engine}) has no consistent snapshot.', { engine: engine ?? 'none' }),
    ...obstacles(name ?? ''),
    partly: partly(name ?? '', type ?? '', grants, snapshot),
  }));
}

/**
 * Which of these tables (name, CREATE_OPTIONS) are partitioned. MySQL 8 and later do not say so of one that is
 * partitioned by KEY() in the options.
 */
export async function partitionedTables(
  snapshot: Snapshot,
  tables: Rows,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const said = tables.flatMap(([name, options]) => (/\bpartitioned\b/i.test(options ?? '') ? [name ?? ''] : []));
  if (snapshot.dialect.mariaDb) return new Set(said);
  const rows = await snapshot.ask(
    `SELECT DISTINCT TABLE_NAME FROM information_schema.PARTITIONS
      WHERE TABLE_SCHEMA = ${quoteText(snapshot.database)} AND PARTITION_NAME IS NOT NULL`,
    signal,
  );
  return new Set([...said, ...rows.map(([name]) => name ?? '')]);
}

/**
 * SQL that is 1 for the key that MySQL 8 makes for tables without one (sql_generate_invisible_primary_key): its name is
 * reserved while it does so. @param columns alias of information_schema.COLUMNS
 */
export const fillerCondition = (columns: string): string =>
  `(${columns}.COLUMN_NAME = 'my_row_id' AND ${columns}.EXTRA LIKE '%auto_increment%' AND ${columns}.EXTRA LIKE '%INVISIBLE%')`;

/** The catalog leaves out, without a word, columns the account has no right on; a scan leaves out earlier versions. */
function partly(table: string, type: string, grants: Grants, { database, endpoint }: Snapshot): Sentence | null {
  if (!grants.onDatabase('SELECT', database) && !grants.onTable('SELECT', database, table)) {
    return sentence('The account on {endpoint} has SELECT on columns only: it may not see every column of a table.', {
      endpoint,
    });
  }
  if (type !== 'SYSTEM VERSIONED') return null;
  return sentence('{table} on {endpoint} keeps earlier versions of its rows: only the present ones were compared.', {
    table,
    endpoint,
  });
}

/** The catalog shows an account only tables it has some right on: without a right on all, some may stay unseen. */
export async function blindSpot(snapshot: Snapshot, signal: AbortSignal): Promise<Sentence | null> {
  const { database } = snapshot;
  const grants = await snapshot.ask('SHOW GRANTS', signal);
  if (grantsOf(grants.map(([text]) => text ?? '')).onDatabase('SELECT', database)) return null;
  return sentence(
    'The account on {endpoint} has no SELECT on the whole database {database}: it may not see every table.',
    {
      endpoint: snapshot.endpoint,
      database,
    },
  );
}

/** SHOW DATABASES leaves out, without a word, what the account has no right on. */
export async function unseenDatabases(snapshot: Snapshot, signal: AbortSignal): Promise<Sentence | null> {
  const { endpoint } = snapshot;
  const lines = (await snapshot.ask('SHOW GRANTS', signal)).map(([text]) => text ?? '');
  const shown = (await snapshot.ask('SHOW DATABASES', signal)).map(([name]) => name ?? '');
  const hidden = hiddenDatabases(lines, shown);
  if (hidden === 'unknown') {
    return sentence(
      'The account on {endpoint} has neither SHOW DATABASES nor SELECT on *.*: there may be databases that it does not see.',
      { endpoint },
    );
  }
  if (hidden.length === 0) return null;
  return sentence('The account on {endpoint} may not see {names}: nothing in there was compared.', {
    endpoint,
    names: hidden.join(', '),
  });
}

/** By the lines of SHOW GRANTS. MySQL 8 hides a database on which it took back a right given on all of them. */
export function hiddenDatabases(lines: readonly string[], shown: readonly string[]): readonly string[] | 'unknown' {
  const grants = grantsOf(lines);
  if (!grants.everywhere('SHOW DATABASES', '') && !grants.everywhere('SELECT', '')) return 'unknown';
  return lines.flatMap((line) => {
    const name = /^REVOKE .+? ON `((?:[^`]|``)+)`\.\* FROM /s.exec(line)?.[1]?.replaceAll('``', '`') ?? '';
    return name === '' || isSystemSchema(name) || shown.includes(name) ? [] : [name];
  });
}

/** Storage engines whose tables a consistent snapshot covers. */
export const isTransactional = (engine: string) => /^(innodb|rocksdb|tokudb|xtradb)$/i.test(engine);

/** A scan shows what is there while it runs: the same as long as nobody writes, which the write position tells. */
const WITHOUT_SNAPSHOT: ReadonlySet<string> = new Set(['myisam', 'aria', 'memory', 'archive', 'csv']);

/** A MySQL table with what its grouping needs besides the common shape. */
export interface MysqlTable extends TableShape {
  /** average by the server's statistics */
  readonly rowBytes: number;
}

/** A key with what is known of its index. */
export interface MysqlKey extends KeyShape {
  /** ranges of it are found without reading the whole table; a MariaDB key over long texts is a hash */
  readonly ordered: boolean;
  /** rows come by it in ascending order */
  readonly ascending: boolean;
}

/** A MySQL column with what its digest needs besides the common shape. */
export interface MysqlColumn extends ColumnShape {
  /** most bytes a value can have, where the catalog tells; null for numbers and times */
  readonly octets: number | null;
}

function columnShape(row: readonly Cell[]): MysqlColumn {
  const [, name, type, declared, nullable, extra, scale, collation, charset, octets, generated, fraction, filler] = row;
  const plain = (type ?? '').toLowerCase();
  return {
    name: name ?? '',
    type: plain.endsWith('int') && /unsigned/i.test(declared ?? '') ? `${plain} unsigned` : plain,
    declared: declared ?? '',
    nullable: nullable === 'YES',
    generated: generated === '1' || /(VIRTUAL|STORED|PERSISTENT) GENERATED|\bGENERATED ALWAYS\b/i.test(extra ?? ''),
    ...(filler === '1' ? { filler: true } : {}),
    ...(/\b(STORED|PERSISTENT)\b/i.test(extra ?? '') ? { stored: true } : {}),
    ...(/\bon update\b/i.test(extra ?? '') ? { touched: true } : {}),
    scale: scale !== null && scale !== undefined ? Number(scale) : fraction != null ? Number(fraction) : null,
    collation: collation == null ? null : plainName(collation),
    charset: charset == null ? null : plainName(charset),
    octets: octets === null || octets === undefined ? null : Number(octets),
  };
}

/**
 * Rows come in the order of the primary key where they lie in it, unless there are several pieces of the table. By another
 * index a server may collect the places of rows first and fetch them in the order of these.
 */
function keyShapes(
  rows: readonly (readonly Cell[])[],
  { inOneOrder, ranges }: { readonly inOneOrder: boolean; readonly ranges: boolean },
): MysqlKey[] {
  const found = new Map<string, { columns: string[]; whole: boolean; ordered: boolean; ascending: boolean }>();
  for (const [, index, column, part, nullable, kind, order, unused] of rows) {
    const key = found.get(index ?? '') ?? {
      columns: [],
      whole: true,
      ordered: ranges && kind === 'BTREE' && unused !== '1',
      ascending: index === 'PRIMARY' && inOneOrder,
    };
    if (order !== 'A') key.ascending = false;
    key.columns.push(column ?? '');
    if (column === null || part !== null || nullable === 'YES') key.whole = false;
    found.set(index ?? '', key);
  }
  return [...found]
    .filter(([, { whole }]) => whole)
    .map(([name, { whole: _, ...key }]) => ({ name, primary: name === 'PRIMARY', ...key }));
}

function byTable(rows: readonly (readonly Cell[])[]): Map<string, (readonly Cell[])[]> {
  const groups = new Map<string, (readonly Cell[])[]>();
  for (const row of rows) {
    const group = groups.get(row[0] ?? '');
    if (group) group.push(row);
    else groups.set(row[0] ?? '', [row]);
  }
  return groups;
}
