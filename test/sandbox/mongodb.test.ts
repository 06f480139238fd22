import assert from 'node:assert/strict';
import { MongoClient } from 'mongodb';
import { SHOP_DATABASE } from '../../sandbox/business/schema.ts';
import type { Business } from '../../sandbox/business/shop.ts';
import type { Migration } from '../../sandbox/migration/migration.ts';
import { Follower } from '../../sandbox/migration/mongodb/follower.ts';
import type { MongodbMover } from '../../sandbox/migration/mongodb/mover.ts';
import { startMongodbStage } from '../../sandbox/migration/mongodb/stage.ts';
import type { Stage } from '../../sandbox/migration/stage.ts';
import type { Mongod } from '../../sandbox/mongod.ts';
import { MongoServer } from '../../sandbox/mongodb/server.ts';
import { classifySession } from '../../src/cutover/classify.ts';
import type { SessionFacts } from '../../src/cutover/facts.ts';
import { DTS_FOOTPRINT, type EngineConnection } from '../../src/engines/engine.ts';
import { mongodb } from '../../src/engines/mongodb/index.ts';
import { until } from './support.ts';

const never = new AbortController().signal;

describe('the sandbox migrates between two MongoDB servers', function () {
  this.timeout(60_000);
  let stage: Stage<Mongod, MongodbMover> | undefined;
  let source: Mongod;
  let target: Mongod;
  let business: Business;
  let migration: Migration;
  const caughtUp = () => until(() => migration.gapMb() === 0 && migration.lagSeconds() === 0);

  before(async () => {
    stage = await startMongodbStage({
      jobId: 'dts-test0003',
      orders: 2_000,
      ordersPerSecond: 40,
      backgroundEveryMs: 200,
    });
    ({ source, target, business, migration } = stage);
  });

  after(() => stage?.stop());

  it('copies collections, indexes, views and documents while the business writes, then follows', async () => {
    await migration.start();
    assert.equal(migration.gapMb(), null, 'nothing is measured during the copy');
    await until(() => migration.phase !== 'full');
    assert.equal(migration.phase, 'incremental', migration.error?.message);
    const made = await structure(source);
    assert.notDeepEqual(await structure(target), made);
    const unique = (one: string) => /"unique":true/.test(one);
    assert.deepEqual((await structure(target)).filter(unique).length, made.filter(unique).length);
    assert.doesNotMatch((await structure(target)).join(), /orders_by_account/, 'further indexes come at the end');
    assert.deepEqual(
      made.map((one) => one.split(' ')[0]),
      ['accounts', 'daily_sales', 'order_items', 'orders', 'stock_checks'],
    );
    await caughtUp();
    const before = await count(target, 'orders');
    await until(async () => (await count(target, 'orders')) > before);
  });

  it('shows in the source as DTS does: it reads the oplog, is classified as its own, and writes a heartbeat', async () => {
    const connection = await observe(source);
    try {
      assert.equal((await connection.checkVisibility(never)).level, 'full');
      const listed = async () => (await connection.listSessions(never)).sessions.map(classified);
      const follows = (one: SessionFacts) => one.state === 'executing' && one.statement.includes('"oplog.rs"');
      await until(async () => (await listed()).some((one) => follows(one) && one.class === 'dts'));
      // the driver's own monitors too, which never log in
      const sessions = await listed();
      const ofDts = sessions.filter(({ program }) => program === 'dts-sandbox');
      assert.deepEqual([...new Set(ofDts.map((one) => one.class))], ['dts']);
      const ofShop = sessions.filter(({ program }) => program === 'shop');
      assert.deepEqual([...new Set(ofShop.map((one) => `${one.account} ${one.class}`))], ['shop_app business']);
      const { token } = await connection.readWritePosition(null, DTS_FOOTPRINT.mongodb, never);
      await until(async () => {
        const { written } = await connection.readWritePosition(token, DTS_FOOTPRINT.mongodb, never);
        return written.some(({ name, byDts }) => name === 'TencentDTSData.heartbeat' && byDts);
      });
    } finally {
      await connection.close();
    }
    const first = await beat(target);
    await until(async () => (await beat(target)) !== first);
  });

  it('shows the account without rights its own sessions only, and lets it read the shop', async () => {
    const connection = await observe(source, 'limited');
    try {
      assert.equal((await connection.checkVisibility(never)).level, 'limited');
      const { sessions } = await connection.listSessions(never);
      assert.deepEqual([...new Set(sessions.map(({ account }) => account))], ['limited']);
      assert.deepEqual(await connection.listDatabases(never), [SHOP_DATABASE]);
      const orders = { database: SHOP_DATABASE, schema: null, name: 'orders' };
      assert.ok((await connection.countRows(orders, never)) >= 2_000);
    } finally {
      await connection.close();
    }
  });

  it('measures gap and lag: they grow while nothing is applied and go back to zero', async () => {
    await migration.faults.stall(true);
    await business.reprice(4_000);
    await until(() => (migration.lagSeconds() ?? 0) >= 2 && (migration.gapMb() ?? 0) >= 1);
    await migration.faults.stall(false);
    await caughtUp();
  });

  it('is slow on request', async () => {
    stage?.mover.slow(150);
    await until(() => (migration.lagSeconds() ?? 0) >= 2);
    stage?.mover.slow(null);
    await caughtUp();
  });

  it('measures nothing while a server is away, and goes on by itself, after a crash too', async () => {
    await target.halt();
    await until(() => migration.gapMb() === null && migration.lagSeconds() === null);
    await target.restart();
    await source.restart('immediate');
    await caughtUp();
    assert.equal(migration.phase, 'incremental', migration.error?.message);
  });

  it('knows what became of every order when the source is killed under load', async () => {
    const before = business.ledger.size;
    await source.restart('immediate');
    await until(() => business.ledger.size > before + 20);
    await source.restart('immediate');
    await business.pause();
    await check(source);
    await business.resume({ to: 'source' });
  });

  it('is the same server after a crash, and whoever watches it is told of the restart', async () => {
    const connection = await observe(source);
    try {
      const position = (since: string | null) =>
        connection.readWritePosition(since, DTS_FOOTPRINT.mongodb, never).catch(() => null);
      const { token } = (await position(null)) ?? {};
      await source.restart('immediate');
      let after = await position(token ?? null);
      await until(async () => (after ??= await position(token ?? null)) !== null);
      assert.equal(after?.foreign, 'unknown');
      assert.match(after?.why.text ?? '', /has restarted/);
      assert.notEqual((await position(after?.token ?? null))?.foreign, 'unknown');
    } finally {
      await connection.close();
    }
  });

  it('pauses and fails on request, and resumes', async () => {
    const stands = async () => {
      const before = await count(target, 'orders');
      await until(async () => (await count(source, 'orders')) > before + 10);
      return (await count(target, 'orders')) === before;
    };
    await migration.pause();
    assert.ok(await stands());
    await migration.resume();
    await caughtUp();
    await migration.faults.fail('The target is full.');
    assert.equal(migration.phase, 'failed');
    assert.equal(migration.error?.message, 'The target is full.');
    assert.ok(await stands());
    await migration.resume();
    assert.equal(migration.phase, 'incremental');
    assert.equal(migration.error, null);
    await caughtUp();
  });

  it('fails with the server’s own words when a change cannot be applied, and resumes when it can', async () => {
    const reference = 'taken already';
    await run(target, { insert: 'orders', documents: [{ _id: 'other', reference }] });
    await run(source, { insert: 'orders', documents: [{ _id: 'mine', reference }] });
    await until(() => migration.phase === 'failed');
    assert.match(migration.error?.message ?? '', /E11000 duplicate key error .*reference_1.*taken already/);
    for (const server of [target, source]) {
      await run(server, { delete: 'orders', deletes: [{ q: { reference }, limit: 0 }] });
    }
    await migration.resume();
    await caughtUp();
    assert.equal(migration.phase, 'incremental');
  });

  it('follows new collections and indexes', async () => {
    await run(source, { create: 'returns' });
    await run(source, { createIndexes: 'returns', indexes: [{ key: { order_id: 1 }, name: 'by_order' }] });
    await until(async () => (await structure(target)).some((one) => one.startsWith('returns') && /by_order/.test(one)));
    await run(source, { drop: 'returns' });
    await until(async () => !(await structure(target)).some((one) => one.startsWith('returns')));
  });

  it('compares both sides while the business writes', async () => {
    const { tables } = await migration.compare({ tables: null, method: 'dataCheck' }, () => undefined, never);
    assert.deepEqual(
      tables.map((table) => [table.source.table, table.conclusion]),
      ['accounts', 'order_items', 'orders', 'stock_checks'].map((name) => [name, 'same']),
    );
  });

  it('has every committed order on the target once the business is paused and the target has caught up', async () => {
    await business.pause({ keepPool: true });
    assert.ok((await sessionsOf(source, 'shop_app')) >= 4, 'the pool is still connected');
    await business.closePool();
    await until(async () => (await sessionsOf(source, 'shop_app', 'shop_batch')) === 0);
    assert.ok(business.ledger.size > 2_050, 'the business did write');
    await check(source);
    const paused = Date.now();
    // by then a heartbeat that is younger than the last order has been looked for on the target
    await until(() => (migration.measured?.at ?? 0) > paused + 1_500);
    await caughtUp();
    await check(target);
  });

  it('loses documents on request; counts, comparison and the ledger find them', async () => {
    assert.equal(await migration.faults.loseRows('stock_checks', 3), 3);
    assert.equal(await count(target, 'stock_checks'), (await count(source, 'stock_checks')) - 3);
    const { missing } = await ledgerOn(target);
    assert.equal(missing.length, 3);
    for (const method of ['rowsCount', 'dataCheck'] as const) {
      const { tables } = await migration.compare({ tables: null, method }, () => undefined, never);
      const [different, ...others] = tables.filter((table) => table.conclusion !== 'same');
      assert.deepEqual([different?.source.table, others], ['stock_checks', []]);
      if (method === 'rowsCount') continue;
      assert.deepEqual(
        different?.differences.map(({ identifier, kind }) => [identifier, kind]).sort(),
        missing.map(({ id }) => [`_id={"$oid":"${id}"}`, 'dstLack']).sort(),
      );
      assert.deepEqual(different?.differences[0]?.columns, ['_id', 'checked_at', 'counted', 'reference', 'warehouse']);
    }
  });

  it('completes: nothing is left behind, and the business goes on', async () => {
    await migration.complete();
    assert.deepEqual(await structure(target), await structure(source));
    assert.equal(migration.phase, 'finished');
    assert.equal(migration.lagSeconds(), null);
    for (const server of [source, target]) await until(async () => (await sessionsOf(server, 'dts_migrator')) === 0);
    const [databases] = await run(target, { listDatabases: 1 }, 'admin');
    assert.ok(!JSON.stringify(databases).includes('TencentDTSData'));
    const before = await count(source, 'orders');
    await business.resume({ to: 'target' });
    await until(async () => (await count(target, 'orders')) > before + 5);
    await business.pause();
    assert.equal(await count(source, 'orders'), before, 'the source is left alone');
    assert.equal((await ledgerOn(target)).missing.length, 3, 'the three that were lost, and no more');
  });

  async function ledgerOn(server: Mongod) {
    const session = await server.connect({ database: SHOP_DATABASE });
    return business.ledger.check(session).finally(() => session.end());
  }

  async function check(server: Mongod): Promise<void> {
    const result = await ledgerOn(server);
    assert.ok(result.complete, JSON.stringify(result));
  }

  function observe({ host, port }: Mongod, account: 'observer' | 'limited' = 'observer'): Promise<EngineConnection> {
    assert.ok(stage);
    const { user, password } = stage.accounts[account];
    const common = {
      id: 'x',
      engine: 'mongodb',
      database: SHOP_DATABASE,
      authSource: 'admin',
      tls: { mode: 'off' },
    } as const;
    const profile = { ...common, nodes: [{ host, port }], user };
    return mongodb.connect({ profile, password, programName: 'test', timeoutMs: 10_000 }, never);
  }

  async function sessionsOf(server: Mongod, ...accounts: string[]): Promise<number> {
    const connection = await observe(server);
    const { sessions } = await connection.listSessions(never).finally(() => connection.close());
    return sessions.filter(({ account }) => accounts.includes(account)).length;
  }
});

function classified(session: SessionFacts) {
  return classifySession(session, [], { accounts: ['dts_migrator'] });
}

async function run(server: Mongod, command: object, database: string = SHOP_DATABASE) {
  const session = await server.connect({ database });
  return (await session.query(JSON.stringify(command)).finally(() => session.end())).rows;
}

async function count(server: Mongod, collection: string): Promise<number> {
  const [row] = await run(server, { count: collection });
  return Number(row?.['n']);
}

async function beat(server: Mongod): Promise<string> {
  const [row] = await run(server, { find: 'heartbeat', filter: {} }, 'TencentDTSData');
  assert.ok(row);
  return String(row['beat']);
}

/** Collections and views with their options and indexes, by name. */
async function structure(server: Mongod): Promise<string[]> {
  const client = await server.client();
  try {
    const shop = client.db(SHOP_DATABASE);
    const made: string[] = [];
    for (const { name, type, ...rest } of await shop.listCollections({}, { nameOnly: false }).toArray()) {
      const indexes = type === 'view' ? [] : await shop.collection(name).listIndexes().toArray();
      const options = 'options' in rest ? rest.options : null;
      made.push(`${name} ${JSON.stringify({ type, options, indexes })}`);
    }
    return made.sort();
  } finally {
    await client.close();
  }
}

describe('following an oplog', () => {
  it('gives up, and never goes on behind a hole, when the oplog no longer holds what comes next', async () => {
    const server = await MongoServer.start();
    const client = await new MongoClient(`mongodb://${server.endpoint}/`, { directConnection: true }).connect();
    const orders = client.db('shop').collection<{ _id: number }>('orders');
    await orders.insertOne({ _id: 1 });
    const from = server.store.oplog.at(-1)?.ts;
    assert.ok(from);
    await orders.insertOne({ _id: 2 });
    await orders.insertOne({ _id: 3 });
    server.store.oplog.splice(0, server.store.oplog.length - 1);
    const follower = new Follower(client, client, () => true, from);
    await until(() => follower.broken !== null);
    assert.match(follower.broken ?? '', /no longer holds/);
    follower.apply(true);
    assert.match(follower.broken ?? '', /no longer holds/, 'resuming brings nothing back');
    assert.ok(follower.applied.equals(from));
    await follower.stop();
    await client.close();
    await server.stop();
  });
});
