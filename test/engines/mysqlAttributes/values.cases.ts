/** What the catalogs tell of what fills a column. */
import { change, type AttributeCase } from './attributes.ts';

export const values: readonly AttributeCase[] = [
  change(
    'default',
    'COLUMNS.COLUMN_DEFAULT',
    'CREATE TABLE t~ (id INT PRIMARY KEY, v VARCHAR(9), n INT, d DATETIME)',
    'ALTER TABLE t~ ALTER n SET DEFAULT 5',
  ),
  change(
    'default text',
    'COLUMNS.COLUMN_DEFAULT',
    "CREATE TABLE t~ (id INT PRIMARY KEY, v VARCHAR(9) DEFAULT 'a  b')",
    "ALTER TABLE t~ ALTER v SET DEFAULT 'a b'",
  ),
  change(
    'default case',
    'COLUMNS.COLUMN_DEFAULT',
    "CREATE TABLE t~ (id INT PRIMARY KEY, v VARCHAR(9) DEFAULT 'A')",
    "ALTER TABLE t~ ALTER v SET DEFAULT 'a'",
  ),
  change(
    'default NULL text',
    'COLUMNS.COLUMN_DEFAULT',
    "CREATE TABLE t~ (id INT PRIMARY KEY, v VARCHAR(9) DEFAULT 'NULL')",
    'ALTER TABLE t~ ALTER v SET DEFAULT NULL',
  ),
  change(
    'default empty',
    'COLUMNS.COLUMN_DEFAULT',
    "CREATE TABLE t~ (id INT PRIMARY KEY, v VARCHAR(9) DEFAULT '')",
    'ALTER TABLE t~ ALTER v SET DEFAULT NULL',
  ),
  change(
    'default expr',
    'COLUMNS.COLUMN_DEFAULT COLUMNS.EXTRA',
    'CREATE TABLE t~ (id INT PRIMARY KEY, n INT DEFAULT (1 + 2))',
    'ALTER TABLE t~ MODIFY n INT DEFAULT (1 + 3)',
  ),
  change(
    'default expr text',
    'COLUMNS.COLUMN_DEFAULT',
    "CREATE TABLE t~ (id INT PRIMARY KEY, v VARCHAR(20) DEFAULT (CONCAT('a  b', 'x')))",
    "ALTER TABLE t~ MODIFY v VARCHAR(20) DEFAULT (CONCAT('a b', 'x'))",
  ),
  change(
    'default expr nonascii',
    'COLUMNS.COLUMN_DEFAULT',
    "CREATE TABLE t~ (id INT PRIMARY KEY, v VARCHAR(20) DEFAULT (CONCAT('中', 'x')))",
    "ALTER TABLE t~ MODIFY v VARCHAR(20) DEFAULT (CONCAT('文', 'x'))",
  ),
  change(
    'default nonascii',
    'COLUMNS.COLUMN_DEFAULT',
    "CREATE TABLE t~ (id INT PRIMARY KEY, v VARCHAR(20) DEFAULT '中')",
    "ALTER TABLE t~ MODIFY v VARCHAR(20) DEFAULT '文'",
  ),
  change(
    'default emoji',
    'COLUMNS.COLUMN_DEFAULT',
    "CREATE TABLE t~ (id INT PRIMARY KEY, v VARCHAR(20) DEFAULT '😀')",
    "ALTER TABLE t~ MODIFY v VARCHAR(20) DEFAULT '😁'",
  ),
  change(
    'generated emoji',
    'COLUMNS.GENERATION_EXPRESSION',
    "CREATE TABLE t~ (id INT PRIMARY KEY, n VARCHAR(9) AS (CONCAT(id, '😀')))",
    "ALTER TABLE t~ MODIFY n VARCHAR(9) AS (CONCAT(id, '😁'))",
  ),
  change(
    'default bit',
    'COLUMNS.COLUMN_DEFAULT',
    "CREATE TABLE t~ (id INT PRIMARY KEY, v BIT(8) DEFAULT b'101')",
    "ALTER TABLE t~ MODIFY v BIT(8) DEFAULT b'100'",
  ),
  change(
    'default binary',
    'COLUMNS.COLUMN_DEFAULT',
    "CREATE TABLE t~ (id INT PRIMARY KEY, v VARBINARY(8) DEFAULT x'8081')",
    "ALTER TABLE t~ MODIFY v VARBINARY(8) DEFAULT x'8082'",
  ),
  change(
    'default binary zeros',
    'COLUMNS.COLUMN_DEFAULT',
    "CREATE TABLE t~ (id INT PRIMARY KEY, v BINARY(2) DEFAULT x'0001')",
    "ALTER TABLE t~ MODIFY v BINARY(2) DEFAULT x'0002'",
  ),
  change(
    'default enum',
    'COLUMNS.COLUMN_DEFAULT',
    "CREATE TABLE t~ (id INT PRIMARY KEY, v ENUM('a','b') DEFAULT 'a')",
    "ALTER TABLE t~ MODIFY v ENUM('a','b') DEFAULT 'b'",
  ),
  change(
    'default now',
    'COLUMNS.COLUMN_DEFAULT',
    'CREATE TABLE t~ (id INT PRIMARY KEY, d DATETIME DEFAULT NOW())',
    'ALTER TABLE t~ MODIFY d DATETIME',
  ),
  change(
    'default now(3)',
    'COLUMNS.DATETIME_PRECISION',
    'CREATE TABLE t~ (id INT PRIMARY KEY, d DATETIME(3) DEFAULT NOW(3))',
    'ALTER TABLE t~ MODIFY d DATETIME(6) DEFAULT NOW(6)',
  ),
  change(
    'generated virtual',
    'COLUMNS.GENERATION_EXPRESSION COLUMNS.IS_GENERATED',
    'CREATE TABLE t~ (id INT PRIMARY KEY, n INT AS (id + 1))',
    'ALTER TABLE t~ MODIFY n INT AS (id + 2)',
  ),
  change(
    'generated text',
    'COLUMNS.GENERATION_EXPRESSION',
    "CREATE TABLE t~ (id INT PRIMARY KEY, n VARCHAR(9) AS (CONCAT(id, 'a  b')))",
    "ALTER TABLE t~ MODIFY n VARCHAR(9) AS (CONCAT(id, 'a b'))",
  ),
  change(
    'generated nonascii',
    'COLUMNS.GENERATION_EXPRESSION',
    "CREATE TABLE t~ (id INT PRIMARY KEY, n VARCHAR(9) AS (CONCAT(id, '中')))",
    "ALTER TABLE t~ MODIFY n VARCHAR(9) AS (CONCAT(id, '文'))",
  ),
  change(
    'generated kind',
    'COLUMNS.EXTRA',
    'CREATE TABLE t~ (id INT PRIMARY KEY, n INT AS (id + 1) VIRTUAL)',
    'ALTER TABLE t~ DROP n; ALTER TABLE t~ ADD n INT AS (id + 1) STORED',
  ),
  change(
    'generated precedence',
    'COLUMNS.GENERATION_EXPRESSION',
    'CREATE TABLE t~ (id INT PRIMARY KEY, n INT AS ((id + 1) * 2))',
    'ALTER TABLE t~ MODIFY n INT AS (id + 1 * 2)',
  ),
  change(
    'not generated',
    'COLUMNS.GENERATION_EXPRESSION',
    'CREATE TABLE t~ (id INT PRIMARY KEY, n INT AS (id + 1) STORED)',
    'ALTER TABLE t~ MODIFY n INT',
  ),
];
