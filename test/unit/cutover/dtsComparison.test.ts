import assert from 'node:assert/strict';
import { dtsOutcome, type DtsCounts, type DtsReading } from '../../../src/cutover/dtsComparison.ts';
import type { DtsComparisonPort } from '../../../src/cutover/ports.ts';
import type { CutoverRun } from '../../../src/cutover/run.ts';
import { Failure } from '../../../src/util/failure.ts';
import { say, sentence } from '../../../src/util/sentence.ts';
import { task } from './facts.ts';
import { act, same, settle, World } from './world.ts';

const full = { method: 'dataCheck', sampleRate: null } as const;
const ran: DtsReading = { status: 'success', rawStatus: 'success', conclusion: 'same', percent: 100, message: '' };
const clean: DtsCounts = {
  ...{ conclusion: 'same', rawConclusion: 'same', total: 4, checked: 4, different: 0, skipped: 0, differentRows: 0 },
};

describe('what DTS’s own comparison proves', () => {
  it('is sameness only when it looked at every row of every table', () => {
    assert.equal(dtsOutcome(full, ran, clean).verdict, 'same');
  });

  const notSame: [string, Partial<DtsReading>, Partial<DtsCounts> | null, string][] = [
    ['skipped every table', { conclusion: 'skipAll' }, { conclusion: 'skipAll' }, 'incomplete'],
    ['says skipAll in one place only', {}, { conclusion: 'skipAll' }, 'incomplete'],
    ['skipped one table', {}, { skipped: 1, checked: 3 }, 'incomplete'],
    ['does not tell what it skipped', {}, { skipped: null }, 'incomplete'],
    ['checked fewer than there are', {}, { checked: 3 }, 'incomplete'],
    ['does not tell what it checked', {}, { checked: null }, 'incomplete'],
    ['does not tell how many tables there are', {}, { total: null, checked: null }, 'incomplete'],
    ['found no table', {}, { total: 0, checked: 0 }, 'incomplete'],
    ['gives no conclusion', { conclusion: 'none' }, {}, 'incomplete'],
    ['concludes something unheard of', {}, { conclusion: 'unrecognized' }, 'incomplete'],
    ['has no report', {}, null, 'incomplete'],
    ['failed', { status: 'failed' }, null, 'incomplete'],
    ['was stopped', { status: 'canceled' }, null, 'incomplete'],
    ['found a difference', { conclusion: 'different' }, { conclusion: 'different', different: 1 }, 'different'],
    ['counts a differing row and calls it the same', {}, { differentRows: 1 }, 'different'],
    ['found a difference and skipped the rest', {}, { different: 1, skipped: 3 }, 'different'],
  ];
  for (const [what, reading, counts, verdict] of notSame) {
    it(`is not sameness when it ${what}`, () => {
      const outcome = dtsOutcome(full, { ...ran, ...reading }, counts && { ...clean, ...counts });
      assert.equal(outcome.verdict, verdict);
    });
  }

  it('is not sameness when values were not compared, or not all', () => {
    assert.equal(dtsOutcome({ method: 'rowsCount', sampleRate: null }, ran, clean).verdict, 'incomplete');
    assert.equal(dtsOutcome({ method: 'sampleDataCheck', sampleRate: 99 }, ran, clean).verdict, 'incomplete');
  });
});

describe('DTS’s own comparison in a run', () => {
  let world: World;
  let run: CutoverRun;
  let reading: DtsReading;
  let calls: string[];
  let startFails: Failure | null;
  const request = { method: 'dataCheck', sampleRate: null, threads: 2, tables: null } as const;
  const begin = () => run.perform({ kind: 'startDtsComparison', request }, new AbortController().signal);

  beforeEach(async () => {
    world = new World();
    calls = [];
    startFails = null;
    reading = { status: 'running', rawStatus: 'running', conclusion: 'none', percent: 40, message: '' };
    const port: DtsComparisonPort = {
      create: () => Promise.resolve(void calls.push('create')).then(() => 'cmp-1'),
      start: () => {
        calls.push('start');
        return startFails ? Promise.reject(startFails) : Promise.resolve();
      },
      stop: () => Promise.resolve(void calls.push('stop')),
      read: () => Promise.resolve(reading),
      counts: () => Promise.resolve(clean),
    };
    world.dts = port;
    world.facts = { allowedActions: ['complete', 'createCmpTask'] };
    run = await world.ready();
  });
  afterEach(async () => {
    await run.dispose();
    await settle();
    assert.equal(world.clock.pending, 0, 'a disposed run leaves no timer');
  });
  const dts = () => run.snapshot().dtsComparison;

  it('is followed to its end, and stands in the record as itself', async () => {
    assert.deepEqual(await begin(), { ok: true });
    await world.clock.advance(4000);
    assert.equal(dts().reading?.percent, 40);
    assert.equal(dts().latest?.outcome, null);
    reading = ran;
    await world.clock.advance(4000);
    assert.equal(dts().latest?.outcome?.verdict, 'same');
    const kinds = run.entries().map(({ kind }) => kind);
    assert.ok(kinds.includes('dtsComparisonStarted') && kinds.includes('dtsComparisonFinished'));
    assert.notEqual(run.snapshot().verification.latest?.method, 'dts', 'it is no direct comparison');
  });

  it('opens no gate, however green it is', async () => {
    await begin();
    reading = ran;
    const at = world.clock.now();
    const different = { ...same, verdict: 'different', startedAt: at, finishedAt: at } as const;
    world.compare = () => Promise.resolve(different);
    await act(run, { kind: 'compare', method: 'digest', tables: null });
    await world.clock.advance(4000);
    assert.equal(dts().latest?.outcome?.verdict, 'same');
    for (const step of ['verify', 'complete']) {
      assert.equal(run.snapshot().steps.find(({ id }) => id === step)?.verdict.state, 'blocked', step);
    }
  });

  it('is not offered unless the task is in its incremental step and DTS offers it, nor twice at once', async () => {
    world.facts = { allowedActions: ['complete'] };
    assert.equal((await begin()).ok, false);
    const [step] = task().steps;
    world.facts = { allowedActions: ['createCmpTask'], steps: [{ ...step!, status: 'notStarted' }] };
    assert.equal((await begin()).ok, false);
    assert.ok(dts().refusal);
    world.facts = { allowedActions: ['complete', 'createCmpTask'] };
    assert.equal((await begin()).ok, true);
    assert.equal((await begin()).ok, false);
    assert.deepEqual(calls, ['create', 'start']);
  });

  it('is not offered once Complete was sent, and Complete says that it makes a running one fail', async () => {
    await begin();
    await act(run, { kind: 'complete' });
    const asked = world.confirmations.at(-1)?.details.map((detail) => say(detail)) ?? [];
    assert.ok(
      asked.some((detail) => /makes it fail/.test(detail)),
      asked.join('\n'),
    );
    reading = { ...reading, status: 'failed', rawStatus: 'failed', message: 'The task was completed.' };
    await world.clock.advance(5000);
    assert.equal(dts().latest?.outcome?.verdict, 'incomplete');
    assert.equal((await begin()).ok, false);
  });

  it('says nothing of it in the confirmation when none is running', async () => {
    await act(run, { kind: 'complete' });
    assert.ok(!world.confirmations.at(-1)?.details.some((detail) => /makes it fail/.test(say(detail))));
  });

  it('is stopped by DTS, which is seen by its status', async () => {
    await begin();
    await act(run, { kind: 'stopDtsComparison' });
    assert.deepEqual(calls, ['create', 'start', 'stop']);
    assert.equal(dts().latest?.outcome, null, 'asked is not stopped');
    reading = { ...reading, status: 'canceled', rawStatus: 'canceled' };
    await world.clock.advance(4000);
    assert.equal(dts().latest?.outcome?.verdict, 'incomplete');
    assert.equal((await run.perform({ kind: 'stopDtsComparison' }, new AbortController().signal)).ok, false);
  });

  it('that could not be started ends there; one whose start was lost is followed', async () => {
    startFails = new Failure('not-allowed-now', sentence('Not now.'));
    assert.equal((await begin()).ok, false);
    assert.equal(dts().latest?.failure?.reason, 'not-allowed-now');
    startFails = new Failure('outcome-unknown', sentence('Lost.'));
    assert.equal((await begin()).ok, false);
    await world.clock.advance(4000);
    assert.equal(dts().reading?.status, 'running');
    reading = ran;
    await world.clock.advance(4000);
    assert.equal(dts().latest?.outcome?.verdict, 'same');
  });

  it('goes on being followed after a reload', async () => {
    await begin();
    await run.dispose();
    run = await world.open();
    run.watch();
    reading = ran;
    await world.clock.advance(5000);
    assert.equal(dts().latest?.outcome?.verdict, 'same');
  });
});
