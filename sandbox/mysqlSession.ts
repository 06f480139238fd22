/** How the sandbox talks to MySQL and MariaDB: without losing a digit, and with one shape of an answer. */
import type { ConnectionOptions, QueryResult } from 'mysql2/promise';
import type { Queryable, Row } from './server.ts';

export const SESSION_OPTIONS = {
  charset: 'utf8mb4',
  supportBigNumbers: true,
  bigNumberStrings: true,
  dateStrings: true,
  connectTimeout: 5_000,
} as const satisfies ConnectionOptions;

/** A connection or a pool of mysql2's. */
interface Driver {
  query(sql: string, values?: unknown): Promise<[QueryResult, unknown]>;
}

/** The rows; with several statements those of the last one, if it answers any. */
export async function rowsOf(driver: Driver, sql: string, values?: readonly unknown[]): Promise<readonly Row[]> {
  const [result] = await driver.query(sql, values);
  if (!Array.isArray(result)) return [];
  const last: unknown = result.at(-1);
  return (Array.isArray(last) ? last : result) as Row[];
}

export function queryable(driver: Driver): Queryable {
  return { query: async (sql) => ({ rows: await rowsOf(driver, sql) }) };
}
