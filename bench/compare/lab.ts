/** Two servers of one engine with the same four tables, and what the measurements need of them. */
import { readdir } from 'node:fs/promises';
import mysqlStreams from 'mysql2';
import mysql from 'mysql2/promise';
import pg from 'pg';
import type { DigestEngine } from '../../src/comparison/port.ts';
import { loadDigestEngine } from '../../src/engines/loadDigest.ts';
import { startMariaDb } from '../../sandbox/mariadb.ts';
import { startPostgres } from '../../sandbox/postgres.ts';
import { columnsOf, mysqlTable, postgresTable, rowsOf, type TableName } from './tables.ts';

export type Flavour = 'postgres' | 'mysql';
export type Which = 'source' | 'target';

export interface Lab {
  readonly flavour: Flavour;
  readonly product: string;
  readonly engine: DigestEngine;
  /** of the database with the tables */
  readonly urls: Readonly<Record<Which, string>>;
  run(which: Which, sql: string): Promise<void>;
  /** every row through the driver, handed on in pieces */
  stream(which: Which, table: TableName, take: (row: readonly unknown[]) => void): Promise<void>;
  stop(): Promise<void>;
}

export const both = async <T>(work: (which: Which) => Promise<T>): Promise<readonly [T, T]> =>
  Promise.all([work('source'), work('target')]);

export async function makeTables(lab: Lab, tables: readonly TableName[], narrow: number): Promise<void> {
  for (const table of tables) {
    const make = (lab.flavour === 'postgres' ? postgresTable : mysqlTable)[table](rowsOf(table, narrow));
    await both(async (which) => {
      await lab.run(which, `DROP TABLE IF EXISTS ${table}; ${make}`);
      await lab.run(which, lab.flavour === 'postgres' ? `VACUUM ANALYZE ${table}` : `ANALYZE TABLE ${table}`);
    });
  }
}

/** Two floors: every column fetched, and every value looked at. */
export function floorSql(lab: Lab, table: TableName): { readonly fetched: string; readonly looked: string } {
  const columns = columnsOf[table];
  // what has no largest value is fetched
  const noMax = new Set(lab.flavour === 'postgres' ? ['i7', 'j1', 'b1'] : []);
  const looked = columns.map((column) => (noMax.has(column) ? `count(${column})` : `max(${column})`));
  return {
    fetched: `SELECT ${columns.map((column) => `count(${column})`).join(', ')} FROM ${table}`,
    looked: `SELECT ${looked.join(', ')} FROM ${table}`,
  };
}

/** Changes about `count` rows of the target, spread evenly. */
export async function plant(lab: Lab, count: number, narrow: number): Promise<void> {
  const every = Math.max(1, Math.floor(narrow / count));
  await lab.run('target', `UPDATE narrow SET k = k + 1 WHERE id % ${every} = ${7 % every} AND id <= ${every * count}`);
}

/** Takes back what was planted. */
export async function unplant(lab: Lab): Promise<void> {
  const id = lab.flavour === 'postgres' ? 'id::bigint' : 'id';
  await lab.run('target', `UPDATE narrow SET k = k - 1 WHERE k <> (${id} * 2654435761) % 1000003`);
}

/** `installed`: PostgreSQL of the distribution instead of npm's, for peers that need their own part in the server. */
export async function openLab(
  flavour: Flavour,
  urls: Readonly<Record<Which, string>> | null,
  installed: boolean,
): Promise<Lab> {
  const engine = await loadDigestEngine(flavour);
  return flavour === 'postgres' ? postgresLab(engine, urls, installed) : mysqlLab(engine, urls);
}

const DEBIANS = '/usr/lib/postgresql';

/** The newest one; empty: npm's. */
async function serverOf(installed: boolean): Promise<{ binaries?: string }> {
  if (!installed) return {};
  const versions = (await readdir(DEBIANS).catch(() => [])).map(Number).filter((version) => version > 0);
  if (versions.length === 0) throw new Error(`there is no PostgreSQL in ${DEBIANS}`);
  return { binaries: `${DEBIANS}/${Math.max(...versions)}/bin` };
}

async function postgresLab(
  engine: DigestEngine,
  given: Readonly<Record<Which, string>> | null,
  installed: boolean,
): Promise<Lab> {
  const options = { settings: { shared_buffers: '1GB', max_wal_size: '8GB' }, ...(await serverOf(installed)) };
  const servers = given ? [] : await Promise.all([startPostgres(options), startPostgres(options)]);
  const urls = given ?? { source: servers[0]?.url() ?? '', target: servers[1]?.url() ?? '' };
  const clients = { source: new pg.Client(urls.source), target: new pg.Client(urls.target) };
  await both((which) => clients[which].connect());
  await both((which) =>
    clients[which].query('SET max_parallel_workers_per_gather = 0; SET synchronize_seqscans = off'),
  );
  const { rows } = await clients.source.query<{ version: string }>(
    "SELECT split_part(version(), ' on ', 1) AS version",
  );
  return {
    flavour: 'postgres',
    product: rows[0]?.version ?? '',
    engine,
    urls,
    async run(which, sql) {
      await clients[which].query(sql);
    },
    async stream(which, table, take) {
      const client = clients[which];
      await client.query('BEGIN');
      await client.query(`DECLARE everything NO SCROLL CURSOR FOR SELECT * FROM ${table}`);
      for (;;) {
        const piece = await client.query<unknown[]>({ text: 'FETCH 10000 FROM everything', rowMode: 'array' });
        for (const row of piece.rows) take(row);
        if (piece.rows.length < 10_000) break;
      }
      await client.query('ROLLBACK');
    },
    async stop() {
      await both((which) => clients[which].end());
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}

async function mysqlLab(engine: DigestEngine, given: Readonly<Record<Which, string>> | null): Promise<Lab> {
  const settings = { 'innodb-buffer-pool-size': '3G', 'innodb-log-file-size': '512M', 'skip-log-bin': '' };
  const servers = given ? [] : await Promise.all([startMariaDb({ settings }), startMariaDb({ settings })]);
  for (const server of servers) await server.query('CREATE DATABASE lab CHARSET utf8mb4');
  const urls = given ?? { source: servers[0]?.urlOf('lab') ?? '', target: servers[1]?.urlOf('lab') ?? '' };
  const connect = (uri: string) => mysql.createConnection({ uri, multipleStatements: true });
  const connections = { source: await connect(urls.source), target: await connect(urls.target) };
  await both((which) => connections[which].query("SET sql_mode = '', unique_checks = 0, time_zone = '+00:00'"));
  const [rows] = await connections.source.query<mysql.RowDataPacket[]>('SELECT VERSION() AS version');
  return {
    flavour: 'mysql',
    product: String(rows[0]?.['version'] ?? ''),
    engine,
    urls,
    async run(which, sql) {
      await connections[which].query(sql);
    },
    async stream(which, table, take) {
      const connection = mysqlStreams.createConnection({ uri: urls[which] });
      const rows = connection.query({ sql: `SELECT * FROM ${table}`, rowsAsArray: true }).stream();
      for await (const row of rows as AsyncIterable<readonly unknown[]>) take(row);
      connection.destroy();
    },
    async stop() {
      await both((which) => connections[which].end());
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}
