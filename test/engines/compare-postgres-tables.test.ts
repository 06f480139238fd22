import assert from 'node:assert/strict';
import type { ComparisonResult } from '../../src/comparison/result.ts';
import { postgresDigest } from '../../src/engines/postgres/digest.ts';
import { startPostgres, type PostgresServer } from '../../sandbox/postgres.ts';
import { say } from '../../src/util/sentence.ts';
import { compare, found, tableOf } from './comparing.ts';

/** One row on each page; pieces of the scan are 4,096 pages, and up to 8,192 pages are read again where they differ. */
const edgesOf = (pages: number) =>
  [1, 2, 4095, 4096, 4097, 8191, 8192, 8193].filter((page) => page < pages - 1).concat(pages - 1, pages);

const wide = (name: string, columns: number) => {
  const list = (of: string) => `(SELECT string_agg(${of}, ',') FROM generate_series(1, ${columns}) n)`;
  return `DO $do$ BEGIN
    EXECUTE 'CREATE TABLE ${name} (id int PRIMARY KEY,' || ${list(`'c' || lpad(n::text, 4, '0') || ' int'`)} || ')';
    EXECUTE 'INSERT INTO ${name} SELECT s,' || ${list("'s'")} || ' FROM generate_series(1, 8) s'; END $do$`;
};

describe('kinds of tables of PostgreSQL, 17 against 18', function () {
  this.timeout(90_000);
  let source: PostgresServer;
  let target: PostgresServer;

  before(async () => {
    [source, target] = await Promise.all([startPostgres({ version: '17' }), startPostgres({ version: '18' })]);
  });
  after(() => Promise.all([source?.stop(), target?.stop()]));

  beforeEach(async () => {
    for (const server of [source, target]) {
      await server.run('DROP DATABASE IF EXISTS lab WITH (FORCE)');
      await server.run('CREATE DATABASE lab');
    }
  });

  const create = (sql: string, change = '') =>
    Promise.all([source.run(sql, 'lab'), target.run(`${sql}; ${change}`, 'lab')]);
  const run = (): Promise<ComparisonResult> =>
    compare(postgresDigest, {
      source: source.url(undefined, undefined, 'lab'),
      target: target.url(undefined, undefined, 'lab'),
    });

  for (const [what, key, spelled, pages] of [
    ['an integer key', 'id int PRIMARY KEY', (s: number) => `changed ${s}`, 8300],
    ['a text key', 'id text PRIMARY KEY', (s: number) => `changed ${s}`, 8300],
    ['no key', 'id int', null, 8300],
    ['a text key, read again', 'id text PRIMARY KEY', (s: number) => `changed ${s}`, 5000],
    ['no key, read again', 'id int', null, 5000],
  ] as const) {
    it(`finds rows at both ends of every piece of the scan: ${what}`, async () => {
      const edges = edgesOf(pages);
      await create(
        `CREATE TABLE t (${key}, v int, filler text); ALTER TABLE t ALTER filler SET STORAGE PLAIN;
         INSERT INTO t SELECT s, s, repeat('x', 4100) FROM generate_series(1, ${pages}) s`,
        // in place on the page: as a new row it would go to the end
        `CREATE TABLE copy (LIKE t INCLUDING STORAGE);
         INSERT INTO copy SELECT id, CASE WHEN v IN (${edges.join()}) THEN -v ELSE v END, filler FROM t ORDER BY v;
         DROP TABLE t; ALTER TABLE copy RENAME TO t; ${spelled ? 'ALTER TABLE t ADD PRIMARY KEY (id)' : ''}`,
      );
      const size = await source.run("SELECT pg_relation_size('t') / 8192 AS n", 'lab');
      assert.equal(Number(size[0]?.['n']), pages);
      const table = tableOf(await run(), 't');
      assert.deepEqual(table.rows, { source: pages, target: pages });
      if (spelled) assert.deepEqual(found(table), edges.map(spelled).sort());
      else assert.equal(table.differenceCount, 2 * edges.length);
    });
  }

  it('finds a value in any column of very wide tables', async () => {
    for (const columns of [119, 120, 121, 240, 1000]) {
      const name = `wide_${columns}`;
      const places = [1, 119, 120, 121, 122, 239, 240, 241, columns].filter((place) => place <= columns);
      const used = [...new Set(places)].slice(-8);
      const changes = used.map(
        (place, i) => `UPDATE ${name} SET c${String(place).padStart(4, '0')} = NULL WHERE id = ${i + 1}`,
      );
      await create(wide(name, columns), changes.join(';'));
      const result = await run();
      assert.deepEqual(found(tableOf(result, name)), used.map((_, i) => `changed ${i + 1}`).sort(), name);
    }
  });

  it('takes children by inheritance for tables of their own, partitions for a part of theirs', async () => {
    await create(
      `CREATE TABLE parent (id int PRIMARY KEY, v int); CREATE TABLE child (more int) INHERITS (parent);
       INSERT INTO parent VALUES (1, 1); INSERT INTO child VALUES (1, 1, 1), (2, 2, 2);
       CREATE TABLE parted (id int, v int) PARTITION BY LIST (v); CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1);
       CREATE TABLE parted_x PARTITION OF parted DEFAULT PARTITION BY RANGE (id);
       CREATE TABLE parted_x_1 PARTITION OF parted_x FOR VALUES FROM (0) TO (100); INSERT INTO parted VALUES (1, 1), (2, 2)`,
      'UPDATE child SET v = 9 WHERE id = 1; UPDATE parted SET v = 3 WHERE id = 1',
    );
    const result = await run();
    assert.deepEqual(tableOf(result, 'parent').rows, { source: 1, target: 1 });
    assert.equal(tableOf(result, 'parent').verdict, 'same');
    assert.equal(tableOf(result, 'child').verdict, 'different');
    assert.deepEqual(found(tableOf(result, 'parted')), ['extra x1', 'missing x1']);
    assert.deepEqual(result.tables.map((table) => table.source?.name).sort(), ['child', 'parent', 'parted']);
  });

  it('compares unlogged tables, tables without rows or with dropped columns, and keys that are only unique', async () => {
    await create(
      `CREATE UNLOGGED TABLE quick (id int PRIMARY KEY, v int); INSERT INTO quick VALUES (1, 1);
       CREATE TABLE empty (id int PRIMARY KEY, v text); CREATE TEMP TABLE gone (id int);
       CREATE TABLE dropped (id int PRIMARY KEY, x int, v int); INSERT INTO dropped VALUES (1, 2, 3);
       ALTER TABLE dropped DROP COLUMN x; ALTER TABLE dropped ADD w int DEFAULT 7;
       CREATE TABLE uniques (a text NOT NULL UNIQUE, b int UNIQUE, v int); INSERT INTO uniques VALUES ('a', NULL, 1), ('b', NULL, 2);
       CREATE TABLE deferred (id int PRIMARY KEY DEFERRABLE, v int); INSERT INTO deferred VALUES (1, 1);
       CREATE TABLE numbered (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v int); INSERT INTO numbered (v) VALUES (1), (2)`,
      `UPDATE quick SET v = 2; UPDATE dropped SET w = 8; UPDATE uniques SET v = 3 WHERE a = 'b'; UPDATE deferred SET v = 2;
       UPDATE numbered SET v = 5 WHERE id = 2`,
    );
    const result = await run();
    const differences = Object.fromEntries(result.tables.map((table) => [table.source?.name ?? '', found(table)]));
    assert.deepEqual(differences, {
      deferred: ['extra x1', 'missing x1'],
      dropped: ['changed 1'],
      empty: [],
      numbered: ['changed 2'],
      quick: ['changed 1'],
      uniques: ['changed b'],
    });
  });

  it('never calls the same what it cannot read, foreign tables and other types, and compares tables without a column', async () => {
    await create(
      `CREATE TABLE bare (); INSERT INTO bare DEFAULT VALUES;
       CREATE FOREIGN DATA WRAPPER nothing; CREATE SERVER far FOREIGN DATA WRAPPER nothing; CREATE FOREIGN TABLE foreigner (id int) SERVER far;
       CREATE TABLE typed (id int PRIMARY KEY, v int)`,
      'ALTER TABLE typed ALTER v TYPE text',
    );
    const result = await run();
    assert.equal(tableOf(result, 'bare').verdict, 'same');
    for (const name of ['foreigner', 'typed']) {
      const { verdict, reason } = tableOf(result, name);
      assert.equal(verdict, 'skipped', name);
      assert.ok(reason && say(reason).length > 0);
    }
    assert.equal(result.verdict, 'incomplete');
  });
});
