import assert from 'node:assert/strict';
import { ObjectId, Timestamp, type MongoClient } from 'mongodb';
import { footprintOf } from '../../src/engines/engine.ts';
import type { EngineConnection } from '../../src/engines/engine.ts';
import { DTS, foreignNames, HEARTBEAT, never, TestServer, Watcher } from '../support/mongodb.ts';
import type { MongoServer, User } from '../../sandbox/mongodb/server.ts';

describe('MongoDB: who has written since the last reading', function () {
  this.timeout(60_000);
  let server: TestServer;
  let connection: EngineConnection;
  let watcher: Watcher;

  before(async function () {
    server = await TestServer.start();
    await server.needsReplicaSet(this);
    await server.insert('orders', { note: 'first' });
    connection = await server.connect();
    watcher = new Watcher(connection);
  });
  after(() => server?.stop());
  beforeEach(async () => {
    await watcher.read();
  });

  it('cannot tell at the first reading, and sees an idle server rest at the second', async () => {
    const first = await connection.readWritePosition(null, DTS, never);
    assert.equal(first.foreign, 'unknown');
    assert.equal(first.sinceDisplay, null);
    const second = await connection.readWritePosition(first.token, DTS, never);
    assert.equal(second.foreign, 'none', JSON.stringify(second));
    assert.equal(second.sinceDisplay, first.display);
  });

  it('catches a writer that came, wrote one document and left, and names the collection', async () => {
    await server.insert('orders', { note: 'hidden' });
    const facts = await watcher.read();
    assert.equal(facts.foreign, 'written', JSON.stringify(facts));
    assert.deepEqual(foreignNames(facts), [`${server.database}.orders`]);
    assert.equal((await watcher.read()).foreign, 'none');
  });

  it('counts updates and deletes', async () => {
    await server.insert('counted', { note: 'one' });
    await watcher.read();
    await server.briefly(async (client) => {
      const counted = client.db(server.database).collection('counted');
      await counted.updateOne({ note: 'one' }, { $set: { note: 'two' } });
      await counted.deleteOne({ note: 'two' });
    });
    const { written } = await watcher.read();
    assert.deepEqual(written, [{ name: `${server.database}.counted`, count: 2, byDts: false }]);
  });

  it('takes writes to the databases of DTS for what they are, and finds the foreign one between them', async () => {
    await server.insert(HEARTBEAT.name, { beat: 1 }, HEARTBEAT.database);
    const quiet = await watcher.read();
    assert.equal(quiet.foreign, 'none', JSON.stringify(quiet));
    assert.deepEqual(
      quiet.written.map(({ name, byDts }) => [name, byDts]),
      [[`${HEARTBEAT.database}.${HEARTBEAT.name}`, true]],
    );
    await server.insert(HEARTBEAT.name, { beat: 2 }, HEARTBEAT.database);
    await server.insert('orders', { note: 'between' });
    await server.insert(HEARTBEAT.name, { beat: 3 }, HEARTBEAT.database);
    const busy = await watcher.read();
    assert.equal(busy.foreign, 'written');
    assert.deepEqual(foreignNames(busy), [`${server.database}.orders`]);
  });

  it('tells writes to a collection that the rule of the user sets aside', async () => {
    const aside = { ...DTS, heartbeats: footprintOf('mongodb', [[server.database, 'beats']]).heartbeats };
    const { token } = await connection.readWritePosition(null, aside, never);
    await server.insert('beats', { beat: 1 });
    const beats = await connection.readWritePosition(token, aside, never);
    const name = `${server.database}.beats`;
    assert.deepEqual(beats.written, [{ name, count: beats.written[0]?.count, byDts: true, heartbeat: true }]);
    assert.deepEqual([beats.foreign, beats.why.args?.['tables']], ['none', name]);
    await watcher.read();
  });

  it('names the collection of a new index', async () => {
    await server.briefly((client) => client.db(server.database).collection('orders').createIndex({ note: 1 }));
    assert.deepEqual(foreignNames(await watcher.read()), [`${server.database}.orders`]);
  });

  it('sees what a transaction wrote when it commits', async () => {
    await transaction(await server.client(), server.database);
    const facts = await watcher.read();
    assert.deepEqual(foreignNames(facts), [`${server.database}.lines`, `${server.database}.orders`]);
  });

  it('goes on from its token over a new connection', async () => {
    const { token } = await connection.readWritePosition(null, DTS, never);
    await server.insert('orders', { note: 'meanwhile' });
    const again = await server.connect();
    const facts = await again.readWritePosition(token, DTS, never);
    assert.equal(facts.foreign, 'written');
  });

  it('takes a token that is none of its own for none: the reading is a first one', async () => {
    for (const other of ['{"v":7}', 'gibberish', '']) {
      const facts = await connection.readWritePosition(other, DTS, never);
      assert.deepEqual([facts.foreign, facts.sinceDisplay], ['unknown', null], other);
    }
  });
});

describe('MongoDB: what breaks the write position', function () {
  this.timeout(60_000);
  const LIMITED: User = { user: 'watcher', password: 'w', roles: ['readWriteAnyDatabase'] };
  const STATUS_ONLY: User = { user: 'status', password: 's', roles: ['clusterMonitor'] };
  const ROOT: User = { user: 'root', password: 'r', roles: ['root'] };
  let test: TestServer;
  let server: MongoServer;
  let watcher: Watcher;

  beforeEach(async function () {
    test = await TestServer.start({ users: [ROOT, LIMITED, STATUS_ONLY] });
    server = test.scripted(this.test?.ctx ?? assert.fail());
    watcher = new Watcher(await test.connect());
    await watcher.read();
  });
  afterEach(() => test.stop());

  async function unknownOnce(why: RegExp): Promise<void> {
    const facts = await watcher.read();
    assert.equal(facts.foreign, 'unknown', JSON.stringify(facts));
    assert.match(facts.why.text, why);
    assert.equal((await watcher.read()).foreign, 'none');
  }

  it('a restart in mid-watch: the failure names the server, then unknown, then quiet again', async () => {
    await server.stop();
    await assert.rejects(
      watcher.read(),
      (error: Error) => 'reason' in error && error.message.includes(server.endpoint),
    );
    await server.restart();
    await unknownOnce(/restarted/);
  });

  it('an election', async () => {
    server.store.term++;
    server.store.log('n', '', { msg: 'new primary' });
    await unknownOnce(/elected/);
  });

  it('an oplog that has rolled over', async () => {
    server.store.log('n', '', {});
    server.store.oplog.splice(0, server.store.oplog.length - 1);
    await unknownOnce(/rolled over/);
  });

  it('an oplog that was rolled back', async () => {
    server.store.oplog.pop();
    server.store.log('n', '', {});
    await unknownOnce(/elected|rolled back/);
  });

  it('another server behind the address', async () => {
    server.store.replicaSetId = new ObjectId();
    await unknownOnce(/another server/);
  });

  it('a member that has become a secondary', async () => {
    server.secondary = true;
    assert.match((await watcher.read()).why.text, /secondary/);
  });

  it('more of DTS than can be looked through', async () => {
    for (let i = 0; i < 5_100; i++) server.store.log('i', 'TencentDTSData.heartbeat', { _id: i });
    await unknownOnce(/More was written/);
  });

  it('more of others than can be looked through', async () => {
    for (let i = 0; i < 5_100; i++) server.store.log('i', 'shop.orders', { _id: i });
    const facts = await watcher.read();
    assert.equal(facts.foreign, 'written');
    assert.deepEqual(foreignNames(facts), ['shop.orders']);
  });

  it('writes of the server itself are nobody’s', async () => {
    server.store.log('n', '', { msg: 'periodic noop' });
    server.store.log('u', 'config.system.sessions', { $v: 2 });
    server.store.log('i', 'admin.system.users', {});
    const facts = await watcher.read();
    assert.equal(facts.foreign, 'none', JSON.stringify(facts));
    assert.deepEqual(facts.written, []);
  });

  it('unpacks batches, time series, renames and prepared transactions', async () => {
    server.store.log('c', 'admin.$cmd', {
      applyOps: [
        { op: 'i', ns: 'shop.a', o: {} },
        { op: 'c', ns: 'shop.$cmd', o: { applyOps: [{ op: 'd', ns: 'shop.b', o: {} }] } },
      ],
    });
    server.store.log('u', 'shop.system.buckets.weather', {});
    server.store.log('c', 'shop.$cmd', { renameCollection: 'shop.from', to: 'shop.to' });
    server.store.log('c', 'gone.$cmd', { dropDatabase: 1 });
    server.store.log('c', 'odd.$cmd', { somethingNew: 'x' });
    server.store.log('c', 'admin.$cmd', { applyOps: [{ op: 'i', ns: 'shop.p', o: {} }], prepare: true });
    server.store.log('c', 'admin.$cmd', { commitTransaction: 1, commitTimestamp: new Timestamp(1n) });
    const names = ['gone', 'odd', 'shop.a', 'shop.b', 'shop.from', 'shop.p', 'shop.to', 'shop.weather'];
    assert.deepEqual(foreignNames(await watcher.read()), names);
  });

  it('a transaction prepared before the last reading', async () => {
    server.store.log('c', 'admin.$cmd', { commitTransaction: 1, commitTimestamp: new Timestamp(1n) });
    assert.deepEqual(foreignNames(await watcher.read()), ['prepared transaction']);
  });

  it('without any right the reading is unknown and tells what to grant', async () => {
    const blind = new Watcher(await test.connect(test.as(LIMITED)));
    await blind.read();
    const { foreign, why } = await blind.read();
    assert.equal(foreign, 'unknown');
    assert.match(String(why.args?.['grant']), /grantRolesToUser\("watcher", \[\{role: "clusterMonitor"/);
  });
});

describe('MongoDB: the write position without an oplog', function () {
  this.timeout(60_000);
  let test: TestServer;
  let server: MongoServer;
  let watcher: Watcher;

  beforeEach(async function () {
    test = await TestServer.start({ kind: 'standalone', users: [] });
    server = test.scripted(this.test?.ctx ?? assert.fail());
    await test.insert('orders', { note: 'first' });
    watcher = new Watcher(await test.connect());
    await watcher.read();
  });
  afterEach(() => test.stop());

  it('rests while the counters do', async () => {
    assert.equal((await watcher.read()).foreign, 'none');
  });

  it('catches the hidden writer and names the collection', async () => {
    await test.insert('orders', { note: 'hidden' });
    const facts = await watcher.read();
    assert.equal(facts.foreign, 'written', JSON.stringify(facts));
    assert.deepEqual(foreignNames(facts), [`${test.database}.orders`]);
    assert.equal((await watcher.read()).foreign, 'none');
  });

  it('knows the writes of DTS and of the server by their databases', async () => {
    server.store.update('config.system.sessions', {}, { $set: { a: 1 } }, true);
    server.store.documents.updated++;
    await test.insert('heartbeat', { beat: 1 }, '__tencentdb__');
    const facts = await watcher.read();
    assert.equal(facts.foreign, 'none', JSON.stringify(facts));
    assert.deepEqual(foreignNames(facts), []);
  });

  it('cannot tell whose documents moved that no collection counts', async () => {
    server.store.documents.deleted++;
    assert.equal((await watcher.read()).foreign, 'unknown');
  });

  it('is unknown after a restart', async () => {
    await server.restart();
    // a first command may still meet the old socket
    const facts = await watcher.read().catch(() => watcher.read());
    assert.equal(facts.foreign, 'unknown', JSON.stringify(facts));
    assert.equal((await watcher.read()).foreign, 'none');
  });
});

async function transaction(client: MongoClient, database: string): Promise<void> {
  await client.withSession((session) =>
    session.withTransaction(async () => {
      await client.db(database).collection('orders').insertOne({ note: 'in a transaction' }, { session });
      await client.db(database).collection('lines').insertOne({ line: 1 }, { session });
    }),
  );
}
