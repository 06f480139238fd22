import assert from 'node:assert/strict';
import type { CutoverRun } from '../../../src/cutover/run.ts';
import { Failure } from '../../../src/util/failure.ts';
import { say, sentence } from '../../../src/util/sentence.ts';
import { act, finalOf, kinds, same, session, settle, useWorlds, type World } from './world.ts';

describe('a run and its comparison', () => {
  let world: World;
  let run: CutoverRun | undefined;
  useWorlds(
    (made) => {
      world = made;
      run = undefined;
    },
    () => run,
  );

  it('a verdict goes stale when the target is written afterwards', async () => {
    run = await world.completed();
    const at = world.clock.now();
    world.compare = () => Promise.resolve({ ...same, startedAt: at, finishedAt: at });
    await act(run, { kind: 'compare', method: 'digest', tables: null });
    world.target.next = 'written';
    await world.clock.advance(3000);
    assert.equal(finalOf(run).state, 'blocked');
    assert.match(say(run.snapshot().verification.stale!), /written/);
  });

  it('lets a business that starts on the target pass, but no unknown session and no unknown position', async () => {
    run = await world.completed();
    const at = world.clock.now();
    world.compare = () => Promise.resolve({ ...same, startedAt: at, finishedAt: at });
    await act(run, { kind: 'compare', method: 'digest', tables: null });
    world.target.next = 'written';
    world.target.sessions = [session({ account: '' })];
    await world.clock.advance(3000);
    assert.equal(finalOf(run).state, 'blocked', 'an unknown session');
    world.target.sessions = [session()];
    await world.clock.advance(3000);
    assert.equal(finalOf(run).state, 'open', 'the business');
    world.target.next = 'unknown';
    await world.clock.advance(3000);
    assert.equal(finalOf(run).state, 'blocked', 'a position nobody can tell');
  });

  it('a write while the comparison runs takes its verdict away, also when the business is on the target', async () => {
    run = await world.completed();
    const at = world.clock.now();
    world.target.sessions = [session()];
    world.compare = () => {
      world.target.next = 'written';
      return Promise.resolve({ ...same, startedAt: at, finishedAt: at });
    };
    await act(run, { kind: 'compare', method: 'digest', tables: null });
    assert.notEqual(finalOf(run).state, 'open');
  });

  it('some tables being the same open nothing', async () => {
    run = await world.completed();
    const at = world.clock.now();
    world.compare = () => Promise.resolve({ ...same, startedAt: at, finishedAt: at });
    await act(run, { kind: 'compare', method: 'digest', tables: ['public.orders'] });
    assert.equal(run.snapshot().verification.latest?.verdict, 'incomplete');
    assert.equal(finalOf(run).state, 'blocked');
  });

  it('a table compared again counts for all where the comparison proved the others unmoved', async () => {
    run = await world.completed();
    const at = world.clock.now();
    const asked: (number | null)[] = [];
    world.compare = ({ notBefore }) => {
      asked.push(notBefore);
      return Promise.resolve({ ...same, whole: true, startedAt: at, finishedAt: at });
    };
    await act(run, { kind: 'compare', method: 'digest', tables: ['public.orders'] });
    assert.equal(finalOf(run).state, 'open');
    assert.deepEqual(asked, [run.snapshot().completion.at], 'nothing of before the end of the task may be taken over');
  });

  it('a comparison can be cancelled, and then there is no verdict', async () => {
    run = await world.paused();
    world.compare = (_request, _progress, signal) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(new Failure('cancelled', sentence('Cancelled.')))),
      );
    const comparing = run.perform({ kind: 'compare', method: 'digest', tables: null }, new AbortController().signal);
    await settle();
    await act(run, { kind: 'cancelComparison' });
    assert.deepEqual(await comparing, { ok: false, declined: true });
    assert.equal(run.snapshot().verification.latest, null);
    assert.ok(kinds(run).includes('comparisonEnded'));
  });
});
