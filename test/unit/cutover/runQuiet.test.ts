import assert from 'node:assert/strict';
import type { CutoverRun } from '../../../src/cutover/run.ts';
import { Failure } from '../../../src/util/failure.ts';
import { say, sentence } from '../../../src/util/sentence.ts';
import { connectionOf, kinds, session, stepOf, useWorlds, type World } from './world.ts';

const gone = new Failure('connection-lost', sentence('The server at source:5432 went away.'));

describe('what a run sees of the two sides', () => {
  let world: World;
  let run: CutoverRun | undefined;
  useWorlds(
    (made) => {
      world = made;
      run = undefined;
    },
    () => run,
  );

  describe('the quiet window', () => {
    const heldAfter = async (ms: number) => {
      await world.clock.advance(ms);
      return run!.snapshot().quietWindow;
    };

    it('grows while nothing runs, and is reached after its length', async () => {
      run = await world.paused();
      assert.equal((await heldAfter(170_000)).reached, false);
      assert.equal((await heldAfter(20_000)).reached, true);
      assert.ok(kinds(run).includes('quietReached'));
    });

    const breakers: [string, (w: World) => void, RegExp][] = [
      ['an idle business session that stays', (w) => (w.source.sessions = [session()]), /still connected/],
      ['a statement', (w) => (w.source.sessions = [session({ state: 'executing' })]), /executing/],
      [
        'an open transaction',
        (w) => (w.source.sessions = [session({ state: 'open transaction' })]),
        /open transaction/,
      ],
      [
        'a session nobody can tell',
        (w) => (w.source.sessions = [session({ state: 'unknown' })]),
        /nobody can tell|tell what/,
      ],
      ['a write of somebody who is gone', (w) => (w.source.next = 'written'), /public\.orders was written/],
      ['a write position that cannot be told', (w) => (w.source.next = 'unknown'), /test/],
      ['a server that went away', (w) => (w.source.down = gone), /went away/],
    ];
    for (const [name, disturb, reason] of breakers) {
      it(`is broken by ${name}, which also ends the zero dwell`, async () => {
        run = await world.ready();
        disturb(world);
        const window = await heldAfter(5000);
        assert.equal(window.heldSeconds, 0);
        assert.match(say(window.lastReset!.why), reason);
        assert.notEqual(stepOf(run, 'complete').verdict.state, 'open');
        assert.equal(run.snapshot().zeroDwell.reached, false);
        assert.ok(kinds(run).includes('quietBroken'));
      });
    }

    it('lets idle sessions pass when the user said so, but not new ones', async () => {
      world.settings = { ...world.settings, idleBusinessBlocks: false };
      world.source.sessions = [session()];
      run = await world.paused();
      assert.equal((await heldAfter(190_000)).reached, true);
      world.source.sessions = [session(), session({ id: '102' })];
      const window = await heldAfter(3000);
      assert.match(say(window.lastReset!.why), /session 102 .* is new/);
    });

    it('recovers by itself after the server comes back, and starts again', async () => {
      run = await world.paused();
      await heldAfter(100_000);
      world.source.down = gone;
      await heldAfter(10_000);
      assert.equal(connectionOf(run, 'source'), 'failed');
      world.source.down = null;
      await world.clock.advance(30_000);
      assert.equal(connectionOf(run, 'source'), 'connected');
      const { heldSeconds } = run.snapshot().quietWindow;
      assert.ok(heldSeconds > 0 && heldSeconds < 45, String(heldSeconds));
    });

    it('is not reached on a limited view', async () => {
      world.source.visibility = {
        level: 'limited',
        missing: sentence('It sees its own sessions only.'),
        grant: 'GRANT x',
      };
      run = await world.paused();
      assert.equal((await heldAfter(400_000)).reached, false);
    });

    it('is held up, not broken, while the server has not said who wrote', async () => {
      run = await world.paused();
      await heldAfter(190_000);
      world.source.next = 'pending';
      const pending = await heldAfter(4000);
      assert.equal(pending.reached, false);
      assert.ok(pending.heldSeconds > 180);
      world.source.next = 'none';
      assert.equal((await heldAfter(4000)).reached, true);
    });
  });

  it('gives up a look that never ends, says so, and looks again', async () => {
    run = await world.ready();
    world.source.silent = true;
    await world.clock.advance(20_000);
    assert.equal(connectionOf(run, 'source'), 'failed');
    assert.match(say(run.snapshot().quietWindow.lastReset!.why), /took longer than 15 s/);
    world.source.silent = false;
    await world.clock.advance(30_000);
    assert.equal(connectionOf(run, 'source'), 'connected');
  });

  it('reads the target again too before Complete, and does not wait for ever for one that never answers', async () => {
    run = await world.ready();
    world.target.silent = true;
    await world.clock.advance(3000);
    const complete = run.perform({ kind: 'complete' }, new AbortController().signal);
    await world.clock.advance(40_000);
    const result = await complete;
    assert.ok(!result.ok && !result.declined && result.failure.reason === 'not-allowed-now');
    assert.equal(world.completeCalls, 0);
  });

  it('puts on record what was seen after the business was said to be stopped, once for each kind of thing', async () => {
    world.source.next = 'written';
    run = await world.paused();
    world.source.sessions = [session(), session({ id: '102' })];
    await world.clock.advance(10_000);
    const seen = run.entries().flatMap((entry) => (entry.kind === 'notQuiet' ? [say(entry.why)] : []));
    assert.equal(seen.length, 2, seen.join('; '));
    assert.ok(seen.some((text) => text.includes('public.orders was written')));
    assert.ok(seen.some((text) => text.includes('still connected')));
  });

  it('does not hold against the pause what was written before it', async () => {
    world.source.next = 'written';
    run = await world.paused();
    const { looks } = world.source;
    await world.clock.advance(2000);
    assert.equal(world.source.looks, looks + 1, 'the first look after the pause still sees what came before it');
    world.source.next = 'none';
    await world.clock.advance(10_000);
    assert.ok(!kinds(run).includes('notQuiet'));
  });

  it('counts zero only from the moment the source became quiet', async () => {
    run = await world.paused();
    await world.clock.advance(185_000);
    const { quietWindow, zeroDwell } = run.snapshot();
    assert.ok(quietWindow.reached);
    assert.ok(zeroDwell.heldSeconds < 10, String(zeroDwell.heldSeconds));
    assert.equal(stepOf(run, 'complete').verdict.state, 'waiting');
  });

  it('a single −1 in the dwell starts it anew', async () => {
    run = await world.ready();
    world.facts = { gapMb: null };
    await world.clock.advance(3000);
    world.facts = {};
    await world.clock.advance(30_000);
    assert.equal(stepOf(run, 'complete').verdict.state, 'waiting');
  });

  it('goes stale when the task cannot be read, and says so', async () => {
    run = await world.ready();
    world.taskDown = new Failure('unreachable', sentence('dts.example did not answer.'));
    await world.clock.advance(4000);
    const snapshot = run.snapshot();
    assert.ok(snapshot.taskStale);
    assert.equal(snapshot.taskFailure?.reason, 'unreachable');
    assert.notEqual(stepOf(run, 'complete').verdict.state, 'open');
  });
});
