import assert from 'node:assert/strict';
import type { ComparisonResult } from '../../src/comparison/result.ts';
import { mysqlDigest } from '../../src/engines/mysql/digest.ts';
import { haveMariaDb, startMariaDb, type MariaDb } from '../../sandbox/mariadb.ts';
import type { Case } from './compare-postgres.cases.ts';
import { compare, found, tableOf } from './comparing.ts';

const pairs = (columns: string, rows: string, options = '') =>
  `CREATE TABLE {t} (id int PRIMARY KEY, ${columns}) ${options}; INSERT INTO {t} VALUES ${rows}`;
const update = (...changes: [column: string, value: string, id: number][]) =>
  changes.map(([column, value, id]) => `UPDATE {t} SET ${column} = ${value} WHERE id = ${id}`).join('; ');
const changed = (...ids: number[]) => ids.map((id) => `changed ${id}`);

/** Every type a column can have: the smallest difference in it. */
const types: readonly Case[] = [
  {
    name: 'values shifted across a separator where there can be no NULL',
    source: pairs('a varchar(9) NOT NULL, b varchar(9) NOT NULL', "(1, 'a#b', 'c'), (2, '', '#'), (3, 'x#', 'y')"),
    target: pairs('a varchar(9) NOT NULL, b varchar(9) NOT NULL', "(1, 'a', 'b#c'), (2, '#', ''), (3, 'x#', 'y')"),
    differs: changed(1, 2),
  },
  {
    name: 'integers beyond 2^63, and bits up to 64',
    source: pairs(
      'a bigint unsigned, b bit(64)',
      '(1, 18446744073709551615, ~0), (2, 9223372036854775808, 0), (3, 0, 1)',
    ),
    target: update(['a', '18446744073709551614', 1], ['b', '9223372036854775808', 2], ['b', '0', 3]),
    differs: changed(1, 2, 3),
  },
  {
    name: 'decimals of 65 digits, and of 38 behind the point',
    source: pairs(
      'a decimal(65,0), b decimal(65,38)',
      `(1, ${'9'.repeat(65)}, 0), (2, 1, 0.${'0'.repeat(37)}1), (3, -1, 1)`,
    ),
    target: update(['a', 'a - 1', 1], ['b', 'b * 2', 2]),
    differs: changed(1, 2),
  },
  {
    name: 'large decimals of another scale',
    source: pairs('a decimal(60,0), b decimal(40,36)', `(1, 1e40, 1), (2, 3e40, 0.${'0'.repeat(34)}10), (3, -7, -0.5)`),
    target: pairs('a decimal(65,2), b decimal(44,38)', `(1, 2e40, 1), (2, 3e40, 0.${'0'.repeat(34)}20), (3, -7, -0.5)`),
    differs: changed(1, 2),
  },
  {
    name: 'neighbouring floats, the smallest and the largest',
    source: pairs(
      'a double, b float',
      '(1, 0.1, 16777216), (2, 1e308, 1.1), (3, 5e-324, 1), (4, 123456789012345680, 0.1)',
    ),
    target: update(
      ['a', '0.10000000000000002', 1],
      ['b', '1.1000001', 2],
      ['a', '1e-323', 3],
      ['a', '123456789012345696', 4],
    ),
    differs: changed(1, 2, 3, 4),
  },
  {
    name: 'zero dates, days without a month, negative times, the year 0 and 2000',
    source: pairs(
      'a year, b time(6), c date, d datetime(6), e timestamp(6) NULL',
      `(1, 0, '-838:59:59', '0000-00-00', '0000-00-00', 0), (2, 2024, '838:59:59.999999', '2024-00-00', '2024-01-00', NULL),
       (3, 1901, '-00:00:00.000001', '9999-12-31', '9999-12-31 23:59:59.999999', '2038-01-19 03:14:07'), (4, 0, '0', NULL, NULL, NULL)`,
    ),
    target: update(['b', "'838:59:59'", 1], ['c', "'2024-01-00'", 2], ['b', "'00:00:00.000001'", 3], ['a', '2000', 4]),
    differs: changed(1, 2, 3, 4),
  },
  {
    name: 'zero dates where the other side has more digits',
    source: pairs(
      'a datetime, b time',
      "(1, '2024-01-00', '-10:00:00'), (2, '2024-00-01', '0'), (3, '0000-00-00', '838:59:59'), (4, '2024-01-00', NULL)",
    ),
    target: pairs(
      'a datetime(6), b time(6)',
      "(1, '2024-02-00', '-10:00:00'), (2, '2023-00-01', '0'), (3, '0000-00-00 00:00:00.000001', '838:59:59'), (4, '2024-01-00', NULL)",
    ),
    differs: changed(1, 2, 3),
  },
  {
    name: 'SETs: a label fewer, none and NULL',
    source: pairs("a set('a','b','c')", "(1, 'a,b'), (2, ''), (3, NULL), (4, 'c')"),
    target: update(['a', "'a'", 1], ['a', 'NULL', 2], ['a', "''", 3]),
    differs: changed(1, 2, 3),
  },
  {
    name: 'bytes: filled up with zeros or not, and empty',
    source: pairs(
      'a binary(4), b varbinary(4), c tinyblob',
      "(1, 'a', 'a', 'a'), (2, '', '', ''), (3, x'00000000', x'00', 'a')",
    ),
    target: update(['a', "x'61000001'", 1], ['c', 'NULL', 2], ['b', "x'0000'", 3]),
    differs: changed(1, 2, 3),
  },
  {
    name: 'JSON is text here: white space counts',
    source: pairs('a json', `(1, '{"a":1}'), (2, '{"a":1,"b":2}'), (3, NULL)`),
    target: update(['a', `'{"a": 1}'`, 1], ['a', "'null'", 3]),
    differs: changed(1, 3),
  },
  {
    name: 'shapes: the direction of a ring, a collection, an empty one',
    source: pairs(
      'a point, b polygon, c geometrycollection',
      "(1, POINT(1, 2), ST_GeomFromText('POLYGON((0 0,1 0,1 1,0 0))'), NULL), (2, NULL, NULL, ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 1))'))",
    ),
    target: update(
      ['b', "ST_GeomFromText('POLYGON((0 0,1 1,1 0,0 0))')", 1],
      ['c', "ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 2))')", 2],
    ),
    differs: changed(1, 2),
  },
  {
    name: 'UUIDs and addresses whose bytes look like separators',
    source: pairs(
      'a uuid, b inet4, c uuid, d inet6',
      "(1, '23232323-2323-2323-2323-232323232323', NULL, '23232323-2323-2323-2323-232323232323', '::1'), (2, '00000023-0000-0000-0000-000000000000', '35.35.35.35', '00000000-0000-0000-0000-000000000000', NULL)",
    ),
    target: update(
      ['a', 'NULL', 1],
      ['b', "'35.35.35.35'", 1],
      ['a', 'c', 2],
      ['c', "'00000023-0000-0000-0000-000000000000'", 2],
    ),
    differs: changed(1, 2),
  },
  ...(
    [
      ['latin1', `(1, x'818d'), (2, x'80'), (3, x'e4')`, `(1, '??'), (2, '€'), (3, 'a')`, [1, 3]],
      ['gbk', `(1, x'fefe'), (2, x'd6d0'), (3, x'f8a1')`, `(1, '?'), (2, '中'), (3, '?')`, [1, 3]],
      ['sjis', `(1, x'fcfc'), (2, x'93fa'), (3, x'8545')`, `(1, '?'), (2, '日'), (3, '?')`, [1, 3]],
      ['big5', `(1, x'c8fe'), (2, x'a4a4'), (3, '?')`, `(1, '?'), (2, '中'), (3, '?')`, [1]],
      ['ascii', `(1, x'e4'), (2, 'a'), (3, '?')`, `(1, '?'), (2, 'a'), (3, '?')`, [1]],
      ['utf16', `(1, '😀'), (2, '㼿'), (3, 'é')`, `(1, '?'), (2, '㼿'), (3, 'é')`, [1]],
    ] as const
  ).map(([charset, mine, theirs, differs]): Case => ({
    name: `what ${charset} has and Unicode has not is no question mark`,
    source: `CREATE TABLE {t} (id int PRIMARY KEY, v varchar(20)) CHARSET ${charset}; INSERT INTO {t} VALUES ${mine}`,
    target: `CREATE TABLE {t} (id int PRIMARY KEY, v varchar(20)) CHARSET utf8mb4; INSERT INTO {t} VALUES ${theirs}`,
    differs: changed(...differs),
  })),
  {
    name: 'columns in UTF-16 and UTF-32 on both sides',
    source:
      "CREATE TABLE {t} (id int PRIMARY KEY, v varchar(20) CHARSET utf16, w char(5) CHARSET utf32); INSERT INTO {t} VALUES (1, 'é😀', '日'), (2, 'a#b', ''), (3, 'a', '')",
    target: update(['v', "'a'", 2], ['w', "'b'", 3]),
    differs: changed(2, 3),
  },
  {
    name: 'labels of ENUM and SET under another character set',
    source:
      "CREATE TABLE {t} (id int PRIMARY KEY, v enum('ä','b'), w set('ö','x')) CHARSET latin1; INSERT INTO {t} VALUES (1, 'ä', 'ö'), (2, 'b', 'x'), (3, 'ä', 'x')",
    target:
      "CREATE TABLE {t} (id int PRIMARY KEY, v enum('ä','b'), w set('ö','x')) CHARSET utf8mb4; INSERT INTO {t} VALUES (1, 'ä', 'ö'), (2, 'b', 'x'), (3, 'b', 'x')",
    differs: changed(3),
  },
  {
    name: 'numbers that are filled up with zeros',
    source: pairs('a int(8) zerofill, b decimal(8,2) zerofill', '(1, 5, 5), (2, 6, 6)'),
    target: pairs('a int unsigned, b decimal(8,2)', '(1, 5, 5), (2, 6, 7)'),
    differs: changed(2),
  },
  {
    name: 'invisible and compressed columns, and rows of a history',
    source:
      "CREATE TABLE {t} (id int PRIMARY KEY, a int INVISIBLE, b text COMPRESSED); INSERT INTO {t} (id, a, b) VALUES (1, 1, REPEAT('a', 1000)), (2, 2, 'x'), (3, 3, 'y')",
    target: `${update(['a', '9', 1])}; UPDATE {t} SET b = 'z' WHERE id = 2`,
    differs: changed(1, 2),
  },
  {
    name: 'partitioned tables',
    source:
      'CREATE TABLE {t} (id int PRIMARY KEY, v int) PARTITION BY HASH (id) PARTITIONS 4; INSERT INTO {t} SELECT seq, seq FROM seq_1_to_3000',
    target: 'UPDATE {t} SET v = 0 WHERE id IN (1, 2999)',
    differs: changed(1, 2999),
  },
  {
    name: 'a column that is computed on one side only',
    source: 'CREATE TABLE {t} (id int PRIMARY KEY, g int AS (id + 1) VIRTUAL); INSERT INTO {t} (id) VALUES (1)',
    target: 'CREATE TABLE {t} (id int PRIMARY KEY, g int); INSERT INTO {t} VALUES (1, 3)',
    differs: changed(1),
  },
  {
    name: 'texts longer than max_allowed_packet once they are converted',
    source: pairs(
      'v longtext NOT NULL',
      "(1, REPEAT(_latin1 x'e9', 9000000)), (2, CONCAT(REPEAT(_latin1 x'e9', 8999999), _latin1 x'e8'))",
      'CHARSET latin1',
    ),
    target: pairs('v longtext NOT NULL', "(1, REPEAT('é', 9000000)), (2, REPEAT('é', 9000000))"),
    differs: changed(2),
  },
];

/** Every type a key can have; where a fourth is given, the target's type. */
const keys: readonly Case[] = (
  [
    ['double', '0.1', '1e300', 'double', ['changed 0.1', 'missing 1e300']],
    ["enum('x','y')", "'x'", "'y'", "enum('y','x')", ['changed x', 'missing y']],
    ["set('p','q')", "'p,q'", "''", "set('p','q')", ['changed p,q', 'missing ']],
    ['time(6)', "'-10:00:00.5'", "'838:59:59'", 'time(6)', ['changed -10:00:00.500000', 'missing 838:59:59.000000']],
    [
      'timestamp',
      "'2024-03-31 01:30:00'",
      "'2024-10-27 01:30:00'",
      'timestamp',
      ['changed 2024-03-31 01:30:00', 'missing 2024-10-27 01:30:00'],
    ],
    ['date', "'0000-00-00'", "'2024-00-00'", 'date', ['changed 0000-00-00', 'missing 2024-00-00']],
    ['year', '0', '2024', 'year', ['changed 0000', 'missing 2024']],
    ['char(6)', "'x'", "''", 'varchar(9)', ['changed x', 'missing ']],
    ['varbinary(9)', "x'ff23'", "x'fe'", 'varbinary(9)', ['changed 0xFF23', 'missing 0xFE']],
    [
      'varchar(9) COLLATE utf8mb4_nopad_bin',
      "'a '",
      "'a'",
      'varchar(9) COLLATE utf8mb4_nopad_bin',
      ['changed a ', 'missing a'],
    ],
    ['varchar(9) CHARSET utf16', "'é😀'", "'a'", 'varchar(9) CHARSET utf16', ['changed é😀', 'missing a']],
    ['varchar(9) CHARSET latin1', "'é'", "'a'", 'varchar(9)', ['changed é', 'missing a']],
    [
      'uuid',
      "'ffffffff-eeee-4ddd-8ccc-bbbbaaaa9999'",
      "'fffffffe-eeee-4ddd-8ccc-bbbbaaaa9999'",
      'uuid',
      ['changed ffffffff-eeee-4ddd-8ccc-bbbbaaaa9999', 'missing fffffffe-eeee-4ddd-8ccc-bbbbaaaa9999'],
    ],
    ['inet6', "'fe80::1'", "'::1'", 'inet6', ['changed fe80::1', 'missing ::1']],
    ['inet4', "'250.1.2.3'", "'1.2.3.4'", 'inet4', ['changed 250.1.2.3', 'missing 1.2.3.4']],
    ['bit(64)', "x'ff00ff00ff00ff00'", '1', 'bit(64)', ['changed 18374966859414961920', 'missing 1']],
  ] as const
).map(([type, kept, gone, there, differs]) => ({
  name: `a key of type ${type}`,
  source: `CREATE TABLE {t} (k ${type} PRIMARY KEY, v int); INSERT INTO {t} VALUES (${kept}, 1), (${gone}, 2)`,
  target: `CREATE TABLE {t} (k ${there} PRIMARY KEY, v int); INSERT INTO {t} VALUES (${kept}, 3)`,
  differs,
}));

/** The same key, spelled otherwise on the target. */
const spellings: readonly Case[] = (
  [
    ['decimal(10,2)', 'decimal(12,4)', '1.5', '2'],
    ['int(8) zerofill', 'int(4) unsigned zerofill', '5', '77777'],
    ['int', 'decimal(12,2)', '1', '-2'],
    ['datetime', 'datetime(6)', "'2024-03-31 01:30:00'", "'2024-01-01'"],
  ] as const
).map(([mine, theirs, same, other]) => ({
  name: `a key of type ${mine} on one side and ${theirs} on the other: one row differs`,
  source: `CREATE TABLE {t} (k ${mine} PRIMARY KEY, v int); INSERT INTO {t} VALUES (${same}, 1), (${other}, 2)`,
  target: `CREATE TABLE {t} (k ${theirs} PRIMARY KEY, v int); INSERT INTO {t} VALUES (${same}, 1), (${other}, 3)`,
  differs: ['one'],
}));

describe('every type of MariaDB, under another mode of the server', function () {
  this.timeout(60_000);
  let source: MariaDb;
  let target: MariaDb;
  let result: ComparisonResult;
  const cases: readonly Case[] = [...types, ...keys, ...spellings];

  before(async function () {
    if (!haveMariaDb()) return this.skip();
    const other = {
      'default-time-zone': '+05:45',
      'sql-mode': 'PAD_CHAR_TO_FULL_LENGTH,ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT',
      'character-set-server': 'latin1',
      'max-allowed-packet': '64M',
    };
    [source, target] = await Promise.all([startMariaDb(), startMariaDb({ settings: other })]);
    for (const server of [source, target]) await server.query('CREATE DATABASE types CHARSET utf8mb4');
    for (const [i, { source: made, target: change }] of cases.entries()) {
      const named = (sql: string) => `SET time_zone = '+00:00', sql_mode = ''; ${sql.replaceAll('{t}', `case_${i}`)}`;
      await source.query(named(made), 'types');
      await target.query(named(change.startsWith('CREATE') ? change : `${made}; ${change}`), 'types');
    }
    result = await compare(mysqlDigest, { source: source.urlOf('types'), target: target.urlOf('types') });
  });
  after(() => Promise.all([source?.stop(), target?.stop()]));

  for (const [i, { name, differs }] of cases.entries()) {
    it(name, () => {
      const table = tableOf(result, `case_${i}`);
      assert.equal(table.reason, null);
      if (differs[0] === 'one')
        assert.deepEqual(
          table.differences.map(({ kind }) => kind),
          ['changed'],
        );
      else assert.deepEqual(found(table), [...differs].sort());
      for (const { kind, source: mine, target: theirs } of table.differences) {
        assert.equal(mine === null, kind === 'extra');
        assert.equal(theirs === null, kind === 'missing');
      }
    });
  }

  it('never calls the same what it cannot read as of one moment, or cannot compare exactly', async () => {
    const tables = `CREATE TABLE isam (id int PRIMARY KEY) ENGINE = MyISAM; CREATE TABLE aria (id int PRIMARY KEY) ENGINE = Aria;
      CREATE TABLE memo (id int PRIMARY KEY) ENGINE = MEMORY; CREATE TABLE united (id int) ENGINE = MERGE;
      CREATE TABLE padded (id int PRIMARY KEY, v binary(4)); CREATE TABLE plain (id int PRIMARY KEY)`;
    for (const server of [source, target]) {
      await server.query('CREATE DATABASE unread');
      await server.query(tables, 'unread');
    }
    await target.query('ALTER TABLE padded MODIFY v binary(5); INSERT INTO isam VALUES (1)', 'unread');
    const { tables: found, verdict } = await compare(mysqlDigest, {
      source: source.urlOf('unread'),
      target: target.urlOf('unread'),
    });
    const told = found.map((table) => `${table.source?.name ?? ''} ${table.verdict} ${table.reason !== null}`).sort();
    assert.deepEqual(told, [
      ...['aria same false', 'isam different false', 'memo same false'],
      ...['padded skipped true', 'plain same false', 'united skipped true'],
    ]);
    assert.equal(verdict, 'incomplete');
  });
});
