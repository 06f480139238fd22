/** A cutover that goes to a colleague on another machine, and comes back. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CutoverRun } from '../../../src/cutover/run.ts';
import { handoverText, parseHandover } from '../../../src/host/runs/handoverFile.ts';
import { fileJournal, journalFile } from '../../../src/host/runs/journalStore.ts';
import { recordsUnderWay } from '../../../src/host/runs/records.ts';
import { REF } from '../cutover/facts.ts';
import { act, kinds, stepOf, World } from '../cutover/world.ts';

const never = new AbortController().signal;

describe('a cutover that is handed over', () => {
  const folders: string[] = [];
  const runs: CutoverRun[] = [];
  /** a machine of its own, with this run on it */
  async function machine(open: (world: World) => Promise<CutoverRun>) {
    const folder = await mkdtemp(path.join(tmpdir(), 'cutover-handover-'));
    folders.push(folder);
    const world = new World();
    const journal = fileJournal(journalFile(folder, REF));
    world.open = World.prototype.open.bind(world, journal);
    const run = await open(world);
    runs.push(run);
    return { world, run, folder };
  }
  const exported = (run: CutoverRun) => handoverText({ ref: REF, from: 'eva@one', entries: run.entries() });
  const receive = async (run: CutoverRun, text: string) => {
    const { entries, from } = await parseHandover(text, 'x.json');
    await run.record.receive(entries, from);
  };
  const refused = async (run: CutoverRun, intent: Parameters<CutoverRun['perform']>[0]) => {
    assert.equal((await run.perform(intent, never)).ok, false, intent.kind);
  };
  afterEach(async () => {
    for (const run of runs.splice(0)) await run.dispose();
    for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
  });

  it('is only shown where it came from, and goes on elsewhere with everything to be shown anew', async () => {
    const one = await machine((world) => world.ready());
    await act(one.run, { kind: 'handOver' });
    assert.deepEqual(await recordsUnderWay(one.folder), []);
    for (const kind of ['complete', 'finish', 'start', 'recordResume', 'handOver'] as const)
      await refused(one.run, { kind });
    const { looks } = one.world.source;
    await one.world.clock.advance(60_000);
    assert.equal(one.run.snapshot().started, false);
    assert.ok(one.world.source.looks >= looks);

    const two = await machine((world) => world.open());
    two.run.watch();
    await receive(two.run, exported(one.run));
    assert.deepEqual(await recordsUnderWay(two.folder), [REF]);
    const told = two.run.entries().findLast((entry) => entry.kind === 'received');
    assert.ok(told?.kind === 'received' && told.from === 'eva@one');
    assert.equal(told.handedOverAt, one.run.entries().at(-1)?.at);
    assert.equal(stepOf(two.run, 'prepare').verdict.state, 'blocked', 'words and proofs of before count no more');
    await refused(two.run, { kind: 'complete' });
    assert.ok(two.run.snapshot().downtime.since !== null, 'the business is still stopped');

    // and back again
    await act(two.run, { kind: 'note', text: 'quiet so far' });
    await act(two.run, { kind: 'handOver' });
    await receive(one.run, exported(two.run));
    assert.deepEqual(kinds(one.run).slice(0, two.run.entries().length), kinds(two.run));
    await act(one.run, { kind: 'finish', reason: 'the business stays on the source' });
  });

  it('is taken back by its user’s word, and then Complete may have been sent elsewhere', async () => {
    const { world, run } = await machine((made) => made.ready());
    await act(run, { kind: 'handOver' });
    await assert.rejects(receive(run, exported(run)), { reason: 'not-allowed-now' });
    world.agree = () => false;
    await refused(run, { kind: 'takeBack' });
    world.agree = () => true;
    await act(run, { kind: 'takeBack' });
    assert.equal(run.snapshot().completion.state, 'outcomeUnknown');
    await world.clock.advance(200_000);
    await refused(run, { kind: 'complete' });
    assert.equal(world.completeCalls, 0);
  });

  it('does not replace another cutover of the task, and follows one that is finished', async () => {
    const one = await machine((world) => world.paused());
    await act(one.run, { kind: 'handOver' });
    const text = exported(one.run);
    const two = await machine((world) => {
      world.clock.step(5_000);
      return world.paused();
    });
    await assert.rejects(receive(two.run, text), { reason: 'not-allowed-now' });
    await act(two.run, { kind: 'finish', reason: 'it goes on elsewhere' });
    const before = two.run.entries().length;
    await receive(two.run, text);
    assert.equal(two.run.snapshot().started, true);
    assert.ok(two.run.entries().length > before + 3);
    assert.deepEqual(
      two.run.entries().map(({ seq }) => seq),
      two.run.entries().map((_, index) => index + 1),
    );
  });

  it('is refused in one sentence where the file is another one, newer, cut off or changed', async () => {
    const { run } = await machine((world) => world.paused());
    const open = exported(run);
    await assert.rejects(parseHandover(open, 'x.json'), { reason: 'bad-input' }, 'not handed over');
    await act(run, { kind: 'handOver' });
    const text = exported(run);
    const changed = [
      '',
      '{}',
      'null',
      '[1]',
      '{"format":"dts-cutover-handover"}',
      text.slice(0, -20),
      text.replace('"version": 1', '"version": 2'),
      text.replace('eva@one', 'mallory@one'),
      text.replace('"kind": "paused"', '"kind": "noted"'),
      text.replaceAll(REF.jobId, 'dts-another1'),
      text.replace('"backup"', '"offPeak"'),
    ];
    for (const each of changed) {
      assert.notEqual(each, text);
      await assert.rejects(parseHandover(each, 'x.json'), (error: Error & { reason?: string }) => {
        assert.equal(error.reason, 'bad-input', error.message);
        assert.match(error.message, /x\.json/);
        return true;
      });
    }
    const { entries } = await parseHandover(text, 'x.json');
    assert.deepEqual(entries, run.entries());
  });
});
