import assert from 'node:assert/strict';
import { factsOf } from '../../src/comparison/document.ts';
import type { ComparisonResult } from '../../src/comparison/result.ts';
import { mysqlDigest } from '../../src/engines/mysql/digest.ts';
import { haveMariaDb, startMariaDb, type MariaDb } from '../../sandbox/mariadb.ts';
import { say } from '../../src/util/sentence.ts';
import { cases, event, PROCEDURE, trigger, VIEW } from './compare-mariadb-objects-rules.cases.ts';
import { compare } from './comparing.ts';

const notSame = (result: ComparisonResult, counts: boolean) =>
  result.objects
    .filter((object) => object.verdict !== 'same' && object.counts === counts)
    .map(({ kind, name, detail }) => `${kind} ${name}${detail ? `: ${say(detail)}` : ''}`)
    .sort();

describe('comparing rules around the rows, between MariaDB servers', function () {
  this.timeout(60_000);
  let source: MariaDb;
  let target: MariaDb;
  let login = '';
  const urlOf = (server: MariaDb) => server.urlOf('lab').replace(/\/\/[^@]*@/, (root) => login || root);
  const run = () => compare(mysqlDigest, { source: urlOf(source), target: urlOf(target) });
  const clean = async (server: MariaDb, first = '') => {
    await server.query(
      `DROP DATABASE IF EXISTS lab; CREATE DATABASE lab; DROP DATABASE IF EXISTS lab_other; CREATE DATABASE lab_other;
       CREATE TABLE lab.t (id int PRIMARY KEY, v int); ${first}`,
    );
  };

  before(async function () {
    if (!haveMariaDb()) return this.skip();
    [source, target] = await Promise.all([startMariaDb(), startMariaDb()]);
    for (const server of [source, target]) {
      await server.query(
        "CREATE USER other@'10.%' IDENTIFIED BY 'x', other@'%' IDENTIFIED BY 'x'; CREATE ROLE some_role",
      );
    }
  });
  beforeEach(async () => {
    login = '';
    for (const server of [source, target]) await clean(server);
  });
  after(() => Promise.all([source?.stop(), target?.stop()]));

  for (const { name, source: mine, target: theirs, twin, told, first } of cases) {
    it(`finds ${name}`, async () => {
      await clean(source, first);
      await source.query(mine, 'lab');
      await clean(target, first);
      await target.query(theirs, 'lab');
      const found = notSame(await run(), true);
      assert.ok(
        found.some((line) => told.test(line)),
        JSON.stringify(found),
      );
      await clean(target, first);
      await target.query(twin ?? mine, 'lab');
      const result = await run();
      assert.deepEqual(notSame(result, true), []);
      assert.deepEqual([result.verdict, result.remarks], ['same', []]);
    });
  }

  it('tells, and no more, that an event and the scheduler are off on the target until the switch', async () => {
    await source.query(`SET GLOBAL event_scheduler = ON; ${event("EVERY 1 DAY STARTS '2030-01-01 00:00:00'")}`, 'lab');
    await target.query(event("EVERY 1 DAY STARTS '2030-01-01 00:00:00' DISABLE"), 'lab');
    try {
      const result = await run();
      assert.equal(result.verdict, 'same');
      const noted = factsOf('1', result).skipped.map((words) => say(words));
      assert.match(noted.join('\n'), /^The event e .*\nThe event scheduler .*\nNever looked at: accounts/);
      assert.match(
        notSame(result, false).join('\n'),
        /^event e: The event e is switched off .*ENABLE it then.*\noptions database: .*turn it on then/,
      );
    } finally {
      await source.query('SET GLOBAL event_scheduler = OFF');
    }
  });

  it('tells, and no more, that a definer who exists is another, and that both sides lack theirs', async () => {
    await source.query(`CREATE DEFINER = nobody@'%' ${VIEW}; CREATE ${PROCEDURE}`, 'lab');
    await target.query(`CREATE DEFINER = nobody@'%' ${VIEW}; CREATE DEFINER = other@'%' ${PROCEDURE}`, 'lab');
    const result = await run();
    assert.equal(result.verdict, 'same');
    const [routine, view, ...more] = notSame(result, false);
    assert.match(routine ?? '', /^routine procedure p: source: DEFINER root@127\.0\.0\.1; target: DEFINER other@%/);
    assert.match(view ?? '', /^view v: .* has no account nobody@%/);
    assert.deepEqual(more, []);
  });

  it('tells in one line what is alike for many', async () => {
    for (const [server, format] of [
      [source, 'DYNAMIC'],
      [target, 'COMPACT'],
    ] as const) {
      const table = (name: string) => `CREATE TABLE ${name} (a int PRIMARY KEY) ROW_FORMAT = ${format}`;
      await server.query(`${table('c1')}; ${table('c2')}; ${table('c3')}`, 'lab');
    }
    const result = await run();
    assert.equal(result.verdict, 'same');
    assert.deepEqual(notSame(result, false), [
      'options c1 (+2): source: ROW_FORMAT DYNAMIC; target: ROW_FORMAT COMPACT',
    ]);
  });

  it('judges definers as the server does', async () => {
    await target.query(
      `CREATE DEFINER = other@'10.1.2.3' PROCEDURE served() SELECT 1; CREATE DEFINER = nobody@'%' PROCEDURE failing() SELECT 1;
       GRANT EXECUTE ON *.* TO other@'10.%'; CALL served()`,
      'lab',
    );
    await assert.rejects(target.query('CALL failing()', 'lab'), { errno: 1449 });
  });

  it('is no proof where it cannot be seen whether a definer exists', async () => {
    for (const server of [source, target]) {
      await server.query(
        `${trigger('a1')}; CREATE OR REPLACE USER watch@'127.0.0.1' IDENTIFIED BY 'watch';
         GRANT SELECT, EXECUTE, TRIGGER, EVENT, SHOW VIEW ON lab.* TO watch@'127.0.0.1'`,
        'lab',
      );
    }
    login = '//watch:watch@';
    const result = await run();
    assert.equal(result.verdict, 'incomplete');
    assert.match(result.remarks.map((why) => say(why)).join(), /a root@127\.0\.0\.1, .*lacks SELECT \(User, Host\)/);
    await target.query("GRANT SELECT (User, Host) ON mysql.user TO watch@'127.0.0.1'");
    assert.equal((await run()).verdict, 'same');
  });

  it('finds the history of a table that the target does not go on with', async () => {
    await source.query('CREATE TABLE sv (id int PRIMARY KEY) WITH SYSTEM VERSIONING', 'lab');
    await target.query('CREATE TABLE sv (id int PRIMARY KEY)', 'lab');
    assert.deepEqual(notSame(await run(), true), [
      'options sv: source: SYSTEM VERSIONING yes; target: SYSTEM VERSIONING no',
    ]);
    await target.query('ALTER TABLE sv ADD SYSTEM VERSIONING', 'lab');
    assert.deepEqual(notSame(await run(), true), []);
  });

  it('follows a foreign key into a database that has another name on the target', async () => {
    const key = (database: string) =>
      `CREATE TABLE ${database}.p (id int PRIMARY KEY); CREATE TABLE k (id int, FOREIGN KEY (id) REFERENCES ${database}.p (id))`;
    await source.query(key('lab_other'), 'lab');
    await target.query(`DROP DATABASE IF EXISTS lab_new; CREATE DATABASE lab_new; ${key('lab_new')}`, 'lab');
    const entry = { schema: null, newSchema: null, allTables: true, tables: [] };
    const result = (newName: string) =>
      compare(mysqlDigest, {
        source: urlOf(source),
        target: urlOf(target),
        options: {
          scope: {
            mode: 'partial',
            databases: [
              { ...entry, name: 'lab', newName: 'lab' },
              { ...entry, name: 'lab_other', newName },
            ],
          },
        },
      });
    assert.deepEqual(notSame(await result('lab_new'), true), []);
    assert.deepEqual(notSame(await result('lab_other'), true), [
      'constraint k: foreign key (id) -> lab_new.p (id)',
      'constraint k: foreign key (id) -> lab_other.p (id)',
    ]);
  });
});
