import assert from 'node:assert/strict';
import { once } from 'node:events';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BSON, Decimal128, Double, Int32, Long, type ClientSession, type Document, type MongoClient } from 'mongodb';
import { startMongod, type Mongod } from '../../sandbox/mongod.ts';
import { until } from './support.ts';

const { EJSON } = BSON;
const EXACT = { promoteValues: false, promoteBuffers: false, bsonRegExp: true } as const;

interface Note extends Document {
  readonly _id: number;
  readonly n?: number;
}

describe('the sandbox’s MongoDB server', function () {
  this.timeout(60_000);
  let server: Mongod;
  let client: MongoClient;
  const sessions: ClientSession[] = [];
  const notes = (one = client) => one.db('test').collection<Note>('notes');
  const begin = () => {
    const session = client.startSession();
    sessions.push(session);
    session.startTransaction();
    return session;
  };

  before(async () => {
    server = await startMongod();
    client = await server.client({}, { directConnection: false, retryWrites: false });
  });
  afterEach(async () => {
    for (const session of sessions.splice(0)) await session.endSession();
  });
  after(async () => {
    await client?.close();
    await server?.stop();
  });

  it('keeps every type of a value as it came, and the _id first', async () => {
    const values = {
      ...{ int: new Int32(5), long: Long.fromNumber(5), double: new Double(5), big: Long.MAX_VALUE },
      ...{ decimal: Decimal128.fromString('0.190'), date: new Date(1), none: null, text: 'é 🥮' },
      ...{
        pattern: /^a/i,
        nested: { list: [new Double(1), { deep: new Int32(1) }] },
        bytes: new BSON.Binary(Buffer.from([0, 255])),
      },
    };
    const types = client.db('test').collection('types');
    await types.insertOne({ ...values, _id: 'all' as never });
    const [read] = await types.find({}, EXACT).toArray();
    assert.equal(
      EJSON.stringify(read, { relaxed: false }),
      EJSON.stringify({ _id: 'all', ...values }, { relaxed: false }),
    );
  });

  it('adds as a mongod does: the wider type wins, and 32 bits that overflow become 64', async () => {
    const sums = client.db('test').collection<Note>('sums');
    await sums.insertOne({ _id: 1, int: new Int32(2 ** 31 - 1), long: Long.fromNumber(1), double: new Int32(1) });
    await sums.updateOne({ _id: 1 }, { $inc: { int: 1, long: 1, double: 0.5, fresh: 1 } });
    const [read] = await sums.find({}, EXACT).toArray();
    assert.deepEqual(EJSON.serialize(read ?? {}, { relaxed: false }), {
      ...{ _id: { $numberInt: '1' }, int: { $numberLong: '2147483648' }, long: { $numberLong: '2' } },
      ...{ double: { $numberDouble: '1.5' }, fresh: { $numberInt: '1' } },
    });
  });

  it('shows a transaction to nobody else until it is committed, and then as one entry of the oplog', async () => {
    await notes().deleteMany({});
    const session = begin();
    await notes().insertOne({ _id: 1 }, { session });
    await notes().insertOne({ _id: 2 }, { session });
    assert.equal(await notes().countDocuments({}), 0);
    assert.equal((await notes().find({}, { session }).toArray()).length, 2);
    await session.commitTransaction();
    assert.equal(await notes().countDocuments({}), 2);
    const [newest] = await client.db('local').collection('oplog.rs').find().sort({ $natural: -1 }).limit(1).toArray();
    assert.deepEqual(
      (newest?.['o'] as { applyOps: Document[] }).applyOps.map(({ op, ns, o }: Document): unknown[] => [op, ns, o]),
      [1, 2].map((_id) => ['i', 'test.notes', { _id }]),
    );
  });

  it('leaves nothing of a transaction that is aborted, or whose statement fails', async () => {
    await notes().deleteMany({});
    await notes().insertOne({ _id: 1 });
    const aborted = begin();
    await notes().insertOne({ _id: 2 }, { session: aborted });
    await aborted.abortTransaction();
    const failed = begin();
    await notes().insertOne({ _id: 3 }, { session: failed });
    await assert.rejects(notes().insertOne({ _id: 1 }, { session: failed }), { code: 11000 });
    await assert.rejects(failed.commitTransaction(), { code: 251 });
    assert.deepEqual(
      (await notes().find().toArray()).map(({ _id }) => _id),
      [1],
    );
  });

  it('refuses a second transaction that writes the same document, and lets a plain writer wait', async () => {
    await notes().deleteMany({});
    await notes().insertOne({ _id: 1, n: 0 });
    const first = begin();
    await notes().updateOne({ _id: 1 }, { $inc: { n: 1 } }, { session: first });
    const conflict = await notes()
      .updateOne({ _id: 1 }, { $inc: { n: 10 } }, { session: begin() })
      .catch((error: unknown) => error);
    assert.ok(conflict instanceof Error && 'code' in conflict && conflict.code === 112);
    assert.ok('hasErrorLabel' in conflict);
    const late = begin();
    // begun before the first was committed
    await notes().findOne({ _id: 1 }, { session: late });
    const waiting = notes().updateOne({ _id: 1 }, { $inc: { n: 100 } });
    await first.commitTransaction();
    await waiting;
    assert.equal((await notes().findOne({ _id: 1 }))?.n, 101);
    await assert.rejects(notes().updateOne({ _id: 1 }, { $inc: { n: 1_000 } }, { session: late }), { code: 112 });
  });

  it('guards unique indexes, also against what is there already', async () => {
    const unique = client.db('test').collection<Note>('unique');
    await unique.insertMany([
      { _id: 1, n: 1 },
      { _id: 2, n: 2 },
      { _id: 3, n: 2 },
    ]);
    await assert.rejects(unique.createIndex({ n: 1 }, { unique: true }), { code: 11000 });
    await unique.deleteOne({ _id: 3 });
    await unique.createIndex({ n: 1 }, { unique: true });
    await assert.rejects(unique.insertOne({ _id: 4, n: 2 }), { code: 11000 });
    await assert.rejects(unique.updateOne({ _id: 1 }, { $set: { n: 2 } }), { code: 11000 });
    await unique.updateOne({ _id: 2 }, { $set: { n: 5 } });
    await unique.insertOne({ _id: 4, n: 2 });
    const { writeErrors, insertedCount } = (await unique
      .insertMany(
        [
          { _id: 5, n: 5 },
          { _id: 6, n: 6 },
        ],
        { ordered: false },
      )
      .catch((error: unknown) => error)) as { writeErrors: { index: number }[]; insertedCount: number };
    assert.deepEqual([writeErrors.map(({ index }) => index), insertedCount], [[0], 1]);
  });

  it('tells who follows the oplog what is written next', async () => {
    const oplog = client.db('local').collection('oplog.rs');
    const [newest] = await oplog.find().sort({ $natural: -1 }).limit(1).toArray();
    const cursor = oplog.find({ ts: { $gt: newest?.['ts'] as unknown } }, { tailable: true, awaitData: true });
    const next = cursor.next();
    await notes().deleteMany({});
    await notes().insertOne({ _id: 7 });
    for (let entry = await next; entry?.['op'] !== 'i'; entry = await cursor.next()) assert.equal(entry?.['op'], 'd');
    await cursor.close();
  });

  it('keeps the connections of a driver that listens for news of the server', async () => {
    const listening = await server.client({}, { heartbeatFrequencyMS: 500, directConnection: false });
    const lost: unknown[] = [];
    listening.on('connectionClosed', (event) => lost.push(event));
    listening.on('serverHeartbeatFailed', (event) => lost.push(event));
    await listening.db('test').command({ ping: 1 });
    for (let heard = 0; heard < 4; heard++) await once(listening, 'serverHeartbeatSucceeded');
    assert.deepEqual(lost, []);
    await listening.close();
  });

  it('lets an account do what its roles say, in its own database, once it has logged in', async () => {
    const createUser = { createUser: 'reader', pwd: 'r', roles: [{ role: 'read', db: 'test' }] };
    await client.db('admin').command(createUser);
    await server.restart('immediate');
    const reader = await server.client({ user: 'reader', password: 'r' });
    await reader.db('test').collection('notes').findOne();
    await assert.rejects(reader.db('other').collection('notes').findOne(), { code: 13 });
    await assert.rejects(reader.db('local').collection('oplog.rs').findOne(), { code: 13 });
    await assert.rejects(notes(reader).insertOne({ _id: 1 }), { code: 13 });
    await assert.rejects(reader.db('admin').command({ ...createUser, createUser: 'other' }), { code: 13 });
    await reader.close();
    await assert.rejects(server.client({ user: 'reader', password: 'wrong' }), { code: 18 });
    const elsewhere = { authSource: 'test' };
    await assert.rejects(server.client({ user: 'reader', password: 'r' }, elsewhere), { code: 18 });
  });

  it('has everything it acknowledged when it is killed while it is written', async () => {
    await notes().deleteMany({});
    await notes().createIndex({ n: 1 }, { unique: true });
    const acknowledged: number[] = [];
    const write = async (first: number) => {
      for (let _id = first; ; _id += 4) {
        await notes().insertOne({ _id, n: _id });
        await notes().updateOne({ _id }, { $set: { n: -_id } });
        acknowledged.push(_id);
      }
    };
    const writers = [1, 2, 3, 4].map((first) => write(first).catch(() => undefined));
    await until(() => acknowledged.length > 200);
    await server.halt('immediate');
    await Promise.all(writers);
    // half an entry, as a kill in the middle of writing one leaves it
    await appendFile(join(server.folder, 'oplog.bson'), Buffer.from([200, 0, 0, 0, 2]));
    for (const mode of ['immediate', 'fast'] as const) {
      await server.restart(mode);
      const kept = new Map((await notes().find().toArray()).map(({ _id, n }) => [_id, n]));
      assert.deepEqual(
        acknowledged.filter((_id) => kept.get(_id) !== -_id),
        [],
      );
      await assert.rejects(notes().insertOne({ _id: -1, n: -1 }), { code: 11000 }, 'the index is there again');
      await notes().insertOne({ _id: mode === 'fast' ? -2 : -3 });
      await notes().deleteMany({ _id: { $lt: 0 } });
    }
  });

  it('knows of a commit that it carried out before it was killed', async () => {
    await notes().deleteMany({});
    const session = begin();
    await notes().insertOne({ _id: 1 }, { session });
    await session.commitTransaction();
    await server.restart('immediate');
    // the driver asks again as it does when no answer came
    await session.commitTransaction();
    assert.equal(await notes().countDocuments({}), 1);
  });
});
