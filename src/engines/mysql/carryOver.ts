/** What a migration may leave out, as the statements that make it again: accounts, views, routines, triggers, events. */
import { sentence } from '../../util/sentence.ts';
import { Failure } from '../../util/failure.ts';
import type { CarriedObject } from '../engine.ts';
import type { Link, Rows } from './link.ts';
import { quoteAccount, quoteName, quoteText } from './text.ts';

/** Accounts that every server has for itself. */
const OWN_ACCOUNTS = /^(mysql\.(sys|session|infoschema)|mariadb\.sys|root|PUBLIC|)$/;

const PROGRAMS = [
  {
    kind: 'function',
    from: 'ROUTINES',
    of: 'ROUTINE',
    where: " AND ROUTINE_TYPE = 'FUNCTION'",
    text: 'Create Function',
  },
  {
    kind: 'procedure',
    from: 'ROUTINES',
    of: 'ROUTINE',
    where: " AND ROUTINE_TYPE = 'PROCEDURE'",
    text: 'Create Procedure',
  },
  { kind: 'view', from: 'VIEWS', of: 'TABLE', where: '', text: 'Create View' },
  { kind: 'trigger', from: 'TRIGGERS', of: 'TRIGGER', where: '', text: 'SQL Original Statement' },
  { kind: 'event', from: 'EVENTS', of: 'EVENT', where: '', text: 'Create Event' },
] as const;

export async function listCarryOver(
  link: Link,
  databases: readonly string[],
  signal: AbortSignal,
): Promise<readonly CarriedObject[]> {
  const objects = await accounts(link, signal);
  for (const database of databases) {
    for (const program of PROGRAMS) objects.push(...(await programs(link, database, program, signal)));
  }
  return objects;
}

async function programs(
  link: Link,
  database: string,
  { kind, from, of, where, text }: (typeof PROGRAMS)[number],
  signal: AbortSignal,
): Promise<CarriedObject[]> {
  const list = `SELECT ${of}_NAME FROM information_schema.${from} WHERE ${of}_SCHEMA = ${quoteText(database)}${where} ORDER BY 1`;
  const names = (await link.query(list, signal)).rows.map((row) => row[0] ?? '');
  const found: CarriedObject[] = [];
  for (const each of names) {
    const place = `${quoteName(database)}.${quoteName(each)}`;
    const answer = await link.query(`SHOW CREATE ${kind.toUpperCase()} ${place}`, signal);
    const definition = cell(answer, text);
    const mode = cell(answer, 'sql_mode');
    // definitions of triggers and events name no database
    const settings = mode === null ? '' : `USE ${quoteName(database)};\nSET SESSION sql_mode = ${quoteText(mode)};\n`;
    found.push({
      ...{ kind, database, schema: null, name: each },
      statement: definition === null ? null : `${settings}${ended(kind, definition)}`,
    });
  }
  return found;
}

/** A body may hold semicolons: the client has to be told where the statement ends. */
const ended = (kind: string, definition: string) =>
  kind === 'view' ? `${definition};` : `DELIMITER $$\n${definition.replace(/;\s*$/, '')}$$\nDELIMITER ;`;

function cell({ columns, rows }: Rows, column: string): string | null {
  return rows[0]?.[columns.indexOf(column)] ?? null;
}

/** Passwords stay where they are, their hashes too. */
async function accounts(link: Link, signal: AbortSignal): Promise<CarriedObject[]> {
  const place = { kind: 'account', database: null, schema: null } as const;
  try {
    const { rows } = await link.query('SELECT User, Host FROM mysql.user ORDER BY 1, 2', signal);
    const objects: CarriedObject[] = [];
    for (const [user, host] of rows) {
      if (user === null || user === undefined || OWN_ACCOUNTS.test(user)) continue;
      const account = quoteAccount(`${user}@${host ?? '%'}`);
      const grants = await link.query(`SHOW GRANTS FOR ${account}`, signal);
      const lines = grants.rows.map((row) => `${withoutPassword(row[0] ?? '')};`);
      const create = `CREATE USER IF NOT EXISTS ${account}; -- set its password`;
      objects.push({ ...place, name: `${user}@${host ?? '%'}`, statement: [create, ...lines].join('\n') });
    }
    return objects;
  } catch (error) {
    if (!(error instanceof Failure) || error.reason === 'cancelled' || error.reason === 'connection-lost') throw error;
    return [{ ...place, name: '*', statement: null, why: sentence('This account may not read the other accounts.') }];
  }
}

/** MariaDB and MySQL 5.7 tell the hash with the first grant. */
const withoutPassword = (grant: string) =>
  grant.replace(/ IDENTIFIED (BY|VIA|WITH) .*?(?= REQUIRE | WITH (GRANT OPTION|MAX_)|$)/is, '');
