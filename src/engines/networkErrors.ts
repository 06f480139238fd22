/**
 * What the operating system and OpenSSL say about a connection, as one sentence: the same for every engine. Decides by
 * code; the server's own errors are the adapters' business.
 */
import { Failure, type FailureReason } from '../util/failure.ts';
import { sentence, type Sentence } from '../util/sentence.ts';
import type { ConnectRequest } from './engine.ts';
import { formatHost } from './hosts.ts';

/** Where and as whom: everything a sentence may name. */
export interface Where {
  /** what it may not, whatever a server or driver says */
  readonly secrets?: readonly string[] | undefined;
  /** `host:port` */
  readonly endpoint: string;
  readonly host: string;
  readonly user: string;
  readonly database: string;
}

/** An error put in words, ready to become a `Failure`. */
export interface Told {
  readonly reason: FailureReason;
  readonly what: Sentence;
  readonly tryThis: Sentence | null;
}

/** The place a request leads to; its first node where there are several. */
export function whereOf(
  { profile, ...request }: ConnectRequest,
  defaultPort: number,
  database = profile.database,
): Where {
  const node = profile.nodes[0] ?? { host: 'localhost', port: defaultPort };
  const secrets = secretsOf(request);
  return { endpoint: formatHost(node), host: node.host, user: profile.user, database, secrets };
}

export const secretsOf = ({ password, keyPassphrase = '' }: Pick<ConnectRequest, 'password' | 'keyPassphrase'>) =>
  // a very short one would be found everywhere, and is none
  [password, keyPassphrase].filter((secret) => secret.length >= 4);

/** Of what a server says: it may quote a statement of a megabyte. */
const LONGEST_WORDS = 2_000;

/** A server that is not what it seems may say our own password back to us: it stands in no sentence. */
export function failureOf(
  { reason, what, tryThis }: Told,
  { secrets = [] }: Pick<Where, 'secrets'>,
  options: { cause: unknown; code?: string },
): Failure {
  const clean = (text: string | number) =>
    typeof text === 'string'
      ? secrets.reduce((all, secret) => all.replaceAll(secret, '…'), text).slice(0, LONGEST_WORDS)
      : text;
  const cleanSentence = ({ text, args }: Sentence): Sentence => ({
    text,
    args: args && Object.fromEntries(Object.entries(args).map(([name, value]) => [name, clean(value)])),
  });
  return new Failure(reason, cleanSentence(what), tryThis && cleanSentence(tryThis), options);
}

/** errno or SQLSTATE of an error, '' where there is none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

export function connectionClosed({ endpoint }: Pick<Where, 'endpoint'>): Told {
  return {
    reason: 'connection-lost',
    what: sentence('{endpoint} closed the connection.', { endpoint }),
    tryThis: sentence('The server may be restarting, or somebody ended the session; it is tried again.'),
  };
}

export function encryptionFailed({ endpoint }: Pick<Where, 'endpoint'>, detail: string): Told {
  return {
    reason: 'tls',
    what: sentence('The encrypted connection to {endpoint} failed: {detail}', { endpoint, detail }),
    tryThis: sentence('Give the PEM file of the authority that signed the certificate of the server.'),
  };
}

/** What the server says of a query and nobody knows better. */
export function queryFailed({ endpoint }: Pick<Where, 'endpoint'>, detail: string): Told {
  return {
    reason: 'query-failed',
    what: sentence('A query failed on {endpoint}: {detail}', { endpoint, detail }),
    tryThis: null,
  };
}

/** null for a code that says nothing about the network. */
export function networkProblem(code: string, { endpoint }: Pick<Where, 'endpoint'>): Told | null {
  switch (code) {
    case 'ECONNREFUSED':
      return {
        reason: 'refused',
        what: sentence('Nothing accepts connections at {endpoint}.', { endpoint }),
        tryThis: sentence('Check host and port, that the server runs, and that a firewall lets you through.'),
      };
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_NODATA':
    case 'EAI_NONAME':
      return {
        reason: 'name-not-found',
        what: sentence('The host name of {endpoint} cannot be resolved.', { endpoint }),
        tryThis: sentence('Check the spelling, and the VPN or DNS that knows this name.'),
      };
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
      return {
        reason: 'unreachable',
        what: sentence('{endpoint} cannot be reached from here.', { endpoint }),
        tryThis: sentence('Check the network, the VPN and the security group of the instance.'),
      };
    case 'ETIMEDOUT':
      return {
        reason: 'timed-out',
        what: sentence('{endpoint} did not answer in time.', { endpoint }),
        tryThis: sentence('Check host and port, the firewall and the security group of the instance.'),
      };
    case 'ECONNRESET':
    case 'EPIPE':
      return connectionClosed({ endpoint });
    default:
      return null;
  }
}

/** The server lets this account in only with encryption, or only without. */
export function onlyOtherwise({ endpoint, user }: Pick<Where, 'endpoint' | 'user'>, encrypted: boolean): Told {
  return encrypted
    ? {
        reason: 'tls',
        what: sentence('{endpoint} lets {user} in over encrypted connections (TLS) only.', { endpoint, user }),
        tryThis: sentence('Switch TLS on for this connection.'),
      }
    : {
        reason: 'tls',
        what: sentence('{endpoint} lets {user} in over connections without encryption (TLS) only.', { endpoint, user }),
        tryThis: sentence('Let the server take encrypted ones, or switch TLS off here if the network is trusted.'),
      };
}

/** OpenSSL names its errors (`DEPTH_ZERO_SELF_SIGNED_CERT`, …); they all concern the same few things. */
export function certificateProblem(code: string, { endpoint, host }: Pick<Where, 'endpoint' | 'host'>): Told | null {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return {
      reason: 'tls',
      what: sentence('The certificate of {endpoint} is for another host than {host}.', { endpoint, host }),
      tryThis: sentence('Connect by the name in the certificate.'),
    };
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return {
      reason: 'tls',
      what: sentence('The certificate of {endpoint} is not valid today.', { endpoint }),
      tryThis: sentence('Renew the certificate, and check the clock of this machine.'),
    };
  }
  // what the server says of us, and not we of the server
  if (/_ALERT_(?=.*(CERT|HANDSHAKE_FAILURE|UNKNOWN_CA|ACCESS_DENIED))/.test(code)) {
    return {
      reason: 'tls',
      what: sentence('{endpoint} wants a client certificate, or refuses the one it was shown ({code}).', {
        endpoint,
        code,
      }),
      tryThis: sentence('Give the connection a client certificate that the server knows, with its key.'),
    };
  }
  if (/CERT|SIGNATURE|ISSUER|CRL/.test(code)) {
    return {
      reason: 'tls',
      what: sentence('The certificate of {endpoint} is not signed by an authority known here ({code}).', {
        endpoint,
        code,
      }),
      tryThis: sentence('Give the CA file of the server, or do not check the certificate (TLS mode “required”).'),
    };
  }
  if (/^ERR_(SSL|TLS|OSSL)|^EPROTO$/.test(code)) {
    return {
      reason: 'tls',
      what: sentence('{endpoint} and this machine agree on no encryption ({code}).', { endpoint, code }),
      tryThis: sentence('Switch TLS on at the server, or off for this connection if the network is trusted.'),
    };
  }
  return null;
}
