import assert from 'node:assert/strict';
import { loadGuard } from '../../../src/comparison/loadGuard.ts';
import type { Clock } from '../../../src/util/clock.ts';
import { isFailure } from '../../../src/util/failure.ts';

const never = new AbortController().signal;

function guarded(latencies: readonly number[]) {
  let now = 0;
  let asked = 0;
  const clock: Clock = { now: () => now, after: () => () => undefined };
  const guard = loadGuard({
    clock,
    latency: async () => latencies[Math.min(asked++, latencies.length - 1)] ?? 0,
    everyMs: 500,
    factor: 10,
    floorMs: 100,
    longestPauseMs: 100_000,
  });
  return { guard, asked: () => asked, pass: (ms: number) => (now += ms) };
}

describe('the load guard', () => {
  it('lets work through while the source answers as fast as ever, and asks no more often than it should', async () => {
    const { guard, asked, pass } = guarded([2, 3, 15]);
    for (let i = 0; i < 5; i++) await guard.admit(never);
    assert.equal(asked(), 1);
    pass(500);
    await guard.admit(never);
    pass(500);
    await guard.admit(never);
    assert.equal(asked(), 3);
  });

  it('holds work back while the source has become slow, and can be cancelled', async () => {
    const { guard, pass } = guarded([2, 5_000]);
    await guard.admit(never);
    pass(500);
    const cancel = new AbortController();
    const held = guard.admit(cancel.signal);
    cancel.abort();
    await assert.rejects(held, (error) => isFailure(error) && error.reason === 'cancelled');
  });

  it('takes a source that was always slow for a normal one', async () => {
    const { guard, pass } = guarded([400, 450, 500]);
    for (let i = 0; i < 3; i++) {
      await guard.admit(never);
      pass(500);
    }
  });
});
