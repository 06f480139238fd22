/**
 * The driver's and the server's errors as one sentence each. Decides by the server's code, errno and the driver's
 * class, never by message text; the server's own words go in only where they hold the fact (a failed command).
 */
import { MongoError, MongoServerError, MongoServerSelectionError } from 'mongodb';
import { Failure, isFailure } from '../../util/failure.ts';
import { sentence } from '../../util/sentence.ts';
import { certificateProblem, failureOf, networkProblem, type Told } from '../networkErrors.ts';

/** Where and as whom: everything a sentence may name. */
export interface Where {
  /** what it may not */
  readonly secrets?: readonly string[] | undefined;
  /** `host:port`, several separated by commas */
  readonly endpoint: string;
  readonly user: string;
  readonly authSource: string;
  /** '' where none is demanded */
  readonly replicaSet: string;
}

/** Any thrown thing of the driver as a Failure; a Failure stays as it is. */
export function driverFailure(error: unknown, where: Where): Failure {
  if (isFailure(error)) return error;
  const chain = causesOf(error);
  const here = { ...where, endpoint: failedAt(error) ?? where.endpoint };
  for (const cause of chain) {
    const code = codeOf(cause);
    const told =
      cause instanceof MongoServerError
        ? byServerCode(cause, here)
        : (byHandshake(cause, code, here) ?? byCode(code, here));
    if (told) return failureOf(told, where, { cause: error, code });
  }
  const told = byClass(error, chain, here);
  return failureOf(told, where, { cause: error, code: codeOf(error) });
}

/** The server's error number, 0 where the error is not the server's. */
export function errorNumber(error: unknown): number {
  if (isFailure(error)) return errorNumber(error.cause);
  return error instanceof MongoServerError && typeof error.code === 'number' ? error.code : 0;
}

export function timedOut({ endpoint }: Where, limitMs: number, cause?: unknown): Failure {
  return new Failure(
    'timed-out',
    sentence('{endpoint} did not answer within {seconds} s.', { endpoint, seconds: limitMs / 1000 }),
    sentence('The server may be overloaded or the network may drop packets; it is tried again.'),
    { cause },
  );
}

export const CODE = {
  unauthorized: 13,
  namespaceNotFound: 26,
  commandNotFound: 59,
  noReplicationEnabled: 76,
  commandNotSupported: 115,
} as const;

function codeOf(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return '';
  return typeof error.code === 'string' || typeof error.code === 'number' ? String(error.code) : '';
}

/** The error and what it was caused by, from the inside out; of a failed selection, each server's error. */
function causesOf(error: unknown): readonly unknown[] {
  const chain: unknown[] = [];
  for (let at = error; at instanceof Error && !chain.includes(at); at = at.cause) {
    chain.unshift(at);
    if (at instanceof MongoServerSelectionError) {
      for (const [, failed] of failedServers(at)) chain.unshift(...causesOf(failed));
    }
  }
  return chain;
}

function failedServers(error: unknown): readonly (readonly [address: string, error: Error])[] {
  if (!(error instanceof MongoServerSelectionError) || !error.reason) return [];
  const failed: (readonly [string, Error])[] = [];
  for (const [address, server] of error.reason.servers) if (server.error) failed.push([address, server.error]);
  return failed;
}

/** Members a replica set names itself may be the ones out of reach, rather than those we were given. */
function failedAt(error: unknown): string | null {
  const addresses = failedServers(error).map(([address]) => address);
  return addresses.length === 0 ? null : addresses.join(',');
}

function byServerCode(error: MongoServerError, where: Where): Told | null {
  const { endpoint, user, authSource } = where;
  switch (error.code) {
    case 18: // AuthenticationFailed
    case 11: // UserNotFound
    case 8000: // AtlasError
      return {
        reason: 'authentication-failed',
        what: sentence('{endpoint} refused the account or password of {user} (authentication database {authSource}).', {
          endpoint,
          user,
          authSource,
        }),
        tryThis: sentence('Check user, password and the database in which the account was made.'),
      };
    case 334: // MechanismUnavailable
      return {
        reason: 'unsupported',
        what: sentence('{endpoint} wants {user} to log in by other means than a password.', { endpoint, user }),
        tryThis: sentence('Use an account with SCRAM-SHA-256 or SCRAM-SHA-1.'),
      };
    case CODE.unauthorized:
      return user === ''
        ? {
            reason: 'authentication-failed',
            what: sentence('{endpoint} wants a login, and this connection has no user.', { endpoint }),
            tryThis: sentence('Give user and password in the connection.'),
          }
        : {
            reason: 'insufficient-privilege',
            what: sentence('{endpoint} does not allow this to {user}: {detail}', {
              endpoint,
              user,
              detail: error.errmsg ?? '',
            }),
            tryThis: sentence('Grant the account that right.'),
          };
    case 50: // MaxTimeMSExpired
    case 262: // ExceededTimeLimit
    case 24: // LockTimeout
      return {
        reason: 'timed-out',
        what: sentence('{endpoint} stopped a command of ours at its time limit.', { endpoint }),
        tryThis: sentence('The server may be overloaded; it is tried again.'),
      };
    case 91: // ShutdownInProgress
    case 11600: // InterruptedAtShutdown
      return {
        reason: 'connection-lost',
        what: sentence('{endpoint} is shutting down.', { endpoint }),
        tryThis: sentence('It is tried again.'),
      };
    case 189: // PrimarySteppedDown
    case 11602: // InterruptedDueToReplStateChange
    case 10107: // NotWritablePrimary
    case 10058: // LegacyNotPrimary
    case 13435: // NotPrimaryNoSecondaryOk
    case 13436: // NotPrimaryOrSecondary
      return {
        reason: 'connection-lost',
        what: sentence('{endpoint} is no longer the primary of its replica set.', { endpoint }),
        tryThis: sentence('Another member takes over; it is tried again. Everything must be read anew.'),
      };
    case 133: // FailedToSatisfyReadPreference: mongos finds no primary of a shard
    case 6: // HostUnreachable
    case 7: // HostNotFound
    case 89: // NetworkTimeout
    case 202: // NetworkInterfaceExceededTimeLimit
    case 9001: // SocketException
      return {
        reason: 'unreachable',
        what: sentence('{endpoint} cannot reach another member of its cluster: {detail}', {
          endpoint,
          detail: error.errmsg ?? '',
        }),
        tryThis: sentence('Check the state of the shards and replica sets behind it; it is tried again.'),
      };
    case 11601: // Interrupted
      return {
        reason: 'query-failed',
        what: sentence('Somebody stopped a command of ours at {endpoint}.', { endpoint }),
        tryThis: sentence('It is tried again.'),
      };
    case CODE.commandNotFound:
    case CODE.commandNotSupported:
      return {
        reason: 'unsupported',
        what: sentence('{endpoint} does not know a command that is needed: {detail}', {
          endpoint,
          detail: error.errmsg ?? '',
        }),
        tryThis: sentence('Use MongoDB 4.2 or later.'),
      };
    default:
      return {
        reason: 'query-failed',
        what: sentence('A command failed at {endpoint}: {detail}', {
          endpoint,
          detail: error.errmsg || `code ${error.code ?? '?'}`,
        }),
        tryThis: null,
      };
  }
}

function byCode(code: string, { endpoint }: Where): Told | null {
  // which of several nodes it was is in the endpoint, with its port
  const place = { endpoint, host: endpoint.replace(/:\d+$/, '') };
  return networkProblem(code, place) ?? certificateProblem(code, place);
}

/** The server hung up in the middle of the TLS handshake; Node marks that by the addresses in the error. */
function byHandshake(cause: unknown, code: string, { endpoint }: Where): Told | null {
  if (code !== 'ECONNRESET' || !(cause instanceof Error) || !('localAddress' in cause)) return null;
  return {
    reason: 'tls',
    what: sentence('{endpoint} offers no encryption (TLS).', { endpoint }),
    tryThis: sentence('Switch TLS on at the server, or off for this connection if the network is trusted.'),
  };
}

/** The driver's own errors, which have no code. */
function byClass(error: unknown, chain: readonly unknown[], { endpoint, replicaSet }: Where): Told {
  const names = new Set(chain.map((cause) => (cause instanceof Error ? cause.name : '')));
  const has = (...wanted: readonly string[]) => wanted.some((name) => names.has(name));
  if (has('MongoNetworkTimeoutError', 'MongoOperationTimeoutError')) return silent(endpoint);
  if (has('MongoCompatibilityError')) {
    return {
      reason: 'unsupported',
      what: sentence('{endpoint} runs a version of MongoDB that is not supported here.', { endpoint }),
      tryThis: sentence('Use MongoDB 4.2 or later.'),
    };
  }
  if (has('MongoNetworkError', 'MongoPoolClearedError', 'MongoTopologyClosedError')) return connectionLost(endpoint);
  if (error instanceof MongoServerSelectionError) return notSelected(error, endpoint, replicaSet);
  if (has('MongoParseError', 'MongoInvalidArgumentError', 'MongoAPIError', 'MongoMissingCredentialsError')) {
    return {
      reason: 'bad-input',
      what: sentence('The address, user or options of the connection to {endpoint} are not valid.', { endpoint }),
      tryThis: sentence('Check the connection.'),
    };
  }
  const detail = error instanceof MongoError || !(error instanceof Error) ? '' : error.name;
  return {
    reason: 'query-failed',
    what: sentence('A command failed at {endpoint}: {detail}', { endpoint, detail }),
    tryThis: null,
  };
}

/** No server failed, but none is what was looked for. */
function notSelected(error: MongoServerSelectionError, endpoint: string, replicaSet: string): Told {
  const servers = [...(error.reason?.servers.values() ?? [])];
  if (replicaSet !== '' && servers.length === 0) {
    return {
      reason: 'not-configured',
      what: sentence('{endpoint} does not belong to a replica set named {replicaSet}.', { endpoint, replicaSet }),
      tryThis: sentence('Check the name of the replica set; it is case-sensitive.'),
    };
  }
  if (servers.every((server) => server.type === 'Unknown')) return silent(endpoint);
  return {
    reason: 'unreachable',
    what: sentence('No primary can be found at {endpoint}.', { endpoint }),
    tryThis: sentence('The replica set may be electing one, or its members have names this machine cannot reach.'),
  };
}

function silent(endpoint: string): Told {
  return {
    reason: 'timed-out',
    what: sentence('{endpoint} did not answer in time.', { endpoint }),
    tryThis: sentence('Check host and port, the firewall and the security group of the instance.'),
  };
}

function connectionLost(endpoint: string): Told {
  return {
    reason: 'connection-lost',
    what: sentence('{endpoint} closed the connection.', { endpoint }),
    tryThis: sentence(
      'The server may be restarting, accept encrypted connections (TLS) only, or have no connection left.',
    ),
  };
}
