import assert from 'node:assert/strict';
import { footprintOf } from '../../src/engines/engine.ts';
import type pg from 'pg';
import type { EngineConnection } from '../../src/engines/engine.ts';
import { isFailure } from '../../src/util/failure.ts';
import { pause } from '../../src/util/wait.ts';
import { foreignNames, never, SERVERS, TestServer, until, Watcher } from '../support/postgres.ts';

for (const { name, start } of SERVERS) {
  describe(`write position on ${name}`, function () {
    this.timeout(60_000);
    let test: TestServer;
    let connection: EngineConnection;
    let watch: Watcher;

    before(async () => {
      test = await start();
      await test.run([
        'CREATE TABLE orders (id int PRIMARY KEY, note text)',
        "INSERT INTO orders SELECT i, 'x' FROM generate_series(1, 100) i",
        'CREATE SEQUENCE ticket',
        'CREATE TABLE identify (id int PRIMARY KEY, beat bigint)',
        'INSERT INTO identify VALUES (1, 0)',
      ]);
      connection = await test.connect();
    });
    after(() => test.stop());
    beforeEach(async () => {
      watch = new Watcher(connection, test.dts);
      await watch.settle();
    });

    it('says nothing at the first reading, and that nothing was written at the next', async () => {
      const fresh = new Watcher(connection, test.dts);
      const first = await fresh.read();
      assert.equal(first.foreign, 'unknown');
      assert.equal(first.sinceDisplay, null);
      const second = await fresh.read();
      assert.equal(second.foreign, 'none');
      assert.deepEqual(second.written, []);
      assert.equal(second.sinceDisplay, first.display);
      assert.match(second.display, /^[0-9A-F]+\/[0-9A-F]+$/);
    });

    it('catches a writer that connects, writes one row and leaves between two readings, and names its table', async () => {
      await test.run("UPDATE orders SET note = 'y' WHERE id = 7");
      const reading = await watch.read();
      assert.equal(reading.foreign, 'written');
      assert.deepEqual(reading.written, [{ name: 'public.orders', database: test.database, count: 1, byDts: false }]);
      assert.equal((await watch.read()).foreign, 'none');
    });

    it('lets DTS write its heartbeat, and sees a foreign row among the beats', async () => {
      const dts = await test.client();
      for (let beat = 0; beat < 5; beat++) await dts.query('UPDATE identify SET beat = beat + 1');
      await dts.end();
      const quiet = await watch.read();
      assert.equal(quiet.foreign, 'none');
      assert.deepEqual(quiet.written, [{ name: 'public.identify', database: test.database, count: 5, byDts: true }]);
      await test.run(['UPDATE identify SET beat = beat + 1', 'DELETE FROM orders WHERE id = 8']);
      const reading = await watch.read();
      assert.equal(reading.foreign, 'written');
      assert.deepEqual(foreignNames(reading), ['public.orders']);
    });

    it('tells writes to a table that the rule of the user sets aside, and sees a foreign row among them', async () => {
      await test.run('CREATE TABLE IF NOT EXISTS monitor_beat (id int, at bigint)');
      const aside = { ...test.dts, heartbeats: footprintOf('postgres', [['public', 'monitor_beat']]).heartbeats };
      const watching = new Watcher(connection, aside);
      await watching.settle();
      await test.run('INSERT INTO monitor_beat VALUES (1, 1)');
      const beats = await watching.read();
      assert.equal(beats.foreign, 'none', JSON.stringify(beats));
      assert.deepEqual(beats.written, [
        { name: 'public.monitor_beat', database: test.database, count: 1, byDts: true, heartbeat: true },
      ]);
      assert.equal(beats.why.args?.['tables'], 'public.monitor_beat');
      await test.run(['UPDATE monitor_beat SET at = 2', 'DELETE FROM orders WHERE id = 9']);
      const both = await watching.read();
      assert.deepEqual([both.foreign, foreignNames(both)], ['written', ['public.orders']]);
    });

    it('is never disturbed by a heartbeat whose connection stays', async () => {
      const dts = await test.client();
      const stop = new AbortController();
      const beats = (async () => {
        for (let beat = 1; !stop.signal.aborted; beat++) {
          await dts.query('UPDATE identify SET beat = beat + 1');
          await pause(400, stop.signal).catch(() => undefined);
        }
      })();
      const verdicts: string[] = [];
      let seen = 0;
      await until('ten beats counted and a clean reading', async () => {
        const reading = await watch.read();
        verdicts.push(reading.foreign);
        seen += reading.written.find((object) => object.byDts)?.count ?? 0;
        return seen >= 10 && reading.foreign === 'none';
      });
      stop.abort();
      await beats;
      assert.ok(!verdicts.includes('written') && !verdicts.includes('unknown'), verdicts.join(' '));
    });

    it('takes publications for what they are: DTS’s books, not data', async () => {
      await test.run(['CREATE PUBLICATION moved FOR TABLE orders', 'DROP PUBLICATION moved']);
      const reading = await watch.read();
      assert.equal(reading.foreign, 'none');
      assert.ok(reading.written.some(({ name, byDts }) => name === 'pg_catalog.pg_publication' && byDts));
    });

    const definite: readonly (readonly [what: string, statements: readonly string[], names: readonly string[]])[] = [
      ['TRUNCATE', ['TRUNCATE orders'], ['public.orders']],
      ['ALTER TABLE', ['ALTER TABLE orders ADD COLUMN more int'], ['public.orders']],
      ['CREATE TABLE', ['CREATE TABLE fresh (i int)'], ['public.fresh']],
      ['DROP TABLE', ['DROP TABLE fresh'], ['pg_catalog.pg_attribute', 'pg_catalog.pg_class']],
      ['CREATE FUNCTION', ["CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'"], ['pg_catalog.pg_proc']],
      ['nextval', ["SELECT nextval('ticket')"], ['public.ticket']],
      ['nextval of a value already logged', ["SELECT nextval('ticket')"], ['public.ticket']],
      ['setval', ["SELECT setval('ticket', 1, false)"], ['public.ticket']],
      ['a large object', ["SELECT lo_from_bytea(0, 'abc')"], ['pg_catalog.pg_largeobject']],
      ['an insert rolled back', ['BEGIN', 'INSERT INTO orders (id) VALUES (9999)', 'ROLLBACK'], ['public.orders']],
      ['CREATE ROLE', ['CREATE ROLE dts_cutover_someone', 'DROP ROLE dts_cutover_someone'], ['pg_catalog.pg_authid']],
    ];
    for (const [what, statements, names] of definite) {
      it(`catches ${what}`, async () => {
        await test.run(statements);
        const reading = await watch.read();
        assert.equal(reading.foreign, 'written');
        const found = foreignNames(reading);
        for (const expected of names) assert.ok(found.includes(expected), `${expected} in ${found.join(', ')}`);
      });
    }

    it('names database and table of a write in another database', async () => {
      const other = `${test.database}_other`;
      await test.createDatabase(other);
      await test.run(['CREATE TABLE stock (i int)', 'CREATE SEQUENCE s'], other);
      await watch.settle();
      await test.run('INSERT INTO stock VALUES (1), (2)', other);
      const row = await watch.read();
      assert.equal(row.foreign, 'written');
      assert.deepEqual(row.written, [{ name: `${other}.public.stock`, database: other, count: 2, byDts: false }]);
      await test.run("SELECT nextval('s')", other);
      const sequence = await watch.read();
      assert.deepEqual([sequence.foreign, foreignNames(sequence)], ['written', [`${other}.public.s`]]);
    });

    it('lets DTS write its own database', async () => {
      await test.createDatabase('__tencentdb__');
      await test.run('CREATE TABLE t (i int)', '__tencentdb__');
      await watch.settle();
      await test.run('INSERT INTO t VALUES (1)', '__tencentdb__');
      const reading = await watch.read();
      assert.equal(reading.foreign, 'none');
      assert.deepEqual(
        reading.written.map(({ name, byDts }) => [name, byDts]),
        [['__tencentdb__', true]],
      );
    });

    it('does not cry wolf over checkpoint, vacuum and analyze, which do move the log', async () => {
      await test.run(["UPDATE orders SET note = 'z'"]);
      const before = await watch.settle();
      await test.run(['CHECKPOINT', 'VACUUM orders', 'ANALYZE', 'CHECKPOINT']);
      const reading = await watch.read();
      assert.notEqual(reading.display, before.display);
      assert.deepEqual([reading.foreign, reading.written], ['none', []]);
    });

    it('catches a prepared transaction, and its commit', async function () {
      const [limit] = await test.run('SHOW max_prepared_transactions');
      if (limit?.['max_prepared_transactions'] === '0') return this.skip();
      await test.run(['BEGIN', 'INSERT INTO orders VALUES (5000)', "PREPARE TRANSACTION 'later'"]);
      const prepared = await watch.read();
      assert.equal(prepared.foreign, 'written');
      assert.ok(foreignNames(prepared).includes('PREPARE TRANSACTION later'));
      await test.run("COMMIT PREPARED 'later'");
      const committed = await watch.read();
      assert.deepEqual([committed.foreign, foreignNames(committed)], ['written', ['public.orders']]);
    });

    it('is pending while nothing explains a transaction, unknown when that lasts, and clean after', async function () {
      if (name.endsWith('17')) return this.skip(); // the longest wait of all, once is enough
      await test.run("INSERT INTO orders VALUES (4000, 'a row to lock')");
      await watch.settle();
      await test.run(['BEGIN', 'SELECT * FROM orders FOR UPDATE', 'COMMIT']);
      const pending = await watch.read();
      assert.equal(pending.foreign, 'pending');
      const told = await until(
        'a final word',
        async () => {
          const reading = await watch.read();
          return reading.foreign !== 'pending' && reading;
        },
        30_000,
      );
      assert.equal(told.foreign, 'unknown');
      assert.equal((await watch.read()).foreign, 'none');
    });

    it('is pending while the counters of a connection that stays are late, and then names what it wrote', async () => {
      const business: pg.Client = await test.client();
      // the first one is published, the ones that follow at once wait for their turn
      for (let id = 6000; id < 6020; id++) await business.query('INSERT INTO orders (id) VALUES ($1)', [id]);
      let rows = 0;
      const verdicts: string[] = [];
      await until(
        'all rows counted',
        async () => {
          const reading = await watch.read();
          verdicts.push(reading.foreign);
          rows += reading.written.find((object) => object.name === 'public.orders')?.count ?? 0;
          return rows === 20;
        },
        30_000,
      );
      assert.ok(
        verdicts.every((verdict) => verdict !== 'none' && verdict !== 'unknown'),
        verdicts.join(' '),
      );
    });

    it('does not trust books whose counters were reset', async () => {
      await test.run('SELECT pg_stat_reset()');
      const reset = await until('the reset', async () => {
        const reading = await watch.read();
        return reading.foreign === 'unknown' && reading;
      });
      assert.match(reset.why.text, /reset/);
    });

    it('takes a token that is not its own, damaged or of another version for a first reading', async () => {
      const { token } = await watch.read();
      for (const odd of ['{}', '', 'x', token.slice(0, -9), token.replace('"v":2', '"v":1'), '[null]']) {
        const reading = await connection.readWritePosition(odd, test.dts, never);
        assert.deepEqual([reading.foreign, reading.sinceDisplay], ['unknown', null]);
        assert.equal((await connection.readWritePosition(reading.token, test.dts, never)).foreign, 'none');
      }
    });
  });
}

describe('write position over the life of a server', function () {
  this.timeout(60_000);
  let test: TestServer;
  before(async () => (test = await TestServer.own()));
  after(() => test.stop());

  it('says that the server is gone, and when it is back that it restarted', async () => {
    const connection = await test.connect();
    const watch = new Watcher(connection, test.dts);
    await watch.settle();
    await test.server?.halt('immediate');
    await assert.rejects(watch.read(), (error) => isFailure(error) && error.reason === 'refused');
    await test.server?.restart();
    const reading = await watch.read();
    assert.equal(reading.foreign, 'unknown');
    assert.match(reading.why.text, /restarted/);
    assert.equal((await watch.read()).foreign, 'none');
  });

  it('is not disturbed by autovacuum at work, in any database', async () => {
    const settings = { autovacuum: 'on', autovacuum_naptime: '1s', autovacuum_vacuum_threshold: 5 };
    const busy = await TestServer.own({ settings: { ...settings, autovacuum_analyze_threshold: 5 } });
    try {
      const connection = await busy.connect();
      await busy.run(['CREATE TABLE big AS SELECT i FROM generate_series(1, 20000) i', 'DELETE FROM big WHERE i > 10']);
      const watch = new Watcher(connection, busy.dts);
      await watch.settle();
      const verdicts: string[] = [];
      await until('autovacuum to have been there', async () => {
        verdicts.push((await watch.read()).foreign);
        const [table] = await busy.run(`SELECT autoanalyze_count > 0 AND autovacuum_count > 0 AS done
          FROM pg_stat_user_tables WHERE relname = 'big'`);
        return table?.['done'] === true;
      });
      verdicts.push((await watch.read()).foreign);
      assert.ok(!verdicts.includes('written') && !verdicts.includes('unknown'), verdicts.join(' '));
    } finally {
      await busy.stop();
    }
  });

  it('tells nothing where the server does not count', async () => {
    const uncounted = await TestServer.own({ settings: { track_counts: 'off' } });
    try {
      const watch = new Watcher(await uncounted.connect(), uncounted.dts);
      await watch.read();
      assert.equal((await watch.read()).foreign, 'unknown');
    } finally {
      await uncounted.stop();
    }
  });
});
