/**
 * Counters that move with every changed row, whether or not the change is in the binary log: globally, and per table
 * from the performance schema (every engine) or from InnoDB's own table statistics (InnoDB only, needs PROCESS).
 */
import { createHash } from 'node:crypto';
import { optional, type Link } from './link.ts';
import { isSystemSchema } from './text.ts';

const LOST = 'Performance_schema_table_instances_lost';

/** Changes what is there: each one has to be in the log. */
const CHANGES = [
  ...['Com_alter_db', 'Com_alter_table', 'Com_create_index', 'Com_drop_db', 'Com_drop_index', 'Com_import'],
  ...['Com_rename_table', 'Com_repair', 'Com_truncate', 'Com_alter_sequence', 'Com_drop_sequence'],
  ...['view', 'trigger', 'procedure', 'function', 'event'].flatMap((kind) => [
    `Com_create_${kind}`,
    `Com_drop_${kind}`,
  ]),
  ...['Com_alter_procedure', 'Com_alter_function', 'Com_alter_event', 'Com_create_sequence'],
];
/** Counted with temporary tables (MySQL), or although everything was there already: the list of tables settles them. */
export const SETTLED_BY_LIST = ['Com_create_db', 'Com_create_table', 'Com_drop_table'];
/** Rows of a prepared transaction were counted long before. */
export const XA_COMMIT = 'Com_xa_commit';
/** Forgets the log. */
export const RESET = 'Com_reset';
/** Gives a table another id, and changes no row. */
export const OPTIMIZE = 'Com_optimize';
const COMMANDS = [...CHANGES, ...SETTLED_BY_LIST, XA_COMMIT, RESET, OPTIMIZE];

/** Whether such statements change what is there, and so belong into the log. */
export function isChange(command: string): boolean {
  return command !== XA_COMMIT && command !== RESET && command !== OPTIMIZE;
}

export interface GlobalCounters {
  /** when the server started, seconds since the epoch, right to a second or two */
  readonly startedAt: number;
  /** in the order of `dialect.rowCounters` */
  readonly rows: readonly bigint[];
  /** counter → statements of that kind since the start, of those in COMMANDS the server knows */
  readonly commands: ReadonlyMap<string, bigint>;
  /** tables the performance schema had no room for */
  readonly instancesLost: bigint;
}

export interface TableCounters {
  readonly source: 'performance_schema' | 'innodb';
  /** `schema.table` → rows changed; without zeros and the server's own schemas */
  readonly counts: ReadonlyMap<string, bigint>;
}

export async function readGlobalCounters(link: Link, signal: AbortSignal): Promise<GlobalCounters> {
  const { rowCounters } = link.dialect;
  const names = ['Uptime', LOST, ...rowCounters.names, ...COMMANDS];
  const list = names.map((name) => `'${name}'`).join(', ');
  const now = Number((await link.query('SELECT UNIX_TIMESTAMP()', signal)).rows[0]?.[0] ?? NaN);
  const answer = await link.query(`SHOW GLOBAL STATUS WHERE Variable_name IN (${list})`, signal);
  const values = new Map(answer.rows.map(([name, value]) => [(name ?? '').toLowerCase(), value ?? '0']));
  const value = (name: string) => BigInt(values.get(name.toLowerCase()) ?? '0');
  return {
    startedAt: now - Number(value('Uptime')),
    rows: rowCounters.names.map(value),
    commands: new Map(COMMANDS.filter((name) => values.has(name.toLowerCase())).map((name) => [name, value(name)])),
    instancesLost: value(LOST),
  };
}

/** null where neither source can be read in full. */
export async function readTableCounters(
  link: Link,
  instancesLost: bigint,
  signal: AbortSignal,
): Promise<TableCounters | null> {
  return (instancesLost === 0n ? await fromPerformanceSchema(link, signal) : null) ?? (await fromInnoDb(link, signal));
}

/** Every table, thread and account must be instrumented, or a writer could slip through. */
const INSTRUMENTED = `SELECT @@GLOBAL.performance_schema = 1
  AND EXISTS (SELECT 1 FROM performance_schema.setup_instruments WHERE NAME = 'wait/io/table/sql/handler' AND ENABLED = 'YES')
  AND EXISTS (SELECT 1 FROM performance_schema.setup_consumers WHERE NAME = 'global_instrumentation' AND ENABLED = 'YES')
  AND EXISTS (SELECT 1 FROM performance_schema.setup_objects
    WHERE OBJECT_TYPE = 'TABLE' AND OBJECT_SCHEMA = '%' AND OBJECT_NAME = '%' AND ENABLED = 'YES')
  AND NOT EXISTS (SELECT 1 FROM performance_schema.setup_objects WHERE OBJECT_TYPE = 'TABLE' AND ENABLED = 'NO'
    AND OBJECT_SCHEMA NOT IN ('mysql', 'performance_schema', 'information_schema', 'sys'))
  AND NOT EXISTS (SELECT 1 FROM performance_schema.threads WHERE TYPE = 'FOREGROUND' AND INSTRUMENTED = 'NO')`;

async function fromPerformanceSchema(link: Link, signal: AbortSignal): Promise<TableCounters | null> {
  const instrumented = await optional(link, INSTRUMENTED, signal);
  if (instrumented?.rows[0]?.[0] !== '1') return null;
  const answer = await optional(
    link,
    'SELECT OBJECT_SCHEMA, OBJECT_NAME, COUNT_WRITE FROM performance_schema.table_io_waits_summary_by_table ' +
      "WHERE OBJECT_TYPE = 'TABLE' AND COUNT_WRITE > 0",
    signal,
  );
  if (!answer) return null;
  const counts = new Map<string, bigint>();
  for (const [schema, table, count] of answer.rows) add(counts, schema ?? '', table ?? '', count ?? '0');
  return { source: 'performance_schema', counts };
}

async function fromInnoDb(link: Link, signal: AbortSignal): Promise<TableCounters | null> {
  const answer = await optional(
    link,
    `SELECT NAME, MODIFIED_COUNTER FROM ${link.dialect.innodbTableStats} WHERE MODIFIED_COUNTER > 0`,
    signal,
  );
  if (!answer) return null;
  const counts = new Map<string, bigint>();
  for (const [name, count] of answer.rows) {
    const parts = innodbTable(name ?? '');
    if (parts) add(counts, parts.schema, parts.table, count ?? '0');
  }
  return { source: 'innodb', counts };
}

function add(counts: Map<string, bigint>, schema: string, table: string, count: string): void {
  if (isSystemSchema(schema)) return;
  const name = `${schema}.${table}`;
  counts.set(name, (counts.get(name) ?? 0n) + BigInt(count));
}

/**
 * InnoDB's own spelling, e.g. `shop/order@0020lines#P#p0`: file name encoding, partitions behind `#P#`.
 * null for what is no user table: its dictionary, full-text index tables, tables of a running ALTER. Pure.
 */
export function innodbTable(name: string): { schema: string; table: string } | null {
  const [schema, table] = name.split('/');
  if (schema === undefined || table === undefined || /^(FTS_[0-9a-f]{16}_|#sql)/i.test(table)) return null;
  return { schema: decode(schema), table: decode(table.replace(/#p#.*$/is, '')) };
}

function decode(name: string): string {
  return name.replace(/@([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

export interface TableChanges {
  /** table → rows changed since */
  readonly grown: ReadonlyMap<string, bigint>;
  /** tables whose counter went back: statistics renewed, table dropped */
  readonly reset: readonly string[];
}

/** What moved between two readings of one source. Pure. */
export function changesBetween(earlier: TableCounters['counts'], later: TableCounters['counts']): TableChanges {
  const grown = new Map<string, bigint>();
  const reset: string[] = [];
  for (const [name, count] of later) {
    const before = earlier.get(name) ?? 0n;
    if (count > before) grown.set(name, count - before);
    else if (count < before) reset.push(name);
  }
  for (const name of earlier.keys()) if (!later.has(name)) reset.push(name);
  return { grown, reset };
}

/** A short stand-in for a reading, to be kept in a token. */
export function fingerprint(reading: ReadonlyMap<string, bigint | string>): string {
  const hash = createHash('sha256');
  for (const name of [...reading.keys()].sort()) hash.update(`${name}\0${reading.get(name) ?? ''}\0`);
  return hash.digest('base64url').slice(0, 22);
}
