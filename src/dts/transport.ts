import { CommonClient } from 'tencentcloud-sdk-nodejs/tencentcloud/common/common_client.js';
import { cancelled } from '../util/failure.ts';
import type { Credentials, DtsLanguage } from './api.ts';
import { proxyAgent, watchConnection, type ConnectionWatch } from './connectionWatch.ts';
import type { Address } from './sites.ts';

/** The services of the cloud that are asked, each with the version of its interface. */
const VERSIONS = { dts: '2021-12-06', sts: '2018-08-13', region: '2022-06-27' } as const;
export type Service = keyof typeof VERSIONS;

export interface RequestSpec {
  readonly service: Service;
  readonly action: string;
  readonly region: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Why a request brought no usable answer, before anybody says it in words. Holds no secret. */
export class CallProblem extends Error {
  override readonly name = 'CallProblem';
  constructor(
    readonly kind: 'service' | 'http' | 'network' | 'timeout' | 'aborted' | 'no-dts-answer',
    /** the service's error code, the HTTP status, or Node's error code; '' where there is none */
    readonly code: string,
    message: string,
    readonly requestId: string,
    /** whether the service may have received the request */
    readonly sent: boolean,
  ) {
    super(message);
  }
}

export interface TransportOptions {
  readonly address: Address;
  readonly language: DtsLanguage;
  readonly proxy: string | undefined;
  readonly timeoutMs: number;
}

/**
 * Sends one signed request through the SDK, once, and answers what stands under `Response`.
 * Rejects with a CallProblem, or with `cancelled` when the signal aborts.
 */
export async function send(
  request: RequestSpec,
  credentials: Credentials,
  options: TransportOptions,
  signal: AbortSignal,
): Promise<unknown> {
  if (signal.aborted) throw cancelled(signal.reason);
  const { address, language, proxy } = options;
  const connection = proxy ? null : watchConnection(address.protocol);
  const agent = connection?.agent ?? proxyAgent(proxy ?? '');
  const client = new CommonClient(address.host, VERSIONS[request.service], {
    credential: {
      secretId: credentials.secretId,
      secretKey: credentials.secretKey,
      ...(credentials.token ? { token: credentials.token } : {}),
    },
    region: request.region,
    profile: {
      language,
      httpProfile: {
        endpoint: address.host,
        protocol: `${address.protocol}//`,
        // our own limit below ends the request first; the SDK's, in seconds, reports its end as text only
        reqTimeout: Math.ceil(options.timeoutMs / 1000) + 5,
        agent,
      },
    },
  });
  const limit = AbortSignal.timeout(options.timeoutMs);
  try {
    const body: unknown = await client.request(request.action, request.parameters, {
      signal: AbortSignal.any([signal, limit, ...(connection ? [connection.lost] : [])]),
    });
    return body;
  } catch (error) {
    const ends = { aborted: signal.aborted, late: limit.aborted, lost: connection?.lost.aborted === true };
    throw problemOf(error, connection, ends, [credentials.secretId, credentials.secretKey, credentials.token]);
  } finally {
    connection?.release();
    agent.destroy();
  }
}

function problemOf(
  error: unknown,
  connection: ConnectionWatch | null,
  { aborted, late, lost }: { aborted: boolean; late: boolean; lost: boolean },
  secrets: readonly (string | undefined)[],
): CallProblem {
  const { code, httpCode, requestId, text } = sdkError(error, secrets);
  const fromSdk = error instanceof Error && 'traceId' in error;
  const networkCode = connection?.errorCode || code || networkCodeIn(text);
  // a watched connection that never stood cannot have carried the request; without a watch only few codes tell
  const sent = connection?.opened ? connection.established : !BEFORE_CONNECTED.has(networkCode);
  if (fromSdk && code !== '') return new CallProblem('service', code, text, requestId, true);
  if (httpCode !== null) return new CallProblem('http', String(httpCode), text, requestId, true);
  if (aborted) return new CallProblem('aborted', '', text, requestId, sent);
  if (late) return new CallProblem('timeout', '', text, requestId, sent);
  // what failed on the way comes in the SDK's own exception; what it could not make sense of comes as it was thrown
  if (networkCode !== '' || fromSdk || lost) {
    return new CallProblem('network', networkCode, text, requestId, sent);
  }
  return new CallProblem('no-dts-answer', '', text, requestId, true);
}

/** Not in here: codes that can also end a connection that stood, such as EHOSTUNREACH. */
const BEFORE_CONNECTED: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN']);

const NODE_CODE = /\b(?:E(?:CONN[A-Z]+|AI_AGAIN|NOTFOUND|PIPE|PROTO|TIMEDOUT|HOSTUNREACH|NETUNREACH)|ERR_[A-Z_]+)\b/;

/** The SDK drops Node's code and keeps its text, in which the code mostly is a word of its own. */
function networkCodeIn(text: string): string {
  return NODE_CODE.exec(text)?.[0] ?? (/\bcertificate\b/.test(text) ? 'CERT_UNTRUSTED' : '');
}

function sdkError(error: unknown, secrets: readonly (string | undefined)[]) {
  const of = (key: string): unknown => (typeof error === 'object' && error !== null ? Reflect.get(error, key) : null);
  const string = (value: unknown) => (typeof value === 'string' ? value : '');
  let text = error instanceof Error ? error.message : String(error);
  for (const secret of secrets) if (secret) text = text.replaceAll(secret, '•••');
  const httpCode = of('httpCode');
  return {
    code: string(of('code')),
    requestId: string(of('requestId')),
    httpCode: typeof httpCode === 'number' ? httpCode : null,
    text: text.slice(0, 1000),
  };
}
