import assert from 'node:assert/strict';
import { compareObjects } from '../../../src/comparison/objects.ts';
import type { DigestEngine, SchemaObject } from '../../../src/comparison/port.ts';
import { summaryOf } from '../../../src/comparison/verdict.ts';
import { postgresDigest } from '../../../src/engines/postgres/digest.ts';
import { mysqlDigest } from '../../../src/engines/mysql/digest.ts';
import { say } from '../../../src/util/sentence.ts';

describe('definitions of servers that spell differently', () => {
  const cases: readonly (readonly [DigestEngine, string, string, boolean | null])[] = [
    [
      postgresDigest,
      'SELECT t.id, t.x FROM public.t WHERE (t.x > 1)',
      'SELECT id, x FROM public.t WHERE (x > 1)',
      true,
    ],
    [postgresDigest, 'SELECT t.t FROM public.t', 'SELECT t FROM public.t', true],
    [postgresDigest, 'SELECT a.id FROM a, b', 'SELECT b.id FROM a, b', null],
    [postgresDigest, 'SELECT t.id FROM public.t', 'SELECT x FROM public.t', false],
    [postgresDigest, 'SELECT id FROM t WHERE (x > 1)', 'SELECT id FROM t WHERE (x > 2)', false],
    [postgresDigest, "SELECT id FROM t WHERE s = 'a  b'", "SELECT id FROM t WHERE s = 'a b'", false],
    [postgresDigest, 'SELECT sum(x) FROM t', 'SELECT max(x) FROM t', false],
    [postgresDigest, "SELECT date_part('year'::text, d) FROM t", 'SELECT EXTRACT(year FROM d) FROM t', null],
    [postgresDigest, "SELECT timezone('UTC'::text, d) FROM t", "SELECT (d AT TIME ZONE 'UTC'::text) FROM t", null],
    [postgresDigest, "SELECT '0.10000000000000001'::float8", "SELECT '0.1'::float8 AS x", false],
    [postgresDigest, "SELECT ('0.10000000000000001'::float8)", "SELECT '0.1'::float8", null],
    [mysqlDigest, "select _utf8mb4'a' AS `x`", "select 'a' AS `x`", null],
    [mysqlDigest, 'select `x` from `t` where `y` > 10', 'select `x` from `t` where (`y` > 10)', null],
    [mysqlDigest, 'select `x` from `t` where `y` > 10', 'select `x` from `t` where `y` > 11', false],
    [mysqlDigest, "select 'a' AS `x`", "select 'b' AS `x`", false],
    [mysqlDigest, 'select `t1` from `t 10`', 'select `t1` from `t 10` where true', null],
    [mysqlDigest, 'select 0x41', "select 'A'", null],
  ];
  for (const [engine, mine, theirs, expected] of cases) {
    it(`${mine} | ${theirs}: ${expected ?? 'nobody knows'}`, () => {
      assert.equal(engine.definitionsAgree?.(mine, theirs, false), expected);
      assert.equal(engine.definitionsAgree?.(theirs, mine, false), expected);
    });
  }

  it('say of words nothing where names were changed', () => {
    assert.equal(postgresDigest.definitionsAgree?.('SELECT id FROM a.t', 'SELECT id FROM b.t', true), null);
    assert.equal(postgresDigest.definitionsAgree?.('SELECT 1 FROM a.t', 'SELECT 2 FROM b.t', true), false);
  });

  it('make the sentence weaker where nobody knows', () => {
    const view = (definition: string): SchemaObject => ({
      ...{ kind: 'view', table: null, schema: 'public', name: 'v', definition },
    });
    const objects = (mine: string, theirs: string) =>
      compareObjects({
        scope: { mode: 'all', databases: [] },
        source: { database: 'shop', objects: [view(mine)] },
        target: { database: 'shop', objects: [view(theirs)] },
        ...{ tables: null, sameSpelling: false, raiseStatement: () => '' },
        definitionsAgree: (a, b) => (a === 'unknown' || b === 'unknown' ? null : a.trim() === b.trim()),
      });
    const summary = (mine: string, theirs: string) =>
      say(summaryOf({ verdict: 'same', tables: [], objects: objects(mine, theirs) }));
    assert.match(summary('a', 'a '), /^All 0 tables and the objects around them are the same/);
    assert.deepEqual(
      objects('a', 'b').map(({ counts }) => counts),
      [true],
    );
    assert.deepEqual(
      objects('a', 'unknown').map(({ counts }) => counts),
      [false],
    );
    assert.equal(
      summary('a', 'unknown'),
      'The rows of all 0 tables are the same on both sides. Objects that these two servers spell differently, and that could not be compared: 1 (public.v).',
    );
  });
});
