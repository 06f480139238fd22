/**
 * Before anything is scanned both servers hash the same constants. What they must do alike is checked, and what no
 * documentation promises to be alike between versions (the bytes of a float, of a uniqueidentifier, of a variant) is
 * used only where it is.
 */
import { both } from '../../comparison/tableRows.ts';
import { Failure } from '../../util/failure.ts';
import { sentence } from '../../util/sentence.ts';
import type { Agreement } from './digest-encode.ts';
import { sha256 } from './digest-encode.ts';
import type { Snapshot } from './digest-snapshot.ts';

const CASTS = {
  float: ['CAST(-1.5e300 AS float)', 'CAST(0.1e0 AS float)', 'CAST(2.3e-308 AS float)'],
  real: ['CAST(1.1e0 AS real)', 'CAST(-3.4e38 AS real)'],
  uuid: ["CAST('01234567-89AB-CDEF-FEDC-BA9876543210' AS uniqueidentifier)"],
} as const;

const VARIANTS = [
  'CAST(-5 AS bigint)',
  'CAST(12.345 AS decimal(9, 3))',
  'CAST(12.3456 AS money)',
  'CAST(0.1e0 AS float)',
  "CAST('ab' AS varchar(9))",
  "CAST(N'ab' AS nvarchar(9))",
  "CAST('2026-11-23T01:02:03.997' AS datetime)",
  "CAST('2026-11-23 01:02:03.1234567' AS datetime2(7))",
  "CAST('2026-11-23' AS date)",
  "CAST('01234567-89AB-CDEF-FEDC-BA9876543210' AS uniqueidentifier)",
] as const;

/** Forms that the documentation fixes; they are checked all the same. */
const MUST = [
  'CAST(CAST(-5 AS bigint) AS binary(8))',
  "CAST(N'a' + NCHAR(233) AS varbinary(20))",
  'CAST(CONVERT(varchar(41), CAST(-1.50 AS decimal(38, 2))) AS varbinary(41))',
  "CAST(CONVERT(char(27), CAST('2026-11-23 01:02:03.1234567' AS datetime2(7)), 121) AS binary(27))",
  "CAST(CONVERT(char(23), CAST('2026-11-23T01:02:03.997' AS datetime), 121) AS binary(23))",
  "CAST(DATEDIFF(day, CAST('0001-01-01' AS date), CAST('2026-11-23' AS date)) AS binary(4))",
];

const joined = (parts: readonly string[], size: number) =>
  parts.map((part) => `CAST(${part} AS binary(${size}))`).join(' + ');
const shown = (bytes: string, name: string) => `CONVERT(varchar(64), ${sha256(bytes)}, 2) AS ${name}`;

/** Style 3 gives this; versions that do not know it give six digits. */
const ALL_DIGITS = {
  sql: 'CONVERT(varchar(32), CAST(0.1e0 AS float), 3) AS all_digits',
  text: '1.0000000000000001e-001',
};

/** One row of hashes, one for each thing to agree on. */
export const CONSTANTS = `SELECT ${[
  shown(MUST.join(' + '), 'must'),
  shown(joined(CASTS.float, 8), 'float_bytes'),
  shown(joined(CASTS.real, 4), 'real_bytes'),
  shown(joined(CASTS.uuid, 16), 'uuid_bytes'),
  shown(VARIANTS.map((value) => `CAST(CAST(${value} AS sql_variant) AS varbinary(8000))`).join(' + '), 'variant_bytes'),
  ALL_DIGITS.sql,
].join(', ')}`;

/** HASHBYTES has no limit any more. */
const SQL_SERVER_2016 = 13;

export async function agree(source: Snapshot, target: Snapshot, signal: AbortSignal): Promise<Agreement> {
  const [[mine], [theirs]] = await both(source.ask(CONSTANTS, signal), target.ask(CONSTANTS, signal));
  const alike = (name: string) => mine?.[name] != null && mine[name] === theirs?.[name];
  if (!alike('must')) {
    throw new Failure(
      'unsupported',
      sentence('{source} and {target} do not compute the same hash of the same values.', {
        source: source.endpoint,
        target: target.endpoint,
      }),
    );
  }
  return {
    float: alike('float_bytes'),
    real: alike('real_bytes'),
    uuid: alike('uuid_bytes'),
    variant: alike('variant_bytes'),
    unlimited: source.level >= SQL_SERVER_2016 && target.level >= SQL_SERVER_2016,
    allDigits: alike('all_digits') && mine?.['all_digits'] === ALL_DIGITS.text,
  };
}

/** Values that would have no exact form: better no verdict than a wrong one. */
export function requireForms(
  forms: ReadonlySet<string>,
  agreement: Agreement,
  source: Snapshot,
  target: Snapshot,
): void {
  const missing =
    (forms.has('variant') && !agreement.variant) ||
    (!agreement.allDigits && ((forms.has('float') && !agreement.float) || (forms.has('real') && !agreement.real)));
  if (!missing) return;
  throw new Failure(
    'unsupported',
    sentence('{source} and {target} keep such values in different forms: they cannot be compared exactly.', {
      source: source.endpoint,
      target: target.endpoint,
    }),
  );
}
