/** What is read of a server for telling which tables were written, besides its log. MySQL 5.7 and later, MariaDB. */
import { createHash } from 'node:crypto';
import { innodbTable, readGlobalCounters, readTableCounters, RESET } from './counters.ts';
import { pause } from '../../util/wait.ts';
import { errorNumber } from './errors.ts';
import { optional, type Link } from './link.ts';
import { SYSTEM_SCHEMAS } from './text.ts';

/** One table as one position has it. */
export interface TableMark {
  readonly engine: string;
  /** when a transaction that wrote to it was committed last, logged or not; seconds of the server's clock, '' for never */
  readonly updated: string;
  /** InnoDB's numbers of the table or its partitions: another one for TRUNCATE, a rebuild, an exchange */
  readonly ids: string;
  readonly columns: string;
  /** changed rows by the performance schema; null where that does not count all */
  readonly changes: string | null;
}

export interface ServerMarks {
  readonly identity: string;
  readonly startedAt: number;
  /** read before the tables; seconds of the server's clock */
  readonly at: number;
  /** RESET statements: one may have emptied the log */
  readonly resets: string;
  readonly definitions: string;
  readonly schemas: readonly string[];
  /** by `schema.table`, the server's own left out */
  readonly tables: Readonly<Record<string, TableMark>>;
  /** foreign keys that change rows: the table that is referred to, the table that refers */
  readonly cascades: readonly (readonly [string, string])[];
}

export interface Blindness {
  /** what the account may not read, by the right that is missing */
  readonly missing: 'PROCESS' | null;
  /** another server's writes are repeated here, and are not in this one's log */
  readonly unloggedReplica: boolean;
  /** more tables than InnoDB keeps in memory: it forgets when some of them were written */
  readonly forgetful: boolean;
  /** the performance schema counts every table */
  readonly counted: boolean;
}

export interface ServerSample {
  readonly marks: ServerMarks;
  readonly blind: Blindness;
}

const OWN = SYSTEM_SCHEMAS.map((name) => `'${name}'`).join(', ');

/** Statements that change definitions, as `StatementEffect.definition` tells them in the log; of temporary tables some too. */
const DEFINITIONS = [
  ...['Com_alter_db', 'Com_alter_table', 'Com_create_index', 'Com_drop_db', 'Com_drop_index'],
  ...['Com_rename_table', 'Com_truncate'],
];

export async function readMarks(link: Link, signal: AbortSignal): Promise<ServerSample> {
  const global = await readGlobalCounters(link, signal);
  const variables = await readVariables(link, signal);
  const tables = await readTables(link, signal);
  const columns = await readColumns(link, signal);
  const ids = await readIds(link, signal);
  const cascades = await readCascades(link, signal);
  const counters = await readTableCounters(link, global.instancesLost, signal);
  const counted = counters?.source === 'performance_schema' ? counters.counts : null;
  const marks: Record<string, TableMark> = {};
  for (const [name, { engine, updated }] of tables.byName) {
    marks[name] = {
      engine,
      updated,
      ids: (ids?.get(name) ?? []).sort().join(' '),
      columns: columns.get(name)?.digest('base64url') ?? '',
      changes: counted && String(counted.get(name) ?? 0n),
    };
  }
  const upstream = await optional(link, link.dialect.replicaStatus, signal);
  const logsReplica = isOn(variables.get('log_replica_updates') ?? variables.get('log_slave_updates'));
  const copies = (upstream?.rows.length ?? 0) > 0 || isOn(variables.get('wsrep_on'));
  const kept = Number(variables.get('table_definition_cache') ?? 0);
  return {
    marks: {
      identity: ['server_uuid', 'server_uid', 'hostname', 'port', 'server_id']
        .map((name) => variables.get(name) ?? '')
        .join('|'),
      startedAt: global.startedAt,
      at: tables.at,
      resets: String(global.commands.get(RESET) ?? ''),
      definitions: String(DEFINITIONS.reduce((sum, name) => sum + (global.commands.get(name) ?? 0n), 0n)),
      schemas: tables.schemas,
      tables: marks,
      cascades: cascades ?? [],
    },
    blind: {
      missing: ids && cascades ? null : 'PROCESS',
      unloggedReplica: copies && !logsReplica,
      forgetful: [...(ids?.values() ?? [])].flat().length > kept,
      counted: counted !== null,
    },
  };
}

const isOn = (value: string | undefined) => /^(on|1)$/i.test(value ?? '');

/** By names in lower case. */
async function readVariables(link: Link, signal: AbortSignal): Promise<Map<string, string>> {
  const names = [
    'server_uuid',
    'server_uid',
    'hostname',
    'port',
    'server_id',
    'log_replica_updates',
    'log_slave_updates',
    'wsrep_on',
    'table_definition_cache',
  ];
  const list = names.map((name) => `'${name}'`).join(', ');
  const variables = await link.query(`SHOW GLOBAL VARIABLES WHERE Variable_name IN (${list})`, signal);
  return new Map(variables.rows.map(([name, value]) => [(name ?? '').toLowerCase(), value ?? '']));
}

interface Tables {
  readonly at: number;
  readonly schemas: readonly string[];
  readonly byName: ReadonlyMap<string, Pick<TableMark, 'engine' | 'updated'>>;
}

/** MySQL 8 answers with statistics of yesterday unless the session asks for none that are kept. */
async function readTables(link: Link, signal: AbortSignal): Promise<Tables> {
  const fresh = '@@SESSION.information_schema_stats_expiry';
  let expiry = '0';
  try {
    await link.query('SET SESSION information_schema_stats_expiry = 0', signal);
    expiry = fresh;
  } catch (error) {
    // ER_UNKNOWN_SYSTEM_VARIABLE: MariaDB and 5.7 keep none
    if (errorNumber(error) !== 1193) throw error;
  }
  const at = Number((await link.query('SELECT UNIX_TIMESTAMP()', signal)).rows[0]?.[0] ?? NaN);
  const answer = await link.query(
    `SELECT TABLE_SCHEMA, TABLE_NAME, ENGINE, UNIX_TIMESTAMP(UPDATE_TIME), ${expiry} FROM information_schema.TABLES
      WHERE TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED') AND TABLE_SCHEMA NOT IN (${OWN})`,
    signal,
  );
  const byName = new Map<string, Pick<TableMark, 'engine' | 'updated'>>();
  for (const [schema, name, engine, updated, kept] of answer.rows) {
    // the session was another one for a moment: then nothing is known of the table
    byName.set(`${schema}.${name}`, { engine: kept === '0' ? (engine ?? '') : '', updated: updated ?? '' });
  }
  return { at, byName, schemas: [...new Set(answer.rows.map(([schema]) => schema ?? ''))] };
}

async function readColumns(link: Link, signal: AbortSignal) {
  const answer = await link.query(
    `SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, COLLATION_NAME, GENERATION_EXPRESSION FROM information_schema.COLUMNS
      WHERE TABLE_SCHEMA NOT IN (${OWN}) ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION`,
    signal,
  );
  const columns = new Map<string, ReturnType<typeof createHash>>();
  for (const [schema, table, ...column] of answer.rows) {
    const name = `${schema}.${table}`;
    let hash = columns.get(name);
    if (!hash) columns.set(name, (hash = createHash('sha256')));
    hash.update(JSON.stringify(column));
  }
  return columns;
}

/** null without the right PROCESS. */
async function readIds(link: Link, signal: AbortSignal): Promise<Map<string, string[]> | null> {
  const view = link.dialect.innodbTableStats.replace('TABLESTATS', 'TABLES');
  const answer = await optional(link, `SELECT NAME, TABLE_ID FROM ${view}`, signal);
  if (!answer) return null;
  const ids = new Map<string, string[]>();
  for (const [name, id] of answer.rows) {
    const parts = innodbTable(name ?? '');
    if (!parts) continue;
    const table = `${parts.schema}.${parts.table}`;
    // a partition by its name: two may have exchanged their numbers
    ids.set(table, [...(ids.get(table) ?? []), `${(name ?? '').replace(/^.*?(#p#|$)/is, '')}:${id}`]);
  }
  return ids;
}

/** Bits of TYPE: rows go or change with those they refer to. */
const CHANGES_ROWS = 1 | 2 | 4 | 8;

/** InnoDB's own list has the tables of every database, whatever the account may read. null without the right PROCESS. */
async function readCascades(link: Link, signal: AbortSignal): Promise<[string, string][] | null> {
  const view = link.dialect.innodbTableStats.replace('TABLESTATS', 'FOREIGN');
  const answer = await optional(link, `SELECT FOR_NAME, REF_NAME, TYPE FROM ${view}`, signal);
  if (!answer) return null;
  return answer.rows.flatMap(([from, to, type]): [string, string][] => {
    const refers = innodbTable(from ?? '');
    const referred = innodbTable(to ?? '');
    if (!refers || !referred || (Number(type) & CHANGES_ROWS) === 0) return [];
    return [[`${referred.schema}.${referred.table}`, `${refers.schema}.${refers.table}`]];
  });
}

/** Where a session stands that may have written its transaction to the log and not shown it yet. */
const AT_ITS_END = /commit|semi|ack|query end|^end$|start|init|closing|freeing|^$/i;

/** InnoDB answers from what it noted before as long as somebody asked within the last 100 ms. */
const NOTED_MS = 110;

/** Transactions that have changed rows. null without the right PROCESS. */
export async function readOpen(
  link: Link,
  signal: AbortSignal,
): Promise<
  { readonly id: string; readonly session: string; readonly seconds: number; readonly committing: boolean }[] | null
> {
  await pause(NOTED_MS, signal);
  const answer = await optional(
    link,
    `SELECT t.trx_id, t.trx_mysql_thread_id, TIMESTAMPDIFF(SECOND, t.trx_started, NOW()), p.COMMAND, p.STATE
       FROM information_schema.INNODB_TRX t LEFT JOIN information_schema.PROCESSLIST p ON p.ID = t.trx_mysql_thread_id
      WHERE t.trx_rows_modified > 0`,
    signal,
  );
  return (
    answer?.rows.map(([id, session, seconds, command, state]) => ({
      id: id ?? '',
      session: session ?? '0',
      seconds: Number(seconds),
      committing: session !== '0' && command !== 'Sleep' && AT_ITS_END.test(state ?? ''),
    })) ?? null
  );
}
