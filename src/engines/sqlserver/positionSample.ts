/** One sample of the counters that move with writes, of every database of the server. */
import { instant } from './text.ts';
import type { Link, Row } from './link.ts';
import { DATABASES, LOG_COUNTERS, STARTED, TABLE_COUNTERS } from './sql/position.ts';

export interface TableCounter {
  /** moves with every statement that changes the table, and several times for several indexes */
  readonly total: bigint;
  /** statements, as far as a single index shows */
  readonly statements: bigint;
}

export interface DatabaseSample {
  readonly id: string;
  readonly name: string;
  readonly logBytes: bigint;
  /** transactions that wrote and committed; null where the server does not count them */
  readonly commits: bigint | null;
  /** has tables whose changes no counter of ours sees one by one */
  readonly memoryOptimised: boolean;
  /** change data capture writes down, in tables of its own, what was written before */
  readonly cdc: boolean;
  /** by object id */
  readonly tables: ReadonlyMap<string, TableCounter>;
}

export interface Sample {
  /** epoch milliseconds of this machine */
  readonly at: number;
  readonly server: string;
  /** as the server wrote it: changes with every start */
  readonly started: string;
  /** by name; user databases only */
  readonly databases: ReadonlyMap<string, DatabaseSample>;
  /** user databases that may be written without our seeing it, and why */
  readonly blind: readonly { readonly name: string; readonly why: 'hidden' | 'auto close' | 'not counted' }[];
  /** the server publishes its counters at all */
  readonly counting: boolean;
}

/** The server's own; `model_…` belong to contained availability groups. */
const SYSTEM = new Set([
  '_Total',
  'master',
  'tempdb',
  'model',
  'msdb',
  'mssqlsystemresource',
  'model_msdb',
  'model_replicatedmaster',
]);

/**
 * The log before the tables: whatever had reached the log then, its table's counter has moved too, so that a write
 * between the two queries is seen by its table now and by its log at the next reading, never the other way round.
 */
export async function takeSample(link: Link, signal: AbortSignal): Promise<Sample> {
  const [start] = await link.rows(STARTED, signal);
  const logs = logsByDatabase(await link.rows(LOG_COUNTERS, signal));
  const databases = await link.rows(DATABASES, signal);
  const tables = tablesByDatabase(await link.rows(TABLE_COUNTERS, signal));
  const listed = new Map(databases.map((row) => [row['name'] ?? '', row]));
  const found = new Map<string, DatabaseSample>();
  const blind: { name: string; why: Sample['blind'][number]['why'] }[] = [];
  for (const [name, log] of logs) {
    const row = listed.get(name);
    if (SYSTEM.has(name) || row?.['distributor'] === '1') continue;
    if (!row) blind.push({ name, why: 'hidden' });
    else found.set(name, databaseOf(row, name, log, tables));
  }
  for (const [name, row] of listed) {
    if (SYSTEM.has(name) || row['distributor'] === '1' || row['state'] !== '0') continue;
    if (row['auto_close'] === '1') blind.push({ name, why: 'auto close' });
    else if (!found.has(name)) blind.push({ name, why: 'not counted' });
  }
  return {
    at: Date.now(),
    server: link.about.serverKey,
    started: start?.['started'] ?? '',
    databases: found,
    blind,
    counting: logs.has('master') && instant(start?.['started']) !== null,
  };
}

interface Log {
  bytes: bigint;
  commits: bigint | null;
  memoryOptimised: boolean;
}

function logsByDatabase(rows: readonly Row[]): ReadonlyMap<string, Log> {
  const logs = new Map<string, Log>();
  for (const row of rows) {
    const name = row['database_name'] ?? '';
    const log = logs.get(name) ?? { bytes: 0n, commits: null, memoryOptimised: false };
    logs.set(name, log);
    const value = BigInt(row['value'] ?? '0');
    if (row['counter'] === 'Log Bytes Flushed/sec') log.bytes = value;
    else if (row['counter'] === 'Write Transactions/sec') log.commits = value;
    else log.memoryOptimised = value > 0n;
  }
  return logs;
}

function tablesByDatabase(rows: readonly Row[]): ReadonlyMap<string, ReadonlyMap<string, TableCounter>> {
  const databases = new Map<string, Map<string, TableCounter>>();
  for (const row of rows) {
    const id = row['database_id'] ?? '';
    const tables = databases.get(id) ?? new Map<string, TableCounter>();
    databases.set(id, tables);
    const counter = { total: BigInt(row['total'] ?? '0'), statements: BigInt(row['statements'] ?? '0') };
    tables.set(row['object_id'] ?? '', counter);
  }
  return databases;
}

function databaseOf(
  row: Row,
  name: string,
  { bytes, commits, memoryOptimised }: Log,
  tables: ReadonlyMap<string, ReadonlyMap<string, TableCounter>>,
): DatabaseSample {
  const id = row['database_id'] ?? '';
  const cdc = row['cdc'] === '1';
  return { id, name, logBytes: bytes, commits, memoryOptimised, cdc, tables: tables.get(id) ?? new Map() };
}
