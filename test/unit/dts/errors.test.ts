import assert from 'node:assert/strict';
import { failureOf, type CallContext } from '../../../src/dts/errors.ts';
import { CallProblem } from '../../../src/dts/transport.ts';
import { say } from '../../../src/util/sentence.ts';

const READ: CallContext = {
  action: 'DescribeMigrationDetail',
  region: 'ap-guangzhou',
  endpoint: 'dts.tencentcloudapi.com',
  jobId: 'dts-abcd1234',
  changes: false,
};
const COMPLETE = { ...READ, action: 'CompleteMigrateJob', changes: true };

const refused = (code: string, context = READ) =>
  failureOf(new CallProblem('service', code, 'they say', 'req-1', true), context);
const failed = (kind: CallProblem['kind'], code: string, sent: boolean, context: CallContext) =>
  failureOf(new CallProblem(kind, code, 'text', '', sent), context);

describe('failures of the cloud service', () => {
  it('have a reason for every code DTS documents', () => {
    const codes = {
      'credentials-invalid': [
        ...[
          'AuthFailure',
          'AuthFailure.AuthFailureError',
          'AuthFailure.SecretIdNotFound',
          'AuthFailure.InvalidSecretId',
        ],
        ...['AuthFailure.SignatureFailure', 'AuthFailure.MFAFailure'],
      ],
      'credentials-expired': ['AuthFailure.TokenFailure'],
      'clock-skew': ['AuthFailure.SignatureExpire'],
      'permission-denied': [
        ...['AuthFailure.UnauthorizedOperation', 'AuthFailure.UnauthorizedOperationError', 'UnauthorizedOperation'],
        ...['AuthFailure.AuthorizedOperationDenyError', 'UnauthorizedOperation.PermissionDenied'],
        ...['UnauthorizedOperation.NotEnoughPrivileges', 'UnauthorizedOperation.UnauthorizedOperationError'],
      ],
      throttled: ['RequestLimitExceeded', 'RequestLimitExceeded.RequestLimitExceededError'],
      'task-not-found': ['ResourceNotFound', 'ResourceNotFound.JobNotExist', 'InvalidParameter.InstanceNotFound'],
      'not-allowed-now': [
        ...[
          'FailedOperation.StatusInConflict',
          'FailedOperation.StatusInConflictError',
          'FailedOperation.NotAllowOperation',
        ],
        ...['OperationDenied.JobOperationDeniedError', 'OperationDenied', 'ResourceInUse.ResourceInUseError'],
      ],
      'invalid-request': [
        ...[
          'InvalidParameter',
          'InvalidParameterValue.InvalidParameterValueError',
          'MissingParameter',
          'UnknownParameter',
        ],
        ...['InvalidAction', 'NoSuchVersion', 'UnsupportedRegion', 'LimitExceeded.MaxUnusedJobs'],
      ],
      'service-error': [
        'InternalError',
        'InternalError.LockError',
        'ResourceUnavailable.ResourceUnavailableError',
        'NeverSeen',
      ],
    };
    for (const [reason, list] of Object.entries(codes)) {
      for (const code of list) {
        const failure = refused(code);
        assert.equal(failure.reason, reason, code);
        assert.equal(failure.code, code);
      }
    }
  });

  it('say what, where, and which right is missing', () => {
    const failure = refused('UnauthorizedOperation.PermissionDenied', COMPLETE);
    assert.match(failure.message, /CompleteMigrateJob.*dts-abcd1234 \(ap-guangzhou\)/);
    assert.ok(failure.tryThis);
    assert.equal(
      say(failure.tryThis),
      'Ask for the right dts:CompleteMigrateJob on qcs::dts:ap-guangzhou:uin/:task/dts-abcd1234.',
    );
    const listing = refused('UnauthorizedOperation', { ...READ, action: 'DescribeMigrationJobs', jobId: null });
    assert.ok(listing.tryThis);
    assert.equal(say(listing.tryThis), 'Ask for the right dts:DescribeMigrationJobs on *.');
  });

  it("keep the service's words and its request id", () => {
    const failure = refused('FailedOperation.StatusInConflict');
    assert.match(failure.message, /they say \(FailedOperation\.StatusInConflict\)/);
    assert.match(String(failure.cause), /req-1/);
  });

  it('tell that a private endpoint must be named for the service when the signature is refused', () => {
    const hint = (endpoint: string) =>
      say(refused('AuthFailure.SignatureFailure', { ...READ, endpoint }).tryThis ?? { text: '' });
    assert.match(hint('cloud.example.com'), /begins with "dts\."/);
    assert.doesNotMatch(hint('dts.tencentcloudapi.com'), /begins with/);
  });

  it('leave the outcome of a change unknown whenever it may have been carried out', () => {
    for (const [kind, code] of [
      ['timeout', ''],
      ['network', 'ECONNRESET'],
      ['aborted', ''],
      ['no-dts-answer', ''],
      ['http', '502'],
      ['service', 'InternalError'],
    ] as const) {
      assert.equal(failed(kind, code, true, COMPLETE).reason, 'outcome-unknown', kind);
      assert.notEqual(failed(kind, code, true, READ).reason, 'outcome-unknown', kind);
    }
  });

  it('know that a change was not carried out when nothing was sent, or it was refused', () => {
    assert.equal(failed('network', 'ECONNREFUSED', false, COMPLETE).reason, 'refused');
    assert.equal(failed('timeout', '', false, COMPLETE).reason, 'timed-out');
    assert.equal(failed('aborted', '', false, COMPLETE).reason, 'cancelled');
    assert.equal(failed('http', '404', true, COMPLETE).reason, 'unexpected-answer');
    assert.equal(refused('RequestLimitExceeded', COMPLETE).reason, 'throttled');
    assert.equal(refused('FailedOperation.StatusInConflict', COMPLETE).reason, 'not-allowed-now');
  });

  it('tell the ways of not arriving apart', () => {
    const reasons = {
      ENOTFOUND: 'name-not-found',
      EAI_AGAIN: 'name-not-found',
      ECONNREFUSED: 'refused',
      EHOSTUNREACH: 'unreachable',
      ETIMEDOUT: 'unreachable',
      DEPTH_ZERO_SELF_SIGNED_CERT: 'tls',
      CERT_HAS_EXPIRED: 'tls',
      ERR_TLS_CERT_ALTNAME_INVALID: 'tls',
      ECONNRESET: 'connection-lost',
      '': 'connection-lost',
    };
    for (const [code, reason] of Object.entries(reasons))
      assert.equal(failed('network', code, false, READ).reason, reason, code);
    assert.equal(failed('http', '407', true, READ).reason, 'refused');
    assert.equal(failed('http', '503', true, READ).reason, 'service-error');
    assert.equal(failed('http', '429', true, READ).reason, 'throttled');
    assert.match(refused('AuthFailure.MFAFailure').message, /second factor/);
  });
});
