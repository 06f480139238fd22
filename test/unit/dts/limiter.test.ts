import assert from 'node:assert/strict';
import { createLimiter } from '../../../src/dts/limiter.ts';
import { ManualClock } from './manualClock.ts';
import { failureOf, never } from './support.ts';

/** Lets everything that is already settled run on. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('the limiter', () => {
  it('lets no more than its count start in any window, in the order asked', async () => {
    const clock = new ManualClock();
    const limiter = createLimiter(3, 1000, clock);
    const started: [number, number][] = [];
    for (let call = 0; call < 8; call++) {
      void limiter.turn('a', never).then(() => started.push([call, clock.now()]));
    }
    for (let step = 0; step < 30; step++) {
      await settle();
      clock.advance(100);
    }
    assert.deepEqual(
      started.map(([call]) => call),
      [0, 1, 2, 3, 4, 5, 6, 7],
    );
    for (const [, at] of started) {
      assert.ok(started.filter(([, other]) => other >= at && other < at + 1000).length <= 3);
    }
    assert.equal(clock.timers, 0);
  });

  it('counts every kind by itself', async () => {
    const limiter = createLimiter(1, 1000, new ManualClock());
    await limiter.turn('a', never);
    await limiter.turn('b', never);
  });

  it('forgets who aborts: it takes no turn and leaves no timer', async () => {
    const clock = new ManualClock();
    const limiter = createLimiter(1, 1000, clock);
    await limiter.turn('a', never);
    const leaving = new AbortController();
    const left = limiter.turn('a', leaving.signal);
    let next = false;
    const last = limiter.turn('a', never).then(() => (next = true));
    leaving.abort();
    await failureOf(left, 'cancelled');
    clock.advance(1000);
    await last;
    assert.ok(next);

    const alone = new AbortController();
    const waiting = limiter.turn('a', alone.signal);
    assert.equal(clock.timers, 1);
    alone.abort();
    await failureOf(waiting, 'cancelled');
    assert.equal(clock.timers, 0);
    await failureOf(limiter.turn('a', alone.signal), 'cancelled');
  });

  it('goes on after the clock was set back', async () => {
    const clock = new ManualClock(10_000);
    const limiter = createLimiter(1, 1000, clock);
    await limiter.turn('a', never);
    clock.set(0);
    await limiter.turn('a', never);
  });
});
