import assert from 'node:assert/strict';
import mssql, { type ConnectionPool } from 'mssql';
import type { PositionFacts } from '../../src/cutover/facts.ts';
import type { EngineConnection } from '../../src/engines/engine.ts';
import { sqlserver } from '../../src/engines/sqlserver/index.ts';
import { parseConnectionUrl } from '../../src/engines/url.ts';
import { say } from '../../src/util/sentence.ts';
import { pause } from '../../src/util/wait.ts';
import { never, PROGRAM } from '../support/sqlserver.ts';

const url = process.env['DTS_CUTOVER_TEST_SQLSERVER_URL'];

/** Needs a server nobody else writes to, and a sysadmin; makes and drops two databases. */
describe('SQL Server: a real server (DTS_CUTOVER_TEST_SQLSERVER_URL)', function () {
  this.timeout(120_000);
  const shop = `dts_cutover_${process.pid}`;
  const dts = { databases: [`${shop}_own`], objects: [] };
  let connection: EngineConnection;
  let client: ConnectionPool;
  let token: string | null = null;

  before(async function () {
    if (url === undefined) this.skip();
    const { profile, password } = parseConnectionUrl(url);
    const [node] = profile.nodes;
    client = await new mssql.ConnectionPool({
      server: node?.host ?? '',
      port: node?.port ?? 1433,
      user: profile.user,
      password,
      pool: { min: 0, max: 1 },
      options: { appName: 'shop', encrypt: profile.tls.mode !== 'off', trustServerCertificate: true },
    }).connect();
    for (const name of [shop, ...dts.databases]) {
      await run(`CREATE DATABASE [${name}]`);
      await run(`CREATE TABLE [${name}].dbo.orders (id int IDENTITY PRIMARY KEY, note nvarchar(50))`);
    }
    connection = await sqlserver.connect({ profile, password, programName: PROGRAM, timeoutMs: 15_000 }, never);
  });
  after(async () => {
    await connection?.close();
    if (!client) return;
    for (const name of [shop, ...dts.databases]) {
      await run(`ALTER DATABASE [${name}] SET SINGLE_USER WITH ROLLBACK IMMEDIATE; DROP DATABASE [${name}]`);
    }
    await client.close();
  });

  const run = (sql: string) => client.request().batch(sql);
  async function read(): Promise<PositionFacts> {
    const facts = await connection.readWritePosition(token, dts, never);
    token = facts.token;
    return facts;
  }
  async function settle(): Promise<void> {
    for (let i = 0; i < 60; i++) {
      if ((await read()).foreign === 'none') return;
      await pause(1_000, never);
    }
    assert.fail('the position never came to rest');
  }

  it('says what it is and lists an idle client', async () => {
    assert.match(connection.server.product, /^(SQL Server|Azure SQL Database)/);
    assert.notEqual(connection.server.startedAt, null);
    assert.equal((await connection.checkVisibility(never)).level, 'full');
    const { sessions, raw } = await connection.listSessions(never);
    const idle = sessions.find(({ program }) => program === 'shop');
    assert.equal(idle?.state, 'idle');
    assert.equal(idle.nature, 'client');
    assert.ok(sessions.some(({ nature }) => nature === 'self'));
    assert.ok(sessions.some(({ nature }) => nature === 'system'));
    assert.ok(raw.columns.includes('client_net_address'));
  });

  it('names the table of a hidden write, and rests otherwise', async () => {
    await settle();
    await run(`INSERT INTO [${shop}].dbo.orders (note) VALUES (N'hidden')`);
    const facts = await read();
    assert.equal(facts.foreign, 'written', say(facts.why));
    assert.deepEqual(
      facts.written.map(({ name }) => name),
      [`${shop}.dbo.orders`],
    );
    await settle();
    await run(`INSERT INTO [${dts.databases[0]}].dbo.orders (note) VALUES (N'beat')`);
    assert.equal((await read()).foreign, 'none');
  });

  it('never takes a TRUNCATE or a new table for quiet', async () => {
    for (const sql of [`TRUNCATE TABLE [${shop}].dbo.orders`, `SELECT 1 AS a INTO [${shop}].dbo.copy`]) {
      await settle();
      await run(sql);
      assert.notEqual((await read()).foreign, 'none', sql);
    }
  });

  it('lists what is there, and counts it', async () => {
    assert.ok((await connection.listDatabases(never)).includes(shop));
    const objects = await connection.listObjects(shop, never);
    assert.ok(objects.some(({ kind, object }) => kind === 'table' && object.name === 'orders'));
    assert.ok(objects.some(({ kind }) => kind === 'constraint'));
    await run(`INSERT INTO [${shop}].dbo.orders (note) VALUES (N'a'), (N'b')`);
    assert.equal(await connection.countRows({ database: shop, schema: 'dbo', name: 'orders' }, never), 2);
    await connection.listPendingWriters(never);
  });

  it('ends a session', async () => {
    const { sessions } = await connection.listSessions(never);
    const victim = sessions.find(({ program }) => program === 'shop') ?? assert.fail();
    await connection.terminateSession(victim.id, never);
    await assert.rejects(connection.terminateSession('32000', never), { reason: 'bad-input' });
  });
});
