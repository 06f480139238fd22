import assert from 'node:assert/strict';
import type { ComparisonResult } from '../../src/comparison/result.ts';
import { mysqlDigest } from '../../src/engines/mysql/digest.ts';
import { dialectOf } from '../../src/engines/mysql/dialect.ts';
import { readColumns } from '../../src/engines/mysql/digest-columns.ts';
import { grantsOf } from '../../src/engines/mysql/grants.ts';
import { globalPrivileges } from '../../src/engines/mysql/visibility.ts';
import { haveMariaDb, startMariaDb, type MariaDb } from '../../sandbox/mariadb.ts';
import { say } from '../../src/util/sentence.ts';
import { compare, never } from './comparing.ts';

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
      ['a label more', "{c} enum('a','b')", "{c} enum('b','a','c')", 'told'],
      ['a larger character set', '{c} varchar(9) CHARSET latin1', '{c} varchar(9) CHARSET utf8mb4', 'told'],
      ['another width to show', '{c} int(11)', '{c} int(5)', 'same'],
      ['boolean', '{c} bool', '{c} tinyint(4)', 'same'],
      ['labels in another order', "{c} enum('a','b')", "{c} enum('b','a')", 'same'],
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
      ['event', 'CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM a', 'EVENT'],
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

describe('columns of MySQL, as its manual says it lists them, and those of MariaDB', () => {
  type Facts = readonly (string | null)[];
  /** type, declared, NULL, default, extra, expression, precision, scale, fraction, length, bytes, character set */
  async function ruled(product: 'MySQL' | 'MariaDB', facts: Facts): Promise<object | undefined> {
    const ask = (sql: string) => Promise.resolve(/COLUMNS/.test(sql) ? [['t', 'c', ...facts]] : [['t']]);
    const dialect = product === 'MySQL' ? dialectOf('8.0.36', '') : dialectOf('10.11.6-MariaDB', '');
    const [column] = await readColumns({ database: 'lab', dialect, ask }, (text) => text, never);
    return column?.column;
  }
  const text = (value: string | null, extra = ''): Facts => [
    'varchar',
    'varchar(9)',
    'YES',
    value,
    extra,
    '',
    null,
    null,
    null,
    '9',
    '36',
    'utf8mb4',
  ];
  const time = (value: string, extra: string): Facts => [
    'datetime',
    'datetime(3)',
    'YES',
    value,
    extra,
    '',
    null,
    null,
    '3',
    null,
    null,
    null,
  ];
  const number = (declared: string, value: string | null): Facts => [
    'int',
    declared,
    'YES',
    value,
    '',
    '',
    '10',
    '0',
    null,
    null,
    null,
    null,
  ];
  const twins: readonly (readonly [string, Facts, Facts])[] = [
    ['no default', text(null), text('NULL')],
    ['the word NULL', text('NULL'), text("'NULL'")],
    ['a text', text("it's \\ paid"), text("'it''s \\\\ paid'")],
    ['a text that looks like the time', text('CURRENT_TIMESTAMP'), text("'CURRENT_TIMESTAMP'")],
    ['a number', number('int', '7'), number('int(11)', '7')],
    [
      'the time',
      time('CURRENT_TIMESTAMP(3)', 'DEFAULT_GENERATED on update CURRENT_TIMESTAMP(3)'),
      time('current_timestamp(3)', 'on update current_timestamp(3)'),
    ],
  ];
  for (const [name, mysql, mariaDb] of twins) {
    it(`are alike: ${name}`, async () => {
      assert.deepEqual(await ruled('MySQL', mysql), await ruled('MariaDB', mariaDb));
    });
  }

  it('does not take an expression for its text', async () => {
    assert.notDeepEqual(
      await ruled('MySQL', text('uuid()', 'DEFAULT_GENERATED')),
      await ruled('MySQL', text('uuid()')),
    );
  });
});

describe('MySQL: what SHOW GRANTS says', () => {
  const all = 'GRANT SELECT, PROCESS ON *.* TO `obs`@`%`';
  const cases: readonly (readonly [string, readonly string[], boolean])[] = [
    ['everywhere', [all], true],
    ['everywhere but here', [all, 'REVOKE SELECT ON `crm`.* FROM `obs`@`%`'], false],
    ['everywhere but elsewhere', [all, 'REVOKE SELECT ON `mysql`.* FROM `obs`@`%`'], true],
    ['another right taken back here', [all, 'REVOKE INSERT, UPDATE ON `crm`.* FROM `obs`@`%`'], true],
    ['everything', ["GRANT ALL PRIVILEGES ON *.* TO 'root'@'localhost' WITH GRANT OPTION"], true],
    ['here', ["GRANT SELECT, INSERT ON `crm`.* TO 'x'@'%'"], true],
    ['by a pattern', ["GRANT ALL PRIVILEGES ON `c%`.* TO 'x'@'%'"], true],
    ['by an escaped pattern', ["GRANT SELECT ON `cr\\_`.* TO 'x'@'%'"], false],
    ['on one table', ["GRANT SELECT ON `crm`.`c` TO 'x'@'%'"], false],
    ['on columns', ["GRANT SELECT (`a`) ON `crm`.`c` TO 'x'@'%'"], false],
    ['on a database that looks like all', ["GRANT SELECT ON `*`.* TO 'x'@'%'"], false],
    ['on a procedure', ["GRANT EXECUTE ON PROCEDURE `crm`.`p` TO 'x'@'%'", 'GRANT USAGE ON *.* TO `x`@`%`'], false],
  ];
  for (const [name, lines, held] of cases) {
    it(name, () => assert.equal(grantsOf(lines).onDatabase('SELECT', 'crm'), held));
  }

  it('does not count as held everywhere what was taken back on one database', () => {
    const held = (...more: string[]) => globalPrivileges([all, ...more]).has('SELECT');
    assert.equal(held(), true);
    assert.equal(held('REVOKE SELECT ON `crm`.* FROM `obs`@`%`'), false);
    assert.equal(held('REVOKE INSERT ON `crm`.* FROM `obs`@`%`', 'REVOKE SELECT ON `mysql`.* FROM `obs`@`%`'), true);
  });

  it('tells rights on everything from rights here', () => {
    assert.equal(grantsOf(['GRANT ALL PRIVILEGES ON `crm`.* TO `x`@`%`']).everywhere('SHOW_ROUTINE', 'crm'), false);
    assert.equal(grantsOf([all, 'GRANT SHOW_ROUTINE ON *.* TO `x`@`%`']).everywhere('SHOW_ROUTINE', 'crm'), true);
    assert.equal(grantsOf(['GRANT SELECT ON `mysql`.`proc` TO `x`@`%`']).onTable('SELECT', 'mysql', 'proc'), true);
  });
});
