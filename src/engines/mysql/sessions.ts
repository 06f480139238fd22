/** `SHOW FULL PROCESSLIST`, the runbook's own query, normalised; and ending one session. */
import type { RawResult, SessionFacts, SessionList, SessionNature, SessionState } from '../../cutover/facts.ts';
import { Failure } from '../../util/failure.ts';
import { sentence, type Sentence } from '../../util/sentence.ts';
import { pause } from '../../util/wait.ts';
import type { Dialect } from './dialect.ts';
import { driverFailure, errorNumber, timedOut } from './errors.ts';
import { optional, type Link, type Rows } from './link.ts';
import { quoteAccount } from './text.ts';

const RUNBOOK = 'SHOW FULL PROCESSLIST';
const STATEMENT_LENGTH = 2_000;
const LOOK_AGAIN_MS = 50;
const NO_SUCH_THREAD = 1094;

/** What the process list alone does not say. */
export interface SessionExtras {
  readonly ownIds: ReadonlySet<string>;
  /** our program name and account: another window's connections are ours too */
  readonly own: { readonly program: string; readonly account: string };
  /** connection id → seconds the open transaction lasts, null where the server does not say */
  readonly transactions: ReadonlyMap<string, number | null>;
  /** connection id → program name */
  readonly programs: ReadonlyMap<string, string>;
}

export async function listSessions(link: Link, programName: string, signal: AbortSignal): Promise<SessionList> {
  const transactions = await openTransactions(link, signal);
  const programs = await programNames(link, signal);
  // last, so that the list is the freshest of the three
  const answer = await link.query(RUNBOOK, signal);
  const extras: SessionExtras = {
    ownIds: link.ownIds(),
    own: { program: programName, account: link.where.user },
    transactions,
    programs,
  };
  const raw: RawResult = { query: RUNBOOK, columns: answer.columns, rows: answer.rows };
  return { sessions: normalise(answer, extras), raw };
}

/** Rows of the process list as sessions; pure. */
export function normalise(list: Rows, extras: SessionExtras): readonly SessionFacts[] {
  const column = new Map(list.columns.map((name, i) => [name.toLowerCase(), i]));
  const at = (row: readonly (string | null)[], name: string) => row[column.get(name) ?? -1] ?? null;
  return list.rows.map((row) => {
    const id = at(row, 'id') ?? '';
    const account = at(row, 'user') ?? '';
    const command = at(row, 'command') ?? '';
    const program = extras.programs.get(id) ?? '';
    const { nature, why } = natureOf(id, account, command, program, extras);
    const state = stateOf(command, nature, extras.transactions.has(id));
    const since = state === 'open transaction' ? (extras.transactions.get(id) ?? null) : null;
    return {
      id,
      account,
      host: hostOnly(at(row, 'host') ?? ''),
      program,
      database: at(row, 'db') ?? '',
      state,
      stateAge: since ?? secondsOf(at(row, 'time')),
      statement: (at(row, 'info') ?? '').slice(0, STATEMENT_LENGTH),
      nature,
      natureWhy: why,
      startedAt: null,
    };
  });
}

/** `KILL CONNECTION`, until the session is gone; refuses what cannot be a session of somebody else's. */
export async function terminateSession(link: Link, id: string, signal: AbortSignal): Promise<void> {
  const { endpoint } = link.where;
  if (!/^\d{1,20}$/.test(id)) {
    throw new Failure('bad-input', sentence('{id} is no session id of {endpoint}.', { id, endpoint }));
  }
  if (link.ownIds().has(id)) {
    throw new Failure('bad-input', sentence('Session {id} is our own connection to {endpoint}.', { id, endpoint }));
  }
  // ids are never given twice: asking again until the server knows it no more says that its transaction is rolled back
  for (const deadline = performance.now() + link.timeoutMs; ; await pause(LOOK_AGAIN_MS, signal)) {
    try {
      await link.query(`KILL CONNECTION ${id}`, signal);
    } catch (error) {
      if (errorNumber(error) === NO_SUCH_THREAD) return;
      throw await killFailure(link, id, error, signal);
    }
    if (performance.now() > deadline) throw timedOut(link.where, link.timeoutMs);
  }
}

async function killFailure(link: Link, id: string, error: unknown, signal: AbortSignal): Promise<Failure> {
  const { endpoint, user } = link.where;
  const code = driverFailure(error, link.where).code ?? '';
  switch (errorNumber(error)) {
    case 1095: // ER_KILL_DENIED_ERROR
    case 1227: // ER_SPECIFIC_ACCESS_DENIED_ERROR: a SYSTEM_USER's session on MySQL 8
      return new Failure(
        'insufficient-privilege',
        sentence('{user} may not end session {id} on {endpoint}.', { user, id, endpoint }),
        sentence('Run as an administrator: {grant}', { grant: await killGrant(link, signal) }),
        { cause: error, code },
      );
    default:
      return driverFailure(error, link.where);
  }
}

async function killGrant(link: Link, signal: AbortSignal): Promise<string> {
  const account = (await link.query('SELECT CURRENT_USER()', signal)).rows[0]?.[0] ?? '';
  return killGrantFor(link.dialect, account);
}

export function killGrantFor(dialect: Dialect, currentUser: string): string {
  return `GRANT ${dialect.killPrivilege} ON *.* TO ${quoteAccount(currentUser)};`;
}

function natureOf(
  id: string,
  account: string,
  command: string,
  program: string,
  { ownIds, own }: SessionExtras,
): { nature: SessionNature; why: Sentence } {
  if (ownIds.has(id) && account === own.account)
    return { nature: 'self', why: sentence('The connection id is one of ours.') };
  if (program !== '' && program === own.program && account === own.account) {
    return { nature: 'self', why: sentence('Program and account are ours.') };
  }
  if (/^binlog dump/i.test(command)) {
    return { nature: 'replication', why: sentence('The command is {command}.', { command }) };
  }
  if (SYSTEM_ACCOUNTS.has(account) || /^daemon$/i.test(command)) {
    return SYSTEM_ACCOUNTS.has(account)
      ? { nature: 'system', why: sentence('The account is {account}.', { account }) }
      : { nature: 'system', why: sentence('The command is {command}.', { command }) };
  }
  return { nature: 'client', why: sentence('The command is {command}.', { command }) };
}

/** Names the server itself uses; nobody can log in with them. */
const SYSTEM_ACCOUNTS: ReadonlySet<string> = new Set([
  'system user',
  'event_scheduler',
  'mysql.session',
  'mariadb.sys',
]);

function stateOf(command: string, nature: SessionNature, inTransaction: boolean): SessionState {
  if (nature === 'system' || nature === 'replication') return 'background';
  if (!/^sleep$/i.test(command)) return command === '' ? 'unknown' : 'executing';
  return inTransaction ? 'open transaction' : 'idle';
}

/** Without the port; a path or a bare name stays. */
function hostOnly(host: string): string {
  return /^(.+):\d+$/.exec(host)?.[1] ?? host;
}

function secondsOf(time: string | null): number | null {
  if (time === null || !/^\d+$/.test(time)) return null;
  const seconds = Number(time);
  // the server shows a wrapped negative when its clock stepped back
  return seconds < 0xffff_0000 ? seconds : null;
}

/** Empty where the account may not see it: then the visibility is limited anyway, which blocks. */
async function openTransactions(link: Link, signal: AbortSignal): Promise<ReadonlyMap<string, number | null>> {
  const answer = await optional(
    link,
    // trx_started is in the time zone of the server's machine, whatever the session's is
    "SELECT trx_mysql_thread_id, TIMESTAMPDIFF(SECOND, trx_started, CONVERT_TZ(UTC_TIMESTAMP(), '+00:00', 'SYSTEM')) " +
      'FROM information_schema.INNODB_TRX',
    signal,
  );
  return new Map((answer?.rows ?? []).map(([id, age]) => [id ?? '', secondsOf(age ?? null)]));
}

async function programNames(link: Link, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const answer = await optional(
    link,
    "SELECT PROCESSLIST_ID, ATTR_VALUE FROM performance_schema.session_connect_attrs WHERE ATTR_NAME = 'program_name'",
    signal,
  );
  return new Map((answer?.rows ?? []).map(([id, name]) => [id ?? '', name ?? '']));
}
