/**
 * The server's own hash functions fold 64 bits into 32, drop signs and take special values for one another. Pairs made
 * by just these formulas must have different digests, whatever came before them in the row and whatever the salt.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { rowHash, type HashedColumn, type Hashing } from '../../src/engines/postgres/digest-hash.ts';
import { startPostgres, type PostgresServer } from '../../sandbox/postgres.ts';

interface Folded {
  readonly form: string;
  readonly type: string;
  /** two different values, as SQL */
  readonly pair: fc.Arbitrary<readonly [string, string]>;
}

const WORD = 2n ** 32n;
const signed = (n: bigint) => BigInt.asIntN(64, n);

/** Words that `lo ^ (hi >= 0 ? hi : ~hi)` makes the same one, and what else may look alike to a hash of 32 bits. */
function partners(n: bigint, other: bigint): bigint[] {
  const [high, low] = [n >> 32n, n & (WORD - 1n)];
  const folded = (word: bigint) => (word >= 0n ? word : ~word);
  const withHigh = (word: bigint) => signed((word << 32n) | (low ^ BigInt.asUintN(32, folded(high) ^ folded(word))));
  return [
    ...[~high, -high, high + 1n, high - 1n, other >> 32n].map(withHigh),
    ...[-n, ~n, n + WORD, n - WORD, n ^ WORD, n ^ (1n << 63n), low, low - WORD, high, low << 32n].map(signed),
  ];
}

const words = (min: bigint, max: bigint) =>
  fc
    .tuple(
      fc.oneof(
        fc.bigInt({ min, max }),
        fc.bigInt({ min: -5n, max: 5n }).map((high) => (high * WORD) % max),
      ),
      fc.bigInt({ min, max }),
      fc.nat(),
    )
    .map(([n, other, which]) => [n < min ? -n : n, other, which] as const)
    .map(([n, other, which]): readonly [bigint, bigint] => {
      const all = partners(n, other).filter((each) => each !== n && each >= min && each <= max);
      return [n, all[which % all.length] ?? (n > min ? n - 1n : n + 1n)];
    });

const spelled = (values: fc.Arbitrary<readonly [bigint, bigint]>, spell: (n: bigint) => string) =>
  values.map(([a, b]): readonly [string, string] => [spell(a), spell(b)]);

const either = (values: readonly string[]) =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength: 2, maxLength: 2 }).map(([a, b]) => [a!, b!] as const);

const sinceYear2000 = (type: string) => (n: bigint) =>
  `${type} '2000-01-01 00:00:00+00' + ${n} * interval '1 microsecond'`;
const MAX = 2n ** 63n - 1n;
/** microseconds since 2000 of the years -2700 to 8000 */
const MOMENTS = [-148_000_000_000_000_000n, 189_000_000_000_000_000n] as const;

const numerics = fc
  .tuple(fc.integer({ min: 1, max: 9999 }), fc.integer({ min: -5, max: 5 }), fc.integer({ min: -5, max: 5 }))
  .filter(([, a, b]) => a !== b)
  .map(([digits, a, b]): readonly [string, string] => [`${digits}e${a * 4}`, `-${digits}e${b * 4}`]);

const folds: readonly Folded[] = [
  { form: 'int4', type: 'int', pair: spelled(words(-(2n ** 31n), 2n ** 31n - 1n), String) },
  { form: 'int8', type: 'bigint', pair: spelled(words(-MAX, MAX), String) },
  { form: 'text', type: 'money', pair: spelled(words(-(9n * 10n ** 16n), 9n * 10n ** 16n), (n) => `'${n}'::money`) },
  { form: 'text', type: 'oid', pair: spelled(words(0n, WORD - 1n), (n) => `${n}::bigint`) },
  {
    form: 'text',
    type: 'time',
    pair: spelled(words(0n, 86_399_999_999n), (n) => `time '00:00' + ${n} * interval '1 microsecond'`),
  },
  {
    form: 'text',
    type: 'timetz',
    pair: either(["'12:00+00'", "'13:00+01'", "'11:00-01'", "'12:00:00.000001+00'", "'00:00+00'", "'24:00+00'"]),
  },
  {
    form: 'text',
    type: 'interval',
    pair: either(["'1 month'", "'30 days'", "'720 hours'", "'-1 month'", "'1 month -30 days'", "'0'", "'-30 days'"]),
  },
  {
    form: 'date',
    type: 'date',
    pair: spelled(words(-2_400_000n, 2_000_000_000n), (n) => `date '2000-01-01' + (${n})::int`),
  },
  { form: 'date', type: 'date', pair: either(["'infinity'", "'-infinity'", "'2000-01-01'", 'NULL', "'1999-12-31'"]) },
  ...(['timestamp', 'timestamptz'] as const).flatMap((type): Folded[] => [
    { form: type, type, pair: spelled(words(...MOMENTS), sinceYear2000(type)) },
    { form: type, type, pair: either(["'infinity'", "'-infinity'", "'2000-01-01 00:00:00+00'", 'NULL']) },
  ]),
  { form: 'numeric', type: 'numeric', pair: numerics },
  { form: 'numeric', type: 'numeric', pair: either(['0', '1', '-1', '10000', '-10000', '0.0001', "'NaN'", 'NULL']) },
  {
    form: 'unlimited numeric',
    type: 'numeric',
    pair: either(['0', '1', '-1', "'NaN'", "'Infinity'", "'-Infinity'", 'NULL']),
  },
  {
    form: 'text',
    type: 'float8',
    pair: either(["'0'", "'-0'", "'NaN'", "'Infinity'", "'-Infinity'", "'1e-320'", "'-1e-320'", 'NULL']),
  },
  { form: 'text', type: 'float4', pair: either(["'0'", "'-0'", "'NaN'", "'Infinity'", '16777216', '16777217.5 + 1']) },
  { form: 'bool', type: 'bool', pair: either(['true', 'false', 'NULL']) },
  { form: 'bytea', type: 'bytea', pair: either(["''", "'\\x00'", "'\\x0000'", 'NULL', "'\\x01'"]) },
  { form: 'text', type: 'text', pair: either(["''", "'0'", "'-'", "' '", 'NULL', "'NULL'"]) },
];

describe('values that the hash functions of PostgreSQL fold into one', function () {
  this.timeout(60_000);
  let server: PostgresServer;
  before(async () => {
    server = await startPostgres({ version: '18' });
    await server.run("ALTER DATABASE postgres SET TimeZone = 'UTC'");
  });
  after(() => server?.stop());

  const salt = fc.stringMatching(/^[0-9a-f]{32}$/);
  const seeded = fc.record({
    level: fc.constantFrom('quick', 'careful', 'oldest'),
    salt,
    recoded: fc.boolean(),
    floatBits: fc.boolean(),
  });

  for (const { form, type, pair } of folds) {
    it(`have different digests: ${form} of ${type}`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(pair, { minLength: 20, maxLength: 60 }), seeded, async (pairs, hashing: Hashing) => {
          // between two values that are alike, and alone
          const columns: HashedColumn[] = [
            { sql: '7', form: 'int4', nullable: false },
            { sql: 'v', form, nullable: true },
            { sql: "'x'::text", form: 'text', nullable: true },
          ];
          for (const shape of [columns, columns.slice(1, 2)]) {
            const of = (value: string) =>
              `(SELECT ${rowHash(shape, hashing)} FROM (SELECT a.${value} AS v OFFSET 0) AS t)`;
            const values = pairs.map(([a, b]) => `((${a})::${type}, (${b})::${type})`).join(', ');
            const alike = await server.run(
              `SELECT a.mine::text, a.theirs::text FROM (VALUES ${values}) AS a(mine, theirs)
                WHERE ${of('mine')} = ${of('theirs')} AND a.mine::text IS DISTINCT FROM a.theirs::text`,
            );
            assert.deepEqual(alike, []);
          }
        }),
        { numRuns: 12 },
      );
    });
  }
});
