/** Keys of every type and order: rows are found again by them, and only those that differ. */
import assert from 'node:assert/strict';
import { repairStatements } from '../../src/comparison/repair.ts';
import type { ComparisonResult } from '../../src/comparison/result.ts';
import { mysqlDigest } from '../../src/engines/mysql/digest.ts';
import { haveMariaDb, startMariaDb, type MariaDb } from '../../sandbox/mariadb.ts';
import { compare, found, quiet, tableOf, written, type Compared } from './comparing.ts';

/** The type of a key, and two values. */
const KEYS: readonly (readonly [type: string, one: string, two: string])[] = [
  ['int zerofill', '7', '8'],
  ['bigint unsigned', '18446744073709551615', '0'],
  ['decimal(20,5)', '1.5', '-2.25'],
  ['float', '0.1', '16777217'],
  ['double', '0.1e0', '1e300'],
  ['bit(3)', "b'101'", "b'001'"],
  ['bit(64)', "b'0011000100100000010011110101001000100000001100010011110100110001'", "b'1'"],
  ['year', '2001', '1999'],
  ['date', "'2020-01-01'", "'2021-01-01'"],
  ['time(6)', "'-10:00:00.000001'", "'1:0:0'"],
  ['datetime(6)', "'2020-01-01 00:00:00.000001'", "'2021-01-01'"],
  ['timestamp(3)', "'2020-01-01 00:00:00.001'", "'2021-01-01'"],
  ["enum('é','b') character set latin1", "'é'", "'b'"],
  ["set('a','b')", "'a,b'", "'b'"],
  ['char(9)', "'a'", "'b'"],
  ['varchar(9) collate utf8mb4_general_ci', "'É '", "'z'"],
  ['varchar(9) character set latin1', "'é'", "'z'"],
  ['varchar(9) character set gbk', "'é'", "'z'"],
  // a character of the area for one's own, which Unicode does not have
  ['varchar(9) character set gbk', "_gbk x'AAA1'", "_gbk x'AAA2'"],
  ['varbinary(9)', "x'00ff'", "x'01'"],
  ['binary(3)', "x'00ff00'", "x'01'"],
  ['uuid', "'c9b51c21-84f6-11ef-8d05-02a1b2c3d4e5'", "'c9b51c21-84f6-11ef-8d05-02a1b2c3d4e6'"],
  ['inet6', "'::1'", "'::2'"],
  ['inet4', "'1.2.3.4'", "'1.2.3.5'"],
];

describe('comparing two MariaDB servers: keys', function () {
  this.timeout(60_000);
  let source: MariaDb;
  let target: MariaDb;
  const run = (server: MariaDb, sql: string) => server.query(sql, 'lab');
  const each = (sql: string) => Promise.all([run(source, sql), run(target, sql)]);
  const go = (request: Partial<Compared> = {}) =>
    compare(mysqlDigest, { source: source.urlOf('lab'), target: target.urlOf('lab'), ...request });
  const repair = async (result: ComparisonResult, name: string) => {
    const { target: table, targetColumns: columns, differences } = tableOf(result, name);
    assert.ok(table);
    for (const statement of repairStatements(mysqlDigest.repair, { name: table, columns }, differences))
      if (!statement.startsWith('--')) await run(target, statement);
  };

  before(async function () {
    if (!haveMariaDb()) return this.skip();
    [source, target] = await Promise.all([startMariaDb(), startMariaDb()]);
  });
  after(() => Promise.all([source?.stop(), target?.stop()]));
  beforeEach(() =>
    Promise.all([source, target].map((server) => server.query('DROP DATABASE IF EXISTS lab; CREATE DATABASE lab'))),
  );

  it('finds a row of every type of key, reads it again, and repairs it', async () => {
    const tables = KEYS.flatMap(([type, one, two], i) =>
      ['k', 'n, k'].map((key, j) => ({ name: `t${i}_${j}`, type, one, two, key })),
    );
    await each('CREATE TABLE other (id int PRIMARY KEY)');
    for (const { name, type, one, two, key } of tables) {
      await each(`CREATE TABLE ${name} (k ${type}, n int, v int, PRIMARY KEY (${key}));
        INSERT INTO ${name} VALUES (${one}, 1, 1), (${two}, 2, 2)`);
      await run(target, `UPDATE ${name} SET v = 9 WHERE n = 1; DELETE FROM ${name} WHERE n = 2`);
    }
    const counts = (result: ComparisonResult) =>
      tables.map(({ name, type, key }) => `${type} (${key}): ${tableOf(result, name).differenceCount ?? '?'}`);
    const two = tables.map(({ type, key }) => `${type} (${key}): 2`);

    const result = await go();
    assert.deepEqual(counts(result), two);
    const again = await go({ positions: { source: written(['lab.other'], 2), target: quiet } });
    assert.deepEqual(counts(again), two);

    for (const { name } of tables) await repair(result, name);
    const left = (await go()).tables.filter(({ verdict }) => verdict !== 'same').map(({ source: name }) => name?.name);
    // what Unicode does not have is written by hand
    const byHand = KEYS.findIndex(([, one]) => one.startsWith('_gbk'));
    // tables end in any order
    assert.deepEqual(left.sort(), [`t${byHand}_0`, `t${byHand}_1`]);
  });

  it('finds one row among descending keys, on both sides and on one', async () => {
    const fill = 'INSERT INTO t SELECT seq, seq FROM seq_1_to_20000';
    await run(source, `CREATE TABLE t (id int, v int, PRIMARY KEY (id DESC)); ${fill}`);
    for (const order of ['DESC', 'ASC']) {
      await run(target, `CREATE OR REPLACE TABLE t (id int, v int, PRIMARY KEY (id ${order})); ${fill}`);
      await run(target, 'UPDATE t SET v = -1 WHERE id = 100');
      assert.deepEqual(found(tableOf(await go(), 't')), ['changed 100'], order);
    }
  });

  it('finds one row under keys of another scale, and under texts of another character set', async () => {
    const decimals = (scale: number) =>
      `CREATE TABLE d (k decimal(12,${scale}) PRIMARY KEY, v int); INSERT INTO d SELECT seq/10, seq FROM seq_1_to_50`;
    const texts = (charset: string) =>
      `CREATE TABLE c (k varchar(20) CHARACTER SET ${charset} PRIMARY KEY, v int);
       INSERT INTO c SELECT CONCAT('é', seq), seq FROM seq_1_to_60`;
    await run(source, `${decimals(2)}; ${texts('latin1')}`);
    await run(target, `${decimals(4)}; ${texts('utf8mb4')}`);
    await run(target, 'UPDATE d SET v = -1 WHERE v = 7; UPDATE c SET v = -1 WHERE v = 7');
    const result = await go();
    assert.equal(tableOf(result, 'd').differenceCount, 1);
    assert.deepEqual(found(tableOf(result, 'c')), ['changed é7']);
  });

  it('counts rows of a key without an order once, page after page', async () => {
    await each(`CREATE TABLE t (k double PRIMARY KEY, v int); INSERT INTO t SELECT seq/2000000, seq FROM seq_1_to_120000;
      ANALYZE TABLE t`);
    await run(target, 'UPDATE t SET v = -v WHERE v % 300 = 0; DELETE FROM t WHERE v BETWEEN 1 AND 3000');
    const table = tableOf(await go(), 't');
    assert.equal(table.differenceCount, 400 + 2990);
    assert.deepEqual(table.differences.filter(({ kind }) => kind === 'extra').length, 0);
  });

  it('ends with keys that Unicode does not have', async () => {
    const digits = (i: number) => [...String(i).padStart(4, '0')].map((digit) => `3${digit}`).join('');
    const values = Array.from({ length: 9000 }, (_, i) => `(_gbk x'AAA1${digits(i)}', ${i})`).join(',');
    await each(`CREATE TABLE t (k varchar(10) CHARACTER SET gbk PRIMARY KEY, v int); INSERT INTO t VALUES ${values};
      ANALYZE TABLE t`);
    await run(target, 'UPDATE t SET v = -1 WHERE v IN (1, 4500, 8999)');
    assert.equal(tableOf(await go(), 't').differenceCount, 3);
  });

  it('splits large groups of a text key until they are small', async () => {
    // statistics that are far behind make ranges of many rows
    await each(`CREATE TABLE t (k varchar(20) PRIMARY KEY, v int) STATS_AUTO_RECALC = 0; ANALYZE TABLE t;
      INSERT INTO t SELECT CONCAT('k', seq), seq FROM seq_1_to_100000`);
    await run(source, "UPDATE mysql.innodb_table_stats SET n_rows = 2000000000 WHERE table_name = 't'; FLUSH TABLE t");
    await run(target, 'UPDATE t SET v = -1 WHERE v IN (1, 50000, 99999)');
    assert.deepEqual(found(tableOf(await go(), 't')), ['changed k1', 'changed k50000', 'changed k99999']);
  });

  it('reads a table with a long unique text once, and not once for each range', async () => {
    await each(`CREATE TABLE t (k varchar(2000) NOT NULL, v int, UNIQUE (k));
      INSERT INTO t SELECT CONCAT('k', seq), seq FROM seq_1_to_20000; ANALYZE TABLE t`);
    await run(target, 'UPDATE t SET v = -1 WHERE v = 7');
    const reads = async () => {
      const rows = await source.query(
        "SELECT SUM(VARIABLE_VALUE) FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME LIKE 'Handler_read_%'",
      );
      return Number(Object.values(rows[0] ?? {})[0]);
    };
    const before = await reads();
    assert.deepEqual(found(tableOf(await go(), 't')), ['changed k7']);
    assert.ok((await reads()) - before < 150_000);
  });

  it('sees all tables and rows of a server that limits its answers', async () => {
    await each(`CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY, v int); INSERT INTO b VALUES (1, 1);
      CREATE TABLE n (v int); INSERT INTO n SELECT seq FROM seq_1_to_1000; SET GLOBAL sql_select_limit = 1`);
    try {
      await run(target, 'UPDATE b SET v = 2; UPDATE n SET v = -v WHERE v = 400');
      const result = await go();
      assert.deepEqual(result.tables.map(({ source: name, differenceCount }) => [name?.name, differenceCount]).sort(), [
        ['a', 0],
        ['b', 1],
        ['n', 2],
      ]);
    } finally {
      await each('SET GLOBAL sql_select_limit = DEFAULT');
    }
  });

  it('finds every row by a unique key whatever the order in which the server fetches them', async () => {
    for (const server of [source, target])
      await server.query("SET GLOBAL optimizer_switch = 'mrr=on,mrr_sort_keys=on,mrr_cost_based=off'");
    try {
      await each(`CREATE TABLE t (x int NOT NULL, k int NOT NULL, v varchar(300), UNIQUE zz (x), UNIQUE aa (k));
        INSERT INTO t SELECT seq, 2 * ((seq * 7919) % 30011), REPEAT('x', 20) FROM seq_1_to_20000; ANALYZE TABLE t`);
      assert.equal((await go()).verdict, 'same');
      await run(target, "UPDATE t SET v = 'y' WHERE x % 400 = 3");
      assert.equal(tableOf(await go(), 't').differenceCount, 50);
      // on one side only
      await source.query('SET GLOBAL optimizer_switch = DEFAULT');
      assert.equal(tableOf(await go(), 't').differenceCount, 50);
    } finally {
      for (const server of [source, target]) await server.query('SET GLOBAL optimizer_switch = DEFAULT');
    }
  });

  it('compares partitioned with whole tables, and other primary keys than the other side has', async () => {
    const columns = 'a varchar(20) NOT NULL, b varchar(20) NOT NULL, v int';
    const make = (server: MariaDb, rest: string) =>
      run(
        server,
        `CREATE OR REPLACE TABLE t (${columns}, ${rest}; INSERT INTO t SELECT seq, 5000 - seq, 1 FROM seq_1_to_3000`,
      );
    for (const [mine, theirs] of [
      ['PRIMARY KEY (a), UNIQUE (b))', 'PRIMARY KEY (b), UNIQUE (a))'],
      ['PRIMARY KEY (a))', 'PRIMARY KEY (a)) PARTITION BY KEY (a) PARTITIONS 5'],
    ] as const) {
      await make(source, mine);
      await make(target, theirs);
      await run(target, "UPDATE t SET v = 2 WHERE a = '7'");
      assert.equal(tableOf(await go(), 't').differenceCount, 1, theirs);
    }
  });

  it('is not led astray by the names of columns, or by keys that read as SQL', async () => {
    const sql = `CONCAT(CHAR(0), ''' OR SLEEP(9) OR k=x''')`;
    await each(`CREATE TABLE p (k varchar(20) PRIMARY KEY, part int);
      INSERT INTO p SELECT CONCAT('k', seq), seq % 3 FROM seq_1_to_20000;
      CREATE TABLE n (h int, v int); INSERT INTO n VALUES (1, 1), (1, 2), (1, 3);
      CREATE TABLE s (k varchar(40) PRIMARY KEY, v int); INSERT INTO s VALUES (${sql}, 1), ('a', 1)`);
    await run(
      target,
      `UPDATE p SET part = 7 WHERE k IN ('k1', 'k700', 'k19999'); DELETE FROM n WHERE v > 1; UPDATE s SET v = 2`,
    );
    const result = await go();
    assert.equal(tableOf(result, 'p').differenceCount, 3);
    const rows = tableOf(result, 'n').differences.map(({ source: row }) => row?.['v']);
    assert.deepEqual(rows.sort(), ['2', '3']);
    assert.equal(tableOf(result, 's').differenceCount, 2);
  });

  it('uses no index that the server is told to ignore, and splits ranges wider than a bigint', async () => {
    const fill = 'INSERT INTO i SELECT seq, seq, seq FROM seq_1_to_100';
    await run(source, `CREATE TABLE i (a int PRIMARY KEY, k int NOT NULL, v int, UNIQUE u (k) IGNORED); ${fill}`);
    await run(target, `CREATE TABLE i (a int, k int PRIMARY KEY, v int); ${fill}`);
    await each(`
      CREATE TABLE w (k bigint PRIMARY KEY, v int) STATS_AUTO_RECALC = 0; ANALYZE TABLE w;
      INSERT INTO w SELECT CAST(seq AS SIGNED) - 9223372036854775807, seq FROM seq_1_to_6000;
      INSERT INTO w SELECT 9223372036854775807 - CAST(seq AS SIGNED), seq FROM seq_1_to_6000`);
    await run(target, 'UPDATE i SET v = -1 WHERE k = 7; UPDATE w SET v = -1 WHERE v = 5');
    const result = await go();
    assert.deepEqual(found(tableOf(result, 'i')), ['changed 7']);
    assert.equal(tableOf(result, 'w').differenceCount, 2);
  });
});
