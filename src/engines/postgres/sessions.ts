/**
 * The runbook's `SELECT * FROM pg_stat_activity`, run as it is, and what its rows mean.
 * Columns: https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW
 */
import type { RawResult, SessionFacts, SessionList, SessionNature, SessionState } from '../../cutover/facts.ts';
import { Failure } from '../../util/failure.ts';
import { sentence, type Sentence } from '../../util/sentence.ts';
import { pause } from '../../util/wait.ts';
import { isOurs, type Backend } from './backend.ts';
import { insufficientPrivilege, timedOut } from './errors.ts';
import { quoteIdentifier } from './text.ts';
import { instant } from './text.ts';

const QUERY = 'SELECT * FROM pg_stat_activity';
const ABOUT = 'SELECT clock_timestamp(), pg_backend_pid()';
const STATEMENT_LENGTH = 2_000;
/** What the server shows instead of the statement of somebody else, when we may not see it. */
const MASKED = '<insufficient privilege>';

export async function listSessions(backend: Backend, signal: AbortSignal): Promise<SessionList> {
  const [list, about] = await backend.tablesOfAnyBytes([QUERY, ABOUT], signal);
  const raw = { query: QUERY, columns: list?.columns ?? [], rows: list?.rows ?? [] };
  const [clock, pid] = about?.rows[0] ?? [];
  const now = instant(clock ?? null) ?? Date.now();
  // through a pooler our session is ours only while it makes the list
  const self = (id: string, startedAt: string) => id === pid || isOurs(id, startedAt);
  return { sessions: readSessions(raw, now, Date.now() - now, self), raw };
}

/**
 * @param serverNow the server's clock when the list was made
 * @param offset our clock minus the server's, milliseconds
 */
export function readSessions(
  raw: RawResult,
  serverNow: number,
  offset: number,
  ours: (pid: string, startedAt: string) => boolean,
): SessionFacts[] {
  const index = new Map(raw.columns.map((name, i) => [name, i]));
  return raw.rows.map((row) => {
    const get = (name: string) => row[index.get(name) ?? -1] ?? null;
    const statement = get('query') ?? '';
    const [nature, natureWhy] = natureOf(get, ours);
    const started = instant(get('backend_start'));
    const since = instant(get('state_change')) ?? instant(get('xact_start'));
    return {
      id: get('pid') ?? '',
      account: get('usename') ?? '',
      host: get('client_addr') ?? (get('client_port') === '-1' ? '[local]' : ''),
      program: get('application_name') ?? '',
      database: get('datname') ?? '',
      state: nature === 'system' ? 'background' : stateOf(get('state')),
      stateAge: since === null ? null : Math.max(0, (serverNow - since) / 1000),
      statement: statement.slice(0, STATEMENT_LENGTH),
      nature,
      natureWhy,
      startedAt: started === null ? null : started + offset,
    };
  });
}

function stateOf(state: string | null): SessionState {
  switch (state) {
    case 'active':
    case 'fastpath function call':
      return 'executing';
    case 'idle in transaction':
    case 'idle in transaction (aborted)':
      return 'open transaction';
    case 'idle':
      return 'idle';
    default:
      // masked, `disabled` (track_activities is off), `starting`, or a word of a newer server
      return 'unknown';
  }
}

/** The server's own processes. Anything else that is no client but runs statements for a user is a client to us. */
const SYSTEM = new Set([
  'archiver',
  'autovacuum launcher',
  'autovacuum worker',
  'background writer',
  'checkpointer',
  'io worker',
  'logger',
  'logical replication launcher',
  'parallel worker',
  'startup',
  'walsummarizer',
  'walwriter',
]);

function natureOf(
  get: (name: string) => string | null,
  ours: (pid: string, startedAt: string) => boolean,
): readonly [SessionNature, Sentence] {
  if (ours(get('pid') ?? '', get('backend_start') ?? '')) {
    return ['self', sentence('process {pid} is a connection of ours', { pid: get('pid') ?? '' })];
  }
  if (get('query') === MASKED) {
    return ['client', sentence('the server hides what this session is from our account')];
  }
  const type = get('backend_type');
  if (type === null) return natureByTraces(get);
  const why = sentence('backend_type is {type}', { type });
  if (type === 'client backend') return ['client', why];
  if (type.startsWith('wal') && (type === 'walsender' || type === 'walreceiver')) return ['replication', why];
  if (SYSTEM.has(type) || type.endsWith(' launcher')) return ['system', why];
  if (type.startsWith('logical replication') || type.startsWith('slotsync')) return ['replication', why];
  const runsStatements = get('datname') !== null && get('state') !== null && get('state') !== 'idle';
  return [runsStatements ? 'client' : 'system', why];
}

/** Before PostgreSQL 10 only clients and autovacuum workers were listed, without saying which is which. */
function natureByTraces(get: (name: string) => string | null): readonly [SessionNature, Sentence] {
  if (get('query')?.startsWith('autovacuum: ')) return ['system', sentence('its statement is an autovacuum')];
  if (get('usename') === null && get('client_addr') === null && get('client_port') === null) {
    return ['system', sentence('it has neither a user nor a client')];
  }
  return ['client', sentence('the server does not tell its kind')];
}

/** Ends a session and waits until it is gone. One that is gone already is no error. */
export async function terminateSession(
  backend: Backend,
  id: string,
  limitMs: number,
  signal: AbortSignal,
): Promise<void> {
  if (!/^[1-9]\d{0,9}$/.test(id)) {
    throw new Failure('bad-input', sentence('{id} is no session id.', { id }));
  }
  const find = () => backend.rows('SELECT pid, backend_start FROM pg_stat_activity WHERE pid = $1', [id], signal);
  const [session] = await find();
  if (!session) return;
  const started = session['backend_start'] ?? '';
  if (id === backend.pid || isOurs(id, started)) {
    throw new Failure('not-allowed-now', sentence('Session {id} is a connection of our own.', { id }));
  }
  try {
    await backend.rows('SELECT pg_terminate_backend($1::int)', [id], signal);
  } catch (error) {
    if (!(error instanceof Failure) || error.reason !== 'insufficient-privilege') throw error;
    const { user, endpoint } = backend.where;
    throw insufficientPrivilege(
      sentence('{user} may not end session {id} at {endpoint}.', { user, id, endpoint }),
      `GRANT pg_signal_backend TO ${quoteIdentifier(user)};`,
      error,
    );
  }
  const deadline = performance.now() + limitMs;
  for (;;) {
    const [still] = await find();
    // the id may belong to another session by now
    if (!still || (still['backend_start'] ?? '') !== started) return;
    if (performance.now() > deadline) throw timedOut(backend.where, limitMs);
    await pause(50, signal);
  }
}
