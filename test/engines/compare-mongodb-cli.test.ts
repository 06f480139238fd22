import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { Document } from 'mongodb';
import { inRepository } from '../../scripts/paths.ts';
import { MongoPair } from './comparingMongodb.ts';

interface Printed {
  readonly verdict: string;
  readonly source: { readonly server: string };
  readonly tables: readonly {
    readonly source: string | null;
    readonly target: string | null;
    readonly verdict: string;
    readonly method: string;
    readonly rows: { readonly source: number; readonly target: number };
    readonly differenceCount: number | null;
    readonly differences: readonly object[];
  }[];
}

describe('npm run engine -- compare, on MongoDB', function () {
  this.timeout(120_000);
  let pair: MongoPair;
  before(async () => {
    pair = await MongoPair.start();
    for (const db of [pair.mine, pair.theirs]) {
      await db.collection('a').insertOne({ _id: 'one' as never, v: 1 });
      await db.createCollection('b');
    }
  });
  after(() => pair?.stop());

  async function run(args: readonly string[], node: readonly string[] = []) {
    const { source, target } = pair.urls;
    const child = spawn(
      process.execPath,
      [...node, '--import', 'tsx', inRepository('scripts/engine.ts'), 'compare', source, target, ...args],
      { cwd: inRepository(), stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let text = '';
    let problems = '';
    child.stdout.setEncoding('utf8').on('data', (piece: string) => (text += piece));
    child.stderr.setEncoding('utf8').on('data', (piece: string) => (problems += piece));
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    assert.ok(text.startsWith('{'), problems);
    return { code, document: JSON.parse(text) as Printed, text };
  }

  it('ends with 0 when all is the same, and never prints a password', async () => {
    const { code, document, text } = await run([]);
    assert.equal(code, 0, text);
    assert.equal(document.verdict, 'same');
    assert.match(document.source.server, /^MongoDB \d/);
    assert.ok(!text.includes(pair.source.password));
  });

  it('ends with 1 when something differs, with both documents', async () => {
    await pair.theirs.collection('a').updateOne({ _id: 'one' as never }, { $set: { v: 2 } });
    const { code, document } = await run(['--tables', 'a']);
    assert.equal(code, 1);
    assert.deepEqual(document.tables[0]?.differences, [
      {
        kind: 'changed',
        key: { _id: '"one"' },
        source: { _id: '"one"', v: '{"$numberInt":"1"}' },
        target: { _id: '"one"', v: '{"$numberInt":"2"}' },
      },
    ]);
    await pair.theirs.collection('a').updateOne({ _id: 'one' as never }, { $set: { v: 1 } });
  });

  it('ends with 2 when a collection that was asked for is not there', async () => {
    const { code, document } = await run(['--tables', 'a,nothing']);
    assert.equal(code, 2);
    assert.equal(document.verdict, 'incomplete');
  });

  it('follows new names', async () => {
    await pair.theirs.collection('a').drop();
    await pair.theirs.collection('renamed').insertOne({ _id: 'one' as never, v: 1 });
    const { code, document } = await run(['--map', 'a=renamed', '--workers', '1']);
    assert.equal(code, 0);
    assert.deepEqual(document.tables.map(({ target }) => target).sort(), ['b', 'renamed']);
  });

  it('needs no more memory for very many documents, and very many differences', async () => {
    const some = (from: number, change: number): Document[] =>
      [...Array(5000).keys()].map((i) => ({ _id: from + i, n: (from + i) % 2 ? i : i + change, v: 'x'.repeat(60) }));
    for (let from = 0; from < 200_000; from += 5000) {
      await pair.mine.collection('many').insertMany(some(from, 0));
      await pair.theirs.collection('many').insertMany(some(from, 1));
    }
    const { code, document } = await run(['--tables', 'many'], ['--max-old-space-size=80']);
    const [many] = document.tables;
    assert.equal(code, 1);
    assert.deepEqual(many?.rows, { source: 200_000, target: 200_000 });
    assert.equal(many.differenceCount, 100_000);
    assert.equal(many.differences.length, 1000);
  });
});
