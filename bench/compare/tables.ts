/** The four tables: narrow, wide, a key of text, no key. Sizes relative to the narrow one; sums of rows are made alike. */
export const TABLES = ['narrow', 'wide', 'uuidpk', 'nopk'] as const;
export type TableName = (typeof TABLES)[number];

/** Narrow 5 M means wide 300 k, text key 1 M, no key 200 k. */
export const rowsOf = (table: TableName, narrow: number): number =>
  Math.round(narrow * { narrow: 1, wide: 0.06, uuidpk: 0.2, nopk: 0.04 }[table]);

export const columnsOf: Readonly<Record<TableName, readonly string[]>> = {
  narrow: ['id', 'k', 'amount', 'name', 'created', 'note'],
  wide: 'id i1 i2 i3 i4 i5 i6 i7 d1 d2 f1 f2 v1 v2 v3 v4 v5 c1 c2 dt1 dt2 ts1 da1 e1 n1 n2 t1 t2 j1 b1'.split(' '),
  uuidpk: ['tenant', 'uid', 'qty', 'price', 'descr', 'upd'],
  nopk: ['a', 'b', 'c', 'd', 'e'],
};

/** Columns of one table as `name type` lines and an INSERT … SELECT over the numbers 1 to n, in each dialect. */
export const postgresTable: Readonly<Record<TableName, (n: number) => string>> = {
  narrow: (n) => `
    CREATE TABLE narrow (id int PRIMARY KEY, k int NOT NULL, amount numeric(12,2) NOT NULL, name varchar(32) NOT NULL,
      created timestamp NOT NULL, note varchar(16));
    INSERT INTO narrow SELECT s, (s::bigint*2654435761) % 1000003, ((s::bigint*7919) % 100000000)/100.0,
      left(md5(s::text), 20+(s%12)), timestamp '2020-01-01' + ((s::bigint*37 % 94608000)||' s')::interval,
      CASE WHEN s%3=0 THEN NULL ELSE 'n'||(s%1000) END FROM generate_series(1, ${n}) s`,
  wide: (n) => `
    CREATE TABLE wide (id bigint PRIMARY KEY, i1 int, i2 int, i3 bigint, i4 bigint, i5 numeric(20), i6 smallint, i7 boolean,
      d1 numeric(18,4), d2 numeric(10,2), f1 double precision, f2 real, v1 varchar(64), v2 varchar(64), v3 varchar(128),
      v4 varchar(255), v5 varchar(20), c1 char(10), c2 char(2), dt1 timestamp(0), dt2 timestamp(6), ts1 timestamptz, da1 date,
      e1 text, n1 varchar(40), n2 int, t1 text, t2 text, j1 jsonb, b1 bytea);
    INSERT INTO wide SELECT s, s*3, s%1000, s*5, s*1000003, 18446744073709551615-s, s%32000, s%2=1,
      s*1.2345, (s%9999)/7.0, s/7.0, s/3.0, md5(s::text), 'user'||s||'@example.com', md5((s+1)::text)||md5((s+2)::text),
      '中文地址'||s||'号', left(md5((s+3)::text),12), left(md5(s::text),8), (array['CN','US','DE'])[1+s%3],
      timestamp '2021-01-01'+make_interval(secs=>s), timestamp '2021-01-01 00:00:00.123456'+make_interval(secs=>s),
      timestamptz '2021-06-01'+make_interval(secs=>s), date '2021-01-01'+(s%1000)::int,
      (array['new','paid','sent','done'])[1+s%4], CASE WHEN s%5=0 THEN NULL ELSE md5((s+9)::text) END,
      CASE WHEN s%2=0 THEN NULL ELSE s END, repeat(md5(s::text),(8+s%8)::int),
      repeat(md5((s+5)::text)||' lorem ipsum ',(10+s%10)::int),
      jsonb_build_object('id',s,'name',md5(s::text),'tags',jsonb_build_array('a','b',s%7),'o',jsonb_build_object('x',s/3.0)),
      decode(repeat(md5((s+11)::text),16),'hex') FROM generate_series(1, ${n}::bigint) s`,
  uuidpk: (n) => `
    CREATE TABLE uuidpk (tenant varchar(8) NOT NULL, uid varchar(36) NOT NULL, qty int NOT NULL, price numeric(10,2),
      descr varchar(100), upd timestamp(3), PRIMARY KEY (tenant, uid));
    INSERT INTO uuidpk SELECT 't'||(s%20), (md5((s*13)::text)::uuid)::text, s%100, (s%100000)/100.0,
      'descr '||md5((s*13)::text)||' '||s, timestamp '2022-01-01'+make_interval(secs=>s) FROM generate_series(1, ${n}) s`,
  nopk: (n) => `
    CREATE TABLE nopk (a int, b varchar(40), c numeric(10,2), d timestamp, e text);
    INSERT INTO nopk SELECT s%150000, md5((s%150000)::text), (s%150000)/100.0,
      timestamp '2022-01-01'+make_interval(secs=>s%150000),
      CASE WHEN s%4=0 AND s<150000 THEN NULL ELSE repeat(md5((s%150000)::text),3) END FROM generate_series(1, ${n}) s`,
};

export const mysqlTable: Readonly<Record<TableName, (n: number) => string>> = {
  narrow: (n) => `
    CREATE TABLE narrow (id INT NOT NULL PRIMARY KEY, k INT NOT NULL, amount DECIMAL(12,2) NOT NULL, name VARCHAR(32) NOT NULL,
      created DATETIME NOT NULL, note VARCHAR(16) NULL) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
    INSERT INTO narrow SELECT seq, (seq*2654435761) % 1000003, ((seq*7919) % 100000000)/100, LEFT(MD5(seq),20+(seq%12)),
      '2020-01-01'+INTERVAL (seq*37 % 94608000) SECOND, IF(seq%3=0,NULL,CONCAT('n',seq%1000)) FROM seq_1_to_${n}`,
  wide: (n) => `
    CREATE TABLE wide (id BIGINT NOT NULL PRIMARY KEY, i1 INT, i2 INT, i3 INT UNSIGNED, i4 BIGINT, i5 BIGINT UNSIGNED, i6 SMALLINT,
      i7 TINYINT(1), d1 DECIMAL(18,4), d2 DECIMAL(10,2), f1 DOUBLE, f2 FLOAT, v1 VARCHAR(64), v2 VARCHAR(64), v3 VARCHAR(128),
      v4 VARCHAR(255), v5 VARCHAR(20), c1 CHAR(10), c2 CHAR(2), dt1 DATETIME, dt2 DATETIME(6), ts1 TIMESTAMP NULL, da1 DATE,
      e1 ENUM('new','paid','sent','done'), n1 VARCHAR(40), n2 INT, t1 TEXT, t2 MEDIUMTEXT, j1 JSON, b1 BLOB)
      ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
    INSERT INTO wide SELECT seq, seq*3, seq%1000, seq*5, seq*1000003, 18446744073709551615-seq, seq%32000, seq%2,
      seq*1.2345, (seq%9999)/7, seq/7.0, seq/3.0, MD5(seq), CONCAT('user',seq,'@example.com'), CONCAT(MD5(seq+1),MD5(seq+2)),
      CONCAT('中文地址',seq,'号'), LEFT(MD5(seq+3),12), LEFT(MD5(seq),8), ELT(1+seq%3,'CN','US','DE'),
      '2021-01-01'+INTERVAL seq SECOND, '2021-01-01 00:00:00.123456'+INTERVAL seq SECOND, '2021-06-01'+INTERVAL seq SECOND,
      '2021-01-01'+INTERVAL (seq%1000) DAY, 1+seq%4, IF(seq%5=0,NULL,MD5(seq+9)), IF(seq%2=0,NULL,seq),
      REPEAT(MD5(seq),8+seq%8), REPEAT(CONCAT(MD5(seq+5),' lorem ipsum '),10+seq%10),
      JSON_OBJECT('id',seq,'name',MD5(seq),'tags',JSON_ARRAY('a','b',seq%7),'o',JSON_OBJECT('x',seq/3)),
      UNHEX(REPEAT(MD5(seq+11),16)) FROM seq_1_to_${n}`,
  uuidpk: (n) => `
    CREATE TABLE uuidpk (tenant VARCHAR(8) NOT NULL, uid VARCHAR(36) NOT NULL, qty INT NOT NULL, price DECIMAL(10,2),
      descr VARCHAR(100), upd DATETIME(3), PRIMARY KEY (tenant, uid)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
    INSERT INTO uuidpk SELECT CONCAT('t',seq%20), CONCAT_WS('-',SUBSTR(m,1,8),SUBSTR(m,9,4),SUBSTR(m,13,4),SUBSTR(m,17,4),SUBSTR(m,21,12)),
      seq%100, (seq%100000)/100, CONCAT('descr ',m,' ',seq), '2022-01-01'+INTERVAL seq SECOND
      FROM (SELECT seq, MD5(seq*13) m FROM seq_1_to_${n}) x ORDER BY 1,2`,
  nopk: (n) => `
    CREATE TABLE nopk (a INT, b VARCHAR(40), c DECIMAL(10,2), d DATETIME, e TEXT) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
    INSERT INTO nopk SELECT seq%150000, MD5(seq%150000), (seq%150000)/100, '2022-01-01'+INTERVAL (seq%150000) SECOND,
      IF(seq%4=0 AND seq<150000,NULL,REPEAT(MD5(seq%150000),3)) FROM seq_1_to_${n}`,
};
