import assert from 'node:assert/strict';
import {
  Binary,
  BSONRegExp,
  Code,
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
import { repairScript } from '../../src/comparison/repairScript.ts';
import type { ComparisonResult } from '../../src/comparison/result.ts';
import { mongodbDigest } from '../../src/engines/mongodb/digest.ts';
import { found, tableOf } from './comparing.ts';
import { insertAsGiven, MongoPair } from './comparingMongodb.ts';
import { runInShell } from './mongoShell.ts';

/** What one side holds and the other one in its place: the same to a careless eye. */
const DIFFERENT: readonly (readonly [name: string, mine: Document, theirs: Document])[] = [
  ['a value', { v: 'a' }, { v: 'b' }],
  ['int for long', { v: new Int32(1) }, { v: Long.ONE }],
  ['int for double', { v: new Int32(1) }, { v: new Double(1) }],
  ['long for double', { v: Long.fromNumber(2 ** 53) }, { v: new Double(2 ** 53) }],
  ['2^53 and its neighbour', { v: Long.fromString('9007199254740992') }, { v: Long.fromString('9007199254740993') }],
  ['the sign of zero', { v: new Double(0) }, { v: new Double(-0) }],
  ['NaN for infinity', { v: new Double(NaN) }, { v: new Double(Infinity) }],
  ['digits of a decimal', { v: Decimal128.fromString('1.0') }, { v: Decimal128.fromString('1.00') }],
  ['null for nothing', { v: null }, {}],
  ['an empty array for nothing', { v: [] }, {}],
  ['an empty array for an empty document', { v: [] }, { v: {} }],
  ['an array of one for its element', { v: ['x'] }, { v: 'x' }],
  ['the order of an array', { v: [1, 2] }, { v: [2, 1] }],
  ['empty text for null', { v: '' }, { v: null }],
  ['a millisecond', { v: new Date(1) }, { v: new Date(2) }],
  ['a date for its milliseconds', { v: new Date(5) }, { v: Long.fromNumber(5) }],
  ['a date for a timestamp', { v: new Date(5) }, { v: new Timestamp({ t: 5, i: 0 }) }],
  ['the kind of a binary', { v: new Binary(Buffer.alloc(16), 0) }, { v: new Binary(Buffer.alloc(16), 4) }],
  ['an id for its text', { v: new ObjectId('0'.repeat(24)) }, { v: '0'.repeat(24) }],
  ['the options of a pattern', { v: new BSONRegExp('a', 'i') }, { v: new BSONRegExp('a', '') }],
  ['a composed character', { v: 'é' }, { v: 'e\u0301' }],
  ['the case of a name', { v: 1 }, { V: 1 }],
  ['values that changed places', { a: 'x', b: 'y' }, { a: 'y', b: 'x' }],
  ['a boundary between values', { a: 'ab', b: 'c' }, { a: 'a', b: 'bc' }],
  ['a nested field', { a: { b: { c: [{ d: 1 }] } } }, { a: { b: { c: [{ d: 2 }] } } }],
  ['the order of fields', { a: 1, b: 2 }, { b: 2, a: 1 }],
];

const ALL_IDS: readonly unknown[] = [
  ...[
    new MinKey(),
    null,
    new Double(NaN),
    new Double(-1.5),
    new Int32(-1),
    new Int32(7),
    Long.fromString('9007199254740993'),
  ],
  ...[Decimal128.fromString('12.50'), new Double(1e300), '', 'text', '😀', { a: 1, b: 'x' }, { b: 'x', a: 1 }],
  ...[
    new Binary(Buffer.from('ab'), 0),
    new Binary(Buffer.from('ab'), 128),
    new UUID('00112233-4455-6677-8899-aabbccddeeff'),
  ],
  ...[new ObjectId('64b000000000000000000001'), false, true, new Date(0), new Date(-1), new Timestamp({ t: 1, i: 2 })],
  ...[new Code('return 1'), new MaxKey()],
];

/** `kind name: verdict` of everything that is not the same and counts. */
const wrong = (result: ComparisonResult) =>
  result.objects
    .filter(({ verdict, counts }) => verdict !== 'same' && counts)
    .map(({ kind, name, verdict }) => `${kind} ${name}: ${verdict}`)
    .sort();

describe('comparing data on MongoDB', function () {
  this.timeout(60_000);
  let pair: MongoPair;
  before(async () => {
    pair = await MongoPair.start();
  });
  beforeEach(() => pair.clear());
  after(() => pair?.stop());

  const both = async (collection: string, documents: readonly Document[]) => {
    for (const db of [pair.mine, pair.theirs]) await insertAsGiven(db, collection, documents);
  };

  it('finds every planted difference, and nothing else', async () => {
    const place = (side: 1 | 2): Document[] => DIFFERENT.map((planted, i) => ({ _id: i, ...planted[side] }));
    const alike: Document[] = [...Array(500).keys()].map((i) => ({ _id: 1000 + i, v: `same ${i}` }));
    await pair.mine.collection('planted').insertMany([...place(1), ...alike]);
    await pair.theirs.collection('planted').insertMany([...place(2), ...alike]);
    const result = await pair.compare();
    const table = tableOf(result, 'planted');
    const changed = new Set(table.differences.map(({ kind, key }) => `${kind} ${key['_id'] ?? ''}`));
    for (const [i, [name]] of DIFFERENT.entries()) assert.ok(changed.has(`changed {"$numberInt":"${i}"}`), name);
    assert.equal(table.differenceCount, DIFFERENT.length);
    assert.equal(result.verdict, 'different');
  });

  it('tells documents apart in which only the order of fields is another', async () => {
    await both('orders', [{ _id: 1 as never, a: 1 }]);
    await pair.mine.collection('orders').insertOne({ _id: 2 as never, a: 1, b: { c: 1, d: [{ e: 1, f: 2 }] } });
    await pair.theirs.collection('orders').insertOne({ _id: 2 as never, b: { d: [{ f: 2, e: 1 }], c: 1 }, a: 1 });
    await pair.mine.collection('orders').insertOne({ _id: 3 as never, a: 1, b: [1, 2] });
    await pair.theirs.collection('orders').insertOne({ _id: 3 as never, a: 1, b: [2, 1] });
    const table = tableOf(await pair.compare(), 'orders');
    assert.deepEqual(
      table.differences.map(({ key, orderOnly }) => [key['_id'], orderOnly]),
      [
        ['{"$numberInt":"2"}', true],
        ['{"$numberInt":"3"}', undefined],
      ],
    );
    assert.deepEqual(
      table.notes.map(({ args }) => args),
      [{ count: 1 }],
    );
    assert.deepEqual(table.differences[0]?.source, {
      _id: '{"$numberInt":"2"}',
      a: '{"$numberInt":"1"}',
      b: '{"c":{"$numberInt":"1"},"d":[{"e":{"$numberInt":"1"},"f":{"$numberInt":"2"}}]}',
    });
  });

  it('finds what is missing, extra and changed under every type of _id', async () => {
    for (const [missing, i] of ALL_IDS.map((id, i) => [id, i] as const)) {
      const name = `ids${i}`;
      await both(
        name,
        ALL_IDS.filter((id) => id !== missing).map((_id) => ({ _id })),
      );
      await insertAsGiven(i % 2 === 0 ? pair.mine : pair.theirs, name, [{ _id: missing }]);
    }
    const result = await pair.compare();
    for (const i of ALL_IDS.keys()) {
      const { differences, differenceCount } = tableOf(result, `ids${i}`);
      assert.equal(differenceCount, 1, `ids${i}`);
      assert.equal(differences[0]?.kind, i % 2 === 0 ? 'missing' : 'extra');
      const row = differences[0][i % 2 === 0 ? 'source' : 'target'];
      assert.deepEqual(row, differences[0].key, `ids${i}: the row itself`);
    }
  });

  it('takes an _id of another number type for another document', async () => {
    await pair.mine.collection('ids').insertOne({ _id: new Int32(1) as never, v: 1 });
    await pair.theirs.collection('ids').insertOne({ _id: new Double(1) as never, v: 1 });
    assert.deepEqual(found(tableOf(await pair.compare(), 'ids')), [
      'extra {"$numberDouble":"1.0"}',
      'missing {"$numberInt":"1"}',
    ]);
  });

  it('calls the same what was only written in another order, under another name, and empty collections', async () => {
    const documents: Document[] = [...Array(9000).keys()].map((i) => ({ _id: i, v: i * 0.5, w: [`${i}`] }));
    await pair.mine.collection('old').insertMany(documents);
    await pair.theirs.collection('new').insertMany(documents.toReversed());
    for (const db of [pair.mine, pair.theirs]) await db.createCollection('empty');
    await pair.mine.collection('old').createIndex({ v: 1, w: -1 }, { name: 'first', unique: true });
    await pair.theirs.collection('new').createIndex({ v: 1, w: -1 }, { name: 'second', unique: true });
    const result = await pair.compare(pair.renaming([{ name: 'old', newName: 'new' }]));
    assert.deepEqual(wrong(result), []);
    assert.equal(result.verdict, 'same');
    assert.deepEqual(tableOf(result, 'old').rows, { source: 9000, target: 9000 });
  });

  it('finds collections of one side only', async () => {
    await both(
      'a',
      [{ v: 1 }].map((each) => ({ _id: new ObjectId('64b000000000000000000001'), ...each })),
    );
    await pair.mine.collection('b').insertOne({});
    await pair.theirs.createCollection('c');
    const result = await pair.compare();
    assert.deepEqual(result.tables.map(({ source, target, verdict }) => [(source ?? target)?.name, verdict]).sort(), [
      ['a', 'same'],
      ['b', 'missingOnTarget'],
      ['c', 'missingOnSource'],
    ]);
  });

  it('finds indexes, validators, views and options that differ', async () => {
    for (const db of [pair.mine, pair.theirs]) {
      const target = db === pair.theirs;
      await db.createCollection('people', {
        validator: { age: { $gte: target ? 0 : 18 } },
        validationLevel: 'moderate',
      });
      await db.createCollection('log', { capped: true, size: target ? 8192 : 4096 });
      await db.createCollection('adults', {
        viewOn: 'people',
        pipeline: [{ $match: { age: { $gte: target ? 21 : 18 } } }],
      });
      await db
        .collection('people')
        .createIndexes([
          { key: { name: 1 }, unique: !target },
          { key: { a: 1, b: -1 } },
          { key: target ? { d: 1, c: 1 } : { c: 1, d: 1 } },
          { key: { at: 1 }, expireAfterSeconds: target ? 60 : 61 },
          { key: { part: 1 }, partialFilterExpression: { age: { $gt: target ? 1 : 2 } } },
          { key: { same: 'hashed' } },
        ]);
    }
    assert.deepEqual(wrong(await pair.compare()), [
      'constraint people: validator: different',
      'index people: {"at":1} {"expireAfterSeconds":61}: missingOnTarget',
      'index people: {"c":1,"d":1}: missingOnTarget',
      'index people: {"name":1} {"unique":true}: missingOnTarget',
      'index people: {"part":1} {"partialFilterExpression":{"age":{"$gt":2}}}: missingOnTarget',
      'options log: options: different',
      'view adults: different',
    ]);
  });

  it('tells a date from its text in indexes, validators and views', async () => {
    for (const db of [pair.mine, pair.theirs]) {
      const since = new Date(1_600_000_000_000);
      const after = { $gt: db === pair.mine ? since : since.toISOString() };
      await db.createCollection('orders', { validator: { at: after } });
      await db.createCollection('recent', { viewOn: 'orders', pipeline: [{ $match: { $or: [{ at: after }] } }] });
      await db.collection('orders').createIndex({ at: 1 }, { partialFilterExpression: { at: after } });
    }
    assert.deepEqual(wrong(await pair.compare()), [
      'constraint orders: validator: different',
      'index orders: {"at":1} {"partialFilterExpression":{"at":{"$gt":{"$date":"2020-09-13T12:26:40.000Z"}}}}: missingOnTarget',
      'view recent: different',
    ]);
  });

  it('says that a time series is not compared', async () => {
    for (const db of [pair.mine, pair.theirs]) {
      await db.createCollection('weather', { timeseries: { timeField: 'at' } });
      await db.createCollection('other');
    }
    const result = await pair.compare();
    assert.equal(tableOf(result, 'weather').verdict, 'skipped');
    assert.equal(tableOf(result, 'other').verdict, 'same');
    assert.equal(result.verdict, 'incomplete');
  });

  it('compares collections that sort their ids in two ways', async () => {
    const documents: Document[] = [...Array(3000).keys()].map((i) => ({ _id: `${i % 2 ? 'a' : 'B'}${i}`, i }));
    await pair.mine.createCollection('texts', { collation: { locale: 'de', strength: 3 } });
    await pair.mine.collection('texts').insertMany(documents);
    await pair.theirs.collection('texts').insertMany(documents.slice(1));
    await pair.theirs.collection('texts').insertOne({ _id: 'zz' as never });
    const table = tableOf(await pair.compare(), 'texts');
    assert.deepEqual(found(table), ['extra "zz"', 'missing "B0"']);
    assert.match(table.method, /by hashes of the _id/);
  });

  it('cuts long values, and says so', async () => {
    const long = 'x'.repeat(300_000);
    await pair.mine.collection('long').insertOne({ _id: 1 as never, a: long, b: [long], c: 1 });
    await pair.theirs.collection('long').insertOne({ _id: 1 as never, a: long, b: [long], c: 2 });
    const [difference] = tableOf(await pair.compare(), 'long').differences;
    assert.deepEqual(difference?.cut, ['a', 'b']);
    assert.ok((difference.source?.['a']?.length ?? 0) <= 100_000);
    assert.equal(difference.source?.['c'], '{"$numberInt":"1"}');
  });

  it('writes statements for the shell that repair the target', async () => {
    const place = (side: 1 | 2): Document[] => DIFFERENT.map((planted, i) => ({ _id: i, ...planted[side] }));
    await pair.mine.collection("it's").insertMany(place(1));
    await pair.theirs.collection("it's").insertMany(place(2));
    const ids = ALL_IDS.map((_id) => ({ _id, v: "'; db.dropDatabase(); //\u2028\\" }));
    await insertAsGiven(pair.mine, 'ids', ids);
    await insertAsGiven(
      pair.theirs,
      'ids',
      ids.map(({ _id }, i) => ({ _id: i % 3 ? _id : `x${i}` })),
    );
    const result = await pair.compare();
    const script = repairScript(mongodbDigest.repair, result, {
      ...{ heading: ['nothing runs this\ndb.dropDatabase()'], objects: 'counters', nothing: 'nothing' },
      truncated: (listed, total) => `${listed} of ${total}`,
      unlisted: (table) => `${table}: no statement`,
    });
    assert.equal(result.verdict, 'different');
    const unwritten = script.split('\n').filter((line) => line.includes('cannot be written'));
    assert.deepEqual(unwritten, []);
    await runInShell(script, pair.theirs.client);
    const repaired = await pair.compare();
    assert.deepEqual(
      repaired.tables.flatMap(({ differences }) => differences),
      [],
    );
    assert.equal(repaired.verdict, 'same');
  });
});
