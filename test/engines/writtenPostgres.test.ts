import assert from 'node:assert/strict';
import { closure } from '../../src/comparison/proofClosure.ts';
import type { WrittenSince, WriteWatch } from '../../src/comparison/proofPort.ts';
import { never, SERVERS, until, type TestServer } from '../support/postgres.ts';

/** The tables of the schema below; of each it can be asked whether it may have been written. */
const TABLES = ['cold', 'hot', 'labelled', 'made', 'parts', 'ancestor', 'heir', 'chunk', 'moved', 'other'] as const;

const SCHEMA = [
  'CREATE TABLE cold (id int PRIMARY KEY, v text)',
  'CREATE TABLE hot (id int PRIMARY KEY, v int)',
  "CREATE TYPE mood AS ENUM ('glad', 'sad')",
  'CREATE TABLE labelled (id int PRIMARY KEY, m mood[])',
  'CREATE TYPE point3 AS (x int, y int)',
  'CREATE TABLE made (id int PRIMARY KEY, p point3)',
  'CREATE TABLE parts (id int, k int) PARTITION BY LIST (k)',
  'CREATE TABLE parts1 PARTITION OF parts FOR VALUES IN (1)',
  'CREATE TABLE chunk (id int, k int CHECK (k = 2) NOT NULL)',
  'CREATE TABLE ancestor (id int)',
  'CREATE TABLE heir (more int) INHERITS (ancestor)',
  'CREATE TABLE moved (id int PRIMARY KEY)',
  'CREATE TABLE other (id int PRIMARY KEY REFERENCES hot ON DELETE CASCADE)',
  'CREATE FUNCTION also() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO moved VALUES (new.id); RETURN new; END $$',
  'CREATE TRIGGER also AFTER INSERT ON chunk FOR EACH ROW EXECUTE FUNCTION also()',
  'INSERT INTO cold SELECT g FROM generate_series(1, 100) g',
  'INSERT INTO hot SELECT g FROM generate_series(1, 100) g',
  'INSERT INTO other SELECT g FROM generate_series(1, 100) g',
  "INSERT INTO labelled VALUES (1, '{glad}')",
  'INSERT INTO parts VALUES (1, 1)',
];

/** What each of these does in turn, and the tables that may hold other rows than before. */
const STATEMENTS: readonly (readonly [string | readonly string[], readonly string[]])[] = [
  ['UPDATE hot SET v = 1 WHERE id = 7', ['hot']],
  ['DELETE FROM hot WHERE id = 8', ['hot', 'other']],
  ['INSERT INTO chunk VALUES (1, 2)', ['chunk', 'moved']],
  ['INSERT INTO parts VALUES (2, 1)', ['parts']],
  ['INSERT INTO heir VALUES (1, 1)', ['heir', 'ancestor']],
  ['TRUNCATE parts1', ['parts']],
  ['TRUNCATE cold', ['cold']],
  ["ALTER TABLE cold ADD COLUMN w text DEFAULT 'new'", ['cold']],
  ['ALTER TABLE cold DROP COLUMN w', ['cold']],
  ["ALTER TYPE mood RENAME VALUE 'sad' TO 'sorry'", ['labelled']],
  ["ALTER TYPE mood ADD VALUE 'calm'", ['labelled']],
  ['ALTER TYPE point3 ADD ATTRIBUTE z int', ['made']],
  ['ALTER TABLE parts ATTACH PARTITION chunk FOR VALUES IN (2)', ['parts']],
  ['INSERT INTO chunk VALUES (2, 2)', ['parts', 'chunk', 'moved']],
  ['ALTER TABLE parts DETACH PARTITION chunk', ['parts']],
  ['ALTER TABLE heir NO INHERIT ancestor', ['ancestor']],
  [
    ['DROP TABLE moved', 'ALTER TABLE chunk RENAME TO moved'],
    ['moved', 'chunk'],
  ],
  ['VACUUM FULL cold', ['cold']],
];

/** What changes no row. */
const HARMLESS = [
  'ANALYZE',
  'VACUUM',
  'CREATE INDEX ON hot (v)',
  'ALTER TABLE cold ADD FOREIGN KEY (id) REFERENCES hot NOT VALID',
  'CREATE TRIGGER twice AFTER INSERT ON cold FOR EACH ROW EXECUTE FUNCTION also()',
  'DROP TRIGGER twice ON cold',
  'ALTER TABLE cold DROP CONSTRAINT cold_id_fkey',
  'CREATE VIEW seen AS SELECT * FROM hot',
  'CREATE SEQUENCE counted',
  "SELECT setval('counted', 100)",
  'GRANT SELECT ON hot TO public',
  'CREATE TEMPORARY TABLE own AS SELECT * FROM hot',
  'CREATE TABLE fresh AS SELECT * FROM hot',
  'ALTER TABLE hot ALTER COLUMN v SET DEFAULT 1',
];

for (const { name, start } of SERVERS) {
  describe(`which tables were written, ${name}`, function () {
    this.timeout(90_000);
    let server: TestServer;
    let watch: WriteWatch;

    before(async () => {
      server = await start();
      await server.run(SCHEMA);
      watch = (await server.connect()).writes ?? assert.fail();
    });
    after(() => server?.stop());

    const position = async () => (await watch.takeProofPosition([server.database], never)).token;
    const since = (token: string) => watch.writtenSince(token, [server.database], never);
    const reached = ({ written, dependencies }: WrittenSince) => {
      const reach = closure(written, dependencies);
      return TABLES.filter((table) => reach({ database: server.database, schema: 'public', name: table }));
    };
    /** by a session that ends: it publishes what it counted */
    const run = (statements: string | readonly string[]) => server.run(statements);

    it('names every table that a statement may have changed, and no other', async () => {
      let token = await position();
      for (const [statements, expected] of STATEMENTS) {
        await run(statements);
        const answer = await since(token);
        assert.equal(answer.state, 'known', JSON.stringify(answer.why));
        assert.deepEqual(
          reached(answer),
          TABLES.filter((table) => expected.includes(table)),
          String(statements),
        );
        token = answer.position.token;
      }
    });

    it('takes what changes no row for no write', async () => {
      const token = await position();
      for (const statement of HARMLESS) await run(statement);
      const answer = await since(token);
      assert.deepEqual([answer.state, reached(answer)], ['known', []]);
    });

    it('is known without a wait when nothing was written', async () => {
      const token = await position();
      const began = Date.now();
      assert.equal((await since(token)).state, 'known');
      assert.ok(Date.now() - began < 3_000);
    });

    // 11 s, alike in both versions
    const once = name === SERVERS.at(-1)?.name ? it : () => undefined;
    once('waits for a session that rests with a write it has not published', async () => {
      const business = await server.client();
      const token = await position();
      // what follows within a second is kept back
      await business.query('INSERT INTO hot VALUES (900)');
      await business.query("INSERT INTO cold VALUES (900, 'x')");
      const answer = await since(token);
      assert.equal(answer.state, 'known');
      assert.ok(reached(answer).includes('cold'));
      await business.end();
    });

    it('names who may keep a write back in a long transaction, and what was written once it has ended', async () => {
      const business = await server.client();
      const token = await position();
      await business.query('INSERT INTO hot VALUES (901)');
      await business.query("INSERT INTO cold VALUES (901, 'x')");
      await business.query('BEGIN');
      await business.query('SELECT 1');
      const late = await since(token);
      assert.equal(late.state, 'late');
      assert.match(late.why.args?.['names']?.toString() ?? '', /postgres \(\d+\)/);
      await business.query('COMMIT');
      await business.end();
      const answer = await since(late.position.token);
      assert.equal(answer.state, 'known');
      assert.deepEqual([...new Set([...reached(late), ...reached(answer)])].sort(), ['cold', 'hot']);
    });

    it('lets a transaction that rests since before the position hold up nothing, and names it when it commits', async () => {
      const business = await server.client();
      await business.query('BEGIN');
      await business.query("INSERT INTO cold VALUES (902, 'x')");
      const token = await position();
      await run('INSERT INTO hot VALUES (902)');
      const answer = await since(token);
      assert.deepEqual([answer.state, reached(answer)], ['known', ['hot']]);
      await business.query('COMMIT');
      await business.end();
      assert.deepEqual(reached(await since(answer.position.token)), ['cold']);
    });

    it('names a prepared transaction of before when it is committed', async () => {
      await run(['BEGIN', "INSERT INTO cold VALUES (903, 'x')", "PREPARE TRANSACTION 'early'"]);
      const token = await position();
      await run("COMMIT PREPARED 'early'");
      assert.deepEqual(reached(await since(token)), ['cold']);
    });

    it('proves nothing of what is read through a foreign table', async () => {
      await run([
        'CREATE EXTENSION IF NOT EXISTS postgres_fdw',
        'CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw',
        'CREATE FOREIGN TABLE far_part PARTITION OF parts FOR VALUES IN (9) SERVER far',
      ]);
      const { never: unproven } = await watch.takeProofPosition([server.database], never);
      assert.deepEqual(unproven.map(({ table }) => table.name).sort(), ['far_part', 'parts']);
    });

    it('loses what nobody can tell any more: reset counters, counting switched off, a crash', async function () {
      if (!server.server) return this.skip();
      for (const reset of ['SELECT pg_stat_reset()', "SELECT pg_stat_reset_single_table_counters('cold'::regclass)"]) {
        const token = await position();
        await run(reset);
        await until('the reset is seen', async () => (await since(token)).state === 'lost');
      }
      const counted = await position();
      await run(`ALTER DATABASE ${server.database} SET track_counts = off`);
      const off = await since(counted);
      assert.equal(off.state, 'lost');
      assert.ok(off.position.unsure);
      await run(`ALTER DATABASE ${server.database} RESET track_counts`);
      const token = await position();
      const business = await server.client();
      // the server itself goes on: only its sessions and its counters are gone
      const { rows } = await business.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      process.kill(rows[0]?.pid ?? assert.fail(), 'SIGKILL');
      await until('the server is back', () => run('SELECT 1').catch(() => null), 30_000);
      assert.equal((await until('an answer', () => since(token).catch(() => null))).state, 'lost');
    });
  });
}
