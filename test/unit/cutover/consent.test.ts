/** What a reason of the user's covers: what was shown, up to how much of it was shown, and nothing that comes after. */
import assert from 'node:assert/strict';
import type { ComparisonFacts } from '../../../src/cutover/facts.ts';
import { bothOf, beyond, reason, type RecordedReason } from '../../../src/cutover/reasons.ts';
import type { CutoverRun } from '../../../src/cutover/run.ts';
import { say, sentence } from '../../../src/util/sentence.ts';
import { session } from './facts.ts';
import { act, same, settle, stepOf, useWorlds, type World } from './world.ts';

const never = new AbortController().signal;

describe('consent', () => {
  let world: World;
  let run: CutoverRun;
  useWorlds(
    (made) => (world = made),
    () => run,
  );

  const override = (step: 'complete' | 'quiet' | 'switch') => act(run, { kind: 'override', step, reason: 'we know' });
  const complete = () => run.perform({ kind: 'complete' }, never);
  const stateOf = (id: string) => stepOf(run, id).verdict.state;

  it('to a gap of 1 MB is none to 50,000 MB, nor to a lag beside it', async () => {
    run = await world.ready();
    world.facts = { gapMb: 1 };
    await world.clock.advance(4_000);
    await override('complete');
    for (const facts of [{ gapMb: 2 }, { gapMb: 50_000 }, { gapMb: 1, lagSeconds: 1 }, { gapMb: null }]) {
      world.facts = facts;
      await world.clock.advance(4_000);
      assert.equal((await complete()).ok, false, JSON.stringify(facts));
    }
    assert.equal(world.completeCalls, 0);
    world.facts = { gapMb: 1 };
    await world.clock.advance(4_000);
    assert.ok((await complete()).ok);
  });

  it('to one session of an account is none to five hundred of it', async () => {
    run = await world.paused();
    const sessions = (count: number) =>
      Array.from({ length: count }, (_, index) => session({ id: String(100 + index), state: 'executing' }));
    world.source.sessions = sessions(1);
    await world.clock.advance(5_000);
    await override('quiet');
    await world.clock.advance(70_000);
    assert.equal(stateOf('complete'), 'open');
    world.source.sessions = sessions(500);
    await world.clock.advance(4_000);
    assert.equal(stateOf('complete'), 'blocked');
    assert.equal((await complete()).ok, false);
  });

  it('to a comparison is to that very result', async () => {
    run = await world.completed();
    const found = (id: string, differing: number): ComparisonFacts => {
      const at = world.clock.now();
      const summary = sentence('{count} tables differ.', { count: differing });
      return { ...same, id, startedAt: at, finishedAt: at, verdict: 'different', summary };
    };
    world.compare = () => Promise.resolve(found('first', 1));
    await act(run, { kind: 'compare', method: 'digest', tables: null });
    await override('switch');
    world.compare = () => Promise.resolve(found('second', 1));
    await act(run, { kind: 'compare', method: 'digest', tables: null });
    assert.equal((await run.perform({ kind: 'recordSwitch', at: null }, never)).ok, false);
    await override('switch');
    // whoever waves a write through has not agreed to the next one
    world.source.next = 'written';
    await world.clock.advance(4_000);
    world.source.next = 'none';
    await world.clock.advance(4_000);
    assert.equal(
      (await run.perform({ kind: 'recordSwitch', at: null }, never)).ok,
      true,
      'the result was waved through',
    );
  });

  it('to a write is none to the write after it', async () => {
    run = await world.completed();
    world.compare = () => Promise.resolve({ ...same, startedAt: world.clock.now(), finishedAt: world.clock.now() });
    await act(run, { kind: 'compare', method: 'digest', tables: null });
    world.source.next = 'written';
    await world.clock.advance(4_000);
    world.source.next = 'none';
    await world.clock.advance(4_000);
    await override('switch');
    assert.ok(run.entries().some((entry) => entry.kind === 'overridden' && entry.step === 'switch'));
    world.source.next = 'written';
    await world.clock.advance(4_000);
    world.source.next = 'none';
    await world.clock.advance(4_000);
    assert.equal((await run.perform({ kind: 'recordSwitch', at: null }, never)).ok, false);
  });

  it('to a missing gap waives neither the lag nor the dwell', async () => {
    world.facts = { gapMb: null };
    run = await world.paused();
    await world.clock.advance(200_000);
    await override('complete');
    assert.equal((await complete()).ok, false, 'the dwell has only begun');
    await world.clock.advance(30_000);
    assert.equal((await complete()).ok, false);
    await world.clock.advance(35_000);
    world.facts = { gapMb: null, lagSeconds: null };
    await world.clock.advance(4_000);
    assert.equal((await complete()).ok, false, 'nobody has waived the lag');
    world.facts = { gapMb: null };
    await world.clock.advance(70_000);
    assert.ok((await complete()).ok);
    const told = world.confirmations.at(-1)?.details.map((each) => say(each)) ?? [];
    assert.ok(
      told.some((each) => each.includes('no valid value for the gap')),
      told.join('\n'),
    );
  });

  it('to Complete is to what its dialog showed: what got worse meanwhile is shown again, not sent', async () => {
    run = await world.ready();
    world.facts = { gapMb: 5 };
    await world.clock.advance(4_000);
    await override('complete');
    world.facts = { gapMb: 1 };
    await world.clock.advance(4_000);
    let asked = 0;
    world.agree = async () => {
      if (++asked > 1) return false;
      world.facts = { gapMb: 4 };
      await world.clock.advance(4_000);
      return true;
    };
    const result = await complete();
    assert.deepEqual([asked, result.ok, world.completeCalls], [2, false, 0]);
    const shown = world.confirmations.slice(-2).map(({ details }) => details.map((each) => say(each)).join(' '));
    assert.match(shown[0] ?? '', /gap is 1 MB/);
    assert.match(shown[1] ?? '', /gap is 4 MB/);
    assert.match(shown[1] ?? '', /read anew at 20\d\d-/);
  });

  it('reads everything anew before Complete: rights and prepared transactions, on both sides', async () => {
    run = await world.ready();
    world.agree = () => {
      world.source.visibility = { level: 'limited', missing: sentence('gone'), grant: 'GRANT x' };
      return true;
    };
    assert.equal((await complete()).ok, false);
    assert.equal(world.completeCalls, 0);
  });

  it('of the first records, which were sentences only, covers nothing and still opens', async () => {
    run = await world.ready();
    world.facts = { gapMb: 1 };
    await world.clock.advance(4_000);
    await run.dispose();
    await settle();
    const old: RecordedReason = sentence('The gap is {gap} MB.', { gap: 1 });
    const seq = world.journal.lines.length + 1;
    const entry = { kind: 'overridden', step: 'complete', reason: 'old', against: [old], seq, at: 1, by: 'eva' };
    world.journal.lines.push(JSON.stringify(entry));
    run = await world.open();
    run.watch();
    await world.clock.advance(300_000);
    assert.equal((await complete()).ok, false);
  });
});

describe('reasons', () => {
  const gap = (mb: number) => reason('gap', sentence('The gap is {gap} MB.', { gap: mb }), '', mb);
  const one = (id: string) => reason('sessionConnected', sentence('session {id}', { id }), 'app@host', 1);

  it('of one matter add up, and go beyond what was shown as soon as there is more of them', () => {
    assert.deepEqual(beyond([one('1')], [one('9')]), []);
    assert.equal(beyond([one('1'), one('2')], [one('9')]).length, 2);
    assert.deepEqual(beyond([gap(3)], [gap(3)]), []);
    assert.equal(beyond([gap(3.1)], [gap(3)]).length, 1);
  });

  it('that happened once are covered once', () => {
    const write = (at: string) => reason('written', sentence('orders was written'), 'orders', 1, at);
    assert.deepEqual(beyond([write('1')], [write('1')]), []);
    assert.equal(beyond([write('2')], [write('1')]).length, 1);
  });

  it('of two consents are covered as far as the one that went further', () => {
    const both = bothOf([gap(5), one('1')], [gap(2), one('1'), one('2')]);
    assert.deepEqual(beyond([gap(5), one('a'), one('b')], both), []);
    assert.equal(beyond([gap(6)], both).length, 1);
  });
});
