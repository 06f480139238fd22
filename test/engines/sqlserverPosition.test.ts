import assert from 'node:assert/strict';
import { footprintOf } from '../../src/engines/engine.ts';
import type { PositionFacts } from '../../src/cutover/facts.ts';
import type { DtsFootprint, EngineConnection } from '../../src/engines/engine.ts';
import {
  changesBetween,
  discontinuity,
  EXPLAINED_WITHIN_MS,
  judge,
  positionOf,
  type Position,
} from '../../src/engines/sqlserver/positionJudge.ts';
import type { DatabaseSample, Sample } from '../../src/engines/sqlserver/positionSample.ts';
import { isFailure } from '../../src/util/failure.ts';
import { say } from '../../src/util/sentence.ts';
import { DTS, never, TestServer } from '../support/sqlserver.ts';

describe('SQL Server: who has written since the last reading', () => {
  let server: TestServer;
  let connection: EngineConnection;
  let token: string;

  beforeEach(async () => {
    server = await TestServer.start();
    for (const name of ['shop', 'stock', '__tencentdb__']) server.model.addDatabase(name);
    server.model.addTable('shop', 'orders', 'dbo', 3);
    server.model.addTable('shop', 'heartbeat', 'dts');
    server.model.addTable('stock', 'items', 'wh');
    server.model.addTable('__tencentdb__', 'beat');
    server.model.write('shop', 'dbo.orders');
    connection = await server.connect();
    ({ token } = await connection.readWritePosition(null, DTS, never));
  });
  afterEach(() => server.stop());

  async function read(dts: DtsFootprint = DTS): Promise<PositionFacts> {
    const facts = await connection.readWritePosition(token, dts, never);
    token = facts.token;
    return facts;
  }
  const foreignNames = ({ written }: PositionFacts) => written.filter(({ byDts }) => !byDts).map(({ name }) => name);

  it('cannot tell at the first reading, and sees an idle server rest at the second', async () => {
    const first = await connection.readWritePosition(null, DTS, never);
    assert.equal(first.foreign, 'unknown');
    assert.equal(first.sinceDisplay, null);
    const second = await connection.readWritePosition(first.token, DTS, never);
    assert.equal(second.foreign, 'none', say(second.why));
    assert.equal(second.sinceDisplay, first.display);
    assert.deepEqual(second.written, []);
  });

  it('catches a writer that came, wrote one row and left, and names the table', async () => {
    const { spid } = server.model.addSession({});
    server.model.write('shop', 'dbo.orders');
    server.model.sessions.delete(spid);
    const facts = await read();
    assert.equal(facts.foreign, 'written');
    assert.deepEqual(facts.written, [{ name: 'shop.dbo.orders', count: 1, byDts: false }]);
    assert.ok(say(facts.why).includes('shop.dbo.orders'));
    assert.equal((await read()).foreign, 'none');
  });

  it('looks into every database of the server', async () => {
    server.model.write('stock', 'wh.items', 4);
    server.model.write('shop', 'dbo.orders', 2);
    const facts = await read();
    assert.deepEqual(facts.written, [
      { name: 'shop.dbo.orders', count: 2, byDts: false },
      { name: 'stock.wh.items', count: 4, byDts: false },
    ]);
  });

  it('tells writes to a table that the rule of the user sets aside, and sees a foreign one among them', async () => {
    const aside = { ...DTS, heartbeats: footprintOf('sqlserver', [['dts', 'heartbeat']]).heartbeats };
    server.model.write('shop', 'dts.heartbeat');
    const beats = await read(aside);
    assert.deepEqual(beats.written, [{ name: 'shop.dts.heartbeat', count: 1, byDts: true, heartbeat: true }]);
    assert.deepEqual([beats.foreign, beats.why.args?.['tables']], ['none', 'shop.dts.heartbeat']);
    server.model.write('shop', 'dts.heartbeat');
    server.model.write('shop', 'dbo.orders');
    const both = await read(aside);
    assert.deepEqual([both.foreign, foreignNames(both)], ['written', ['shop.dbo.orders']]);
  });

  it('takes the database of DTS for what it is', async () => {
    server.model.write('__tencentdb__', 'dbo.beat', 3);
    const facts = await read();
    assert.equal(facts.foreign, 'none', say(facts.why));
    assert.deepEqual(facts.written, [{ name: '__tencentdb__', count: 3, byDts: true }]);
  });

  it('lets DTS make its database in the middle of a watch, and nobody else', async () => {
    server.model.databases.delete('__tencentdb__');
    await read();
    server.model.addDatabase('__tencentdb__');
    assert.equal((await read()).foreign, 'none');
    server.model.addDatabase('archive');
    const facts = await read();
    assert.equal(facts.foreign, 'unknown');
    assert.ok(say(facts.why).includes('archive'));
  });

  it('takes single tables of DTS for what they are, and finds the foreign row between them', async () => {
    const dts = { databases: [], objects: [{ database: 'shop', schema: 'dts', name: 'heartbeat' }] };
    server.model.write('shop', 'dts.heartbeat', 2);
    const own = await read(dts);
    assert.equal(own.foreign, 'none', say(own.why));
    assert.deepEqual(own.written, [{ name: 'shop.dts.heartbeat', count: 2, byDts: true }]);
    server.model.write('shop', 'dts.heartbeat', 2);
    server.model.write('shop', 'dbo.orders');
    const both = await read(dts);
    assert.equal(both.foreign, 'written');
    assert.deepEqual(foreignNames(both), ['shop.dbo.orders']);
    server.model.write('shop', 'dts.heartbeat', 2);
    server.model.commit('shop', 1); // emptied by TRUNCATE
    assert.equal((await read(dts)).foreign, 'pending');
  });

  it('does not take a checkpoint for a write', async () => {
    server.model.checkpoint('shop');
    const facts = await read();
    assert.equal(facts.foreign, 'none', say(facts.why));
    assert.notEqual(facts.display, facts.sinceDisplay);
  });

  it('does not take the log of memory-optimised tables for a checkpoint', async () => {
    server.model.database('shop').memoryOptimisedKb = 64n;
    await read();
    server.model.checkpoint('shop');
    assert.equal((await read()).foreign, 'pending');
  });

  it('never calls quiet what no table counter sees: TRUNCATE, DDL, switched partitions', async () => {
    server.model.commit('shop');
    const first = await read();
    assert.equal(first.foreign, 'pending');
    assert.ok(say(first.why).includes('shop'));
    const later = ageOf(token);
    const facts = await connection.readWritePosition(later, DTS, never);
    assert.equal(facts.foreign, 'unknown');
    assert.ok(say(facts.why).includes('shop'));
    token = facts.token;
    assert.equal((await read()).foreign, 'none');
  });

  it('names the table when its counter comes after the log', async () => {
    server.model.commit('shop');
    assert.equal((await read()).foreign, 'pending');
    const orders = server.model.database('shop').tables.get('dbo.orders') ?? assert.fail();
    orders.updates = orders.updates.map((count) => count + 1n);
    assert.deepEqual(foreignNames(await read()), ['shop.dbo.orders']);
    assert.equal((await read()).foreign, 'none');
  });

  it('cannot tell when counters begin anew without a restart: a table dropped, an index rebuilt', async () => {
    const orders = server.model.database('shop').tables.get('dbo.orders') ?? assert.fail();
    orders.updates = [0n, 0n, 0n];
    const facts = await read();
    assert.equal(facts.foreign, 'unknown');
    assert.ok(say(facts.why).includes('shop'));
    server.model.write('shop', 'dbo.orders');
    await read();
    server.model.database('shop').tables.delete('dbo.orders');
    assert.equal((await read()).foreign, 'unknown');
  });

  it('names a table it may not know by its number', async () => {
    const orders = server.model.database('shop').tables.get('dbo.orders') ?? assert.fail();
    server.model.write('shop', 'dbo.orders');
    server.model.intercept = (sql) =>
      sql.includes('OBJECT_NAME')
        ? {
            table: {
              columns: ['database_id', 'object_id', 'schema_name', 'object_name'].map((name) => ({
                name,
                type: 'nvarchar' as const,
              })),
              rows: [['5', String(orders.objectId), null, null]],
            },
          }
        : null;
    assert.deepEqual(foreignNames(await read()), [`shop, object ${orders.objectId}`]);
  });

  it('leaves out what change data capture writes down after others', async () => {
    server.model.database('shop').cdc = true;
    server.model.addTable('shop', 'dbo_orders_CT', 'cdc');
    await read();
    server.model.write('shop', 'cdc.dbo_orders_CT');
    const facts = await read();
    assert.equal(facts.foreign, 'none', say(facts.why));
    server.model.database('shop').cdc = false;
    server.model.write('shop', 'cdc.dbo_orders_CT');
    assert.deepEqual(foreignNames(await read()), ['shop.cdc.dbo_orders_CT']);
  });

  it('still tells the database when the earlier counters are no longer at hand', async () => {
    server.model.write('stock', 'wh.items', 2);
    const other = await server.connect();
    const facts = await other.readWritePosition(token, DTS, never);
    assert.equal(facts.foreign, 'written');
    assert.deepEqual(facts.written, [{ name: 'stock', count: 2, byDts: false }]);
    const quiet = await other.readWritePosition(facts.token, DTS, never);
    assert.equal(quiet.foreign, 'none');
  });

  it('does not trust a database that drops its counters when nobody uses it', async () => {
    server.model.database('stock').autoClose = true;
    const closing = await read();
    assert.equal(closing.foreign, 'unknown');
    assert.ok(say(closing.why).includes('stock') && say(closing.why).includes('AUTO_CLOSE'));
    server.model.database('stock').autoClose = false;
    await read();
    assert.equal((await read()).foreign, 'none');
  });

  it('takes a token it cannot read for none: the reading is a first one', async () => {
    for (const other of ['{"v":1}', '{"v":2}', 'gibberish', '']) {
      const facts = await connection.readWritePosition(other, DTS, never);
      assert.deepEqual([facts.foreign, facts.sinceDisplay], ['unknown', null], other);
    }
  });

  it('cannot tell across a restart, and recovers with the next reading', async () => {
    server.model.write('shop', 'dbo.orders', 7);
    await read();
    await server.restart();
    const facts = await untilAnswered();
    assert.equal(facts.foreign, 'unknown');
    assert.equal(say(facts.why), 'The server has restarted since the last reading.');
    assert.equal((await read()).foreign, 'none');
    assert.notEqual((await connection.readServer(never)).startedAt, connection.server.startedAt);
    server.model.write('shop', 'dbo.orders');
    assert.deepEqual(foreignNames(await read()), ['shop.dbo.orders']);
  });

  /** The first statement after the restart may find its socket dead. */
  async function untilAnswered(): Promise<PositionFacts> {
    try {
      return await read();
    } catch (error) {
      assert.ok(isFailure(error) && error.reason === 'connection-lost', String(error));
      return read();
    }
  }

  /** The token as if what is unexplained in it were so for long. */
  function ageOf(text: string): string {
    return text.replace(/"since":(\d+)/, (_, since: string) => `"since":${Number(since) - EXPLAINED_WITHIN_MS}`);
  }
});

describe('SQL Server: judging two samples', () => {
  const base: DatabaseSample = {
    id: '5',
    name: 'shop',
    logBytes: 100n,
    commits: 10n,
    memoryOptimised: false,
    cdc: false,
    tables: new Map([['300', { total: 4n, statements: 2n }]]),
  };
  const sample = (change: Partial<DatabaseSample> = {}): Sample => ({
    at: 1_000,
    server: 'S',
    started: '2026-01-01 00:00:00.000',
    databases: new Map([['shop', { ...base, ...change }]]),
    blind: [],
    counting: true,
  });
  const before: Position = positionOf(sample(), null);
  const names = new Map([['5.300', { schema: 'dbo', name: 'orders' }]]);
  const verdict = (now: Sample, earlier: Sample | null = sample(), dts: DtsFootprint = DTS) =>
    judge(changesBetween(before, earlier, now), names, dts, before, now.at);

  it('says why two samples cannot be compared', () => {
    const now = sample();
    const why = (changed: Partial<Sample>, from: Position | null = before) => {
      const found = discontinuity(from, { ...now, ...changed }, DTS);
      return found && say(found);
    };
    const blind = (name: string, reason: Sample['blind'][number]['why']) => why({ blind: [{ name, why: reason }] });
    assert.equal(why({}), null);
    assert.match(why({ counting: false }) ?? '', /no performance counters/);
    assert.match(blind('shop', 'hidden') ?? '', /shop.*VIEW ANY DATABASE/);
    assert.match(blind('shop', 'not counted') ?? '', /no counters of the database shop/);
    assert.equal(blind('__tencentdb__', 'auto close'), null);
    assert.match(why({}, null) ?? '', /first reading/);
    assert.match(why({ server: 'other' }) ?? '', /another server/);
    assert.match(why({ started: '2026-01-02 00:00:00.000' }) ?? '', /restarted/);
    assert.match(why({ databases: new Map() }) ?? '', /shop came, went/);
    // dropped and made again, or restored
    assert.match(why({ databases: new Map([['shop', { ...base, id: '6' }]]) }) ?? '', /shop came, went/);
  });

  it('keeps counters beyond 2^53 exact', () => {
    const many = 9_007_199_254_740_993n;
    const then = sample({ logBytes: many, tables: new Map([['300', { total: many, statements: many }]]) });
    const position = positionOf(then, null);
    const now = sample({ logBytes: many, tables: new Map([['300', { total: many + 1n, statements: many + 1n }]]) });
    const result = judge(changesBetween(position, then, now), names, DTS, position, 0);
    assert.deepEqual(result.written, [{ name: 'shop.dbo.orders', count: 1, byDts: false }]);
  });

  it('sees a change even where the index touched most is another one', () => {
    const result = verdict(sample({ tables: new Map([['300', { total: 5n, statements: 2n }]]) }));
    assert.deepEqual(result.written, [{ name: 'shop.dbo.orders', count: 1, byDts: false }]);
  });

  it('takes a table counter that moved without the log for a write: delayed durability', () => {
    assert.equal(verdict(sample({ tables: new Map([['300', { total: 6n, statements: 3n }]]) })).foreign, 'written');
  });

  it('does not take a moved log for a checkpoint where commits are not counted', () => {
    assert.equal(verdict(sample({ logBytes: 200n, commits: null })).foreign, 'pending');
    assert.equal(verdict(sample({ logBytes: 200n })).foreign, 'none');
  });

  it('does not take counters that went back for quiet', () => {
    assert.equal(verdict(sample({ logBytes: 50n })).foreign, 'unknown');
    assert.equal(verdict(sample({ commits: 9n })).foreign, 'unknown');
    assert.equal(verdict(sample({ tables: new Map() })).foreign, 'unknown');
    assert.equal(verdict(sample({ tables: new Map() }), null).foreign, 'unknown');
  });

  it('cannot tell DTS’s tables from others when the earlier counters are gone', () => {
    const dts = { databases: [], objects: [{ database: 'shop', schema: 'dbo', name: 'orders' }] };
    const now = sample({ commits: 11n, tables: new Map([['300', { total: 6n, statements: 3n }]]) });
    assert.equal(verdict(now, null, dts).foreign, 'pending');
    assert.equal(verdict(now, sample(), dts).foreign, 'none');
  });
});
