/** Pairs of tables that differ although quick checksums say they do not, and pairs that are the same although they look different. */
export interface Case {
  readonly name: string;
  /** creates and fills the table `{t}` */
  readonly source: string;
  /** what is done to the target after it got the same; or the whole target when it starts with CREATE */
  readonly target: string;
  /** as `found` in comparing.ts spells it */
  readonly differs: readonly string[];
}

const pairs = (columns: string, rows: string) =>
  `CREATE TABLE {t} (id int PRIMARY KEY, ${columns}); INSERT INTO {t} VALUES ${rows}`;

export const lies: readonly Case[] = [
  {
    name: 'a value swapped between two rows',
    source: pairs('v text', "(1, 'a'), (2, 'b'), (3, 'c')"),
    target: "UPDATE {t} SET v = CASE id WHEN 1 THEN 'b' ELSE 'a' END WHERE id < 3",
    differs: ['changed 1', 'changed 2'],
  },
  {
    name: 'the same flag flipped in two rows',
    source: pairs('v bool', '(1, true), (2, true), (3, false)'),
    target: 'UPDATE {t} SET v = false WHERE id < 3',
    differs: ['changed 1', 'changed 2'],
  },
  {
    name: 'money moved from one account to another',
    source: pairs('v numeric(12,2)', '(1, 100), (2, 200), (3, 0)'),
    target: 'UPDATE {t} SET v = v + CASE id WHEN 1 THEN -50 ELSE 50 END WHERE id < 3',
    differs: ['changed 1', 'changed 2'],
  },
  {
    name: 'values shifted across a separator',
    source: pairs('a text, b text', "(1, 'a#b', 'c'), (2, '', 'xy'), (3, 'a,b', '|')"),
    target:
      "UPDATE {t} SET a = CASE id WHEN 1 THEN 'a' ELSE 'x' END, b = CASE id WHEN 1 THEN 'b#c' ELSE 'y' END WHERE id < 3",
    differs: ['changed 1', 'changed 2'],
  },
  {
    name: 'two columns exchanged',
    source: pairs('a int, b int, c numeric(4,0), d numeric(4,0)', '(1, 7, 8, 0, 5), (2, 1, 1, 5, 5)'),
    target: 'UPDATE {t} SET a = b, b = a, c = d, d = c WHERE id = 1',
    differs: ['changed 1'],
  },
  {
    name: 'the last digit of a float',
    source: pairs('v real, w float8', '(1, 1.234567, 0.1), (2, 1, 0.30000000000000004)'),
    target: 'UPDATE {t} SET v = CASE id WHEN 1 THEN 1.2345672 ELSE v END, w = CASE id WHEN 2 THEN 0.3 ELSE w END',
    differs: ['changed 1', 'changed 2'],
  },
  {
    name: 'minus zero',
    source: pairs('v float8', "(1, 0), (2, '-0')"),
    target: "UPDATE {t} SET v = '-0' WHERE id = 1",
    differs: ['changed 1'],
  },
  {
    name: 'NULL, the empty text and the NULL of a neighbour',
    source: pairs('a text, b text', "(1, NULL, 'x'), (2, '', 'x'), (3, NULL, NULL), (4, 'x', NULL)"),
    target:
      "UPDATE {t} SET a = CASE id WHEN 1 THEN '' WHEN 2 THEN NULL WHEN 4 THEN NULL ELSE a END, b = CASE id WHEN 4 THEN 'x' ELSE b END",
    differs: ['changed 1', 'changed 2', 'changed 4'],
  },
  {
    name: 'NULL against the zero of every type',
    source: pairs(
      'a int, b bigint, c numeric(9,2), d bool, e date, f timestamp, g uuid, h bytea, i float8',
      "(1,0,0,0,false,'2000-01-01','2000-01-01','00000000-0000-0000-0000-000000000000','',0)" +
        Array.from(
          { length: 9 },
          (_, i) => `, (${i + 2},0,0,0,false,'2000-01-01','2000-01-01','00000000-0000-0000-0000-000000000000','',0)`,
        ).join(''),
    ),
    target: [...'abcdefghi'].map((column, i) => `UPDATE {t} SET ${column} = NULL WHERE id = ${i + 2}`).join(';'),
    differs: ['changed 10', ...Array.from({ length: 8 }, (_, i) => `changed ${i + 2}`)],
  },
  {
    name: 'the sign of a number',
    source: pairs('v numeric(12,2), w numeric', '(1, 5, 1), (2, 1, 7.5)'),
    target: 'UPDATE {t} SET v = CASE id WHEN 1 THEN -v ELSE v END, w = CASE id WHEN 2 THEN -w ELSE w END',
    differs: ['changed 1', 'changed 2'],
  },
  {
    name: 'numbers that fold alike in 32 bits',
    source: pairs('v bigint', '(1, 0), (2, -1), (3, 4294967296)'),
    target: 'UPDATE {t} SET v = CASE id WHEN 1 THEN 4294967297 WHEN 2 THEN 0 ELSE 1 END',
    differs: ['changed 1', 'changed 2', 'changed 3'],
  },
  {
    name: 'timestamps that fold alike in 32 bits',
    source: pairs(
      'v timestamp, w timestamptz',
      "(1, '2000-01-01', '2000-01-01'), (2, '2024-05-05 05:05:05', '1999-12-31')",
    ),
    target:
      "UPDATE {t} SET v = CASE id WHEN 1 THEN v + interval '4294.967297 s' ELSE v END, w = CASE id WHEN 2 THEN w - interval '4294.967297 s' ELSE w END",
    differs: ['changed 1', 'changed 2'],
  },
  {
    name: 'the scale of a number whose type does not fix it',
    source: pairs('v numeric', '(1, 1.0), (2, 1.00)'),
    target: 'UPDATE {t} SET v = 1.00 WHERE id = 1',
    differs: ['changed 1'],
  },
  {
    name: 'NaN, infinity and zero',
    source: pairs(
      'v numeric, w float8, x numeric(8,2), y numeric(8,2)',
      "(1, 'NaN', 1, 0, 'NaN'), (2, 'Infinity', 1, 1, 0), (3, 0, 'NaN', 1, 'NaN'), (4, 0, 0, 1, 0)",
    ),
    target:
      "UPDATE {t} SET v = CASE id WHEN 1 THEN 'Infinity' WHEN 2 THEN '-Infinity' ELSE v END, w = CASE id WHEN 3 THEN 'Infinity' ELSE w END, y = CASE id WHEN 4 THEN 'NaN' ELSE y END",
    differs: ['changed 1', 'changed 2', 'changed 3', 'changed 4'],
  },
  {
    name: 'zero and NaN exchanged between neighbours and rows',
    source: pairs('v numeric(8,2), w numeric(8,2)', "(1, 0, 'NaN'), (2, 'NaN', 0), (3, 0, 0)"),
    target:
      "UPDATE {t} SET v = CASE id WHEN 1 THEN 'NaN'::numeric ELSE 0 END, w = CASE id WHEN 1 THEN 0 ELSE 'NaN'::numeric END WHERE id < 3",
    differs: ['changed 1', 'changed 2'],
  },
  {
    name: 'the sign of a number inside JSON',
    source: pairs('v jsonb', `(1, '{"a": 1}'), (2, '[1]')`),
    target: `UPDATE {t} SET v = '{"a": -1}' WHERE id = 1`,
    differs: ['changed 1'],
  },
  {
    name: 'an interval of one day and one of 24 hours',
    source: pairs('v interval', "(1, '1 day'), (2, '1 month')"),
    target: "UPDATE {t} SET v = CASE id WHEN 1 THEN interval '24 hours' ELSE interval '30 days' END",
    differs: ['changed 1', 'changed 2'],
  },
  {
    name: 'upper and lower case that the collation calls equal',
    source: pairs('v text COLLATE blind', "(1, 'abc'), (2, 'x')"),
    target: "UPDATE {t} SET v = 'ABC' WHERE id = 1",
    differs: ['changed 1'],
  },
  {
    name: 'infinite and very distant days',
    source: pairs(
      'v date, w timestamp',
      "(1, 'infinity', 'infinity'), (2, '-infinity', '-infinity'), (3, '4713-01-01 BC', '4713-01-01 BC')",
    ),
    target:
      "UPDATE {t} SET v = CASE id WHEN 1 THEN '-infinity'::date ELSE v END, w = CASE id WHEN 2 THEN 'infinity'::timestamp ELSE w END",
    differs: ['changed 1', 'changed 2'],
  },
  {
    name: 'blanks at the end of a text',
    source: pairs('v text', "(1, 'a'), (2, 'b ')"),
    target: "UPDATE {t} SET v = 'a ' WHERE id = 1",
    differs: ['changed 1'],
  },
  {
    name: 'one byte of a long value',
    source: pairs('v bytea, w text', "(1, decode(repeat('00ff', 5000), 'hex'), repeat('é', 50000)), (2, '', '')"),
    target: "UPDATE {t} SET v = set_byte(v, 9999, 254), w = overlay(w placing 'e' from 50000) WHERE id = 1",
    differs: ['changed 1'],
  },
  {
    name: 'pairs of rows without a key',
    source:
      "CREATE TABLE {t} (a int, b text); INSERT INTO {t} VALUES (1, 'x'), (1, 'x'), (2, NULL), (2, NULL), (3, 'z')",
    target: "DELETE FROM {t} WHERE a = 1; INSERT INTO {t} VALUES (4, 'y'), (4, 'y')",
    differs: ['extra x2', 'missing x2'],
  },
  {
    name: 'rows missing and extra at both ends of the key',
    source: pairs('v int', '(-2147483648, 1), (-257, 1), (-1, 1), (0, 1), (255, 1), (256, 1), (2147483647, 1)'),
    target:
      'DELETE FROM {t} WHERE id IN (-2147483648, 2147483647); INSERT INTO {t} VALUES (-2147483647, 1), (2147483646, 1)',
    differs: ['extra -2147483647', 'extra 2147483646', 'missing -2147483648', 'missing 2147483647'],
  },
  {
    name: 'the ends of a bigint key',
    source:
      'CREATE TABLE {t} (id bigint PRIMARY KEY, v int); INSERT INTO {t} VALUES (-9223372036854775808, 1), (0, 1), (9223372036854775807, 1)',
    target: 'UPDATE {t} SET v = 2 WHERE id <> 0',
    differs: ['changed -9223372036854775808', 'changed 9223372036854775807'],
  },
  {
    name: 'times as far before 2000 as others are after it, in words of 32 bits',
    source: pairs(
      'v timestamp, w timestamptz',
      "(1, '2024-05-06 07:08:09', NULL), (2, NULL, '2000-01-01 00:10:00+00'), (3, '2000-01-01', '2000-01-01 00:00+00')",
    ),
    target:
      "UPDATE {t} SET v = '1975-08-27 16:51:54.34656' WHERE id = 1; UPDATE {t} SET w = w - interval '4294967296 microseconds' WHERE id = 2",
    differs: ['changed 1', 'changed 2'],
  },
  {
    name: 'numbers that are none, and numbers without end',
    source: pairs('v numeric', "(1, 'Infinity'), (2, '-Infinity'), (3, 0), (4, 'NaN')"),
    target:
      "CREATE TABLE {t} (id int PRIMARY KEY, v numeric(12,2)); INSERT INTO {t} VALUES (1, 'NaN'), (2, 'NaN'), (3, 'NaN'), (4, 'NaN')",
    differs: ['changed 1', 'changed 2', 'changed 3'],
  },
  {
    name: 'one row under keys of another scale',
    source:
      'CREATE TABLE {t} (k numeric(12,2) PRIMARY KEY, v int); INSERT INTO {t} SELECT s / 10.0, s FROM generate_series(1, 50) s',
    target:
      'CREATE TABLE {t} (k numeric(12,4) PRIMARY KEY, v int); INSERT INTO {t} SELECT s / 10.0, s FROM generate_series(1, 50) s; UPDATE {t} SET v = -1 WHERE v = 7',
    differs: ['changed 0.7'],
  },
  {
    name: 'keys that a narrower type of the target would round, cut or refuse',
    source:
      "CREATE TABLE {t} (k numeric, b bigint, c text, t timestamptz, v int, PRIMARY KEY (k, b, c, t)); INSERT INTO {t} VALUES (1.234, 5000000000, 'abcdef', '2024-01-01 00:00:00.123456+00', 1), (1.23, 5, 'abc', '2024-01-01+00', 1)",
    target:
      "CREATE TABLE {t} (k numeric(9,2), b int, c varchar(3), t timestamptz(3), v int, PRIMARY KEY (k, b, c, t)); INSERT INTO {t} VALUES (1.23, 5, 'abc', '2024-01-01+00', 2)",
    differs: [
      'changed 1.23,5,abc,2024-01-01 00:00:00+00',
      'missing 1.234,5000000000,abcdef,2024-01-01 00:00:00.123456+00',
    ],
  },
  {
    name: 'an empty source',
    source: 'CREATE TABLE {t} (id int PRIMARY KEY)',
    target: 'INSERT INTO {t} VALUES (1)',
    differs: ['extra 1'],
  },
  {
    name: 'values in an array and in a composite type',
    source: pairs('v int[], w pair', `(1, '{1,NULL}', '(1,2)'), (2, '{}', '(,)')`),
    target: "UPDATE {t} SET v = '{1,0}', w = '(1,)' WHERE id = 1; UPDATE {t} SET w = NULL WHERE id = 2",
    differs: ['changed 1', 'changed 2'],
  },
  {
    name: 'a key of text with quotes, backslashes and other scripts',
    source: `CREATE TABLE {t} (a text, b varchar(40), v int, PRIMARY KEY (a, b)); INSERT INTO {t} VALUES
      ('it''s', 'back\\slash', 1), ('"q"', '{a,b}', 1), ('中文', '😀', 1), ('', ' ', 1), ('NULL', 'null', 1)`,
    target: 'UPDATE {t} SET v = 2',
    differs: [`changed "q",{a,b}`, 'changed , ', 'changed NULL,null', "changed it's,back\\slash", 'changed 中文,😀'],
  },
];

export const twins: readonly Case[] = [
  {
    name: 'columns in another order',
    source: pairs('a int, b text', "(1, 5, 'x')"),
    target: "CREATE TABLE {t} (b text, id int PRIMARY KEY, a int); INSERT INTO {t} VALUES ('x', 1, 5)",
    differs: [],
  },
  {
    name: 'rows in another order on disk',
    source: pairs('a int', '(1, 1), (2, 2), (3, 3)'),
    target: 'CREATE TABLE {t} (id int PRIMARY KEY, a int); INSERT INTO {t} VALUES (3, 3), (1, 1), (2, 2)',
    differs: [],
  },
  {
    name: 'keys of JSON in another order',
    source: pairs('v jsonb', `(1, '{"a":1,"bb":[2]}')`),
    target: `UPDATE {t} SET v = '{ "bb" : [2], "a" : 1 }'`,
    differs: [],
  },
  {
    name: 'json on one side, jsonb on the other',
    source: pairs('v json', `(1, '{"b":1, "a":2}')`),
    target: `CREATE TABLE {t} (id int PRIMARY KEY, v jsonb); INSERT INTO {t} VALUES (1, '{"a":2,"b":1}')`,
    differs: [],
  },
  {
    name: 'int on one side, bigint on the other',
    source: pairs('v int, w smallint', '(1, -5, 7), (-2, NULL, NULL)'),
    target:
      'CREATE TABLE {t} (id bigint PRIMARY KEY, v bigint, w int); INSERT INTO {t} VALUES (1, -5, 7), (-2, NULL, NULL)',
    differs: [],
  },
  {
    name: 'bigint on one side, numeric on the other',
    source: pairs('v bigint', '(1, -5), (2, NULL), (3, 100)'),
    target: 'CREATE TABLE {t} (id int PRIMARY KEY, v numeric(20)); INSERT INTO {t} VALUES (1, -5), (2, NULL), (3, 100)',
    differs: [],
  },
  {
    name: 'char of another length',
    source: pairs('v char(5)', "(1, 'ab'), (2, NULL)"),
    target: "CREATE TABLE {t} (id int PRIMARY KEY, v char(9)); INSERT INTO {t} VALUES (1, 'ab'), (2, NULL)",
    differs: [],
  },
  {
    name: 'scales that the types fix',
    source: pairs('v numeric(8,2)', '(1, 1.5), (2, 0), (3, -100)'),
    target:
      'CREATE TABLE {t} (id int PRIMARY KEY, v numeric(12,4)); INSERT INTO {t} VALUES (1, 1.5), (2, 0), (3, -100)',
    differs: [],
  },
  {
    name: 'labels of an enum in another order',
    source: pairs('v mood', "(1, 'sad'), (2, 'glad'), (3, NULL)"),
    target: '',
    differs: [],
  },
  {
    name: 'stored values of another expression',
    source: pairs('a int, g int GENERATED ALWAYS AS (a * 2) STORED', '(1, 5)')
      .replace('VALUES', '(id, a) VALUES')
      .replace('(1, 5)', '(1, 5)'),
    target:
      'CREATE TABLE {t} (id int PRIMARY KEY, a int, g int GENERATED ALWAYS AS (a * 3) STORED); INSERT INTO {t} (id, a) VALUES (1, 5)',
    differs: ['changed 1'],
  },
  {
    name: 'times under another time zone and date style',
    source: pairs(
      'a timestamptz, b date, c timestamp, d interval',
      "(1, '2024-03-31 01:30:00+00', '2024-12-01', '2024-02-01 10:00', '1 day 02:00')",
    ),
    target: '',
    differs: [],
  },
  {
    name: 'text keys that collations order differently',
    source:
      "CREATE TABLE {t} (k text COLLATE \"C\" PRIMARY KEY, v int); INSERT INTO {t} VALUES ('a', 1), ('B', 2), ('ä', 3), ('Z', 4)",
    target:
      "CREATE TABLE {t} (k text COLLATE \"und-x-icu\" PRIMARY KEY, v int); INSERT INTO {t} VALUES ('a', 1), ('B', 2), ('ä', 3), ('Z', 4)",
    differs: [],
  },
  {
    name: 'varchar on one side, text on the other',
    source: pairs('v varchar(10)', "(1, 'x '), (2, NULL)"),
    target: "CREATE TABLE {t} (id int PRIMARY KEY, v text); INSERT INTO {t} VALUES (1, 'x '), (2, NULL)",
    differs: [],
  },
  {
    name: 'a partitioned table',
    source:
      'CREATE TABLE {t} (id int PRIMARY KEY, v int) PARTITION BY RANGE (id); CREATE TABLE {t}_a PARTITION OF {t} FOR VALUES FROM (0) TO (100); CREATE TABLE {t}_b PARTITION OF {t} FOR VALUES FROM (100) TO (1000); INSERT INTO {t} SELECT s, s FROM generate_series(1, 500) s',
    target: 'CREATE TABLE {t} (id int PRIMARY KEY, v int); INSERT INTO {t} SELECT s, s FROM generate_series(1, 500) s',
    differs: [],
  },
  {
    name: 'copies without a key in another order',
    source: 'CREATE TABLE {t} (a int); INSERT INTO {t} VALUES (1), (1), (2)',
    target: 'CREATE TABLE {t} (a int); INSERT INTO {t} VALUES (2), (1), (1)',
    differs: [],
  },
  { name: 'two empty tables', source: 'CREATE TABLE {t} (id int PRIMARY KEY)', target: '', differs: [] },
];
