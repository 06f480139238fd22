import assert from 'node:assert/strict';
import { haveMariaDb, startMariaDb, type MariaDb } from '../../sandbox/mariadb.ts';
import type { ReadPosition } from '../../src/comparison/positions.ts';
import { repairScript } from '../../src/comparison/repairScript.ts';
import type { ComparisonResult } from '../../src/comparison/result.ts';
import { mysql } from '../../src/engines/mysql/index.ts';
import { mysqlDigest } from '../../src/engines/mysql/digest.ts';
import { parseConnectionUrl } from '../../src/engines/url.ts';
import { say } from '../../src/util/sentence.ts';
import { compare, found, never, PROGRAM, quiet, tableOf, written, type Compared } from './comparing.ts';

/** What must never pass for the same, and statements that must never make it worse. */
describe('comparing MariaDB with caution', function () {
  this.timeout(60_000);
  let servers: { readonly source: MariaDb; readonly target: MariaDb };

  before(async function () {
    if (!haveMariaDb()) return this.skip();
    const [source, target] = await Promise.all([startMariaDb(), startMariaDb()]);
    servers = { source, target };
  });
  after(() => Promise.all([servers?.source.stop(), servers?.target.stop()]));
  beforeEach(async () => {
    for (const { query } of [servers.source, servers.target])
      await query('DROP DATABASE IF EXISTS lab; CREATE DATABASE lab CHARSET utf8mb4');
  });

  const run = (side: 'source' | 'target', sql: string) => servers[side].query(sql, 'lab');
  const each = async (sql: string) => {
    await run('source', sql);
    await run('target', sql);
  };
  const go = (request: Partial<Compared> = {}): Promise<ComparisonResult> =>
    compare(mysqlDigest, { source: servers.source.urlOf('lab'), target: servers.target.urlOf('lab'), ...request });
  /** URLs of another account, made on both servers */
  async function account(grants: readonly string[]) {
    for (const server of [servers.source, servers.target]) {
      await server.query("CREATE OR REPLACE USER plain@'%' IDENTIFIED BY 'plain'");
      for (const grant of grants) await server.query(`GRANT ${grant} TO plain@'%'`, 'lab');
    }
    const of = (server: MariaDb) => {
      const url = new URL(server.urlOf('lab'));
      url.username = url.password = 'plain';
      return url.href;
    };
    return { source: of(servers.source), target: of(servers.target) };
  }
  const told = ({ remarks }: ComparisonResult) => remarks.map((remark) => say(remark)).join('\n');
  const texts = {
    heading: ['by hand'],
    truncated: () => 'truncated',
    unlisted: (table: string) => table,
    objects: 'counters',
    nothing: 'nothing',
  };
  const script = (result: ComparisonResult) => repairScript(mysqlDigest.repair, { ...result, objects: [] }, texts);

  it('keeps what differs in rows whose keys no server finds again, whatever else is written', async () => {
    await each(`CREATE TABLE t (k float PRIMARY KEY, v int); INSERT INTO t VALUES (0.1, 1), (0.2, 2);
      CREATE TABLE other (id int PRIMARY KEY)`);
    await run('target', 'UPDATE t SET v = 9 WHERE v = 1');
    for (const times of [2, 1000]) {
      const result = await go({ positions: { source: written(['lab.other'], times), target: quiet } });
      assert.equal(tableOf(result, 't').differenceCount, 1);
      assert.equal(result.verdict, times === 2 ? 'different' : 'incomplete');
    }
  });

  it('finds what a foreign key cascaded to during the comparison, which no log names', async () => {
    await each(`CREATE TABLE parent (id int PRIMARY KEY);
      CREATE TABLE child (id int PRIMARY KEY, p int, FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE);
      INSERT INTO parent VALUES (1), (2); INSERT INTO child VALUES (10, 1), (20, 2)`);
    const urls = await account([
      'SELECT, PROCESS, TRIGGER, EVENT, SHOW VIEW, BINLOG MONITOR, REPLICATION SLAVE ON *.*',
    ]);
    const connect = (url: string) =>
      mysql.connect({ ...parseConnectionUrl(url), programName: PROGRAM, timeoutMs: 20_000 }, never);
    const connections = { source: await connect(urls.source), target: await connect(urls.target) };
    let writing: Promise<unknown> | null = null;
    const position =
      (side: 'source' | 'target'): ReadPosition =>
      async (since, signal) => {
        if (since !== null) await writing;
        return connections[side].readWritePosition(since, { databases: [], objects: [] }, signal);
      };
    try {
      const result = await go({
        ...urls,
        positions: { source: position('source'), target: position('target') },
        options: {
          onProgress: ({ tablesDone, tablesTotal }) => {
            if (tablesDone < tablesTotal) return;
            // a target to which changes are applied does not cascade by itself
            const apply = 'SET foreign_key_checks = 0; DELETE FROM parent WHERE id = 1';
            writing ??= run('source', 'DELETE FROM parent WHERE id = 1').then(() => run('target', apply));
          },
        },
      });
      assert.ok(writing);
      assert.deepEqual(found(tableOf(result, 'child')), ['extra 10']);
      assert.equal(result.verdict, 'different');
    } finally {
      await Promise.all([connections.source.close(), connections.target.close()]);
    }
  });

  it('does not call a table the same of which it sees some columns only, listed or not', async () => {
    await each('CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t VALUES (1, 1)');
    await run('target', 'UPDATE t SET v = 2');
    const urls = await account([
      'SELECT (id) ON t',
      'BINLOG MONITOR ON *.*',
      'TRIGGER, EVENT, SHOW VIEW ON lab.*',
      'SELECT ON mysql.proc',
    ]);
    for (const only of [['t'], null]) {
      const result = await go({ ...urls, options: { only } });
      assert.equal(result.verdict, 'incomplete');
      assert.match(told(result), /may not see every column/);
    }
    await account(['SELECT ON t', 'TRIGGER, EVENT, SHOW VIEW ON lab.*', 'SELECT ON mysql.proc']);
    const whole = await go({ ...urls, options: { only: ['t'] } });
    assert.deepEqual([whole.verdict, told(whole)], ['different', '']);
  });

  it('says that earlier versions of rows are not compared', async () => {
    await each('CREATE TABLE t (id int PRIMARY KEY, v int) WITH SYSTEM VERSIONING; INSERT INTO t VALUES (1, 1)');
    await run('source', 'UPDATE t SET v = 2; UPDATE t SET v = 1');
    const result = await go();
    assert.equal(result.verdict, 'incomplete');
    assert.equal(tableOf(result, 't').verdict, 'same');
    assert.match(told(result), /t on .* keeps earlier versions of its rows/);
  });

  describe('repair statements, run in a session of another time zone and mode', () => {
    const session =
      "SET time_zone = '+08:00', sql_mode = 'NO_ZERO_DATE,STRICT_TRANS_TABLES,ANSI_QUOTES'; SET NAMES latin1;\n";
    async function repaired(): Promise<ComparisonResult> {
      const before = await go();
      assert.equal(before.verdict, 'different', told(before));
      await run('target', session + script(before));
      return go();
    }

    it('write moments, the key 0, odd dates and text as they are on the source', async () => {
      await each(`SET time_zone = '+00:00', sql_mode = 'NO_AUTO_VALUE_ON_ZERO';
        CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY, at timestamp(3) NOT NULL, day date, note varchar(20), d double);
        INSERT INTO t VALUES (5, '2020-01-01 00:00:00', '2020-01-01', 'x', 1)`);
      await run(
        'source',
        `SET time_zone = '+00:00', sql_mode = 'NO_AUTO_VALUE_ON_ZERO'; SET NAMES utf8mb4;
         INSERT INTO t VALUES (0, '2024-01-01 12:00:00.123', '0000-00-00', 'é 中', 1e300), (7, '2024-07-01', '2024-00-07', '\\\\', -1e-7);
         UPDATE t SET at = '2024-01-01 00:00:00' WHERE id = 5`,
      );
      const after = tableOf(await repaired(), 't');
      assert.deepEqual([after.verdict, found(after)], ['same', []]);
    });

    it('refuse a value that would have to be changed', async () => {
      await run('source', "CREATE TABLE t (id int PRIMARY KEY, v varchar(20)); INSERT INTO t VALUES (1, 'too long')");
      await run('target', 'CREATE TABLE t (id int PRIMARY KEY, v varchar(3))');
      await assert.rejects(repaired(), /Data too long/);
    });

    it('say how many equal rows of a table without a key are left to insert', async () => {
      await each('CREATE TABLE t (v int)');
      await run('source', 'INSERT INTO t SELECT 7 FROM seq_1_to_1500');
      const text = script(await go());
      assert.equal(text.split('\n').filter((line) => line.startsWith('INSERT')).length, 1000);
      assert.match(text, /^-- .* missing 500 more times/m);
    });
  });
});
