import assert from 'node:assert/strict';
import pg from 'pg';
import type { EngineConnection } from '../../src/engines/engine.ts';
import { postgres, postgresDigest } from '../../src/engines/postgres/index.ts';
import { isFailure } from '../../src/util/failure.ts';
import { say } from '../../src/util/sentence.ts';
import { startPgBouncer, type PgBouncer } from '../support/pgbouncer.ts';
import { never, TestServer, until } from '../support/postgres.ts';

const SETTINGS = 'SELECT name, setting FROM pg_settings ORDER BY name';

/** Everything that is asked while a source is watched; what fails on the way must leave nothing either. */
async function lookAtEverything(connection: EngineConnection, test: TestServer): Promise<void> {
  const { sessions } = await connection.listSessions(never);
  assert.equal(sessions.filter(({ nature }) => nature === 'self').length, 1);
  const visibility = await connection.checkVisibility(never);
  assert.ok(visibility.level === 'limited');
  assert.match(say(visibility.missing), /connection pooler/);
  const first = await connection.readWritePosition(null, test.dts, never);
  await connection.readWritePosition(first.token, test.dts, never);
  await connection.listPendingWriters(never);
  assert.ok((await connection.listDatabases(never)).includes(test.database));
  await connection.listObjects(test.database, never);
  const table = (name: string) => ({ database: test.database, schema: 'public', name });
  await connection.countRows(table('orders'), never);
  await assert.rejects(connection.countRows(table('missing'), never));
  await assert.rejects(connection.countRows(table('trap'), never));
  const stop = new AbortController();
  const endless = connection.countRows(table('endless'), stop.signal);
  const ended = assert.rejects(endless, (error) => isFailure(error) && error.reason === 'cancelled');
  await until('the count to run', async () => (await running(test)) > 0);
  stop.abort();
  await ended;
}

async function running(test: TestServer): Promise<number> {
  const rows = await test.run(`SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%"endless"%'
    AND pid <> pg_backend_pid()`);
  return rows.length;
}

describe('PostgreSQL through a real pgbouncer', function () {
  this.timeout(60_000);
  let test: TestServer;
  let pool: PgBouncer | null = null;

  before(async () => {
    test = await TestServer.own();
    await test.run([
      'CREATE SCHEMA shop',
      `ALTER DATABASE ${test.database} SET search_path = shop, public`,
      'CREATE TABLE shop.sold (id int PRIMARY KEY)',
      'CREATE TABLE orders (id int PRIMARY KEY)',
      'CREATE FUNCTION sneak() RETURNS int LANGUAGE plpgsql AS $$BEGIN INSERT INTO public.orders VALUES (-1); RETURN 1; END$$',
      'CREATE VIEW public.trap AS SELECT n FROM sneak() n',
      'CREATE VIEW public.endless AS SELECT 1 AS one FROM pg_sleep(30)',
    ]);
  });
  after(() => test.stop());
  afterEach(async () => {
    await pool?.stop();
    pool = null;
  });

  const start = async (mode: 'transaction' | 'session' | 'statement', size: number) => {
    const [node] = test.profile.nodes;
    pool = await startPgBouncer({ port: node?.port ?? 0, password: test.password }, mode, size);
    const profile = { ...test.profile, database: test.database, nodes: [{ host: '127.0.0.1', port: pool.port }] };
    const business = async () => {
      const client = new pg.Client({
        host: '127.0.0.1',
        port: profile.nodes[0]?.port,
        user: 'postgres',
        password: test.password,
        database: test.database,
      });
      client.on('error', () => undefined);
      await client.connect();
      return client;
    };
    return { request: test.request({ profile, timeoutMs: 5_000 }), business };
  };

  for (const [mode, size] of [
    ['transaction', 2],
    ['session', 6],
    ['statement', 2],
  ] as const) {
    it(`leaves every session as it was, in ${mode} mode`, async () => {
      const { request, business } = await start(mode, size);
      const shop = await business();
      // the sessions the business uses, with a setting of its own in each
      await shop.query("SET work_mem = '7MB'");
      const before = await shop.query(SETTINGS);
      const connection = await postgres.connect(request, never);
      await lookAtEverything(connection, test);
      await connection.close();
      await assert.rejects(
        postgresDigest.openSnapshot(request, { database: test.database, workers: 2 }, never),
        (error) => isFailure(error) && error.reason === 'unsupported',
      );
      const others = await Promise.all(Array.from({ length: mode === 'session' ? 4 : 1 }, business));
      for (const client of [shop, ...others]) {
        await client.query('INSERT INTO sold SELECT coalesce(max(id), 0) + 1 FROM sold');
        const now = (await client.query(SETTINGS)).rows as { name: string; setting: string }[];
        const own = ['work_mem', 'application_name'];
        const kept = (rows: typeof now) => rows.filter(({ name }) => !own.includes(name));
        assert.deepEqual(kept(now), kept(before.rows as typeof now));
        assert.ok(now.every(({ name, setting }) => name !== 'application_name' || !setting.includes('DTS')));
        await client.end();
      }
    });
  }
});
