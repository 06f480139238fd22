/**
 * The driver's and the server's errors as one sentence each. Decides by SQLSTATE and errno; message text only for
 * the few errors that the driver raises without a code.
 */
import pg from 'pg';
import { Failure, isFailure, type FailureReason } from '../../util/failure.ts';
import { sentence, type Sentence } from '../../util/sentence.ts';
import type { ConnectRequest } from '../engine.ts';
import {
  certificateProblem,
  codeOf,
  failureOf,
  networkProblem,
  whereOf as whereIs,
  type Where,
} from '../networkErrors.ts';

export { codeOf, type Where } from '../networkErrors.ts';

/** @param database '' for the server's default */
export function whereOf(request: ConnectRequest, database = request.profile.database): Where {
  return whereIs(request, 5432, database || 'postgres');
}

type Told = readonly [reason: FailureReason, what: Sentence, tryThis: Sentence | null];

/** Any thrown thing of the driver as a Failure; a Failure stays as it is. */
export function driverFailure(error: unknown, where: Where): Failure {
  if (isFailure(error)) return error;
  const code = codeOf(error);
  const ofServer = error instanceof pg.DatabaseError;
  const outside = ofServer ? null : (networkProblem(code, where) ?? certificateProblem(code, where));
  if (outside) return failureOf(outside, where, withCode(error));
  const [reason, what, tryThis] = ofServer ? bySqlState(error, where) : byDriver(error, where);
  return failureOf({ reason, what, tryThis }, where, withCode(error));
}

export function timedOut({ endpoint }: Where, limitMs: number, cause?: unknown): Failure {
  return new Failure(
    'timed-out',
    sentence('{endpoint} did not answer within {seconds} s.', { endpoint, seconds: limitMs / 1000 }),
    sentence('The server may be overloaded, or a firewall on the way may drop packets.'),
    { cause },
  );
}

export function connectionLost({ endpoint }: Where, cause?: unknown): Failure {
  return new Failure(
    'connection-lost',
    sentence('The connection to {endpoint} was lost.', { endpoint }),
    sentence('The server may have restarted or failed over, or the network was cut.'),
    withCode(cause),
  );
}

/** `statement` is the grant an administrator would run. */
export function insufficientPrivilege(what: Sentence, statement: string, cause?: unknown): Failure {
  return new Failure(
    'insufficient-privilege',
    what,
    sentence('An administrator may run: {statement}', { statement }),
    withCode(cause),
  );
}

/** SQLSTATE or errno of an error, as an option of a Failure. */
function withCode(cause: unknown): { cause: unknown; code?: string } {
  const code = codeOf(cause);
  return code === '' ? { cause } : { cause, code };
}

function bySqlState(error: pg.DatabaseError, where: Where): Told {
  const { endpoint, user, database } = where;
  const code = error.code ?? '';
  switch (code) {
    case '28P01': // invalid_password
      return [
        'authentication-failed',
        sentence('{endpoint} refused the password of {user}.', { endpoint, user }),
        sentence('Check user and password.'),
      ];
    case '28000': // invalid_authorization_specification: pg_hba.conf has no line for us, or the role may not log in
      return [
        'authentication-failed',
        sentence('{endpoint} does not let {user} connect to {database} from this machine.', {
          endpoint,
          user,
          database,
        }),
        sentence(
          'Check the user name, whether the server wants a client certificate, and its access rules (pg_hba.conf or the instance’s security group).',
        ),
      ];
    case '3D000': // invalid_catalog_name
      return [
        'database-missing',
        sentence('There is no database {database} at {endpoint}.', { endpoint, database }),
        sentence('Check the name; it is case-sensitive.'),
      ];
    case '53300': // too_many_connections
      return [
        'too-many-connections',
        sentence('{endpoint} has no connection left for {user}.', { endpoint, user }),
        sentence('End sessions that are no longer needed, or raise max_connections or the limit of the role.'),
      ];
    case '57P03': // cannot_connect_now
      return [
        'server-starting',
        sentence('{endpoint} is starting up or shutting down and takes no connection yet.', { endpoint }),
        sentence('Wait a moment; it is tried again.'),
      ];
    case '57P01': // admin_shutdown
    case '57P02': // crash_shutdown
    case '57P05': // idle_session_timeout
    case '25P03': // idle_in_transaction_session_timeout
      return [
        'connection-lost',
        sentence('{endpoint} ended our connection.', { endpoint }),
        sentence('The server was stopped or restarted, or an administrator ended the session.'),
      ];
    case '57014': // query_canceled
    case '55P03': // lock_not_available
      return [
        'timed-out',
        sentence('{endpoint} stopped a statement of ours at its time limit.', { endpoint }),
        sentence('The server may be overloaded, or somebody holds a lock on what was to be read.'),
      ];
    case '42501': // insufficient_privilege
      return [
        'insufficient-privilege',
        sentence('{user} may not read everything that is needed at {endpoint}: {message}', {
          endpoint,
          user,
          message: error.message,
        }),
        sentence('Use an account with more rights, or have the missing one granted.'),
      ];
    default:
      if (code.startsWith('08')) return lost(endpoint);
      return [
        'query-failed',
        sentence('{endpoint} refused a statement ({code}): {message}', { endpoint, code, message: error.message }),
        null,
      ];
  }
}

/** What `pg` raises itself has no code. */
function byDriver(error: unknown, { endpoint, user }: Where): Told {
  const message = error instanceof Error ? error.message : '';
  if (message.startsWith('SASL')) {
    return [
      'authentication-failed',
      sentence('{endpoint} refused the password of {user}.', { endpoint, user }),
      sentence('Check user and password; an empty password is never accepted.'),
    ];
  }
  if (message.startsWith('Unknown authenticationOk message type')) {
    return [
      'unsupported',
      sentence('{endpoint} wants {user} to log in by other means than a password.', { endpoint, user }),
      sentence('Use an account that logs in with a password.'),
    ];
  }
  if (
    message === 'The server does not support SSL connections' ||
    message === 'There was an error establishing an SSL connection'
  ) {
    return [
      'tls',
      sentence('{endpoint} offers no encryption (TLS).', { endpoint }),
      sentence('Switch TLS on at the server, or off for this connection if the network is trusted.'),
    ];
  }
  return lost(endpoint);
}

function lost(endpoint: string): Told {
  const { reason, what, tryThis } = connectionLost({ endpoint, host: '', user: '', database: '' });
  return [reason, what, tryThis];
}
