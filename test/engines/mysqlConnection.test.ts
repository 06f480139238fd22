import assert from 'node:assert/strict';
import type { EngineConnection } from '../../src/engines/engine.ts';
import { Link } from '../../src/engines/mysql/link.ts';
import { never, startServer, type TestServer } from '../support/mysql.ts';
import { describeMysql } from '../support/pairs.ts';

describeMysql('connecting, stopping, objects and counts', function (product) {
  this.timeout(60_000);
  let server: TestServer;
  let connection: EngineConnection;

  before(async function () {
    server = await startServer(this, product);
    await server.run('DROP DATABASE IF EXISTS dts_cutover_obj');
    await server.run('CREATE DATABASE dts_cutover_obj');
    await server.run('CREATE DATABASE IF NOT EXISTS __tencentdb__');
    await server.run('CREATE TABLE dts_cutover_obj.`a``b.c` (id BIGINT UNSIGNED PRIMARY KEY, v INT, KEY by_v (v))');
    await server.run('INSERT INTO dts_cutover_obj.`a``b.c` VALUES (18446744073709551615, 1), (2, 2)');
    await server.run('CREATE VIEW dts_cutover_obj.view1 AS SELECT 1');
    await server.run('CREATE PROCEDURE dts_cutover_obj.proc1() SELECT 1');
    connection = await server.connect();
  });
  after(async () => {
    await server?.run('DROP DATABASE IF EXISTS dts_cutover_obj');
    await server?.stop();
  });

  it('tells product, identity, start and clock of the server', () => {
    const { product, identity, startedAt, clockOffset, endpoint, readOnly } = connection.server;
    assert.match(product, /^(MariaDB|MySQL|Percona Server|TDSQL-C|TencentDB for MySQL) \d+\.\d+\.\d+$/);
    assert.notEqual(identity, '');
    assert.ok(startedAt !== null && startedAt > 0);
    assert.ok(clockOffset !== null && Number.isFinite(clockOffset));
    assert.equal(endpoint, `${server.root.host}:${server.root.port}/`);
    assert.equal(readOnly, false);
  });

  it('tells that nobody may write, as on a target that DTS kept read-only', async () => {
    await server.run('SET GLOBAL read_only = ON');
    try {
      assert.equal((await connection.readServer(never)).readOnly, true);
    } finally {
      await server.run('SET GLOBAL read_only = OFF');
    }
  });

  it('keeps one start and one identity over several readings', async () => {
    for (let i = 0; i < 5; i++) {
      const again = await (await server.connect()).readServer(never);
      assert.equal(again.startedAt, connection.server.startedAt);
      assert.equal(again.identity, connection.server.identity);
    }
  });

  it('lists user databases and their objects', async () => {
    const databases = await connection.listDatabases(never);
    assert.ok(databases.includes('dts_cutover_obj'));
    for (const own of ['mysql', 'information_schema', 'performance_schema', 'sys', '__tencentdb__']) {
      assert.ok(!databases.includes(own), own);
    }
    const objects = await connection.listObjects('dts_cutover_obj', never);
    const found = objects.map(({ kind, object }) => `${kind} ${object.name}`).sort();
    assert.deepEqual(found, [
      'constraint a`b.c.PRIMARY',
      'index a`b.c.PRIMARY',
      'index a`b.c.by_v',
      'routine proc1',
      'table a`b.c',
      'view view1',
    ]);
  });

  it('counts the rows of a table with an awkward name', async () => {
    const count = await connection.countRows({ database: 'dts_cutover_obj', schema: null, name: 'a`b.c' }, never);
    assert.equal(count, 2);
  });

  it('says which table is not there', async () => {
    const missing = { database: 'dts_cutover_obj', schema: null, name: 'missing' };
    await assert.rejects(connection.countRows(missing, never), { reason: 'query-failed', code: 'ER_NO_SUCH_TABLE' });
  });

  it('cannot write', async () => {
    const link = await Link.open(server.request(), never);
    await assert.rejects(link.query('DELETE FROM dts_cutover_obj.`a``b.c`', never), {
      code: 'ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION',
    });
    await link.close();
  });

  it('stops the work on the server when aborted, and goes on with the same connection', async () => {
    await server.run('CREATE OR REPLACE VIEW dts_cutover_obj.endless AS SELECT SLEEP(300) AS s');
    const abort = new AbortController();
    const counting = connection.countRows({ database: 'dts_cutover_obj', schema: null, name: 'endless' }, abort.signal);
    await running('endless', true);
    abort.abort();
    await assert.rejects(counting, { reason: 'cancelled' });
    await running('endless', false);
    const count = await connection.countRows({ database: 'dts_cutover_obj', schema: null, name: 'view1' }, never);
    assert.equal(count, 1);
  });

  it('gives up a statement at its time limit, on the server too', async () => {
    const link = await Link.open(server.request({ timeoutMs: 300 }), never);
    // the server's own limit
    await assert.rejects(link.query('SELECT COUNT(*) FROM dts_cutover_obj.`endless`', never), { reason: 'timed-out' });
    // and ours, for what the server does not limit
    await link.query(link.dialect.setTimeLimit(3_600_000), never);
    await assert.rejects(link.query('SELECT COUNT(*) FROM dts_cutover_obj.`endless`', never), { reason: 'timed-out' });
    await running('endless', false);
    assert.deepEqual((await link.query('SELECT 1', never)).rows, [['1']]);
    await link.close();
  });

  it('does not keep a statement waiting behind one that was given up', async () => {
    const link = await Link.open(server.request(), never);
    const abort = new AbortController();
    const first = link.query('SELECT COUNT(*) FROM dts_cutover_obj.`endless`', abort.signal);
    const queued = new AbortController();
    const second = link.query('SELECT 2', queued.signal);
    const third = link.query('SELECT 3', never);
    queued.abort();
    await assert.rejects(second, { reason: 'cancelled' });
    await running('endless', true);
    abort.abort();
    await assert.rejects(first, { reason: 'cancelled' });
    assert.deepEqual((await third).rows, [['3']]);
    await link.close();
  });

  it('leaves nothing behind when closed in the middle of a statement', async () => {
    const closing = await server.connect();
    const counting = closing.countRows({ database: 'dts_cutover_obj', schema: null, name: 'endless' }, never);
    await running('endless', true);
    await Promise.all([closing.close(), assert.rejects(counting, { reason: 'cancelled' })]);
    await running('endless', false);
    await assert.rejects(closing.listSessions(never), { reason: 'cancelled' });
  });

  it('leaves no session when connecting is aborted', async () => {
    const abort = new AbortController();
    abort.abort();
    const before = (await connection.listSessions(never)).sessions.length;
    const { mysql } = await import('../../src/engines/mysql/index.ts');
    await assert.rejects(mysql.connect(server.request(), abort.signal), { reason: 'cancelled' });
    const soon = new AbortController();
    const connecting = mysql.connect(server.request(), soon.signal);
    setImmediate(() => soon.abort());
    await assert.rejects(connecting, { reason: 'cancelled' });
    await until(async () => (await connection.listSessions(never)).sessions.length === before);
  });

  it('opens a lost connection again by itself', async () => {
    const fragile = await server.connect();
    const self = (await fragile.listSessions(never)).sessions.filter((session) => session.nature === 'self');
    const ownId = self.map((session) => Number(session.id)).sort((a, b) => b - a)[0];
    await server.run(`KILL CONNECTION ${ownId}`);
    await fragile.listSessions(never).catch(() => undefined);
    assert.ok((await fragile.listSessions(never)).sessions.length > 0);
    await fragile.close();
  });

  async function running(fragment: string, wanted: boolean): Promise<void> {
    await until(async () => {
      const { sessions } = await connection.listSessions(never);
      return sessions.some((session) => session.statement.includes(`\`${fragment}\``)) === wanted;
    });
  }

  async function until(condition: () => Promise<boolean>): Promise<void> {
    while (!(await condition()));
  }
});
