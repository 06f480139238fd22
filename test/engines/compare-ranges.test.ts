import assert from 'node:assert/strict';
import type { Context } from 'mocha';
import fc from 'fast-check';
import type { DigestEngine } from '../../src/comparison/port.ts';
import { mysqlDigest } from '../../src/engines/mysql/digest.ts';
import { postgresDigest } from '../../src/engines/postgres/digest.ts';
import { startPostgres } from '../../sandbox/postgres.ts';
import { describeMysql, numbersTo, startLabs } from '../support/pairs.ts';
import { compare, found, tableOf } from './comparing.ts';

/** Where rows are cut into pieces, groups and ranges of any size: no row falls between two of them, or counts twice. */

type Side = 'source' | 'target';

interface Servers {
  readonly engine: DigestEngine;
  readonly urls: Readonly<Record<Side, string>>;
  run(side: Side, sql: string): Promise<unknown>;
  /** the numbers 1 to n as `s` */
  numbers(n: number): string;
  /** what a table with few known rows is declared with, and what makes the statistics right */
  readonly stale: string;
  readonly analyse: string;
  readonly kinds: readonly Kind[];
  stop(): Promise<unknown>;
}

interface Kind {
  readonly name: string;
  /** columns of the key and how they are made of a number */
  readonly declared: string;
  readonly names: string;
  of(number: string): string;
  /** the key as `found` spells it */
  spelled(number: bigint): string;
  readonly least: bigint;
  readonly most: bigint;
}

const plain = (name: string, declared: string, least: bigint, most: bigint): Kind => ({
  name,
  declared: `k ${declared}`,
  names: 'k',
  of: (number) => number,
  spelled: String,
  least,
  most,
});
const INT = plain('int', 'int', -(2n ** 31n), 2n ** 31n - 1n);
const BIGINT = plain('bigint', 'bigint', -(2n ** 63n), 2n ** 63n - 1n);
const UNSIGNED = plain('unsigned', 'bigint unsigned', 0n, 2n ** 64n - 1n);
const text = (declared: string): Kind => ({
  name: 'text',
  declared: `k ${declared}`,
  names: 'k',
  of: (number) => `concat('k', ${number})`,
  spelled: (number) => `k${number}`,
  least: -(10n ** 12n),
  most: 10n ** 12n,
});
const composite = (declared: string): Kind => ({
  name: 'composite',
  declared: `j ${declared}, k bigint`,
  names: 'j, k',
  of: (number) => `concat('part', ${number} % 7), ${number}`,
  spelled: (number) => `part${number % 7n},${number}`,
  least: 0n,
  most: 10n ** 12n,
});

/** Rows at a distance of `gap` from `first` on; places of rows that differ. */
interface Layout {
  readonly rows: number;
  readonly first: bigint;
  readonly gap: bigint;
  readonly outlier: bigint | null;
  readonly changed: readonly number[];
  readonly missing: readonly number[];
  readonly extra: readonly number[];
  readonly analysed: boolean;
}

/** Places near which something may be cut: powers of two, and both ends. */
const places = (rows: number) =>
  fc.oneof(
    fc.integer({ min: 1, max: rows }),
    fc.constantFrom(1, rows),
    fc
      .tuple(fc.integer({ min: 3, max: 13 }), fc.integer({ min: 1, max: 40 }), fc.integer({ min: -1, max: 1 }))
      .map(([bits, times, beside]) => Math.min(rows, Math.max(1, times * 2 ** bits + beside))),
  );

function layouts({ least, most }: Kind): fc.Arbitrary<Layout> {
  return fc
    .tuple(fc.constantFrom(1, 40, 2000, 12_000, 20_000), fc.integer({ min: 0, max: 45 }))
    .chain(([rows, bits]) => {
      const room = most - least;
      const widest = room / BigInt(rows + 2);
      const gap = 2n ** BigInt(bits) < widest ? 2n ** BigInt(bits) : 1n;
      const some = fc.uniqueArray(places(rows), { maxLength: 12 });
      return fc.record({
        rows: fc.constant(rows),
        gap: fc.constant(gap),
        first: fc.oneof(
          fc.bigInt({ min: least, max: most - gap * BigInt(rows) }),
          fc.constantFrom(least, most - gap * BigInt(rows)),
        ),
        outlier: fc.constantFrom(null, null, least, most),
        changed: some,
        missing: some,
        extra: some,
        analysed: fc.boolean(),
      });
    });
}

function tables(servers: Servers, kind: Kind, layout: Layout): { sql: Record<Side, string[]>; expected: string[] } {
  const { rows, first, gap, analysed } = layout;
  const last = first + gap * BigInt(rows - 1);
  const isThere = (key: bigint) => key >= first && key <= last && (key - first) % gap === 0n;
  const outlier = layout.outlier !== null && !isThere(layout.outlier) ? layout.outlier : null;
  const missing = new Set(layout.missing);
  const changed = layout.changed.filter((place) => !missing.has(place));
  // rows between two others, where there is room
  const extra = gap > 1n ? layout.extra.map((place) => first + gap * BigInt(place - 1) + 1n) : [];
  const fresh = extra.filter((key) => key !== outlier && key <= kind.most);
  const name = `t_${kind.name}`;
  const insert = (keys: readonly bigint[], v: number) =>
    keys.length === 0
      ? []
      : [`INSERT INTO ${name} VALUES ${keys.map((key) => `(${kind.of(String(key))}, ${v})`).join(', ')}`];
  const create = [
    `DROP TABLE IF EXISTS ${name}`,
    `CREATE TABLE ${name} (${kind.declared}, v bigint, PRIMARY KEY (${kind.names})) ${servers.stale}`,
    // added up so that no step leaves what the type holds
    `INSERT INTO ${name} SELECT ${kind.of(`(${first} + (s - 1) * ${gap})`)}, s ${servers.numbers(rows)}`,
    ...insert(outlier === null ? [] : [outlier], -1),
  ];
  const listed = (list: readonly number[]) => list.join(', ');
  const change = [
    ...(changed.length > 0 ? [`UPDATE ${name} SET v = -v - 10 WHERE v IN (${listed(changed)})`] : []),
    ...(missing.size > 0 ? [`DELETE FROM ${name} WHERE v IN (${listed([...missing])})`] : []),
    ...insert(fresh, -2),
  ];
  const end = analysed ? [`${servers.analyse} ${name}`] : [];
  const keyAt = (place: number) => kind.spelled(first + gap * BigInt(place - 1));
  return {
    sql: { source: [...create, ...end], target: [...create, ...change, ...end] },
    expected: [
      ...changed.map((place) => `changed ${keyAt(place)}`),
      ...[...missing].map((place) => `missing ${keyAt(place)}`),
      ...fresh.map((key) => `extra ${kind.spelled(key)}`),
    ].sort(),
  };
}

function properties(start: (context: Context) => Promise<Servers>): void {
  let servers: Servers;
  before(async function () {
    servers = await start(this);
  });
  after(() => servers?.stop());

  it('finds exactly the planted rows, wherever they lie in groups of any size', async () => {
    const { kinds, engine, urls, run } = servers;
    await fc.assert(
      fc.asyncProperty(fc.tuple(...kinds.map(layouts)), fc.integer({ min: 1, max: 3 }), async (all, workers) => {
        const made = kinds.map((kind, i) => tables(servers, kind, all[i]!));
        const create = (side: Side) => run(side, made.flatMap(({ sql }) => sql[side]).join(';\n'));
        await Promise.all([create('source'), create('target')]);
        const result = await compare(engine, { ...urls, options: { workers } });
        for (const [i, kind] of kinds.entries()) {
          const table = tableOf(result, `t_${kind.name}`);
          assert.equal(table.reason, null);
          assert.deepEqual(found(table), made[i]!.expected, kind.name);
          const more = made[i]!.expected.map((text) =>
            text.startsWith('extra') ? 1 : text.startsWith('missing') ? -1 : 0,
          );
          assert.equal(
            table.rows.target! - table.rows.source!,
            more.reduce<number>((sum, n) => sum + n, 0),
          );
        }
      }),
      // as it is: making it smaller would take minutes
      { numRuns: 12, endOnFailure: true },
    );
  });

  it('finds a single row anywhere in a group that has many times the rows expected', async () => {
    const { kinds, engine, urls, run } = servers;
    const single = kinds.flatMap((kind) =>
      [1, 300, 2999].map((place) => {
        const layout: Layout = {
          rows: 3000,
          first: 1n,
          gap: 1n,
          // the groups are made for keys that lie evenly between the ends
          outlier: kind.most,
          changed: [place],
          missing: [],
          extra: [],
          analysed: true,
        };
        const names = { ...kind, name: `${kind.name}_${place}` };
        return { name: `t_${names.name}`, ...tables(servers, names, layout) };
      }),
    );
    const create = (side: Side) => run(side, single.flatMap(({ sql }) => sql[side]).join(';\n'));
    await Promise.all([create('source'), create('target')]);
    const result = await compare(engine, { ...urls });
    for (const { name, expected } of single) assert.deepEqual(found(tableOf(result, name)), expected, name);
  });
}

describe('pieces, groups and ranges of any size', function () {
  this.timeout(180_000);

  describe('PostgreSQL', () => {
    properties(async () => {
      const [source, target] = await Promise.all([startPostgres({ version: '17' }), startPostgres({ version: '18' })]);
      return {
        engine: postgresDigest,
        urls: { source: source.url(), target: target.url() },
        run: (side, sql) => (side === 'source' ? source : target).run(sql),
        numbers: (n) => `FROM generate_series(1::bigint, ${n}) AS s`,
        stale: 'WITH (autovacuum_enabled = off)',
        analyse: 'ANALYZE',
        kinds: [INT, BIGINT, text('text'), composite('varchar(20)')],
        stop: () => Promise.all([source.stop(), target.stop()]),
      };
    });
  });

  describeMysql('pieces, groups and ranges of any size', (product) => {
    properties(async (context) => {
      const { source, target, stop } = await startLabs(context, product);
      return {
        engine: mysqlDigest,
        urls: { source: source.urlOf('lab'), target: target.urlOf('lab') },
        run: (side, sql) => (side === 'source' ? source : target).query(sql, 'lab'),
        numbers: (n) => `FROM (SELECT CAST(seq AS DECIMAL(20)) AS s FROM ${numbersTo(n)}) AS numbers`,
        stale: 'STATS_AUTO_RECALC = 0',
        analyse: 'ANALYZE TABLE',
        kinds: [INT, BIGINT, UNSIGNED, text('varchar(30)'), composite('varchar(20)')],
        stop,
      };
    });
  });
});
