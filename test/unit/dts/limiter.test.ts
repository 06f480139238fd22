import assert from 'node:assert/strict';
import { createLimiter } from '../../../src/dts/limiter.ts';
import { ManualClock } from './manualClock.ts';
import { failureOf, never } from './support.ts';

/** Lets everything that is already settled run on. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('the limiter', () => {
  it('never lets more than its count arrive in any window, however long the answers take', async () => {
    const clock = new ManualClock();
    const limiter = createLimiter(3, 1000, clock);
    const started: number[] = [];
    const arrivals: number[] = [];
    for (let call = 0; call < 12; call++) {
      void limiter.turn('a', never).then((done) => {
        started.push(call);
        // the odd ones are slow, and arrive just before their answer leaves
        const [arrival, answer] = call % 2 ? [700, 800] : [0, 100];
        clock.after(arrival, () => arrivals.push(clock.now()));
        clock.after(answer, done);
      });
    }
    for (let step = 0; step < 100; step++) {
      await settle();
      clock.advance(100);
    }
    assert.deepEqual(started, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    assert.equal(arrivals.length, 12);
    for (const at of arrivals) assert.ok(arrivals.filter((other) => other >= at && other < at + 1000).length <= 3);
    assert.equal(clock.timers, 0);
  });

  it('holds a place while an answer is out, and only once when it comes', async () => {
    const clock = new ManualClock();
    const limiter = createLimiter(1, 1000, clock);
    const done = await limiter.turn('a', never);
    let second = false;
    const next = limiter.turn('a', never).then((release) => {
      second = true;
      return release;
    });
    clock.advance(60_000);
    await settle();
    assert.equal(second, false);
    done();
    done();
    clock.advance(1000);
    const release = await next;
    let third = false;
    void limiter.turn('a', never).then(() => (third = true));
    await settle();
    assert.equal(third, false);
    release();
  });

  it('counts every kind by itself', async () => {
    const limiter = createLimiter(1, 1000, new ManualClock());
    await limiter.turn('a', never);
    await limiter.turn('b', never);
  });

  it('forgets who aborts: it takes no turn and leaves no timer', async () => {
    const clock = new ManualClock();
    const limiter = createLimiter(1, 1000, clock);
    const done = await limiter.turn('a', never);
    done();
    const leaving = new AbortController();
    const left = limiter.turn('a', leaving.signal);
    const last = limiter.turn('a', never);
    leaving.abort();
    await failureOf(left, 'cancelled');
    clock.advance(1000);
    (await last)();

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
    (await limiter.turn('a', never))();
    clock.set(0);
    await limiter.turn('a', never);
  });
});
