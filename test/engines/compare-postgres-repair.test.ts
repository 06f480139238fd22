import assert from 'node:assert/strict';
import { startPostgres, type PostgresServer } from '../../sandbox/postgres.ts';
import { repairScript } from '../../src/comparison/repairScript.ts';
import { postgresDigest } from '../../src/engines/postgres/digest.ts';
import { compare } from './comparing.ts';

const texts = {
  heading: ['repair'],
  truncated: () => 'truncated',
  unlisted: () => 'unlisted',
  objects: 'objects',
  nothing: 'nothing',
};

/** What stands in the way of repairing rows: `both` runs on both sides, then `source` and `target`. */
const cases: readonly { name: string; both: string; source?: string; target?: string }[] = [
  {
    name: 'rows that inherit from the table',
    both: 'CREATE TABLE p (id int PRIMARY KEY, v int); CREATE TABLE c (x int) INHERITS (p); INSERT INTO c VALUES (1, 10, 0), (3, 30, 0)',
    source: 'INSERT INTO p VALUES (1, 1)',
    target: 'INSERT INTO p VALUES (1, 5), (3, 3)',
  },
  {
    name: 'rows that go with the row they refer to',
    both: 'CREATE TABLE p (id int PRIMARY KEY, v int); CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p ON DELETE CASCADE)',
    source: 'INSERT INTO p VALUES (1, 1), (4, 4); INSERT INTO c VALUES (1, 1), (2, 4)',
    target: 'INSERT INTO p VALUES (1, 1), (2, 2), (3, 3); INSERT INTO c VALUES (1, 2), (5, 3)',
  },
  {
    name: 'unique values that were swapped and shifted',
    both: 'CREATE TABLE u (id int PRIMARY KEY, email text UNIQUE, n int GENERATED ALWAYS AS IDENTITY, UNIQUE (n))',
    source: "INSERT INTO u (id, email) VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd')",
    target: "INSERT INTO u (id, email) VALUES (1, 'b'), (2, 'a'), (3, 'd'), (5, 'c')",
  },
  {
    name: 'triggers and rules that change or swallow what is written',
    both: `CREATE TABLE t (id int PRIMARY KEY, v int, at text DEFAULT 'then'); CREATE TABLE r (id int PRIMARY KEY, v int);
      CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN new.at := clock_timestamp(); new.v := new.v + 1; RETURN new; END'`,
    source: 'INSERT INTO t VALUES (1, 1), (2, 2); INSERT INTO r VALUES (1, 1)',
    target: 'INSERT INTO t VALUES (1, 5), (3, 3)',
  },
  {
    name: 'control characters, backslashes, names of objects in JavaScript and columns that the server computes',
    both: `CREATE TABLE t ("__proto__" text PRIMARY KEY, "to String" text, g text GENERATED ALWAYS AS (upper("__proto__")) STORED, n numeric)`,
    source: `INSERT INTO t VALUES (E'a\\\\b\\r\\n\\t\\u200b\\u2028''', E'\\x01\\u00a0 x\\r', DEFAULT, 1.00), ('k', E'\\r\\n', DEFAULT, 2)`,
    target: `INSERT INTO t VALUES ('k', E'\\n', DEFAULT, 2.0), (E'x\\ry\\\\', '', DEFAULT, 3)`,
  },
];

describe('repair statements of PostgreSQL, applied', function () {
  this.timeout(60_000);
  let server: PostgresServer;
  before(async () => {
    server = await startPostgres();
  });
  after(() => server?.stop());

  /** Makes both sides, gives their addresses. */
  async function made(i: number, sql: readonly string[]): Promise<{ source: string; target: string }> {
    const [source = '', target = ''] = await Promise.all(
      [`source_${i}`, `target_${i}`].map(async (database, side) => {
        await server.run(`CREATE DATABASE ${database}`);
        await server.run(sql[side] ?? '', database);
        return server.url(undefined, undefined, database);
      }),
    );
    return { source, target };
  }

  for (const [i, { name, both, source = '', target = '' }] of cases.entries()) {
    it(`end with the same in spite of ${name}`, async () => {
      const guards = both.includes('touch()')
        ? `CREATE TRIGGER "tr" BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION touch(); CREATE RULE ru AS ON INSERT TO r DO INSTEAD NOTHING`
        : '';
      const urls = await made(i, [`${both};${source};${guards}`, `${both};${target};${guards}`]);
      const before = await compare(postgresDigest, urls);
      assert.equal(before.verdict, 'different');
      const script = repairScript(postgresDigest.repair, before, texts);
      assert.match(script, /^[\n\x20-\x7e]*$/);
      const client = await server.connect({ database: `target_${i}` });
      // as a client does that reads a file: one after the other
      for (const statement of script.split(';\n')) await client.query(statement);
      await client.end();
      const after = await compare(postgresDigest, urls);
      assert.equal(after.verdict, 'same', `${script}\n${JSON.stringify(after)}`);
    });
  }
});
