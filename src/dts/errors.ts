import { cancelled, Failure, type FailureReason } from '../util/failure.ts';
import { sentence, type Sentence } from '../util/sentence.ts';
import type { CallProblem, Service } from './transport.ts';

/** What was asked of whom; enough to say where something failed and which right is missing. */
export interface CallContext {
  readonly action: string;
  readonly region: string;
  /** host and port of the service */
  readonly endpoint: string;
  /** null for calls that concern no single task */
  readonly jobId: string | null;
  /** `dts` when missing */
  readonly service?: Service | undefined;
  /** whether the call changes something: then a lost answer leaves the outcome unknown */
  readonly changes: boolean;
}

/** A failed request in words. The cause keeps the service's request id for the log. */
export function failureOf(problem: CallProblem, context: CallContext): Failure {
  const { kind, code, message, requestId } = problem;
  const cause = new Error(`${kind} ${code}: ${message} [request ${requestId || 'without id'}]`);
  const { reason, what, tryThis } = leavesUnknown(problem, context)
    ? outcomeUnknown(context)
    : kind === 'aborted'
      ? cancelled()
      : explain(problem, context);
  return new Failure(reason, what, tryThis, { cause, ...(code === '' ? {} : { code }) });
}

interface Explanation {
  readonly reason: FailureReason;
  readonly what: Sentence;
  readonly tryThis: Sentence | null;
}

/** Whether a call that changes something may have been carried out although no proper answer came. */
function leavesUnknown(problem: CallProblem, { changes }: CallContext): boolean {
  if (!changes || !problem.sent) return false;
  if (problem.kind === 'http') return Number(problem.code) >= 500;
  return problem.kind !== 'service' || problem.code.startsWith('InternalError');
}

function outcomeUnknown(context: CallContext): Explanation {
  return {
    reason: 'outcome-unknown',
    what: sentence(
      '{action} was sent for {place}, but no clear answer came: it may or may not have been carried out.',
      {
        action: context.action,
        place: placeOf(context),
      },
    ),
    tryThis: sentence('Read the state of the task before anything is tried again.'),
  };
}

function explain(problem: CallProblem, context: CallContext): Explanation {
  switch (problem.kind) {
    case 'service':
      return explainService(problem, context);
    case 'http':
      return explainHttp(problem, context);
    case 'timeout':
      return {
        reason: 'timed-out',
        what: sentence('{endpoint} did not answer {action} for {place} in time.', args(context)),
        tryThis: sentence('Check the network and the proxy if it happens again.'),
      };
    case 'no-dts-answer':
      return {
        reason: 'unexpected-answer',
        what: sentence('What {endpoint} answered to {action} is not an answer of DTS.', args(context)),
        tryThis: sentence(
          'Check that the endpoint in the settings is a DTS endpoint and that no login page of a proxy answers instead.',
        ),
      };
    case 'network':
    case 'aborted':
      return explainNetwork(problem, context);
  }
}

function explainService(problem: CallProblem, context: CallContext): Explanation {
  const { code, message } = problem;
  const is = (...prefixes: string[]) => prefixes.some((prefix) => code === prefix || code.startsWith(`${prefix}.`));
  const refused = (text: Sentence, reason: FailureReason, tryThis: Sentence | null): Explanation => ({
    reason,
    what: text,
    tryThis,
  });
  const said = sentence('DTS refused {action} for {place}: {message} ({code})', { ...args(context), message, code });

  if (is('AuthFailure.SignatureExpire')) {
    return refused(
      sentence('{endpoint} does not accept the time of this machine: {message}', { ...args(context), message }),
      'clock-skew',
      sentence('Set the clock of this machine; it may differ from the service by at most five minutes.'),
    );
  }
  if (is('AuthFailure.TokenFailure')) {
    return refused(
      sentence('The temporary credentials for {endpoint} have expired or their token is wrong.', args(context)),
      'credentials-expired',
      sentence('Get new temporary credentials and sign in again.'),
    );
  }
  if (
    is(
      'AuthFailure.UnauthorizedOperation',
      'AuthFailure.UnauthorizedOperationError',
      'AuthFailure.AuthorizedOperationDenyError',
      'UnauthorizedOperation',
    )
  ) {
    return refused(
      sentence('This account may not do {action} on {place} ({code}).', { ...args(context), code }),
      'permission-denied',
      sentence('Ask for the right {right} on {resource}.', rightFor(context)),
    );
  }
  if (is('AuthFailure.SignatureFailure')) {
    return refused(
      sentence(
        '{endpoint} does not accept the signature: the SecretKey does not belong to the SecretId.',
        args(context),
      ),
      'credentials-invalid',
      context.endpoint.startsWith('dts.')
        ? sentence('Sign in again with the right SecretKey, without spaces around it.')
        : sentence(
            'Sign in again with the right SecretKey. A private endpoint must have a name that begins with "dts.", because the signature names the service.',
          ),
    );
  }
  if (is('AuthFailure.MFAFailure')) {
    return refused(
      sentence('{endpoint} asks for a second factor (MFA), which a key alone cannot give ({code}).', {
        ...args(context),
        code,
      }),
      'credentials-invalid',
      sentence('Use the key of an account without this demand on API calls, or temporary credentials of a role.'),
    );
  }
  if (is('AuthFailure')) {
    return refused(
      sentence('{endpoint} does not know these credentials ({code}).', { ...args(context), code }),
      'credentials-invalid',
      sentence(
        'Check that the SecretId is right, enabled, and of the same site (mainland or international) as the endpoint.',
      ),
    );
  }
  if (is('RequestLimitExceeded')) {
    return refused(
      sentence(
        '{endpoint} limits how often {action} may be asked, and others with this account ask too.',
        args(context),
      ),
      'throttled',
      sentence('Wait a moment.'),
    );
  }
  if (is('ResourceNotFound', 'InvalidParameter.InstanceNotFound')) {
    return refused(
      sentence('DTS knows no task {place} ({code}).', { ...args(context), code }),
      'task-not-found',
      sentence('Check the id, the region and the account; the task may have been destroyed.'),
    );
  }
  if (is('FailedOperation', 'OperationDenied', 'ResourceInUse', 'UnsupportedOperation')) {
    return refused(said, 'not-allowed-now', sentence('Look at the state of the task and what it allows now.'));
  }
  if (is('UnsupportedRegion')) {
    return refused(
      sentence('{endpoint} offers no DTS in the region {region}.', args(context)),
      'invalid-request',
      sentence('Check the regions in the settings.'),
    );
  }
  if (is('InternalError', 'ResourceUnavailable', 'ServiceUnavailable')) {
    return refused(said, 'service-error', sentence('It is a fault of the service; try again in a moment.'));
  }
  if (
    is(
      'InvalidParameter',
      'InvalidParameterValue',
      'MissingParameter',
      'UnknownParameter',
      'InvalidAction',
      'InvalidRequest',
      'NoSuchVersion',
      'NoSuchProduct',
      'UnsupportedProtocol',
      'ActionOffline',
      'LimitExceeded',
    )
  ) {
    return refused(said, 'invalid-request', null);
  }
  return refused(said, 'service-error', null);
}

function explainHttp(problem: CallProblem, context: CallContext): Explanation {
  const status = Number(problem.code);
  if (status === 429) {
    return {
      reason: 'throttled',
      what: sentence('{endpoint} limits how often it may be asked (HTTP status {status}).', {
        ...args(context),
        status,
      }),
      tryThis: sentence('Wait a moment.'),
    };
  }
  if (status === 407) {
    return {
      reason: 'refused',
      what: sentence('The proxy on the way to {endpoint} wants a user name and password.', args(context)),
      tryThis: sentence('Put them into the proxy setting.'),
    };
  }
  return {
    reason: status >= 500 ? 'service-error' : 'unexpected-answer',
    what: sentence('{endpoint} answered {action} for {place} with HTTP status {status}.', { ...args(context), status }),
    tryThis:
      status >= 500
        ? sentence('It is a fault of the service or of a proxy on the way; try again in a moment.')
        : sentence('Check that the endpoint in the settings is a DTS endpoint, and the proxy.'),
  };
}

function explainNetwork(problem: CallProblem, context: CallContext): Explanation {
  const { code } = problem;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return {
      reason: 'name-not-found',
      what: sentence('The name {endpoint} cannot be resolved ({code}).', { ...args(context), code }),
      tryThis: sentence('Check the endpoint in the settings, the network, and whether a proxy is needed.'),
    };
  }
  if (code === 'ECONNREFUSED') {
    return {
      reason: 'refused',
      what: sentence('Nothing accepts connections at {endpoint} ({code}).', { ...args(context), code }),
      tryThis: sentence('Check the endpoint in the settings, and the proxy if there is one.'),
    };
  }
  if (/^(CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_|ERR_SSL_|EPROTO)/.test(code)) {
    return {
      reason: 'tls',
      what: sentence('No trusted TLS connection to {endpoint} ({code}).', { ...args(context), code }),
      tryThis: sentence(
        'Check that the endpoint speaks https, and that the certificate authority of your network is trusted.',
      ),
    };
  }
  if (code === 'ETIMEDOUT' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH') {
    return {
      reason: 'unreachable',
      what: sentence('{endpoint} cannot be reached ({code}).', { ...args(context), code }),
      tryThis: sentence('Check the network, and whether a proxy is needed.'),
    };
  }
  return {
    reason: 'connection-lost',
    what: sentence('The connection to {endpoint} broke during {action} for {place}.', args(context)),
    tryThis: sentence('Check the network and the proxy if it happens again.'),
  };
}

/** An answer that has not the documented shape; `path` is where, and never what stood there. */
export function unexpectedAnswer(context: CallContext, path: string): Failure {
  if (context.changes) {
    const { reason, what, tryThis } = outcomeUnknown(context);
    return new Failure(reason, what, tryThis);
  }
  return new Failure(
    'unexpected-answer',
    sentence('DTS answered {action} for {place} in a shape that is not known, at {path}.', { ...args(context), path }),
    sentence('It is taken for no answer. Please report it with the name of the call and the place.'),
  );
}

function args(context: CallContext) {
  return { action: context.action, endpoint: context.endpoint, region: context.region, place: placeOf(context) };
}

function placeOf({ jobId, region }: CallContext): string {
  return jobId ? `${jobId} (${region})` : region;
}

function rightFor({ action, region, jobId, service = 'dts' }: CallContext) {
  return { right: `${service}:${action}`, resource: jobId ? `qcs::dts:${region}:uin/:task/${jobId}` : '*' };
}
