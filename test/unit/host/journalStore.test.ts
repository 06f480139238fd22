import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as disk from 'node:fs/promises';
import { appendFile, copyFile, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { JournalEntry, JournalEvent } from '../../../src/cutover/journal.ts';
import { replay } from '../../../src/cutover/machine.ts';
import { fileJournal, journalFile, type FileJournal } from '../../../src/host/runs/journalStore.ts';
import { beginning, lineOf, readLines, type Head } from '../../../src/host/runs/recordLines.ts';
import { readEntry } from '../../../src/protocol/journalSchemas.ts';
import { inRepository } from '../../../scripts/paths.ts';
import { REF } from '../cutover/facts.ts';
import { World } from '../cutover/world.ts';

const at = 1_700_000_000_000;
const entry = (seq: number, text = 'note'): JournalEntry => ({ kind: 'noted', text, seq, at, by: 'me' });
const numbered = (events: readonly JournalEvent[]) =>
  events.map((event, index): JournalEntry => ({ ...event, seq: index + 1, at: at + index, by: 'me' }));
const HISTORY = numbered([
  { kind: 'started', ref: REF, taskName: 'größer', incremental: true },
  { kind: 'attested', item: 'backup', note: '' },
  { kind: 'paused', pausedAt: at },
  { kind: 'completeSent', evidence: [] },
  { kind: 'completeRejected', failure: { reason: 'refused', what: { text: 'no' }, tryThis: null } },
]);
const NAME = 'r_j';

/** The lines of these entries as they are written, and the head beside them. */
function written(entries: readonly JournalEntry[]): { lines: string[]; head: Head } {
  let head = beginning(NAME);
  const lines = entries.map((each) => {
    const next = lineOf(each, head);
    head = next.head;
    return next.line;
  });
  return { lines, head };
}
const read = (text: string, head: Head | null) => readLines(text, NAME, head, readEntry);

describe('the lines of a record', () => {
  const { lines, head } = written(HISTORY);
  const text = lines.join('');

  it('give back what was written, and say where they end', () => {
    assert.deepEqual(read(text, head), { entries: HISTORY, head, text, damage: null, torn: false });
  });

  it('tell of every cut: at the end of a line, within it, and with a head that is gone', () => {
    const bytes = Buffer.from(text);
    for (let length = 0; length < bytes.length; length++) {
      const reading = read(bytes.subarray(0, length).toString(), head);
      assert.ok(reading.damage, `cut at ${length}`);
      assert.deepEqual(reading.entries, HISTORY.slice(0, reading.entries.length));
    }
    assert.ok(read(text, null).damage);
  });

  it('tell of every flipped bit, and believe nothing from there on', () => {
    const bytes = Buffer.from(text);
    for (let position = 0; position < bytes.length; position++) {
      const bit = 1 << (position % 8);
      bytes[position]! ^= bit;
      const reading = read(bytes.toString(), head);
      assert.ok(reading.damage, `bit flipped at ${position}`);
      assert.deepEqual(reading.entries, HISTORY.slice(0, reading.damage.line - 1));
      bytes[position]! ^= bit;
    }
  });

  const [first = '', second = '', third = '', ...rest] = lines;
  const foreign = lineOf(HISTORY[1]!, beginning('r_other')).line;
  for (const [what, changed, line] of [
    ['removed', [first, third, ...rest], 2],
    ['swapped', [first, third, second, ...rest], 2],
    ['written twice', [first, second, second, third, ...rest], 3],
    ['of another record', [first, foreign, third, ...rest], 2],
    ['of 0.1.0 among them', [first, `${JSON.stringify(HISTORY[1])}\n`, third, ...rest], 2],
    ['added at the end by nobody', [...lines, `${JSON.stringify({ v: 2, entry: entry(6) })}\n`], 6],
  ] as const) {
    it(`name a line that is ${what}`, () => {
      assert.equal(read(changed.join(''), head).damage?.line, line);
    });
  }

  it('of another task, or all made anew, are not this record', () => {
    assert.equal(readLines(text, 'r_other', head, readEntry).damage?.line, 1);
    const forged = written(HISTORY.map((each) => ({ ...each, by: 'nobody' })));
    assert.equal(read(forged.lines.join(''), head).damage?.line, 1);
  });

  it('of 0.1.0 are read, and chained to what follows', () => {
    const old = HISTORY.map((each) => `${JSON.stringify(each)}\n`);
    const reading = read(old.join(''), null);
    assert.deepEqual([reading.entries, reading.damage], [HISTORY, null]);
    const next = lineOf(entry(6), reading.head);
    assert.deepEqual(read(old.join('') + next.line, next.head).entries.length, 6);
    old[2] = old[2]!.replace('"me"', '"he"');
    assert.ok(read(old.join('') + next.line, next.head).damage);
    assert.equal(read(old.slice(1).join(''), null).damage?.line, 1);
  });

  it('of a kind nobody knows are kept by name', () => {
    const odd = { kind: 'nodded', seq: 1, at, by: 'me', depth: 3 } as const;
    const kept = [{ kind: 'unrecognized', name: 'nodded', seq: 1, at, by: 'me' }];
    assert.deepEqual(read(`${JSON.stringify(odd)}\n`, null).entries, kept);
  });
});

describe('a damaged record', () => {
  const damaged = (after: readonly string[], ...before: JournalEvent[]) =>
    replay(numbered([...before, { kind: 'recordDamaged', line: 2, why: { text: 'w' }, after, evidence: 'f' }]));
  const started: JournalEvent = { kind: 'started', ref: REF, taskName: 't', incremental: true };

  it('never forgets a Complete that may have been sent', () => {
    assert.equal(damaged(['completeSent'], started).completion.state, 'outcomeUnknown');
    assert.equal(damaged([], started).completion.state, 'outcomeUnknown', 'nobody knows what was lost');
    assert.equal(damaged(['completeSent', 'finished']).completion.state, 'outcomeUnknown', 'not even its beginning');
    assert.equal(damaged(['completeAccepted', 'started'], started, { kind: 'finished' }).finishedAt, null);
    assert.equal(
      damaged(['completeRejected'], started, { kind: 'completed', endedAt: 7 }).completion.state,
      'succeeded',
    );
  });

  it('takes back what was confirmed and overridden, and a pause that may have ended', () => {
    const { attestations, overrides, pausedAt } = damaged(
      ['resumed'],
      started,
      { kind: 'attested', item: 'backup', note: '' },
      { kind: 'overridden', step: 'quiet', reason: 'r', against: [] },
      { kind: 'paused', pausedAt: 1 },
    );
    assert.deepEqual({ attestations, overrides, pausedAt }, { attestations: {}, overrides: {}, pausedAt: null });
  });
});

describe('the journal on disk', () => {
  let folder: string;
  let file: string;
  const opened: FileJournal[] = [];
  const open = (...more: Parameters<typeof fileJournal> extends [string, ...infer More] ? More : never) => {
    const journal = fileJournal(file, ...more);
    opened.push(journal);
    return journal;
  };
  const reopen = async () => {
    for (const journal of opened.splice(0)) await journal.lease.release();
    return open();
  };
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'cutover-journal-'));
    file = journalFile(path.join(folder, 'runs'), REF);
  });
  afterEach(async () => {
    await reopen();
    await rm(folder, { recursive: true });
  });

  it('is empty before anything was recorded, and makes its folder', async () => {
    assert.deepEqual(await open().read(), []);
    await open().append(entry(1));
    assert.deepEqual(await open().read(), [entry(1)]);
    assert.equal((await stat(file)).mode & 0o077, 0, 'others may not read it');
  });

  it('stays inside its folder whatever a task is called', () => {
    const odd = journalFile('/runs', { region: '../..', jobId: 'a/../../b' });
    assert.equal(path.dirname(path.normalize(odd)), '/runs');
  });

  it('cuts off what a crash left of the last line, as its owner only, and goes on from there', async () => {
    const journal = open();
    await journal.append(entry(1, 'größer'));
    await journal.append(entry(2));
    await appendFile(file, '{"v":2,"pr');
    assert.deepEqual(await open().read(), [entry(1, 'größer'), entry(2)]);
    assert.match(await readFile(file, 'utf8'), /"pr$/, 'a window that shows it leaves it alone');
    assert.deepEqual(await journal.read(), [entry(1, 'größer'), entry(2)]);
    await journal.append(entry(3));
    assert.deepEqual(await (await reopen()).read(), [entry(1, 'größer'), entry(2), entry(3)]);
  });

  it('keeps damaged lines as evidence, and goes on with an entry that tells of them', async () => {
    for (const each of HISTORY)
      await open()
        .append(each)
        .catch(() => undefined);
    const owner = await reopen();
    for (const each of HISTORY.slice(await owner.read().then(({ length }) => length))) await owner.append(each);
    const damaged = (await readFile(file, 'utf8')).replace('backup', 'backed');
    await writeFile(file, damaged);
    const [first, told] = await (await reopen()).read();
    assert.deepEqual(first, HISTORY[0]);
    assert.ok(told?.kind === 'recordDamaged');
    assert.deepEqual(told.after, ['attested', 'paused', 'completeSent', 'completeRejected']);
    assert.equal(await readFile(path.join(path.dirname(file), told.evidence), 'utf8'), damaged);
    const again = await reopen();
    assert.deepEqual(await again.read(), [first, told], 'once');
    await again.append(entry(3));
    assert.deepEqual(await (await reopen()).read(), [first, told, entry(3)]);
  });

  it('finds a tail that was cut off, and a file that was put in its place', async () => {
    const journal = open();
    await journal.append(entry(1));
    await copyFile(file, `${file}.old`);
    await journal.append(entry(2));
    await copyFile(`${file}.old`, file);
    const kinds = (await (await reopen()).read()).map(({ kind }) => kind);
    assert.deepEqual(kinds, ['noted', 'recordDamaged']);
  });

  it('belongs to one window; another takes it over by its word, and the first writes no more', async () => {
    const [here, there] = [open(), open()];
    await here.append(entry(1));
    assert.deepEqual(await there.read(), [entry(1)]);
    assert.match(there.lease.owner()?.name ?? '', new RegExp(`process ${process.pid}$`));
    await assert.rejects(there.append(entry(2, 'mine')), { name: 'Failure', reason: 'not-allowed-now' });
    await there.lease.takeOver();
    assert.deepEqual(await there.read(), [entry(1)]);
    await there.append(entry(2));
    await assert.rejects(here.append(entry(2, 'late')), { name: 'Failure', reason: 'not-allowed-now' });
    assert.ok(here.lease.owner());
    assert.deepEqual(await there.read(), [entry(1), entry(2)]);
  });

  it('has nothing of an owner that slept between its proof and its writing', async () => {
    const other = open();
    let asleep: () => Promise<void> = () => Promise.resolve();
    const sleepy = open({
      ...disk,
      open: async (...args: Parameters<typeof disk.open>) => {
        const handle = await disk.open(...args);
        if (args[1] !== 'a') return handle;
        const write = handle.writeFile.bind(handle);
        handle.writeFile = async (...what: Parameters<typeof write>) => {
          await asleep();
          return write(...what);
        };
        return handle;
      },
    });
    await sleepy.append(entry(1));
    asleep = async () => {
      await other.lease.takeOver();
      await other.read();
      await other.append(entry(2, 'the new owner'));
    };
    await assert.rejects(sleepy.append(entry(2, 'late')), { name: 'Failure' });
    assert.deepEqual(await other.read(), [entry(1), entry(2, 'the new owner')]);
  });

  it('is free at once when its owner died, or gave it back', async () => {
    const owner = spawn(process.execPath, ['--import=tsx', '--input-type=module', '-e', writer(file, 'die')], {
      cwd: inRepository('.'),
    });
    await once(owner, 'exit');
    const journal = open();
    const [only] = await journal.read();
    assert.ok(only?.kind === 'noted');
    await journal.append(entry(2));
    assert.equal((await readdir(path.join(path.dirname(file), 'leases'))).length, 1);
    assert.equal((await (await reopen()).read()).length, 2);
  });

  it('is written by one of several processes at a time, and by the next when that one is gone', async function () {
    this.timeout(60_000);
    const writers = Array.from({ length: 4 }, () =>
      spawn(process.execPath, ['--import=tsx', '--input-type=module', '-e', writer(file, '50')], {
        cwd: inRepository('.'),
        stdio: ['ignore', 'pipe', 'inherit'],
      }),
    );
    const told = await Promise.all(
      writers.map(async (child) => {
        let text = '';
        child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
        await once(child, 'close');
        return text.split('\n').filter(Boolean);
      }),
    );
    const entries = await open().read();
    assert.equal(entries.filter(({ kind }) => kind === 'recordDamaged').length, 0);
    const texts = entries.flatMap((each) => (each.kind === 'noted' ? [each.text] : []));
    assert.deepEqual([...texts].sort(), told.flat().sort(), 'what was told to be written is there once, and no more');
    assert.equal(new Set(texts).size, texts.length);
    assert.equal(texts.length, 200);
  });

  for (const code of ['ENOSPC', 'EROFS'] as const) {
    it(`opens a run on a disk that answers ${code}, says so, and does nothing that it cannot write down`, async () => {
      const owner = open();
      for (const each of HISTORY.slice(0, 3)) await owner.append(each);
      await owner.lease.release();
      const fail = () => Promise.reject(Object.assign(new Error(code), { code }));
      const world = new World();
      const run = await world.open(open({ ...disk, writeFile: fail, mkdir: fail, copyFile: fail }));
      await world.clock.advance(1);
      assert.match(run.snapshot().journalFailure?.what.text ?? '', /cannot be written/);
      const ended = await run.perform({ kind: 'note', text: 'n' }, new AbortController().signal);
      assert.equal(ended.ok, false);
      await run.dispose();
    });
  }
});

/** A process that writes notes whenever the record is its own, until it has written so many, and tells which. */
function writer(file: string, task: string): string {
  const store = JSON.stringify(inRepository('src/host/runs/journalStore.ts'));
  return `
    const { fileJournal } = await import(${store});
    const say = (text) => process.stdout.write(text + '\\n');
    let left = ${task === 'die' ? 1 : task};
    while (left > 0) {
      const journal = fileJournal(${JSON.stringify(file)});
      try {
        const seq = (await journal.read()).length + 1;
        const text = process.pid + ' ' + left;
        await journal.append({ kind: 'noted', text, seq, at: 1, by: '' });
        say(text);
        left--;
      } catch (error) {
        if (error.name !== 'Failure') throw error;
      }
      if (${task === 'die'}) process.exit(0);
      await journal.lease.release();
      await new Promise((resolve) => setImmediate(resolve));
    }`;
}
