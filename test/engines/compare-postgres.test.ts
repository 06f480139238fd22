import assert from 'node:assert/strict';
import type { ComparisonResult } from '../../src/comparison/result.ts';
import { postgresDigest } from '../../src/engines/postgres/digest.ts';
import { startPostgres, type PostgresServer } from '../../sandbox/postgres.ts';
import { lies, twins, type Case } from './compare-postgres.cases.ts';
import { compare, found, tableOf } from './comparing.ts';

describe('comparing PostgreSQL 17 with 18', function () {
  this.timeout(60_000);
  let source: PostgresServer;
  let target: PostgresServer;

  before(async () => {
    [source, target] = await Promise.all([startPostgres({ version: '17' }), startPostgres({ version: '18' })]);
  });
  after(() => Promise.all([source?.stop(), target?.stop()]));

  describe('differences that quick checksums miss, and twins that are the same', () => {
    const cases: readonly Case[] = [...lies, ...twins];
    let result: ComparisonResult;

    before(async () => {
      const shared =
        'CREATE TYPE pair AS (a int, b int);' +
        `CREATE COLLATION blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false);`;
      await source.run('CREATE DATABASE cases');
      await target.run('CREATE DATABASE cases');
      // settings of the sessions must not matter
      await target.run(`ALTER DATABASE cases SET TimeZone = 'Asia/Kathmandu'; ALTER DATABASE cases SET DateStyle = 'German';
        ALTER DATABASE cases SET IntervalStyle = 'iso_8601'; ALTER DATABASE cases SET extra_float_digits = 0; ALTER DATABASE cases SET bytea_output = 'escape'`);
      await source.run(`${shared} CREATE TYPE mood AS ENUM ('sad', 'glad')`, 'cases');
      await target.run(`${shared} CREATE TYPE mood AS ENUM ('glad', 'sad')`, 'cases');
      for (const [i, { source: made, target: changed }] of cases.entries()) {
        const named = (sql: string) => sql.replaceAll('{t}', `case_${i}`);
        const session = `SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET IntervalStyle = 'postgres';`;
        await source.run(session + named(made), 'cases');
        await target.run(session + named(changed.startsWith('CREATE') ? changed : `${made}; ${changed}`), 'cases');
      }
      result = await compare(postgresDigest, {
        source: source.url(undefined, undefined, 'cases'),
        target: target.url(undefined, undefined, 'cases'),
      });
    });

    for (const [i, { name, differs }] of cases.entries()) {
      it(`${differs.length > 0 ? 'finds' : 'accepts'} ${name}`, () => {
        const table = tableOf(result, `case_${i}`);
        assert.equal(table.reason, null);
        assert.deepEqual(found(table), [...differs].sort());
        assert.equal(table.verdict, differs.length > 0 ? 'different' : 'same');
      });
    }
  });
});
