/** Generated schemas on one server, dumped and restored on another, and compared. */
import fc from 'fast-check';
import type { MysqlServer } from '../../../sandbox/mysqlProcess.ts';
import { mysqlDigest } from '../../../src/engines/mysql/digest.ts';
import type { ComparisonResult } from '../../../src/comparison/result.ts';
import { compare } from '../comparing.ts';
import { restore } from './restore.ts';
import { schema } from './schemas.ts';

const SESSION = "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO', collation_connection = utf8mb4_general_ci";

export interface RoundTrip {
  readonly result: ComparisonResult;
  /** statements the source took, and those it did not with its words */
  readonly made: readonly string[];
  readonly refused: readonly string[];
}

/** @param seed the same gives the same schemas */
export async function roundTrip(
  source: MysqlServer,
  target: MysqlServer,
  { seed, schemas }: { readonly seed: number; readonly schemas: number },
): Promise<RoundTrip> {
  const common = source.product !== target.product;
  for (const server of [source, target])
    await server.query(
      'DROP DATABASE IF EXISTS lab; CREATE DATABASE lab CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci',
    );
  // what MariaDB takes for granted, and literals of restored checks and views are read in
  for (const server of [source, target].filter(({ product }) => product === 'mysql'))
    await server.query('SET GLOBAL default_collation_for_utf8mb4 = utf8mb4_general_ci');
  const [made, refused]: [string[], string[]] = [[], []];
  for (let n = 0; n < schemas; n++) {
    for (const statement of fc.sample(schema(n, { common }), { numRuns: 1, seed: seed + n }).flat()) {
      await source.query(`${SESSION}; ${statement}`, 'lab').then(
        () => made.push(statement),
        (error: unknown) => refused.push(`${String(error)}: ${statement}`),
      );
    }
  }
  await restore(source, target, 'lab');
  return {
    result: await compare(mysqlDigest, { source: source.urlOf('lab'), target: target.urlOf('lab') }),
    made,
    refused,
  };
}

/** What counts although nothing was changed. */
export const inventedIn = ({ tables, objects, remarks }: ComparisonResult): readonly string[] => [
  ...tables
    .filter(({ verdict }) => verdict !== 'same')
    .map((table) => JSON.stringify([table.source?.name, table.verdict, table.reason])),
  ...objects
    .filter(({ verdict, counts, uncertain }) => verdict !== 'same' && (counts || uncertain))
    .map((object) => JSON.stringify(object)),
  ...remarks.map((remark) => JSON.stringify(remark)),
];
