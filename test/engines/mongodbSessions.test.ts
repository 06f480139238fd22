import assert from 'node:assert/strict';
import { BSONRegExp, Long } from 'mongodb';
import type { SessionFacts } from '../../src/cutover/facts.ts';
import type { EngineConnection } from '../../src/engines/engine.ts';
import { never, PROGRAM, profileOf, TestServer } from '../support/mongodb.ts';
import { MongoServer, type User } from '../../sandbox/mongodb/server.ts';

const SHOP: User = { user: 'shop', password: 'sh0p', roles: ['readWriteAnyDatabase'] };
const MONITOR: User = { user: 'monitor', password: 'm0nitor', roles: ['clusterMonitor'] };
const ROOT: User = { user: 'root', password: 'r00t', roles: ['root'] };

const ofShop = (sessions: readonly SessionFacts[]) => sessions.filter(({ program }) => program === 'shop');

describe('MongoDB: sessions', function () {
  this.timeout(60_000);
  let test: TestServer;
  let connection: EngineConnection;

  before(async () => {
    test = await TestServer.start();
    await test.insert('orders', { note: 'first' });
    connection = await test.connect();
  });
  after(() => test?.stop());

  it('sees a connected pool that does nothing as idle clients', async () => {
    const client = await test.client();
    await client.db('admin').command({ ping: 1 });
    const idle = ofShop((await connection.listSessions(never)).sessions);
    assert.ok(idle.length > 0);
    for (const session of idle) {
      assert.equal(session.nature, 'client');
      assert.equal(session.state, 'idle', JSON.stringify(session));
      assert.notEqual(session.host, '');
      assert.notEqual(session.id, '');
    }
    await client.close();
  });

  it('keeps the id of a connection from sample to sample', async () => {
    const client = await test.client();
    await client.db('admin').command({ ping: 1 });
    const ids = async () =>
      ofShop((await connection.listSessions(never)).sessions)
        .map(({ id }) => id)
        .sort();
    assert.deepEqual(await ids(), await ids());
    await client.close();
  });

  it('knows every connection of its own, the driver’s monitors too', async () => {
    const { sessions } = await connection.listSessions(never);
    const ours = sessions.filter(({ program }) => program.startsWith(PROGRAM));
    assert.ok(ours.length >= 2);
    for (const session of ours) assert.equal(session.nature, 'self', JSON.stringify(session));
  });

  it('does not take a program for ours that only uses our name', async () => {
    const client = await test.client(undefined, { appName: PROGRAM });
    const { sessions } = await connection.listSessions(never);
    const liars = sessions.filter(({ program }) => program === PROGRAM);
    assert.ok(liars.length > 0);
    for (const session of liars) assert.equal(session.nature, 'client');
    await client.close();
  });

  it('names a session with an open transaction', async function () {
    await test.needsReplicaSet(this);
    const client = await test.client();
    const session = client.startSession();
    session.startTransaction();
    await client.db(test.database).collection('orders').insertOne({ note: 'open' }, { session });
    const { sessions } = await connection.listSessions(never);
    const open = sessions.filter(({ state }) => state === 'open transaction');
    assert.equal(open.length, 1, JSON.stringify(sessions));
    assert.equal(open[0]?.nature, 'client');
    assert.ok((open[0]?.stateAge ?? -1) >= 0);
    await session.abortTransaction();
    await session.endSession();
    await client.close();
  });

  it('gives the raw result of the runbook’s own query', async () => {
    const { raw } = await connection.listSessions(never);
    assert.match(raw.query, /currentOp/);
    for (const column of ['connectionId', 'client', 'active']) assert.ok(raw.columns.includes(column), column);
    assert.ok(raw.rows.length > 0 && raw.rows.every((row) => row.length === raw.columns.length));
  });

  it('sees everything as an administrator', async () => {
    assert.equal((await connection.checkVisibility(never)).level, 'full');
  });
});

describe('MongoDB: sessions, scripted', function () {
  this.timeout(60_000);
  let test: TestServer;
  let server: MongoServer;
  let connection: EngineConnection;

  beforeEach(async function () {
    test = await TestServer.start({ users: [ROOT, SHOP, MONITOR] });
    server = test.scripted(this.test?.ctx ?? assert.fail());
    connection = await test.connect();
  });
  afterEach(() => test.stop());

  it('shows what a client executes, with the statement', async () => {
    const client = await test.client(SHOP);
    server.endless.add('shop.orders');
    const counting = client.db('shop').collection('orders').countDocuments({ note: 'x' });
    const ended = assert.rejects(counting, { code: 11601 });
    await server.until(() => server.running('shop.orders') !== undefined);
    const { sessions } = await connection.listSessions(never);
    const running = ofShop(sessions).filter(({ state }) => state === 'executing');
    assert.equal(running.length, 1);
    assert.equal(running[0]?.account, 'shop');
    assert.equal(running[0]?.database, 'shop');
    assert.match(running[0]?.statement ?? '', /^\{"aggregate":"orders","pipeline":\[\{"\$match":\{"note":"x"\}\}/);
    await connection.terminateSession(running[0]?.id ?? '', never);
    await ended;
  });

  it('ends a transaction, and says that it cannot end a bare connection', async () => {
    const client = await test.client(SHOP);
    const session = client.startSession();
    session.startTransaction();
    await client.db('shop').collection('orders').insertOne({ note: 'open' }, { session });
    const listed = async () => ofShop((await connection.listSessions(never)).sessions);
    const open = (await listed()).find(({ state }) => state === 'open transaction');
    await connection.terminateSession(open?.id ?? '', never);
    await assert.rejects(session.commitTransaction(), { codeName: 'NoSuchTransaction' });
    const idle = (await listed()).find(({ state, account }) => state === 'idle' && account === 'shop');
    await assert.rejects(connection.terminateSession(idle?.id ?? '', never), { reason: 'unsupported' });
    await session.endSession().catch(() => undefined);
  });

  it('refuses to end its own connections, and the server’s threads', async () => {
    server.others.push({ type: 'op', host: 'h', desc: 'TTLMonitor', active: true, opid: 7, op: 'remove', ns: 'a.b' });
    const { sessions } = await connection.listSessions(never);
    const own = sessions.find(({ nature }) => nature === 'self');
    await assert.rejects(connection.terminateSession(own?.id ?? '', never), { reason: 'bad-input' });
    await assert.rejects(connection.terminateSession('TTLMonitor', never), { reason: 'bad-input' });
  });

  it('tells the right that is missing to end somebody’s operation', async () => {
    const client = await test.client(SHOP);
    server.endless.add('shop.orders');
    const counting = client.db('shop').collection('orders').countDocuments();
    counting.catch(() => undefined);
    await server.until(() => server.running('shop.orders') !== undefined);
    const monitor = await test.connect(test.as(MONITOR));
    const { sessions } = await monitor.listSessions(never);
    const running = ofShop(sessions).find(({ state }) => state === 'executing');
    await assert.rejects(monitor.terminateSession(running?.id ?? '', never), (error: Error) => {
      assert.ok('reason' in error && error.reason === 'insufficient-privilege', String(error));
      assert.match(JSON.stringify(error), /hostManager/);
      return true;
    });
  });

  it('a limited account sees itself only, is never full, and is told the grant', async () => {
    await test.client({ user: 'root', password: ROOT.password });
    const limited = await test.connect(test.as(SHOP));
    const { sessions, raw } = await limited.listSessions(never);
    assert.deepEqual([...new Set(sessions.map(({ account }) => account))], ['shop']);
    assert.match(raw.query, /\$ownOps/);
    const visibility = await limited.checkVisibility(never);
    assert.equal(visibility.level, 'limited');
    assert.equal(
      visibility.level === 'limited' && visibility.grant,
      'db.getSiblingDB("admin").grantRolesToUser("shop", [{role: "clusterMonitor", db: "admin"}])',
    );
  });

  it('clusterMonitor is enough to see everybody', async () => {
    const monitor = await test.connect(test.as(MONITOR));
    assert.equal((await monitor.checkVisibility(never)).level, 'full');
    const { sessions } = await monitor.listSessions(never);
    assert.ok(sessions.some(({ account }) => account === 'root'));
  });

  it('tells members, threads and monitors of drivers from clients', async () => {
    const metadata = { driver: { name: 'NetworkInterfaceTL', version: '7.0.5' } };
    server.others.push(
      {
        desc: 'conn900',
        connectionId: 900,
        client: '10.0.0.2:1',
        active: true,
        op: 'getmore',
        ns: 'local.oplog.rs',
        effectiveUsers: [{ user: '__system', db: 'local' }],
      },
      { desc: 'conn901', connectionId: 901, client: '10.0.0.2:2', active: false, clientMetadata: metadata },
      {
        desc: 'conn902',
        connectionId: 902,
        client: '10.0.0.9:3',
        active: true,
        ns: 'shop.orders',
        op: 'update',
        clientMetadata: { ...metadata, mongos: { host: 'm:1', client: '10.1.1.1:7' } },
      },
      {
        desc: 'conn903',
        connectionId: 903,
        client: '10.0.0.9:4',
        active: true,
        op: 'command',
        command: { hello: 1, maxAwaitTimeMS: 10_000, $db: 'admin' },
      },
      { desc: 'ReplWriterWorker-0', active: true, op: 'none' },
      { desc: 'Checkpointer', active: true, op: 'none' },
      { desc: 'conn904', connectionId: Long.fromString('9007199254740993'), client: '10.0.0.9:5', active: 'odd' },
    );
    const { sessions } = await connection.listSessions(never);
    const facts = new Map(sessions.map(({ id, nature, state, host }) => [id, [nature, state, host]]));
    assert.deepEqual(facts.get('900'), ['replication', 'background', '10.0.0.2']);
    assert.deepEqual(facts.get('901'), ['replication', 'background', '10.0.0.2']);
    assert.deepEqual(facts.get('902'), ['client', 'executing', '10.1.1.1']);
    assert.deepEqual(facts.get('903'), ['client', 'idle', '10.0.0.9']);
    assert.deepEqual(facts.get('ReplWriterWorker-0'), ['replication', 'background', '']);
    assert.deepEqual(facts.get('Checkpointer'), ['system', 'background', '']);
    assert.deepEqual(facts.get('9007199254740993'), ['client', 'unknown', '10.0.0.9']);
  });

  it('takes a driver’s connections without a login for those of the one account that logs in beside them', async () => {
    const dts = { driver: { name: 'mongo-go-driver', version: '1.12' }, application: { name: 'sync' } };
    const shared = { driver: { name: 'nodejs', version: '7' } };
    const watching = { active: true, op: 'command', command: { hello: 1, maxAwaitTimeMS: 10_000, $db: 'admin' } };
    const as = (user: string) => ({ active: false, effectiveUsers: [{ user, db: 'admin' }] });
    server.others.push(
      { connectionId: 801, client: '10.0.0.2:1', clientMetadata: dts, ...as('dts') },
      { connectionId: 802, client: '10.0.0.2:2', clientMetadata: dts, ...watching },
      { connectionId: 803, client: '10.0.0.2:3', clientMetadata: dts, active: false },
      { connectionId: 804, client: '10.0.0.3:4', clientMetadata: dts, ...watching },
      { connectionId: 805, client: '10.0.0.2:5', clientMetadata: dts, active: true, command: { saslStart: 1 } },
      { connectionId: 811, client: '10.0.0.4:1', clientMetadata: shared, ...as('shop') },
      { connectionId: 812, client: '10.0.0.4:2', clientMetadata: shared, ...as('dts') },
      { connectionId: 813, client: '10.0.0.4:3', clientMetadata: shared, ...watching },
    );
    const { sessions } = await connection.listSessions(never);
    const accounts = new Map(sessions.map(({ id, account, nature }) => [id, [account, nature]]));
    assert.deepEqual(accounts.get('802'), ['dts', 'client'], 'watches the server');
    assert.deepEqual(accounts.get('803'), ['dts', 'client'], 'measures the way to it');
    assert.deepEqual(accounts.get('804'), ['', 'client'], 'stands elsewhere');
    assert.deepEqual(accounts.get('805'), ['', 'client'], 'may become anybody');
    assert.deepEqual(accounts.get('813'), ['', 'client'], 'could belong to either');
  });

  it('shows statements with patterns that only the server knows', async () => {
    const command = { find: 'orders', filter: { note: new BSONRegExp('(?i)first', 'x') }, $db: 'shop' };
    const client = '10.0.0.5:1';
    server.others.push({ connectionId: 821, client, active: true, op: 'query', ns: 'shop.orders', command });
    const { sessions } = await connection.listSessions(never);
    assert.match(sessions.find(({ id }) => id === '821')?.statement ?? '', /\(\?i\)first/);
  });

  it('shows neither passwords nor login messages, also in the raw result', async () => {
    const secret = 'planted-S3cret!42';
    server.others.push(
      {
        desc: 'conn1',
        connectionId: 801,
        client: 'c:1',
        active: true,
        command: { saslContinue: 1, conversationId: 1, payload: secret },
      },
      { desc: 'conn2', connectionId: 802, client: 'c:2', active: true, command: { createUser: 'x', pwd: secret } },
      {
        desc: 'conn3',
        connectionId: 803,
        client: 'c:3',
        active: true,
        command: { hello: 1, speculativeAuthenticate: { saslStart: 1, payload: secret } },
      },
      {
        desc: 'conn4',
        connectionId: 804,
        client: 'c:4',
        active: true,
        command: { $truncated: `{ createUser: "x", pwd: "${secret}"` },
      },
    );
    const list = await connection.listSessions(never);
    assert.ok(!JSON.stringify(list).includes(secret));
    assert.match(list.sessions.find(({ id }) => id === '802')?.statement ?? '', /"createUser":"x","pwd":"\(hidden\)"/);
  });

  it('cuts long statements', async () => {
    server.others.push({ connectionId: 801, client: 'c:1', active: true, command: { find: 'x'.repeat(5_000) } });
    const { sessions } = await connection.listSessions(never);
    assert.equal(sessions.find(({ id }) => id === '801')?.statement.length, 2_000);
  });

  it('names prepared transactions as writers to come', async () => {
    assert.deepEqual(await connection.listPendingWriters(never), []);
    const transaction = { parameters: { txnNumber: 1 }, timeOpenMicros: 9e6, timePreparedMicros: 5e6 };
    server.others.push({ type: 'idleSession', lsid: { id: 'abc' }, active: false, transaction });
    assert.deepEqual(await connection.listPendingWriters(never), [
      { kind: 'prepared transaction', name: 'session "abc"', detail: 'prepared 5 s ago', blocks: true },
    ]);
  });
});

describe('MongoDB: servers that know less', function () {
  this.timeout(60_000);

  it('takes a plain truth value where the runbook’s literal is refused', async () => {
    const test = await TestServer.start({ strictCurrentOp: true });
    const { raw } = await (await test.connect()).listSessions(never);
    assert.equal(raw.query, 'db.adminCommand({currentOp: true, $all: true})');
    assert.ok(raw.rows.length > 0);
    await test.stop();
  });

  it('reads the command where there is no $currentOp', async () => {
    const test = await TestServer.start({ withoutCurrentOpStage: true });
    const client = await test.client();
    await client.db('admin').command({ ping: 1 });
    const { sessions, raw } = await (await test.connect()).listSessions(never);
    assert.equal(raw.query, 'db.adminCommand({currentOp: 1, $all: [{active: true}]})');
    assert.ok(ofShop(sessions).length > 0);
    await test.stop();
  });

  it('a server without logins shows everything', async () => {
    const test = await TestServer.start({ kind: 'standalone', users: [] });
    const connection = await test.connect();
    assert.equal((await connection.checkVisibility(never)).level, 'full');
    assert.equal(connection.server.account, '');
    await test.stop();
  });

  it('a server with logins shows nothing to who has none', async () => {
    const own = await MongoServer.start({ users: [ROOT] });
    const test = await TestServer.start({ users: [] });
    await assert.rejects(test.connect({ profile: profileOf([own], '') }), { reason: 'authentication-failed' });
    await Promise.all([own.stop(), test.stop()]);
  });
});
