/** What MySQL proper has and MariaDB has not, or has otherwise: databases of everyday, and the right verdict. */

export interface MysqlCase {
  readonly name: string;
  readonly source: string;
  /** the source's own statements where left out */
  readonly target?: string;
  readonly verdict: 'same' | 'different';
  /** rows that differ, as `found` lists them */
  readonly rows?: readonly string[];
  /** what the repair script says of what it cannot put right; left out where it puts all right */
  readonly stays?: RegExp;
  /** what is said of objects that count */
  readonly told?: RegExp;
}

const hundred = Array.from({ length: 100 }, (_, i) => `(${i + 1}, ${i + 1})`).join(', ');
const plain = `CREATE TABLE t (id INT PRIMARY KEY, v INT); INSERT INTO t VALUES ${hundred}`;
const keyed = `CREATE TABLE t (id INT PRIMARY KEY, v INT) PARTITION BY KEY() PARTITIONS 3; INSERT INTO t VALUES ${hundred}`;
const NUMBERED = 'CREATE TABLE a (id INT PRIMARY KEY AUTO_INCREMENT, v INT); INSERT INTO a VALUES (1, 1)';
const LOG =
  "CREATE TABLE log (at DATETIME, msg VARCHAR(50)); INSERT INTO log VALUES ('2024-01-01', 'a'), ('2024-01-01', 'a')";
const vector = (last: number) =>
  `CREATE TABLE t (id INT PRIMARY KEY, x VECTOR(3)); INSERT INTO t VALUES (1, TO_VECTOR('[1,2,${last}]')), (2, NULL)`;
const zero = (sign: string) =>
  `CREATE TABLE t (id INT PRIMARY KEY, d DOUBLE, f FLOAT); INSERT INTO t VALUES (1, ${sign}0e0, 0), (2, 0, ${sign}0e0), (3, 0, 0)`;

const MAIL = 'CREATE TABLE u (id INT PRIMARY KEY, email VARCHAR(40), UNIQUE (email));';
const TOUCHED = 'CREATE TABLE t (id INT PRIMARY KEY, v INT, u TIMESTAMP NULL ON UPDATE CURRENT_TIMESTAMP);';
const FAMILY =
  'CREATE TABLE p (id INT PRIMARY KEY); CREATE TABLE c (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES p (id) ON DELETE CASCADE);';

const TRIGGERED = 'CREATE TABLE t (id INT PRIMARY KEY, v INT);';
const TRIGGER = 'CREATE TRIGGER more BEFORE UPDATE ON t FOR EACH ROW SET NEW.v = NEW.v + 5';

export const cases: readonly MysqlCase[] = [
  {
    name: 'rows under KEY()',
    source: keyed,
    target: `${keyed}; UPDATE t SET v = -1 WHERE id IN (1, 7, 33, 66, 90)`,
    verdict: 'different',
    rows: ['changed 1', 'changed 33', 'changed 66', 'changed 7', 'changed 90'],
  },
  {
    name: 'equal rows under KEY() and without',
    source: plain,
    target: keyed,
    verdict: 'different',
    told: /^options t/,
  },
  {
    name: 'programs of which one kept the semicolon that ended its statement',
    source: `${NUMBERED}; CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN 1; CREATE PROCEDURE p() SELECT 1 ; SELECT 1`,
    target: `${NUMBERED}; CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN 1 ; CREATE PROCEDURE p() SELECT 1`,
    verdict: 'same',
  },
  {
    name: 'AUTO_INCREMENT that was lost',
    source: NUMBERED,
    target: `${NUMBERED}; ALTER TABLE a MODIFY id INT NOT NULL`,
    verdict: 'different',
    told: /^column a: id: .*auto_increment/,
  },
  {
    name: 'the number of a hidden column',
    source: 'CREATE TABLE c (id INT PRIMARY KEY, d TEXT, FULLTEXT (d)) ENGINE = MyISAM; ALTER TABLE c ENGINE = InnoDB',
    target: 'CREATE TABLE c (id INT PRIMARY KEY, d TEXT, FULLTEXT (d))',
    verdict: 'same',
  },
  {
    name: 'the parser of a FULLTEXT index',
    source: 'CREATE TABLE t (id INT PRIMARY KEY, v TEXT, FULLTEXT KEY k (v) WITH PARSER ngram)',
    target: "CREATE TABLE t (id INT PRIMARY KEY, v TEXT, FULLTEXT KEY k (v) COMMENT 'WITH PARSER `ngram`')",
    verdict: 'different',
    told: /^index t: fulltext \(v\): source: PARSER ngram; target: PARSER none/,
  },
  {
    name: 'the reference system of a column',
    source: 'CREATE TABLE t (id INT PRIMARY KEY, g POINT SRID 4326)',
    target: 'CREATE TABLE t (id INT PRIMARY KEY, g POINT)',
    verdict: 'different',
    told: /^column t: g: .*SRID 4326/,
  },
  {
    name: 'blanks in the text of a check',
    source: "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(9), CHECK (v <> 'a  b'))",
    target: "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(9), CHECK (v <> 'a b'))",
    verdict: 'different',
    told: /^constraint t: check/,
  },
  {
    name: 'what the parentheses of a check hold together',
    source: 'CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, CHECK ((a > 1 OR b > 1) AND id > 1))',
    target: 'CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, CHECK (a > 1 OR (b > 1 AND id > 1)))',
    verdict: 'different',
    told: /^constraint t: check .*The definitions differ/,
  },
  {
    name: 'a check that is not enforced',
    source: 'CREATE TABLE t (id INT PRIMARY KEY CHECK (id > 1))',
    target: 'CREATE TABLE t (id INT PRIMARY KEY CHECK (id > 1) NOT ENFORCED)',
    verdict: 'different',
    told: /^constraint t: check .*ENFORCED yes; target: ENFORCED no/,
  },
  {
    name: 'a unique index that only the target has',
    source: 'CREATE TABLE t (id INT PRIMARY KEY, v INT)',
    target: 'CREATE TABLE t (id INT PRIMARY KEY, v INT UNIQUE)',
    verdict: 'different',
    told: /^index t: unique btree \(v\)/,
  },
  { name: 'vectors', source: vector(3), target: vector(4), verdict: 'different', rows: ['changed 1'] },
  { name: 'equal vectors', source: vector(3), verdict: 'same' },
  {
    name: 'the sign of 0',
    source: zero('-'),
    target: zero(''),
    verdict: 'different',
    rows: ['changed 1', 'changed 2'],
  },
  {
    name: 'a column called __proto__',
    source: 'CREATE TABLE t (id INT PRIMARY KEY, `__proto__` INT); INSERT INTO t VALUES (1, 1), (2, 2)',
    target: 'CREATE TABLE t (id INT PRIMARY KEY, `__proto__` INT); INSERT INTO t VALUES (1, 1), (2, 3)',
    verdict: 'different',
    rows: ['changed 2'],
  },
  {
    name: 'a key that the server made on one side',
    source: LOG,
    target: `SET sql_generate_invisible_primary_key = ON; ${LOG}`,
    verdict: 'same',
  },
  {
    name: 'names of columns in another case',
    source: 'CREATE TABLE t (Id INT PRIMARY KEY, Val INT, KEY (Val)); INSERT INTO t VALUES (1, 1)',
    target: 'CREATE TABLE t (id INT PRIMARY KEY, val INT, KEY (val)); INSERT INTO t VALUES (1, 1)',
    verdict: 'same',
  },
  {
    name: 'rows under names in another case',
    source: 'CREATE TABLE t (Id INT PRIMARY KEY, Val INT); INSERT INTO t VALUES (1, 1)',
    target: 'CREATE TABLE t (id INT PRIMARY KEY, val INT); INSERT INTO t VALUES (1, 2)',
    verdict: 'different',
    rows: ['changed 1'],
  },
  {
    name: 'MyISAM that became InnoDB',
    source:
      "CREATE TABLE p (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(9)) ENGINE = MyISAM; INSERT INTO p (v) VALUES ('a')",
    target: "CREATE TABLE p (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(9)); INSERT INTO p (v) VALUES ('a')",
    verdict: 'same',
  },
  {
    name: 'a table that ends with the server',
    source: 'CREATE TABLE p (id INT PRIMARY KEY) ENGINE = MyISAM',
    target: 'CREATE TABLE p (id INT PRIMARY KEY) ENGINE = MEMORY',
    verdict: 'different',
    told: /^options p: .*rows are kept.*rows are memory/,
  },
  {
    name: 'unique values that changed places',
    source: `${MAIL} INSERT INTO u VALUES (1, 'a@x'), (2, 'b@x'), (3, 'c@x'), (4, 'd@x')`,
    target: `${MAIL} INSERT INTO u VALUES (1, 'b@x'), (2, 'a@x'), (3, 'd@x'), (4, 'e@x')`,
    verdict: 'different',
    rows: ['changed 1', 'changed 2', 'changed 3', 'changed 4'],
  },
  {
    name: 'a row whose time of change the server would move',
    source: `${TOUCHED} INSERT INTO t VALUES (1, 1, '2020-01-01'), (2, 2, NULL)`,
    target: `${TOUCHED} INSERT INTO t VALUES (1, 9, '2020-01-01'), (2, 9, NULL)`,
    verdict: 'different',
    rows: ['changed 1', 'changed 2'],
  },
  {
    name: 'a row that other rows would go with',
    source: `${FAMILY} INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 1)`,
    target: `${FAMILY} INSERT INTO p VALUES (1), (2); INSERT INTO c VALUES (1, 2)`,
    verdict: 'different',
    rows: ['changed 1', 'extra 2'],
  },
  {
    name: 'a stored value that is computed otherwise',
    source: 'CREATE TABLE t (id INT PRIMARY KEY, v INT AS (id + 1) STORED); INSERT INTO t (id) VALUES (1)',
    target: 'CREATE TABLE t (id INT PRIMARY KEY, v INT AS (id + 2) STORED); INSERT INTO t (id) VALUES (1)',
    verdict: 'different',
    rows: ['changed 1'],
    stays: /^-- `lab`\.`t` id = 1: the server computes v otherwise/m,
    told: /^column t: v/,
  },
  {
    name: 'a row that a trigger changes again',
    source: `${TRIGGERED} INSERT INTO t VALUES (1, 1); ${TRIGGER}`,
    target: `${TRIGGERED} INSERT INTO t VALUES (1, 2); ${TRIGGER}`,
    verdict: 'different',
    rows: ['changed 1'],
    stays: /^-- `lab`\.`t` has triggers, which may change what is written here or do more: more\./m,
  },
  {
    name: 'keys with backslashes and line ends',
    source: String.raw`CREATE TABLE t (k VARCHAR(20) COLLATE utf8mb4_general_ci PRIMARY KEY, v VARCHAR(9)); INSERT INTO t VALUES (x'615C62', x'0D0A'), (x'610A', x'E2808B')`,
    target: String.raw`CREATE TABLE t (k VARCHAR(20) COLLATE utf8mb4_general_ci PRIMARY KEY, v VARCHAR(9)); INSERT INTO t VALUES (x'615C62', 'n'), (x'610A', 'm')`,
    verdict: 'different',
    rows: ['changed a\n', 'changed a\\b'],
  },
];
