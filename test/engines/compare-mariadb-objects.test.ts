import assert from 'node:assert/strict';
import type { ComparisonResult } from '../../src/comparison/result.ts';
import { mysqlDigest } from '../../src/engines/mysql/digest.ts';
import { grantsOf } from '../../src/engines/mysql/grants.ts';
import { globalPrivileges } from '../../src/engines/mysql/visibility.ts';
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
