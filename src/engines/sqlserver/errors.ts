/**
 * The driver's and the server's errors as one sentence each. Decides by code and number, never by message text;
 * the server's own words go in only where they hold the fact (a refused certificate, a failed query).
 */
import { Failure, isFailure } from '../../util/failure.ts';
import { sentence } from '../../util/sentence.ts';
import {
  certificateProblem,
  connectionClosed,
  encryptionFailed,
  failureOf,
  networkProblem,
  queryFailed,
  type Told,
  type Where,
} from '../networkErrors.ts';

export type { Where } from '../networkErrors.ts';

/**
 * Any thrown thing of the driver as a Failure; a Failure stays as it is.
 * @param loginErrors numbers the server gave while logging in: the driver drops them from its error
 */
export function driverFailure(error: unknown, where: Where, loginErrors: readonly number[] = []): Failure {
  if (isFailure(error)) return error;
  const facts = factsOf(error);
  const numbers = [...loginErrors, ...facts.numbers];
  // a missing database comes with the refused login that follows from it: the first that says something counts
  const known = numbers.map((number) => ({ number, told: byNumber(number, facts.message, where) }));
  const first = known.find(({ told }) => told !== null);
  const told = first?.told ?? byCode(facts, where) ?? queryFailed(where, facts.message);
  const number = first?.number ?? numbers[0];
  const code = number === undefined ? (facts.codes.at(-1) ?? '') : String(number);
  return failureOf(told, where, { cause: error, code });
}

/** The server's error number, 0 where the error is not the server's. */
export function errorNumber(error: unknown): number {
  if (isFailure(error)) return /^\d+$/.test(error.code ?? '') ? Number(error.code) : 0;
  return factsOf(error).numbers[0] ?? 0;
}

/** Numbers that say a right is missing: on an object, in a database, on the server, on a database as a whole. */
export function isDenied(error: unknown): boolean {
  return DENIED.has(errorNumber(error));
}

const DENIED: ReadonlySet<number> = new Set([229, 230, 262, 297, 300, 371, 916]);

export function timedOut(where: Where, limitMs: number): Failure {
  return new Failure(
    'timed-out',
    sentence('{endpoint} did not answer within {seconds} s.', { endpoint: where.endpoint, seconds: limitMs / 1000 }),
    sentence('The server may be overloaded or the network may drop packets; it is tried again.'),
  );
}

export function connectionLost(where: Where): Failure {
  const { reason, what, tryThis } = connectionClosed(where);
  return new Failure(reason, what, tryThis);
}

export function noEncryption({ endpoint }: Where): Failure {
  return new Failure(
    'tls',
    sentence('{endpoint} offers no encryption (TLS).', { endpoint }),
    sentence('Switch TLS on at the server, or off for this connection if the network is trusted.'),
  );
}

export function notSqlServer({ endpoint }: Where): Failure {
  return new Failure(
    'unexpected-answer',
    sentence('{endpoint} does not speak the protocol of SQL Server (TDS).', { endpoint }),
    sentence('Check the port: something else may listen there.'),
  );
}

export function sentElsewhere({ endpoint }: Where): Failure {
  return new Failure(
    'unsupported',
    sentence('{endpoint} sends its clients on to another address, which is not followed.', { endpoint }),
    sentence('Connect to that server directly, or set the connection policy to Proxy (Azure).'),
  );
}

interface ErrorFacts {
  /** from the outermost error to its first cause */
  readonly codes: readonly string[];
  readonly numbers: readonly number[];
  readonly message: string;
}

/** The driver wraps: RequestError → originalError (with `info` of the server) → cause → … */
function factsOf(error: unknown): ErrorFacts {
  const codes: string[] = [];
  const numbers: number[] = [];
  let message = '';
  const seen = new Set<unknown>();
  for (let at = error; at instanceof Error && !seen.has(at); at = causeOf(at)) {
    seen.add(at);
    message = at.message;
    if ('code' in at && typeof at.code === 'string') codes.push(at.code);
    if ('number' in at && typeof at.number === 'number') numbers.push(at.number);
  }
  return { codes, numbers, message };
}

function causeOf(error: Error): unknown {
  if ('originalError' in error && error.originalError !== undefined) return error.originalError;
  if (error instanceof AggregateError) return error.errors[0] as unknown;
  return error.cause;
}

function byNumber(number: number, message: string, where: Where): Told | null {
  const { endpoint, user, database } = where;
  switch (number) {
    case 4060: // cannot open the database requested by the login
    case 911: // database does not exist
      return {
        reason: 'database-missing',
        what:
          database === ''
            ? sentence('The database asked for is not on {endpoint}.', { endpoint })
            : sentence('{endpoint} has no database {database} that {user} may open.', { endpoint, database, user }),
        tryThis: sentence('Check the spelling and the rights of the account, or leave the database empty.'),
      };
    case 4064: // cannot open the user's default database
      return {
        reason: 'database-missing',
        what: sentence('The default database of {user} on {endpoint} cannot be opened.', { endpoint, user }),
        tryThis: sentence('Name a database in the connection, e.g. master.'),
      };
    case 916: // the principal is not able to access the database
      return {
        reason: 'insufficient-privilege',
        what: sentence('{user} may not open a database on {endpoint}: {detail}', { endpoint, user, detail: message }),
        tryThis: sentence('Make the account a user of that database (CREATE USER … FOR LOGIN …).'),
      };
    case 18456: // login failed
      return {
        reason: 'authentication-failed',
        what: sentence('{endpoint} refused the account or password of {user}.', { endpoint, user }),
        tryThis: sentence('Check user and password, and that the server allows SQL Server logins (mixed mode).'),
      };
    case 18452: // login is from an untrusted domain: Windows authentication only
      return {
        reason: 'authentication-failed',
        what: sentence('{endpoint} accepts Windows accounts only.', { endpoint }),
        tryThis: sentence('Let the server allow SQL Server logins too (mixed mode).'),
      };
    case 18470: // the account is disabled
    case 18486: // locked out
      return {
        reason: 'authentication-failed',
        what: sentence('The account {user} is locked on {endpoint}.', { endpoint, user }),
        tryThis: sentence('Unlock the account or use another one.'),
      };
    case 18487: // expired
    case 18488: // must be changed
      return {
        reason: 'authentication-failed',
        what: sentence('The password of {user} on {endpoint} has expired.', { endpoint, user }),
        tryThis: sentence('Give the account a new password.'),
      };
    case 40615: // Azure: the client's address is not let in
      return {
        reason: 'authentication-failed',
        what: sentence('{endpoint} accepts no account from this machine.', { endpoint }),
        tryThis: sentence('Allow this host for the account, or add it to the white list of the instance.'),
      };
    case 17809: // maximum number of user connections reached
    case 10928: // Azure: sessions or workers used up
    case 10929:
    case 18468: // too many logins
      return {
        reason: 'too-many-connections',
        what: sentence('{endpoint} takes no more connections.', { endpoint }),
        tryThis: sentence('End sessions that are not needed, or raise the limit; it is tried again.'),
      };
    case 17187: // not ready to accept new clients
    case 18401: // script upgrade mode
    case 18451: // only administrators at this time
    case 922: // the database is being recovered
      return {
        reason: 'server-starting',
        what: sentence('{endpoint} is starting and accepts nobody yet.', { endpoint }),
        tryThis: sentence('It is tried again.'),
      };
    case 596: // the session is in the kill state
    case 6005: // SHUTDOWN is in progress
    case 6006: // stopped by request
    case 17142: // the service has been paused
    case 17147: // the operating system shuts down
    case 17148:
      return connectionClosed(where);
    case 229: // permission denied on an object
    case 230: // on a column
    case 262: // in a database
    case 297: // no permission to perform this action
    case 300: // VIEW SERVER STATE and the like
    case 371:
      return {
        reason: 'insufficient-privilege',
        what: sentence('{endpoint} does not allow this to {user}: {detail}', { endpoint, user, detail: message }),
        tryThis: sentence('Grant the account that right.'),
      };
    case 1205: // deadlock victim: we stand back for everybody else
    case 1222: // lock request time-out
      return {
        reason: 'timed-out',
        what: sentence('A query of ours waited too long for a lock on {endpoint}.', { endpoint }),
        tryThis: sentence('Somebody changes a table right now; it is tried again.'),
      };
    default:
      return null;
  }
}

function byCode(facts: ErrorFacts, where: Where): Told | null {
  // the innermost is the most exact: ESOCKET may be anything
  for (const code of [...facts.codes].reverse()) {
    const told = certificate(code, facts.message, where) ?? ofSocket(code, where);
    if (told) return told;
  }
  return null;
}

function ofSocket(code: string, where: Where): Told | null {
  const { endpoint } = where;
  switch (code) {
    case 'ETIMEOUT':
      return networkProblem('ETIMEDOUT', where);
    case 'EENCRYPT':
      return {
        reason: 'tls',
        what: sentence('{endpoint} accepts encrypted connections only.', { endpoint }),
        tryThis: sentence('Switch TLS on for this connection.'),
      };
    case 'ESOCKET':
    case 'ECONNABORTED':
    case 'ECONNCLOSED':
    case 'ENOTOPEN':
    case 'EINVALIDSTATE':
      return connectionClosed(where);
    default:
      return networkProblem(code, where);
  }
}

function certificate(code: string, detail: string, where: Where): Told | null {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return certificateProblem(code, where);
  if (!/^(ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|EPROTO$)/.test(code)) return null;
  return encryptionFailed(where, detail);
}
