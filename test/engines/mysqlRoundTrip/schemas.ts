/** Schemas of MySQL and MariaDB from a grammar: tables with all that can hang on them, views and programs. */
import fc from 'fast-check';

/** Statements in order; names end in the number of the schema. Some may be refused: then the object is left out. */
export type Schema = readonly string[];

export interface Grammar {
  /** only what both products take */
  readonly common: boolean;
}

const literal = fc.constantFrom(
  ...[
    "'a  b'",
    "'it''s'",
    "'back\\\\slash'",
    "'中文'",
    "'é'",
    "'%_'",
    "'--x'",
    "'/* y */'",
    "'`q`'",
    "'\"'",
    "''",
    "'?'",
  ],
);
const number = fc.constantFrom('0', '1', '-1', '42', '1.50', '2e3', '9223372036854775807');

/** Over an integer n, a text v, a time d. */
const { truth, amount, text } = fc.letrec<{ truth: string; amount: string; text: string }>((tie) => ({
  amount: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('n', 'm'),
    number,
    fc
      .tuple(tie('amount'), fc.constantFrom('+', '-', '*', 'DIV', '%', '|', '&', '^', '<<'), tie('amount'))
      .map(([a, operator, b]) => `(${a} ${operator} ${b})`),
    tie('amount').map((a) => `-(${a})`),
    tie('text').map((t) => `CHAR_LENGTH(${t})`),
    fc.tuple(tie('truth'), tie('amount'), tie('amount')).map(([c, a, b]) => `IF(${c}, ${a}, ${b})`),
    fc.tuple(tie('amount'), tie('amount')).map(([a, b]) => `COALESCE(${a}, ${b})`),
    fc.constantFrom('YEAR(d)', 'DAYOFMONTH(d)', 'EXTRACT(HOUR FROM d)', 'DATEDIFF(d, d)', 'ABS(n)', 'n MOD 3'),
    fc.tuple(tie('truth'), tie('amount')).map(([c, a]) => `CASE WHEN ${c} THEN ${a} ELSE n END`),
  ),
  text: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('v', 'w'),
    literal,
    fc.tuple(tie('text'), tie('text')).map(([a, b]) => `CONCAT(${a}, ${b})`),
    tie('text').map((t) => `UPPER(${t})`),
    tie('text').map((t) => `LOWER(${t})`),
    tie('text').map((t) => `TRIM(${t})`),
    fc.tuple(tie('text'), literal, literal).map(([t, a, b]) => `REPLACE(${t}, ${a}, ${b})`),
    tie('text').map((t) => `SUBSTRING(${t}, 1, 3)`),
    tie('amount').map((a) => `CAST(${a} AS CHAR(20))`),
    fc.constantFrom('HEX(v)', "CONCAT_WS('  ', v, w)"),
  ),
  truth: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc
      .tuple(tie('amount'), fc.constantFrom('=', '<>', '<', '>=', '<=>'), tie('amount'))
      .map(([a, operator, b]) => `${a} ${operator} ${b}`),
    fc.tuple(tie('text'), fc.constantFrom('=', '<>', 'LIKE', 'NOT LIKE'), literal).map((parts) => parts.join(' ')),
    fc.tuple(tie('truth'), fc.constantFrom('AND', 'OR', 'XOR'), tie('truth')).map(([a, o, b]) => `(${a} ${o} ${b})`),
    tie('truth').map((t) => `NOT (${t})`),
    fc
      .tuple(tie('text'), fc.array(literal, { minLength: 1, maxLength: 3 }))
      .map(([t, l]) => `${t} IN (${l.join(', ')})`),
    fc.tuple(tie('amount'), number, number).map(([a, b, c]) => `${a} BETWEEN ${b} AND ${c}`),
    tie('text').map((t) => `${t} IS NOT NULL`),
    fc.constantFrom("d > '2020-01-01 00:00:00'", "d + INTERVAL 1 DAY > '2020-01-01'", 'n IS NULL', "v REGEXP '^a'"),
  ),
}));

const option = (all: readonly string[]) => fc.constantFrom(...all);
const types = (common: boolean) =>
  option([
    ...[
      'INT',
      'TINYINT(1)',
      'BIGINT UNSIGNED',
      'SMALLINT ZEROFILL',
      'DECIMAL(10,3)',
      'FLOAT',
      'DOUBLE',
      'DOUBLE(10,2)',
    ],
    ...['VARCHAR(20)', 'CHAR(5)', 'VARCHAR(9) CHARACTER SET latin1', 'TEXT', 'LONGTEXT COLLATE utf8mb4_bin', 'JSON'],
    ...["ENUM('a  b','it''s','中')", "SET('x','y')", 'BIT(3)', 'BINARY(4)', 'VARBINARY(9)', 'BLOB', 'YEAR', 'DATE'],
    ...['TIME(3)', 'DATETIME(6)', 'TIMESTAMP NULL', 'POINT', 'GEOMETRY', 'CHAR(3) CHARACTER SET ascii'],
    ...(common ? [] : ['VARCHAR(9) CHARACTER SET gbk', 'GEOMETRYCOLLECTION']),
  ]);

const defaults = option([
  ...["v VARCHAR(20) DEFAULT 'it''s  \\\\'", "v VARCHAR(20) DEFAULT '中'", "v VARCHAR(20) DEFAULT ''", 'v VARCHAR(20)'],
  ...["v VARCHAR(20) NOT NULL DEFAULT 'NULL'", "v VARCHAR(20) DEFAULT 'a\\nb'", "v VARCHAR(20) COMMENT 'c''c'"],
]);
const numbers = option([
  'n INT',
  'n INT DEFAULT -7',
  'n INT(5) ZEROFILL DEFAULT 3',
  'n BIGINT NOT NULL DEFAULT 0',
  'n INT INVISIBLE',
]);
const times = option([
  ...['d DATETIME', 'd DATETIME(3) DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3)', 'd TIMESTAMP NULL'],
  ...["d DATETIME DEFAULT '2020-01-01 00:00:00'", 'd TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP'],
]);
const indexes = (common: boolean) =>
  option([
    // MySQL has none on partitions
    ...(common ? [] : ['FULLTEXT KEY k (v)']),
    ...['KEY k (n)', 'UNIQUE KEY k (v, n)', 'KEY k (v(3))', 'KEY k (n DESC, v)', 'UNIQUE KEY k (w(2), n)'],
    ...["KEY k (n) COMMENT 'x'", 'KEY k USING BTREE (m)'],
  ]);
const partitions = option([
  ...[
    '',
    '',
    '',
    'PARTITION BY HASH (id % 7) PARTITIONS 3',
    'PARTITION BY KEY (id) PARTITIONS 2',
    'PARTITION BY LINEAR KEY (id) PARTITIONS 2',
  ],
  ...['PARTITION BY RANGE (id) (PARTITION a VALUES LESS THAN (10), PARTITION b VALUES LESS THAN MAXVALUE)'],
  ...['PARTITION BY LIST (id) (PARTITION a VALUES IN (1,2), PARTITION b VALUES IN (3))'],
  ...[
    'PARTITION BY RANGE COLUMNS (id) SUBPARTITION BY HASH (id + 1) SUBPARTITIONS 2 (PARTITION a VALUES LESS THAN (5))',
  ],
]);
const tables = option(['', 'ROW_FORMAT = DYNAMIC', 'AUTO_INCREMENT = 77', "COMMENT = 'it''s'", 'STATS_PERSISTENT = 0']);

export const schema = (number_: number, { common }: Grammar): fc.Arbitrary<Schema> =>
  fc
    .record({
      ...{
        defaults,
        numbers,
        times,
        type: types(common),
        more: types(common),
        index: indexes(common),
        part: partitions,
        table: tables,
      },
      ...{ check: truth, where: truth, amount, text, stored: fc.boolean(), expression: amount, action: text },
    })
    .map((made) => {
      const t = `t_${number_}`;
      // MariaDB writes such a default in a way that MySQL does not read
      const byExpression = common ? [] : [`, e INT DEFAULT (${made.expression.replace(/\b[nmvwd]\b/g, '1')})`];
      const columns = `id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, ${made.defaults}, ${made.numbers}, ${made.times}, m INT, w TEXT`;
      return [
        `CREATE TABLE ${t} (${columns}, x ${made.type}, y ${made.more}, CONSTRAINT c_${t} CHECK (${made.check}), ${made.index}) ${made.table} ${made.part}`,
        `CREATE TABLE g_${t} (${columns}, g VARCHAR(200) AS (${made.text}) ${made.stored ? 'STORED' : 'VIRTUAL'})`,
        `CREATE TABLE e_${t} (id INT PRIMARY KEY${byExpression.join('')}, p INT, CONSTRAINT f_${t} FOREIGN KEY (p) REFERENCES e_${t} (id) ON DELETE SET NULL)`,
        ...(common ? [] : [`CREATE TABLE i_${t} (${columns}, UNIQUE KEY k ((${made.amount})))`]),
        // MariaDB's dump gives values of generated columns, which MySQL does not take
        ...(common ? [] : [`INSERT INTO g_${t} (v, n, w) VALUES ('a', 1, 'b'), ('中', 2, NULL)`]),
        `CREATE VIEW v_${t} AS SELECT id, ${made.amount} AS a, ${made.text} AS \`b  b\` FROM g_${t} WHERE ${made.where}`,
        `CREATE VIEW u_${t} (a, b) AS SELECT v, COUNT(*) FROM g_${t} GROUP BY v HAVING COUNT(*) > 1 UNION ALL SELECT 'x  y', 1 FROM g_${t} AS o WHERE EXISTS (SELECT 1 FROM g_${t} AS i WHERE i.id = o.id)`,
        `CREATE TRIGGER r_${t} BEFORE UPDATE ON g_${t} FOR EACH ROW BEGIN -- a  comment\n SET NEW.w = CONCAT(${made.action.replace(/\b([nmvwd])\b/g, 'NEW.$1')}, 'x;  y'); END`,
        `CREATE FUNCTION f_${t} (n INT, v VARCHAR(20)) RETURNS VARCHAR(99) DETERMINISTIC NO SQL BEGIN DECLARE m INT DEFAULT 1; DECLARE w TEXT; DECLARE d DATETIME; RETURN ${made.text}; /* end  */ END`,
        `CREATE PROCEDURE p_${t} (IN n INT(5), OUT o ENUM('a  b'), INOUT b BIGINT UNSIGNED) SQL SECURITY INVOKER SELECT ${made.amount.replace(/\b[mvwd]\b/g, 'n')} AS r`,
        `CREATE EVENT a_${t} ON SCHEDULE EVERY 3 HOUR STARTS '2030-01-01 00:00:00' ON COMPLETION PRESERVE DISABLE COMMENT 'c' DO SELECT ${made.action.replace(/\b[nmvwd]\b/g, '1')}`,
      ];
    });
