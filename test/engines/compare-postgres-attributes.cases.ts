/** A change of each attribute that is compared; `{n}` is replaced by a name of its own. What differs is found by that name. */
export interface Plant {
  /** `catalog.attribute`, or several of a catalog as `catalog.one, two` */
  readonly of: readonly string[];
  readonly both?: string;
  readonly source: string;
  readonly target: string;
}

const TABLE = 'CREATE TABLE {n} (id int PRIMARY KEY, x int, s text)';
const change = (of: string, source: string, target: string, both = TABLE): Plant => ({
  of: [of],
  both,
  source: source === '' ? '' : `ALTER TABLE {n} ${source}`,
  target: target === '' ? '' : `ALTER TABLE {n} ${target}`,
});
const instead = (of: string, source: string, target: string, both?: string): Plant => ({
  ...{ of: [of], source, target },
  ...(both === undefined ? {} : { both }),
});
const made = (of: string, sql: string, from: string, to: string, both?: string): Plant =>
  instead(
    of,
    sql.replace('{?}', () => from),
    sql.replace('{?}', () => to),
    both,
  );

const PARTS = 'CREATE TABLE {n} (id int, s text COLLATE "C") PARTITION BY {?}';
const REFERS =
  'CREATE TABLE {n}p (a int, b int, PRIMARY KEY (a, b), UNIQUE (b, a)); CREATE TABLE {n} (a int, b int DEFAULT 1)';
const key = (from: string, to: string, of: string): Plant =>
  change(of, `ADD FOREIGN KEY (a, b) REFERENCES {n}p ${from}`, `ADD FOREIGN KEY (a, b) REFERENCES {n}p ${to}`, REFERS);
const FUNCTION = 'CREATE FUNCTION {n}(a int) RETURNS int LANGUAGE sql {?} AS $$SELECT 1$$';
const AGGREGATE = "CREATE AGGREGATE {n}(int) (sfunc = int4pl, stype = int, initcond = '0'{?})";
const TRIGGER = `${TABLE}; CREATE FUNCTION {n}f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'`;
const trigger = (of: string, from: string, to: string): Plant => made(of, 'CREATE {?}', from, to, TRIGGER);
const POLICY = 'CREATE POLICY {n} ON {n} {?}';
const RULE = 'CREATE RULE r AS ON {?}';

export const plants: readonly Plant[] = [
  instead(
    'pg_class.relname, relnamespace, relkind',
    'CREATE VIEW {n} AS SELECT 1 AS id',
    'CREATE VIEW {n}_other AS SELECT 1 AS id',
  ),
  change('pg_class.relpersistence', '', 'SET UNLOGGED'),
  change('pg_class.relrowsecurity', 'ENABLE ROW LEVEL SECURITY', ''),
  change('pg_class.relforcerowsecurity', 'FORCE ROW LEVEL SECURITY', ''),
  made('pg_class.relispopulated', 'CREATE MATERIALIZED VIEW {n} AS SELECT 1 AS id {?}', 'WITH DATA', 'WITH NO DATA'),
  made(
    'pg_class.relpartbound, relispartition',
    `CREATE TABLE {n} (id int) PARTITION BY RANGE (id); CREATE TABLE {n}1 PARTITION OF {n} FOR VALUES FROM (0) TO ({?})`,
    '9',
    '10',
  ),
  made('pg_attribute.attname', 'CREATE TABLE {n} (id int, {?} int)', 'a', 'b'),
  made('pg_attribute.atttypid', 'CREATE TABLE {n} (id int, a {?})', 'int', 'smallint'),
  made('pg_attribute.atttypmod', 'CREATE TABLE {n} (id int, a varchar({?}))', '9', '8'),
  change('pg_attribute.attnotnull', 'ALTER x SET NOT NULL', ''),
  change('pg_attribute.atthasdef', 'ALTER x SET DEFAULT 1', ''),
  made('pg_attribute.attidentity', 'CREATE TABLE {n} (id int GENERATED {?} AS IDENTITY)', 'ALWAYS', 'BY DEFAULT'),
  made('pg_attribute.attgenerated', 'CREATE TABLE {n} (id int, g int {?})', 'GENERATED ALWAYS AS (id + 1) STORED', ''),
  made('pg_attribute.attcollation', 'CREATE TABLE {n} (id int, s text COLLATE {?})', '"C"', '"default"'),
  change('pg_attrdef.adbin, adsrc', 'ALTER x SET DEFAULT 1 + 1', 'ALTER x SET DEFAULT 1 + 2'),
  change('pg_constraint.contype', 'ADD CHECK (x > 0)', ''),
  change('pg_constraint.condeferrable', 'ADD UNIQUE (x) DEFERRABLE', 'ADD UNIQUE (x)'),
  change('pg_constraint.condeferred', 'ADD UNIQUE (x) DEFERRABLE INITIALLY DEFERRED', 'ADD UNIQUE (x) DEFERRABLE'),
  change('pg_constraint.convalidated', 'ADD CHECK (x > 0)', 'ADD CHECK (x > 0) NOT VALID'),
  change(
    'pg_constraint.confrelid',
    'ADD FOREIGN KEY (x) REFERENCES {n}',
    'ADD FOREIGN KEY (x) REFERENCES {n}o',
    `${TABLE}; CREATE TABLE {n}o (id int PRIMARY KEY)`,
  ),
  key('ON UPDATE CASCADE', '', 'pg_constraint.confupdtype'),
  key('ON DELETE CASCADE', '', 'pg_constraint.confdeltype'),
  key('MATCH FULL', '', 'pg_constraint.confmatchtype'),
  key('ON DELETE SET NULL', 'ON DELETE SET NULL (b)', 'pg_constraint.confdelsetcols'),
  key('', '(b, a)', 'pg_constraint.confkey'),
  change('pg_constraint.connoinherit', 'ADD CHECK (x > 0) NO INHERIT', 'ADD CHECK (x > 0)'),
  change('pg_constraint.conkey', 'ADD UNIQUE (x, s)', 'ADD UNIQUE (s, x)'),
  change('pg_constraint.conbin, consrc', 'ADD CHECK (x > 0)', 'ADD CHECK (x > 1)'),
  change(
    'pg_constraint.conexclop',
    'ADD EXCLUDE USING gist (r WITH &&)',
    'ADD EXCLUDE USING gist (r WITH =)',
    'CREATE TABLE {n} (r int4range)',
  ),
  change('pg_constraint.conenforced', 'ADD CHECK (x > 0)', 'ADD CHECK (x > 0) NOT ENFORCED'),
  change(
    'pg_constraint.conperiod',
    'ADD UNIQUE (p, r WITHOUT OVERLAPS)',
    'ADD UNIQUE (p, r)',
    'CREATE TABLE {n} (p int4range, r int4range)',
  ),
  ...(
    [
      ['indrelid, indnatts, indkey', '(x)', '(s)'],
      ['indnkeyatts', '(x) INCLUDE (s)', '(x, s)'],
      ['indnullsnotdistinct', '(x) NULLS NOT DISTINCT', '(x)', 'UNIQUE '],
      ['indcollation', '(s COLLATE "C")', '(s COLLATE "POSIX")'],
      ['indclass', '(s text_pattern_ops)', '(s)'],
      ['indoption', '(x DESC)', '(x)'],
      ['indexprs', '((x + 1))', '((x + 2))'],
      ['indpred', '(x) WHERE x > 1', '(x) WHERE x > 2'],
    ] as const
  ).map(([of, from, to, unique = '']) => made(`pg_index.${of}`, `CREATE ${unique}INDEX ON {n} {?}`, from, to, TABLE)),
  instead('pg_index.indisunique', 'CREATE UNIQUE INDEX ON {n} (x)', 'CREATE INDEX ON {n} (x)', TABLE),
  change('pg_index.indisprimary', 'ADD PRIMARY KEY (id)', 'ADD UNIQUE (id)', 'CREATE TABLE {n} (id int NOT NULL)'),
  change('pg_index.indisexclusion, indimmediate', 'ADD EXCLUDE (x WITH =)', 'ADD UNIQUE (x)'),
  instead(
    'pg_index.indisvalid',
    '',
    "UPDATE pg_index SET indisvalid = false WHERE indexrelid = '{n}i'::regclass",
    `${TABLE}; CREATE INDEX {n}i ON {n} (x)`,
  ),
  trigger(
    'pg_trigger.tgrelid, tgname',
    'TRIGGER a BEFORE INSERT ON {n} FOR EACH ROW EXECUTE FUNCTION {n}f()',
    'TRIGGER b BEFORE INSERT ON {n} FOR EACH ROW EXECUTE FUNCTION {n}f()',
  ),
  ...(
    [
      ['tgfoid', 'BEFORE INSERT ON {n}', 'BEFORE INSERT ON {n}', '{n}f()', '{n}g()'],
      ['tgtype', 'BEFORE INSERT ON {n}', 'AFTER INSERT ON {n}'],
      ['tgattr', 'BEFORE UPDATE OF x ON {n}', 'BEFORE UPDATE OF s ON {n}'],
      ['tgnargs, tgargs', 'BEFORE INSERT ON {n}', 'BEFORE INSERT ON {n}', "{n}f('a')", "{n}f('b')"],
      [
        'tgqual',
        'BEFORE UPDATE ON {n}',
        'BEFORE UPDATE ON {n}',
        '{n}f()',
        '{n}f()',
        'FOR EACH ROW WHEN (new.x > 1)',
        'FOR EACH ROW WHEN (new.x > 2)',
      ],
      [
        'tgoldtable, tgnewtable',
        'AFTER UPDATE ON {n} REFERENCING OLD TABLE AS o',
        'AFTER UPDATE ON {n} REFERENCING NEW TABLE AS o',
      ],
    ] as const
  ).map(([of, from, to, call = '{n}f()', other = call, each = 'FOR EACH ROW', otherwise = each]) =>
    instead(
      `pg_trigger.${of}`,
      `CREATE TRIGGER a ${from} ${each} EXECUTE FUNCTION ${call}`,
      `CREATE TRIGGER a ${to} ${otherwise} EXECUTE FUNCTION ${other}`,
      `${TRIGGER}; CREATE FUNCTION {n}g() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END'`,
    ),
  ),
  change(
    'pg_trigger.tgenabled',
    '',
    'DISABLE TRIGGER a',
    `${TRIGGER}; CREATE TRIGGER a BEFORE INSERT ON {n} FOR EACH ROW EXECUTE FUNCTION {n}f()`,
  ),
  ...(
    [
      ['tgconstrrelid', 'FROM {n}o', ''],
      ['tgdeferrable', 'DEFERRABLE', ''],
      ['tginitdeferred', 'DEFERRABLE INITIALLY DEFERRED', 'DEFERRABLE'],
    ] as const
  ).map(([of, from, to]) =>
    made(
      `pg_trigger.${of}`,
      'CREATE CONSTRAINT TRIGGER a AFTER INSERT ON {n} {?} FOR EACH ROW EXECUTE FUNCTION {n}f()',
      from,
      to,
      `${TRIGGER}; CREATE TABLE {n}o (id int)`,
    ),
  ),
  ...(
    [
      ['procost', 'COST 7'],
      ['prosecdef', 'SECURITY DEFINER'],
      ['proleakproof', 'LEAKPROOF'],
      ['proisstrict', 'STRICT'],
      ['provolatile', 'IMMUTABLE'],
      ['proparallel', 'PARALLEL SAFE'],
      ['proconfig', "SET work_mem = '8MB'"],
    ] as const
  ).map(([of, option]) => made(`pg_proc.${of}`, FUNCTION, option, '')),
  instead(
    'pg_proc.proname, pronamespace, pronargs, proargtypes',
    'CREATE FUNCTION {n}(a int) RETURNS int LANGUAGE sql AS $$SELECT 1$$',
    'CREATE FUNCTION {n}(a text) RETURNS int LANGUAGE sql AS $$SELECT 1$$',
  ),
  made('pg_proc.prosrc', 'CREATE FUNCTION {n}() RETURNS int LANGUAGE sql AS $${?}$$', 'SELECT 1', 'SELECT 2'),
  made('pg_proc.prosqlbody', 'CREATE FUNCTION {n}() RETURNS int LANGUAGE sql RETURN {?}', '1', '2'),
  made(
    'pg_proc.prolang',
    'CREATE FUNCTION {n}() RETURNS int LANGUAGE {?}',
    'sql AS $$SELECT 1$$',
    'plpgsql AS $$BEGIN RETURN 1; END$$',
  ),
  made(
    'pg_proc.prorettype, proretset',
    'CREATE FUNCTION {n}() RETURNS {?} LANGUAGE sql AS $$SELECT 1$$',
    'int',
    'SETOF int',
  ),
  made('pg_proc.prorows', 'CREATE FUNCTION {n}() RETURNS SETOF int LANGUAGE sql ROWS {?} AS $$SELECT 1$$', '5', '6'),
  made('pg_proc.proargnames', 'CREATE FUNCTION {n}({?} int) RETURNS int LANGUAGE sql AS $$SELECT 1$$', 'a', 'b'),
  made(
    'pg_proc.pronargdefaults, proargdefaults',
    'CREATE FUNCTION {n}(a int DEFAULT {?}) RETURNS int LANGUAGE sql AS $$SELECT 1$$',
    '1',
    '2',
  ),
  made(
    'pg_proc.proallargtypes, proargmodes',
    'CREATE FUNCTION {n}(a int, OUT b {?}, OUT c int) LANGUAGE sql AS $$SELECT 1, 1$$',
    'int',
    'bigint',
  ),
  made(
    'pg_proc.provariadic',
    'CREATE FUNCTION {n}({?} a int[]) RETURNS int LANGUAGE sql AS $$SELECT 1$$',
    'VARIADIC',
    '',
  ),
  instead(
    'pg_proc.prokind, proisagg, proiswindow',
    'CREATE FUNCTION {n}() RETURNS void LANGUAGE sql AS $$SELECT$$',
    'CREATE PROCEDURE {n}() LANGUAGE sql AS $$SELECT$$',
  ),
  instead(
    'pg_aggregate.aggfnoid, aggtransfn',
    AGGREGATE.replace('{?}', ''),
    AGGREGATE.replace('{?}', '').replace('int4pl', 'int4mul'),
  ),
  instead('pg_aggregate.agginitval', AGGREGATE.replace('{?}', ''), AGGREGATE.replace('{?}', '').replace("'0'", "'1'")),
  made('pg_aggregate.aggfinalfn', AGGREGATE, ', finalfunc = int4up', ''),
  made('pg_aggregate.aggcombinefn', AGGREGATE, ', combinefunc = int4pl', ''),
  made('pg_aggregate.aggsortop', AGGREGATE, ', sortop = <', ''),
  made(
    'pg_aggregate.aggmtransfn, aggminvtransfn, aggmtranstype, aggminitval',
    AGGREGATE,
    ", msfunc = int4pl, minvfunc = int4mi, mstype = int, minitcond = '0'",
    '',
  ),
  made('pg_type.typbasetype', 'CREATE DOMAIN {n} AS {?}', 'int', 'bigint'),
  made('pg_type.typname, typnamespace, typtype', 'CREATE DOMAIN {n}{?} AS int', '', '_other'),
  made('pg_type.typtypmod', 'CREATE DOMAIN {n} AS varchar({?})', '8', '9'),
  made('pg_type.typnotnull', 'CREATE DOMAIN {n} AS int {?}', 'NOT NULL', ''),
  made('pg_type.typcollation', 'CREATE DOMAIN {n} AS text {?}', 'COLLATE "C"', ''),
  made('pg_type.typdefault, typdefaultbin', 'CREATE DOMAIN {n} AS int DEFAULT {?}', '1', '2'),
  made('pg_enum.enumtypid, enumlabel', "CREATE TYPE {n} AS ENUM ('a', '{?}')", 'b', 'c'),
  made('pg_enum.enumsortorder', 'CREATE TYPE {n} AS ENUM ({?})', "'a', 'b'", "'b', 'a'"),
  made('pg_range.rngtypid, rngsubtype', 'CREATE TYPE {n} AS RANGE (subtype = {?})', 'int4', 'int8'),
  made('pg_range.rngcollation', 'CREATE TYPE {n} AS RANGE (subtype = text, collation = {?})', '"C"', '"POSIX"'),
  made(
    'pg_range.rngsubopc',
    'CREATE TYPE {n} AS RANGE (subtype = text{?})',
    ', subtype_opclass = text_pattern_ops',
    '',
  ),
  made('pg_range.rngsubdiff', 'CREATE TYPE {n} AS RANGE (subtype = float8{?})', ', subtype_diff = float8mi', ''),
  made('pg_range.rngmultitypid', 'CREATE TYPE {n} AS RANGE (subtype = int4, multirange_type_name = {n}{?})', 'a', 'b'),
  made('pg_sequence.seqrelid, seqincrement', 'CREATE SEQUENCE {n} INCREMENT {?}', '1', '2'),
  made('pg_sequence.seqtypid', 'CREATE SEQUENCE {n} AS {?}', 'bigint', 'int'),
  made('pg_sequence.seqmax', 'CREATE SEQUENCE {n} MAXVALUE {?}', '99', '98'),
  made('pg_sequence.seqmin', 'CREATE SEQUENCE {n} MINVALUE {?} START 5', '1', '2'),
  made('pg_sequence.seqcycle', 'CREATE SEQUENCE {n} {?}', 'CYCLE', ''),
  ...(
    [
      ['polname, polrelid, polcmd', 'FOR SELECT USING (true)', 'FOR DELETE USING (true)'],
      ['polpermissive', 'AS RESTRICTIVE USING (true)', 'USING (true)'],
      ['polroles', 'TO postgres USING (true)', 'USING (true)'],
      ['polqual', 'USING (x > 1)', 'USING (x > 2)'],
      ['polwithcheck', 'WITH CHECK (x > 1)', 'WITH CHECK (x > 2)'],
    ] as const
  ).map(([of, from, to]) => made(`pg_policy.${of}`, POLICY, from, to, TABLE)),
  ...(
    [
      ['rulename, ev_class, ev_type', 'INSERT TO {n} DO ALSO NOTHING', 'DELETE TO {n} DO ALSO NOTHING'],
      ['is_instead', 'DELETE TO {n} DO INSTEAD SELECT 1', 'DELETE TO {n} DO ALSO SELECT 1'],
      [
        'ev_qual',
        'DELETE TO {n} WHERE old.x > 1 DO INSTEAD NOTHING',
        'DELETE TO {n} WHERE old.x > 2 DO INSTEAD NOTHING',
      ],
      ['ev_action', 'DELETE TO {n} DO ALSO SELECT 1', 'DELETE TO {n} DO ALSO SELECT 2'],
    ] as const
  ).map(([of, from, to]) => made(`pg_rewrite.${of}`, RULE, from, to, TABLE)),
  change('pg_rewrite.ev_enabled', '', 'DISABLE RULE r', `${TABLE}; CREATE RULE r AS ON DELETE TO {n} DO ALSO NOTHING`),
  change('pg_inherits.inhrelid, inhparent', 'INHERIT {n}p', '', 'CREATE TABLE {n}p (x int); CREATE TABLE {n} (x int)'),
  made(
    'pg_inherits.inhseqno',
    'CREATE TABLE {n} () INHERITS ({?})',
    '{n}p, {n}q',
    '{n}q, {n}p',
    'CREATE TABLE {n}p (x int); CREATE TABLE {n}q (x int)',
  ),
  made('pg_partitioned_table.partrelid, partstrat', PARTS, 'RANGE (id)', 'HASH (id)'),
  made('pg_partitioned_table.partnatts, partattrs', PARTS, 'RANGE (id)', 'RANGE (id, s)'),
  made('pg_partitioned_table.partclass', PARTS, 'RANGE (s text_pattern_ops)', 'RANGE (s)'),
  made('pg_partitioned_table.partcollation', PARTS, 'RANGE (s COLLATE "POSIX")', 'RANGE (s)'),
  made('pg_partitioned_table.partexprs', PARTS, 'RANGE ((id + 1))', 'RANGE ((id + 2))'),
  made(
    'pg_partitioned_table.partdefid',
    `${PARTS.replace('{?}', 'RANGE (id)')}{?}`,
    '; CREATE TABLE {n}d PARTITION OF {n} DEFAULT',
    '',
  ),
  ...(
    [
      [
        'evtname, evtfoid',
        'e{n} ON ddl_command_start EXECUTE FUNCTION {n}f()',
        'e{n} ON ddl_command_start EXECUTE FUNCTION {n}g()',
      ],
      [
        'evtevent',
        'e{n} ON ddl_command_start EXECUTE FUNCTION {n}f()',
        'e{n} ON ddl_command_end EXECUTE FUNCTION {n}f()',
      ],
      [
        'evttags',
        "e{n} ON ddl_command_start WHEN TAG IN ('CREATE CAST') EXECUTE FUNCTION {n}f()",
        'e{n} ON ddl_command_start EXECUTE FUNCTION {n}f()',
      ],
      [
        'evtenabled',
        'e{n} ON ddl_command_start EXECUTE FUNCTION {n}f()',
        'e{n} ON ddl_command_start EXECUTE FUNCTION {n}f(); ALTER EVENT TRIGGER e{n} DISABLE',
      ],
    ] as const
  ).map(([of, from, to]) =>
    made(
      `pg_event_trigger.${of}`,
      'CREATE EVENT TRIGGER {?}',
      from,
      to,
      ['f', 'g']
        .map((f) => `CREATE FUNCTION {n}${f}() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'`)
        .join('; '),
    ),
  ),
  instead('pg_namespace.nspname', 'CREATE SCHEMA {n}; CREATE VIEW {n}.v AS SELECT 1 AS id', ''),
];

/** Compared, and a change of it alone cannot be planted with SQL here; each with where it is tested, or why it cannot. */
export const NOT_PLANTED: readonly string[] = [
  // these need C functions or other objects of their own; their text stands in the same definition
  'pg_proc.probin, prosupport, protransform, protrftypes',
  'pg_aggregate.aggkind, aggnumdirectargs, aggserialfn, aggdeserialfn, aggmfinalfn, aggfinalextra, aggmfinalextra, aggtranstype',
  'pg_range.rngcanonical',
  // extensions, encodings and large objects have tests of their own
  'pg_extension.extname',
  'pg_collation.collname',
  'pg_database.encoding',
  'pg_largeobject.loid, pageno, data',
  'pg_largeobject_metadata.oid',
];
