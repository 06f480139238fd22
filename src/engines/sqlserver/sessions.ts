/**
 * The runbook's `SELECT * FROM sys.dm_exec_connections`, run as it is, and beside it the list joined from sessions,
 * connections and requests, which tells who each connection is and what it does; and ending one session.
 */
import type { RawResult, SessionFacts, SessionList, SessionNature, SessionState } from '../../cutover/facts.ts';
import { Failure } from '../../util/failure.ts';
import { sentence, type Sentence } from '../../util/sentence.ts';
import { driverFailure, errorNumber, isDenied } from './errors.ts';
import type { Link, Row } from './link.ts';
import { ACCOUNT } from './sql/server.ts';
import { kill, OWN_SESSIONS, RUNBOOK, SESSIONS } from './sql/sessions.ts';
import { instant, quoteName, zoneOf } from './text.ts';

const STATEMENT_LENGTH = 2_000;

/** What the rows do not say. */
export interface OwnMarks {
  readonly isOurs: (id: string, loginTime: string) => boolean;
  /** our program name and account: another window's sessions are ours too */
  readonly program: string;
  readonly account: string;
}

export async function listSessions(link: Link, programName: string, signal: AbortSignal): Promise<SessionList> {
  const { raw, denied } = await runbook(link, signal);
  const rows = await link.rows(denied ? OWN_SESSIONS : SESSIONS, signal);
  const own: OwnMarks = {
    isOurs: (id, loginTime) => link.isOurs(id, loginTime),
    program: programName,
    account: link.where.user,
  };
  return { sessions: normalise(rows, own), raw };
}

/** Without the right the server answers with an error, and that is then the raw result. */
async function runbook(link: Link, signal: AbortSignal): Promise<{ raw: RawResult; denied: boolean }> {
  try {
    const { columns, rows } = await link.table(RUNBOOK, signal);
    return { raw: { query: RUNBOOK, columns, rows }, denied: false };
  } catch (error) {
    if (!isDenied(error)) throw error;
    const message = serverMessage(error);
    const rows = [[String(errorNumber(error)), message]];
    return { raw: { query: RUNBOOK, columns: ['Msg', 'Message'], rows }, denied: true };
  }
}

function serverMessage(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error ? cause.message : '';
}

/** One fact per session: of several requests of one session the first that runs counts. Pure. */
export function normalise(rows: readonly Row[], own: OwnMarks): readonly SessionFacts[] {
  const sessions = new Map<string, SessionFacts>();
  for (const row of rows) {
    const session = sessionOf(row, own);
    if (sessions.get(session.id)?.state !== 'executing') sessions.set(session.id, session);
  }
  return [...sessions.values()];
}

function sessionOf(row: Row, own: OwnMarks): SessionFacts {
  const text = (name: string) => row[name] ?? '';
  const { nature, why } = natureOf(row, own);
  const state = stateOf(row);
  const serverNow = instant(row['server_now']);
  const loggedIn = instant(row['login_time']);
  const since = state === 'executing' ? instant(row['request_start_time']) : instant(row['last_request_end_time']);
  const ageOf = (at: number | null) => (serverNow === null || at === null ? null : Math.max(0, serverNow - at));
  const age = ageOf(since ?? loggedIn);
  return {
    id: text('session_id'),
    account: text('login_name'),
    host: hostOf(text('client_net_address'), text('host_name')),
    program: text('program_name'),
    database: text('database_name'),
    state,
    stateAge: age === null ? null : Math.round(age / 1000),
    statement: text('statement').slice(0, STATEMENT_LENGTH),
    nature,
    natureWhy: why,
    // by the server's clock, so that it stays the same from look to look
    startedAt: loggedIn === null ? null : loggedIn - zoneOf(serverNow, instant(row['server_utc'])),
  };
}

/** `<local machine>` and `<named pipe>` are no addresses. */
function hostOf(address: string, name: string): string {
  return address === '' || address.startsWith('<') ? name : address;
}

function stateOf(row: Row): SessionState {
  if (row['is_user_process'] === '0') return 'background';
  const request = row['request_status'] ?? '';
  if (request !== '') return request.toLowerCase() === 'background' ? 'background' : 'executing';
  switch ((row['status'] ?? '').toLowerCase()) {
    case 'running':
      return 'executing';
    case 'sleeping':
    case 'dormant': // given back to a pool
      return Number(row['open_transaction_count'] ?? 0) > 0 ? 'open transaction' : 'idle';
    default:
      // `preconnect`, or a word of a newer server
      return 'unknown';
  }
}

interface Nature {
  readonly nature: SessionNature;
  readonly why: Sentence;
}

function natureOf(row: Row, own: OwnMarks): Nature {
  const id = row['session_id'] ?? '';
  const program = row['program_name'] ?? '';
  if (own.isOurs(id, row['login_time'] ?? '')) {
    return { nature: 'self', why: sentence('The session is one of ours.') };
  }
  if (program === own.program && row['login_name'] === own.account) {
    return { nature: 'self', why: sentence('Program and account are ours.') };
  }
  if (row['is_user_process'] === '0') return { nature: 'system', why: sentence('is_user_process is 0.') };
  const why = sentence('The program is {program}.', { program });
  if (/^Repl-LogReader\b/i.test(program)) return { nature: 'replication', why };
  if (/^SQLAgent - TSQL JobStep\b/i.test(program)) {
    return CDC_JOB.test(row['statement'] ?? '')
      ? { nature: 'replication', why: sentence('It runs the capture job of change data capture.') }
      : { nature: 'client', why };
  }
  // the Agent's own connections to msdb; what its jobs do runs in sessions of their own, above
  if (/^SQLAgent - /i.test(program)) return { nature: 'system', why };
  return { nature: 'client', why: sentence('is_user_process is 1.') };
}

/** Change data capture reads the log through a job; its text is that of the procedure it is in. */
const CDC_JOB = /\bsp_(cdc_scan|MScdc_capture_job|replcmds)\b/i;

/** `KILL`; refuses what cannot be a session of somebody else's. The server rolls back in its own time. */
export async function terminateSession(link: Link, id: string, signal: AbortSignal): Promise<void> {
  const { endpoint } = link.where;
  if (!/^[1-9]\d{0,4}$/.test(id)) {
    throw new Failure('bad-input', sentence('{id} is no session id of {endpoint}.', { id, endpoint }));
  }
  if (link.isOurId(id)) {
    throw new Failure('bad-input', sentence('Session {id} is our own connection to {endpoint}.', { id, endpoint }));
  }
  try {
    await link.table(kill(id), signal);
  } catch (error) {
    // no such session, or none that is active: it has ended by itself
    if ([6101, 6106].includes(errorNumber(error))) return;
    throw await killFailure(link, id, error, signal);
  }
}

async function killFailure(link: Link, id: string, error: unknown, signal: AbortSignal): Promise<Failure> {
  const { endpoint, user } = link.where;
  const code = String(errorNumber(error));
  switch (errorNumber(error)) {
    case 6104: // cannot use KILL on one's own session
      return new Failure(
        'bad-input',
        sentence('Session {id} is our own connection to {endpoint}.', { id, endpoint }),
        null,
        { cause: error, code },
      );
    case 6107: // only user processes can be killed
      return new Failure(
        'bad-input',
        sentence('Session {id} of {endpoint} is a process of the server itself.', { id, endpoint }),
        null,
        { cause: error, code },
      );
    case 6102: // no permission to use KILL
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
  const account = (await link.rows(ACCOUNT, signal))[0]?.['account'] ?? link.where.user;
  const right = link.about.azureDatabase ? 'KILL DATABASE CONNECTION' : 'ALTER ANY CONNECTION';
  return `GRANT ${right} TO ${quoteName(account)};`;
}
