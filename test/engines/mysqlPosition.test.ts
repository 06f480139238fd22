import assert from 'node:assert/strict';
import type { PositionFacts } from '../../src/cutover/facts.ts';
import { isFailure } from '../../src/util/failure.ts';
import type { EngineConnection } from '../../src/engines/engine.ts';
import { footprintOf } from '../../src/engines/engine.ts';
import { DTS, never, startServer, type TestServer } from '../support/mysql.ts';
import { describeMysql } from '../support/pairs.ts';

describeMysql('who has written since the last reading', function (product) {
  this.timeout(60_000);
  let server: TestServer;
  let connection: EngineConnection;
  let token: string | null = null;

  /** reads on from the last reading */
  async function read(): Promise<PositionFacts> {
    const facts = await connection.readWritePosition(token, DTS, never);
    token = facts.token;
    return facts;
  }
  /** the reading after some statements, from a reading that was quiet */
  async function afterwards(...statements: readonly string[]): Promise<PositionFacts> {
    await settle();
    for (const sql of statements) await server.run(sql);
    return read();
  }
  async function settle(): Promise<void> {
    for (let i = 0; i < 20; i++) if ((await read()).foreign === 'none') return;
    assert.fail('the position never came to rest');
  }
  const foreignNames = (facts: PositionFacts) =>
    facts.written.filter((object) => !object.byDts).map((object) => object.name);

  before(async function () {
    server = await startServer(this, product);
    await server.run('DROP DATABASE IF EXISTS dts_cutover_shop');
    await server.run('CREATE DATABASE dts_cutover_shop');
    await server.run(
      'CREATE TABLE dts_cutover_shop.orders (id INT PRIMARY KEY AUTO_INCREMENT, note TEXT) STATS_AUTO_RECALC = 0',
    );
    await server.run('CREATE DATABASE IF NOT EXISTS __tencentdb__');
    await server.run('CREATE TABLE IF NOT EXISTS __tencentdb__.heartbeat (id INT PRIMARY KEY, beat BIGINT)');
    connection = await server.connect();
  });
  after(async () => {
    await server?.run('DROP DATABASE IF EXISTS dts_cutover_shop');
    await server?.stop();
  });

  it('cannot tell at the first reading, and sees an idle server rest at the second', async () => {
    const first = await connection.readWritePosition(null, DTS, never);
    assert.equal(first.foreign, 'unknown');
    assert.equal(first.sinceDisplay, null);
    const second = await connection.readWritePosition(first.token, DTS, never);
    assert.equal(second.foreign, 'none');
    assert.equal(second.sinceDisplay, first.display);
    assert.match(second.display, /:\d+/);
  });

  it('catches a writer that came, wrote one row and left, and names the table', async () => {
    const facts = await afterwards("INSERT INTO dts_cutover_shop.orders (note) VALUES ('hidden')");
    assert.equal(facts.foreign, 'written');
    assert.deepEqual(foreignNames(facts), ['dts_cutover_shop.orders']);
    assert.equal((await read()).foreign, 'none');
  });

  it('takes the heartbeat of DTS for what it is, in every way to write it', async () => {
    const facts = await afterwards(
      'REPLACE INTO __tencentdb__.heartbeat VALUES (1, 1)',
      'REPLACE INTO __tencentdb__.heartbeat VALUES (1, 2)',
      'INSERT INTO __tencentdb__.heartbeat VALUES (1, 3) ON DUPLICATE KEY UPDATE beat = 3',
      'UPDATE __tencentdb__.heartbeat SET beat = 4',
      'CREATE TABLE IF NOT EXISTS __tencentdb__.other (id INT)',
      'CREATE TABLE IF NOT EXISTS __tencentdb__.other (id INT)',
      'CREATE DATABASE IF NOT EXISTS __tencentdb__',
    );
    assert.equal(facts.foreign, 'none', JSON.stringify(facts));
    assert.ok(facts.written.length > 0 && facts.written.every((object) => object.byDts));
  });

  it('finds the one foreign row between heartbeats', async () => {
    const facts = await afterwards(
      'REPLACE INTO __tencentdb__.heartbeat VALUES (1, 5)',
      "UPDATE dts_cutover_shop.orders SET note = 'seen'",
      'REPLACE INTO __tencentdb__.heartbeat VALUES (1, 6)',
    );
    assert.equal(facts.foreign, 'written');
    assert.deepEqual(foreignNames(facts), ['dts_cutover_shop.orders']);
  });

  it('tells writes to a table that the rule of the user sets aside, and sees a foreign one among them', async () => {
    await server.run('CREATE TABLE IF NOT EXISTS dts_cutover_shop.beat (id INT PRIMARY KEY, at BIGINT)');
    await settle();
    const dts = footprintOf('mysql', [['dts_cutover_shop', 'beat']]);
    const next = async () => ({ token } = await connection.readWritePosition(token, dts, never));
    await server.run('REPLACE INTO dts_cutover_shop.beat VALUES (1, 1)');
    const beats = await connection.readWritePosition(token, dts, never);
    assert.deepEqual(beats.written, [{ name: 'dts_cutover_shop.beat', count: 1, byDts: true, heartbeat: true }]);
    assert.deepEqual([beats.foreign, beats.why.args?.['tables']], ['none', 'dts_cutover_shop.beat']);
    await next();
    await server.run('REPLACE INTO dts_cutover_shop.beat VALUES (1, 2)');
    await server.run("INSERT INTO dts_cutover_shop.orders (note) VALUES ('seen among beats')");
    const both = await connection.readWritePosition(token, dts, never);
    assert.deepEqual([both.foreign, foreignNames(both)], ['written', ['dts_cutover_shop.orders']]);
    await next();
  });

  it('names the table of changed definitions', async () => {
    assert.deepEqual(foreignNames(await afterwards('ALTER TABLE dts_cutover_shop.orders ADD extra INT')), [
      'dts_cutover_shop.orders',
    ]);
    assert.deepEqual(
      foreignNames(await afterwards('CREATE DATABASE dts_cutover_new', 'DROP DATABASE dts_cutover_new')),
      ['dts_cutover_new'],
    );
    const view = await afterwards('CREATE OR REPLACE VIEW dts_cutover_shop.v AS SELECT 1');
    assert.equal(view.foreign, 'written');
  });

  it('reads statements of a session that does not log rows', async () => {
    await settle();
    const client = await server.client();
    await client.query("SET SESSION binlog_format = 'STATEMENT'");
    await client.query('USE dts_cutover_shop');
    await client.query("INSERT INTO orders (note) VALUES ('statement')");
    client.destroy();
    const facts = await read();
    assert.equal(facts.foreign, 'written');
    assert.deepEqual(foreignNames(facts), ['dts_cutover_shop.orders']);
  });

  it('is not fooled by a write that is kept out of the binary log', async () => {
    await settle();
    const client = await server.client();
    await client.query('SET SESSION sql_log_bin = 0');
    await client.query("INSERT INTO dts_cutover_shop.orders (note) VALUES ('unlogged')");
    client.destroy();
    const facts = await read();
    assert.equal(facts.foreign, 'written');
    assert.deepEqual(foreignNames(facts), ['dts_cutover_shop.orders']);
  });

  it('is not fooled by an unlogged write to a table that only counts globally', async () => {
    await server.run('CREATE TABLE dts_cutover_shop.old (id INT) ENGINE = MyISAM');
    await settle();
    const client = await server.client();
    await client.query('SET SESSION sql_log_bin = 0');
    await client.query('INSERT INTO dts_cutover_shop.old VALUES (1)');
    client.destroy();
    const facts = await read();
    assert.ok(facts.foreign === 'unknown' || facts.foreign === 'written', facts.foreign);
    await server.run('DROP TABLE dts_cutover_shop.old');
  });

  it('is not fooled by an unlogged change of definitions', async () => {
    await settle();
    const client = await server.client();
    await client.query('SET SESSION sql_log_bin = 0');
    await client.query('TRUNCATE TABLE dts_cutover_shop.orders');
    client.destroy();
    assert.notEqual((await read()).foreign, 'none');
  });

  it('is not fooled by an unlogged table made and filled at once', async () => {
    await settle();
    const client = await server.client();
    await client.query('SET SESSION sql_log_bin = 0');
    await client.query('CREATE TABLE dts_cutover_shop.copied (n INT) SELECT 1 AS n');
    client.destroy();
    assert.notEqual((await read()).foreign, 'none');
    await server.run('DROP TABLE dts_cutover_shop.copied');
  });

  it('sees rows of a transaction that is still open', async () => {
    await settle();
    const client = await server.client();
    await client.beginTransaction();
    await client.query("INSERT INTO dts_cutover_shop.orders (note) VALUES ('open')");
    const facts = await read();
    assert.equal(facts.foreign, 'written');
    assert.deepEqual(foreignNames(facts), ['dts_cutover_shop.orders']);
    await client.commit();
    assert.equal((await read()).foreign, 'written');
    client.destroy();
  });

  it('does not cry wolf over reads, temporary tables, accounts and maintenance', async function () {
    const [schema] = await server.run("SHOW VARIABLES LIKE 'performance_schema'");
    // without it rows of temporary tables and accounts cannot be told from others
    if (schema?.['Value'] !== 'ON') this.skip();
    await settle();
    const client = await server.client();
    await client.query('SELECT COUNT(*) FROM dts_cutover_shop.orders');
    await client.query('CREATE TEMPORARY TABLE dts_cutover_shop.scratch (id INT) ENGINE = MyISAM');
    await client.query('INSERT INTO dts_cutover_shop.scratch VALUES (1), (2)');
    await client.query('CREATE TEMPORARY TABLE dts_cutover_shop.scratch2 (id INT) ENGINE = MEMORY');
    await client.query('INSERT INTO dts_cutover_shop.scratch2 VALUES (1), (2)');
    client.destroy();
    await server.run("CREATE USER IF NOT EXISTS 'dts_cutover_x'@'%'");
    await server.run("DROP USER 'dts_cutover_x'@'%'");
    await server.run('FLUSH TABLES');
    const facts = await read();
    assert.equal(facts.foreign, 'none', JSON.stringify(facts));
  });

  it('follows the log over a rotation', async () => {
    const facts = await afterwards(
      "INSERT INTO dts_cutover_shop.orders (note) VALUES ('before')",
      'FLUSH BINARY LOGS',
      'REPLACE INTO __tencentdb__.heartbeat VALUES (1, 7)',
    );
    assert.equal(facts.foreign, 'written');
    assert.deepEqual(foreignNames(facts), ['dts_cutover_shop.orders']);
    const rotated = await afterwards('FLUSH BINARY LOGS', 'FLUSH BINARY LOGS');
    assert.equal(rotated.foreign, 'none', JSON.stringify(rotated));
  });

  it('compares with a token of an earlier connection', async () => {
    await settle();
    const before = token;
    const other = await server.connect();
    const quiet = await other.readWritePosition(before, DTS, never);
    assert.equal(quiet.foreign, 'none', JSON.stringify(quiet));
    await server.run("INSERT INTO dts_cutover_shop.orders (note) VALUES ('later')");
    const written = await (await server.connect()).readWritePosition(before, DTS, never);
    assert.equal(written.foreign, 'written');
    assert.deepEqual(foreignNames(written), ['dts_cutover_shop.orders']);
  });

  it('says so when more was written than it can look through', async () => {
    await settle();
    const client = await server.client();
    await client.beginTransaction();
    for (let i = 0; i < 2_600; i++) await client.query('REPLACE INTO __tencentdb__.heartbeat VALUES (1, ?)', [i]);
    await client.commit();
    client.destroy();
    assert.equal((await read()).foreign, 'unknown');
    assert.equal((await read()).foreign, 'none');
  });
});

describeMysql('the write position of a server that fails', function (product) {
  this.timeout(60_000);
  let server: TestServer;
  let connection: EngineConnection;

  before(async function () {
    server = await startServer(this, product, {});
    await server.run('CREATE DATABASE shop');
    await server.run('CREATE TABLE shop.orders (id INT PRIMARY KEY AUTO_INCREMENT)');
    connection = await server.connect();
  });
  after(() => server?.stop());

  it('does not know what happened over a restart, and recovers by itself', async () => {
    const first = await connection.readWritePosition(null, DTS, never);
    const startedAt = connection.server.startedAt;
    await pauseBeyondClockTremble(startedAt);
    await server.own?.restart();
    // the first call after a restart may find the old socket dead
    const second = await connection
      .readWritePosition(first.token, DTS, never)
      .catch(() => connection.readWritePosition(first.token, DTS, never));
    assert.equal(second.foreign, 'unknown');
    const third = await connection.readWritePosition(second.token, DTS, never);
    assert.equal(third.foreign, 'none');
    const restarted = await connection.readServer(never);
    assert.equal(restarted.identity, connection.server.identity);
    assert.notEqual(restarted.startedAt, startedAt);
  });

  it('says what is wrong while the server is down, and goes on when it is back', async () => {
    await server.own?.crash();
    await assert.rejects(connection.listSessions(never), (error) => isFailure(error) && DOWN.has(error.reason));
    await assert.rejects(connection.listSessions(never), { reason: 'refused' });
    await server.own?.restart();
    assert.ok((await connection.listSessions(never)).sessions.length > 0);
  });

  it('does not trust a log that was reset', async () => {
    await server.run('INSERT INTO shop.orders VALUES ()');
    const before = await connection.readWritePosition(null, DTS, never);
    await server.run(server.product === 'mysql' ? 'RESET BINARY LOGS AND GTIDS' : 'RESET MASTER');
    assert.equal((await connection.readWritePosition(before.token, DTS, never)).foreign, 'unknown');
  });

  it('does not trust a log that was purged', async () => {
    const before = await connection.readWritePosition(null, DTS, never);
    await server.run('FLUSH BINARY LOGS');
    const [row] = await server.run(server.product === 'mysql' ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS');
    const current = String(row?.['File']);
    // MariaDB keeps the old log until the checkpoint in the new one is written
    while ((await server.run('SHOW BINARY LOGS')).length > 1) await server.run(`PURGE BINARY LOGS TO '${current}'`);
    assert.equal((await connection.readWritePosition(before.token, DTS, never)).foreign, 'unknown');
  });
});

describeMysql('the write position without a binary log', function (product) {
  this.timeout(60_000);
  for (const performanceSchema of ['ON', 'OFF']) {
    it(`names tables by the server's counters, performance schema ${performanceSchema}`, async function () {
      const server = await startServer(this, product, {
        settings: {
          'skip-log-bin': '',
          performance_schema: performanceSchema,
          'performance-schema-instrument': '%=ON',
        },
      });
      try {
        await server.run('CREATE DATABASE shop');
        await server.run('CREATE DATABASE __tencentdb__');
        await server.run('CREATE TABLE shop.`odd name` (id INT PRIMARY KEY AUTO_INCREMENT)');
        await server.run('CREATE TABLE __tencentdb__.heartbeat (id INT PRIMARY KEY, beat INT)');
        const connection = await server.connect();
        const first = await connection.readWritePosition(null, DTS, never);
        await server.run('REPLACE INTO __tencentdb__.heartbeat VALUES (1, 1)');
        const quiet = await connection.readWritePosition(first.token, DTS, never);
        assert.equal(quiet.foreign, 'none', JSON.stringify(quiet));
        await server.run('INSERT INTO shop.`odd name` VALUES ()');
        const written = await connection.readWritePosition(quiet.token, DTS, never);
        assert.equal(written.foreign, 'written');
        assert.deepEqual(
          written.written.map((object) => object.name),
          ['shop.odd name'],
        );
      } finally {
        await server.stop();
      }
    });
  }
});

describeMysql('a source that is itself a replica', function (product) {
  this.timeout(60_000);

  it('names the upstream that will write later, and sees what it writes unlogged', async function () {
    const upstream = await startServer(this, product, {});
    const server = await startServer(this, product, {});
    try {
      const connection = await server.connect();
      const { host, port, user, password } = upstream.root;
      const [word, last] =
        server.product === 'mysql' ? ['SOURCE', 'GET_SOURCE_PUBLIC_KEY=1'] : ['MASTER', 'MASTER_USE_GTID=slave_pos'];
      await server.run(
        `CHANGE ${word === 'SOURCE' ? 'REPLICATION SOURCE' : word} TO ${word}_HOST='${host}', ${word}_PORT=${port}, ` +
          `${word}_USER='${user}', ${word}_PASSWORD='${password}', ${last}`,
      );
      await server.run('START REPLICA');
      await upstream.run('CREATE DATABASE shop');
      await upstream.run('CREATE TABLE shop.orders (id INT PRIMARY KEY)');
      while (!(await connection.listDatabases(never)).includes('shop'));
      const pending = await connection.listPendingWriters(never);
      assert.deepEqual(
        pending.map((writer) => [writer.kind, writer.name]),
        [['job', `replication from ${host}:${port}`]],
      );
      const system = (await connection.listSessions(never)).sessions.filter((session) => session.nature === 'system');
      assert.ok(system.some((session) => session.account === 'system user'));
      // its own log says nothing of replicated rows unless log_slave_updates is on
      const before = await connection.readWritePosition(null, DTS, never);
      await upstream.run('INSERT INTO shop.orders VALUES (1)');
      const orders = { database: 'shop', schema: null, name: 'orders' };
      while ((await connection.countRows(orders, never).catch(() => 0)) === 0);
      const facts = await connection.readWritePosition(before.token, DTS, never);
      assert.notEqual(facts.foreign, 'none', JSON.stringify(facts));
    } finally {
      await server.stop();
      await upstream.stop();
    }
  });
});

const DOWN: ReadonlySet<string> = new Set(['refused', 'connection-lost']);

/** The server tells its start in whole seconds from two clocks: a restart within two of them does not show. */
async function pauseBeyondClockTremble(startedAt: number | null): Promise<void> {
  const left = (startedAt ?? 0) + 4_000 - Date.now();
  if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
}
