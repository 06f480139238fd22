import assert from 'node:assert/strict';
import mssql, { type ConnectionPool } from 'mssql';
import type { ComparisonResult } from '../../src/comparison/result.ts';
import { sqlserverDigest } from '../../src/engines/sqlserver/digest.ts';
import { parseConnectionUrl } from '../../src/engines/url.ts';
import { say } from '../../src/util/sentence.ts';
import { DigestPair } from '../support/tds/sql/pair.ts';
import { lies, twins } from './compare-sqlserver.cases.ts';
import { compare, found, tableOf } from './comparing.ts';

const url = process.env['DTS_CUTOVER_TEST_SQLSERVER_URL'];

/** Needs a sysadmin; makes and drops two databases. 2019 or later, for the collation with UTF-8. */
describe('comparing on a real SQL Server (DTS_CUTOVER_TEST_SQLSERVER_URL)', function () {
  this.timeout(300_000);
  const cases = [...lies, ...twins];
  const names = { source: `dts_cutover_a_${process.pid}`, target: `dts_cutover_b_${process.pid}` };
  let client: ConnectionPool;

  const run = (sql: string) => client.request().batch(sql);
  const urlOf = (database: string) => {
    const full = new URL(url ?? '');
    full.pathname = `/${database}`;
    return full.href;
  };
  async function fill(database: string, i: number, sql: string): Promise<void> {
    for (const statement of sql.replaceAll('{t}', `case_${i}`).split(/; (?=[A-Z]+ )/)) {
      await run(`USE [${database}]; ${statement}`);
    }
  }

  before(async function () {
    if (url === undefined) this.skip();
    const { profile, password } = parseConnectionUrl(url);
    client = await new mssql.ConnectionPool({
      server: profile.nodes[0]?.host ?? '',
      port: profile.nodes[0]?.port ?? 1433,
      user: profile.user,
      password,
      pool: { min: 0, max: 1 },
      options: { appName: 'shop', encrypt: profile.tls.mode !== 'off', trustServerCertificate: true },
    }).connect();
    for (const name of Object.values(names)) {
      await run(`CREATE DATABASE [${name}] COLLATE SQL_Latin1_General_CP1_CI_AS`);
      await run(`ALTER DATABASE [${name}] SET ALLOW_SNAPSHOT_ISOLATION ON`);
    }
    for (const [i, { source, target }] of cases.entries()) {
      await fill(names.source, i, source);
      await fill(
        names.target,
        i,
        target.startsWith('CREATE') ? target : target === '' ? source : `${source}; ${target}`,
      );
    }
  });
  after(async () => {
    if (!client) return;
    for (const name of Object.values(names)) {
      await run(`ALTER DATABASE [${name}] SET SINGLE_USER WITH ROLLBACK IMMEDIATE; DROP DATABASE [${name}]`);
    }
    await client.close();
  });

  describe('planted differences and twins', () => {
    let result: ComparisonResult;

    before(async () => {
      result = await compare(sqlserverDigest, { source: urlOf(names.source), target: urlOf(names.target) });
    });

    for (const [i, { name, differs }] of cases.entries()) {
      it(`${differs.length > 0 ? 'finds' : 'accepts'} ${name}`, () => {
        const table = tableOf(result, `case_${i}`);
        assert.equal(table.reason && say(table.reason), null);
        assert.deepEqual(found(table), [...differs].sort());
      });
    }
  });

  it('hashes every value to the same bits as the test server of these tests', async () => {
    const pair = await DigestPair.start(names.source);
    try {
      for (const [i, { source }] of cases.entries()) pair.source.database.run(source.replaceAll('{t}', `case_${i}`));
      const result = await compare(sqlserverDigest, { source: pair.urls.source, target: urlOf(names.source) });
      const verdicts = cases.map(({ name }, i) => `${name}: ${tableOf(result, `case_${i}`).verdict}`);
      assert.deepEqual(
        verdicts,
        cases.map(({ name }) => `${name}: same`),
      );
    } finally {
      await pair.stop();
    }
  });
});
