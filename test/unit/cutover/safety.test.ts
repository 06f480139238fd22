/** Ways in which a gate might come to stand open although it must not, each of them once possible. */
import assert from 'node:assert/strict';
import type { ComparisonFacts } from '../../../src/cutover/facts.ts';
import type { CutoverRun } from '../../../src/cutover/run.ts';
import type { StepId } from '../../../src/cutover/steps.ts';
import { Failure } from '../../../src/util/failure.ts';
import { say, sentence } from '../../../src/util/sentence.ts';
import { server, session } from './facts.ts';
import { act, settle, World } from './world.ts';

const never = new AbortController().signal;
const gone = new Failure('connection-lost', sentence('gone'));

describe('what must not open a gate', () => {
  let world: World;
  let run: CutoverRun;
  beforeEach(() => {
    world = new World();
  });
  afterEach(() => run.dispose());

  const state = (id: StepId) => {
    const { steps, verification } = run.snapshot();
    // once the task has ended, what Verify proved before is proven again by the final check
    if (id === 'verify' && verification.final) return verification.final.state;
    return steps.find((step) => step.id === id)?.verdict.state;
  };
  const recordSwitch = async () => (await run.perform({ kind: 'recordSwitch', at: null }, never)).ok;
  function found(changes: Partial<ComparisonFacts> = {}): ComparisonFacts {
    const at = world.clock.now();
    const same = { id: 'c', method: 'digest', verdict: 'same', summary: sentence('Same.') } as const;
    const empty = { tables: [], skipped: [], positions: { source: null, target: null } };
    return { ...same, ...empty, startedAt: at, finishedAt: at, ...changes };
  }
  async function compare(changes: Partial<ComparisonFacts> = {}, method: 'digest' | 'counts' = 'digest') {
    world.compare = () => Promise.resolve(found({ method, ...changes }));
    await act(run, { kind: 'compare', method, tables: null });
  }
  async function verified() {
    run = await world.completed();
    await compare();
    assert.equal(state('verify'), 'open');
  }
  /** A task that only copies, watched; its run has begun. */
  async function copying(status: 'running' | 'success') {
    world.facts = { migrateType: 'full', status, gapMb: null, lagSeconds: null };
    run = await world.open();
    const unwatch = run.watch();
    await settle();
    await act(run, { kind: 'start' });
    return unwatch;
  }

  for (const method of ['digest', 'counts'] as const) {
    it(`a write seen during a comparison (${method}) that was cancelled then`, async () => {
      await verified();
      world.compare = (_request, _progress, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Failure('cancelled', sentence('Cancelled.'))));
        });
      const comparing = run.perform({ kind: 'compare', method, tables: null }, never);
      await settle();
      world.source.next = 'written';
      await world.clock.advance(3_000);
      world.source.next = 'none';
      await world.clock.advance(3_000);
      await act(run, { kind: 'cancelComparison' });
      await comparing;
      await world.clock.advance(60_000);
      assert.equal(state('verify'), 'blocked');
      assert.equal(await recordSwitch(), false);
    });
  }

  it('a verdict about servers that nobody has reached for an hour', async () => {
    await verified();
    world.source.down = world.target.down = gone;
    await world.clock.advance(3_600_000);
    assert.equal(state('verify'), 'blocked');
    assert.equal(await recordSwitch(), false);
  });

  it('a verdict about servers that are no longer configured', async () => {
    await verified();
    world.source.configured = world.target.configured = () => false;
    await world.clock.advance(60_000);
    assert.equal(state('verify'), 'blocked');
  });

  it('a write that came while nobody watched', async () => {
    const unwatch = await copying('success');
    await compare();
    unwatch();
    await settle();
    await world.clock.advance(3_600_000);
    world.source.next = 'written';
    assert.equal(await recordSwitch(), false);
  });

  it('a source that has not said yet by whom its last write was', async () => {
    await verified();
    world.source.next = 'pending';
    await world.clock.advance(10_000);
    assert.equal(state('verify'), 'waiting');
    assert.equal(await recordSwitch(), false);
  });

  it('a comparison that began before a copying task had ended', async () => {
    await copying('running');
    await compare();
    await world.clock.advance(60_000);
    world.facts = { ...world.facts, status: 'success' };
    await world.clock.advance(5_000);
    assert.equal(state('verify'), 'blocked');
  });

  it('two connections that lead to one server', async () => {
    const connect = world.target.connect;
    world.target.connect = async () => {
      const link = { ...(await connect()), server: server('source') };
      return { ...link, readServer: () => Promise.resolve(link.server) };
    };
    await copying('success');
    await compare();
    assert.equal(state('verify'), 'blocked');
    assert.equal(await recordSwitch(), false);
  });

  it('looks at a server that the settings no longer name', async () => {
    run = await world.open();
    run.watch();
    await settle();
    await act(run, { kind: 'start' });
    const connect = world.source.connect;
    let named = 'staging';
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    world.source.connect = async () => {
      const link = { ...(await connect()), server: server(named) };
      if (named === 'staging') await held;
      return { ...link, readServer: () => Promise.resolve(link.server) };
    };
    world.source.down = gone;
    await world.clock.advance(3_000);
    world.source.down = null;
    await world.clock.advance(31_000);
    named = 'production';
    run.reconnect('source');
    await settle();
    release();
    await world.clock.advance(60_000);
    const { connection } = run.snapshot().source;
    assert.equal(connection.state === 'connected' && connection.server.endpoint, 'production:5432/shop');
  });

  it('leaves no connection where settings change while it is being disposed of', async () => {
    run = await world.open();
    run.watch();
    await settle();
    const { connect } = world.source;
    let open = 0;
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    world.source.connect = async () => {
      open++;
      return { ...(await connect()), close: () => held.then(() => void open--) };
    };
    run.reconnect('source');
    await settle();
    run.reconnect('source');
    const disposed = run.dispose();
    run.reconnect('source');
    release();
    await disposed;
    await world.clock.advance(60_000);
    assert.deepEqual([open, world.clock.pending], [0, 0]);
  });

  describe('an override', () => {
    it('of equal counts, once a comparison found differences', async () => {
      run = await world.completed();
      await compare({}, 'counts');
      await act(run, { kind: 'override', step: 'switch', reason: 'counts are enough for us' });
      await compare({ verdict: 'different', summary: sentence('3 tables differ.') });
      assert.equal(await recordSwitch(), false);
    });

    it('of a short dwell, when the source is written while the dialog is open', async () => {
      run = await world.paused();
      await world.clock.advance(200_000);
      await act(run, { kind: 'override', step: 'complete', reason: 'dwell is long enough' });
      world.agree = async ({ kind }) => {
        if (kind !== 'complete') return true;
        world.source.sessions = [session({ state: 'executing' })];
        world.source.next = 'written';
        world.facts = { gapMb: 900, lagSeconds: 4000 };
        await world.clock.advance(4_000);
        return true;
      };
      assert.equal((await run.perform({ kind: 'complete' }, never)).ok, false);
      assert.equal(world.completeCalls, 0);
    });

    it('of the quiet source, given before the business was stopped', async () => {
      run = await world.open();
      run.watch();
      await settle();
      await act(run, { kind: 'start' });
      for (const item of ['account', 'backup', 'offPeak'] as const) await act(run, { kind: 'attest', item, note: '' });
      await act(run, { kind: 'override', step: 'quiet', reason: 'clicked too early' });
      await act(run, { kind: 'recordPause', at: null });
      world.source.sessions = [session({ state: 'executing' })];
      world.source.next = 'written';
      await world.clock.advance(70_000);
      assert.equal(state('complete'), 'blocked');
    });

    it('of an idle pool, once somebody writes', async () => {
      run = await world.paused();
      world.source.sessions = [session()];
      await world.clock.advance(5_000);
      await act(run, { kind: 'override', step: 'quiet', reason: 'idle pool of the report server' });
      await world.clock.advance(70_000);
      assert.equal(state('complete'), 'open');
      world.source.sessions = [session({ state: 'executing', id: '900' })];
      world.source.next = 'written';
      await world.clock.advance(4_000);
      assert.equal(state('complete'), 'blocked');
      assert.equal(run.snapshot().steps.find(({ id }) => id === 'quiet')?.override, null);
    });

    it('of an idle pool, after a write that is gone at the next look: until that is waved through or quiet again', async () => {
      run = await world.paused();
      world.source.sessions = [session()];
      await world.clock.advance(5_000);
      await act(run, { kind: 'override', step: 'quiet', reason: 'idle pool of the report server' });
      await world.clock.advance(70_000);
      world.source.next = 'written';
      await world.clock.advance(2_000);
      world.source.next = 'none';
      await world.clock.advance(100_000);
      assert.equal(state('complete'), 'blocked');
      await act(run, { kind: 'override', step: 'quiet', reason: 'it was the nightly report' });
      await compare();
      await world.clock.advance(70_000);
      assert.equal(state('complete'), 'open');
    });

    it('of a short window, after a write that came later', async () => {
      run = await world.paused();
      await world.clock.advance(5_000);
      await act(run, { kind: 'override', step: 'complete', reason: 'no time for windows' });
      world.source.next = 'written';
      await world.clock.advance(2_000);
      world.source.next = 'none';
      await world.clock.advance(10_000);
      assert.equal((await run.perform({ kind: 'complete' }, never)).ok, false);
      assert.equal(world.completeCalls, 0);
    });

    it('of an idle pool goes on while its sessions come again under other ids, and Complete tells of it', async () => {
      run = await world.paused();
      world.source.sessions = [session()];
      await world.clock.advance(5_000);
      await act(run, { kind: 'override', step: 'quiet', reason: 'idle pool of the report server' });
      world.source.sessions = [session({ id: '777' })];
      await world.clock.advance(70_000);
      await act(run, { kind: 'complete' });
      const details = world.confirmations.at(-1)?.details.map((detail) => say(detail)) ?? [];
      assert.ok(
        details.some((detail) => detail.includes('idle pool of the report server')),
        details.join('\n'),
      );
      assert.ok(
        details.some((detail) => detail.includes('is still connected')),
        details.join('\n'),
      );
    });
  });
});
