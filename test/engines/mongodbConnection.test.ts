import assert from 'node:assert/strict';
import { Long, Timestamp } from 'mongodb';
import { cellOf, textOf } from '../../src/engines/mongodb/text.ts';
import { mongodb } from '../../src/engines/mongodb/index.ts';
import { foreignNames, never, PROGRAM, profileOf, ROOT, TestServer, Watcher } from '../support/mongodb.ts';
import { MongoServer } from '../../sandbox/mongodb/server.ts';
import { Store } from '../../sandbox/mongodb/store.ts';

describe('MongoDB: connecting, stopping, objects and counts', function () {
  this.timeout(60_000);
  let test: TestServer;

  before(async () => {
    test = await TestServer.start();
    await test.briefly(async (client) => {
      const db = client.db(test.database);
      await db.collection('a.b').insertMany(Array.from({ length: 250 }, (_, n) => ({ n })));
      await db.collection('a.b').createIndex({ n: 1 }, { name: 'by_n' });
      await db.createCollection('shown', { viewOn: 'a.b', pipeline: [] });
    });
  });
  after(() => test?.stop());

  it('tells product, identity, start and clock of the server', async () => {
    const { server } = await test.connect();
    assert.match(server.product, /^(MongoDB|Percona Server for MongoDB) \d+\.\d+\.\d+/);
    assert.notEqual(server.identity, '');
    assert.ok(server.startedAt !== null && server.startedAt > 0);
    assert.ok(server.clockOffset !== null && Number.isFinite(server.clockOffset));
    assert.equal(server.readOnly, false);
  });

  it('keeps one start and one identity over several readings and connections', async () => {
    const first = await test.connect();
    const again = await (await test.connect()).readServer(never);
    assert.equal(again.startedAt, first.server.startedAt);
    assert.equal(again.identity, first.server.identity);
  });

  it('lists user databases and their objects', async () => {
    const connection = await test.connect();
    const databases = await connection.listDatabases(never);
    assert.ok(databases.includes(test.database));
    for (const own of ['admin', 'config', 'local', 'TencentDTSData']) assert.ok(!databases.includes(own), own);
    const objects = await connection.listObjects(test.database, never);
    assert.deepEqual(objects.map(({ kind, object }) => `${kind} ${object.name}`).sort(), [
      'collection a.b',
      'index a.b._id_',
      'index a.b.by_n',
      'view shown',
    ]);
    assert.equal(objects.find(({ kind }) => kind === 'collection')?.estimatedRows, 250);
  });

  it('counts the documents of a collection with an awkward name', async () => {
    const connection = await test.connect();
    assert.equal(await connection.countRows({ database: test.database, schema: null, name: 'a.b' }, never), 250);
  });

  it('leaves nothing open after close', async function () {
    const server = test.scripted(this);
    const before = server.clients.size;
    const connection = await mongodb.connect(test.request(), never);
    assert.ok(server.clients.size > before);
    await connection.close();
    await server.until(() => server.clients.size <= before);
  });

  it('stops the work on the server when aborted, and goes on with the same connection', async function () {
    const server = test.scripted(this);
    const connection = await test.connect();
    server.endless.add('big.table');
    const abort = new AbortController();
    const counting = connection.countRows({ database: 'big', schema: null, name: 'table' }, abort.signal);
    const cancelled = assert.rejects(counting, { reason: 'cancelled' });
    await server.until(() => server.running('big.table') !== undefined);
    abort.abort();
    await cancelled;
    await server.until(() => server.running('big.table') === undefined);
    assert.ok((server.received.get('killSessions') ?? 0) > 0);
    assert.ok((await connection.listDatabases(never)).includes(test.database));
  });

  it('gives the server a time limit of its own', async function () {
    const server = test.scripted(this);
    const connection = await test.connect({ timeoutMs: 200 });
    server.endless.add('config.version').add('local.oplog.rs');
    await assert.rejects(connection.readWritePosition(null, { databases: [], objects: [] }, never), {
      reason: 'timed-out',
      code: '50',
    });
    server.endless.clear();
  });

  it('comes back by itself after its connections were dropped', async function () {
    const server = test.scripted(this);
    const connection = await test.connect();
    server.dropConnections();
    await connection.listDatabases(never).catch(() => undefined);
    assert.ok((await connection.listDatabases(never)).includes(test.database));
  });
});

describe('MongoDB: a replica set and the mongos of a sharded cluster', function () {
  this.timeout(60_000);
  const servers: MongoServer[] = [];
  const start = async (options: Parameters<typeof MongoServer.start>[0]) => {
    const server = await MongoServer.start({ users: [ROOT], ...options });
    servers.push(server);
    return server;
  };
  const connect = (...to: readonly MongoServer[]) =>
    mongodb.connect(
      { profile: profileOf(to, 'root'), password: ROOT.password, programName: PROGRAM, timeoutMs: 5_000 },
      never,
    );
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.stop()));
  });

  it('finds the primary of a replica set by its name', async () => {
    const server = await start({});
    const profile = { ...profileOf([server], 'root'), replicaSet: 'rs0', authSource: 'admin' };
    const connection = await mongodb.connect(
      { profile, password: ROOT.password, programName: PROGRAM, timeoutMs: 5_000 },
      never,
    );
    assert.match(connection.server.identity, /^replica set /);
    await connection.close();
  });

  it('talks to one node directly, and says that it is a secondary', async () => {
    const connection = await connect(await start({ secondary: true }));
    assert.equal(connection.server.readOnly, true);
    await connection.close();
  });

  it('lists the clients of every mongos, and what runs on the shards for others', async () => {
    const store = new Store();
    const [one, two] = [await start({ kind: 'mongos', store }), await start({ kind: 'mongos', store })];
    store.insert('config.mongos', [
      { _id: one.name, ping: new Date() },
      { _id: two.name, ping: new Date() },
    ]);
    const through = (mongos: string, opid: string) => ({
      shard: 'rs-a',
      host: 'shard:1',
      connectionId: opid.length,
      client_s: '10.0.0.5:1',
      active: true,
      opid,
      op: 'update',
      ns: 'shop.orders',
      clientMetadata: { mongos: { host: mongos, client: '10.0.0.9:1' } },
    });
    one.others.push(through(one.name, 'rs-a:1'), through('elsewhere:1', 'rs-a:22'));
    const connection = await connect(one, two);
    const { sessions } = await connection.listSessions(never);
    const hosts = new Set(sessions.map(({ id }) => id.split('/')[0]));
    assert.deepEqual([...hosts].sort(), [one.name, two.name, 'rs-a'].sort());
    const sharded = sessions.filter(({ id }) => id.startsWith('rs-a/'));
    assert.deepEqual(
      sharded.map(({ nature, state, host }) => [nature, state, host]),
      [['client', 'executing', '10.0.0.9']],
    );
    assert.equal((await connection.checkVisibility(never)).level, 'full');
    await connection.close();
  });

  it('is limited, and cannot tell of writes, while a mongos is not among its addresses', async () => {
    const one = await start({ kind: 'mongos' });
    one.store.insert('config.mongos', [
      { _id: one.name, ping: new Date() },
      { _id: 'other:27017', ping: new Date() },
      { _id: 'gone-long-ago:27017', ping: new Date(0) },
    ]);
    const connection = await connect(one);
    const visibility = await connection.checkVisibility(never);
    assert.equal(visibility.level, 'limited');
    assert.equal(visibility.level === 'limited' && visibility.missing.args?.['mongos'], 'other:27017');
    const watcher = new Watcher(connection);
    await watcher.read();
    assert.equal((await watcher.read()).foreign, 'unknown');
    await connection.close();
  });

  it('counts writes over all mongos, and is none while the counters rest', async () => {
    const store = new Store();
    const [one, two] = [await start({ kind: 'mongos', store }), await start({ kind: 'mongos', store })];
    store.insert(
      'config.mongos',
      [one, two].map(({ name }) => ({ _id: name, ping: new Date() })),
    );
    const connection = await connect(one, two);
    const watcher = new Watcher(connection);
    await watcher.read();
    assert.equal((await watcher.read()).foreign, 'none');
    two.received.set('insert', 1);
    const facts = await watcher.read();
    assert.equal(facts.foreign, 'written', JSON.stringify(facts));
    assert.deepEqual(foreignNames(facts), []);
    await connection.close();
  });

  it('fails with the name of the mongos that is down', async () => {
    const [one, two] = [await start({ kind: 'mongos' }), await start({ kind: 'mongos' })];
    await two.stop();
    await assert.rejects(connect(one, two), (error: Error) => error.message.includes(two.endpoint));
  });
});

describe('MongoDB: values as text', () => {
  it('keeps every digit and every type', () => {
    assert.equal(textOf({ a: 9007199254740993n, b: [1, 'x', null] }), '{"a":9007199254740993,"b":[1,"x",null]}');
    assert.equal(cellOf(Long.fromString('9223372036854775807')), '9223372036854775807');
    assert.equal(cellOf(new Timestamp({ t: 4_000_000_000, i: 7 })), 'Timestamp(4000000000, 7)');
    assert.equal(cellOf('plain'), 'plain');
    assert.equal(cellOf(null), null);
  });
});
