import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Document } from 'mongodb';
import type { TableResult } from '../../src/comparison/result.ts';
import { isFailure } from '../../src/util/failure.ts';
import { say } from '../../src/util/sentence.ts';
import { ServerError } from '../../sandbox/mongodb/rights.ts';
import type { MongoServer, Operation } from '../../sandbox/mongodb/server.ts';
import { ROOT } from '../support/mongodb.ts';
import { everything, found, tableOf } from './comparing.ts';
import { MongoPair, urlOf } from './comparingMongodb.ts';

describe('comparing live MongoDB servers', function () {
  this.timeout(60_000);
  let pair: MongoPair;
  before(async () => {
    pair = await MongoPair.start();
  });
  after(() => pair?.stop());

  const numbered = (n: number, from = 0): Document[] => [...Array(n).keys()].map((i) => ({ _id: from + i, v: i }));
  beforeEach(async () => {
    await pair.clear();
    for (const db of [pair.mine, pair.theirs]) {
      await db.collection('t').insertMany(numbered(2000));
      await db.collection('small').insertOne({ _id: 1 as never });
    }
  });
  const set = (side: 'mine' | 'theirs', id: number, v: number) =>
    pair[side].collection('t').updateOne({ _id: id as never }, { $set: { v } });

  it('sees one moment: an update between the passes is no difference', async () => {
    const updates: Promise<unknown>[] = [];
    await set('theirs', 1000, 0);
    const result = await pair.compare({
      only: ['t'],
      onProgress: ({ rowsDone }) => {
        if (rowsDone > 0 && updates.length === 0)
          updates.push(pair.mine.collection('t').updateMany({}, { $set: { v: -1 } }));
      },
    });
    assert.equal(updates.length, 1);
    await Promise.all(updates);
    assert.deepEqual(found(tableOf(result, 't')), ['changed {"$numberInt":"1000"}']);
    assert.equal(tableOf(result, 't').differences[0]?.source?.['v'], '{"$numberInt":"1000"}');
    assert.match(tableOf(result, 't').method, /snapshot reads$/);
  });

  it('counts very many differences, keeps as few as asked and says so', async () => {
    await pair.mine.collection('t').insertMany(numbered(30_000, 10_000));
    await pair.theirs.collection('t').insertMany(numbered(30_000, 40_000));
    const table = tableOf(await pair.compare({ only: ['t'], keep: 20 }), 't');
    assert.equal(table.differenceCount, 60_000);
    assert.equal(table.differences.length, 20);
    assert.equal(table.truncated, true);
    assert.deepEqual(table.rows, { source: 32_000, target: 32_000 });
  });

  describe('on servers of our own', () => {
    let own: MongoPair;
    let source: MongoServer;
    let target: MongoServer;
    const begin = async (kind: 'replica set' | 'standalone' | 'mongos') => {
      own = await MongoPair.start({
        kind,
        users: [ROOT, { user: 'stranger', password: 'x', roles: ['read@elsewhere'] }],
      });
      [source, target] = [own.source.own!, own.target.own!];
      for (const db of [own.mine, own.theirs]) {
        await db.collection('t').insertMany(numbered(9000));
        await db.collection('small').insertOne({ _id: 1 as never });
      }
    };
    afterEach(() => own.stop());

    it('reads all collections with all workers at one cluster time', async () => {
      await begin('replica set');
      for (const server of [source, target]) {
        const times = concernsOf(server);
        await own.compare({ workers: 3 });
        const seen = new Set(times().map((concern) => JSON.stringify(concern)));
        assert.equal(seen.size, 1, [...seen].join());
        assert.match([...seen].join(), /"level":"snapshot","atClusterTime"/);
      }
    });

    it('reads capped collections, of which no history is kept, by majority', async () => {
      await begin('replica set');
      for (const db of [own.mine, own.theirs]) {
        await db.createCollection('log', { capped: true, size: 100_000 });
        await db.collection('log').insertOne({ _id: 1 as never });
      }
      assert.equal(tableOf(await own.compare(), 'log').verdict, 'same');
    });

    it('reads on in a newer state when the server no longer keeps the old one, and says so', async () => {
      await begin('replica set');
      const writing: Promise<unknown>[] = [];
      const result = await own.compare({
        workers: 1,
        onTable: ({ source: name }) => {
          if (name?.name !== 'small') return;
          source.store.oplog.shift();
          writing.push(own.mine.collection('other').insertOne({}));
        },
      });
      assert.equal((await Promise.all(writing)).length, 1);
      assert.equal(tableOf(result, 't').verdict, 'same');
      assert.match(tableOf(result, 't').method, /majority reads \/ snapshot reads$/);
    });

    it('reads standalone servers as they are', async () => {
      await begin('standalone');
      const times = concernsOf(source);
      const result = await own.compare();
      assert.equal(result.verdict, 'same');
      assert.match(tableOf(result, 't').method, /plain reads$/);
      assert.deepEqual(
        times().filter((concern) => concern !== undefined),
        [],
      );
    });

    it('reads a sharded cluster through its mongos', async () => {
      await begin('mongos');
      await own.theirs.collection('t').deleteOne({ _id: 8000 as never });
      const result = await own.compare();
      assert.deepEqual(found(tableOf(result, 't')), ['missing {"$numberInt":"8000"}']);
      assert.match(tableOf(result, 't').method, /snapshot reads$/);
    });

    it('cancels at once, on the servers too, and calls the rest unknown', async () => {
      await begin('replica set');
      const ns = `${own.target.database}.t`;
      const cancel = new AbortController();
      const seen: TableResult[] = [];
      const onTable = (result: TableResult) => {
        seen.push(result);
        target.endless.add(ns);
      };
      const comparing = own.compare({ onTable, workers: 1 }, { signal: cancel.signal });
      await target.until(() => target.running(ns) !== undefined && seen.length > 0);
      cancel.abort();
      const result = await comparing;
      assert.equal(result.verdict, 'incomplete');
      assert.equal(tableOf(result, 'small').verdict, 'same');
      assert.equal(tableOf(result, 't').verdict, 'skipped');
      assert.equal(target.running(ns), undefined);
      for (const server of [source, target]) assert.equal(server.cursors.size, 0);
    });

    it('leaves no connection behind', async () => {
      await begin('replica set');
      await own.compare();
      const ours = () => [...source.clients].filter(({ metadata }) => programOf(metadata).startsWith('DTS Cutover'));
      while (ours().length > 0) await once(AbortSignal.timeout(20), 'abort');
    });

    it('rejects with the reason where an account may not look', async () => {
      await begin('replica set');
      const url = urlOf(own.source).replace(/\/\/[^@]*@/, '//stranger:x@');
      await assert.rejects(
        own.compare({}, { source: url }),
        (error) => isFailure(error) && error.reason === 'insufficient-privilege',
      );
    });

    it('says that there may be more than an account is shown', async () => {
      await begin('replica set');
      source.users.push({ user: 'limited', password: 'x', roles: [`read@${own.source.database}.small`] });
      const result = await own.compare({}, { source: urlOf(own.source).replace(/\/\/[^@]*@/, '//limited:x@') });
      assert.equal(result.verdict, 'incomplete');
      assert.equal(tableOf(result, 'small').verdict, 'same');
      assert.equal(tableOf(result, 't').verdict, 'missingOnSource');
      assert.deepEqual(
        result.remarks.filter(({ args }) => args?.['database'] === own.source.database).length,
        2,
        result.remarks.map((remark) => say(remark)).join(' '),
      );
    });

    it('says of a whole server that there may be databases an account is not shown', async () => {
      await begin('replica set');
      const name = own.source.database;
      source.users.push({ user: 'limited', password: 'x', roles: [`read@${name}`] });
      const instance = { scope: { mode: 'all', databases: [] }, databases: [{ source: name, target: name }] } as const;
      const told = async (url: string) => {
        const { remarks } = await own.compare(instance, { source: url });
        return remarks.map((remark) => say(remark)).join(' ');
      };
      assert.match(await told(urlOf(own.source).replace(/\/\/[^@]*@/, '//limited:x@')), /may not list all databases/);
      assert.doesNotMatch(await told(urlOf(own.source)), /may not list all databases/);
    });

    it('does not pass over a database that the source does not have', async () => {
      await begin('replica set');
      const [whole] = everything(own.source.database, own.target.database).databases;
      const result = await own.compare({
        scope: { mode: 'partial', databases: [whole!, { ...whole!, name: 'Shop', newName: 'Shop' }] },
        databases: [own.source.database, 'Shop'].map((name) => ({ source: name, target: name })),
      });
      assert.equal(result.verdict, 'incomplete');
      assert.match(result.remarks.map((remark) => say(remark)).join(), /The source has no Shop/);
    });

    it('splits a range that is too large for memory, on both sides alike', async () => {
      await begin('replica set');
      // without statistics everything is one range
      for (const server of [source, target]) server.failing.set('aggregate', new ServerError(13, 'Unauthorized', 'no'));
      await own.mine.collection('t').insertMany(numbered(40_000, 10_000));
      await own.theirs.collection('t').insertMany(numbered(40_001, 10_000).filter(({ _id }) => _id !== 30_000));
      const result = await own.compare({ only: ['t'] });
      assert.deepEqual(found(tableOf(result, 't')), ['extra {"$numberInt":"50000"}', 'missing {"$numberInt":"30000"}']);
    });
  });
});

/** Notes with which read concern documents are read from now on. */
function concernsOf(server: MongoServer): () => unknown[] {
  const seen = new Map<number, unknown>();
  void server.until(() => {
    for (const { operation } of server.clients)
      if (operation?.command['find']) seen.set(operation.opid, concernIn(operation));
    return false;
  });
  return () => [...seen.values()];
}

const concernIn = ({ command }: Operation) => command['readConcern'] as unknown;

function programOf(metadata: Document): string {
  return String((metadata['application'] as Document | undefined)?.['name']);
}
