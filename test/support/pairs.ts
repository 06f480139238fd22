/**
 * Which products of MySQL a suite runs on: MySQL proper, with `npm test -- --all-pairs` MariaDB too; where MySQL cannot be
 * had one line says so and MariaDB takes its place.
 */
import { existsSync } from 'node:fs';
import type { Context, Suite } from 'mocha';
import { startMariaDb, haveMariaDb } from '../../sandbox/mariadb.ts';
import type { MysqlOptions, MysqlServer } from '../../sandbox/mysqlProcess.ts';
import { startMySql } from '../../sandbox/mysqlServer.ts';
import { ensureMySql } from '../../scripts/provision.ts';
import { findMySql } from '../../scripts/servers/mysql.ts';

export type MysqlProduct = MysqlServer['product'];

export const ALL_PAIRS = process.env['DTS_CUTOVER_ALL_PAIRS'] === '1';
export const MYSQL_PRODUCTS: readonly MysqlProduct[] = ALL_PAIRS ? ['mysql', 'mariadb'] : ['mysql'];
export const NAMES: Readonly<Record<MysqlProduct, string>> = { mysql: 'MySQL', mariadb: 'MariaDB' };

/** A suite for each product that is asked for. */
export function describeMysql(title: string, suite: (this: Suite, product: MysqlProduct) => void): void {
  for (const product of MYSQL_PRODUCTS) {
    describe(`${NAMES[product]}: ${title}`, function () {
      suite.call(this, product);
    });
  }
}

let substituted = false;

/** The product that is there to be tested; skips the calling suite by name where there is none. */
export async function available(context: Pick<Context, 'skip'>, product: MysqlProduct): Promise<MysqlProduct> {
  if (product === 'mysql') {
    const missing = await ensureMySql().then(
      () => null,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    if (missing === null) return product;
    // with all pairs MariaDB is tested anyway
    if (ALL_PAIRS) context.skip();
    if (!substituted) process.stderr.write(`${missing} MariaDB takes its place.\n`);
    substituted = true;
  }
  if (!haveMariaDb()) context.skip();
  return 'mariadb';
}

export const startProduct = (product: MysqlProduct, options?: MysqlOptions): Promise<MysqlServer> =>
  product === 'mysql' ? startMySql(options) : startMariaDb(options);

/** Two servers with an empty database `lab` each; skips the calling suite by name where they cannot be had. */
export async function startLabs(
  context: Context,
  wanted: MysqlProduct,
): Promise<{ readonly source: MysqlServer; readonly target: MysqlServer; stop(): Promise<unknown> }> {
  const product = await available(context, wanted);
  const [source, target] = await Promise.all([startProduct(product), startProduct(product)]);
  for (const server of [source, target]) await server.query('CREATE DATABASE lab CHARSET utf8mb4');
  return { source, target, stop: () => Promise.all([source.stop(), target.stop()]) };
}

/** A table of numbers `seq` from 1 to `count`, on either product. */
export const numbersTo = (count: number): string =>
  `JSON_TABLE(CONCAT('[1', REPEAT(',1', ${count - 1}), ']'), '$[*]' COLUMNS (seq FOR ORDINALITY)) AS numbered`;

/** The vendor's program that reads a binary log: itself and first arguments; null where it is not installed. */
export async function binlogReader(product: MysqlProduct): Promise<readonly [string, ...string[]] | null> {
  if (product === 'mysql') return (await findMySql())?.command('mysqlbinlog') ?? null;
  return existsSync('/usr/bin/mariadb-binlog') ? ['/usr/bin/mariadb-binlog'] : null;
}
