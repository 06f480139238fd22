import assert from 'node:assert/strict';
import {
  Binary,
  BSON,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  UUID,
  type Document,
} from 'mongodb';
import fc from 'fast-check';
import { digestByRangesOf } from '../../src/engines/mongodb/digest.ts';
import { compare, found, tableOf } from './comparing.ts';
import { insertAsGiven, MongoPair } from './comparingMongodb.ts';

const text = fc.oneof(
  fc.string({ maxLength: 8, unit: 'grapheme' }),
  fc.constantFrom("it's", '"', '\\', '', '😀', 'é', 'e\u0301', '$a', 'a.b', 'NULL', '{"$oid":"1"}'),
);
/** Halves and quarters, so that no number equals one of another type: servers would take the two for one. */
const scalarId: fc.Arbitrary<unknown> = fc.oneof(
  fc.integer().map((n) => new Int32(n)),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }).map((n) => Long.fromBigInt(n)),
  fc.integer({ min: -300, max: 300 }).map((n) => new Double(n + 0.5)),
  fc.integer({ min: -300, max: 300 }).map((n) => Decimal128.fromString(`${n}.25`)),
  fc.constantFrom(new Double(NaN), new Double(Infinity), null, true, false, new MinKey(), new MaxKey()),
  text,
  fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) => new ObjectId(bytes)),
  fc.uint8Array({ maxLength: 5 }).map((bytes) => new Binary(bytes, 128)),
  fc.uuid().map((id) => new UUID(id)),
  fc.date({ noInvalidDate: true }),
  fc.integer({ min: 0, max: 9 }).map((i) => new Timestamp({ t: 1, i })),
);
const id = fc.oneof(
  { weight: 4, arbitrary: scalarId },
  { weight: 1, arbitrary: fc.tuple(scalarId, scalarId).map(([a, b]) => ({ a, b })) },
);
const value: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(new Int32(1), Long.ONE, new Double(1), new Double(0), new Double(-0), Decimal128.fromString('1.0')),
  fc.constantFrom(
    Decimal128.fromString('1.00'),
    null,
    undefined,
    [],
    {},
    '',
    [1, 2],
    [2, 1],
    { x: 1, y: 2 },
    { y: 2, x: 1 },
  ),
  text,
);

interface Row {
  readonly key: string;
  readonly document: Document;
}
interface Collections {
  readonly source: readonly Row[];
  readonly target: readonly Row[];
}

const canonical = (given: unknown) => BSON.EJSON.stringify({ v: given }, { relaxed: false }).slice('{"v":'.length, -1);
const bytesOf = (document: Document) => Buffer.from(BSON.serialize(document, { ignoreUndefined: true }));

/** Most documents in common: each is kept, changed, dropped or only on the target. `undefined` leaves the field out. */
const collections: fc.Arbitrary<Collections> = fc
  .array(fc.tuple(id, value, value, fc.constantFrom('same', 'same', 'same', 'changed', 'missing', 'extra')), {
    maxLength: 60,
  })
  .map((rows) => {
    const seen = new Set<string>();
    const source: Row[] = [];
    const target: Row[] = [];
    for (const [_id, mine, theirs, fate] of rows) {
      const key = canonical(_id);
      if (seen.has(key)) continue;
      seen.add(key);
      const row = (v: unknown) => ({ key, document: { _id, ...(v === undefined ? {} : { v }) } as Document });
      if (fate !== 'extra') source.push(row(mine));
      if (fate !== 'missing') target.push(row(fate === 'changed' ? theirs : mine));
    }
    return { source, target };
  });

function planted({ source, target }: Collections): string[] {
  const theirs = new Map(target.map((row) => [row.key, row]));
  const expected: string[] = [];
  for (const { key, document } of source) {
    const other = theirs.get(key);
    theirs.delete(key);
    if (!other) expected.push(`missing ${key}`);
    else if (!bytesOf(other.document).equals(bytesOf(document))) expected.push(`changed ${key}`);
  }
  return [...expected, ...[...theirs.keys()].map((key) => `extra ${key}`)].sort();
}

describe('properties of the comparison on MongoDB', function () {
  this.timeout(120_000);
  let pair: MongoPair;
  before(async () => {
    pair = await MongoPair.start();
  });
  after(() => pair?.stop());

  async function fill({ source, target }: Collections, options: Document): Promise<void> {
    await pair.clear();
    await pair.mine.createCollection('c', options);
    await pair.theirs.createCollection('c');
    // in another order, as a migration may write them
    const documents = (rows: readonly Row[]) => rows.map(({ document }) => document);
    await insertAsGiven(pair.mine, 'c', documents(source));
    await insertAsGiven(pair.theirs, 'c', documents(target).reverse());
  }

  it('finds exactly the planted differences under any mix of ids, in ranges of any size', async () => {
    await fc.assert(
      fc.asyncProperty(
        collections,
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 3 }),
        async (given, size, workers) => {
          await fill(given, {});
          const result = await compare(digestByRangesOf(size), { ...pair.urls, options: { workers } });
          const table = tableOf(result, 'c');
          assert.deepEqual(found(table), planted(given));
          assert.deepEqual(table.rows, { source: given.source.length, target: given.target.length });
          assert.match(table.method, /by ranges/);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('finds them too where the sides sort their ids in two ways', async () => {
    await fc.assert(
      fc.asyncProperty(collections, async (given) => {
        await fill(given, { collation: { locale: 'en' } });
        const table = tableOf(await pair.compare(), 'c');
        assert.deepEqual(found(table), planted(given));
        assert.match(table.method, /by hashes/);
      }),
      { numRuns: 20 },
    );
  });
});
