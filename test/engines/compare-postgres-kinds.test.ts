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
