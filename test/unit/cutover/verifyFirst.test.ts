/** Rows are proven before Complete: what counts as proof, when it is looked for, and what the check after the end asks for. */
import assert from 'node:assert/strict';
import type { ComparisonFacts } from '../../../src/cutover/facts.ts';
import type { Compare } from '../../../src/cutover/ports.ts';
import type { CutoverRun } from '../../../src/cutover/run.ts';
import { Failure } from '../../../src/util/failure.ts';
import { say, sentence } from '../../../src/util/sentence.ts';
import { session } from './facts.ts';
import { act, finalOf, kinds, same, settle, stepOf, useWorlds, type World } from './world.ts';

const never = new AbortController().signal;

describe('proof before Complete', () => {
  let world: World;
  let run: CutoverRun;
  let compared: number;
  useWorlds(
    (made) => {
      world = made;
      compared = 0;
    },
    () => run,
  );

  const found = (changes: Partial<ComparisonFacts> = {}): ComparisonFacts => {
    const at = world.clock.now();
    return { ...same, id: `c${at}`, startedAt: at, finishedAt: at, ...changes };
  };
  const answers = (changes: Partial<ComparisonFacts> = {}) => {
    world.compare = () => {
      compared++;
      return Promise.resolve(found(changes));
    };
  };
  const complete = async () => (await run.perform({ kind: 'complete' }, never)).ok;
  const recordSwitch = async () => (await run.perform({ kind: 'recordSwitch', at: null }, never)).ok;
  const whyOf = (step: string) =>
    stepOf(run, step)
      .verdict.why.map((each) => say(each))
      .join(' ');

  it('is looked for by itself as soon as the source is quiet and gap and lag are 0, once for each rest', async () => {
    answers();
    world.facts = { lagSeconds: 7 };
    run = await world.paused();
    await world.clock.advance(10_000);
    assert.equal(compared, 0, 'DTS is still behind');
    world.facts = {};
    await world.clock.advance(4_000);
    assert.equal(compared, 1, 'long before the windows are full');
    assert.equal(stepOf(run, 'verify').verdict.state, 'open');
    assert.notEqual(stepOf(run, 'complete').verdict.state, 'open');
    await world.clock.advance(60_000);
    assert.equal(compared, 1);
    assert.equal(run.entries().find(({ kind }) => kind === 'comparisonStarted')?.by, '');
  });

  it('is lost to a write on either side, by DTS as by anybody, and is looked for again once that is over', async () => {
    for (const side of ['source', 'target'] as const) {
      await run?.dispose();
      answers();
      run = await world.ready();
      assert.equal(stepOf(run, 'complete').verdict.state, 'open', side);
      const before = compared;
      world[side].next = 'written';
      await world.clock.advance(2_000);
      assert.equal(stepOf(run, 'verify').verdict.state, 'blocked', side);
      assert.equal(await complete(), false);
      world[side].next = 'none';
      await world.clock.advance(20_000);
      if (side === 'source') assert.equal(compared, before + 1, 'a new rest, a new proof');
      world.journal.lines.length = 0;
    }
  });

  it('is none while it runs, when rows differ, when only rows were counted, and when nobody watches a side', async () => {
    const cases: [string, () => void][] = [
      ['different', () => answers({ verdict: 'different', summary: sentence('1 table differs.') })],
      ['incomplete', () => answers({ verdict: 'incomplete', summary: sentence('1 table was not read.') })],
      ['counts', () => answers({ method: 'counts' })],
      ['running', () => (world.compare = forever)],
    ];
    for (const [name, begin] of cases) {
      await run?.dispose();
      world.journal.lines.length = 0;
      begin();
      run = await world.ready();
      assert.notEqual(stepOf(run, 'verify').verdict.state, 'open', name);
      assert.match(whyOf('complete'), /not proven to be the same/, name);
      assert.equal(await complete(), false, name);
    }
    await run.dispose();
    world.journal.lines.length = 0;
    answers();
    run = await world.ready();
    world.target.down = new Failure('connection-lost', sentence('gone'));
    await world.clock.advance(20_000);
    assert.match(whyOf('verify'), /target cannot be watched/);
    assert.equal(await complete(), false);
  });

  it('is of rows: what differs around them is told, and only the final check asks for it', async () => {
    const table = { source: null, target: null, verdict: 'same', reason: null, differenceCount: 0 } as const;
    const tables = [{ ...table, rows: { source: 1, target: 1 } }];
    const object = {
      kind: 'trigger',
      name: 'orders_log',
      verdict: 'missingOnTarget',
      detail: null,
      statement: null,
    } as const;
    answers({ verdict: 'different', tables, objects: [object], summary: sentence('1 object differs.') });
    run = await world.ready();
    assert.equal(stepOf(run, 'verify').verdict.state, 'open');
    assert.ok(await complete());
    const told =
      world.confirmations
        .at(-1)
        ?.details.map((each) => say(each))
        .join('\n') ?? '';
    assert.match(told, /Objects around them that differ so far: 1/);
    world.facts = { status: 'success' };
    await world.clock.advance(5_000);
    assert.equal(finalOf(run).state, 'blocked', 'DTS has not brought it');
    assert.equal(await recordSwitch(), false);
  });

  it('is none when it began before the business was stopped', async () => {
    world.compare = forever;
    run = await world.open();
    run.watch();
    await settle();
    await act(run, { kind: 'start' });
    for (const item of ['account', 'backup', 'offPeak'] as const) await act(run, { kind: 'attest', item, note: '' });
    let release = (_: ComparisonFacts) => {};
    world.compare = () => new Promise((resolve) => (release = resolve));
    const early = found();
    const comparing = run.perform({ kind: 'compare', method: 'digest', tables: null }, never);
    await settle();
    await act(run, { kind: 'recordPause', at: null });
    await world.clock.advance(10_000);
    // no second one is begun beside it
    answers();
    release(early);
    await comparing;
    assert.match(whyOf('verify'), /began before the source was quiet/);
    await world.clock.advance(4_000);
    assert.equal(compared, 1);
    assert.equal(stepOf(run, 'verify').verdict.state, 'open');
  });

  it('may be put off with a reason, and then Switch stays shut until everything is compared after the end', async () => {
    answers({ verdict: 'different', summary: sentence('1 table differs.') });
    run = await world.ready();
    await act(run, { kind: 'override', step: 'verify', reason: 'verify afterwards' });
    assert.equal(stepOf(run, 'complete').verdict.state, 'open');
    assert.ok(await complete());
    const told =
      world.confirmations
        .at(-1)
        ?.details.map((each) => say(each))
        .join('\n') ?? '';
    assert.match(told, /verify afterwards/);
    assert.match(told, /1 table differs/);
    world.facts = { status: 'success' };
    await world.clock.advance(5_000);
    assert.equal(stepOf(run, 'verify').state, 'overridden');
    assert.equal(finalOf(run).state, 'blocked');
    assert.equal(await recordSwitch(), false, 'what was waved through before Complete is not waved through after it');
    await act(run, { kind: 'override', step: 'switch', reason: 'we know this row' });
    assert.equal(finalOf(run).waived, true);
    answers({ verdict: 'different', summary: sentence('2 tables differ.') });
    await act(run, { kind: 'compare', method: 'digest', tables: null });
    assert.equal(finalOf(run).waived, false, 'another result is another matter');
    assert.equal(await recordSwitch(), false);
    answers();
    await act(run, { kind: 'compare', method: 'digest', tables: null });
    assert.ok(await recordSwitch());
  });

  it('a cancelled or failed one is not begun again by itself until the next rest', async () => {
    world.compare = () => {
      compared++;
      return Promise.reject(new Failure('unreachable', sentence('no')));
    };
    run = await world.paused();
    await world.clock.advance(60_000);
    assert.equal(compared, 1);
    assert.ok(kinds(run).includes('comparisonEnded'));
    world.source.sessions = [session({ state: 'executing' })];
    await world.clock.advance(4_000);
    world.source.sessions = [];
    await world.clock.advance(10_000);
    assert.equal(compared, 2);
  });

  it('what DTS writes on the target while it completes takes nothing back; the final check looks at everything again', async () => {
    answers();
    run = await world.ready();
    await complete();
    world.target.next = 'written';
    await world.clock.advance(10_000);
    assert.ok(!kinds(run).includes('comparisonStale'));
    assert.equal(stepOf(run, 'verify').state, 'done');
    world.target.next = 'none';
    const before = compared;
    world.facts = { status: 'success' };
    await world.clock.advance(5_000);
    assert.equal(compared, before + 1);
    assert.equal(finalOf(run).state, 'open');
    assert.ok(await recordSwitch());
  });

  it('a write on the source after Complete shuts Switch', async () => {
    answers();
    run = await world.completed();
    world.source.next = 'written';
    await world.clock.advance(4_000);
    assert.equal(finalOf(run).state, 'blocked');
    assert.equal(await recordSwitch(), false);
  });

  it('a record that began under the old order keeps its order, numbers and gates', async () => {
    answers();
    run = await world.paused();
    await run.dispose();
    const { lines } = world.journal;
    lines.forEach((line, index) => (lines[index] = line.replace(',"order":"verifyFirst"', '')));
    const before = compared;
    run = await world.open();
    run.watch();
    await world.clock.advance(250_000);
    const ids = run.snapshot().steps.map(({ id }) => id);
    assert.deepEqual(ids, ['prepare', 'catchUp', 'pause', 'quiet', 'complete', 'verify', 'switch']);
    assert.equal(compared, before, 'nothing is compared by itself');
    assert.equal(stepOf(run, 'complete').verdict.state, 'open');
    assert.ok(await complete());
    world.facts = { status: 'success' };
    await world.clock.advance(5_000);
    assert.equal(await recordSwitch(), false);
    await act(run, { kind: 'compare', method: 'digest', tables: null });
    assert.ok(await recordSwitch());
  });
});

const forever: Compare = (_request, _progress, signal) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Failure('cancelled', sentence('Cancelled.'))));
  });
