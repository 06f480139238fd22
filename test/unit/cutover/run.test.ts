import assert from 'node:assert/strict';
import type { CutoverRun } from '../../../src/cutover/run.ts';
import type { ComparisonFacts } from '../../../src/cutover/facts.ts';
import { Failure } from '../../../src/util/failure.ts';
import { say, sentence } from '../../../src/util/sentence.ts';
import { act, connectionOf, session, settle, World } from './world.ts';

const lost = new Failure('outcome-unknown', sentence('The answer was lost.'));
const gone = new Failure('connection-lost', sentence('The server at source:5432 went away.'));
const kinds = (run: CutoverRun) => run.entries().map((entry) => entry.kind);
const step = (run: CutoverRun, id: string) => run.snapshot().steps.find((s) => s.id === id)!;
const same: ComparisonFacts = {
  id: 'c',
  method: 'digest',
  startedAt: 0,
  finishedAt: 0,
  verdict: 'same',
  summary: sentence('Same.'),
  tables: [],
  skipped: [],
  positions: { source: null, target: null },
};

describe('a run', () => {
  let world: World;
  let run: CutoverRun | undefined;
  beforeEach(() => {
    world = new World();
  });
  afterEach(async () => {
    await run?.dispose();
    run = undefined;
    await settle();
    assert.equal(world.clock.pending, 0, 'a disposed run leaves no timer');
    assert.equal(world.source.open + world.target.open, 0, 'a disposed run leaves no connection');
  });

  it('goes from the start to the end', async () => {
    run = await world.ready();
    assert.equal(step(run, 'complete').verdict.state, 'open');
    await act(run, { kind: 'complete' });
    assert.equal(world.completeCalls, 1);
    assert.equal(run.snapshot().completion.state, 'accepted');
    assert.notEqual(step(run, 'complete').state, 'done', 'success of the call is not success of the task');
    world.facts = { status: 'success', allowedActions: [] };
    await world.clock.advance(5000);
    assert.equal(step(run, 'complete').state, 'done');
    const at = world.clock.now();
    world.compare = () => Promise.resolve({ ...same, startedAt: at, finishedAt: at });
    await act(run, { kind: 'compare', method: 'digest', tables: null });
    assert.equal(step(run, 'verify').state, 'done');
    await act(run, { kind: 'recordSwitch', at: null });
    world.target.sessions = [session({ startedAt: world.clock.now() })];
    await world.clock.advance(5000);
    assert.equal(step(run, 'switch').verdict.state, 'open');
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

  it('a lost call that had no effect may be sent again only after the status has settled', async () => {
    run = await world.ready();
    world.completeFails = { error: lost, afterEffect: false };
    await run.perform({ kind: 'complete' }, new AbortController().signal);
    await world.clock.advance(20_000);
    assert.equal(run.snapshot().completion.state, 'outcomeUnknown');
    assert.equal((await run.perform({ kind: 'complete' }, new AbortController().signal)).ok, false);
    await world.clock.advance(20_000);
    assert.equal(run.snapshot().completion.state, 'none');
    world.completeFails = null;
    await act(run, { kind: 'complete' });
    assert.equal(world.completeCalls, 2);
  });

  it('an error nobody expected leaves the outcome unknown, a clear refusal does not', async () => {
    run = await world.ready();
    world.completeFails = { error: new Failure('service-error', sentence('500')), afterEffect: false };
    await run.perform({ kind: 'complete' }, new AbortController().signal);
    assert.equal(run.snapshot().completion.state, 'outcomeUnknown');
    await world.clock.advance(40_000);
    world.completeFails = { error: new Failure('permission-denied', sentence('no right')), afterEffect: false };
    await run.perform({ kind: 'complete' }, new AbortController().signal);
    assert.equal(run.snapshot().completion.state, 'rejected');
  });

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
    assert.notEqual(step(run, 'complete').verdict.state, 'open');
  });

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
        assert.notEqual(step(run, 'complete').verdict.state, 'open');
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

  it('does not let a target that never answers hold up Complete', async () => {
    run = await world.ready();
    world.target.silent = true;
    await world.clock.advance(3000);
    await act(run, { kind: 'complete' });
    assert.equal(world.completeCalls, 1);
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
    assert.equal(step(run, 'complete').verdict.state, 'waiting');
  });

  it('a single −1 in the dwell starts it anew', async () => {
    run = await world.ready();
    world.facts = { gapMb: null };
    await world.clock.advance(3000);
    world.facts = {};
    await world.clock.advance(30_000);
    assert.equal(step(run, 'complete').verdict.state, 'waiting');
  });

  it('goes stale when the task cannot be read, and says so', async () => {
    run = await world.ready();
    world.taskDown = new Failure('unreachable', sentence('dts.example did not answer.'));
    await world.clock.advance(4000);
    const snapshot = run.snapshot();
    assert.ok(snapshot.taskStale);
    assert.equal(snapshot.taskFailure?.reason, 'unreachable');
    assert.notEqual(step(run, 'complete').verdict.state, 'open');
  });

  it('a verdict goes stale when the target is written afterwards', async () => {
    run = await world.completed();
    const at = world.clock.now();
    world.compare = () => Promise.resolve({ ...same, startedAt: at, finishedAt: at });
    await act(run, { kind: 'compare', method: 'digest', tables: null });
    world.target.next = 'written';
    await world.clock.advance(3000);
    assert.equal(step(run, 'verify').verdict.state, 'blocked');
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
    assert.equal(step(run, 'verify').verdict.state, 'blocked', 'an unknown session');
    world.target.sessions = [session()];
    await world.clock.advance(3000);
    assert.equal(step(run, 'verify').verdict.state, 'open', 'the business');
    world.target.next = 'unknown';
    await world.clock.advance(3000);
    assert.equal(step(run, 'verify').verdict.state, 'blocked', 'a position nobody can tell');
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
    assert.notEqual(step(run, 'verify').verdict.state, 'open');
  });

  it('some tables being the same open nothing', async () => {
    run = await world.completed();
    const at = world.clock.now();
    world.compare = () => Promise.resolve({ ...same, startedAt: at, finishedAt: at });
    await act(run, { kind: 'compare', method: 'digest', tables: ['public.orders'] });
    assert.equal(run.snapshot().verification.latest?.verdict, 'incomplete');
    assert.equal(step(run, 'verify').verdict.state, 'blocked');
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
    assert.equal(step(run, 'verify').verdict.state, 'open');
    assert.deepEqual(asked, [run.snapshot().completion.at], 'nothing of before the end of the task may be taken over');
  });

  it('a comparison can be cancelled, and then there is no verdict', async () => {
    run = await world.ready();
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

  it('overrides need a reason, stand in the journal, and are refused where the task does not allow', async () => {
    run = await world.paused();
    world.source.sessions = [session()];
    await world.clock.advance(5000);
    const refused = await run.perform({ kind: 'override', step: 'quiet', reason: ' ' }, new AbortController().signal);
    assert.ok(!refused.ok && !refused.declined && refused.failure.reason === 'bad-input');
    await act(run, { kind: 'override', step: 'quiet', reason: 'pool of the report server, read only' });
    assert.equal(step(run, 'quiet').state, 'overridden');
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

  it('a task without incremental migration begins at step 6', async () => {
    world.facts = { migrateType: 'full', status: 'success', gapMb: null, lagSeconds: null };
    run = await world.open();
    run.watch();
    await settle();
    await act(run, { kind: 'start' });
    for (const item of ['account', 'backup', 'offPeak'] as const) await act(run, { kind: 'attest', item, note: '' });
    const snapshot = run.snapshot();
    assert.deepEqual(
      snapshot.steps.map((s) => s.state),
      ['done', 'notNeeded', 'notNeeded', 'notNeeded', 'notNeeded', 'current', 'todo'],
    );
    const complete = await run.perform({ kind: 'complete' }, new AbortController().signal);
    assert.equal(complete.ok, false);
    assert.equal(world.completeCalls, 0);
  });
});
