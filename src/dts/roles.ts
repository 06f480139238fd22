/**
 * Temporary keys for a role: of a named one from the site's STS, of a workload through the SDK, of a machine from its
 * metadata service (the SDK's way to that can be neither aborted nor loaded as a module).
 */
import { OIDCRoleArnCredential } from 'tencentcloud-sdk-nodejs/tencentcloud/common/credential.js';
import * as z from 'zod';
import { Failure, isFailure } from '../util/failure.ts';
import { sentence } from '../util/sentence.ts';
import type { Credentials, Identity, Role } from './api.ts';
import { failureOf, unexpectedAnswer, type CallContext } from './errors.ts';
import { CallProblem, send, type TransportOptions } from './transport.ts';

const ASSUMED_SECONDS = 7200;
/** Keys that are about to expire are renewed before they are used. */
const RENEW_BEFORE_MS = 120_000;
/** The metadata service answers from the same machine or not at all. */
const OWN_ROLE_LIMIT_MS = 5_000;
const METADATA = 'http://metadata.tencentyun.com';
const STS_REGION = 'ap-guangzhou';

const assumedAnswer = z.object({
  Credentials: z.object({
    TmpSecretId: z.string().min(1),
    TmpSecretKey: z.string().min(1),
    Token: z.string().min(1),
  }),
  /** seconds since 1970 */
  ExpiredTime: z.number(),
});

export interface RoleOptions extends Omit<TransportOptions, 'address'> {
  /** the site's STS; null where there is none we know of (a private site) */
  readonly sts: TransportOptions['address'] | null;
  /** where a cloud server learns about itself; the cloud's own address when missing */
  readonly metadata?: string | undefined;
}

export const isRole = (identity: Identity): identity is Role => 'role' in identity;

/**
 * Keys of roles, kept until shortly before they expire.
 * Rejects with a Failure that names the role and never a key.
 */
export function createRoleKeys(options: RoleOptions): (role: Role, signal: AbortSignal) => Promise<Credentials> {
  const assumed = new Map<string, { readonly keys: Credentials; readonly until: number }>();
  const workload = new OIDCRoleArnCredential();

  async function assume(role: Extract<Role, { role: 'assume' }>, signal: AbortSignal): Promise<Credentials> {
    const name = JSON.stringify([role.keys.secretId, role.arn, role.sessionName]);
    const known = assumed.get(name);
    if (known && Date.now() < known.until) return known.keys;
    const fresh = await assumeRole(role, options, signal);
    assumed.set(name, fresh);
    return fresh.keys;
  }

  return async (role, signal) => {
    switch (role.role) {
      case 'assume':
        return assume(role, signal);
      case 'machine':
        return ownRole((until) => machineKeys(options.metadata ?? METADATA, until), signal);
      case 'workload':
        return ownRole(() => workload.getCredential(), signal);
    }
  };
}

async function assumeRole(
  { arn, keys, sessionName }: Extract<Role, { role: 'assume' }>,
  { sts, ...transport }: RoleOptions,
  signal: AbortSignal,
): Promise<{ keys: Credentials; until: number }> {
  if (!sts) {
    throw new Failure(
      'unsupported',
      sentence('The role {role} cannot be acted as at a private endpoint.', { role: arn }),
      sentence('Use temporary credentials of that role: SecretId, SecretKey and token.'),
    );
  }
  const context: CallContext = {
    ...{ action: 'AssumeRole', region: STS_REGION, endpoint: sts.host, jobId: null, changes: false },
    service: 'sts',
  };
  try {
    const parameters = { RoleArn: arn, RoleSessionName: sessionName, DurationSeconds: ASSUMED_SECONDS };
    const request = { service: 'sts', action: 'AssumeRole', region: STS_REGION, parameters } as const;
    const answer = assumedAnswer.safeParse(await send(request, keys, { ...transport, address: sts }, signal));
    if (!answer.success) throw unexpectedAnswer(context, answer.error.issues[0]?.path.join('.') || 'Response');
    const { Credentials: made, ExpiredTime } = answer.data;
    return {
      keys: { secretId: made.TmpSecretId, secretKey: made.TmpSecretKey, token: made.Token },
      until: ExpiredTime * 1000 - RENEW_BEFORE_MS,
    };
  } catch (error) {
    const failure = error instanceof CallProblem ? failureOf(error, context) : error;
    if (!isFailure(failure)) throw failure;
    throw new Failure(
      failure.reason,
      sentence('The role {role} cannot be acted as: {why}', { role: arn, why: failure.message }),
      failure.tryThis,
      { cause: failure },
    );
  }
}

const machineAnswer = z.object({
  Code: z.literal('Success'),
  TmpSecretId: z.string().min(1),
  TmpSecretKey: z.string().min(1),
  Token: z.string().min(1),
});

/** Asked anew every time: the metadata service keeps and renews them itself. */
async function machineKeys(metadata: string, signal: AbortSignal): Promise<Credentials> {
  const place = `${metadata}/latest/meta-data/cam/security-credentials/`;
  const ask = async (url: string) => {
    const answer = await fetch(url, { signal, redirect: 'error' });
    if (!answer.ok) throw new Error(`HTTP status ${answer.status}`);
    return (await answer.text()).trim();
  };
  const keys = machineAnswer.parse(JSON.parse(await ask(place + encodeURIComponent(await ask(place)))));
  return { secretId: keys.TmpSecretId, secretKey: keys.TmpSecretKey, token: keys.Token };
}

/** The SDK's own way knows neither abort nor limit. */
async function ownRole(
  ask: (until: AbortSignal) => Promise<Partial<Credentials>>,
  signal: AbortSignal,
): Promise<Credentials> {
  const ended = AbortSignal.any([signal, AbortSignal.timeout(OWN_ROLE_LIMIT_MS)]);
  const stopped = new Promise<never>((_resolve, reject) => {
    ended.addEventListener('abort', () => reject(ended.reason as Error), { once: true });
  });
  try {
    signal.throwIfAborted();
    const { secretId, secretKey, token } = await Promise.race([ask(ended), stopped]);
    if (secretId && secretKey) return { secretId, secretKey, ...(token ? { token } : {}) };
    throw new Error('no keys in the answer');
  } catch (error) {
    signal.throwIfAborted();
    throw new Failure(
      'credentials-missing',
      sentence('This machine was given no role to act as, or the keys of that role cannot be had.'),
      sentence('Bind a role to the cloud server or the workload, or choose other credentials.'),
      { cause: error },
    );
  }
}
