import assert from 'node:assert/strict';
import type { CutoverRun } from '../../../src/cutover/run.ts';
import { Failure } from '../../../src/util/failure.ts';
import { say, sentence } from '../../../src/util/sentence.ts';
import { act, finalOf, session, settle, stepOf, useWorlds, type World } from './world.ts';

const lost = new Failure('outcome-unknown', sentence('The answer was lost.'));

describe('a run', () => {
  let world: World;
  let run: CutoverRun | undefined;
  useWorlds(
    (made) => {
      world = made;
      run = undefined;
    },
    () => run,
  );

  it('goes from the start to the end', async () => {
    run = await world.ready();
    assert.deepEqual(
      run.snapshot().steps.map(({ id }) => id),
      ['prepare', 'catchUp', 'pause', 'quiet', 'verify', 'complete', 'switch'],
    );
    assert.equal(stepOf(run, 'verify').state, 'done', 'the rows were proven while the windows ran, unasked');
    assert.equal(stepOf(run, 'complete').verdict.state, 'open');
    await act(run, { kind: 'complete' });
    assert.equal(world.completeCalls, 1);
    assert.equal(run.snapshot().completion.state, 'accepted');
    assert.notEqual(stepOf(run, 'complete').state, 'done', 'success of the call is not success of the task');
    world.facts = { status: 'success', allowedActions: [] };
    await world.clock.advance(5000);
    assert.equal(stepOf(run, 'complete').state, 'done');
    assert.equal(finalOf(run).state, 'open');
    await act(run, { kind: 'recordSwitch', at: null });
    world.target.sessions = [session({ startedAt: world.clock.now() })];
    await world.clock.advance(5000);
    assert.equal(stepOf(run, 'switch').verdict.state, 'open');
    await act(run, { kind: 'finish' });
    const snapshot = run.snapshot();
    assert.ok(snapshot.steps.every((s) => s.state === 'done'));
    assert.ok(snapshot.downtime.since !== null && snapshot.downtime.until !== null);
    assert.deepEqual(
      run.entries().map((entry) => entry.seq),
      run.entries().map((_, index) => index + 1),
    );
  });

  it('asks before Complete, naming task and endpoints, and takes no for an answer', async () => {
    run = await world.ready();
    world.agree = () => false;
    const result = await run.perform({ kind: 'complete' }, new AbortController().signal);
    assert.deepEqual(result, { ok: false, declined: true });
    assert.equal(world.completeCalls, 0);
    const request = world.confirmations.at(-1)!;
    assert.equal(request.typed, 'dts-test0001');
    const text = [request.title, ...request.details].map((s) => say(s)).join('\n');
    for (const name of ['orders-prod', 'dts-test0001', 'ap-guangzhou', 'source:5432/shop', 'target:5432/shop']) {
      assert.ok(text.includes(name), name);
    }
  });

  it('reads everything again after the dialog: what changed meanwhile shuts the gate', async () => {
    run = await world.ready();
    world.agree = () => {
      world.facts = { gapMb: 3 };
      return true;
    };
    const result = await run.perform({ kind: 'complete' }, new AbortController().signal);
    assert.ok(!result.ok && !result.declined && result.failure.reason === 'not-allowed-now');
    assert.equal(world.completeCalls, 0);
  });

  it('never sends again after a lost answer; the status tells that it took effect', async () => {
    run = await world.ready();
    world.completeFails = { error: lost, afterEffect: true };
    const result = await run.perform({ kind: 'complete' }, new AbortController().signal);
    assert.ok(!result.ok);
    assert.equal((await run.perform({ kind: 'complete' }, new AbortController().signal)).ok, false);
    await settle();
    assert.equal(run.snapshot().completion.state, 'accepted');
    world.facts = { status: 'success' };
    await world.clock.advance(60_000);
    assert.equal(world.completeCalls, 1);
    assert.equal(run.snapshot().completion.state, 'succeeded');
  });

  it('a lost call may be followed by another only after five unbroken minutes, in a dialog that tells of the first', async () => {
    run = await world.ready();
    world.completeFails = { error: lost, afterEffect: false };
    const opened = run;
    const complete = () => opened.perform({ kind: 'complete' }, new AbortController().signal);
    await complete();
    await world.clock.advance(280_000);
    assert.equal(run.snapshot().completion.state, 'outcomeUnknown');
    assert.equal((await complete()).ok, false);
    assert.match(say(run?.snapshot().refused.complete ?? { text: '' }), /its answer was lost/);
    // one reading that failed, one that showed something else, a clock that was put forward: it begins anew
    world.taskDown = lost;
    await world.clock.advance(4_000);
    world.taskDown = null;
    await world.clock.advance(290_000);
    world.clock.step(100_000);
    await world.clock.advance(4_000);
    assert.equal((await complete()).ok, false);
    await world.clock.advance(310_000);
    world.completeFails = null;
    world.confirmations = [];
    await act(run, { kind: 'complete' });
    assert.equal(world.completeCalls, 2);
    const told = world.confirmations.map(({ title, details }) =>
      [title, ...details].map((each) => say(each)).join(' '),
    );
    assert.match(told[0] ?? '', /again\?.*Complete was sent before, at 20\d\d-.*answer was lost/);
    assert.equal(run.entries().filter((entry) => entry.kind === 'completeSent' && entry.again).length, 1);
  });

  it('an effect that shows forty seconds after the answer was lost is the effect of the one call', async () => {
    run = await world.ready();
    world.completeFails = { error: lost, afterEffect: false };
    await run.perform({ kind: 'complete' }, new AbortController().signal);
    await world.clock.advance(40_000);
    assert.equal((await run.perform({ kind: 'complete' }, new AbortController().signal)).ok, false);
    world.facts = { status: 'completing', allowedActions: [] };
    await world.clock.advance(4_000);
    assert.equal(run.snapshot().completion.state, 'accepted');
    assert.equal(world.completeCalls, 1);
  });

  for (const [reason, state] of [
    ['service-error', 'outcomeUnknown'],
    // the state that DTS objects to may be the effect of this very call
    ['not-allowed-now', 'outcomeUnknown'],
    ['permission-denied', 'rejected'],
  ] as const) {
    it(`an answer of ${reason} leaves Complete ${state}`, async () => {
      run = await world.ready();
      world.completeFails = { error: new Failure(reason, sentence('no')), afterEffect: false };
      await run.perform({ kind: 'complete' }, new AbortController().signal);
      assert.equal(run.snapshot().completion.state, state);
    });
  }

  it('survives a restart in the middle of Complete: the outcome is unknown until the status tells', async () => {
    run = await world.ready();
    await act(run, { kind: 'complete' });
    await run.dispose();
    // the process died before the answer was written down
    world.journal.lines.splice(world.journal.lines.findIndex((line) => line.includes('"completeSent"')) + 1);
    world.taskDown = new Failure('unreachable', sentence('dts.example did not answer.'));
    run = await world.open();
    await world.clock.advance(5000);
    assert.equal(run.snapshot().completion.state, 'outcomeUnknown');
    world.taskDown = null;
    world.facts = { status: 'success' };
    await world.clock.advance(30_000);
    assert.equal(run.snapshot().completion.state, 'succeeded', 'a run with the business down is watched even unasked');
  });

  it('does not send what it cannot record', async () => {
    run = await world.ready();
    world.journal.broken = true;
    const result = await run.perform({ kind: 'complete' }, new AbortController().signal);
    assert.equal(result.ok, false);
    assert.equal(world.completeCalls, 0);
    assert.notEqual(run.snapshot().journalFailure, null);
    world.journal.broken = false;
    await act(run, { kind: 'complete' });
    assert.equal(world.completeCalls, 1);
  });

  it('writes down what it could not once the disk has room again, without a hole', async () => {
    run = await world.paused();
    world.journal.broken = true;
    assert.equal((await run.perform({ kind: 'note', text: 'one' }, new AbortController().signal)).ok, false);
    world.journal.broken = false;
    await act(run, { kind: 'note', text: 'two' });
    assert.equal(run.snapshot().journalFailure, null);
    const written = (await world.journal.read()).map((entry) => entry.seq);
    assert.deepEqual(
      written,
      written.map((_, index) => index + 1),
    );
    assert.equal(written.length, run.entries().length);
  });

  it('gives the same state back from its journal', async () => {
    run = await world.ready();
    const before = run.snapshot();
    const entries = [...run.entries()];
    await run.dispose();
    run = await world.open();
    const after = run.snapshot();
    assert.equal(after.downtime.since, before.downtime.since);
    assert.deepEqual(run.entries().slice(0, entries.length), entries);
    assert.equal(after.quietWindow.heldSeconds, 0, 'nobody watched in between: windows start from zero');
    assert.notEqual(stepOf(run, 'complete').verdict.state, 'open');
  });

  it('overrides need a reason, stand in the journal, and are refused where the task does not allow', async () => {
    run = await world.paused();
    world.source.sessions = [session()];
    await world.clock.advance(5000);
    const refused = await run.perform({ kind: 'override', step: 'quiet', reason: ' ' }, new AbortController().signal);
    assert.ok(!refused.ok && !refused.declined && refused.failure.reason === 'bad-input');
    await act(run, { kind: 'override', step: 'quiet', reason: 'pool of the report server, read only' });
    assert.equal(stepOf(run, 'quiet').state, 'overridden');
    world.facts = { allowedActions: [] };
    await world.clock.advance(5000);
    const complete = await run.perform(
      { kind: 'override', step: 'complete', reason: 'in a hurry' },
      new AbortController().signal,
    );
    assert.ok(!complete.ok && !complete.declined && complete.failure.reason === 'not-allowed-now');
    assert.match(run.entries().find((entry) => entry.kind === 'overridden')!.reason, /report server/);
  });

  it('ends sessions of the business by name, and nobody else’s', async () => {
    run = await world.paused();
    world.source.sessions = [session(), session({ id: '7', nature: 'system' })];
    await act(run, { kind: 'terminateSession', side: 'source', id: '101' });
    assert.match(say(world.confirmations.at(-1)!.title), /101 of shop_app/);
    const system = await run.perform(
      { kind: 'terminateSession', side: 'source', id: '7' },
      new AbortController().signal,
    );
    assert.equal(system.ok, false);
    assert.deepEqual(
      world.source.sessions.map((s) => s.id),
      ['7'],
    );
  });

  it('polls nothing while nobody watches and nothing is at stake', async () => {
    run = await world.open();
    await world.clock.advance(60_000);
    assert.equal(world.source.looks, 0);
    const stop = run.watch();
    await world.clock.advance(10_000);
    assert.ok(world.source.looks > 0);
    stop();
    await settle();
    const { looks } = world.source;
    await world.clock.advance(60_000);
    assert.equal(world.source.looks, looks);
  });

  it('keeps its memory bounded over a night of watching', async () => {
    run = await world.open();
    run.watch();
    await world.clock.advance(2 * 3600_000);
    const snapshot = run.snapshot();
    assert.ok(snapshot.lag.length <= 600);
    assert.ok(run.entries().length < 20);
  });

  it('a task without incremental migration goes from Prepare to Verify', async () => {
    world.facts = { migrateType: 'full', status: 'success', gapMb: null, lagSeconds: null };
    run = await world.open();
    run.watch();
    await settle();
    await act(run, { kind: 'start' });
    for (const item of ['account', 'backup', 'offPeak'] as const) await act(run, { kind: 'attest', item, note: '' });
    const snapshot = run.snapshot();
    assert.deepEqual(
      snapshot.steps.map((s) => s.state),
      ['done', 'notNeeded', 'notNeeded', 'notNeeded', 'current', 'notNeeded', 'todo'],
    );
    const complete = await run.perform({ kind: 'complete' }, new AbortController().signal);
    assert.equal(complete.ok, false);
    assert.equal(world.completeCalls, 0);
  });
});
