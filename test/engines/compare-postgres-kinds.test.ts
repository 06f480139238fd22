import assert from 'node:assert/strict';
import { startPostgres, type PostgresServer } from '../../sandbox/postgres.ts';
import type { ComparisonResult } from '../../src/comparison/result.ts';
import { postgresDigest } from '../../src/engines/postgres/digest.ts';
import { kinds } from './compare-postgres-kinds.cases.ts';
import { compare } from './comparing.ts';

/** Kinds of what differs and counts. */
const differing = ({ tables, objects }: ComparisonResult) =>
  [
    ...new Set([
      ...tables.flatMap(({ verdict, reason }) =>
        verdict === 'same' ? [] : [verdict === 'different' && !reason ? 'rows' : `table ${verdict}`],
      ),
      ...objects.flatMap(({ kind, verdict, counts }) => (verdict !== 'same' && counts ? [kind] : [])),
    ]),
  ].sort();

describe('kinds of databases that were compared wrongly on PostgreSQL', function () {
  this.timeout(60_000);
  let newest: PostgresServer;
  let older: PostgresServer;

  before(async () => {
    [older, newest] = await Promise.all([startPostgres({ version: '17' }), startPostgres({ version: '18' })]);
  });
  after(() => Promise.all([older?.stop(), newest?.stop()]));

  it('a sequence that may not be read: incomplete, and it is named', async () => {
    for (const name of ['source_guest', 'target_guest']) {
      await newest.run(`CREATE DATABASE ${name}`);
      await newest.run('CREATE TABLE t (id serial PRIMARY KEY); CREATE SEQUENCE hidden', name);
    }
    await newest.run("CREATE ROLE guest LOGIN PASSWORD 'guest'");
    for (const name of ['source_guest', 'target_guest'])
      await newest.run(
        'GRANT SELECT ON ALL TABLES IN SCHEMA public TO guest; GRANT ALL ON SEQUENCE t_id_seq TO guest',
        name,
      );
    const url = (name: string) => newest.url('guest', 'guest', name);
    const result = await compare(postgresDigest, { source: url('source_guest'), target: url('target_guest') });
    assert.equal(result.verdict, 'incomplete');
    assert.deepEqual(differing(result), []);
    assert.match(JSON.stringify(result.remarks), /public\.hidden/);
  });

  it('one that has given all its numbers is raised to where the other is', async () => {
    await newest.run('CREATE DATABASE source_end');
    await newest.run("CREATE TABLE t (id int); CREATE SEQUENCE s MAXVALUE 9; SELECT setval('s', 9)", 'source_end');
    await newest.run('CREATE DATABASE target_end');
    await newest.run("CREATE TABLE t (id int); CREATE SEQUENCE s MAXVALUE 9; SELECT setval('s', 3)", 'target_end');
    const urls = {
      source: newest.url(undefined, undefined, 'source_end'),
      target: newest.url(undefined, undefined, 'target_end'),
    };
    const [behind] = (await compare(postgresDigest, urls)).objects.filter(({ verdict }) => verdict !== 'same');
    await newest.run(behind?.statement ?? '', 'target_end');
    assert.equal((await compare(postgresDigest, urls)).verdict, 'same');
  });

  for (const [i, { name, expect, on, both = '', source = '', target = '', differs }] of kinds.entries()) {
    it(`${name}: ${expect}`, async () => {
      const sides = [
        { server: on === undefined ? newest : older, database: `source_${i}`, sql: `${both};${source}` },
        { server: newest, database: `target_${i}`, sql: `${both};${target}` },
      ];
      const [left = '', right = ''] = await Promise.all(
        sides.map(async ({ server, database, sql }) => {
          await server.run(`CREATE DATABASE ${database}`);
          await server.run(sql, database);
          return server.url(undefined, undefined, database);
        }),
      );
      const result = await compare(postgresDigest, { source: left, target: right });
      const told = JSON.stringify([
        result.remarks,
        result.tables,
        result.objects.filter((each) => each.verdict !== 'same'),
      ]);
      assert.equal(result.verdict, expect, told);
      if (differs) assert.deepEqual(differing(result), [...differs].sort(), told);
    });
  }
});
