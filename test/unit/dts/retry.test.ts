import assert from 'node:assert/strict';
import { retryRead } from '../../../src/dts/retry.ts';
import { Failure, type FailureReason } from '../../../src/util/failure.ts';
import { ManualClock } from './manualClock.ts';
import { failureOf, never } from './support.ts';

const failing = (reason: FailureReason, code?: string) =>
  new Failure(reason, { text: 'x' }, null, code === undefined ? {} : { code });
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

function setUp(random = () => 0) {
  const clock = new ManualClock();
  return { clock, plan: { attempts: 4, firstPauseMs: 400, maxPauseMs: 1000, random, clock } };
}

describe('trying a read again', () => {
  it('stops after its last try, with growing pauses', async () => {
    for (const [random, pauses] of [
      [0, [200, 400, 500]],
      [0.999, [400, 800, 1000]],
    ] as const) {
      const { clock, plan } = setUp(() => random);
      const tries: number[] = [];
      const read = (attempt: number) => {
        tries.push(attempt);
        return Promise.reject(failing('throttled'));
      };
      const result = failureOf(retryRead(read, plan, never), 'throttled');
      for (const pause of pauses) {
        await settle();
        assert.equal(Math.round(clock.nextIn ?? 0), pause);
        clock.advance(pause);
      }
      await result;
      assert.deepEqual(tries, [1, 2, 3, 4]);
      assert.equal(clock.timers, 0);
    }
  });

  it('gives the answer of the try that brought one', async () => {
    const { clock, plan } = setUp();
    const answer = retryRead(
      (n) => (n < 2 ? Promise.reject(failing('connection-lost')) : Promise.resolve(n)),
      plan,
      never,
    );
    await settle();
    clock.advance(200);
    assert.equal(await answer, 2);
  });

  it('tries again only what passes by itself', async () => {
    const passing = [
      ['throttled', 'RequestLimitExceeded'],
      ['connection-lost', undefined],
      ['refused', 'ECONNREFUSED'],
      ['service-error', 'InternalError.LockError'],
      ['service-error', '503'],
    ] as const;
    const lasting = [
      ['credentials-invalid', 'AuthFailure.SignatureFailure'],
      ['permission-denied', 'UnauthorizedOperation'],
      ['task-not-found', 'ResourceNotFound.JobNotExist'],
      ['not-allowed-now', 'FailedOperation.StatusInConflict'],
      ['unexpected-answer', undefined],
      ['timed-out', undefined],
      ['name-not-found', 'ENOTFOUND'],
      ['refused', '407'],
      ['service-error', 'SomethingNew'],
      ['outcome-unknown', undefined],
      ['cancelled', undefined],
    ] as const;
    for (const [reason, code] of [...passing, ...lasting]) {
      const { clock, plan } = setUp();
      const stop = new AbortController();
      const result = retryRead(() => Promise.reject(failing(reason, code)), plan, stop.signal);
      const settled = result.catch(() => undefined);
      await settle();
      assert.equal(
        clock.timers,
        passing.some((each) => each[0] === reason && each[1] === code) ? 1 : 0,
        `${reason} ${code}`,
      );
      stop.abort();
      await settled;
    }
  });

  it('leaves its pause at once when aborted', async () => {
    const { clock, plan } = setUp();
    const stop = new AbortController();
    const result = retryRead(() => Promise.reject(failing('throttled')), plan, stop.signal);
    const failed = failureOf(result, 'cancelled');
    await settle();
    stop.abort();
    await failed;
    assert.equal(clock.timers, 0);
  });

  it('hands on what is no Failure as it is', async () => {
    await assert.rejects(
      retryRead(() => Promise.reject(new TypeError('bug')), setUp().plan, never),
      TypeError,
    );
  });
});
