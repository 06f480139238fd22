import assert from 'node:assert/strict';
import { narrate } from '../../../src/cutover/narrate.ts';
import { reportMarkdown } from '../../../src/cutover/report.ts';
import type { CutoverRun } from '../../../src/cutover/run.ts';
import { journalEntrySchema } from '../../../src/protocol/journalSchemas.ts';
import { say } from '../../../src/util/sentence.ts';
import { act, session, settle, World } from './world.ts';

describe('what a run leaves on record', () => {
  let world: World;
  let run: CutoverRun | undefined;
  beforeEach(() => {
    world = new World();
  });
  afterEach(async () => {
    await run?.dispose();
    run = undefined;
    await settle();
    assert.equal(world.clock.pending, 0);
  });
  const never = () => new AbortController().signal;
  const told = (kind: string) =>
    (run?.entries() ?? [])
      .filter((entry) => entry.kind === kind)
      .map((entry) => ({
        at: entry.at,
        by: entry.by,
        text: narrate(entry)
          .map((s) => say(s))
          .join(' '),
      }));

  it('has that Complete was asked for and declined, by whom and when', async () => {
    run = await world.ready();
    world.agree = () => false;
    await run.perform({ kind: 'complete' }, never());
    const text = 'Complete was asked for and declined by eva; nothing was sent.';
    assert.deepEqual(told('completeDeclined'), [{ at: world.clock.now(), by: 'eva', text }]);
    const report = reportMarkdown({ entries: run.entries(), snapshot: run.snapshot(), timeZone: 'UTC' });
    assert.match(report, /\| eva \| Complete was asked for and declined by eva; nothing was sent\. \|/);
  });

  it('has nobody decline when it was the window that closed under the question', async () => {
    run = await world.ready();
    const closing = new AbortController();
    world.agree = () => {
      closing.abort();
      return false;
    };
    await run.perform({ kind: 'complete' }, closing.signal);
    assert.deepEqual(told('completeDeclined'), []);
  });

  it('has that Complete was refused, and why, before the question and after it', async () => {
    run = await world.paused();
    await run.perform({ kind: 'complete' }, never());
    await world.clock.advance(250_000);
    world.agree = () => {
      world.facts = { gapMb: 3 };
      return true;
    };
    await run.perform({ kind: 'complete' }, never());
    const texts = told('completeRefused').map(({ text }) => text);
    assert.equal(texts.length, 2);
    assert.match(texts[0] ?? '', /^Complete was asked for and refused; nothing was sent: Quiet for 0 s of 180 s/);
    assert.match(texts[1] ?? '', /The gap is 3 MB\./);
    assert.equal(world.completeCalls, 0);
  });

  it('has nothing of a cutover that was never begun, and refuses all the same', async () => {
    run = await world.open();
    run.watch();
    await settle();
    const result = await run.perform({ kind: 'complete' }, never());
    assert.ok(!result.ok && !result.declined && result.failure.reason === 'not-allowed-now');
    assert.deepEqual(told('completeRefused'), []);
  });

  it('refuses with the reason even where the record cannot be written', async () => {
    run = await world.paused();
    world.journal.broken = true;
    const result = await run.perform({ kind: 'complete' }, never());
    assert.ok(!result.ok && !result.declined);
    assert.match(say(result.failure.what), /Quiet for 0 s/);
  });

  it('has every opening of a run under way, once, and none of another', async () => {
    run = await world.open();
    run.watch();
    await settle();
    await run.dispose();
    run = await world.open();
    assert.deepEqual(told('reopened'), [], 'not begun');
    run.watch();
    await settle();
    await act(run, { kind: 'start' });
    for (const opening of [1, 2]) {
      await run.dispose();
      run = await world.open();
      run.watch();
      await world.clock.advance(10_000);
      assert.equal(told('reopened').length, opening);
    }
    await act(run, { kind: 'finish' });
    await run.dispose();
    run = await world.open();
    assert.equal(told('reopened').length, 2, 'finished');
  });

  it('goes on from a record of before there were such entries', async () => {
    run = await world.ready();
    await run.dispose();
    const younger = /"(reopened|completeDeclined|completeRefused)"/;
    const older = world.journal.lines.filter((line) => !younger.test(line));
    for (const line of older) assert.ok(journalEntrySchema.safeParse(JSON.parse(line)).success, line);
    world.journal.lines.splice(0, Infinity, ...older);
    run = await world.open();
    assert.equal(run.snapshot().started, true);
    assert.notEqual(run.snapshot().downtime.since, null);
  });

  describe('finishing', () => {
    const asked = () => world.confirmations.filter(({ kind }) => kind === 'finish');

    it('asks, naming the task and how things stand, once the business was stopped', async () => {
      run = await world.completed();
      await act(run, { kind: 'recordSwitch', at: null });
      world.target.sessions = [session({ startedAt: world.clock.now() })];
      await world.clock.advance(5000);
      world.agree = () => false;
      assert.deepEqual(await run.perform({ kind: 'finish' }, never()), { ok: false, declined: true });
      assert.equal(run.snapshot().finishedAt, null);
      const [request] = asked();
      assert.ok(request);
      const text = [request.title, ...request.details].map((s) => say(s)).join('\n');
      for (const part of [
        'orders-prod',
        'dts-test0001',
        'ended with success',
        'The switch to the target is on record',
      ]) {
        assert.ok(text.includes(part), `${part} in ${text}`);
      }
      world.agree = () => true;
      await act(run, { kind: 'finish' });
      assert.notEqual(run.snapshot().finishedAt, null);
    });

    it('looks at the gate again after the question', async () => {
      run = await world.completed();
      await act(run, { kind: 'recordSwitch', at: null });
      world.target.sessions = [session({ startedAt: world.clock.now() })];
      await world.clock.advance(5000);
      world.agree = async () => {
        world.source.sessions = [session({ id: '9' })];
        await world.clock.advance(5000);
        return true;
      };
      const result = await run.perform({ kind: 'finish' }, never());
      assert.ok(!result.ok && !result.declined);
      assert.equal(run.snapshot().finishedAt, null);
    });

    it('gives up without a question what has stopped and sent nothing', async () => {
      run = await world.open();
      run.watch();
      await settle();
      await act(run, { kind: 'start' });
      await act(run, { kind: 'finish' });
      assert.deepEqual(asked(), []);
    });
  });
});
