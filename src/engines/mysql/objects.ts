/** Databases, their objects and exact counts, without the server's own and DTS's. */
import type { ObjectName } from '../../cutover/facts.ts';
import { DTS_FOOTPRINT, type ObjectFacts } from '../engine.ts';
import type { Dialect } from './dialect.ts';
import type { Link } from './link.ts';
import { isSystemSchema, quoteName, quoteText } from './text.ts';

/** A count of a large table is one long scan; the signal ends it earlier. */
const COUNT_LIMIT_MS = 60 * 60_000;

export async function listDatabases(link: Link, signal: AbortSignal): Promise<readonly string[]> {
  const answer = await link.query('SHOW DATABASES', signal);
  return answer.rows
    .map((row) => row[0] ?? '')
    .filter((name) => !isSystemSchema(name) && !DTS_FOOTPRINT.mysql.databases.includes(name));
}

export async function listObjects(link: Link, database: string, signal: AbortSignal): Promise<readonly ObjectFacts[]> {
  const schema = quoteText(database);
  const lists = [
    {
      // rows by the statistics of the engine
      sql: `SELECT TABLE_TYPE, TABLE_NAME, TABLE_ROWS FROM information_schema.TABLES WHERE TABLE_SCHEMA = ${schema}`,
      kindOf: tableKind,
    },
    {
      sql: `SELECT ROUTINE_TYPE, ROUTINE_NAME, NULL FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ${schema}`,
      kindOf: () => 'routine' as const,
    },
    {
      sql: `SELECT NULL, TRIGGER_NAME, NULL FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ${schema}`,
      kindOf: () => 'trigger' as const,
    },
    {
      sql: `SELECT NULL, EVENT_NAME, NULL FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ${schema}`,
      kindOf: () => 'event' as const,
    },
    {
      // index and constraint names are unique within a table only
      sql:
        "SELECT DISTINCT NULL, CONCAT(TABLE_NAME, '.', INDEX_NAME), NULL FROM information_schema.STATISTICS " +
        `WHERE TABLE_SCHEMA = ${schema}`,
      kindOf: () => 'index' as const,
    },
    {
      sql:
        "SELECT CONSTRAINT_TYPE, CONCAT(TABLE_NAME, '.', CONSTRAINT_NAME), NULL FROM information_schema.TABLE_CONSTRAINTS " +
        `WHERE CONSTRAINT_SCHEMA = ${schema}`,
      kindOf: () => 'constraint' as const,
    },
  ];
  const objects: ObjectFacts[] = [];
  for (const { sql, kindOf } of lists) {
    for (const [type, name, rows] of (await link.query(sql, signal)).rows) {
      const kind = kindOf(type ?? '');
      const estimatedRows = kind === 'table' && rows !== null && rows !== undefined ? Number(rows) : null;
      objects.push({ kind, object: { database, schema: null, name: name ?? '' }, estimatedRows });
    }
  }
  return objects;
}

export async function countRows(link: Link, dialect: Dialect, table: ObjectName, signal: AbortSignal): Promise<number> {
  const select = `SELECT COUNT(*) FROM ${quoteName(table.database)}.${quoteName(table.name)}`;
  const answer = await link.query(dialect.limitSelect(select, COUNT_LIMIT_MS), signal, COUNT_LIMIT_MS);
  return Number(answer.rows[0]?.[0] ?? NaN);
}

function tableKind(type: string): ObjectFacts['kind'] {
  switch (type) {
    case 'VIEW':
    case 'SYSTEM VIEW':
      return 'view';
    case 'SEQUENCE':
      return 'sequence';
    default:
      // BASE TABLE and MariaDB's SYSTEM VERSIONED
      return 'table';
  }
}
