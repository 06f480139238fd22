import assert from 'node:assert/strict';
import type { EngineConnection } from '../../src/engines/engine.ts';
import { never, PROGRAM, TestServer } from '../support/postgres.ts';

describe('what watching costs a PostgreSQL server with twelve databases', function () {
  this.timeout(60_000);
  const names = Array.from({ length: 12 }, (_, n) => `shop_${n}`);
  let test: TestServer;
  let connection: EngineConnection;
  before(async () => {
    test = await TestServer.own();
    for (const name of names) {
      await test.createDatabase(name);
      await test.run(['CREATE TABLE orders (id int PRIMARY KEY)', 'INSERT INTO orders VALUES (1)'], name);
    }
    connection = await test.connect();
  });
  after(() => test.stop());

  /** Where connections of ours are, by database. */
  const ours = async () =>
    (await test.run(`SELECT datname FROM pg_stat_activity WHERE application_name = '${PROGRAM}'`)).map(({ datname }) =>
      String(datname),
    );

  async function look(since: string | null): Promise<string> {
    const [, position] = await Promise.all([
      connection.listSessions(never),
      connection.readWritePosition(since, test.dts, never),
      connection.listDatabases(never),
      connection.listPendingWriters(never),
      connection.checkVisibility(never),
    ]);
    return position.token;
  }

  it('is two connections at most, whatever is asked at the same time and wherever somebody writes', async () => {
    let watching = true;
    let most = 0;
    const counting = (async () => {
      while (watching) most = Math.max(most, (await ours()).length);
    })();
    let token = await look(null);
    for (const name of names) {
      await test.run('INSERT INTO orders VALUES (2)', name);
      token = await look(token);
    }
    watching = false;
    await counting;
    assert.ok(most >= 1 && most <= 2, `${most} connections`);
  });

  it('keeps no database from being dropped, renamed or copied between looks', async () => {
    const token = await look(null);
    await connection.listObjects('shop_1', never);
    await connection.countRows({ database: 'shop_2', schema: 'public', name: 'orders' }, never);
    assert.ok(
      (await ours()).every((database) => database === test.database),
      'in its own database only',
    );
    await test.run('ALTER DATABASE shop_1 RENAME TO shop_renamed', 'postgres');
    await test.run('CREATE DATABASE shop_copy TEMPLATE shop_2', 'postgres');
    await test.run('DROP DATABASE shop_3', 'postgres');
    await look(token);
    await test.run('DROP DATABASE shop_copy', 'postgres');
    await connection.close();
    assert.deepEqual(await ours(), []);
  });
});
