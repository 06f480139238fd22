import assert from 'node:assert/strict';
import { postgresDigest } from '../../src/engines/postgres/digest.ts';
import { startPostgres, type PostgresServer } from '../../sandbox/postgres.ts';
import { say } from '../../src/util/sentence.ts';
import { compare, found, tableOf } from './comparing.ts';
import { startPooler } from './pooler.ts';

describe('a statement that fails while PostgreSQL is compared', function () {
  this.timeout(60_000);
  let source: PostgresServer;
  let target: PostgresServer;

  before(async () => {
    [source, target] = await Promise.all([startPostgres({ version: '17' }), startPostgres({ version: '18' })]);
    for (const server of [source, target]) {
      await server.run('CREATE DATABASE lab');
      await server.run("CREATE USER limited PASSWORD 'limited'; GRANT pg_monitor TO limited");
    }
  });
  after(() => Promise.all([source?.stop(), target?.stop()]));

  beforeEach(async () => {
    for (const server of [source, target]) {
      await server.run('DROP DATABASE lab WITH (FORCE)');
      await server.run('CREATE DATABASE lab');
    }
  });

  const onBoth = (sql: string) => Promise.all([source.run(sql, 'lab'), target.run(sql, 'lab')]);
  const urls = (user?: string) => ({ source: source.url(user, user, 'lab'), target: target.url(user, user, 'lab') });

  for (const workers of [1, 2]) {
    it(`is told of its table, and spoils nothing else (${workers} at once)`, async () => {
      await onBoth(`CREATE TABLE hidden (id int PRIMARY KEY); ALTER TABLE hidden ENABLE ROW LEVEL SECURITY;
        CREATE TABLE one (id int PRIMARY KEY, v int); INSERT INTO one SELECT s, s FROM generate_series(1, 500) s;
        CREATE TABLE two (id int PRIMARY KEY, v int); INSERT INTO two SELECT s, s FROM generate_series(1, 900) s;
        ANALYZE one; ANALYZE two; GRANT SELECT ON ALL TABLES IN SCHEMA public TO limited`);
      await target.run('UPDATE two SET v = 0 WHERE id = 77', 'lab');
      const result = await compare(postgresDigest, { ...urls('limited'), options: { workers } });
      assert.equal(tableOf(result, 'hidden').verdict, 'failed');
      assert.match(say(tableOf(result, 'hidden').reason!), /row-level security/);
      assert.equal(tableOf(result, 'one').verdict, 'same');
      assert.deepEqual(found(tableOf(result, 'two')), ['changed 77']);
      assert.equal(result.verdict, 'incomplete');
      assert.deepEqual(
        result.remarks.map((remark) => say(remark)),
        ['Tables that could not be compared: 1.'],
      );
    });
  }

  it('because a pooler gives every transaction another session is told, and hides no rows', async () => {
    await onBoth(`CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1), (2);
      ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON t USING (id < 3);
      GRANT SELECT ON ALL TABLES IN SCHEMA public TO limited`);
    await source.run('INSERT INTO t VALUES (5), (6)', 'lab');
    const poolers = await Promise.all([source, target].map((server) => startPooler(server)));
    try {
      const [mine, theirs] = poolers.map(({ port }) => `postgres://limited:limited@127.0.0.1:${port}/lab`);
      // whichever comes first: the catalog that cannot be read, or the table
      const said = await compare(postgresDigest, { source: mine!, target: theirs! }).then(
        ({ verdict, remarks, tables }) => {
          assert.equal(verdict, 'incomplete');
          return [...remarks, ...tables.flatMap(({ reason }) => reason ?? [])].map((words) => say(words)).join(' ');
        },
        (error: unknown) => String(error),
      );
      assert.match(said, /gives each transaction another session/);
    } finally {
      for (const pooler of poolers) pooler.close();
    }
  });

  it('for a value that the quick hash cannot take makes the table be read again as text', async () => {
    await onBoth(`CREATE TABLE t (id int PRIMARY KEY, d timestamp, v int);
      INSERT INTO t VALUES (1, '294276-12-31 23:59:59', 1), (2, '4714-11-24 BC', 1), (3, 'infinity', 1);
      CREATE TABLE u (id int PRIMARY KEY, d date); INSERT INTO u VALUES (1, '2024-01-01')`);
    const same = await compare(postgresDigest, { ...urls(), options: { workers: 1 } });
    assert.equal(same.verdict, 'same', same.remarks.map((remark) => say(remark)).join(' '));
    assert.match(tableOf(same, 't').method, /text/);
    assert.match(tableOf(same, 'u').method, /typed/);
    await target.run("UPDATE t SET d = '294276-12-31 23:59:58' WHERE id = 1; UPDATE t SET v = 2 WHERE id = 3", 'lab');
    assert.deepEqual(found(tableOf(await compare(postgresDigest, urls()), 't')), ['changed 1', 'changed 3']);
  });
});
