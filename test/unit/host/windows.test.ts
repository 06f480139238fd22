import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CutoverRun } from '../../../src/cutover/run.ts';
import { fileJournal, journalFile } from '../../../src/host/runs/journalStore.ts';
import { recordsUnderWay } from '../../../src/host/runs/records.ts';
import { REF } from '../cutover/facts.ts';
import { act, kinds, World } from '../cutover/world.ts';

describe('one cutover in two windows', () => {
  let folder: string;
  let file: string;
  const runs: CutoverRun[] = [];
  const open = async (world: World) => {
    const run = await world.open(fileJournal(file));
    runs.push(run);
    return run;
  };
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'cutover-windows-'));
    file = journalFile(folder, REF);
  });
  afterEach(async () => {
    for (const run of runs.splice(0)) await run.dispose();
    await rm(folder, { recursive: true });
  });

  it('is shown by the second, which changes nothing until its user takes it over; then the first changes nothing', async () => {
    const [firstWorld, secondWorld] = [new World(), new World()];
    const first = await open(firstWorld);
    await act(first, { kind: 'start' });
    const second = await open(secondWorld);
    assert.ok(second.record.owner);
    assert.equal(second.snapshot().started, true);
    assert.ok(second.snapshot().journalFailure);
    for (const intent of [{ kind: 'note', text: 'n' }, { kind: 'complete' }, { kind: 'finish' }] as const) {
      assert.equal((await second.perform(intent, new AbortController().signal)).ok, false, intent.kind);
    }
    await act(first, { kind: 'note', text: 'from the first' });
    await second.record.follow();
    assert.equal(kinds(second).at(-1), 'noted');
    assert.deepEqual(kinds(second), kinds(first), 'the second has added nothing');

    await second.record.takeOver();
    assert.deepEqual(kinds(second).slice(-2), ['takenOver', 'reopened']);
    await act(second, { kind: 'note', text: 'from the second' });
    assert.equal((await first.perform({ kind: 'note', text: 'late' }, new AbortController().signal)).ok, false);
    assert.ok(first.record.owner);
    await first.record.follow();
    assert.deepEqual(kinds(first), kinds(second));
    assert.equal(firstWorld.completeCalls + secondWorld.completeCalls, 0);
  });

  it('belongs to the second as soon as the first is closed', async () => {
    const first = await open(new World());
    await act(first, { kind: 'start' });
    const second = await open(new World());
    await first.dispose();
    await second.record.follow();
    assert.equal(second.record.owner, null);
    assert.equal(second.snapshot().journalFailure, null);
    await act(second, { kind: 'note', text: 'n' });
    assert.deepEqual(await recordsUnderWay(folder), [REF]);
  });

  it('is found by its record alone until it is finished, among whatever else lies there', async () => {
    for (const name of ['a_b.finished.jsonl', 'a_b.whole.jsonl', 'x.jsonl', 'a_%E0%A4%A.jsonl']) {
      await writeFile(path.join(folder, name), '{"kind":"started"}\n');
    }
    assert.deepEqual(await recordsUnderWay(folder), []);
    const run = await open(new World());
    await act(run, { kind: 'start' });
    await act(run, { kind: 'note', text: '"kind":"finished"' });
    assert.deepEqual(await recordsUnderWay(folder), [REF]);
    await act(run, { kind: 'finish' });
    assert.deepEqual(await recordsUnderWay(folder), []);
    assert.deepEqual(await recordsUnderWay(path.join(folder, 'not there')), []);
  });
});
