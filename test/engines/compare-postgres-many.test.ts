import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { postgresDigest } from '../../src/engines/postgres/digest.ts';
import { startPostgres, type PostgresServer } from '../../sandbox/postgres.ts';
import { compare, found, tableOf } from './comparing.ts';

const TABLES = 150;

/** Stands between us and a server, and counts what we send. */
async function counting(url: string): Promise<{ url: string; sent(): number; close(): void }> {
  const there = new URL(url);
  const to = { host: there.hostname, port: Number(there.port) };
  let sent = 0;
  const server = createServer((client) => {
    const upstream = connect(to);
    client.on('data', () => sent++);
    client.pipe(upstream).pipe(client);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      socket.on('error', () => other.destroy());
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  there.port = String((server.address() as AddressInfo).port);
  return { url: there.href, sent: () => sent, close: () => void server.close() };
}

describe('many small tables of PostgreSQL', function () {
  this.timeout(60_000);
  let source: PostgresServer;
  let target: PostgresServer;

  before(async () => {
    [source, target] = await Promise.all([startPostgres({ version: '17' }), startPostgres({ version: '18' })]);
    const sql = Array.from(
      { length: TABLES },
      (_, i) => `CREATE TABLE t${i} (id ${i % 3 === 0 ? 'text' : 'int'} PRIMARY KEY, v text, d timestamp);
                 INSERT INTO t${i} SELECT s, md5(s::text), '2024-01-01' FROM generate_series(1, ${i * 5}) s`,
    );
    for (const server of [source, target]) {
      await server.run('CREATE DATABASE lab');
      await server.run(`${sql.join(';')}; ANALYZE`, 'lab');
      // more than the quick hash takes: the statement fails, and with it the message it came in
      await server.run(
        "UPDATE t100 SET d = CASE id WHEN 3 THEN '4714-11-24 BC'::timestamp ELSE '294276-12-31' END WHERE id < 5",
        'lab',
      );
    }
    await target.run("UPDATE t7 SET v = 'x' WHERE id = 9; DELETE FROM t90 WHERE id = '17'", 'lab');
  });
  after(() => Promise.all([source?.stop(), target?.stop()]));

  const urls = () => ({
    source: source.url(undefined, undefined, 'lab'),
    target: target.url(undefined, undefined, 'lab'),
  });

  it('cost the way to the server a few times, and not some times each', async () => {
    const [mine, theirs] = [await counting(urls().source), await counting(urls().target)];
    try {
      const result = await compare(postgresDigest, { source: mine.url, target: theirs.url, options: { workers: 2 } });
      const differing = result.tables.filter(({ verdict }) => verdict !== 'same');
      assert.deepEqual(differing.map((table) => [table.source?.name, ...found(table)]).sort(), [
        ['t7', 'changed 9'],
        ['t90', 'missing 17'],
      ]);
      assert.equal(result.tables.length, TABLES);
      assert.match(tableOf(result, 't100').method, /text/);
      for (const { sent } of [mine, theirs]) assert.ok(sent() < TABLES, String(sent()));
    } finally {
      mine.close();
      theirs.close();
    }
  });

  it('do not wait for the one that is locked', async () => {
    const blocker = await target.connect({ database: 'lab' });
    await blocker.query('BEGIN; LOCK TABLE t50 IN ACCESS EXCLUSIVE MODE');
    const done: string[] = [];
    const result = await compare(postgresDigest, {
      ...urls(),
      options: {
        onTable: ({ source: name }) => {
          done.push(name?.name ?? '');
          if (done.length === TABLES - 1) void blocker.query('ROLLBACK');
        },
      },
    });
    assert.equal(done.at(-1), 't50');
    assert.equal(tableOf(result, 't50').verdict, 'same');
    await blocker.end();
  });
});
