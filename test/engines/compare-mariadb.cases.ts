import type { Case } from './compare-postgres.cases.ts';

const pairs = (columns: string, rows: string) =>
  `CREATE TABLE {t} (id int PRIMARY KEY, ${columns}); INSERT INTO {t} VALUES ${rows}`;

export const lies: readonly Case[] = [
  {
    name: 'stored generated columns that are computed otherwise',
    source:
      'CREATE TABLE {t} (id int PRIMARY KEY, a int, g int AS (a * 2) STORED); INSERT INTO {t} (id, a) VALUES (1, 5), (2, 0)',
    target:
      'CREATE TABLE {t} (id int PRIMARY KEY, a int, g int AS (a * 3) STORED); INSERT INTO {t} (id, a) VALUES (1, 5), (2, 0)',
    differs: ['changed 1'],
  },
  {
    name: 'rows of a table whose partitions go by KEY()',
    source:
      'CREATE TABLE {t} (id int PRIMARY KEY, v int) PARTITION BY KEY() PARTITIONS 3; INSERT INTO {t} SELECT seq, seq FROM seq_1_to_100',
    target: 'UPDATE {t} SET v = -1 WHERE id IN (7, 33, 66, 90)',
    differs: ['changed 7', 'changed 33', 'changed 66', 'changed 90'],
  },
  {
    name: 'a value swapped between two rows',
    source: pairs('v varchar(9)', "(1, 'a'), (2, 'b'), (3, 'c')"),
    target: "UPDATE {t} SET v = IF(id = 1, 'b', 'a') WHERE id < 3",
    differs: ['changed 1', 'changed 2'],
  },
  {
    name: 'the same flag flipped in two rows',
    source: pairs('v tinyint(1)', '(1, 1), (2, 1), (3, 0)'),
    target: 'UPDATE {t} SET v = 0 WHERE id < 3',
    differs: ['changed 1', 'changed 2'],
  },
  {
    name: 'money moved from one account to another',
    source: pairs('v decimal(12,2)', '(1, 100), (2, 200), (3, 0)'),
    target: 'UPDATE {t} SET v = v + IF(id = 1, -50, 50) WHERE id < 3',
    differs: ['changed 1', 'changed 2'],
  },
  {
    name: 'values shifted across a separator',
    source: pairs(
      'a varchar(9), b varchar(9), c varchar(9)',
      "(1, 'a#b', 'c', ''), (2, '', 'xy', ''), (3, '#', '', ''), (4, 'x\\ny', '#', '1')",
    ),
    target:
      "UPDATE {t} SET b = IF(id = 1, 'b#c', IF(id = 2, 'y', '#')), a = IF(id = 1, 'a', IF(id = 2, 'x', '')) WHERE id < 4; UPDATE {t} SET a = 'x', b = 'y\\n#' WHERE id = 4",
    differs: ['changed 1', 'changed 2', 'changed 3', 'changed 4'],
  },
  {
    name: 'two columns exchanged',
    source: pairs('a int, b int, c varchar(3), d varchar(3)', "(1, 7, 8, NULL, 'x'), (2, 1, 1, 'x', NULL)"),
    target: "UPDATE {t} SET a = 8, b = 7 WHERE id = 1; UPDATE {t} SET c = NULL, d = 'x' WHERE id = 2",
    differs: ['changed 1', 'changed 2'],
  },
  {
    name: 'the last digit of a float',
    source: pairs('v float, w double', '(1, 1.234567, 0.1), (2, 1, 0.30000000000000004)'),
    target: 'UPDATE {t} SET v = IF(id = 1, 1.2345672, v), w = IF(id = 2, 0.3, w)',
    differs: ['changed 1', 'changed 2'],
  },
  {
    name: 'NULL, the empty text and the NULL of a neighbour',
    source: pairs('a varchar(9), b varchar(9)', "(1, NULL, 'x'), (2, '', 'x'), (3, NULL, NULL), (4, 'x', NULL)"),
    target:
      "UPDATE {t} SET a = '' WHERE id = 1; UPDATE {t} SET a = NULL WHERE id = 2; UPDATE {t} SET a = NULL, b = 'x' WHERE id = 4",
    differs: ['changed 1', 'changed 2', 'changed 4'],
  },
  {
    name: 'NULL against a value of every type',
    source: pairs(
      "a double, b float, c uuid, d inet6, e inet4, f bit(3), g year, h time(3), i enum('~',''), j json, k point, l varchar(9), m mediumtext",
      Array.from(
        { length: 12 },
        (_, i) => `(${i + 1}, 1, 1, UUID(), '::1', '1.2.3.4', 1, 2001, '1:0:0', '~', '"~"', POINT(1, 1), '~', '~')`,
      ).join(', '),
    ),
    target: [...'abcdefghijkl']
      .map((column, i) => {
        return `UPDATE {t} SET ${column} = NULL WHERE id = ${i + 1}`;
      })
      .join(';'),
    differs: Array.from({ length: 12 }, (_, i) => `changed ${i + 1}`),
  },
  {
    name: 'texts of several character sets and doubles side by side',
    source: pairs(
      'u varchar(9) CHARACTER SET utf8mb4, g varchar(9) CHARACTER SET gbk, s varchar(9) CHARACTER SET sjis, a varchar(9) CHARACTER SET ascii, w varchar(9) CHARACTER SET utf16, l varchar(9) CHARACTER SET latin1, d double, f float, p point',
      Array.from(
        { length: 8 },
        (_, i) => `(${i + 1}, 'é', _gbk x'AAA1', _sjis x'F040', 'a', 'é', 'é', 1.1e0, 1.1, POINT(1, 1))`,
      ).join(', '),
    ),
    target: [
      "g = _gbk x'AAA2' WHERE id = 1",
      "s = _sjis x'F041' WHERE id = 2",
      "a = x'81' WHERE id = 3",
      'd = 1.1000000000000003e0 WHERE id = 4',
      'f = 1.1000001 WHERE id = 5',
      "l = 'e' WHERE id = 6",
      'p = POINT(1, 1.0000000000000002e0) WHERE id = 7',
    ]
      .map((change) => `UPDATE {t} SET ${change}`)
      .join(';'),
    differs: [1, 2, 3, 4, 5, 6, 7].map((id) => `changed ${id}`),
  },
  {
    name: 'the mark of NULL as a value',
    source: pairs(
      "a varchar(9), b text, c enum('~','x'), d longtext",
      "(1, '~', '~', '~', '~'), (2, NULL, NULL, NULL, NULL)",
    ),
    target: "UPDATE {t} SET a = NULL WHERE id = 1; UPDATE {t} SET b = '~' WHERE id = 2",
    differs: ['changed 1', 'changed 2'],
  },
  {
    name: 'what Unicode does not have, made a question mark',
    source: pairs('v varchar(20) CHARACTER SET gbk', "(1, _gbk x'AAA1'), (2, _gbk x'A2A1')"),
    target: pairs('v varchar(20) CHARACTER SET utf8mb4', "(1, '?'), (2, 'ⅰ')"),
    differs: ['changed 1'],
  },
  {
    name: 'numbers of fifty digits under another scale',
    source: pairs('v decimal(50,0)', `(1, ${'1234567890'.repeat(5)}), (2, 7)`),
    target: pairs('v decimal(52,2)', `(1, ${'9'.repeat(50)}), (2, 7)`),
    differs: ['changed 1'],
  },
  {
    name: 'the smallest step of a double, large and small',
    source: pairs('a double, b float', '(1, 1, 0), (2, 1e300, 1), (3, 5e-324, 0)'),
    target:
      'UPDATE {t} SET a = 1.0000000000000002 WHERE id = 1; UPDATE {t} SET a = 1.0000000000000002e300 WHERE id = 2; UPDATE {t} SET a = 0 WHERE id = 3',
    differs: ['changed 1', 'changed 2', 'changed 3'],
  },
  {
    name: 'NULL against the zero of every type',
    source: pairs(
      'a int, b bigint unsigned, c decimal(9,2), d datetime, e date, f time, g bit(8), h blob, i double, j year',
      Array.from({ length: 10 }, (_, i) => `(${i + 1},0,0,0,'0000-00-00','0000-00-00','00:00:00',0,'',0,0)`).join(', '),
    ),
    target: [...'abcdefghij'].map((column, i) => `UPDATE {t} SET ${column} = NULL WHERE id = ${i + 1}`).join(';'),
    differs: Array.from({ length: 10 }, (_, i) => `changed ${i + 1}`),
  },
  {
    name: 'the invalid value of an ENUM, its empty label and NULL',
    source: pairs("v enum('a','b'), w enum('', 'x')", "(1, 'a', 'x'), (2, 0, 'x'), (3, 'a', '')"),
    target:
      'UPDATE {t} SET v = 0 WHERE id = 1; UPDATE {t} SET v = NULL WHERE id = 2; UPDATE {t} SET w = 0 WHERE id = 3',
    differs: ['changed 1', 'changed 2', 'changed 3'],
  },
  {
    name: 'upper and lower case, accents and blanks that the collation calls equal',
    source: pairs('v varchar(9)', "(1, 'abc'), (2, 'e'), (3, 'a'), (4, 'x')"),
    target:
      "UPDATE {t} SET v = 'ABC' WHERE id = 1; UPDATE {t} SET v = 'é' WHERE id = 2; UPDATE {t} SET v = 'a ' WHERE id = 3",
    differs: ['changed 1', 'changed 2', 'changed 3'],
  },
  {
    name: 'one bit, one microsecond, one byte of a long value',
    source: pairs(
      'a bit(33), b datetime(6), c longblob, d mediumtext',
      "(1, b'1', '2024-01-01 00:00:00.000001', REPEAT(x'00ff', 60000), REPEAT('é', 60000)), (2, 0, '2024-01-01', '', ''), (3, 0, '2024-01-01', REPEAT('a', 70000), '')",
    ),
    target:
      "UPDATE {t} SET a = b'100000000000000000000000000000001' WHERE id = 1; UPDATE {t} SET b = '2024-01-01 00:00:00.000001' WHERE id = 2; UPDATE {t} SET c = CONCAT(REPEAT('a', 69999), 'b') WHERE id = 3",
    differs: ['changed 1', 'changed 2', 'changed 3'],
  },
  {
    name: 'pairs of rows without a key',
    source:
      "CREATE TABLE {t} (a int, b varchar(3)); INSERT INTO {t} VALUES (1, 'x'), (1, 'x'), (2, NULL), (2, NULL), (3, 'z')",
    target: "DELETE FROM {t} WHERE a = 1; INSERT INTO {t} VALUES (4, 'y'), (4, 'y')",
    differs: ['extra x2', 'missing x2'],
  },
  {
    name: 'rows missing and extra at both ends of the key',
    source: pairs('v int', '(-2147483648, 1), (-257, 1), (-1, 1), (0, 1), (255, 1), (2147483647, 1)'),
    target:
      'DELETE FROM {t} WHERE id IN (-2147483648, 2147483647); INSERT INTO {t} VALUES (-2147483647, 1), (2147483646, 1)',
    differs: ['extra -2147483647', 'extra 2147483646', 'missing -2147483648', 'missing 2147483647'],
  },
  {
    name: 'the ends of a bigint key, signed and unsigned',
    source:
      'CREATE TABLE {t} (id bigint unsigned PRIMARY KEY, v int); INSERT INTO {t} VALUES (0, 1), (9007199254740993, 1), (18446744073709551615, 1)',
    target: 'UPDATE {t} SET v = 2',
    differs: ['changed 0', 'changed 18446744073709551615', 'changed 9007199254740993'],
  },
  {
    name: 'the ends of a signed bigint key',
    source:
      'CREATE TABLE {t} (id bigint PRIMARY KEY, v int); INSERT INTO {t} VALUES (-9223372036854775808, 1), (0, 1), (9223372036854775807, 1)',
    target: 'UPDATE {t} SET v = 2 WHERE id <> 0',
    differs: ['changed -9223372036854775808', 'changed 9223372036854775807'],
  },
  {
    name: 'an empty source',
    source: 'CREATE TABLE {t} (id int PRIMARY KEY)',
    target: 'INSERT INTO {t} VALUES (1)',
    differs: ['extra 1'],
  },
  {
    name: 'a key of text with quotes, backslashes and other scripts',
    source: `CREATE TABLE {t} (a varchar(20), b varchar(20), v int, PRIMARY KEY (a, b)); INSERT INTO {t} VALUES
      ('it''s', 'back\\\\slash', 1), ('"q"', '{a,b}', 1), ('中文', '😀', 1), ('', 'x', 1), ('NULL', 'null', 1)`,
    target: 'UPDATE {t} SET v = 2',
    differs: [`changed "q",{a,b}`, 'changed ,x', 'changed NULL,null', "changed it's,back\\slash", 'changed 中文,😀'],
  },
  {
    name: 'a key of bytes and a date',
    source:
      "CREATE TABLE {t} (a varbinary(20), b date, v int, PRIMARY KEY (a, b)); INSERT INTO {t} VALUES (x'00ff5c27', '2024-01-01', 1), ('', '2024-01-01', 1)",
    target: 'UPDATE {t} SET v = 2',
    differs: ['changed 0x,2024-01-01', 'changed 0x00FF5C27,2024-01-01'],
  },
  {
    name: 'a shape moved, and one in another reference system',
    source: pairs(
      'v geometry',
      "(1, ST_GeomFromText('POINT(1 2)')), (2, ST_GeomFromText('POINT(1 2)', 4326)), (3, NULL)",
    ),
    target:
      "UPDATE {t} SET v = ST_GeomFromText('POINT(1 2.0000001)') WHERE id = 1; UPDATE {t} SET v = ST_GeomFromText('POINT(1 2)') WHERE id = 2",
    differs: ['changed 1', 'changed 2'],
  },
  {
    name: 'the case of a letter in a key',
    source: "CREATE TABLE {t} (k varchar(9) PRIMARY KEY, v int); INSERT INTO {t} VALUES ('abc', 1), ('d', 1)",
    target: "UPDATE {t} SET k = 'ABC' WHERE k = 'abc'",
    differs: ['extra ABC', 'missing abc'],
  },
];

export const twins: readonly Case[] = [
  {
    name: 'columns in another order',
    source: pairs('a int, b varchar(9)', "(1, 5, 'x')"),
    target: "CREATE TABLE {t} (b varchar(9), id int PRIMARY KEY, a int); INSERT INTO {t} VALUES ('x', 1, 5)",
    differs: [],
  },
  {
    name: 'int on one side, bigint on the other',
    source: pairs('v int, w smallint unsigned', '(1, -5, 7), (-2, NULL, NULL)'),
    target:
      'CREATE TABLE {t} (id bigint PRIMARY KEY, v bigint, w int); INSERT INTO {t} VALUES (1, -5, 7), (-2, NULL, NULL)',
    differs: [],
  },
  {
    name: 'char of another length, padded by the session',
    source: pairs('v char(5)', "(1, 'ab'), (2, NULL)"),
    target: "CREATE TABLE {t} (id int PRIMARY KEY, v char(9)); INSERT INTO {t} VALUES (1, 'ab'), (2, NULL)",
    differs: [],
  },
  {
    name: 'scales that the types fix',
    source: pairs('v decimal(8,2)', '(1, 1.5), (2, 0), (3, -100)'),
    target:
      'CREATE TABLE {t} (id int PRIMARY KEY, v decimal(12,4)); INSERT INTO {t} VALUES (1, 1.5), (2, 0), (3, -100)',
    differs: [],
  },
  {
    name: 'labels of an ENUM in another order',
    source: pairs("v enum('sad','glad')", "(1, 'sad'), (2, 'glad'), (3, NULL)"),
    target:
      "CREATE TABLE {t} (id int PRIMARY KEY, v enum('glad','sad','other')); INSERT INTO {t} VALUES (1, 'sad'), (2, 'glad'), (3, NULL)",
    differs: [],
  },
  {
    name: 'latin1 on one side, utf8mb4 on the other',
    source:
      "CREATE TABLE {t} (id int PRIMARY KEY, v varchar(20)) CHARSET latin1; INSERT INTO {t} VALUES (1, 'Größe'), (2, 'x'), (3, NULL)",
    target:
      "CREATE TABLE {t} (id int PRIMARY KEY, v varchar(20)) CHARSET utf8mb4; INSERT INTO {t} VALUES (1, 'Größe'), (2, 'x'), (3, NULL)",
    differs: [],
  },
  {
    name: 'virtual generated columns, of which the expression counts',
    source:
      'CREATE TABLE {t} (id int PRIMARY KEY, a int, g int AS (a * 2) VIRTUAL); INSERT INTO {t} (id, a) VALUES (1, 5)',
    target:
      'CREATE TABLE {t} (id int PRIMARY KEY, a int, g int AS (a * 3) VIRTUAL); INSERT INTO {t} (id, a) VALUES (1, 5)',
    differs: [],
  },
  {
    name: 'times under another time zone',
    source: pairs(
      'a timestamp NULL, b datetime, c time',
      "(1, '2024-03-31 01:30:00', '2024-12-01', '-10:00:00'), (2, NULL, NULL, NULL)",
    ),
    target: '',
    differs: [],
  },
  {
    name: 'times with another number of digits',
    source: pairs('b datetime, c time', "(1, '2024-12-01 01:02:03', '10:00:00'), (2, NULL, NULL)"),
    target:
      "CREATE TABLE {t} (id int PRIMARY KEY, b datetime(3), c time(6)); INSERT INTO {t} VALUES (1, '2024-12-01 01:02:03', '10:00:00'), (2, NULL, NULL)",
    differs: [],
  },
  {
    name: 'text keys that collations order differently',
    source:
      "CREATE TABLE {t} (k varchar(9) COLLATE utf8mb4_bin PRIMARY KEY, v int) CHARSET utf8mb4; INSERT INTO {t} VALUES ('a', 1), ('B', 2), ('ä', 3), ('Z', 4)",
    target:
      "CREATE TABLE {t} (k varchar(9) COLLATE utf8mb4_unicode_ci PRIMARY KEY, v int) CHARSET utf8mb4; INSERT INTO {t} VALUES ('B', 2), ('Z', 4); SET foreign_key_checks = 0; ALTER TABLE {t} MODIFY k varchar(9) COLLATE utf8mb4_german2_ci; INSERT INTO {t} VALUES ('a', 1), ('ä', 3)",
    differs: [],
  },
  {
    name: 'text and varchar',
    source: pairs('v varchar(10)', "(1, 'x '), (2, NULL)"),
    target: "CREATE TABLE {t} (id int PRIMARY KEY, v longtext); INSERT INTO {t} VALUES (1, 'x '), (2, NULL)",
    differs: [],
  },
  {
    name: 'copies without a key in another order',
    source: 'CREATE TABLE {t} (a int); INSERT INTO {t} VALUES (1), (1), (2)',
    target: 'CREATE TABLE {t} (a int); INSERT INTO {t} VALUES (2), (1), (1)',
    differs: [],
  },
  {
    name: 'rows of several thousand characters',
    source:
      'CREATE TABLE {t} (id int PRIMARY KEY, v varchar(9000)) CHARSET latin1; INSERT INTO {t} SELECT seq, REPEAT(MD5(seq), 280) FROM seq_1_to_2000',
    target: '',
    differs: [],
  },
  {
    name: 'NULL in a text of another character set',
    source: 'CREATE TABLE {t} (id int PRIMARY KEY, v varchar(9) CHARACTER SET gbk); INSERT INTO {t} VALUES (1, NULL)',
    target:
      'CREATE TABLE {t} (id int PRIMARY KEY, v varchar(9) CHARACTER SET utf8mb4); INSERT INTO {t} VALUES (1, NULL)',
    differs: [],
  },
  { name: 'two empty tables', source: 'CREATE TABLE {t} (id int PRIMARY KEY)', target: '', differs: [] },
];
