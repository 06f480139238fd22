/**
 * Step 1's question: may this account do what every later step needs? What one can do without changing anything is
 * done; the rest is read from SHOW GRANTS, which holds the rights of active roles too.
 */
import type { RightFacts, RightsScope } from '../../cutover/facts.ts';
import { sentence } from '../../util/sentence.ts';
import { right, sessionsRight } from '../rights.ts';
import { readLogState } from './binlog.ts';
import { readGlobalCounters, readTableCounters } from './counters.ts';
import { hiddenDatabases } from './digest-catalog.ts';
import { errorNumber } from './errors.ts';
import { grantsOf, type Grants } from './grants.ts';
import { optional, type Link } from './link.ts';
import { listDatabases } from './objects.ts';
import { isSystemSchema, quoteAccount, quoteName, quoteText } from './text.ts';
import { checkVisibility, globalPrivileges, type Privileges } from './visibility.ts';

/** What the questions share. */
interface Asked {
  readonly link: Link;
  readonly grants: Grants;
  /** on everything, with nothing taken back on a user's database */
  readonly global: Privileges;
  /** quoted for a GRANT */
  readonly account: string;
  readonly signal: AbortSignal;
}

export async function checkRights(
  link: Link,
  scope: readonly RightsScope[] | null,
  signal: AbortSignal,
): Promise<readonly RightFacts[]> {
  const lines = (await link.query('SHOW GRANTS', signal)).rows.map(([line]) => line ?? '');
  const account = quoteAccount((await link.query('SELECT CURRENT_USER()', signal)).rows[0]?.[0] ?? '');
  const asked: Asked = { link, grants: grantsOf(lines), global: globalPrivileges(lines), account, signal };
  const shown = await listDatabases(link, signal);
  const hidden = scope === null ? hiddenDatabases(lines, shown) : [];
  const databases = scope ?? shown.map((database) => ({ database, tables: null }));
  return [
    await sessionsRight({ checkVisibility: (either) => checkVisibility(link, either) }, signal),
    ...(await positionRights(asked)),
    await writersRight(asked),
    await comparisonRight(asked, databases, hidden),
    hidden === 'unknown'
      ? right('objects', 'unknown', sentence('There may be databases that this account does not see.'))
      : objectsRight(asked, databases),
    endRight(asked),
  ];
}

/** The log's place, its events, and the counters that see what is kept out of the log. */
async function positionRights(asked: Asked): Promise<RightFacts[]> {
  const { link, account, signal } = asked;
  const found: RightFacts[] = [];
  const log = await readLogState(link, signal);
  const readable = log === 'off' || (log !== 'denied' && (await eventsReadable(link, log.file, signal)));
  if (!readable) {
    const why = sentence('The binary log cannot be read, so what is written cannot be told.');
    found.push(right('position', 'missing', why, `GRANT ${link.dialect.binlogPrivileges} ON *.* TO ${account};`));
  }
  const blind = await countersMissing(asked, log === 'off');
  if (blind) found.push(blind);
  return found.length > 0 ? found : [right('position', 'ok', sentence('What is written can be told.'))];
}

async function eventsReadable(link: Link, file: string, signal: AbortSignal): Promise<boolean> {
  return (await optional(link, `SHOW BINLOG EVENTS IN ${quoteText(file)} LIMIT 1`, signal)) !== null;
}

/** null where some counter sees a write that is kept out of the log; MariaDB's global ones do for every account. */
async function countersMissing(asked: Asked, logOff: boolean): Promise<RightFacts | null> {
  const { link, global, account, signal } = asked;
  if (link.dialect.rowCounters.everyEngine && !logOff) return null;
  const { instancesLost } = await readGlobalCounters(link, signal);
  const tables = await readTableCounters(link, instancesLost, signal);
  if (tables?.source === 'performance_schema') return null;
  // InnoDB's counters are enough where all tables can be seen to be InnoDB's
  if (tables && global.has('SELECT')) return null;
  const on = (await link.query('SELECT @@GLOBAL.performance_schema', signal)).rows[0]?.[0] === '1';
  return right(
    'position',
    'missing',
    on
      ? sentence('The counters of performance_schema cannot be read, so a write kept out of the log would not be seen.')
      : sentence('performance_schema is off, so a write kept out of the log is seen only by who may read every table.'),
    on ? `GRANT SELECT ON performance_schema.* TO ${account};` : `GRANT PROCESS, SELECT ON *.* TO ${account};`,
  );
}

async function writersRight({ link, account, signal, global }: Asked): Promise<RightFacts> {
  const listed =
    (await optional(link, link.dialect.preparedTransactions, signal)) ??
    (await optional(link, 'SELECT 1 FROM information_schema.INNODB_TRX LIMIT 1', signal));
  if (!listed) {
    const why = sentence('Prepared transactions cannot be listed.');
    const privilege = link.dialect.preparedPrivilege ?? 'PROCESS';
    return right('writers', 'missing', why, `GRANT ${privilege} ON *.* TO ${account};`);
  }
  if (!global.has('EVENT')) {
    const why = sentence('Events of some databases are hidden, and may write later.');
    return right('writers', 'missing', why, `GRANT EVENT ON *.* TO ${account};`);
  }
  return right('writers', 'ok', sentence('Schedules and prepared transactions can be listed.'));
}

/** A database whose tables cannot be selected from hides them, so the grants have to say it for all of them. */
async function comparisonRight(
  asked: Asked,
  scope: readonly RightsScope[],
  hidden: readonly string[] | 'unknown',
): Promise<RightFacts> {
  const { grants, account } = asked;
  const missing: { readonly name: string; readonly grant: string }[] = [];
  for (const { database, tables } of scope) {
    if (isSystemSchema(database) || grants.onDatabase('SELECT', database)) continue;
    const quoted = quoteName(database);
    if (tables === null) {
      missing.push({ name: database, grant: `GRANT SELECT ON ${pattern(database)}.* TO ${account};` });
      continue;
    }
    for (const table of tables) {
      if (await selectable(asked, database, table)) continue;
      const grant = `GRANT SELECT ON ${quoted}.${quoteName(table)} TO ${account};`;
      missing.push({ name: `${database}.${table}`, grant });
    }
  }
  if (hidden === 'unknown') missing.push({ name: '*', grant: `GRANT SELECT ON *.* TO ${account};` });
  else for (const name of hidden) missing.push({ name, grant: `GRANT SELECT ON ${pattern(name)}.* TO ${account};` });
  if (missing.length === 0) return right('comparison', 'ok', sentence('Every table of the migration can be read.'));
  const objects = missing.map(({ name }) => name);
  return right(
    'comparison',
    'missing',
    sentence('These cannot be read in full, so they cannot be compared: {objects}.', { objects: listed(objects) }),
    missing.map(({ grant }) => grant).join('\n'),
    objects,
  );
}

/** All columns of it: a right on some of them does not do. A table that is not there wants no right. */
async function selectable({ link, grants, signal }: Asked, database: string, table: string): Promise<boolean> {
  if (grants.onTable('SELECT', database, table)) return true;
  try {
    await link.query(`SELECT * FROM ${quoteName(database)}.${quoteName(table)} LIMIT 0`, signal);
    return true;
  } catch (error) {
    // ER_BAD_DB_ERROR, ER_NO_SUCH_TABLE: told only to who would be let in
    return [1049, 1146].includes(errorNumber(error) ?? 0);
  }
}

/** Definitions of triggers, events, views and routines, which the server hides without a word. */
function objectsRight({ link, grants, global, account }: Asked, scope: readonly RightsScope[]): RightFacts {
  const needed: string[] = [];
  const objects: string[] = [];
  for (const { database } of scope) {
    const lacking = ['TRIGGER', 'EVENT', 'SHOW VIEW'].filter((each) => !grants.onDatabase(each, database));
    if (lacking.length === 0) continue;
    objects.push(database);
    needed.push(`GRANT ${lacking.join(', ')} ON ${pattern(database)}.* TO ${account};`);
  }
  const routines =
    global.has('SELECT') ||
    (link.dialect.mariaDb && grants.onTable('SELECT', 'mysql', 'proc')) ||
    global.has('SHOW_ROUTINE') ||
    scope.every(({ database }) => grants.onDatabase('SHOW CREATE ROUTINE', database));
  if (!routines) {
    needed.push(`GRANT SELECT ON ${link.dialect.mariaDb ? 'mysql.proc' : '*.*'} TO ${account};`);
  }
  if (needed.length === 0) return right('objects', 'ok', sentence('The objects of the databases can be listed.'));
  const why = sentence('Some triggers, events, views or routines would be hidden from the comparison.');
  return right('objects', 'missing', why, needed.join('\n'), objects);
}

function endRight({ link, global, account }: Asked): RightFacts {
  const privilege = link.dialect.killPrivilege;
  const names = [privilege, 'SUPER'];
  return names.some((name) => global.has(name))
    ? right('end a session', 'ok', sentence('Sessions can be ended.'))
    : right(
        'end a session',
        'missing',
        sentence('Sessions of others cannot be ended from here.'),
        `GRANT ${privilege} ON *.* TO ${account};`,
      );
}

/** In a grant on a database `_` and `%` stand for any characters unless escaped. */
function pattern(database: string): string {
  return quoteName(database.replace(/[_%]/g, '\\$&'));
}

function listed(all: readonly string[]): string {
  const shown = all.slice(0, 3).join(', ');
  return all.length > 3 ? `${shown} … (${all.length})` : shown;
}
