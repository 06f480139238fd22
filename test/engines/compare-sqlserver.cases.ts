/** Planted differences and their harmless twins, in Transact-SQL that a real server takes as well. */
import type { Case } from './compare-postgres.cases.ts';

const pairs = (columns: string, rows: string) =>
  `CREATE TABLE {t} (id int NOT NULL PRIMARY KEY, ${columns}); INSERT INTO {t} VALUES ${rows}`;

export const lies: readonly Case[] = [
  {
    name: 'a value swapped between two rows',
    source: pairs('v varchar(9)', "(1, 'a'), (2, 'b'), (3, 'c')"),
    target: "UPDATE {t} SET v = 'b' WHERE id = 1; UPDATE {t} SET v = 'a' WHERE id = 2",
    differs: ['changed 1', 'changed 2'],
  },
  {
    name: 'the same flag flipped in two rows',
    source: pairs('v bit', '(1, 1), (2, 1), (3, 0)'),
    target: 'UPDATE {t} SET v = 0 WHERE id < 3',
    differs: ['changed 1', 'changed 2'],
  },
  {
    name: 'money moved from one account to another',
    source: pairs('v decimal(12,2), w money', '(1, 100, 5), (2, 200, 5), (3, 0, 5), (4, 0, 5)'),
    target:
      'UPDATE {t} SET v = v - 50 WHERE id = 1; UPDATE {t} SET v = v + 50 WHERE id = 2; UPDATE {t} SET w = 5.0001 WHERE id = 3; UPDATE {t} SET w = 4.9999 WHERE id = 4',
    differs: ['changed 1', 'changed 2', 'changed 3', 'changed 4'],
  },
  {
    name: 'values shifted across a border',
    source: pairs(
      'a varchar(9), b varchar(9), c nvarchar(9)',
      "(1, 'a#b', 'c', N''), (2, '', 'xy', N''), (3, '#', '', N''), (4, 'ab', 'c', N'd')",
    ),
    target:
      "UPDATE {t} SET a = 'a', b = 'b#c' WHERE id = 1; UPDATE {t} SET a = 'x', b = 'y' WHERE id = 2; UPDATE {t} SET a = '', b = '#' WHERE id = 3; UPDATE {t} SET a = 'a', b = 'bc' WHERE id = 4",
    differs: ['changed 1', 'changed 2', 'changed 3', 'changed 4'],
  },
  {
    name: 'values shifted where nothing may be NULL',
    source: pairs(
      'a varchar(9) NOT NULL, b varchar(9) NOT NULL, c varbinary(9) NOT NULL, d varbinary(9) NOT NULL',
      "(1, 'ab', 'c', 0x, 0x), (2, '', '', 0x0102, 0x), (3, 'x', '', 0x01, 0x00)",
    ),
    target:
      "UPDATE {t} SET a = 'a', b = 'bc' WHERE id = 1; UPDATE {t} SET c = 0x01, d = 0x02 WHERE id = 2; UPDATE {t} SET c = 0x0100, d = 0x WHERE id = 3",
    differs: ['changed 1', 'changed 2', 'changed 3'],
  },
  {
    name: 'two columns exchanged',
    source: pairs('a int, b int, c varchar(3), d varchar(3)', "(1, 7, 8, NULL, 'x'), (2, 1, 1, 'x', NULL)"),
    target: "UPDATE {t} SET a = 8, b = 7 WHERE id = 1; UPDATE {t} SET c = NULL, d = 'x' WHERE id = 2",
    differs: ['changed 1', 'changed 2'],
  },
  {
    name: 'the last bit of a float, and the sign of zero',
    source: pairs(
      'v real, w float',
      '(1, 1.234567e0, 0), (2, 0, 0.30000000000000004e0), (3, 0, 0e0), (4, 0e0, 1), (5, 1, 1)',
    ),
    target:
      'UPDATE {t} SET v = 1.2345672e0 WHERE id = 1; UPDATE {t} SET w = 0.3e0 WHERE id = 2; UPDATE {t} SET w = -0e0 WHERE id = 3; UPDATE {t} SET v = -0e0 WHERE id = 4',
    differs: ['changed 1', 'changed 2', 'changed 3', 'changed 4'],
  },
  {
    name: 'NULL, the empty text and the NULL of a neighbour',
    source: pairs(
      'a varchar(9), b nvarchar(9)',
      "(1, NULL, 'x'), (2, '', 'x'), (3, NULL, NULL), (4, 'x', NULL), (5, '', NULL)",
    ),
    target:
      "UPDATE {t} SET a = '' WHERE id = 1; UPDATE {t} SET a = NULL WHERE id = 2; UPDATE {t} SET a = NULL, b = 'x' WHERE id = 4; UPDATE {t} SET a = NULL, b = '' WHERE id = 5",
    differs: ['changed 1', 'changed 2', 'changed 4', 'changed 5'],
  },
  {
    name: 'NULL against the zero of every type',
    source: pairs(
      'a bit, b bigint, c decimal(9,2), d datetime, e date, f time(7), g binary(2), h varbinary(max), i float, j real, k money, l uniqueidentifier, m datetime2(3), n datetimeoffset(7), o nvarchar(max), p smalldatetime',
      Array.from(
        { length: 16 },
        (_, i) =>
          `(${i + 1}, 0, 0, 0, '1900-01-01T00:00:00', '0001-01-01', '00:00:00', 0x0000, 0x, 0, 0, 0, '00000000-0000-0000-0000-000000000000', '0001-01-01T00:00:00', '0001-01-01 00:00:00 +00:00', N'', '1900-01-01T00:00:00')`,
      ).join(', '),
    ),
    target: [...'abcdefghijklmnop']
      .map((column, i) => `UPDATE {t} SET ${column} = NULL WHERE id = ${i + 1}`)
      .join('; '),
    differs: Array.from({ length: 16 }, (_, i) => `changed ${i + 1}`),
  },
  {
    name: 'upper and lower case, accents, and blanks at the end',
    source: pairs(
      'v varchar(9), w nvarchar(9)',
      "(1, 'abc', N''), (2, 'e', N''), (3, 'a', N''), (4, '', N'a'), (5, '', N'ss')",
    ),
    target:
      "UPDATE {t} SET v = 'ABC' WHERE id = 1; UPDATE {t} SET v = 'é' WHERE id = 2; UPDATE {t} SET v = 'a ' WHERE id = 3; UPDATE {t} SET w = N'a ' WHERE id = 4; UPDATE {t} SET w = N'ß' WHERE id = 5",
    differs: ['changed 1', 'changed 2', 'changed 3', 'changed 4', 'changed 5'],
  },
  {
    name: 'a tick of a datetime, 100 ns, an offset of the same instant, a digit of a decimal',
    source: pairs(
      'a datetime, b datetime2(7), c datetimeoffset(7), d decimal(38,10), e time(7), f date',
      "(1, '2026-01-01T00:00:00.003', NULL, NULL, NULL, NULL, NULL), (2, NULL, '2026-01-01T00:00:00.0000001', NULL, NULL, NULL, NULL), (3, NULL, NULL, '2026-01-01 08:00:00 +08:00', NULL, NULL, NULL), (4, NULL, NULL, NULL, 1.0000000001, NULL, NULL), (5, NULL, NULL, NULL, NULL, '23:59:59.9999999', NULL), (6, NULL, NULL, NULL, NULL, NULL, '9999-12-31')",
    ),
    target:
      "UPDATE {t} SET a = '2026-01-01T00:00:00.007' WHERE id = 1; UPDATE {t} SET b = '2026-01-01T00:00:00.0000002' WHERE id = 2; UPDATE {t} SET c = '2026-01-01 00:00:00 +00:00' WHERE id = 3; UPDATE {t} SET d = -1.0000000001 WHERE id = 4; UPDATE {t} SET e = '23:59:59.9999998' WHERE id = 5; UPDATE {t} SET f = '9999-12-30' WHERE id = 6",
    differs: [1, 2, 3, 4, 5, 6].map((n) => `changed ${n}`),
  },
  {
    name: 'the last byte of long values',
    source: pairs(
      'a varchar(8000), b nvarchar(4000), c varbinary(max), d nvarchar(max), e varchar(max)',
      "(1, REPLICATE('x', 7999) + 'a', N'', 0x, N'', ''), (2, '', REPLICATE(N'x', 3999) + N'a', 0x, N'', ''), (3, '', N'', CAST(REPLICATE(CAST('y' AS varchar(max)), 70000) + 'a' AS varbinary(max)), N'', ''), (4, '', N'', 0x, REPLICATE(CAST(N'é' AS nvarchar(max)), 30000) + N'a', ''), (5, '', N'', 0x, N'', REPLICATE(CAST('z' AS varchar(max)), 7000) + REPLICATE('w', 7000))",
    ),
    target:
      "UPDATE {t} SET a = REPLICATE('x', 7999) + 'b' WHERE id = 1; UPDATE {t} SET b = REPLICATE(N'x', 3999) + N'b' WHERE id = 2; UPDATE {t} SET c = CAST(REPLICATE(CAST('y' AS varchar(max)), 70000) + 'b' AS varbinary(max)) WHERE id = 3; UPDATE {t} SET d = REPLICATE(CAST(N'é' AS nvarchar(max)), 30000) + N'b' WHERE id = 4; UPDATE {t} SET e = REPLICATE(CAST('w' AS varchar(max)), 7000) + REPLICATE('z', 7000) WHERE id = 5",
    differs: [1, 2, 3, 4, 5].map((n) => `changed ${n}`),
  },
  {
    name: 'the last of many wide columns',
    source: pairs(
      Array.from({ length: 12 }, (_, i) => `c${i} varchar(2000)`).join(', '),
      [1, 2, 3]
        .map((n) => `(${[n, ...Array.from({ length: 12 }, () => "REPLICATE('x', 2000)")].join(', ')})`)
        .join(', '),
    ),
    target:
      "UPDATE {t} SET c11 = REPLICATE('x', 1999) WHERE id = 1; UPDATE {t} SET c9 = REPLICATE('x', 1999) + 'y' WHERE id = 2",
    differs: ['changed 1', 'changed 2'],
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
    source: pairs('v int', '(-2147483648, 1), (-257, 1), (-1, 1), (0, 1), (15, 1), (16, 1), (255, 1), (2147483647, 1)'),
    target:
      'DELETE FROM {t} WHERE id = -2147483648; DELETE FROM {t} WHERE id = 2147483647; INSERT INTO {t} VALUES (-2147483647, 1), (2147483646, 1)',
    differs: ['extra -2147483647', 'extra 2147483646', 'missing -2147483648', 'missing 2147483647'],
  },
  {
    name: 'the ends of a bigint key',
    source:
      'CREATE TABLE {t} (id bigint NOT NULL PRIMARY KEY, v int); INSERT INTO {t} VALUES (-9223372036854775808, 1), (0, 1), (9007199254740993, 1), (9223372036854775807, 1)',
    target: 'UPDATE {t} SET v = 2 WHERE id <> 0',
    differs: ['changed -9223372036854775808', 'changed 9007199254740993', 'changed 9223372036854775807'],
  },
  {
    name: 'keys around zero, where a quotient is cut',
    source: pairs('v int', Array.from({ length: 61 }, (_, i) => `(${i - 30}, 1)`).join(', ')),
    target:
      'UPDATE {t} SET v = 2 WHERE id = -1; UPDATE {t} SET v = 2 WHERE id = -16; UPDATE {t} SET v = 2 WHERE id = 15; DELETE FROM {t} WHERE id = 0',
    differs: ['changed -1', 'changed -16', 'changed 15', 'missing 0'],
  },
  {
    name: 'an empty source',
    source: 'CREATE TABLE {t} (id int NOT NULL PRIMARY KEY)',
    target: 'INSERT INTO {t} VALUES (1)',
    differs: ['extra 1'],
  },
  {
    name: 'a key of text with quotes, brackets, backslashes and other scripts',
    source:
      "CREATE TABLE {t} (a nvarchar(20) NOT NULL, b varchar(20) NOT NULL, v int, PRIMARY KEY (a, b)); INSERT INTO {t} VALUES (N'it''s', 'back\\slash', 1), (N'\"q\"', '[a]]b]', 1), (N'中文', '{x}', 1), (N'😀', '%', 1), (N'', 'x', 1), (N'NULL', 'null', 1), (N'a\\' + N'\n' + N'b', 'line', 1)",
    target: 'UPDATE {t} SET v = 2',
    differs: [
      'changed "q",[a]]b]',
      'changed ,x',
      'changed NULL,null',
      "changed it's,back\\slash",
      'changed 中文,{x}',
      'changed 😀,%',
      'changed a\\\nb,line',
    ],
  },
  {
    name: 'a varchar key in a code page that is not the database’s',
    source:
      "CREATE TABLE {t} (k varchar(20) COLLATE Polish_CI_AS NOT NULL PRIMARY KEY, v int); INSERT INTO {t} VALUES (N'łódź', 1), (N'abc', 1)",
    target: "UPDATE {t} SET v = 2 WHERE k = N'łódź'",
    differs: ['changed łódź'],
  },
  {
    name: 'a key of bytes, a date, a time and an id',
    source:
      "CREATE TABLE {t} (a varbinary(20) NOT NULL, b date NOT NULL, c datetime NOT NULL, d uniqueidentifier NOT NULL, v int, PRIMARY KEY (a, b, c, d)); INSERT INTO {t} VALUES (0x00FF5C27, '2026-01-02', '2026-01-02T03:04:05.997', '01234567-89AB-CDEF-FEDC-BA9876543210', 1), (0x, '2026-01-02', '2026-01-02T03:04:05.997', '01234567-89AB-CDEF-FEDC-BA9876543210', 1)",
    target: 'UPDATE {t} SET v = 2',
    differs: [
      'changed 0x,2026-01-02,2026-01-02 03:04:05.997,01234567-89AB-CDEF-FEDC-BA9876543210',
      'changed 0x00FF5C27,2026-01-02,2026-01-02 03:04:05.997,01234567-89AB-CDEF-FEDC-BA9876543210',
    ],
  },
  {
    name: 'a change in a row whose key has other types on the other side',
    source:
      "CREATE TABLE {t} (a char(5) NOT NULL, b decimal(9,1) NOT NULL, c datetime NOT NULL, v int, PRIMARY KEY (a, b, c)); INSERT INTO {t} VALUES ('ab', 1.5, '2026-01-02T03:04:05.997', 1), ('c', 2, '2026-01-02T03:04:05', 2)",
    target:
      "CREATE TABLE {t} (a nchar(9) NOT NULL, b decimal(12,4) NOT NULL, c datetime2(3) NOT NULL, v int, PRIMARY KEY (a, b, c)); INSERT INTO {t} VALUES ('ab', 1.5, '2026-01-02T03:04:05.997', 7), ('c', 2, '2026-01-02T03:04:05', 2)",
    differs: ['changed ab,1.5000,2026-01-02 03:04:05.9970000'],
  },
  {
    name: 'a key that a whole number leads, with many rows for one number',
    source: `CREATE TABLE {t} (a smallint NOT NULL, b nvarchar(20) NOT NULL, v int, PRIMARY KEY (a, b)); INSERT INTO {t} VALUES ${Array.from({ length: 900 }, (_, i) => `(7, N'row ${i}', ${i})`).join(', ')}`,
    target:
      "UPDATE {t} SET v = -1 WHERE b = N'row 17'; DELETE FROM {t} WHERE b = N'row 800'; INSERT INTO {t} VALUES (7, N'another', 1), (-7, N'row 1', 1)",
    differs: ['changed 7,row 17', 'extra -7,row 1', 'extra 7,another', 'missing 7,row 800'],
  },
  {
    name: 'the case of a letter in a key',
    source: "CREATE TABLE {t} (k varchar(9) NOT NULL PRIMARY KEY, v int); INSERT INTO {t} VALUES ('abc', 1), ('d', 1)",
    target: "UPDATE {t} SET k = 'ABC' WHERE k = 'abc'",
    differs: ['extra ABC', 'missing abc'],
  },
  {
    name: 'the type of a variant, and its value',
    source: pairs(
      'v sql_variant',
      "(1, CAST(1 AS int)), (2, CAST(1.5e0 AS float)), (3, NULL), (4, CAST('2026-01-01T00:00:00.003' AS datetime)), (5, CAST('x' AS varchar(5)))",
    ),
    target:
      "UPDATE {t} SET v = CAST(1 AS bigint) WHERE id = 1; UPDATE {t} SET v = CAST(1.5000000000000002e0 AS float) WHERE id = 2; UPDATE {t} SET v = CAST('2026-01-01T00:00:00.007' AS datetime) WHERE id = 4; UPDATE {t} SET v = CAST(N'x' AS nvarchar(5)) WHERE id = 5",
    differs: ['changed 1', 'changed 2', 'changed 4', 'changed 5'],
  },
  {
    name: 'characters that only one of two code pages has',
    source:
      "CREATE TABLE {t} (id int NOT NULL PRIMARY KEY, v varchar(20) COLLATE Polish_CI_AS); INSERT INTO {t} VALUES (1, N'ł'), (2, N'é')",
    target:
      "CREATE TABLE {t} (id int NOT NULL PRIMARY KEY, v varchar(20) COLLATE Latin1_General_CI_AS); INSERT INTO {t} VALUES (1, N'ł'), (2, N'é')",
    differs: ['changed 1'],
  },
];

export const twins: readonly Case[] = [
  {
    name: 'columns in another order',
    source: pairs('a int, b varchar(9)', "(1, 5, 'x')"),
    target: "CREATE TABLE {t} (b varchar(9), id int NOT NULL PRIMARY KEY, a int); INSERT INTO {t} VALUES ('x', 1, 5)",
    differs: [],
  },
  {
    name: 'int on one side, bigint on the other; NULL allowed on one side only',
    source: pairs('v int NOT NULL, w tinyint, x bit', '(1, -5, 7, 1), (-2, 0, NULL, NULL)'),
    target:
      'CREATE TABLE {t} (id bigint NOT NULL PRIMARY KEY, v bigint, w int, x smallint); INSERT INTO {t} VALUES (1, -5, 7, 1), (-2, 0, NULL, NULL)',
    differs: [],
  },
  {
    name: 'char of another length',
    source: pairs('v char(5), w nchar(5)', "(1, 'ab', N'é'), (2, NULL, NULL)"),
    target:
      "CREATE TABLE {t} (id int NOT NULL PRIMARY KEY, v char(9), w nchar(7)); INSERT INTO {t} VALUES (1, 'ab', N'é'), (2, NULL, NULL)",
    differs: [],
  },
  {
    name: 'char filled up, varchar not',
    source: pairs('v char(5)', "(1, 'ab'), (2, '')"),
    target: "CREATE TABLE {t} (id int NOT NULL PRIMARY KEY, v varchar(9)); INSERT INTO {t} VALUES (1, 'ab'), (2, '')",
    differs: [],
  },
  {
    name: 'scales that the types fix',
    source: pairs('v decimal(8,2), w int, x smallmoney', '(1, 1.5, 7, 1.5), (2, 0, 0, 0), (3, -100, -1, -0.0001)'),
    target:
      'CREATE TABLE {t} (id int NOT NULL PRIMARY KEY, v numeric(12,4), w decimal(9,1), x money); INSERT INTO {t} VALUES (1, 1.5, 7, 1.5), (2, 0, 0, 0), (3, -100, -1, -0.0001)',
    differs: [],
  },
  {
    name: 'keys of another length, scale or precision',
    source:
      "CREATE TABLE {t} (a char(5) NOT NULL, b decimal(9,1) NOT NULL, c datetime NOT NULL, d time(0) NOT NULL, e binary(2) NOT NULL, v int, PRIMARY KEY (a, b, c, d, e)); INSERT INTO {t} VALUES ('ab', 1.5, '2026-01-02T03:04:05.997', '03:04:05', 0x0102, 1), ('', -2, '2026-01-02T03:04:05', '03:04:05', 0x0102, 2)",
    target:
      "CREATE TABLE {t} (a nchar(9) NOT NULL, b decimal(12,4) NOT NULL, c datetime2(3) NOT NULL, d time(7) NOT NULL, e binary(2) NOT NULL, v int, PRIMARY KEY (a, b, c, d, e)); INSERT INTO {t} VALUES ('ab', 1.5, '2026-01-02T03:04:05.997', '03:04:05', 0x0102, 1), ('', -2, '2026-01-02T03:04:05', '03:04:05', 0x0102, 2)",
    differs: [],
  },
  {
    name: 'one text in three encodings',
    source:
      "CREATE TABLE {t} (id int NOT NULL PRIMARY KEY, a varchar(20) COLLATE Polish_CI_AS, b varchar(20) COLLATE Latin1_General_CI_AS); INSERT INTO {t} VALUES (1, N'Größe', N'Größe'), (2, N'x ', N''), (3, NULL, NULL)",
    target:
      "CREATE TABLE {t} (id int NOT NULL PRIMARY KEY, a varchar(40) COLLATE Latin1_General_100_CI_AS_SC_UTF8, b nvarchar(20)); INSERT INTO {t} VALUES (1, N'Größe', N'Größe'), (2, N'x ', N''), (3, NULL, NULL)",
    differs: [],
  },
  {
    name: 'another collation with the same code page',
    source:
      "CREATE TABLE {t} (k varchar(9) COLLATE Latin1_General_BIN NOT NULL PRIMARY KEY, v varchar(9) COLLATE Latin1_General_BIN); INSERT INTO {t} VALUES ('a', 'x'), ('B', 'y'), ('ä', 'z'), ('Z', '')",
    target:
      "CREATE TABLE {t} (k varchar(9) COLLATE Latin1_General_CS_AS NOT NULL PRIMARY KEY, v varchar(9) COLLATE Latin1_General_CI_AI); INSERT INTO {t} VALUES ('Z', ''), ('ä', 'z'), ('B', 'y'), ('a', 'x')",
    differs: [],
  },
  {
    name: 'computed columns and row versions',
    source:
      'CREATE TABLE {t} (id int NOT NULL PRIMARY KEY, a int, g AS (a + 1), r rowversion); INSERT INTO {t} (id, a) VALUES (1, 5)',
    target:
      'CREATE TABLE {t} (id int NOT NULL PRIMARY KEY, a int, g AS (a + 2), r rowversion); INSERT INTO {t} (id, a) VALUES (2, 5); DELETE FROM {t}; INSERT INTO {t} (id, a) VALUES (1, 5)',
    differs: [],
  },
  {
    name: 'times of other types and with another number of digits',
    source: pairs(
      'a datetime, b datetime2(0), c time(0), d smalldatetime, e datetimeoffset(0)',
      "(1, '2026-01-02T03:04:05.997', '2026-01-02T03:04:05', '03:04:05', '2026-01-02T03:04:00', '2026-01-02 03:04:05 +08:00'), (2, NULL, NULL, NULL, NULL, NULL)",
    ),
    target:
      "CREATE TABLE {t} (id int NOT NULL PRIMARY KEY, a datetime2(3), b datetime2(7), c time(7), d datetime, e datetimeoffset(7)); INSERT INTO {t} VALUES (1, '2026-01-02T03:04:05.997', '2026-01-02T03:04:05', '03:04:05', '2026-01-02T03:04:00', '2026-01-02 03:04:05 +08:00'), (2, NULL, NULL, NULL, NULL, NULL)",
    differs: [],
  },
  {
    name: 'old and new types of long values',
    source: pairs('a text, b ntext, c image', "(1, 'é', N'中', 0x00FF), (2, NULL, NULL, NULL)"),
    target:
      "CREATE TABLE {t} (id int NOT NULL PRIMARY KEY, a varchar(max), b nvarchar(max), c varbinary(max)); INSERT INTO {t} VALUES (1, 'é', N'中', 0x00FF), (2, NULL, NULL, NULL)",
    differs: [],
  },
  {
    name: 'real kept as float',
    source: pairs('v real', '(1, 1.5e0), (2, 0.1e0)'),
    target:
      'CREATE TABLE {t} (id int NOT NULL PRIMARY KEY, v float); INSERT INTO {t} VALUES (1, CAST(1.5e0 AS real)), (2, CAST(0.1e0 AS real))',
    differs: [],
  },
  {
    name: 'varbinary and texts of another declared length',
    source: pairs('a varbinary(5), b varchar(50), c varchar(5000)', "(1, 0x01, 'x', 'y'), (2, 0x, '', NULL)"),
    target:
      "CREATE TABLE {t} (id int NOT NULL PRIMARY KEY, a varbinary(90), b varchar(7000), c varchar(10)); INSERT INTO {t} VALUES (1, 0x01, 'x', 'y'), (2, 0x, '', NULL)",
    differs: [],
  },
  {
    name: 'copies without a key in another order',
    source: 'CREATE TABLE {t} (a int); INSERT INTO {t} VALUES (1), (1), (2)',
    target: 'CREATE TABLE {t} (a int); INSERT INTO {t} VALUES (2), (1), (1)',
    differs: [],
  },
  {
    name: 'sums of hashes beyond a bigint',
    source: `CREATE TABLE {t} (k uniqueidentifier NOT NULL PRIMARY KEY, v int); INSERT INTO {t} VALUES ${Array.from({ length: 300 }, (_, i) => `('${String(i).padStart(8, '0')}-89AB-CDEF-FEDC-BA9876543210', ${i})`).join(', ')}`,
    target: '',
    differs: [],
  },
  { name: 'two empty tables', source: 'CREATE TABLE {t} (id int NOT NULL PRIMARY KEY)', target: '', differs: [] },
];
