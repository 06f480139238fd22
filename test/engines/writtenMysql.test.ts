import assert from 'node:assert/strict';
import { closure } from '../../src/comparison/proofClosure.ts';
import type { WrittenSince, WriteWatch } from '../../src/comparison/proofPort.ts';
import { pause } from '../../src/util/wait.ts';
import { never, startServer, type TestServer } from '../support/mysql.ts';
import { describeMysql } from '../support/pairs.ts';

/** Of each of these it can be asked whether it may have been written; those of another database with its name. */
const TABLES = [
  'cold',
  'parent',
  'child',
  'grandchild',
  'strict',
  'parts',
  'swapped',
  'other.far',
  'isam',
  'also',
] as const;

const SCHEMA = [
  'CREATE DATABASE shop',
  'CREATE DATABASE other',
  'CREATE TABLE shop.cold (id int PRIMARY KEY, v varchar(20))',
  'CREATE TABLE shop.parent (id int PRIMARY KEY, v int)',
  'CREATE TABLE shop.child (id int PRIMARY KEY, p int, FOREIGN KEY (p) REFERENCES shop.parent (id) ON DELETE CASCADE)',
  'CREATE TABLE shop.grandchild (id int PRIMARY KEY, FOREIGN KEY (id) REFERENCES shop.child (id) ON DELETE CASCADE)',
  'CREATE TABLE other.far (id int PRIMARY KEY, p int, FOREIGN KEY (p) REFERENCES shop.parent (id) ON UPDATE CASCADE ON DELETE SET NULL)',
  'CREATE TABLE shop.strict (id int PRIMARY KEY, p int, FOREIGN KEY (p) REFERENCES shop.parent (id))',
  'CREATE TABLE shop.parts (id int PRIMARY KEY) PARTITION BY RANGE (id) (PARTITION a VALUES LESS THAN (10), PARTITION b VALUES LESS THAN (20))',
  'CREATE TABLE shop.swapped (id int PRIMARY KEY)',
  'CREATE TABLE shop.isam (id int PRIMARY KEY) ENGINE = MyISAM',
  'CREATE TABLE shop.also (id int)',
  'CREATE TRIGGER shop.too AFTER INSERT ON shop.swapped FOR EACH ROW INSERT INTO shop.also VALUES (new.id)',
  'INSERT INTO shop.parent VALUES (1, 1), (2, 2), (3, 3)',
  'INSERT INTO shop.child VALUES (1, 1), (2, 2)',
  'INSERT INTO shop.grandchild VALUES (1), (2)',
  'INSERT INTO other.far VALUES (1, 1), (2, 2)',
  "INSERT INTO shop.cold VALUES (1, 'a'), (2, 'b')",
  'INSERT INTO shop.parts VALUES (1), (11)',
];

const REACHED_BY_PARENT = ['parent', 'child', 'grandchild', 'other.far'];

/** What each of these does in turn, and the tables that may hold other rows than before. */
const STATEMENTS: readonly (readonly [string | readonly string[], readonly string[] | 'all'])[] = [
  ["UPDATE shop.cold SET v = 'x' WHERE id = 1", ['cold']],
  ['DELETE FROM shop.parent WHERE id = 1', REACHED_BY_PARENT],
  ['UPDATE shop.parent SET v = 9 WHERE id = 2', REACHED_BY_PARENT],
  ['INSERT INTO shop.swapped VALUES (5)', ['swapped', 'also']],
  ['INSERT INTO shop.parts VALUES (2)', ['parts']],
  ['INSERT INTO shop.isam VALUES (1)', ['isam']],
  ['TRUNCATE shop.cold', ['cold']],
  ["ALTER TABLE shop.cold ADD COLUMN w varchar(9) DEFAULT 'new'", ['cold']],
  ['ALTER TABLE shop.parts EXCHANGE PARTITION a WITH TABLE shop.swapped', ['parts', 'swapped']],
  ['RENAME TABLE shop.cold TO shop.warm, shop.also TO shop.cold, shop.warm TO shop.also', ['cold', 'also']],
  [['SET SESSION binlog_format = STATEMENT', "INSERT INTO shop.also VALUES (8, 's', 's')"], 'all'],
  [['SET SESSION sql_log_bin = 0', "INSERT INTO shop.also VALUES (9, 's', 's')"], ['also']],
  [['SET SESSION sql_log_bin = 0', 'DELETE FROM shop.parent WHERE id = 2'], REACHED_BY_PARENT],
  [['SET SESSION sql_log_bin = 0', 'TRUNCATE shop.also'], ['also']],
  [['SET SESSION sql_log_bin = 0', 'ALTER TABLE shop.also ADD COLUMN z int'], ['also']],
  [['SET SESSION sql_log_bin = 0', 'DROP TABLE shop.cold', 'CREATE TABLE shop.cold (id int)'], ['cold']],
  [
    ['SET SESSION sql_log_bin = 0', 'ALTER TABLE shop.parts EXCHANGE PARTITION a WITH TABLE shop.swapped'],
    ['parts', 'swapped'],
  ],
  [['SET SESSION sql_log_bin = 0', 'TRUNCATE shop.isam'], ['isam']],
  [["XA START 'one'", 'INSERT INTO shop.cold VALUES (70)', "XA END 'one'", "XA COMMIT 'one' ONE PHASE"], ['cold']],
  ['DROP DATABASE other', ['other.far']],
];

/** What changes no row. */
const HARMLESS = [
  'ANALYZE TABLE shop.cold',
  'OPTIMIZE TABLE shop.cold',
  'CHECK TABLE shop.cold',
  'FLUSH TABLES',
  'FLUSH LOGS',
  'CREATE INDEX later ON shop.cold (v)',
  'ALTER TABLE shop.cold DROP INDEX later, ADD INDEX again (v)',
  'ALTER TABLE shop.cold AUTO_INCREMENT = 100',
  'SET SESSION foreign_key_checks = 0',
  'ALTER TABLE shop.child ADD CONSTRAINT twice FOREIGN KEY (p) REFERENCES shop.parent (id)',
  'CREATE TRIGGER shop.late AFTER INSERT ON shop.cold FOR EACH ROW SET @x = 1',
  'DROP TRIGGER shop.late',
  'CREATE VIEW shop.seen AS SELECT * FROM shop.cold',
  'CREATE EVENT shop.later ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM shop.cold',
  'CREATE PROCEDURE shop.act() DELETE FROM shop.cold',
  "CREATE USER visitor IDENTIFIED BY 'Visit0r!pw'",
  'GRANT SELECT ON shop.* TO visitor',
  'CREATE TEMPORARY TABLE shop.own (id int)',
  'INSERT INTO shop.own VALUES (1)',
  'DROP TEMPORARY TABLE shop.own',
  'CREATE TABLE shop.fresh (id int)',
  'INSERT INTO shop.fresh VALUES (1)',
  'DROP TABLE shop.fresh',
  'CREATE DATABASE __tencentdb__',
  'CREATE TABLE __tencentdb__.heartbeat (id int)',
  'INSERT INTO __tencentdb__.heartbeat VALUES (1)',
  'DROP DATABASE __tencentdb__',
];

describeMysql('which tables were written', function (product) {
  this.timeout(120_000);
  let server: TestServer;
  let watch: WriteWatch;

  before(async function () {
    server = await startServer(this, product);
    await run(SCHEMA);
    watch = (await server.connect()).writes ?? assert.fail();
  });
  after(() => server?.stop());

  const position = async () => (await watch.takeProofPosition(['shop'], never)).token;
  const since = (token: string) => watch.writtenSince(token, ['shop'], never);
  const reached = ({ written, dependencies }: WrittenSince) => {
    const reach = closure(written, dependencies);
    return TABLES.filter((name) => {
      const [table = '', database = 'shop'] = name.split('.').reverse();
      return reach({ database, schema: null, name: table });
    });
  };
  /** all in one session */
  async function run(statements: string | readonly string[]): Promise<void> {
    const client = await server.client();
    try {
      for (const sql of [statements].flat()) await client.query(sql);
    } finally {
      await client.end();
    }
  }
  /** a time of a whole second may be that of the position or of the write */
  const nextSecond = () => pause(1_050, never);

  it('takes what changes no row for no write', async () => {
    await nextSecond();
    const token = await position();
    await run(HARMLESS);
    const answer = await since(token);
    assert.deepEqual(
      [answer.state, reached(answer), answer.written.filter(({ kind }) => kind === 'server')],
      ['known', [], []],
    );
  });

  it('names every table that a statement may have changed, logged or not, and no other', async () => {
    let token = await position();
    for (const [statements, expected] of STATEMENTS) {
      await run(statements);
      const answer = await since(token);
      assert.equal(answer.state, 'known', JSON.stringify(answer.why));
      const all = expected === 'all' ? TABLES : expected;
      assert.deepEqual(
        reached(answer),
        TABLES.filter((table) => all.includes(table)),
        String(statements),
      );
      token = answer.position.token;
    }
  });

  it('names what an XA transaction of before wrote when it is committed', async () => {
    const client = await server.client();
    for (const sql of [
      "XA START 'early'",
      'INSERT INTO shop.cold (id) VALUES (71)',
      "XA END 'early'",
      "XA PREPARE 'early'",
    ]) {
      await client.query(sql);
    }
    const token = await position();
    await run('UPDATE shop.parent SET v = 11 WHERE id = 3');
    const between = await since(token);
    assert.ok(!reached(between).includes('cold'));
    await client.query("XA COMMIT 'early'");
    const answer = await since(between.position.token);
    assert.deepEqual([answer.state, reached(answer)], ['known', ['cold']]);
  });

  it('names an unlogged transaction of before when it is committed', async () => {
    const client = await server.client();
    for (const sql of ['SET SESSION sql_log_bin = 0', 'BEGIN', 'INSERT INTO shop.cold (id) VALUES (72)'])
      await client.query(sql);
    const token = await position();
    await client.query('COMMIT');
    assert.deepEqual(reached(await since(token)), ['cold']);
  });

  it('never proves what a storage engine keeps to itself', async () => {
    await run('CREATE TABLE shop.quick (id int) ENGINE = MEMORY');
    const { never: unproven } = await watch.takeProofPosition(['shop'], never);
    assert.deepEqual(
      unproven.map(({ table }) => table.name),
      ['quick'],
    );
  });

  it('loses what nobody can tell any more: a reset or purged log, another server', async () => {
    const before = await position();
    await run(server.product === 'mysql' ? 'RESET BINARY LOGS AND GTIDS' : 'RESET MASTER');
    assert.equal((await since(before)).state, 'lost');
    const old = await position();
    await run(['FLUSH BINARY LOGS', 'FLUSH BINARY LOGS']);
    const [last] = await server.run('SHOW BINARY LOGS').then((rows) => rows.slice(-1));
    await run(`PURGE BINARY LOGS TO '${String(last?.['Log_name'])}'`);
    assert.equal((await since(old)).state, 'lost');
    assert.equal((await since('{}')).state, 'lost');
  });
});
