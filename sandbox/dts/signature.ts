/** Checks a request's TC3-HMAC-SHA256 signature as the cloud does, and finds the account it belongs to. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { ServiceError } from './serviceError.ts';

export interface SandboxAccount {
  readonly secretId: string;
  readonly secretKey: string;
  /** set for temporary credentials: then every request has to carry it */
  readonly token?: string;
  /** epoch milliseconds after which the token is refused */
  readonly tokenExpiresAt?: number;
  readonly uin: string;
  readonly permissions: 'full' | 'read-only' | 'none';
}

const MAX_SKEW_SECONDS = 300;
const AUTHORIZATION =
  /^TC3-HMAC-SHA256 Credential=([^/]+)\/(\d{4}-\d\d-\d\d)\/([^/]+)\/tc3_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/;

/** @throws ServiceError AuthFailure.* */
export function authenticate(
  headers: IncomingHttpHeaders,
  body: Buffer,
  accounts: readonly SandboxAccount[],
  now: number,
): SandboxAccount {
  const [, secretId, date, service, signedHeaders, signature] = AUTHORIZATION.exec(headers.authorization ?? '') ?? [];
  if (!secretId || !date || !service || !signedHeaders || !signature) {
    throw new ServiceError('AuthFailure.InvalidAuthorization', 'The authorization header is not valid.');
  }
  const timestamp = Number(headers['x-tc-timestamp']);
  const skew = Math.abs(now / 1000 - timestamp);
  // a missing or garbled timestamp is NaN, which must not pass
  if (!(skew <= MAX_SKEW_SECONDS) || date !== new Date(timestamp * 1000).toISOString().slice(0, 10)) {
    throw new ServiceError(
      'AuthFailure.SignatureExpire',
      'The time of the signature is too far from the time of the server.',
    );
  }
  const account = accounts.find((each) => each.secretId === secretId);
  if (!account) throw new ServiceError('AuthFailure.SecretIdNotFound', 'The SecretId is not found.');

  const host = headers.host ?? '';
  const hostname = host.replace(/:\d+$/, '');
  // the SDK takes the service's name from the first label of its endpoint, and signs the host without its port
  const serviceFits = service === 'dts' || service === hostname.split('.')[0];
  const signs = signedHeaders.split(';');
  const genuine = [host, hostname].some((signedHost) => {
    const canonicalHeaders = signs
      .map((name) => `${name}:${name === 'host' ? signedHost : String(headers[name] ?? '').trim()}\n`)
      .join('');
    const request = ['POST', '/', '', canonicalHeaders, signedHeaders, sha256(body)].join('\n');
    const toSign = ['TC3-HMAC-SHA256', timestamp, `${date}/${service}/tc3_request`, sha256(request)].join('\n');
    const key = [date, service, 'tc3_request'].reduce<Buffer | string>(
      (parent, part) => createHmac('sha256', parent).update(part).digest(),
      `TC3${account.secretKey}`,
    );
    return timingSafeEqual(createHmac('sha256', key).update(toSign).digest(), Buffer.from(signature, 'hex'));
  });
  if (!genuine || !serviceFits || !signs.includes('host') || !signs.includes('content-type')) {
    throw new ServiceError(
      'AuthFailure.SignatureFailure',
      'The provided credentials could not be validated. Please check your signature is correct.',
    );
  }
  const token = headers['x-tc-token'] ?? undefined;
  const expired = account.tokenExpiresAt !== undefined && now >= account.tokenExpiresAt;
  if (token !== account.token || expired) {
    throw new ServiceError('AuthFailure.TokenFailure', 'The provided token is not valid or has expired.');
  }
  return account;
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}
