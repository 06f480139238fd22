import assert from 'node:assert/strict';
import fc from 'fast-check';
import { rowHash, type HashedColumn, type Hashing } from '../../src/engines/postgres/digest-hash.ts';
import { startPostgres, type PostgresServer } from '../../sandbox/postgres.ts';

const salt = '0123456789abcdef0123456789abcdef';
const HASHINGS: Readonly<Record<string, Hashing>> = {
  quick: { level: 'quick', salt, recoded: false, floatBits: false },
  careful: { level: 'careful', salt, recoded: false, floatBits: false },
  oldest: { level: 'oldest', salt, recoded: false, floatBits: false },
  'quick, recoded': { level: 'quick', salt, recoded: true, floatBits: true },
};

/** A form, the type of a column that takes it, and values (SQL) that are all different. */
const forms: readonly (readonly [form: string, type: string, values: readonly string[]])[] = [
  ['int4', 'int', ['NULL', '0', '1', '-1', '2147483647', '-2147483648']],
  [
    'int8',
    'bigint',
    ['NULL', '0', '-1', '1', '4294967296', '4294967297', '-4294967296', '9223372036854775807', '-9223372036854775808'],
  ],
  ['bool', 'bool', ['NULL', 'true', 'false']],
  ['numeric', 'numeric', ['NULL', '0', '1', '-1', '10000', '100000000', '0.0001', '-0.0001', `'NaN'`]],
  ['unlimited numeric', 'numeric', ['NULL', '0', '1', '-1', `'NaN'`, `'Infinity'`, `'-Infinity'`]],
  ['text', 'text', ['NULL', `''`, `' '`, `'-'`, `'0'`, `'NULL'`, `'1:a'`, `'a'`, `'A'`, `'é'`, `E'e\\u0301'`]],
  [
    'date',
    'date',
    ['NULL', `'2000-01-01'`, `'1999-12-31'`, `'infinity'`, `'-infinity'`, `'4713-01-01 BC'`, `'5874897-12-31'`],
  ],
  ...(['timestamp', 'timestamptz'] as const).map(
    (type) =>
      [
        type,
        type,
        [
          'NULL',
          `'infinity'`,
          `'-infinity'`,
          `'0001-01-01 00:00:00+00'`,
          // as far before the year 2000 as behind it, in words of 32 bits
          `'2024-05-06 07:08:09+00'`,
          `'1975-08-27 16:51:54.34656+00'`,
          ...[0, 1, -1, 2 ** 32, 2 ** 32 + 1, -(2 ** 32), -(2 ** 32) - 1, 3 * 2 ** 32, -3 * 2 ** 32].map(
            (n) => `${type} '2000-01-01 00:00:00+00' + ${n} * interval '1 microsecond'`,
          ),
        ],
      ] as const,
  ),
  ['uuid', 'uuid', ['NULL', `'00000000-0000-0000-0000-000000000000'`, `'00000000-0000-0000-0000-000000000001'`]],
  ['bytea', 'bytea', ['NULL', `''`, `'\\x00'`, `'\\x0000'`, `'\\xff'`]],
  ['jsonb', 'json', ['NULL', `'null'`, `'1.0'`, `'1.00'`, `'"1"'`, `'[]'`, `'{}'`, `'{"a":1}'`, `'{"a":-1}'`]],
];

/** Different spellings of what a form calls equal. */
const twins: readonly (readonly [form: string, type: string, values: readonly string[]])[] = [
  ['numeric', 'numeric', ['1.5', '1.50', '1.5000']],
  ['numeric', 'numeric', ['100', '100.0', '100.00']],
  ['numeric', 'numeric', ['0', '0.00', '-0.0']],
  ['numeric', 'numeric', ['-1200.10', '-1200.1']],
  ['jsonb', 'json', [`'{"a":1,"bb":[1, 2]}'`, `'{ "bb": [1,2], "a": 1 }'`]],
  ['text', 'char(5)', [`'ab'`, `'ab   '`]],
];

describe('the row digests of PostgreSQL, quick, careful and oldest', function () {
  this.timeout(60_000);
  let servers: readonly PostgresServer[];
  before(async () => {
    servers = await Promise.all([startPostgres({ version: '17' }), startPostgres({ version: '18' })]);
    for (const server of servers) await server.run("ALTER DATABASE postgres SET timezone = 'UTC'");
  });
  after(() => Promise.all((servers ?? []).map((server) => server.stop())));

  /** The digests of rows of SQL values on both servers, which must agree. */
  async function digests(
    columns: readonly (readonly [form: string, type: string])[],
    rows: readonly (readonly string[])[],
    hashing: Hashing,
  ): Promise<string[]> {
    const hashed = columns.map(([form], i): HashedColumn => ({ sql: `t.c${i}`, form, nullable: true }));
    const values = rows.map((row, n) => `(${n}, ${row.map((value, i) => `(${value})::${columns[i]![1]}`).join(', ')})`);
    const names = columns.map((_, i) => `c${i}`).join(', ');
    const sql = `SELECT ${rowHash(hashed, hashing)}::text AS h FROM (VALUES ${values.join(', ')}) AS t(n, ${names}) ORDER BY n`;
    const [mine, theirs] = await Promise.all(servers.map((server) => server.run(sql)));
    assert.deepEqual(mine, theirs);
    return mine!.map(({ h }) => String(h));
  }

  for (const [level, hashing] of Object.entries(HASHINGS)) {
    it(`are different for different values of each type, next to any neighbour: ${level}`, async () => {
      for (const [form, type, values] of forms) {
        // alone, and both before and behind another value of the same type
        const rows = values.flatMap((a) => values.map((b) => [a, b]));
        const found = await digests(
          [
            [form, type],
            [form, type],
          ],
          rows,
          hashing,
        );
        assert.equal(new Set(found).size, rows.length, `${form}: ${rows.length - new Set(found).size} collide`);
      }
    });

    it(`are the same for what the form calls equal: ${level}`, async () => {
      for (const [form, type, values] of twins) {
        const found = await digests(
          [
            [form, type],
            ['int4', 'int'],
          ],
          values.map((value) => [value, '7']),
          hashing,
        );
        assert.equal(new Set(found).size, 1, `${form}: ${values.join(' ')}`);
      }
    });

    it(`never add up alike where values are swapped or moved between rows: ${level}`, async () => {
      const value = fc.oneof(
        fc.constantFrom('NULL', ...['', 'a', '1:a', ','].map(quoted)),
        fc.string({ maxLength: 4 }).map(quoted),
      );
      const number = fc.oneof(fc.constantFrom('NULL', '0', '1', '-1'), fc.integer().map(String));
      const row = fc.tuple(value, number, value);
      await fc.assert(
        fc.asyncProperty(row, row, fc.integer({ min: 0, max: 2 }), async (a, b, column) => {
          const [c, d] = [[...a], [...b]];
          [c[column], d[column]] = [b[column]!, a[column]!];
          fc.pre(a[column] !== b[column] && a.some((each, i) => i !== column && each !== b[i]));
          const [h1, h2, h3, h4] = (
            await digests(
              [
                ['text', 'text'],
                ['int4', 'int'],
                ['text', 'text'],
              ],
              [a, b, c, d],
              hashing,
            )
          ).map(BigInt);
          assert.notEqual(h1! + h2!, h3! + h4!);
        }),
        { numRuns: 60 },
      );
    });
  }
});

const quoted = (text: string) => `E'${text.replaceAll('\0', '').replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
