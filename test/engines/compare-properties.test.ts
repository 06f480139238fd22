import assert from 'node:assert/strict';
import type { Context } from 'mocha';
import fc from 'fast-check';
import type { DigestEngine } from '../../src/comparison/port.ts';
import { mysqlDigest } from '../../src/engines/mysql/digest.ts';
import { postgresDigest } from '../../src/engines/postgres/digest.ts';
import { startPostgres } from '../../sandbox/postgres.ts';
import { describeMysql, startLabs } from '../support/pairs.ts';
import { compare, found, tableOf } from './comparing.ts';

/** A row: its key's values and one more value. Without a key the same row may come several times. */
interface Row {
  readonly key: readonly string[];
  readonly value: string | null;
}

interface KeyType {
  readonly name: string;
  /** columns of the key as each engine declares them */
  readonly postgres: readonly string[];
  readonly mysql: readonly string[];
  readonly values: fc.Arbitrary<readonly string[]>;
}

const integers = (min: bigint, max: bigint) =>
  fc
    .oneof(fc.bigInt({ min, max }), fc.constantFrom(min, max), fc.bigInt({ min: min < 0n ? -300n : 0n, max: 300n }))
    .map((n) => [String(n)]);
/** no blanks at the end: MySQL's collations do not see them in a key */
const text = fc
  .oneof(
    fc.string({ maxLength: 12, unit: 'grapheme' }),
    fc.constantFrom(
      "it's",
      'back\\slash',
      '"',
      '{a,b}',
      'NULL',
      '',
      'é',
      'e\u0301',
      '😀',
      '中文',
      '#',
      'a#b',
      '%',
      '\t',
      "\\'",
    ),
  )
  .map((s) => s.replaceAll('\0', '').replace(/\s+$/, ''));

const KEYS: readonly KeyType[] = [
  { name: 'int', postgres: ['int'], mysql: ['int'], values: integers(-(2n ** 31n), 2n ** 31n - 1n) },
  { name: 'bigint', postgres: ['bigint'], mysql: ['bigint'], values: integers(-(2n ** 63n), 2n ** 63n - 1n) },
  { name: 'unsigned', postgres: ['numeric(20)'], mysql: ['bigint unsigned'], values: integers(0n, 2n ** 64n - 1n) },
  { name: 'uuid', postgres: ['uuid'], mysql: ['char(36)'], values: fc.uuid().map((id) => [id]) },
  { name: 'text', postgres: ['text'], mysql: ['varchar(80) COLLATE utf8mb4_bin'], values: text.map((s) => [s]) },
  {
    name: 'composite',
    postgres: ['varchar(80)', 'int'],
    mysql: ['varchar(80) COLLATE utf8mb4_bin', 'int'],
    values: fc.tuple(text, fc.integer()).map(([s, n]) => [s, String(n)]),
  },
  { name: 'none', postgres: [], mysql: [], values: fc.constant([]) },
];

interface Tables {
  readonly source: readonly Row[];
  readonly target: readonly Row[];
}

/** Two tables with most rows in common: each row is kept, changed, dropped or only on the target. */
function tablesOf({ values }: KeyType): fc.Arbitrary<Tables> {
  const value = fc.option(text, { nil: null });
  const fate = fc.constantFrom('same', 'same', 'same', 'changed', 'missing', 'extra');
  const row = fc.tuple(values, value, value, fate);
  return fc.array(row, { maxLength: 80 }).map((rows) => {
    const seen = new Set<string>();
    const source: Row[] = [];
    const target: Row[] = [];
    for (const [key, mine, theirs, what] of rows) {
      const id = JSON.stringify(key);
      if (key.length > 0 && seen.has(id)) continue;
      seen.add(id);
      if (what !== 'extra') source.push({ key, value: mine });
      if (what !== 'missing') target.push({ key, value: what === 'changed' ? theirs : mine });
    }
    return { source, target };
  });
}

function planted({ source, target }: Tables): string[] {
  const theirs = new Map(target.map((row) => [JSON.stringify(row.key), row]));
  const expected: string[] = [];
  for (const row of source) {
    const other = theirs.get(JSON.stringify(row.key));
    theirs.delete(JSON.stringify(row.key));
    if (!other) expected.push(`missing ${row.key.join(',')}`);
    else if (other.value !== row.value) expected.push(`changed ${row.key.join(',')}`);
  }
  return [...expected, ...[...theirs.values()].map((row) => `extra ${row.key.join(',')}`)].sort();
}

/** How many rows of the multisets have no partner. */
function unmatched({ source, target }: Tables): number {
  const copies = new Map<string | null, number>();
  for (const row of source) copies.set(row.value, (copies.get(row.value) ?? 0) + 1);
  for (const row of target) copies.set(row.value, (copies.get(row.value) ?? 0) - 1);
  return [...copies.values()].reduce((sum, n) => sum + Math.abs(n), 0);
}

interface Servers {
  readonly engine: DigestEngine;
  readonly flavour: 'postgres' | 'mysql';
  readonly urls: { readonly source: string; readonly target: string };
  run(side: 'source' | 'target', sql: string): Promise<unknown>;
  stop(): Promise<unknown>;
}

const literals = {
  postgres: (value: string | null) =>
    value === null ? 'NULL' : `E'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`,
  mysql: (value: string | null) =>
    value === null ? 'NULL' : `CONVERT(x'${Buffer.from(value).toString('hex')}' USING utf8mb4)`,
};

function createTable(flavour: 'postgres' | 'mysql', type: KeyType, rows: readonly Row[]): string {
  const literal = literals[flavour];
  const names = type[flavour].map((declared, i) => `k${i} ${declared}`);
  const key = names.length > 0 ? `, PRIMARY KEY (${names.map((_, i) => `k${i}`).join(', ')})` : '';
  const valueType = flavour === 'postgres' ? 'text' : 'text CHARSET utf8mb4';
  const values = rows.map((row) => `(${[...row.key.map(literal), literal(row.value)].join(', ')})`);
  return [
    `DROP TABLE IF EXISTS ${type.name}_key`,
    `CREATE TABLE ${type.name}_key (${[...names, `v ${valueType}`].join(', ')}${key})`,
    ...(values.length > 0 ? [`INSERT INTO ${type.name}_key VALUES ${values.join(', ')}`] : []),
  ].join(';\n');
}

function properties(start: (context: Context) => Promise<Servers>): void {
  let servers: Servers;
  before(async function () {
    servers = await start(this);
  });
  after(() => servers?.stop());

  it('finds exactly the planted differences with any key', async () => {
    const { engine, flavour, urls, run } = servers;
    await fc.assert(
      fc.asyncProperty(fc.tuple(...KEYS.map(tablesOf)), fc.integer({ min: 1, max: 3 }), async (tables, workers) => {
        const create = (side: 'source' | 'target') =>
          run(side, KEYS.map((type, i) => createTable(flavour, type, tables[i]![side])).join(';\n'));
        await Promise.all([create('source'), create('target')]);
        const result = await compare(engine, { ...urls, options: { workers } });
        for (const [i, type] of KEYS.entries()) {
          const table = tableOf(result, `${type.name}_key`);
          const expected = planted(tables[i]!);
          if (type.name === 'none') assert.equal(table.differenceCount, unmatched(tables[i]!));
          else assert.deepEqual(found(table), expected, type.name);
          assert.deepEqual(table.rows, { source: tables[i]!.source.length, target: tables[i]!.target.length });
        }
      }),
      { numRuns: 40 },
    );
  });
}

describe('properties of the comparison', function () {
  this.timeout(120_000);

  describe('PostgreSQL', () => {
    properties(async () => {
      const [source, target] = await Promise.all([startPostgres({ version: '18' }), startPostgres({ version: '17' })]);
      return {
        engine: postgresDigest,
        flavour: 'postgres',
        urls: { source: source.url(), target: target.url() },
        run: (side, sql) => (side === 'source' ? source : target).run(sql),
        stop: () => Promise.all([source.stop(), target.stop()]),
      };
    });
  });

  describeMysql('properties of the comparison', (product) => {
    properties(async (context) => {
      const { source, target, stop } = await startLabs(context, product);
      return {
        engine: mysqlDigest,
        flavour: 'mysql',
        urls: { source: source.urlOf('lab'), target: target.urlOf('lab') },
        run: (side, sql) => (side === 'source' ? source : target).query(sql, 'lab'),
        stop,
      };
    });
  });
});
