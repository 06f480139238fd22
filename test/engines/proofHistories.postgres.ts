/** The kinds of tables of a PostgreSQL history, and a server that takes them. */
import { startPostgres } from '../../sandbox/postgres.ts';
import type { Side } from '../../src/cutover/facts.ts';
import { postgres, postgresDigest } from '../../src/engines/postgres/index.ts';
import { parseConnectionUrl } from '../../src/engines/url.ts';
import { never, PROGRAM } from './comparing.ts';
import type { HistoryServer, Kind } from './proofHistories.ts';

const kinds: readonly Kind[] = [
  {
    create: (n) => [`CREATE TABLE ${n}a (id int PRIMARY KEY, v int)`, `INSERT INTO ${n}a VALUES (1, 1), (2, 2)`],
    tables: (n) => [`${n}a`],
    writes: (n) => [
      [`UPDATE ${n}a SET v = v + 1`],
      [`TRUNCATE ${n}a`],
      [`ALTER TABLE ${n}a ADD w int DEFAULT 7`],
      ['BEGIN', `DELETE FROM ${n}a`, `INSERT INTO ${n}a VALUES (3, 3)`, 'COMMIT'],
      ['BEGIN', `DELETE FROM ${n}a`, `PREPARE TRANSACTION '${n}'`, `COMMIT PREPARED '${n}'`],
      [`ALTER TABLE ${n}a ALTER v TYPE bigint USING v * 2`],
      [`CREATE TABLE ${n}x (id int PRIMARY KEY, v int)`, `DROP TABLE ${n}a`, `ALTER TABLE ${n}x RENAME TO ${n}a`],
      [`CREATE INDEX ON ${n}a (v)`, `ANALYZE ${n}a`],
    ],
  },
  {
    create: (n) => [
      `CREATE TABLE ${n}a (id int PRIMARY KEY, v int)`,
      `CREATE TABLE ${n}b (id int PRIMARY KEY REFERENCES ${n}a ON DELETE CASCADE)`,
      `CREATE TABLE ${n}c (id int PRIMARY KEY, b int REFERENCES ${n}b ON DELETE SET NULL)`,
      `INSERT INTO ${n}a VALUES (1, 1), (2, 2)`,
      `INSERT INTO ${n}b VALUES (1), (2)`,
      `INSERT INTO ${n}c VALUES (1, 1), (2, 2)`,
    ],
    tables: (n) => [`${n}a`, `${n}b`, `${n}c`],
    writes: (n) => [
      [`DELETE FROM ${n}a WHERE id = 1`],
      [`UPDATE ${n}a SET v = 5`],
      [`TRUNCATE ${n}a CASCADE`],
      [`DELETE FROM ${n}b`],
    ],
  },
  {
    create: (n) => [
      `CREATE TABLE ${n}a (id int, k int, PRIMARY KEY (id, k)) PARTITION BY LIST (k)`,
      `CREATE TABLE ${n}p1 PARTITION OF ${n}a FOR VALUES IN (1)`,
      `CREATE TABLE ${n}p2 PARTITION OF ${n}a FOR VALUES IN (2)`,
      `INSERT INTO ${n}a VALUES (1, 1), (2, 2)`,
      `CREATE TABLE ${n}o (id int)`,
      `CREATE TABLE ${n}i () INHERITS (${n}o)`,
      `INSERT INTO ${n}i VALUES (1)`,
    ],
    tables: (n) => [`${n}a`, `${n}o`, `${n}i`],
    writes: (n) => [
      [`INSERT INTO ${n}p1 VALUES (9, 1)`],
      [`UPDATE ${n}a SET k = 3 - k WHERE id = 1`],
      [`TRUNCATE ${n}p2`],
      [`ALTER TABLE ${n}a DETACH PARTITION ${n}p1`],
      [`DROP TABLE ${n}p2`],
      [`INSERT INTO ${n}i VALUES (2)`],
      [`ALTER TABLE ${n}i NO INHERIT ${n}o`],
    ],
  },
  {
    create: (n) => [
      `CREATE TABLE ${n}a (id int PRIMARY KEY)`,
      `CREATE TABLE ${n}b (id int)`,
      `CREATE FUNCTION ${n}f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO ${n}b VALUES (new.id); RETURN new; END $$`,
      `CREATE TRIGGER t AFTER INSERT ON ${n}a FOR EACH ROW EXECUTE FUNCTION ${n}f()`,
    ],
    tables: (n) => [`${n}a`, `${n}b`],
    writes: (n) => [
      [`INSERT INTO ${n}a VALUES (1) ON CONFLICT DO NOTHING`],
      [`COPY ${n}b FROM PROGRAM 'echo 7'`],
      [`DROP TRIGGER IF EXISTS t ON ${n}a`],
    ],
  },
  {
    create: (n) => [
      `CREATE TYPE ${n}e AS ENUM ('one', 'two')`,
      `CREATE DOMAIN ${n}d AS ${n}e`,
      `CREATE TYPE ${n}r AS (e ${n}e)`,
      `CREATE TABLE ${n}a (id int PRIMARY KEY, e ${n}d)`,
      `CREATE TABLE ${n}b (id int PRIMARY KEY, r ${n}r[])`,
      `INSERT INTO ${n}a VALUES (1, 'one')`,
      `INSERT INTO ${n}b VALUES (1, ARRAY[ROW('one')::${n}r])`,
    ],
    tables: (n) => [`${n}a`, `${n}b`],
    writes: (n) => [
      [`DO $$ BEGIN ALTER TYPE ${n}e RENAME VALUE 'one' TO 'uno'; EXCEPTION WHEN others THEN NULL; END $$`],
      [`ALTER TYPE ${n}e ADD VALUE IF NOT EXISTS 'three' BEFORE 'one'`],
      [`DO $$ BEGIN ALTER TYPE ${n}r ADD ATTRIBUTE more int; EXCEPTION WHEN others THEN NULL; END $$`],
    ],
  },
];

export async function postgresHistories(): Promise<HistoryServer & { stop(): Promise<void> }> {
  const server = await startPostgres({ version: '18', settings: { max_prepared_transactions: 5, autovacuum: 'off' } });
  const databases = { source: 'here', target: 'there' };
  for (const name of Object.values(databases)) await server.run(`CREATE DATABASE ${name}`);
  const request = (side: Side) => ({
    ...parseConnectionUrl(server.url(undefined, undefined, databases[side])),
    programName: PROGRAM,
    timeoutMs: 20_000,
  });
  const connection = await postgres.connect(request('source'), never);
  return {
    engine: postgresDigest,
    kinds,
    databases,
    connection,
    request,
    async run(side, statements) {
      const client = await server.connect({ database: databases[side] });
      // a second history of the same tables may find them changed by the first: what cannot be done is not done
      for (const sql of statements) await client.query(sql).catch(() => undefined);
      await client.end();
    },
    async rows(side, table) {
      const sql = `SELECT coalesce(string_agg(t::text, ' ' ORDER BY t::text), '') AS rows FROM ${table} t`;
      const [row] = await server.run(sql, databases[side]).catch(() => []);
      return row ? String(row['rows']) : null;
    },
    async stop() {
      await connection.close();
      await server.stop();
    },
  };
}
