/** Who answers is asked at every look, and what a task says is what it says now. */
import assert from 'node:assert/strict';
import type { CutoverRun } from '../../../src/cutover/run.ts';
import { Failure } from '../../../src/util/failure.ts';
import { say, sentence } from '../../../src/util/sentence.ts';
import { act, kinds, same, stepOf, useWorlds, type World } from './world.ts';

const never = new AbortController().signal;
const endpoint = (host: string, instanceId = '') => ({
  ...{ databaseType: 'postgresql', engine: 'postgres' as const, accessType: 'cdb', region: 'ap-guangzhou', instanceId },
  nodes: [{ host, port: host === '' ? null : 5432, user: 'dts_migrator' }],
});

describe('the servers of a run', () => {
  let world: World;
  let run: CutoverRun;
  useWorlds(
    (made) => (world = made),
    () => run,
  );
  const item = (id: string) => run.snapshot().prepare.find((each) => each.id === id)!;

  for (const [name, answering] of [
    ['another server', { identity: 'somebody else' }],
    ['a standby in place of the primary', { standby: true }],
  ] as const) {
    it(`shut the gates when ${name} answers, until the user says that it is the right one`, async () => {
      run = await world.ready();
      assert.equal(stepOf(run, 'complete').verdict.state, 'open');
      world.source.answering = answering;
      await world.clock.advance(4_000);
      assert.equal(item('sourceConnection').state, 'failed');
      assert.equal(item('sourceConnection').asks, 'server');
      await world.clock.advance(300_000);
      assert.equal(stepOf(run, 'complete').verdict.state, 'blocked');
      assert.equal((await run.perform({ kind: 'complete' }, never)).ok, false);
      await act(run, { kind: 'acceptServer', side: 'source' });
      assert.equal(stepOf(run, 'quiet').verdict.state !== 'open', true, 'the window begins anew');
      await world.clock.advance(260_000);
      assert.equal(stepOf(run, 'complete').verdict.state, 'open');
      assert.equal(world.completeCalls, 0);
    });
  }

  it('make a comparison stale when another one answers', async () => {
    run = await world.completed();
    world.compare = () => Promise.resolve({ ...same, startedAt: world.clock.now(), finishedAt: world.clock.now() });
    await act(run, { kind: 'compare', method: 'digest', tables: null });
    world.target.answering = { identity: 'a copy' };
    await world.clock.advance(4_000);
    assert.equal((await run.perform({ kind: 'recordSwitch', at: null }, never)).ok, false);
    assert.ok(run.snapshot().verification.stale);
  });

  it('are the user\u2019s word, never checked by us, where the task names another address or an instance only', async () => {
    world.facts = { source: endpoint('10.9.9.9'), target: endpoint('', 'postgres-abc') };
    run = await world.open();
    run.watch();
    await world.clock.advance(100);
    await act(run, { kind: 'start' });
    for (const [id, named] of [
      ['sourceConnection', '10.9.9.9:5432'],
      ['targetConnection', 'postgres-abc'],
    ] as const) {
      assert.equal(item(id).state, 'open');
      assert.match(say(item(id).detail), new RegExp(named));
      await act(run, { kind: 'attest', item: id, note: '' });
      assert.equal(item(id).state, 'attested');
    }
    world.target.answering = { identity: 'a copy' };
    await world.clock.advance(4_000);
    await act(run, { kind: 'acceptServer', side: 'target' });
    assert.equal(item('targetConnection').state, 'open', 'the word was given for the other one');
  });
});

describe('what the task says', () => {
  let world: World;
  let run: CutoverRun;
  useWorlds(
    (made) => (world = made),
    () => run,
  );
  const completion = () => run.snapshot().completion.state;

  it('takes a success back that is none any more, and nothing but five minutes lets Complete be sent again', async () => {
    run = await world.completed();
    assert.equal(completion(), 'succeeded');
    world.facts = { status: 'readyComplete', allowedActions: ['complete'] };
    await world.clock.advance(4_000);
    assert.equal(completion(), 'outcomeUnknown');
    assert.ok(kinds(run).includes('completionRevoked'));
    assert.equal((await run.perform({ kind: 'recordSwitch', at: null }, never)).ok, false);
    assert.equal((await run.perform({ kind: 'complete' }, never)).ok, false);
  });

  it('opens no step again by itself once the business was moved, and says so', async () => {
    run = await world.completed();
    world.compare = () => Promise.resolve({ ...same, startedAt: world.clock.now(), finishedAt: world.clock.now() });
    await act(run, { kind: 'compare', method: 'digest', tables: null });
    await act(run, { kind: 'recordSwitch', at: null });
    world.facts = { status: 'readyComplete' };
    await world.clock.advance(20_000);
    assert.equal(completion(), 'succeeded');
    assert.equal(run.snapshot().completion.doubted?.status, 'readyComplete');
    assert.equal(kinds(run).filter((kind) => kind === 'completionRevoked').length, 1);
  });

  for (const status of ['failed', 'error', 'canceled'] as const) {
    it(`takes one reading of "${status}" back as well`, async () => {
      run = await world.ready();
      await act(run, { kind: 'complete' });
      world.facts = { status };
      await world.clock.advance(4_000);
      assert.equal(completion(), 'failed');
      world.facts = { status: 'completing' };
      await world.clock.advance(8_000);
      assert.equal(completion(), 'accepted');
    });
  }

  it('leaves a way back and a way out after it failed, was deleted, or its answer was lost', async () => {
    const ends: [string, () => void][] = [
      ['failed', () => (world.facts = { status: 'failed', allowedActions: [] })],
      ['canceled', () => (world.facts = { status: 'canceled', allowedActions: [] })],
      ['isolated', () => (world.facts = { status: 'completing', trade: 'isolated' })],
      ['deleted', () => (world.taskDown = new Failure('task-not-found', sentence('gone')))],
    ];
    for (const [name, end] of ends) {
      run = await world.ready();
      await act(run, { kind: 'complete' });
      end();
      await world.clock.advance(8_000);
      assert.equal(run.snapshot().refused.recordResume, undefined, name);
      await act(run, { kind: 'recordResume' });
      assert.ok(kinds(run).includes('resumed'), name);
      await act(run, { kind: 'finish', reason: 'the task is gone, the business stays on the source' });
      assert.ok(run.snapshot().finishedAt !== null, name);
      const last = run.entries().at(-1);
      assert.ok(last?.kind === 'finished' && last.reason, name);
      await run.dispose();
      Object.assign(world, { facts: {}, taskDown: null, completeFails: null });
      world.journal.lines.splice(0);
    }
  });

  it('lets Complete be tried again when a task that failed is ready once more', async () => {
    run = await world.ready();
    await act(run, { kind: 'complete' });
    world.facts = { status: 'failed', allowedActions: ['resume'] };
    await world.clock.advance(8_000);
    world.facts = {};
    await world.clock.advance(600_000);
    await act(run, { kind: 'complete' });
    assert.equal(world.completeCalls, 2);
  });

  it('lets an accepted call that did nothing be sent again, only after five minutes and with a dialog that tells of it', async () => {
    run = await world.ready();
    await act(run, { kind: 'complete' });
    world.facts = {};
    await world.clock.advance(290_000);
    assert.equal((await run.perform({ kind: 'complete' }, never)).ok, false);
    await world.clock.advance(20_000);
    await act(run, { kind: 'complete' });
    assert.match(JSON.stringify(world.confirmations.at(-1)), /DTS accepted it/);
    assert.equal(world.completeCalls, 2);
  });

  it('waits five minutes anew for each call, and forgets none because a later one was refused', async () => {
    run = await world.ready();
    const again = async (seconds: number) => {
      await world.clock.advance(seconds * 1000);
      return (await run.perform({ kind: 'complete' }, never)).ok;
    };
    await act(run, { kind: 'complete' });
    world.facts = {};
    world.completeFails = { error: new Failure('refused', sentence('nobody there')), afterEffect: false };
    await again(310);
    assert.equal(world.completeCalls, 2);
    assert.equal(completion(), 'accepted', 'the first may still take effect');
    world.facts = {};
    world.completeFails = null;
    assert.equal(await again(310), true);
    assert.match(JSON.stringify(world.confirmations.at(-1)), /sent before/);
    world.facts = {};
    assert.equal(await again(20), false);
    assert.equal(world.completeCalls, 3);
  });

  it('of a call that may still take effect is not forgotten by ending the run and starting another', async () => {
    run = await world.ready();
    await act(run, { kind: 'complete' });
    world.facts = {};
    await act(run, { kind: 'finish', reason: 'we begin anew' });
    await act(run, { kind: 'start' });
    assert.equal(completion(), 'outcomeUnknown');
    for (const item of ['account', 'backup', 'offPeak'] as const) await act(run, { kind: 'attest', item, note: '' });
    await act(run, { kind: 'recordPause', at: null });
    await world.clock.advance(250_000);
    assert.equal((await run.perform({ kind: 'complete' }, never)).ok, false);
    await world.clock.advance(60_000);
    await act(run, { kind: 'compare', method: 'digest', tables: null });
    await act(run, { kind: 'complete' });
  });

  it('lets the switch be recorded after the wall clock was set back behind the pause', async () => {
    run = await world.completed();
    world.clock.step(-3_600_000);
    await world.clock.advance(20_000);
    world.compare = () => Promise.resolve({ ...same, startedAt: world.clock.now(), finishedAt: world.clock.now() });
    await act(run, { kind: 'compare', method: 'digest', tables: null });
    await act(run, { kind: 'recordSwitch', at: null });
    const { since, until } = run.snapshot().downtime;
    assert.ok(since !== null && (until === null || until >= since));
  });

  it('does not make the record grow without bound when it flaps for hours', async () => {
    run = await world.completed();
    const before = run.entries().length;
    for (let i = 0; i < 2_000; i++) {
      world.facts = i % 2 === 0 ? { status: 'readyComplete' } : { status: 'success' };
      world.taskDown = i % 5 === 0 ? new Failure('timed-out', sentence('late')) : null;
      await world.clock.advance(3_000);
    }
    assert.ok(run.entries().length - before < 400, String(run.entries().length - before));
  });

  it('refuses a switch dated before the pause, and an end without a reason while the last gate is shut', async () => {
    run = await world.completed();
    world.compare = () => Promise.resolve({ ...same, startedAt: world.clock.now(), finishedAt: world.clock.now() });
    await act(run, { kind: 'compare', method: 'digest', tables: null });
    const early = await run.perform({ kind: 'recordSwitch', at: world.clock.now() - 3_600_000 }, never);
    assert.ok(!early.ok && !early.declined && early.failure.reason === 'bad-input');
    assert.equal((await run.perform({ kind: 'finish' }, never)).ok, false);
    assert.ok((await run.perform({ kind: 'finish', reason: 'handed over by phone' }, never)).ok);
  });
});
