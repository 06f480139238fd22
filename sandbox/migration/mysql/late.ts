/**
 * What comes over only at the end: foreign keys, further indexes, triggers and events are taken away again after the
 * copy and brought back once the task is completed. DTS documents it of triggers and events; with the others it is
 * harder for whoever compares meanwhile.
 */
import mysql, { type Connection, type ConnectionOptions } from 'mysql2/promise';
import { rowsOf, SESSION_OPTIONS } from '../../mysqlSession.ts';
import { textIn, type Row } from '../../server.ts';
import type { MigrationEnd } from '../mover.ts';

/** Takes them away from the target; answers the statements that bring them again, in their order. */
export function withhold(target: MigrationEnd, database: string): Promise<readonly string[]> {
  return connected(target, database, async (connection) => [
    ...(await withholdKeys(connection, database)),
    ...(await withholdPrograms(connection, database)),
  ]);
}

/** Brings them as they were: a program keeps the settings of the session that makes it. */
export function bring(target: MigrationEnd, database: string, statements: readonly string[]): Promise<void> {
  return connected(target, database, async (connection) => {
    for (const statement of statements) await connection.query(statement);
  });
}

async function connected<T>(
  { host, port, user, password }: MigrationEnd,
  database: string,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const options: ConnectionOptions = { host, port, user, password, database, ...SESSION_OPTIONS };
  const connection = await mysql.createConnection(options);
  return work(connection).finally(() => connection.end());
}

interface Key {
  readonly table: string;
  readonly name: string;
  /** as CREATE TABLE has it */
  readonly clause: string;
}

/** What the server does to rows by itself is in no log of the source, so that such a foreign key stays. */
const FOREIGN_KEY = /^CONSTRAINT `((?:[^`]|``)+)` FOREIGN KEY (?!.* ON (?:DELETE|UPDATE) (?:CASCADE|SET))/;
const FURTHER_INDEX = /^(?:FULLTEXT |SPATIAL )?KEY `((?:[^`]|``)+)`/;

async function withholdKeys(target: Connection, database: string): Promise<string[]> {
  const tables = await namesOf(
    target,
    "table_name as name from information_schema.tables where table_type = 'BASE TABLE' and table_schema = ?",
    database,
  );
  const found = async (pattern: RegExp) =>
    (await Promise.all(tables.map((table) => keysOf(target, table, pattern)))).flat();
  const [foreign, further] = [await found(FOREIGN_KEY), await found(FURTHER_INDEX)];
  const gone: Key[] = [];
  for (const key of foreign) await drop(target, 'foreign key', key);
  for (const key of further) if (await dropUnlessNeeded(target, key)) gone.push(key);
  return [...gone, ...foreign].map(({ table, clause }) => `alter table ${mysql.escapeId(table, true)} add ${clause}`);
}

async function keysOf(target: Connection, table: string, pattern: RegExp): Promise<Key[]> {
  const [row] = await rowsOf(target, `show create table ${mysql.escapeId(table, true)}`);
  return textIn(row, 'Create Table')
    .split('\n')
    .map((line) => line.trim().replace(/,$/, ''))
    .flatMap((clause) => {
      const name = pattern.exec(clause)?.[1]?.replaceAll('``', '`');
      return name === undefined ? [] : [{ table, name, clause }];
    });
}

const drop = (target: Connection, kind: 'foreign key' | 'index', { table, name }: Key) =>
  target.query(`alter table ${mysql.escapeId(table, true)} drop ${kind} ${mysql.escapeId(name, true)}`);

/** A foreign key that stays may need it. */
function dropUnlessNeeded(target: Connection, key: Key): Promise<boolean> {
  return drop(target, 'index', key).then(
    () => true,
    (error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ER_DROP_INDEX_FK') return false;
      throw error;
    },
  );
}

const PROGRAMS = [
  {
    kind: 'trigger',
    list: 'trigger_name as name from information_schema.triggers where trigger_schema = ?',
    definition: 'SQL Original Statement',
    settings: ['sql_mode', 'character_set_client', 'collation_connection'],
  },
  {
    kind: 'event',
    list: 'event_name as name from information_schema.events where event_schema = ?',
    definition: 'Create Event',
    settings: ['sql_mode', 'character_set_client', 'collation_connection', 'time_zone'],
  },
] as const;

async function withholdPrograms(target: Connection, database: string): Promise<string[]> {
  const statements: string[] = [];
  for (const { kind, list, definition, settings } of PROGRAMS) {
    for (const name of await namesOf(target, list, database)) {
      const [row] = await rowsOf(target, `show create ${kind} ${mysql.escapeId(name, true)}`);
      statements.push(settingsIn(row, settings), textIn(row, definition));
      await target.query(`drop ${kind} ${mysql.escapeId(name, true)}`);
    }
  }
  return statements;
}

const settingsIn = (row: Row | undefined, names: readonly string[]) =>
  `set ${names.map((name) => `session ${name} = ${mysql.escape(textIn(row, name))}`).join(', ')}`;

async function namesOf(target: Connection, what: string, database: string): Promise<string[]> {
  const rows = await rowsOf(target, `select ${what} order by 1`, [database]);
  return rows.map((row) => textIn(row, 'name'));
}
