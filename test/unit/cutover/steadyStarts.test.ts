import assert from 'node:assert/strict';
import { steadyStarts } from '../../../src/cutover/steadyStarts.ts';
import { session, World } from './world.ts';

describe('when a session began', () => {
  const starts = (at: number | null, before: number | null, id = '7') =>
    steadyStarts([session({ id, startedAt: at })], [session({ id: '7', startedAt: before })])[0]?.startedAt;

  it('is what it was at the look before, but for the jitter of the two clocks', () => {
    assert.equal(starts(10_003, 10_000), 10_000);
    assert.equal(starts(9_400, 10_000), 10_000);
  });

  it('is another moment for somebody else who got the same id, and unknown where it is not told', () => {
    assert.equal(starts(11_001, 10_000), 11_001);
    assert.equal(starts(10_003, 10_000, '8'), 10_003);
    assert.equal(starts(null, 10_000), null);
    assert.equal(starts(10_003, null), 10_003);
  });

  it('makes no idle session of the business a new one at every look', async () => {
    const world = new World();
    world.settings = { ...world.settings, idleBusinessBlocks: false };
    const run = await world.paused();
    const began = world.clock.now() - 60_000;
    for (let look = 0; look < 120; look++) {
      world.source.sessions = [session({ state: 'idle', startedAt: began + (look % 7) - 3 })];
      await world.clock.advance(2000);
    }
    assert.equal(run.snapshot().quietWindow.reached, true, JSON.stringify(run.snapshot().quietWindow.lastReset));
    await run.dispose();
  });
});
