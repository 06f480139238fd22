import assert from 'node:assert/strict';
import fc from 'fast-check';
import { sqlserverDigest } from '../../src/engines/sqlserver/digest.ts';
import { DigestPair } from '../support/tds/sql/pair.ts';
import { compare, found, tableOf } from './comparing.ts';

/** A row: its key's values as text and one more value. Without a key the same row may come several times. */
interface Row {
  readonly key: readonly string[];
  readonly value: string | null;
}

interface KeyType {
  readonly name: string;
  /** columns of the key, on the source and, where it is another, on the target */
  readonly source: readonly string[];
  readonly target?: readonly string[];
  readonly values: fc.Arbitrary<readonly string[]>;
}

const integers = (min: bigint, max: bigint) =>
  fc
    .oneof(fc.bigInt({ min, max }), fc.constantFrom(min, max), fc.bigInt({ min: min < 0n ? -300n : 0n, max: 255n }))
    .map((n) => [String(n)]);
/** no blanks at the end: in a key they do not count */
const text = fc
  .oneof(
    fc.string({ maxLength: 12, unit: 'grapheme' }),
    fc.constantFrom(
      "it's",
      'back\\slash',
      'a\\\nb',
      '"',
      '[a]]',
      'NULL',
      '',
      'é',
      'e\u0301',
      '😀',
      '中文',
      '#',
      '%',
      '\t',
    ),
  )
  .map((s) => s.replaceAll('\0', '').replace(/\s+$/, ''));

const BINARY = 'COLLATE Latin1_General_100_BIN2';

const KEYS: readonly KeyType[] = [
  { name: 'tinyint', source: ['tinyint'], target: ['bigint'], values: integers(0n, 255n) },
  { name: 'int', source: ['int'], values: integers(-(2n ** 31n), 2n ** 31n - 1n) },
  { name: 'bigint', source: ['bigint'], values: integers(-(2n ** 63n), 2n ** 63n - 1n) },
  { name: 'decimal', source: ['decimal(30,0)'], values: integers(-(10n ** 30n) + 1n, 10n ** 30n - 1n) },
  { name: 'uuid', source: ['uniqueidentifier'], values: fc.uuid().map((id) => [id.toUpperCase()]) },
  { name: 'text', source: [`nvarchar(80) ${BINARY}`], values: text.map((s) => [s]) },
  {
    name: 'composite',
    source: [`nvarchar(80) ${BINARY}`, 'int'],
    values: fc.tuple(text, fc.integer()).map(([s, n]) => [s, String(n)]),
  },
  {
    name: 'lead',
    source: ['smallint', `nvarchar(80) ${BINARY}`],
    target: ['int', `nvarchar(40) ${BINARY}`],
    values: fc.tuple(fc.integer({ min: -3, max: 3 }), text).map(([n, s]) => [String(n), s]),
  },
  { name: 'none', source: [], values: fc.constant([]) },
];

interface Tables {
  readonly source: readonly Row[];
  readonly target: readonly Row[];
}

/** Two tables with most rows in common: each row is kept, changed, dropped or only on the target. */
function tablesOf({ values }: KeyType): fc.Arbitrary<Tables> {
  const value = fc.option(text, { nil: null });
  const fate = fc.constantFrom('same', 'same', 'same', 'changed', 'missing', 'extra');
  return fc.array(fc.tuple(values, value, value, fate), { maxLength: 60 }).map((rows) => {
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

/** A line that ends with a backslash goes on: the literal is parted there. */
function literal(value: string | null, type = ''): string {
  if (value === null) return 'NULL';
  if (/int|decimal/.test(type)) return value;
  return value
    .split(/(?<=\\)(?=\n)/)
    .map((part) => `N'${part.replaceAll("'", "''")}'`)
    .join(' + ');
}

function createTable({ name, ...type }: KeyType, side: 'source' | 'target', rows: readonly Row[]): string {
  const declared = side === 'target' ? (type.target ?? type.source) : type.source;
  const columns = declared.map((column, i) => `k${i} ${column} NOT NULL`);
  const key = columns.length > 0 ? `, PRIMARY KEY (${columns.map((_, i) => `k${i}`).join(', ')})` : '';
  const values = rows.map(
    (row) => `(${[...row.key.map((text_, i) => literal(text_, declared[i])), literal(row.value)].join(', ')})`,
  );
  const create = `CREATE TABLE ${name}_key (${[...columns, `v nvarchar(max)`].join(', ')}${key})`;
  return values.length > 0 ? `${create}; INSERT INTO ${name}_key VALUES ${values.join(', ')}` : create;
}

describe('properties of the comparison on SQL Server (the TDS test server)', function () {
  this.timeout(120_000);
  let pair: DigestPair;

  before(async () => {
    const [source, target] = [{ version: '12.0.1.1' }, { version: '16.0.1.1', collation: 'Latin1_General_CS_AS' }];
    pair = await DigestPair.start('lab', { source, target });
  });
  after(() => pair?.stop());

  it('finds exactly the planted differences with any key', async () => {
    await fc.assert(
      fc.asyncProperty(fc.tuple(...KEYS.map(tablesOf)), fc.integer({ min: 1, max: 3 }), async (tables, workers) => {
        for (const side of ['source', 'target'] as const) {
          pair[side].database.tables.clear();
          KEYS.forEach((type, i) => pair[side].database.run(createTable(type, side, tables[i]![side])));
        }
        const result = await compare(sqlserverDigest, { ...pair.urls, options: { workers } });
        for (const [i, type] of KEYS.entries()) {
          const table = tableOf(result, `${type.name}_key`);
          if (type.name === 'none') assert.equal(table.differenceCount, unmatched(tables[i]!));
          else assert.deepEqual(found(table), planted(tables[i]!), type.name);
          for (const { kind, source, target } of table.differences) {
            assert.deepEqual([kind !== 'extra', kind !== 'missing'], [source !== null, target !== null], type.name);
          }
          assert.deepEqual(table.rows, { source: tables[i]!.source.length, target: tables[i]!.target.length });
        }
      }),
      { numRuns: 25 },
    );
  });
});
