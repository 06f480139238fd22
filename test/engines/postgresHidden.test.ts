/** Committed writes whose counters are late, among everything that takes transaction ids or is counted without taking one. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type pg from 'pg';
import type { TestServer } from '../support/postgres.ts';
import { foreignNames, SERVERS, until, Watcher } from '../support/postgres.ts';

/** Nobody's business: each is counted, or takes ids, or both, in its own way. */
const ASIDE: Readonly<Record<string, readonly string[]>> = {
  'ten rows of DTS in one transaction': [
    'INSERT INTO identify SELECT g, 0 FROM generate_series(2, 11) g',
    'DELETE FROM identify WHERE id > 1',
  ],
  'DTS writing one row many times': [
    'BEGIN',
    ...Array<string>(5).fill('UPDATE identify SET beat = beat + 1'),
    'COMMIT',
  ],
  'a heartbeat': ['UPDATE identify SET beat = beat + 1'],
  'ANALYZE of empty tables': ['ANALYZE empty', 'BEGIN', 'ANALYZE empty', 'ANALYZE empty', 'ANALYZE empty', 'COMMIT'],
  ANALYZE: ['ANALYZE orders'],
  VACUUM: ['VACUUM orders', 'VACUUM empty'],
  'a checkpoint': ['CHECKPOINT'],
};
const WRITES: Readonly<Record<string, readonly string[]>> = {
  'a row': ["UPDATE orders SET note = note || 'x' WHERE id = 1"],
  'rows of two tables': ['BEGIN', "UPDATE orders SET note = 'a' WHERE id = 2", 'UPDATE stock SET n = n + 1', 'COMMIT'],
  'a subtransaction': ['BEGIN', 'SAVEPOINT a', 'UPDATE stock SET n = n + 1', 'RELEASE a', 'COMMIT'],
  'a part rolled back': [
    'BEGIN',
    'UPDATE stock SET n = n + 1',
    'SAVEPOINT a',
    'UPDATE stock SET n = 0',
    'ROLLBACK TO a',
    'COMMIT',
  ],
  'a prepared transaction': [
    'BEGIN',
    'UPDATE stock SET n = n + 1',
    "PREPARE TRANSACTION 'hidden'",
    "COMMIT PREPARED 'hidden'",
  ],
  TRUNCATE: ['TRUNCATE log'],
  'a definition': ['ALTER TABLE log SET (fillfactor = 90)'],
};

for (const { name, start } of SERVERS) {
  describe(`committed writes that hide on ${name}`, function () {
    this.timeout(120_000);
    let test: TestServer;
    let shop: pg.Client;
    let dts: pg.Client;

    before(async () => {
      test = await start();
      await test.run([
        'CREATE TABLE orders (id int PRIMARY KEY, note text)',
        "INSERT INTO orders SELECT i, 'x' FROM generate_series(1, 100) i",
        'CREATE TABLE stock AS SELECT 1 AS n',
        'CREATE TABLE empty (i int)',
        'CREATE TABLE log (i int)',
        'CREATE TABLE identify (id int PRIMARY KEY, beat bigint)',
        'INSERT INTO identify VALUES (1, 0)',
      ]);
      shop = await test.client();
      dts = await test.client();
    });
    after(() => test.stop());

    const run = async (client: pg.Client, statements: readonly string[]) => {
      for (const sql of statements) await client.query(sql);
    };

    it('are never taken for nothing, whatever else goes on', async () => {
      const connection = await test.connect();
      const step = fc.record({
        before: fc.array(fc.constantFrom(...Object.keys(ASIDE)), { maxLength: 3 }),
        write: fc.option(fc.constantFrom(...Object.keys(WRITES)), { freq: 2 }),
        after: fc.array(fc.constantFrom(...Object.keys(ASIDE)), { maxLength: 3 }),
      });
      const runs = Number(process.env['DTS_CUTOVER_HISTORIES'] ?? 3);
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 2 }), async (steps) => {
          const watch = new Watcher(connection, test.dts);
          await watch.read();
          for (const { before: first, write, after: then } of steps) {
            for (const what of first) await run(dts, ASIDE[what] ?? []);
            // what it published a moment ago keeps the next counts back
            await run(shop, ["UPDATE orders SET note = 'y' WHERE id = 3"]);
            await watch.read();
            if (write !== null) await run(shop, WRITES[write] ?? []);
            for (const what of then) await run(dts, ASIDE[what] ?? []);
            const { foreign, why } = await watch.read();
            if (write !== null) assert.notEqual(foreign, 'none', `${write}, ${why.text}`);
          }
        }),
        { numRuns: runs, endOnFailure: true },
      );
    });

    it('are named in the end, and then all is quiet though the session stays', async () => {
      const watch = new Watcher(await test.connect(), test.dts);
      await watch.read();
      await run(shop, ["UPDATE orders SET note = 'z' WHERE id = 4", 'UPDATE stock SET n = n + 1']);
      await run(dts, ASIDE['ten rows of DTS in one transaction'] ?? []);
      await run(dts, ASIDE['VACUUM'] ?? []);
      const named = new Set<string>();
      await until(
        'both tables named, and quiet',
        async () => {
          const reading = await watch.read();
          for (const object of foreignNames(reading)) named.add(object);
          if (reading.foreign === 'none') assert.ok(named.has('public.stock') && named.has('public.orders'));
          return reading.foreign === 'none';
        },
        40_000,
      );
    });

    it('cannot be excluded where a role counts nothing, which is named', async () => {
      const watch = new Watcher(await test.connect(), test.dts);
      await watch.settle();
      await test.createRole('dts_cutover_uncounted');
      await test.run('ALTER ROLE dts_cutover_uncounted SET track_counts = off');
      await watch.read();
      const { foreign, why } = await watch.read();
      assert.deepEqual([foreign, why.args?.['names']], ['unknown', 'dts_cutover_uncounted']);
    });
  });
}
