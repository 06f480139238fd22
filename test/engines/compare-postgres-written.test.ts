import assert from 'node:assert/strict';
import { startPostgres, type PostgresServer } from '../../sandbox/postgres.ts';
import type { ReadPosition } from '../../src/comparison/positions.ts';
import { postgresDigest } from '../../src/engines/postgres/digest.ts';
import { postgres } from '../../src/engines/postgres/index.ts';
import { parseConnectionUrl } from '../../src/engines/url.ts';
import { compare, found, never, PROGRAM, tableOf } from './comparing.ts';

const SIDES = ['source', 'target'] as const;

describe('writing to PostgreSQL while it is compared', function () {
  this.timeout(60_000);
  let servers: readonly PostgresServer[] = [];

  before(async () => {
    servers = await Promise.all([startPostgres({ version: '17' }), startPostgres({ version: '18' })]);
    for (const server of servers) await server.run('CREATE DATABASE lab');
  });
  after(() => Promise.all(servers.map((server) => server.stop())));

  /** Both servers are asked for their real positions; `sql` runs on the source once all tables have been read. */
  async function comparedWhile(sql: string) {
    const [source, target] = servers.map((server) => server.url(undefined, undefined, 'lab'));
    const urls = { source: source ?? '', target: target ?? '' };
    const connections = await Promise.all(
      SIDES.map((side) =>
        postgres.connect({ ...parseConnectionUrl(urls[side]), programName: PROGRAM, timeoutMs: 20_000 }, never),
      ),
    );
    let writing: Promise<unknown> | null = null;
    const position =
      (i: 0 | 1): ReadPosition =>
      async (since, signal) => {
        if (since !== null) await writing;
        return connections[i]!.readWritePosition(since, { databases: [], objects: [] }, signal);
      };
    try {
      return await compare(postgresDigest, {
        ...urls,
        positions: { source: position(0), target: position(1) },
        options: {
          onProgress: ({ tablesDone, tablesTotal }) => {
            if (tablesDone === tablesTotal) writing ??= servers[0]!.run(sql, 'lab');
          },
        },
      });
    } finally {
      await Promise.all(connections.map((connection) => connection.close()));
    }
  }

  it('is seen where it is a partition of a table, which has another name', async () => {
    for (const server of servers) {
      await server.run(
        `CREATE TABLE orders (id int PRIMARY KEY, v int) PARTITION BY RANGE (id);
         CREATE TABLE orders_2026 PARTITION OF orders FOR VALUES FROM (0) TO (1000);
         INSERT INTO orders SELECT g, g FROM generate_series(1, 500) g`,
        'lab',
      );
    }
    const result = await comparedWhile('UPDATE orders SET v = -1 WHERE id = 3');
    assert.deepEqual(found(tableOf(result, 'orders')), ['changed 3']);
    assert.equal(result.verdict, 'different');
  });
});
