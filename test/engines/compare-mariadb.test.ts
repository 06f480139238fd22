import assert from 'node:assert/strict';
import type { ComparisonResult } from '../../src/comparison/result.ts';
import { mysqlDigest } from '../../src/engines/mysql/digest.ts';
import { haveMariaDb, startMariaDb, type MariaDb } from '../../sandbox/mariadb.ts';
import { lies, twins } from './compare-mariadb.cases.ts';
import { compare, found, tableOf } from './comparing.ts';

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
});
