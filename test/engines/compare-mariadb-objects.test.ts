import assert from 'node:assert/strict';
import type { ComparisonResult } from '../../src/comparison/result.ts';
import { mysqlDigest } from '../../src/engines/mysql/digest.ts';
import { haveMariaDb, startMariaDb, type MariaDb } from '../../sandbox/mariadb.ts';
import { say } from '../../src/util/sentence.ts';
import { compare } from './comparing.ts';

/** `kind name: verdict` of everything that is not the same and counts. */
const wrong = (result: ComparisonResult) =>
  result.objects
    .filter(({ verdict, counts }) => verdict !== 'same' && counts)
    .map(({ kind, name, verdict }) => `${kind} ${name}: ${verdict}`)
    .sort();

describe('comparing what is not rows, between MariaDB servers', function () {
  this.timeout(60_000);
  let source: MariaDb;
  let target: MariaDb;
  let login = '';
  const urlOf = (server: MariaDb) => server.urlOf('lab').replace(/\/\/[^@]*@/, (root) => login || root);
  const run = () => compare(mysqlDigest, { source: urlOf(source), target: urlOf(target) });
  const both = async (sql: string, database?: string) => {
    for (const server of [source, target]) await server.query(sql, database);
  };

  before(async function () {
    if (!haveMariaDb()) return this.skip();
    [source, target] = await Promise.all([startMariaDb(), startMariaDb()]);
  });
  beforeEach(async () => {
    login = '';
    await both('DROP DATABASE IF EXISTS lab; CREATE DATABASE lab; CREATE TABLE lab.a (id int PRIMARY KEY)');
  });
  after(() => Promise.all([source?.stop(), target?.stop()]));

  describe('sequences', () => {
    it('finds one that is missing, and one that would give numbers twice, and puts it right', async () => {
      await source.query('CREATE SEQUENCE gone; CREATE SEQUENCE bill START WITH 900000; SELECT NEXTVAL(bill)', 'lab');
      await target.query('CREATE SEQUENCE bill', 'lab');
      const result = await run();
      assert.deepEqual(wrong(result), ['sequence bill: different', 'sequence gone: missingOnTarget']);
      assert.equal(result.verdict, 'different');
      const statement = result.objects.find(({ statement }) => statement !== null)?.statement;
      assert.equal(statement, 'ALTER SEQUENCE `lab`.`bill` RESTART 902000;');
      await target.query(`${statement} CREATE SEQUENCE gone`, 'lab');
      assert.equal((await run()).verdict, 'same');
      const [next] = await target.query('SELECT NEXTVAL(bill) AS next', 'lab');
      assert.ok(Number(next?.['next']) > 900_000);
    });

    it('does not take numbers in the cache of the target for given', async () => {
      await both('CREATE SEQUENCE bill; SELECT NEXTVAL(bill)', 'lab');
      await source.query('SELECT NEXTVAL(bill); SELECT NEXTVAL(bill)', 'lab');
      assert.deepEqual(wrong(await run()), ['sequence bill: different']);
    });

    it('accepts equal ones: unused, without a cache, descending, further ahead', async () => {
      await both('CREATE SEQUENCE unused; CREATE SEQUENCE plain NOCACHE; SELECT NEXTVAL(plain)', 'lab');
      await both('CREATE SEQUENCE down INCREMENT -1 NOCACHE; SELECT NEXTVAL(down)', 'lab');
      await target.query('SELECT NEXTVAL(plain); SELECT NEXTVAL(down); CREATE SEQUENCE more', 'lab');
      const result = await run();
      assert.deepEqual(wrong(result), []);
      assert.equal(result.verdict, 'same');
      assert.equal(result.objects.filter(({ kind }) => kind === 'sequence').length, 4);
    });
  });

  describe('columns', () => {
    /** `{c}` is the column; target null: as the source */
    const cases: readonly (readonly [string, string, string | null, 'same' | 'told' | 'different'])[] = [
      ['a default missing', "{c} varchar(9) DEFAULT 'paid'", '{c} varchar(9)', 'different'],
      ['another default', "{c} varchar(9) DEFAULT 'paid'", "{c} varchar(9) DEFAULT 'open'", 'different'],
      ['a default on the target only', '{c} int', '{c} int DEFAULT 0', 'different'],
      ['NULL taken by the target only', '{c} int NOT NULL', '{c} int', 'different'],
      ['NULL taken by the source only', '{c} int', '{c} int NOT NULL', 'different'],
      ['a shorter text', '{c} varchar(500)', '{c} varchar(1)', 'different'],
      ['a smaller integer', '{c} bigint', '{c} int', 'different'],
      ['no sign', '{c} int', '{c} int unsigned', 'different'],
      ['the unsigned half of an integer', '{c} int unsigned', '{c} int', 'different'],
      ['fewer digits before the point', '{c} decimal(10,2)', '{c} decimal(10,4)', 'different'],
      ['fewer fractions of a second', '{c} datetime(6)', '{c} datetime', 'different'],
      ['a label less', "{c} enum('a','b')", "{c} enum('a')", 'different'],
      ['a smaller character set', '{c} varchar(9) CHARSET utf8mb4', '{c} varchar(9) CHARSET latin1', 'different'],
      [
        'no change by itself',
        '{c} timestamp DEFAULT now() ON UPDATE now()',
        '{c} timestamp DEFAULT now()',
        'different',
      ],
      ['a check missing', '{c} int CHECK ({c} > 0)', '{c} int', 'different'],
      ['another check', '{c} int CHECK ({c} > 0)', '{c} int CHECK ({c} > 1)', 'different'],
      ['another expression', '{c} int AS (id * 2) STORED', '{c} int AS (id * 3) STORED', 'different'],
      ['not generated', '{c} int AS (id * 2) STORED', '{c} int', 'different'],
      ['a generated column missing', '{c} int AS (id * 2) STORED', '', 'different'],
      ['another default expression', '{c} int DEFAULT (1 + 2)', '{c} int DEFAULT (2 + 2)', 'different'],
      ['a longer text', '{c} varchar(5)', '{c} varchar(50)', 'told'],
      ['a text for a varchar', '{c} varchar(50)', '{c} longtext', 'told'],
      ['a larger integer', '{c} int DEFAULT 7', '{c} bigint DEFAULT 7', 'told'],
      ['an integer in a decimal', '{c} int', '{c} decimal(12,2)', 'told'],
      ['more digits', '{c} decimal(8,2) DEFAULT 1.5', '{c} decimal(12,4) DEFAULT 1.5', 'told'],
      ['a label more', "{c} enum('a','b')", "{c} enum('a','b','c')", 'told'],
      ['a larger character set', '{c} varchar(9) CHARSET latin1', '{c} varchar(9) CHARSET utf8mb4', 'told'],
      ['another width to show', '{c} int(11)', '{c} int(5)', 'same'],
      ['boolean', '{c} bool', '{c} tinyint(4)', 'same'],
      ['labels in another order', "{c} enum('a','b')", "{c} enum('b','a')", 'different'],
      ['NULL as a default', '{c} int DEFAULT NULL', '{c} int', 'same'],
      ['one number in two spellings', '{c} decimal(8,2) DEFAULT 0', "{c} decimal(8,2) DEFAULT '0.00'", 'same'],
      ['the time', '{c} datetime DEFAULT now()', '{c} datetime DEFAULT CURRENT_TIMESTAMP()', 'same'],
      ['quotes', "{c} varchar(9) DEFAULT 'it''s \\\\'", null, 'same'],
      ['the word NULL', "{c} varchar(9) DEFAULT 'NULL'", null, 'same'],
      ['a check', "{c} varchar(9) CHECK ({c} <> '(' AND id > 0)", null, 'same'],
      ['an expression', '{c} int DEFAULT (1 + 2)', null, 'same'],
      ['a generated column', '{c} int AS (id * 2) STORED', null, 'same'],
      ['a number of a sequence', '{c} int DEFAULT NEXTVAL(numbers)', null, 'same'],
      ['bits', "{c} bit(8) DEFAULT b'101'", null, 'same'],
      ['a date', "{c} date DEFAULT '2024-01-01'", null, 'same'],
      ['JSON', '{c} json', null, 'same'],
    ];
    let result: ComparisonResult;

    before(async () => {
      await both('DROP DATABASE IF EXISTS lab; CREATE DATABASE lab; CREATE SEQUENCE lab.numbers');
      for (const [i, [, mine, theirs]] of cases.entries()) {
        for (const [server, column] of [
          [source, mine],
          [target, theirs ?? mine],
        ] as const) {
          const columns = column === '' ? '' : `, ${column.replaceAll('{c}', 'c')}`;
          await server.query(`CREATE TABLE t${i} (id int PRIMARY KEY${columns})`, 'lab');
        }
      }
      result = await run();
      assert.deepEqual(result.remarks, []);
    });

    for (const [i, [name, , , expected]] of cases.entries()) {
      it(`${expected === 'same' ? 'are the same' : expected === 'told' ? 'take more' : 'differ'}: ${name}`, () => {
        const found = result.objects.filter((object) => object.name.startsWith(`t${i}: `) && object.verdict !== 'same');
        const worst = found.some(({ counts }) => counts) ? 'different' : found.length > 0 ? 'told' : 'same';
        assert.equal(worst, expected, JSON.stringify(found));
      });
    }
  });

  describe('what the account may not see', () => {
    const made = [
      ['trigger', 'CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.id = 1', 'TRIGGER'],
      ['event', "CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS '2024-05-06 02:00:00' DO DELETE FROM a", 'EVENT'],
      ['view', 'CREATE VIEW v AS SELECT {side} AS x', 'SHOW VIEW'],
      ['routine', 'CREATE PROCEDURE p() SELECT {side}', 'mysql.proc'],
    ] as const;
    const RIGHTS = ['TRIGGER', 'EVENT', 'SHOW VIEW'];

    async function grant(rights: readonly string[]): Promise<void> {
      await both("CREATE OR REPLACE USER watch@'127.0.0.1' IDENTIFIED BY 'watch'");
      for (const right of rights) {
        const on = right === 'mysql.proc' ? 'SELECT ON mysql.proc' : `${right} ON lab.*`;
        await both(`GRANT ${on} TO watch@'127.0.0.1'`);
      }
      await both("GRANT SELECT (User, Host) ON mysql.user TO watch@'127.0.0.1'");
      login = '//watch:watch@';
    }

    for (const [kind, sql, right] of made) {
      it(`is no proof without the right to every ${kind}`, async () => {
        await source.query(sql.replace('{side}', '1'), 'lab');
        if (sql.includes('{side}')) await target.query(sql.replace('{side}', '2'), 'lab');
        await grant(['SELECT', ...RIGHTS, 'mysql.proc'].filter((each) => each !== right));
        const result = await run();
        assert.equal(result.verdict, 'incomplete');
        assert.match(result.remarks.map((why) => say(why)).join(), new RegExp(`it lacks .*${right}`));
        await grant(['SELECT', ...RIGHTS, 'mysql.proc']);
        assert.equal((await run()).verdict, 'different');
      });
    }

    it('is all there is with these rights on the database alone', async () => {
      await both(`${made[0][1]}; ${made[1][1]}; CREATE VIEW v AS SELECT 1`, 'lab');
      await both('ALTER TABLE a ADD b int, ADD FOREIGN KEY (b) REFERENCES a (id)', 'lab');
      await grant(['SELECT', 'EXECUTE', ...RIGHTS]);
      const result = await run();
      assert.deepEqual([result.verdict, result.remarks], ['same', []]);
      const kinds = new Set(result.objects.map((object) => object.kind));
      for (const kind of ['trigger', 'event', 'view', 'index', 'constraint']) assert.ok(kinds.has(kind), kind);
    });

    it('matters for a single table too', async () => {
      await source.query(made[0][1], 'lab');
      await grant(['SELECT', 'EXECUTE', 'EVENT', 'SHOW VIEW']);
      const result = await compare(mysqlDigest, {
        source: urlOf(source),
        target: urlOf(target),
        options: { only: ['a'] },
      });
      assert.equal(result.verdict, 'incomplete');
    });
  });
});
