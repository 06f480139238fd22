import assert from 'node:assert/strict';
import { BSON, type Document } from 'mongodb';
import { compareRows, type RowsFound } from '../../../src/comparison/tableRows.ts';
import { Ranges } from '../../../src/engines/mongodb/digest-ranges.ts';
import { BucketDigest, RangeDigest, type CollectionSide } from '../../../src/engines/mongodb/digest-table.ts';

/** A collection as a mongos may show it: the shards together, in any order. */
const side = (documents: readonly Document[]): CollectionSide => ({
  snapshot: {
    consistency: 'plain reads',
    gather: async (_command, collector) => {
      const into = collector();
      for (const document of documents) into.add(Buffer.from(BSON.serialize(document)));
      return into.result;
    },
  },
  ...{ collection: 'c', capped: false, documents: documents.length, size: 100, batch: 10 },
});

async function compared(
  mine: readonly Document[],
  theirs: readonly Document[],
  by: 'ranges' | 'buckets',
): Promise<RowsFound> {
  const [source, target] = [side(mine), side(theirs)];
  const ranges = new Ranges([source, target], [], 10);
  const pair =
    by === 'ranges'
      ? { source: new RangeDigest(source, ranges), target: new RangeDigest(target, ranges) }
      : { source: new BucketDigest(source, 16n), target: new BucketDigest(target, 16n) };
  return compareRows(
    { ...pair, indexed: by === 'ranges', smallGroup: 1000, method: by },
    { workers: 1, keep: 100, admit: async () => undefined, onRows: () => undefined },
    new AbortController().signal,
  );
}

describe('a document', () => {
  it('with the same field twice is not shown as if it had it once', async () => {
    const twice = Buffer.from(BSON.serialize({ _id: 1, a: 'first', b: 'second', c: 'x' }));
    twice[twice.indexOf('b\0')] = 'a'.charCodeAt(0);
    const source = side([BSON.deserialize(twice)]);
    const snapshot: CollectionSide['snapshot'] = {
      ...source.snapshot,
      gather: async (_command, collector) => {
        const into = collector();
        into.add(twice);
        return into.result;
      },
    };
    const digest = new RangeDigest({ ...source, snapshot }, new Ranges([source], [], 10));
    const [row] = await digest.fetch([{ key: ['{"$numberInt":"1"}'], hash: 0n }], new AbortController().signal);
    assert.deepEqual(row?.cut, ['a']);
  });
});

describe('an _id that two shards hold', () => {
  const [a, b, other] = [
    { _id: 1, v: 'a' },
    { _id: 1, v: 'b' },
    { _id: 2, v: 'x' },
  ];

  for (const by of ['ranges', 'buckets'] as const) {
    it(`never hides a document that is missing, changed or double (${by})`, async () => {
      const cases: readonly (readonly [Document[], Document[], number])[] = [
        [[a, b, other], [other, b, a], 0],
        [[a, b, other], [b, other], 1],
        [[a, b, other], [a, other], 1],
        [[a, other], [a, b, other], 1],
        [[a, a, other], [a, other], 1],
        [[a, b, other], [a, { ...b, v: 'c' }, other], 1],
        [[a, b, other], [other], 1],
      ];
      for (const [mine, theirs, count] of cases) {
        const found = await compared(mine, theirs, by);
        assert.equal(found.count, count, JSON.stringify([mine, theirs]));
        assert.deepEqual(found.rows, { source: mine.length, target: theirs.length });
      }
    });
  }
});

describe('documents that are fetched', () => {
  it('are cut short where many are much longer than expected', async () => {
    const documents = [...Array(200).keys()].map((i) => ({ _id: i, a: 'x'.repeat(90_000), b: 'y'.repeat(90_000) }));
    const rows = documents.map(({ _id }) => ({ key: [`{"$numberInt":"${_id}"}`], hash: 0n }));
    const source = side(documents);
    const found = await new RangeDigest(source, new Ranges([source], [], 10)).fetch(rows, new AbortController().signal);
    assert.equal(found.length, 200);
    assert.deepEqual(found[0]?.cut, []);
    assert.deepEqual(found.at(-1)?.cut, ['a', 'b']);
    const characters = found.flatMap(({ values }) => Object.values(values)).reduce((n, v) => n + (v?.length ?? 0), 0);
    assert.ok(characters > 7_000_000 && characters < 9_000_000, `${characters} characters`);
  });
});
