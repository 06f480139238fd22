import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TableResult } from '../../../src/comparison/result.ts';
import { usable, without } from '../../../src/comparison/memory.ts';
import { finishedFile, finishedStore } from '../../../src/host/runs/finishedStore.ts';
import { sentence } from '../../../src/util/sentence.ts';

const tokens = { source: 'lsn 1', target: 'lsn 2' };
const table = (name: string, change: Partial<TableResult> = {}): TableResult => ({
  ...{ source: { database: 'shop', schema: 'public', name }, target: { database: 'shop', schema: 'public', name } },
  ...{ verdict: 'same', reason: null, rows: { source: 7, target: 7 }, differences: [], differenceCount: 0 },
  ...{ truncated: false, notes: [sentence('a note')], method: 'hash', targetColumns: [] },
  ...change,
});
const secret = { kind: 'extra', key: { id: '1' }, source: null, target: { card: '4111 1111' } } as const;

describe('finished tables of an interrupted comparison', () => {
  let folder: string;
  let file: string;
  const warnings: string[] = [];
  const open = () => finishedStore(file, { warn: (text) => void warnings.push(text) });
  /** keeps these and stops as a crash does: nobody says that it ended */
  async function interrupted(...tables: readonly TableResult[]): Promise<void> {
    const writer = open().begin('subject', 100);
    for (const each of tables) writer.add(each, tokens);
    await kept(tables.filter(({ verdict }) => verdict === 'same').length);
  }
  /** resolves when so many lines have reached the file */
  async function kept(lines: number): Promise<void> {
    const count = async () => (await readFile(file, 'utf8').catch(() => '')).split('\n').length - 2;
    while ((await count()) < lines) await new Promise((resolve) => setImmediate(resolve));
  }

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'finished-'));
    file = finishedFile(path.join(folder, 'runs'), { region: 'ap-x', jobId: 'dts-1' });
    warnings.length = 0;
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('come back as they were, with the positions they hold for', async () => {
    await interrupted(table('a'), table('b'));
    const earlier = await open().read();
    assert.deepEqual(earlier, { subject: 'subject', startedAt: 100, tokens, tables: [table('a'), table('b')] });
    assert.equal((await stat(file)).mode & 0o077, 0, 'for nobody else to read');
  });

  it('hold no value of a row, and nothing that is not the same', async () => {
    await interrupted(table('b', { verdict: 'different', differences: [secret], differenceCount: 1 }), table('a'));
    assert.doesNotMatch(await readFile(file, 'utf8'), /4111|card/);
    assert.deepEqual((await open().read())?.tables, [table('a')]);
  });

  it('are gone when the comparison comes to its end, or a new one has begun', async () => {
    await interrupted(table('a'));
    await interrupted(table('b'));
    assert.deepEqual((await open().read())?.tables, [table('b')]);
    await open().begin('subject', 100).ended();
    assert.equal(await open().read(), null);
  });

  it('are kept of a whole comparison that came to its end, apart from what an interrupted one left', async () => {
    const whole = { subject: 'subject', startedAt: 100, tokens };
    const different = table('b', { verdict: 'different', differences: [secret], differenceCount: 1 });
    await interrupted(table('c'));
    await open().keepWhole({ ...whole, tables: [table('a'), different] });
    assert.deepEqual(await open().readWhole(), { ...whole, tables: [table('a')] });
    assert.deepEqual((await open().read())?.tables, [table('c')]);
    const kept = path.join(path.dirname(file), `${path.basename(file, '.jsonl')}.whole.jsonl`);
    assert.doesNotMatch(await readFile(kept, 'utf8'), /4111|card/);
    assert.equal((await stat(kept)).mode & 0o077, 0, 'for nobody else to read');
    await open().keepWhole(null);
    assert.equal(await open().readWhole(), null);
    assert.deepEqual(warnings, []);
  });

  it('survive a line that a crash cut off; a damaged file is not believed, and told', async () => {
    await interrupted(table('a'));
    await appendFile(file, '{"source":{"data');
    assert.deepEqual((await open().read())?.tables, [table('a')]);
    await appendFile(file, '\n');
    assert.equal(await open().read(), null);
    assert.equal(warnings.length, 1);
  });

  it('count for the same scope and servers only, and not when they are from before the data came to rest', async () => {
    await interrupted(table('a'), table('b'));
    const earlier = await open().read();
    assert.ok(usable(earlier, 'subject', null));
    assert.ok(usable(earlier, 'subject', 100));
    assert.equal(usable(earlier, 'subject', 101), null);
    assert.equal(usable(earlier, 'another', null), null);
    assert.ok(earlier);
    assert.deepEqual(without(earlier, ['shop.public.a']), { tokens, tables: [table('b')] });
  });
});
