import assert from 'node:assert/strict';
import type { MysqlServer } from '../../sandbox/mysqlProcess.ts';
import { startPostgres, type PostgresServer } from '../../sandbox/postgres.ts';
import type { DigestEngine, TableShape } from '../../src/comparison/port.ts';
import { GroupTable } from '../../src/comparison/groups.ts';
import { mysqlDigest } from '../../src/engines/mysql/digest.ts';
import { postgresDigest } from '../../src/engines/postgres/digest.ts';
import { sqlserverDigest } from '../../src/engines/sqlserver/digest.ts';
import { isFailure } from '../../src/util/failure.ts';
import { available, MYSQL_PRODUCTS, NAMES, startProduct } from '../support/pairs.ts';
import { DigestPair } from '../support/tds/sql/pair.ts';
import { compare, tableOf } from './comparing.ts';

/** A server whose catalog says of the column `v` that it is never NULL, which is not true. */
const lying = (engine: DigestEngine): DigestEngine => ({
  ...engine,
  async openSnapshot(...request) {
    const session = await engine.openSnapshot(...request);
    const described = session.describe.bind(session);
    const neverNull = (table: TableShape): TableShape => ({
      ...table,
      columns: table.columns.map((column) => (column.name === 'v' ? { ...column, nullable: false } : column)),
    });
    session.describe = async (signal) => (await described(signal)).map(neverNull);
    return session;
  },
});

/** With a key of one integer, with another, and without a key; in each two rows that hold NULL and differ in `w`. */
const TABLES = [
  'CREATE TABLE a (k int PRIMARY KEY',
  'CREATE TABLE b (k varchar(9) PRIMARY KEY',
  'CREATE TABLE c (k int',
];
const made = (w: number) =>
  TABLES.map(
    (head, i) =>
      `${head}, v varchar(20), w int); INSERT INTO ${'abc'[i]} VALUES ('1', 'x', 1); INSERT INTO ${'abc'[i]} VALUES ('2', NULL, ${w})`,
  ).join('; ');

describe('a row without a digest', function () {
  this.timeout(60_000);

  async function unknown(engine: DigestEngine, urls: { source: string; target: string }): Promise<void> {
    const result = await compare(lying(engine), urls);
    assert.notEqual(result.verdict, 'same');
    const verdicts = ['a', 'b', 'c'].map((name) => tableOf(result, name).verdict);
    // where NULL has a hash of its own nothing was lost, and the difference is found
    for (const verdict of verdicts) assert.match(verdict, /^(?:failed|different)$/);
    const honest = await compare(engine, urls);
    assert.deepEqual(
      ['a', 'b', 'c'].map((name) => tableOf(honest, name).differenceCount),
      [1, 1, 2],
    );
  }

  it('fails the table on PostgreSQL', async () => {
    let server: PostgresServer | undefined;
    try {
      server = await startPostgres();
      for (const [i, name] of ['mine', 'theirs'].entries()) {
        await server.run(`CREATE DATABASE ${name}`);
        await server.run(made(i).replaceAll("('1'", '(1').replaceAll("('2'", '(2'), name);
      }
      const url = (name: string) => server?.url(undefined, undefined, name) ?? '';
      await unknown(postgresDigest, { source: url('mine'), target: url('theirs') });
    } finally {
      await server?.stop();
    }
  });

  for (const product of MYSQL_PRODUCTS)
    it(`fails the table on ${NAMES[product]}`, async function () {
      let server: MysqlServer | undefined;
      try {
        server = await startProduct(await available(this, product));
        for (const [i, name] of ['mine', 'theirs'].entries()) {
          await server.query(`CREATE DATABASE ${name}`);
          await server.query(made(i), name);
        }
        await unknown(mysqlDigest, { source: server.urlOf('mine'), target: server.urlOf('theirs') });
      } finally {
        await server?.stop();
      }
    });

  it('fails the table on SQL Server (the TDS test server)', async () => {
    const pair = await DigestPair.start('nulls', {});
    try {
      pair.source.database.run(made(0));
      pair.target.database.run(made(1));
      await unknown(sqlserverDigest, pair.urls);
    } finally {
      await pair.stop();
    }
  });

  it('is told of every engine alike: a group with fewer digests than rows is refused', () => {
    const groups = new GroupTable();
    assert.throws(() => groups.add([{ id: '0', rows: 3, digests: 2, sum: 1n }]), isFailure);
    groups.add([{ id: '0', rows: 3, digests: 3, sum: 1n }]);
    assert.equal(groups.rows, 3);
  });
});
