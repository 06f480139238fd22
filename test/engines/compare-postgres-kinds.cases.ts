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
];

export const kinds: readonly Kind[] = [...rows];
void RESPELLED;
void around;
