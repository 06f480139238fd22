/**
 * Databases that were once compared wrongly, one for each kind of mistake: `both` runs on both sides, then `source` and
 * `target`. Without `on` both are databases of PostgreSQL 18.
 */
export interface Kind {
  readonly name: string;
  readonly expect: 'same' | 'different';
  readonly on?: '17 and 18';
  readonly both?: string;
  readonly source?: string;
  readonly target?: string;
  /** with `different`: what is said to differ, by kind; `rows` for tables */
  readonly differs?: readonly string[];
}

/** As the server writes `s IN ('a', 'b')`, and what it makes of that once it was dumped and restored. */
const RESPELLED = "((s)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))";

const around = (text: string) => `
  CREATE TYPE e AS ENUM ('${text}');
  CREATE TABLE t (id int PRIMARY KEY, x e, s text DEFAULT '${text}');
  CREATE POLICY p ON t USING (s = '${text}');
  CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$SELECT '${text}'$$;
  CREATE VIEW v AS SELECT id, '${text}'::text AS x FROM t;`;

/** Whatever takes an expression, with a number in each; the event trigger fires for no table. */
const guarded = (n: number) => `
  CREATE TABLE t (id int PRIMARY KEY, x int DEFAULT (1 + ${n}), g int GENERATED ALWAYS AS (id * ${n}) STORED);
  CREATE POLICY p ON t USING (x > ${n}); CREATE VIEW v AS SELECT id FROM t WHERE x > ${n};
  CREATE MATERIALIZED VIEW m AS SELECT id FROM t WHERE x > ${n}; CREATE RULE r AS ON DELETE TO t WHERE old.x > ${n} DO INSTEAD NOTHING;
  CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
  CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW WHEN (new.x > ${n}) EXECUTE FUNCTION tf();
  CREATE TYPE s AS RANGE (subtype = ${n === 3 ? 'int4' : 'int8'});
  CREATE FUNCTION ef() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
  CREATE EVENT TRIGGER e ON ddl_command_start WHEN TAG IN ('CREATE ${n === 3 ? 'CAST' : 'DOMAIN'}') EXECUTE FUNCTION ef()`;

const rows: readonly Kind[] = [
  {
    name: 'a NOT NULL that is NOT VALID holds NULL',
    expect: 'different',
    differs: ['rows'],
    both: 'CREATE TABLE t (id int PRIMARY KEY, a int, b text)',
    source: "INSERT INTO t VALUES (1, NULL, 'x'); ALTER TABLE t ADD CONSTRAINT nn NOT NULL a NOT VALID",
    target: "INSERT INTO t VALUES (1, NULL, 'y'); ALTER TABLE t ADD CONSTRAINT nn NOT NULL a NOT VALID",
  },
  {
    name: 'a unique NOT NULL that is NOT VALID is no key',
    expect: 'different',
    differs: ['rows'],
    both: 'CREATE TABLE t (k int UNIQUE, v int)',
    source: 'INSERT INTO t VALUES (NULL, 1), (NULL, 2); ALTER TABLE t ADD CONSTRAINT nn NOT NULL k NOT VALID',
    target: 'INSERT INTO t VALUES (NULL, 1), (NULL, 3); ALTER TABLE t ADD CONSTRAINT nn NOT NULL k NOT VALID',
  },
  {
    name: 'a cast to text that loses something',
    expect: 'different',
    differs: ['rows'],
    both: `CREATE TYPE c AS (a int, b int); CREATE TABLE t (id int PRIMARY KEY, x c);
      CREATE FUNCTION c2t(c) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT ($1).a::text'; CREATE CAST (c AS text) WITH FUNCTION c2t(c)`,
    source: 'INSERT INTO t VALUES (1, ROW(1, 2))',
    target: 'INSERT INTO t VALUES (1, ROW(1, 99))',
  },
  {
    name: 'a cast to text that gives NULL',
    expect: 'different',
    differs: ['rows'],
    both: `CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE t (k e PRIMARY KEY, v e NOT NULL, w int);
      CREATE FUNCTION e2t(e) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT NULL::text'; CREATE CAST (e AS text) WITH FUNCTION e2t(e)`,
    source: "INSERT INTO t VALUES ('a', 'a', 1)",
    target: "INSERT INTO t VALUES ('a', 'b', 2)",
  },
  {
    name: 'a composite value of NULLs is not NULL',
    expect: 'different',
    differs: ['rows'],
    both: 'CREATE TYPE c AS (a int, b int); CREATE TABLE t (id int PRIMARY KEY, x c)',
    source: 'INSERT INTO t VALUES (1, ROW(NULL, NULL))',
    target: 'INSERT INTO t VALUES (1, NULL)',
  },
  {
    name: 'keys of types whose operators are in no path',
    expect: 'different',
    differs: ['rows'],
    both: `CREATE SCHEMA types; CREATE TYPE types.pair AS (a int, b int); CREATE DOMAIN types.small AS int CHECK (VALUE < 9);
      CREATE TYPE types.mood AS ENUM ('sad', 'glad'); CREATE TABLE t (p types.pair, s types.small, m types.mood, v int, PRIMARY KEY (p, s, m))`,
    source: "INSERT INTO t VALUES (ROW(1, 2), 3, 'sad', 4)",
    target: "INSERT INTO t VALUES (ROW(1, 2), 3, 'sad', 5)",
  },
  {
    name: 'rows without a column',
    expect: 'same',
    both: 'CREATE TABLE t (); INSERT INTO t DEFAULT VALUES; INSERT INTO t DEFAULT VALUES',
  },
  {
    name: 'fewer rows without a column',
    expect: 'different',
    differs: ['rows'],
    both: 'CREATE TABLE t (); INSERT INTO t DEFAULT VALUES',
    source: 'INSERT INTO t DEFAULT VALUES',
  },
  {
    name: 'stored values of a function that is another',
    expect: 'different',
    differs: ['rows', 'routine'],
    source: `CREATE FUNCTION f(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 + 1';
      CREATE TABLE t (id int PRIMARY KEY, g int GENERATED ALWAYS AS (f(id)) STORED); INSERT INTO t VALUES (1)`,
    target: `CREATE FUNCTION f(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 + 2';
      CREATE TABLE t (id int PRIMARY KEY, g int GENERATED ALWAYS AS (f(id)) STORED); INSERT INTO t VALUES (1)`,
  },
];

const objects: readonly Kind[] = [
  {
    name: 'white space in literals of definitions',
    expect: 'different',
    differs: ['column', 'policy', 'routine', 'type', 'view'],
    source: around('a  b'),
    target: around('a b'),
  },
  {
    name: 'white space in literals of definitions, across versions',
    expect: 'different',
    on: '17 and 18',
    differs: ['column', 'policy', 'routine', 'type', 'view'],
    source: around('a  b'),
    target: around('a b'),
  },
  {
    name: 'a list of texts that was dumped and restored',
    expect: 'same',
    source: `CREATE TABLE t (id int PRIMARY KEY, s varchar(10) CHECK (s IN ('a','b')), g bool GENERATED ALWAYS AS (s IN ('a','b')) STORED);
      CREATE INDEX ON t (id) WHERE s NOT IN ('a','b'); CREATE VIEW v AS SELECT id FROM t WHERE s IN ('a','b');
      CREATE POLICY p ON t USING (s IN ('a','b')); CREATE DOMAIN d AS varchar(10) CHECK (VALUE IN ('a','b'))`,
    target: `CREATE TABLE t (id int PRIMARY KEY, s varchar(10) CHECK ${RESPELLED}, g bool GENERATED ALWAYS AS ${RESPELLED} STORED);
      CREATE INDEX ON t (id) WHERE ${RESPELLED.replace('= ANY', '<> ALL')}; CREATE VIEW v AS SELECT id FROM t WHERE ${RESPELLED};
      CREATE POLICY p ON t USING ${RESPELLED}; CREATE DOMAIN d AS varchar(10) CHECK ${RESPELLED.replace('(s)', '(VALUE)')}`,
  },
  {
    name: 'another list of texts',
    expect: 'different',
    differs: ['constraint'],
    source: "CREATE TABLE t (id int PRIMARY KEY, s varchar(10) CHECK (s IN ('a','c')))",
    target: `CREATE TABLE t (id int PRIMARY KEY, s varchar(10) CHECK ${RESPELLED})`,
  },
  {
    name: 'what a partition has for itself',
    expect: 'different',
    differs: ['column', 'constraint', 'index'],
    both: `CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY, k int, f int) PARTITION BY RANGE (id);
      CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10)`,
    source: `CREATE UNIQUE INDEX ON t1 (k); ALTER TABLE t1 ADD CONSTRAINT c CHECK (k > 0), ALTER k SET DEFAULT 7, ALTER k SET NOT NULL,
      ADD FOREIGN KEY (f) REFERENCES p`,
  },
  {
    name: 'partitions of other names with the same',
    expect: 'same',
    both: `CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY, k int REFERENCES p, CHECK (k > 1)) PARTITION BY RANGE (id);
      CREATE INDEX ON t (k); CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
      CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()`,
    source: 'CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10); CREATE UNIQUE INDEX ON t1 (k)',
    target: 'CREATE TABLE other PARTITION OF t FOR VALUES FROM (0) TO (10); CREATE UNIQUE INDEX ON other (k)',
  },
  {
    name: 'foreign keys whose triggers are off',
    expect: 'different',
    differs: ['constraint'],
    both: 'CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY, r int REFERENCES p)',
    target: 'ALTER TABLE t DISABLE TRIGGER ALL; ALTER TABLE p DISABLE TRIGGER ALL',
  },
  {
    name: 'a unique index of the target alone',
    expect: 'different',
    differs: ['index'],
    both: 'CREATE TABLE t (id int PRIMARY KEY, s text)',
    target: 'CREATE UNIQUE INDEX u ON t (s)',
  },
  {
    name: 'another order of labels',
    expect: 'different',
    differs: ['type'],
    source: "CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE t (id int PRIMARY KEY, e e)",
    target: "CREATE TYPE e AS ENUM ('b', 'a'); CREATE TABLE t (id int PRIMARY KEY, e e)",
  },
  {
    name: 'a foreign key that is NOT VALID',
    expect: 'different',
    differs: ['constraint'],
    both: 'CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (id int PRIMARY KEY, r int)',
    source: 'ALTER TABLE t ADD FOREIGN KEY (r) REFERENCES p',
    target: 'ALTER TABLE t ADD FOREIGN KEY (r) REFERENCES p NOT VALID',
  },
  {
    name: 'C and C.UTF-8',
    expect: 'different',
    differs: ['column'],
    source: 'CREATE TABLE t (id int PRIMARY KEY, s text COLLATE "C")',
    target: `CREATE COLLATION "C.UTF-8" (provider = builtin, locale = 'C.UTF-8'); CREATE TABLE t (id int PRIMARY KEY, s text COLLATE "C.UTF-8")`,
  },
  {
    name: 'what all versions spell alike',
    expect: 'different',
    on: '17 and 18',
    differs: ['routine', 'trigger', 'type'],
    source: `CREATE TYPE e AS ENUM ('a', 'b'); CREATE DOMAIN d AS int CHECK (VALUE > 0); CREATE TABLE t (id int PRIMARY KEY, x int);
      CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';
      CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'; CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION tf()`,
    target: `CREATE TYPE e AS ENUM ('a'); CREATE DOMAIN d AS int CHECK (VALUE > -100); CREATE TABLE t (id int PRIMARY KEY, x int);
      CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 2; END';
      CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'; CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION tf();
      ALTER TABLE t DISABLE TRIGGER tr`,
  },
  {
    name: 'conditions, defaults and views, across versions',
    expect: 'different',
    on: '17 and 18',
    differs: ['column', 'event trigger', 'materialized view', 'policy', 'rule', 'trigger', 'type', 'view'],
    source: guarded(3),
    target: guarded(4),
  },
  {
    name: 'strings in which a backslash escapes',
    expect: 'same',
    both: "CREATE TABLE t (id int PRIMARY KEY, s text); INSERT INTO t VALUES (1, 'a\\b''c')",
    target:
      "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET standard_conforming_strings = off', current_database()); END $$",
  },
];

export const kinds: readonly Kind[] = [...rows, ...objects];
