import type { Db } from 'mongodb';
import type { Context } from 'mocha';
import type { MysqlServer } from '../../sandbox/mysqlProcess.ts';
import { startPostgres, type PostgresVersion } from '../../sandbox/postgres.ts';
import type { DigestEngine } from '../../src/comparison/port.ts';
import { mongodbDigest } from '../../src/engines/mongodb/digest.ts';
import { mysqlDigest } from '../../src/engines/mysql/digest.ts';
import { postgresDigest } from '../../src/engines/postgres/digest.ts';
import { sqlserverDigest } from '../../src/engines/sqlserver/digest.ts';
import { PROGRAM } from '../engines/comparing.ts';
import { insertAsGiven, MongoPair } from '../engines/comparingMongodb.ts';
import { ALL_PAIRS, available, NAMES, startProduct, type MysqlProduct } from '../support/pairs.ts';
import { DigestPair } from '../support/tds/sql/pair.ts';
import { digestContract, type DigestServers, type Row } from './digest.ts';

type Side = 'source' | 'target';

/** Where tables are made by SQL; `text` is the type of s. */
function bySql(
  engine: DigestEngine,
  text: string,
  run: (side: Side, sql: string) => Promise<unknown>,
): Pick<DigestServers, 'engine' | 'create' | 'insert' | 'set' | 'remove' | 'shown'> {
  const quoted = (s: string | null) => (s === null ? 'NULL' : `'${s.replaceAll("'", "''")}'`);
  return {
    engine,
    create: (side, name, keyed) =>
      run(side, `CREATE TABLE ${name} (id int NOT NULL${keyed ? ' PRIMARY KEY' : ''}, v int, s ${text})`),
    async insert(side, name, rows) {
      // SQL Server takes a thousand at once
      for (let from = 0; from < rows.length; from += 600) {
        const values = rows.slice(from, from + 600).map(([id, v, s]) => `(${id}, ${v ?? 'NULL'}, ${quoted(s)})`);
        await run(side, `INSERT INTO ${name} VALUES ${values.join(', ')}`);
      }
    },
    set: (side, name, id, v) => run(side, `UPDATE ${name} SET v = ${v}${id === 'all' ? '' : ` WHERE id = ${id}`}`),
    remove: (side, name, ids) => run(side, `DELETE FROM ${name} WHERE id IN (${ids.join(', ')})`),
    shown: String,
  };
}

const TABLES = ['t', 'small', 'odd', 'bare', 'lost', 'heap'];
const DROP = `DROP TABLE IF EXISTS ${TABLES.join(', ')}`;

async function postgresPair(versions: readonly [PostgresVersion, PostgresVersion]): Promise<DigestServers> {
  const [source, target] = await Promise.all([
    startPostgres({ version: versions[0] }),
    startPostgres({ version: versions[1] }),
  ]);
  const of = { source, target };
  const active = `SELECT 1 FROM pg_stat_activity WHERE application_name = '${PROGRAM}' AND state = 'active'`;
  return {
    ...bySql(postgresDigest, 'varchar(20)', (side, sql) => of[side].run(sql)),
    named: ['public.t'],
    clear: async () => void (await Promise.all([source.run(DROP), target.run(DROP)])),
    urls: () => ({ source: source.url(), target: target.url() }),
    async block() {
      const client = await target.connect();
      await client.query('BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE');
      return () => client.end();
    },
    running: async () => (await target.run(active)).length,
    stop: () => Promise.all([source.stop(), target.stop()]),
  };
}

async function mysqlPair(context: Context, products: readonly [MysqlProduct, MysqlProduct]): Promise<DigestServers> {
  for (const product of products) if ((await available(context, product)) !== product) context.skip();
  const [source, target] = await Promise.all([startProduct(products[0]), startProduct(products[1])]);
  const of: Record<Side, MysqlServer> = { source, target };
  for (const server of [source, target]) await server.query('CREATE DATABASE lab CHARSET utf8mb4');
  // MySQL's older list does not take every character of a statement
  const list = { mysql: 'performance_schema', mariadb: 'information_schema' }[products[1]];
  const ours = "DB = 'lab' AND COMMAND = 'Query' AND ID <> CONNECTION_ID() AND INFO LIKE 'SELECT%'";
  return {
    ...bySql(mysqlDigest, 'varchar(20) COLLATE utf8mb4_bin', (side, sql) => of[side].query(sql, 'lab')),
    named: ['lab.t'],
    clear: async () => void (await Promise.all([source.query(DROP, 'lab'), target.query(DROP, 'lab')])),
    urls: () => ({ source: source.urlOf('lab'), target: target.urlOf('lab') }),
    async block() {
      const locker = await target.connect({ database: 'lab' });
      await locker.query('LOCK TABLES t WRITE');
      return () => locker.end();
    },
    running: async () => (await target.query(`SELECT 1 FROM ${list}.processlist WHERE ${ours}`)).length,
    stop: () => Promise.all([source.stop(), target.stop()]),
  };
}

async function sqlserverPair(): Promise<DigestServers> {
  let pair = await DigestPair.start('lab');
  return {
    ...bySql(sqlserverDigest, 'nvarchar(20)', (side, sql) => Promise.resolve(pair[side].database.run(sql))),
    named: ['lab.dbo.t'],
    async clear() {
      await pair.stop();
      pair = await DigestPair.start('lab');
    },
    urls: () => pair.urls,
    stop: () => pair.stop(),
  };
}

async function mongodbPair(): Promise<DigestServers> {
  const pair = await MongoPair.start();
  const of: Record<Side, Db> = { source: pair.mine, target: pair.theirs };
  const documents = (rows: readonly Row[]) => rows.map(([id, v, s]) => ({ _id: id, v, s }));
  return {
    engine: mongodbDigest,
    named: [`${pair.source.database}.t`],
    clear: () => pair.clear(),
    urls: () => pair.urls,
    create: (side, name) => of[side].createCollection(name),
    insert: (side, name, rows) => insertAsGiven(of[side], name, documents(rows)),
    set: (side, name, id, v) =>
      of[side].collection(name).updateMany(id === 'all' ? {} : { _id: id as never }, { $set: { v } }),
    remove: (side, name, ids) => of[side].collection(name).deleteMany({ _id: { $in: ids as never[] } }),
    shown: (id) => `{"$numberInt":"${id}"}`,
    stop: () => pair.stop(),
  };
}

digestContract('PostgreSQL 17 → 18', () => postgresPair(['17', '18']));
if (ALL_PAIRS) digestContract('PostgreSQL 18 → 17', () => postgresPair(['18', '17']));
for (const products of [
  ['mysql', 'mysql'],
  ['mariadb', 'mariadb'],
  ['mariadb', 'mysql'],
] satisfies [MysqlProduct, MysqlProduct][]) {
  const name = products.map((product) => NAMES[product]).join(' → ');
  digestContract(name, (context) => mysqlPair(context, products));
}
// a lock and a cursor that never ends are parts of the stand-ins: see the engines' own suites
digestContract("SQL Server's stand-in", sqlserverPair, ['lock']);
digestContract('MongoDB, its stand-in or a given one', mongodbPair, ['copies', 'lock']);
