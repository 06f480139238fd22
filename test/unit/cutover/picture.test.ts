import assert from 'node:assert/strict';
import { session, World } from './world.ts';

describe('the picture of a run', () => {
  it('has the first reasons of a gate and how many there are besides', async () => {
    const world = new World();
    const run = await world.paused();
    world.source.sessions = Array.from({ length: 50 }, (_, index) =>
      session({ id: String(index), state: 'executing' }),
    );
    await world.clock.advance(5000);
    const quiet = run.snapshot().steps.find(({ id }) => id === 'quiet');
    assert.equal(quiet?.verdict.why.length, 12);
    assert.equal(quiet.moreReasons, 38);
    await run.dispose();
  });
});
