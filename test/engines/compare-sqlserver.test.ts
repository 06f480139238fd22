import assert from 'node:assert/strict';
import type { ComparisonResult } from '../../src/comparison/result.ts';
import { sqlserverDigest } from '../../src/engines/sqlserver/digest.ts';
import { say } from '../../src/util/sentence.ts';
import type { Case } from './compare-postgres.cases.ts';
import { lies, twins } from './compare-sqlserver.cases.ts';
import { compare, found, tableOf } from './comparing.ts';
import { DigestPair } from '../support/tds/sql/pair.ts';

/** What the target does is named after the statements that made the source, unless it makes the table itself. */
function prepared({ source, target }: Case, i: number): { source: string; target: string } {
  const named = (sql: string) => sql.replaceAll('{t}', `case_${i}`);
  const theirs = target.startsWith('CREATE') ? target : target === '' ? source : `${source}; ${target}`;
  return { source: named(source), target: named(theirs) };
}

describe('comparing two SQL Servers (the TDS test server)', function () {
  this.timeout(60_000);
  const cases = [...lies, ...twins];

  for (const { name, versions, collations } of [
    { name: 'of 2019 and 2022', versions: ['15.0.4355.3', '16.0.4105.2'], collations: [undefined, undefined] },
    // HASHBYTES has its limit, and no style shows all digits of a float
    { name: 'of 2012 and 2014', versions: ['11.0.7507.2', '12.0.6449.1'], collations: [undefined, undefined] },
    {
      name: 'whose databases have other collations',
      versions: ['13.0.6435.1', '14.0.3456.2'],
      collations: ['Latin1_General_CS_AS', 'Latin1_General_CI_AI'],
    },
  ] as const) {
    describe(name, () => {
      let pair: DigestPair;
      let result: ComparisonResult;

      before(async () => {
        pair = await DigestPair.start('cases', {
          source: { version: versions[0], collation: collations[0] },
          target: { version: versions[1], collation: collations[1] },
        });
        for (const [i, each] of cases.entries()) {
          const sql = prepared(each, i);
          pair.source.database.run(sql.source);
          pair.target.database.run(sql.target);
        }
        result = await compare(sqlserverDigest, pair.urls);
      });
      after(() => pair?.stop());

      for (const [i, { name: planted, differs }] of cases.entries()) {
        it(`${differs.length > 0 ? 'finds' : 'accepts'} ${planted}`, () => {
          const table = tableOf(result, `case_${i}`);
          assert.equal(table.reason && say(table.reason), null);
          assert.deepEqual(found(table), [...differs].sort());
          assert.equal(table.verdict, differs.length > 0 ? 'different' : 'same');
          for (const { kind, source, target } of table.differences) {
            assert.deepEqual([kind !== 'extra', kind !== 'missing'], [source !== null, target !== null]);
          }
        });
      }
    });
  }
});
