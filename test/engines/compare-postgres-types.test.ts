import assert from 'node:assert/strict';
import type { ComparisonResult } from '../../src/comparison/result.ts';
import { postgresDigest } from '../../src/engines/postgres/digest.ts';
import { startPostgres, type PostgresServer } from '../../sandbox/postgres.ts';
import type { Case } from './compare-postgres.cases.ts';
import { compare, found, tableOf } from './comparing.ts';

const pairs = (columns: string, rows: string) =>
  `CREATE TABLE {t} (id int PRIMARY KEY, ${columns}); INSERT INTO {t} VALUES ${rows}`;
const update = (...changes: [column: string, value: string, id: number][]) =>
  changes.map(([column, value, id]) => `UPDATE {t} SET ${column} = ${value} WHERE id = ${id}`).join('; ');
const changed = (...ids: number[]) => ids.map((id) => `changed ${id}`);

/** Every type a column can have: the smallest difference in it. */
const types: readonly Case[] = [
  {
    name: 'arrays: NULL and its name, the shape, the lower bound, commas and empty texts',
    source: pairs(
      'a text[], b int[], c numeric[]',
      `(1, '{a,NULL,"NULL"}', NULL, NULL), (2, NULL, '[2:3]={1,2}', NULL), (3, '{"a,b"}', NULL, NULL),
       (4, '{""}', NULL, NULL), (5, NULL, '{{1,2},{3,4}}', NULL), (6, NULL, NULL, '{1.0}'), (7, '{}', '{}', '{1.00,NULL}')`,
    ),
    target: update(
      ['a', `'{a,"NULL",NULL}'`, 1],
      ['b', `'{1,2}'`, 2],
      ['a', `'{a,b}'`, 3],
      ['a', `'{NULL}'`, 4],
      ['b', `'{{1,2,3,4}}'`, 5],
      ['c', `'{1.00}'`, 6],
    ),
    differs: changed(1, 2, 3, 4, 5, 6),
  },
  {
    name: 'ranges: bounds, emptiness, infinity and no bound',
    source: pairs(
      'a int4range, b tstzrange, c numrange, d int4multirange',
      `(1, NULL, NULL, '[1.0,2]', NULL), (2, 'empty', NULL, NULL, '{}'), (3, '(,)', NULL, NULL, NULL),
       (4, NULL, '[2020-01-01 00:00:00+00,infinity)', NULL, NULL), (5, '[1,5)', '[2020-01-01 00:00:00+00,)', '[1,2]', '{[1,3),[5,7)}')`,
    ),
    target: update(
      ['c', `'(1.0,2]'`, 1],
      ['a', 'NULL', 2],
      ['a', `'[,5)'`, 3],
      ['b', `'[2020-01-01 00:00:00+00,)'`, 4],
    ),
    differs: changed(1, 2, 3, 4),
  },
  {
    name: 'composite types: a NULL field, all NULL fields, a NULL value, within arrays',
    source: pairs(
      'a pair, b pair[]',
      `(1, '(1,)', '{"(1,2)"}'), (2, NULL, NULL), (3, '(,)', NULL), (4, '(1,2)', NULL)`,
    ),
    target: update(['b', `'{"(1,3)"}'`, 1], ['a', `'(,)'`, 2], ['a', 'NULL', 3]),
    differs: changed(1, 2, 3),
  },
  {
    name: 'domains over numbers, texts and numbers with a scale',
    source: pairs('a positive, b phrase, c price', `(1, 1, 'a', 1.5), (2, 2, 'b ', 2), (3, 3, 'c', 1)`),
    target: update(['a', '2', 1], ['b', `'b'`, 2], ['c', '-1', 3]),
    differs: changed(1, 2, 3),
  },
  {
    name: 'money, bits of another length, XML, text search',
    source: pairs(
      'a money, b bit(8), c varbit, d xml, e tsvector, f tsquery',
      `(1, 1.25, B'00000001', B'0', '<a/>', 'a:1 b', 'a & b'), (2, -1, B'11111111', B'', '<a></a>', '''a b''', 'a'),
       (3, 0, B'00000000', B'00', NULL, NULL, NULL), (4, 5, B'01010101', B'1', NULL, 'a:1A', NULL)`,
    ),
    target: update(['a', '1.26', 1], ['d', `'<a/>'`, 2], ['c', `B'0'`, 3], ['e', `'a:1B'`, 4]),
    differs: changed(1, 2, 3, 4),
  },
  {
    name: 'intervals and times: a year and its days, 24 and 0 o’clock, the same moment in another zone',
    source: pairs(
      'a interval, b timetz, c time',
      `(1, '1 year', NULL, '24:00'), (2, '-1 day +24:00', '12:00+02', NULL), (3, '12 mon', '12:00:00.000001+00', NULL)`,
    ),
    target: update(['c', `'00:00'`, 1], ['b', `'10:00+00'`, 2], ['a', `'360 days'`, 3]),
    differs: changed(1, 2, 3),
  },
  {
    name: 'infinite dates and the year 2000, dates before Christ, the last microsecond there is',
    source: pairs(
      'a date, b timestamp, c timestamptz',
      `(1, 'infinity', 'infinity', 'infinity'), (2, '-infinity', '-infinity', '-infinity'),
       (3, '4713-01-01 BC', '4713-01-01 BC', '4713-01-02 BC'), (4, '2000-01-01', '2000-01-01', '2000-01-01 00:00+00'),
       (5, '0001-01-01', '0001-01-01', '0001-01-01 00:00+00')`,
    ),
    target: update(
      ['a', `'-infinity'`, 1],
      ['b', `'infinity'`, 2],
      ['c', `'4713-01-03 BC'`, 3],
      ['c', `'infinity'`, 4],
      ['b', 'NULL', 5],
    ),
    differs: changed(1, 2, 3, 4, 5),
  },
  {
    name: 'floats: NaN, minus zero, the smallest and the largest',
    source: pairs(
      'a float8, b real',
      `(1, 'NaN', 'NaN'), (2, 0, 0), (3, 5e-324, 1e-45), (4, 'Infinity', '-Infinity'), (5, 1.7976931348623157e308, 3.4028235e38)`,
    ),
    target: update(
      ['a', `'Infinity'`, 1],
      ['b', `'-0'`, 2],
      ['a', '1e-323', 3],
      ['b', `'Infinity'`, 4],
      ['b', '3.4028233e38', 5],
    ),
    differs: changed(1, 2, 3, 4, 5),
  },
  {
    name: 'hstore and citext',
    source: pairs('a hstore, b citext', `(1, 'a=>1,b=>NULL', 'Ab'), (2, '', 'x'), (3, 'b=>1,a=>2', 'y')`),
    target: update(['a', `'a=>1,b=>"NULL"'`, 1], ['b', `'X'`, 2]),
    differs: changed(1, 2),
  },
  {
    name: 'ENUMs in an array, when the labels lie in another order',
    source: pairs('a mood, b mood[]', `(1, 'sad', '{sad,glad}'), (2, 'glad', NULL)`),
    target: update(['b', `'{glad,sad}'`, 1]),
    differs: changed(1),
  },
  {
    name: 'bytes: a zero byte more, none and NULL',
    source: pairs('a bytea', `(1, '\\x00'), (2, '\\x'), (3, '\\x0000'), (4, 'a\\\\b')`),
    target: update(['a', `'\\x0000'`, 1], ['a', 'NULL', 2]),
    differs: changed(1, 2),
  },
  {
    name: 'JSON: white space, a key twice, scales, and empty things',
    source: pairs(
      'a json, b jsonb',
      `(1, '{"a":1}', '1.0'), (2, '{"a":1,"a":2}', 'null'), (3, NULL, '[]'), (4, NULL, '""')`,
    ),
    target: update(['a', `'{"a": 1}'`, 1], ['a', `'{"a":2}'`, 2], ['b', `'{}'`, 3], ['b', 'NULL', 4]),
    differs: changed(1, 2, 3, 4),
  },
  {
    name: 'addresses, paths and shapes',
    source: pairs(
      'a inet, b cidr, c macaddr, d point, e path, f "char", g pg_lsn, h jsonpath',
      `(1, '10.0.0.1/8', '10.0.0.0/8', '08:00:2b:01:02:03', '(0,0)', '[(1,2),(3,4)]', 'x', '0/1', '$.a'), (2, '10.0.0.1', NULL, NULL, '(0,0)', NULL, NULL, NULL, NULL),
       (3, '::1', NULL, NULL, NULL, '[(1,2),(3,4)]', 'x', NULL, NULL)`,
    ),
    target: update(['a', `'10.0.0.1/9'`, 1], ['d', `'(-0,0)'`, 2], ['e', `'((1,2),(3,4))'`, 3]),
    differs: changed(1, 2, 3),
  },
  {
    name: 'composed and decomposed letters',
    source: pairs('a text', `(1, E'\\u00e9'), (2, 'e')`),
    target: update(['a', `E'e\\u0301'`, 1]),
    differs: changed(1),
  },
  {
    name: 'a column that is computed on one side only',
    source: pairs('g int GENERATED ALWAYS AS (id + 1) STORED', '(1)'),
    target: pairs('g int', '(1, 3)'),
    differs: changed(1),
  },
];

/** Every type a key can have. */
const keys: readonly Case[] = [
  ['citext', `'Ab'`, `'c'`, ['changed Ab', 'missing c']],
  ['text COLLATE blind', `'abc'`, `'d'`, ['changed abc', 'missing d']],
  ['float8', '0.1', `'NaN'`, ['changed 0.1', 'missing NaN']],
  ['interval', `'1 day'`, `'24:00:01'`, ['changed 1 day', 'missing 24:00:01']],
  ['mood', `'sad'`, `'glad'`, ['changed sad', 'missing glad']],
  ['pair', `'(1,2)'`, `'(1,3)'`, ['changed (1,2)', 'missing (1,3)']],
  ['int[]', `'{1,2}'`, `'{}'`, ['changed {1,2}', 'missing {}']],
  ['date', `'infinity'`, `'4713-01-01 BC'`, ['changed infinity', 'missing 4713-01-01 BC']],
  [
    'timestamptz',
    `'2020-01-01 00:00:00.000001+00'`,
    `'-infinity'`,
    ['changed 2020-01-01 00:00:00.000001+00', 'missing -infinity'],
  ],
  ['bytea', `'\\x5c00'`, `'\\x'`, ['changed \\x5c00', 'missing \\x']],
  ['jsonb', `'{"a":1}'`, `'[]'`, ['changed {"a": 1}', 'missing []']],
  ['char(4)', `'x'`, `''`, ['changed x', 'missing ']],
  ['bool', 'true', 'false', ['changed true', 'missing false']],
  [
    'uuid',
    `'ffffffff-ffff-ffff-ffff-ffffffffffff'`,
    `'00000000-0000-0000-0000-000000000000'`,
    ['changed ffffffff-ffff-ffff-ffff-ffffffffffff', 'missing 00000000-0000-0000-0000-000000000000'],
  ],
].map(([type, mine, theirs, differs]) => ({
  name: `a key of type ${String(type)}`,
  source: `CREATE TABLE {t} (k ${String(type)} PRIMARY KEY, v int); INSERT INTO {t} VALUES (${String(mine)}, 1), (${String(theirs)}, 2)`,
  target: 'DELETE FROM {t} WHERE v = 2; UPDATE {t} SET v = 3',
  differs: differs as string[],
}));

describe('every type of PostgreSQL, 17 against 18', function () {
  this.timeout(60_000);
  let source: PostgresServer;
  let target: PostgresServer;
  let result: ComparisonResult;
  const cases: readonly Case[] = [...types, ...keys];

  before(async () => {
    [source, target] = await Promise.all([startPostgres({ version: '17' }), startPostgres({ version: '18' })]);
    const shared = `CREATE EXTENSION hstore; CREATE EXTENSION citext; CREATE TYPE pair AS (a int, b int); CREATE DOMAIN positive AS int CHECK (value > 0);
      CREATE DOMAIN phrase AS text; CREATE DOMAIN price AS numeric(8,2); CREATE COLLATION blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false);`;
    await source.run(`${shared} CREATE TYPE mood AS ENUM ('sad', 'glad')`);
    await target.run(`${shared} CREATE TYPE mood AS ENUM ('glad', 'sad')`);
    for (const [i, { source: made, target: change }] of cases.entries()) {
      const named = (sql: string) => `SET TimeZone = 'UTC'; ${sql.replaceAll('{t}', `case_${i}`)}`;
      await source.run(named(made));
      await target.run(named(change.startsWith('CREATE') ? change : `${made}; ${change}`));
    }
    result = await compare(postgresDigest, { source: source.url(), target: target.url() });
  });
  after(() => Promise.all([source?.stop(), target?.stop()]));

  for (const [i, { name, differs }] of cases.entries()) {
    it(name, () => {
      const table = tableOf(result, `case_${i}`);
      assert.equal(table.reason, null);
      assert.deepEqual(found(table), [...differs].sort());
      for (const { kind, source: mine, target: theirs } of table.differences) {
        assert.equal(mine === null, kind === 'extra');
        assert.equal(theirs === null, kind === 'missing');
      }
    });
  }
});
