/** What decides, besides rows, what happens after the switch; MariaDB can make every one of them. */

/** The same table, program or event on both sides, under a rule that makes it do something else after the switch. */
interface Case {
  readonly name: string;
  readonly source: string;
  readonly target: string;
  /** what is said of it */
  readonly told: RegExp;
  /** another target that does what the source does; the source's own statements where left out */
  readonly twin?: string;
  /** before both sides */
  readonly first?: string;
}

export const VIEW = 'VIEW v AS SELECT id FROM t WHERE id > 0';
export const PROCEDURE = 'PROCEDURE p() SELECT 1';
export const trigger = (name: string, more = '') =>
  `CREATE TRIGGER ${name} BEFORE INSERT ON t FOR EACH ROW ${more} SET @x = 1`;
export const event = (more: string) => `CREATE EVENT e ON SCHEDULE ${more} DO SELECT 1`;
const ranges = (most: string) =>
  `CREATE TABLE p (id int PRIMARY KEY) PARTITION BY RANGE (id) (PARTITION a VALUES LESS THAN (10), PARTITION b VALUES LESS THAN ${most})`;

export const cases: readonly Case[] = [
  {
    name: 'the collation of a unique column',
    source: 'CREATE TABLE c (a varchar(9) COLLATE utf8mb4_bin, UNIQUE (a))',
    target: 'CREATE TABLE c (a varchar(9) COLLATE utf8mb4_general_ci, UNIQUE (a))',
    told: /^column c: a: .*utf8mb4_bin.*utf8mb4_general_ci/,
    twin: 'CREATE TABLE c (a varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, CONSTRAINT other UNIQUE (a))',
  },
  {
    name: 'the collation of a column between two of one product',
    source: 'CREATE TABLE c (a varchar(9) COLLATE utf8mb4_general_ci)',
    target: 'CREATE TABLE c (a varchar(9) COLLATE utf8mb4_unicode_ci)',
    told: /^column c: a: .*general_ci.*unicode_ci/,
  },
  {
    name: 'a column that is not shown',
    source: 'CREATE TABLE c (a int, b int INVISIBLE)',
    target: 'CREATE TABLE c (a int, b int)',
    told: /^column c: b/,
  },
  {
    name: 'a column that no longer numbers itself',
    source: 'CREATE TABLE c (id int PRIMARY KEY AUTO_INCREMENT)',
    target: 'CREATE TABLE c (id int PRIMARY KEY)',
    told: /^column c: id: .*auto_increment/i,
  },
  {
    name: 'blanks in a text of a view',
    source: "CREATE VIEW w AS SELECT 'a  b' AS x",
    target: "CREATE VIEW w AS SELECT 'a b' AS x",
    told: /^view w/,
    twin: "CREATE VIEW w AS SELECT   'a  b'   AS x",
  },
  {
    name: 'a name within a text, and where the line of a comment ends',
    source: "CREATE PROCEDURE p() BEGIN -- note\n SELECT '`lab`.t'; END",
    target: "CREATE PROCEDURE p() BEGIN -- note SELECT '`lab`.t';\n END",
    told: /^routine procedure p/,
  },
  {
    name: 'the order of columns',
    source: 'CREATE TABLE c (a int, b int, d int)',
    target: 'CREATE TABLE c (a int, d int, b int)',
    told: /^options c: order of columns: source: a, b, d; target: a, d, b/,
  },
  {
    name: 'how far partitions go',
    source: ranges('MAXVALUE'),
    target: ranges('(20)'),
    told: /^options p: .*b maxvalue.*b 20/,
    twin: 'CREATE TABLE p (id int PRIMARY KEY) PARTITION BY RANGE (`id`) (PARTITION a VALUES LESS THAN (5 + 5), PARTITION b VALUES LESS THAN MAXVALUE)',
  },
  {
    name: 'what partitions go by',
    source: 'CREATE TABLE p (id int, d int, PRIMARY KEY (id, d)) PARTITION BY HASH (id) PARTITIONS 4',
    target: 'CREATE TABLE p (id int, d int, PRIMARY KEY (id, d)) PARTITION BY HASH (d) PARTITIONS 4',
    told: /^options p: .*HASH \(id\).*HASH \(d\)/,
  },
  {
    name: 'a list of values in a partition',
    source: "CREATE TABLE p (a varchar(9)) PARTITION BY LIST COLUMNS (a) (PARTITION x VALUES IN ('a', 'A b'))",
    target: "CREATE TABLE p (a varchar(9)) PARTITION BY LIST COLUMNS (a) (PARTITION x VALUES IN ('a', 'Ab'))",
    told: /^options p: .*'A b'.*'Ab'/,
  },
  {
    name: 'no partitions',
    source: ranges('MAXVALUE'),
    target: 'CREATE TABLE p (id int PRIMARY KEY)',
    told: /^options p: source: PARTITION BY RANGE.*target: PARTITION BY none/,
  },
  {
    name: 'the storage engine',
    source: 'CREATE TABLE c (a int PRIMARY KEY) ENGINE = InnoDB',
    target: 'CREATE TABLE c (a int PRIMARY KEY) ENGINE = MyISAM',
    told: /^options c: source: ENGINE InnoDB; target: ENGINE MyISAM/,
    twin: 'CREATE TABLE c (a int PRIMARY KEY) ENGINE = InnoDB ROW_FORMAT = COMPACT COMMENT "x"',
  },
  {
    name: 'the step of a sequence',
    source: 'CREATE SEQUENCE s INCREMENT 1',
    target: 'CREATE SEQUENCE s INCREMENT 10',
    told: /^sequence s: source: INCREMENT 1; target: INCREMENT 10/,
    twin: 'CREATE SEQUENCE s INCREMENT 1 CACHE 50',
  },
  {
    name: 'the end of a sequence',
    source: 'CREATE SEQUENCE s NOCACHE',
    target: 'CREATE SEQUENCE s MAXVALUE 3 CYCLE NOCACHE',
    told: /^sequence s: source: .*CYCLE no; target: MAXVALUE 3, CYCLE yes/,
    twin: 'CREATE SEQUENCE s MAXVALUE 9223372036854775806 NOCYCLE NOCACHE',
  },
  {
    name: 'the check of a view',
    source: `CREATE ${VIEW} WITH CHECK OPTION`,
    target: `CREATE ${VIEW}`,
    told: /^view v: source: CHECK OPTION CASCADED; target: CHECK OPTION NONE/,
    twin: `CREATE ${VIEW} WITH CASCADED CHECK OPTION`,
  },
  {
    name: 'a view that cannot be written through',
    source: `CREATE ${VIEW}`,
    target: `CREATE ALGORITHM = TEMPTABLE ${VIEW}`,
    told: /^view v: source: updatable YES; target: updatable NO/,
    twin: `CREATE ALGORITHM = MERGE ${VIEW}`,
  },
  {
    name: 'whose rights a view uses',
    source: `CREATE SQL SECURITY INVOKER ${VIEW}`,
    target: `CREATE ${VIEW}`,
    told: /^view v: source: SQL SECURITY INVOKER; target: SQL SECURITY DEFINER/,
    twin: `CREATE DEFINER = other@'%' SQL SECURITY INVOKER ${VIEW}`,
  },
  {
    name: 'a definer of a view who does not exist',
    source: `CREATE ${VIEW}`,
    target: `CREATE DEFINER = nobody@'%' ${VIEW}`,
    told: /^view v: .* has no account nobody@%, its definer/,
    twin: `CREATE DEFINER = other@'%' ${VIEW}`,
  },
  {
    name: 'a definer of a routine who does not exist',
    source: `CREATE ${PROCEDURE}`,
    target: `CREATE DEFINER = nobody@'%' ${PROCEDURE}`,
    told: /^routine procedure p: .* has no account nobody@%/,
    twin: `CREATE DEFINER = some_role ${PROCEDURE}`,
  },
  {
    name: 'a definer of a trigger who does not exist',
    source: trigger('a1'),
    target: trigger('a1').replace('CREATE', "CREATE DEFINER = nobody@'%'"),
    told: /^trigger t: a1: .* has no account nobody@%/,
    twin: trigger('a1').replace('CREATE', "CREATE DEFINER = other@'10.1.2.3'"),
  },
  {
    name: 'a definer of an event who does not exist',
    source: event("EVERY 1 DAY STARTS '2024-05-06 02:00:00'"),
    target: event("EVERY 1 DAY STARTS '2024-05-06 02:00:00'").replace('CREATE', "CREATE DEFINER = nobody@'%'"),
    told: /^event e: .* has no account nobody@%/,
  },
  {
    name: 'whose rights a routine uses',
    source: 'CREATE PROCEDURE p() SQL SECURITY INVOKER SELECT 1',
    target: `CREATE ${PROCEDURE}`,
    told: /^routine procedure p: source: SQL SECURITY INVOKER; target: SQL SECURITY DEFINER/,
    twin: "CREATE DEFINER = nobody@'%' PROCEDURE p() SQL SECURITY INVOKER SELECT 1",
  },
  {
    name: 'the sql_mode of a routine',
    source: "SET sql_mode = ''; CREATE PROCEDURE p() SELECT 'a' || 'b'",
    target: "SET sql_mode = 'PIPES_AS_CONCAT'; CREATE PROCEDURE p() SELECT 'a' || 'b'",
    told: /^routine procedure p: source: sql_mode ''; target: sql_mode PIPES_AS_CONCAT/,
    twin: "SET sql_mode = 'NO_AUTO_CREATE_USER'; CREATE PROCEDURE p() SELECT 'a' || 'b'",
  },
  {
    name: 'the sql_mode of a trigger',
    source: `SET sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE'; ${trigger('a1')}`,
    target: `SET sql_mode = ''; ${trigger('a1')}`,
    told: /^trigger t: a1: source: sql_mode NO_ZERO_DATE,STRICT_ALL_TABLES; target: sql_mode ''/,
    twin: `SET sql_mode = 'NO_ZERO_DATE,STRICT_ALL_TABLES'; ${trigger('a1')}`,
  },
  {
    name: 'the sql_mode of an event',
    source: `SET sql_mode = 'ANSI_QUOTES'; ${event("EVERY 1 DAY STARTS '2024-05-06 02:00:00'")}`,
    target: `SET sql_mode = ''; ${event("EVERY 1 DAY STARTS '2024-05-06 02:00:00'")}`,
    told: /^event e: source: sql_mode ANSI_QUOTES; target: sql_mode ''/,
  },
  {
    name: 'what variables of a routine compare by',
    source:
      'ALTER DATABASE lab COLLATE utf8mb4_bin; CREATE PROCEDURE p() SELECT 1; ALTER DATABASE lab COLLATE utf8mb4_general_ci',
    target: 'CREATE PROCEDURE p() SELECT 1',
    told: /^routine procedure p: source: database COLLATE utf8mb4_bin; target: database COLLATE utf8mb4_general_ci/,
    twin: 'ALTER DATABASE lab COLLATE utf8mb4_bin; CREATE PROCEDURE p() SELECT 1; ALTER DATABASE lab COLLATE utf8mb4_general_ci',
  },
  {
    name: 'a routine said to be deterministic',
    source: 'CREATE FUNCTION f() RETURNS int DETERMINISTIC RETURN 1',
    target: 'CREATE FUNCTION f() RETURNS int NO SQL RETURN 1',
    told: /^routine function f: source: DETERMINISTIC YES/,
  },
  {
    name: 'the order of triggers',
    source: `${trigger('a1')}; ${trigger('a2')}`,
    target: `${trigger('a2')}; ${trigger('a1')}`,
    told: /^trigger t: a1: source: FOLLOWS nothing; target: FOLLOWS a2/,
    twin: `${trigger('a2')}; ${trigger('a1', 'PRECEDES a2')}`,
  },
  {
    name: 'when an event begins',
    source: event("EVERY 1 DAY STARTS '2024-05-06 02:00:00'"),
    target: event("EVERY 1 DAY STARTS '2024-05-06 14:00:00'"),
    told: /^event e: source: STARTS 2024-05-06 02:00:00; target: STARTS 2024-05-06 14:00:00/,
  },
  {
    name: 'when an event of every minute begins',
    source: event("EVERY 1 MINUTE STARTS '2024-05-06 02:00:00'"),
    target: event("EVERY 1 MINUTE STARTS '2035-05-06 14:00:00'"),
    told: /^event e: source: STARTS begun; target: STARTS 2035/,
    twin: event("EVERY 1 MINUTE STARTS '2024-05-06 02:00:17'"),
  },
  {
    name: 'the time zone of an event',
    source: `SET time_zone = '+08:00'; ${event("EVERY 1 DAY STARTS '2030-01-01 00:00:00'")}`,
    target: `SET time_zone = '+00:00'; ${event("EVERY 1 DAY STARTS '2030-01-01 00:00:00'")}`,
    told: /^event e: source: time zone \+08:00; target: time zone \+00:00/,
  },
  {
    name: 'when an event ends',
    source: event("EVERY 1 DAY STARTS '2030-01-01 00:00:00'"),
    target: event("EVERY 1 DAY STARTS '2030-01-01 00:00:00' ENDS '2031-01-01 00:00:00'"),
    told: /^event e: source: ENDS; target: ENDS 2031/,
  },
  {
    name: 'an event that runs on the target only',
    source: event("EVERY 1 DAY STARTS '2030-01-01 00:00:00' DISABLE"),
    target: event("EVERY 1 DAY STARTS '2030-01-01 00:00:00'"),
    told: /^event e: source: STATUS DISABLE; target: STATUS ENABLE/,
    twin: event("EVERY 1 DAY STARTS '2030-01-01 00:00:00' DISABLE ON SLAVE"),
  },
  {
    name: 'a foreign key to another database',
    first: 'CREATE TABLE lab_other.t (id int PRIMARY KEY)',
    source: 'CREATE TABLE k (id int, FOREIGN KEY (id) REFERENCES lab_other.t (id))',
    target: 'CREATE TABLE k (id int, FOREIGN KEY (id) REFERENCES t (id))',
    told: /^constraint k: foreign key \(id\) -> (lab_other\.)?t \(id\)$/,
    twin: 'CREATE TABLE k (id int, CONSTRAINT named FOREIGN KEY (id) REFERENCES lab_other.t (id) ON DELETE NO ACTION)',
  },
  {
    name: 'what a foreign key does',
    source: 'CREATE TABLE k (id int, FOREIGN KEY (id) REFERENCES t (id) ON DELETE CASCADE)',
    target: 'CREATE TABLE k (id int, FOREIGN KEY (id) REFERENCES t (id))',
    told: /^constraint k: foreign key \(id\) -> t \(id\): The definitions differ/,
  },
  {
    name: 'the direction of an index',
    source: 'CREATE INDEX x ON t (v, id DESC)',
    target: 'CREATE INDEX x ON t (v, id)',
    told: /^index t: btree \(v, id\): source: order \(v, id DESC\)/,
    twin: 'CREATE INDEX another ON t (v ASC, id DESC)',
  },
  {
    name: 'an index that no query uses',
    source: 'CREATE INDEX x ON t (v)',
    target: 'CREATE INDEX x ON t (v) IGNORED',
    told: /^index t: btree \(v\): source: used by queries yes/,
  },
  {
    name: 'the default collation of the database',
    source: 'ALTER DATABASE lab COLLATE utf8mb4_bin',
    target: 'ALTER DATABASE lab COLLATE utf8mb4_general_ci',
    told: /^options database: source: COLLATE utf8mb4_bin; target: COLLATE utf8mb4_general_ci/,
  },
];
