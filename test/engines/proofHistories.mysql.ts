/** The kinds of tables of a MySQL history, and a server that takes them; each side has a second database for what reaches across. */
import type { Context } from 'mocha';
import type { Side } from '../../src/cutover/facts.ts';
import { mysqlDigest } from '../../src/engines/mysql/index.ts';
import { startServer } from '../support/mysql.ts';
import type { HistoryServer, Kind } from './proofHistories.ts';

const DATABASES = { source: 'here', target: 'there' };
const far = (side: Side) => `${DATABASES[side]}_far`;
const UNLOGGED = 'SET SESSION sql_log_bin = 0';

const kinds: readonly Kind[] = [
  {
    create: (n) => [`CREATE TABLE ${n}a (id int PRIMARY KEY, v int)`, `INSERT INTO ${n}a VALUES (1, 1), (2, 2)`],
    tables: (n) => [`${n}a`],
    writes: (n) => [
      [`UPDATE ${n}a SET v = v + 1`],
      [UNLOGGED, `UPDATE ${n}a SET v = v + 1`],
      [`TRUNCATE ${n}a`],
      [UNLOGGED, `TRUNCATE ${n}a`],
      [`ALTER TABLE ${n}a ADD w int DEFAULT 7`],
      [`XA START '${n}'`, `DELETE FROM ${n}a`, `XA END '${n}'`, `XA PREPARE '${n}'`, `XA COMMIT '${n}'`],
      [`CREATE TABLE ${n}x LIKE ${n}a`, `RENAME TABLE ${n}a TO ${n}y, ${n}x TO ${n}a`],
      [`CREATE INDEX i ON ${n}a (v)`, `ANALYZE TABLE ${n}a`],
    ],
  },
  {
    create: (n, side) => [
      `CREATE TABLE ${far(side)}.${n}f (id int PRIMARY KEY)`,
      `CREATE TABLE ${n}a (id int PRIMARY KEY, FOREIGN KEY (id) REFERENCES ${far(side)}.${n}f (id) ON DELETE CASCADE)`,
      `CREATE TABLE ${n}b (id int PRIMARY KEY, a int, FOREIGN KEY (a) REFERENCES ${n}a (id) ON DELETE SET NULL)`,
      `INSERT INTO ${far(side)}.${n}f VALUES (1), (2)`,
      `INSERT INTO ${n}a VALUES (1), (2)`,
      `INSERT INTO ${n}b VALUES (1, 1), (2, 2)`,
    ],
    tables: (n) => [`${n}a`, `${n}b`],
    writes: (n, side) => [
      [`DELETE FROM ${far(side)}.${n}f WHERE id = 1`],
      [UNLOGGED, `DELETE FROM ${far(side)}.${n}f WHERE id = 2`],
      [`DELETE FROM ${n}a WHERE id = 1`],
    ],
  },
  {
    create: (n) => [
      `CREATE TABLE ${n}a (id int PRIMARY KEY) PARTITION BY RANGE (id) (PARTITION p VALUES LESS THAN (10), PARTITION q VALUES LESS THAN (20))`,
      `CREATE TABLE ${n}b (id int PRIMARY KEY)`,
      `INSERT INTO ${n}a VALUES (1), (11)`,
      `INSERT INTO ${n}b VALUES (2)`,
    ],
    tables: (n) => [`${n}a`, `${n}b`],
    writes: (n) => [
      [`DELETE FROM ${n}a WHERE id = 11`],
      [`ALTER TABLE ${n}a TRUNCATE PARTITION p`],
      [`ALTER TABLE ${n}a EXCHANGE PARTITION p WITH TABLE ${n}b`],
      [UNLOGGED, `ALTER TABLE ${n}a EXCHANGE PARTITION p WITH TABLE ${n}b`],
      [`ALTER TABLE ${n}a DROP PARTITION q`],
    ],
  },
  {
    create: (n) => [
      `CREATE TABLE ${n}a (id int PRIMARY KEY)`,
      `CREATE TABLE ${n}b (id int)`,
      `CREATE TRIGGER ${n}t AFTER INSERT ON ${n}a FOR EACH ROW INSERT INTO ${n}b VALUES (new.id)`,
    ],
    tables: (n) => [`${n}a`, `${n}b`],
    writes: (n) => [
      [`INSERT IGNORE INTO ${n}a VALUES (1)`],
      [UNLOGGED, `INSERT IGNORE INTO ${n}a VALUES (2)`],
      [`DROP TRIGGER IF EXISTS ${n}t`],
    ],
  },
];

export async function mysqlHistories(
  context: Pick<Context, 'skip'>,
): Promise<HistoryServer & { stop(): Promise<void> }> {
  const server = await startServer(context, 'mysql', {});
  for (const name of Object.values(DATABASES)) {
    await server.run(`CREATE DATABASE ${name}`);
    await server.run(`CREATE DATABASE ${name}_far`);
  }
  const request = (side: Side) => {
    const base = server.request();
    return { ...base, profile: { ...base.profile, database: DATABASES[side] }, timeoutMs: 20_000 };
  };
  const session = async (side: Side) => {
    const client = await server.client();
    await client.query(`USE ${DATABASES[side]}`);
    return client;
  };
  return {
    engine: mysqlDigest,
    kinds,
    databases: DATABASES,
    connection: await server.connect(),
    request,
    async run(side, statements) {
      const client = await session(side);
      // a second history of the same tables may find them changed by the first: what cannot be done is not done
      for (const sql of statements) await client.query(sql).catch(() => undefined);
      await client.end();
    },
    async rows(side, table) {
      const client = await session(side);
      try {
        const [rows] = await client.query(`SELECT * FROM ${table}`);
        return Array.isArray(rows)
          ? rows
              .map((row) => JSON.stringify(row))
              .sort()
              .join()
          : null;
      } catch {
        return null;
      } finally {
        await client.end();
      }
    },
    stop: () => server.stop(),
  };
}
