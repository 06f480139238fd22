import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { JournalEntry } from '../../src/cutover/journal.ts';
import { fileJournal, journalFile } from '../../src/host/runs/journalStore.ts';

const entry = (seq: number, text = 'note'): JournalEntry => ({
  kind: 'noted',
  text,
  seq,
  at: 1_700_000_000_000,
  by: 'me',
});

describe('the journal on disk', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'cutover-journal-'));
    file = journalFile(path.join(folder, 'runs'), { region: 'ap-guangzhou', jobId: 'dts-1' });
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  it('is empty before anything was recorded, and makes its folder', async () => {
    assert.deepEqual(await fileJournal(file).read(), []);
    await fileJournal(file).append(entry(1));
    assert.deepEqual(await fileJournal(file).read(), [entry(1)]);
    assert.equal((await stat(file)).mode & 0o077, 0, 'others may not read it');
  });

  it('stays inside its folder whatever a task is called', () => {
    const odd = journalFile('/runs', { region: '../..', jobId: 'a/../../b' });
    assert.equal(path.dirname(path.normalize(odd)), '/runs');
  });

  it('cuts off what a crash left of the last line, and goes on from there', async () => {
    const journal = fileJournal(file);
    await journal.append(entry(1, 'größer'));
    await journal.append(entry(2));
    await appendFile(file, '{"kind":"noted","te');
    assert.deepEqual(await journal.read(), [entry(1, 'größer'), entry(2)]);
    await journal.append(entry(3));
    assert.deepEqual(await journal.read(), [entry(1, 'größer'), entry(2), entry(3)]);
  });

  it('refuses to write beside another window, and leaves its entries as they are', async () => {
    const [here, there] = [fileJournal(file), fileJournal(file)];
    assert.deepEqual([await here.read(), await there.read()], [[], []]);
    await here.append(entry(1));
    await assert.rejects(there.append(entry(1, 'mine')), { name: 'Failure', reason: 'not-allowed-now' });
    assert.deepEqual(await fileJournal(file).read(), [entry(1)]);
  });

  for (const [what, damage] of [
    ['a line that is no JSON', (text: string) => text.replace('{', 'x')],
    ['a line of no known kind', (text: string) => text.replace('noted', 'nodded')],
    ['a missing line', (text: string) => text.slice(text.indexOf('\n') + 1)],
    ['a repeated line', (text: string) => text.slice(0, text.indexOf('\n') + 1) + text],
  ] as const) {
    it(`refuses a record with ${what}, and leaves the file as it is`, async () => {
      await fileJournal(file).append(entry(1));
      await fileJournal(file).append(entry(2));
      const damaged = damage(await readFile(file, 'utf8'));
      await writeFile(file, damaged);
      await assert.rejects(fileJournal(file).read(), { name: 'Failure', reason: 'bad-input' });
      assert.equal(await readFile(file, 'utf8'), damaged);
    });
  }
});
