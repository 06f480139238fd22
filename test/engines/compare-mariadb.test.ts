import assert from 'node:assert/strict';
import type { ComparisonResult } from '../../src/comparison/result.ts';
import { mysqlDigest } from '../../src/engines/mysql/digest.ts';
import { haveMariaDb, startMariaDb, type MariaDb } from '../../sandbox/mariadb.ts';
import { lies, twins } from './compare-mariadb.cases.ts';
import { compare, found, quiet, tableOf, written, type Compared } from './comparing.ts';

describe('comparing two MariaDB servers', function () {
  this.timeout(60_000);
  let source: MariaDb;
  let target: MariaDb;

  before(async function () {
    if (!haveMariaDb()) return this.skip();
    // settings of the servers must not matter
    const other = {
      'default-time-zone': '+05:45',
      'sql-mode': 'PAD_CHAR_TO_FULL_LENGTH,ANSI_QUOTES',
      'character-set-server': 'latin1',
      'group-concat-max-len': '1024',
    };
    [source, target] = await Promise.all([startMariaDb(), startMariaDb({ settings: other })]);
  });
  after(() => Promise.all([source?.stop(), target?.stop()]));

  describe('differences that quick checksums miss, and twins that are the same', () => {
    const cases = [...lies, ...twins];
    let result: ComparisonResult;

    before(async () => {
      const session = "SET time_zone = '+00:00', sql_mode = '', NAMES utf8mb4;".replace(', NAMES utf8mb4', '');
      for (const server of [source, target]) await server.query('CREATE DATABASE cases CHARSET utf8mb4');
      for (const [i, { source: made, target: changed }] of cases.entries()) {
        const named = (sql: string) => session + sql.replaceAll('{t}', `case_${i}`);
        await source.query(named(made), 'cases');
        await target.query(
          named(changed.startsWith('CREATE') || changed === '' ? changed || made : `${made}; ${changed}`),
          'cases',
        );
      }
      result = await compare(mysqlDigest, { source: source.urlOf('cases'), target: target.urlOf('cases') });
    });

    for (const [i, { name, differs }] of cases.entries()) {
      it(`${differs.length > 0 ? 'finds' : 'accepts'} ${name}`, () => {
        const table = tableOf(result, `case_${i}`);
        assert.equal(table.reason, null);
        assert.deepEqual(found(table), [...differs].sort());
        assert.equal(table.verdict, differs.length > 0 ? 'different' : 'same');
      });
    }
  });

  describe('documents that the two products write in their own way', () => {
    // MySQL's JSON is told by its type; here both sides are MariaDB, whose JSON is a text
    const engine: typeof mysqlDigest = {
      ...mysqlDigest,
      match: (mine, theirs) => mysqlDigest.match(mine.name === 'doc' ? { ...mine, type: 'json' } : mine, theirs),
    };
    const go = (positions?: Compared['positions']) =>
      compare(engine, {
        source: source.urlOf('documents'),
        target: target.urlOf('documents'),
        ...(positions ? { positions } : {}),
      });

    before(async () => {
      for (const server of [source, target]) await server.query('CREATE DATABASE documents CHARSET utf8mb4');
      const rows = (document: string) =>
        `CREATE TABLE t (id int PRIMARY KEY, v int, doc longtext); INSERT INTO t SELECT seq, seq, ${document} FROM seq_1_to_3000;
         CREATE TABLE other (id int PRIMARY KEY)`;
      await source.query(rows(`CONCAT('{"b":', seq, ',"a":[1.0,"é"]}')`), 'documents');
      await target.query(rows(`CONCAT('{"a": [1, "\\\\u00e9"], "b": ', seq, '}')`), 'documents');
      await target.query(
        `UPDATE t SET doc = '{"a": [1, "\\\\u00e9"], "b": -1}' WHERE id = 7; UPDATE t SET v = -1 WHERE id = 8;
         UPDATE t SET doc = NULL WHERE id = 9; DELETE FROM t WHERE id = 10`,
        'documents',
      );
    });

    it('counts only documents that say something else', async () => {
      const table = tableOf(await go(), 't');
      assert.deepEqual(found(table), ['changed 7', 'changed 8', 'changed 9', 'missing 10']);
      assert.equal(table.differenceCount, 4);
    });

    it('does so when rows are read again', async () => {
      const result = await go({ source: written(['documents.other'], 2), target: quiet });
      assert.equal(tableOf(result, 't').differenceCount, 4);
    });

    it('says that it cannot without a key', async () => {
      for (const server of [source, target]) await server.query('ALTER TABLE t DROP PRIMARY KEY', 'documents');
      const table = tableOf(await go(), 't');
      assert.equal(table.verdict, 'failed');
      assert.match(table.reason?.text ?? '', /only in a table with a key/);
    });
  });
});
