import { sentence, wordsOf, type Sentence } from './sentence.ts';

/** Why something failed, for code to branch on. Nobody matches message text. */
export type FailureReason =
  // the cloud service
  | 'credentials-missing'
  | 'credentials-invalid'
  | 'credentials-expired'
  | 'clock-skew'
  | 'permission-denied'
  | 'task-not-found'
  | 'not-allowed-now'
  | 'throttled'
  | 'invalid-request'
  | 'service-error'
  | 'unexpected-answer'
  // reaching anything
  | 'unreachable'
  | 'name-not-found'
  | 'refused'
  | 'timed-out'
  | 'connection-lost'
  | 'tls'
  // databases
  | 'authentication-failed'
  | 'insufficient-privilege'
  | 'database-missing'
  | 'too-many-connections'
  | 'server-starting'
  | 'unsupported'
  | 'query-failed'
  // ourselves
  | 'not-configured'
  | 'bad-input'
  | 'cancelled'
  | 'outcome-unknown'
  | 'internal';

/** What a failure looks like once it is data: in a snapshot, the journal, a report. Never holds a secret. */
export interface FailureFacts {
  readonly reason: FailureReason;
  /** what failed and where */
  readonly what: Sentence;
  /** what the user may try; null where nothing sensible can be said */
  readonly tryThis: Sentence | null;
}

/**
 * The one error type that crosses a boundary. `what` names the thing and the place (host:port, region, task),
 * `tryThis` the way out; `cause` is for the log, after redaction.
 */
export class Failure extends Error implements FailureFacts {
  override readonly name = 'Failure';
  readonly what: Sentence;
  constructor(
    readonly reason: FailureReason,
    what: Sentence,
    readonly tryThis: Sentence | null = null,
    options: { cause?: unknown; code?: string } = {},
  ) {
    super(
      what.text.replace(/\{(\w+)\}/g, (place, key: string) => String(what.args?.[key] ?? place)),
      {
        cause: options.cause,
      },
    );
    this.what = wordsOf(what);
    this.code = options.code;
  }
  /** the server's own error code or SQLSTATE, where there is one */
  readonly code: string | undefined;

  facts(): FailureFacts {
    return { reason: this.reason, what: this.what, tryThis: this.tryThis };
  }
}

/** By shape, not `instanceof`: drivers live in bundles of their own, each with its own copy of the class. */
export function isFailure(error: unknown): error is Failure {
  return error instanceof Error && error.name === 'Failure' && 'reason' in error && 'what' in error;
}

/** Any thrown thing as a Failure; what nobody expected becomes `internal`, with its class as the only detail. */
export function asFailure(error: unknown): Failure {
  if (isFailure(error)) return error;
  if (error instanceof Error && error.name === 'AbortError') return cancelled(error);
  const kind = error instanceof Error ? error.name : typeof error;
  return new Failure(
    'internal',
    sentence('Something unexpected went wrong ({kind}).', { kind }),
    sentence('The log of DTS Cutover has the details; please report it.'),
    { cause: error },
  );
}

export function cancelled(cause?: unknown): Failure {
  return new Failure('cancelled', sentence('Cancelled.'), null, { cause });
}
