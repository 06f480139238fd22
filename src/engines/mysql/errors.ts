/**
 * The driver's and the server's errors as one sentence each. Decides by code and number, never by message text;
 * the server's own words go in only where they hold the fact (a refused certificate, a failed query).
 */
import { Failure, isFailure } from '../../util/failure.ts';
import { sentence, type Sentence } from '../../util/sentence.ts';
import type { TlsOptions } from '../engine.ts';
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

/** Any thrown thing of the driver as a Failure; a Failure stays as it is. */
export function driverFailure(error: unknown, where: Where, tls: TlsOptions = { mode: 'off' }): Failure {
  if (isFailure(error)) return error;
  const facts = factsOf(error);
  const told =
    byNumber(facts, where, tls) ??
    byCode(facts, where) ??
    networkProblem(facts.code, where) ??
    queryFailed(where, facts.message);
  return failureOf(told, where, { cause: error, code: facts.code });
}

/** The server's error number, 0 where the error is not the server's. */
export function errorNumber(error: unknown): number {
  if (isFailure(error)) return errorNumber(error.cause);
  return factsOf(error).errno;
}

export function timedOut(where: Where, limitMs: number): Failure {
  return new Failure(
    'timed-out',
    sentence('{endpoint} did not answer within {seconds} s.', { endpoint: where.endpoint, seconds: limitMs / 1000 }),
    sentence('The server may be overloaded or the network may drop packets; it is tried again.'),
  );
}

interface ErrorFacts {
  readonly code: string;
  readonly errno: number;
  readonly message: string;
  /** Node adds the certificate's host to the error about a wrong one */
  readonly wrongHost: boolean;
}

function factsOf(error: unknown): ErrorFacts {
  if (!(error instanceof Error)) return { code: '', errno: 0, message: String(error), wrongHost: false };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  // system errors carry a negative errno of the operating system
  const errno = 'errno' in error && typeof error.errno === 'number' && error.errno > 0 ? error.errno : 0;
  return { code, errno, message: error.message, wrongHost: 'cert' in error && 'host' in error };
}

/** What TLS the account wants (REQUIRE) is refused by the same number as a wrong password. */
function whyDenied({ mode, certFile }: TlsOptions): Sentence {
  if (mode === 'off') return sentence('Check user and password, and from which hosts the account may connect.');
  return certFile
    ? sentence(
        'Check user and password, from which hosts the account may connect, and whether it wants another client certificate.',
      )
    : sentence(
        'Check user and password, from which hosts the account may connect, and whether it wants a client certificate (REQUIRE X509).',
      );
}

function byNumber({ errno, message }: ErrorFacts, where: Where, tls: TlsOptions): Told | null {
  const { endpoint, user, database } = where;
  switch (errno) {
    case 1045: // ER_ACCESS_DENIED_ERROR
      return {
        reason: 'authentication-failed',
        what: sentence('{endpoint} refused the account or password of {user}.', { endpoint, user }),
        tryThis: whyDenied(tls),
      };
    case 1698: // ER_ACCESS_DENIED_NO_PASSWORD_ERROR: unix_socket and the like
      return {
        reason: 'authentication-failed',
        what: sentence('{endpoint} does not let {user} log in with a password over the network.', { endpoint, user }),
        tryThis: sentence('The account is bound to the operating system user; use an account with a password.'),
      };
    case 1130: // ER_HOST_NOT_PRIVILEGED
      return {
        reason: 'authentication-failed',
        what: sentence('{endpoint} accepts no account from this machine.', { endpoint }),
        tryThis: sentence('Allow this host for the account, or add it to the white list of the instance.'),
      };
    case 1820: // ER_MUST_CHANGE_PASSWORD
    case 1862: // ER_MUST_CHANGE_PASSWORD_LOGIN
      return {
        reason: 'authentication-failed',
        what: sentence('The password of {user} on {endpoint} has expired.', { endpoint, user }),
        tryThis: sentence('Give the account a new password.'),
      };
    case 3118: // MySQL ER_ACCOUNT_HAS_BEEN_LOCKED
    case 3955: // MySQL ER_USER_ACCESS_DENIED_FOR_USER_ACCOUNT_BLOCKED_BY_PASSWORD_LOCK
    case 4151: // MariaDB ER_ACCOUNT_HAS_BEEN_LOCKED
      return {
        reason: 'authentication-failed',
        what: sentence('The account {user} is locked on {endpoint}.', { endpoint, user }),
        tryThis: sentence('Unlock the account or use another one.'),
      };
    case 1251: // ER_NOT_SUPPORTED_AUTH_MODE
    case 1524: // ER_PLUGIN_IS_NOT_LOADED
    case 2059: // CR_AUTH_PLUGIN_CANNOT_LOAD
      return unsupportedLogin(where);
    case 3159: // ER_SECURE_TRANSPORT_REQUIRED
      return {
        reason: 'tls',
        what: sentence('{endpoint} accepts encrypted connections only.', { endpoint }),
        tryThis: sentence('Switch TLS on for this connection.'),
      };
    case 1044: // ER_DBACCESS_DENIED_ERROR
      return {
        reason: 'insufficient-privilege',
        what: sentence('{user} may not use the database {database} on {endpoint}.', { endpoint, user, database }),
        tryThis: sentence('Grant the account a right on that database, or leave the database empty.'),
      };
    case 1049: // ER_BAD_DB_ERROR
      return {
        reason: 'database-missing',
        what: sentence('There is no database {database} on {endpoint}.', { endpoint, database }),
        tryThis: sentence('Check the spelling (upper and lower case count), or leave the database empty.'),
      };
    case 1040: // ER_CON_COUNT_ERROR
    case 1203: // ER_TOO_MANY_USER_CONNECTIONS
    case 1226: // ER_USER_LIMIT_REACHED
      return {
        reason: 'too-many-connections',
        what: sentence('{endpoint} takes no more connections.', { endpoint }),
        tryThis: sentence('End sessions that are not needed, or raise the limit; it is tried again.'),
      };
    case 1129: // ER_HOST_IS_BLOCKED
      return {
        reason: 'refused',
        what: sentence('{endpoint} has blocked this machine after too many failed connections.', { endpoint }),
        tryThis: sentence('Run FLUSH HOSTS on the server, or empty performance_schema.host_cache.'),
      };
    case 1053: // ER_SERVER_SHUTDOWN
    case 1927: // MariaDB ER_CONNECTION_KILLED
    case 4031: // MySQL ER_CLIENT_INTERACTION_TIMEOUT
      return connectionClosed(where);
    case 1142: // ER_TABLEACCESS_DENIED_ERROR
    case 1143: // ER_COLUMNACCESS_DENIED_ERROR
    case 1227: // ER_SPECIFIC_ACCESS_DENIED_ERROR
    case 1370: // ER_PROCACCESS_DENIED_ERROR
    case 1401: // ER_XAER_RMERR: MySQL 8's answer to XA RECOVER without XA_RECOVER_ADMIN
      return {
        reason: 'insufficient-privilege',
        what: sentence('{endpoint} does not allow this to {user}: {detail}', { endpoint, user, detail: message }),
        tryThis: sentence('Grant the account that right.'),
      };
    case 1969: // MariaDB ER_STATEMENT_TIMEOUT
    case 3024: // MySQL ER_QUERY_TIMEOUT
      return {
        reason: 'timed-out',
        what: sentence('{endpoint} stopped a query of ours at its time limit.', { endpoint }),
        tryThis: sentence('The server may be overloaded; it is tried again.'),
      };
    case 1205: // ER_LOCK_WAIT_TIMEOUT
      return {
        reason: 'timed-out',
        what: sentence('A query of ours waited too long for a lock on {endpoint}.', { endpoint }),
        tryThis: sentence('Somebody changes a table right now; it is tried again.'),
      };
    default:
      return null;
  }
}

function byCode({ code, message, wrongHost }: ErrorFacts, where: Where): Told | null {
  const { endpoint } = where;
  switch (code) {
    case 'HANDSHAKE_NO_SSL_SUPPORT':
      return {
        reason: 'tls',
        what: sentence('{endpoint} offers no encryption (TLS).', { endpoint }),
        tryThis: sentence('Switch TLS on at the server, or off for this connection if the network is trusted.'),
      };
    case 'HANDSHAKE_SSL_ERROR':
      return wrongHost ? certificateProblem('ERR_TLS_CERT_ALTNAME_INVALID', where) : encryptionFailed(where, message);
    case 'AUTH_SWITCH_PLUGIN_ERROR':
    case 'MYSQL_CLEAR_PASSWORD_NOT_ENABLED':
      return unsupportedLogin(where);
    case 'PROTOCOL_CONNECTION_LOST':
      return connectionClosed(where);
    case 'HANDSHAKE_UNKNOWN_ERROR':
    case 'PROTOCOL_UNEXPECTED_PACKET':
    case 'PROTOCOL_PACKETS_OUT_OF_ORDER':
      return {
        reason: 'unexpected-answer',
        what: sentence('{endpoint} does not speak the MySQL protocol.', { endpoint }),
        tryThis: sentence('Check the port: something else may listen there.'),
      };
    default:
      return null;
  }
}

function unsupportedLogin({ endpoint, user }: Where): Told {
  return {
    reason: 'unsupported',
    what: sentence('{endpoint} wants a way of logging in for {user} that is not supported here.', { endpoint, user }),
    tryThis: sentence(
      'Use an account with mysql_native_password or caching_sha2_password, the latter over TLS where possible.',
    ),
  };
}
