/**
 * Before anything is scanned both servers are asked for the forms of known values. Only forms that come out on both
 * exactly as they are meant to are used: that goes for what the documentation describes, and more so for what it does
 * not promise to be alike between versions (the bytes of a float, of a uniqueidentifier, of a variant).
 */
import { both } from '../../comparison/tableRows.ts';
import { Failure } from '../../util/failure.ts';
import { sentence } from '../../util/sentence.ts';
import { sha256, type Agreement } from './digest-encode.ts';
import type { Snapshot } from './digest-snapshot.ts';

interface Proof {
  /** what it proves: a form, or `decimal` for all of them */
  readonly form: string;
  /** SQL of a text, and what it has to be */
  readonly sql: string;
  readonly text: string;
}

const hex = (bytes: string) => `CONVERT(varchar(64), ${bytes}, 2)`;
const text = (form: string, size: number, value: string, shown: string, style = 121): Proof => ({
  form,
  sql: `CONVERT(varchar(${size}), ${value}, ${style})`,
  text: shown,
});
const bytes = (form: string, value: string, size: number, shown: string): Proof => ({
  form,
  sql: hex(`CAST(${value} AS binary(${size}))`),
  text: shown,
});

const SHA256_OF_ABC = 'BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD';
const UUID = '01234567-89AB-CDEF-FEDC-BA9876543210';

const PROOFS: readonly Proof[] = [
  { form: 'hash', sql: hex(sha256('0x616263')), text: SHA256_OF_ABC },
  bytes('integer', 'CAST(-5 AS bigint)', 8, 'FFFFFFFFFFFFFFFB'),
  { form: 'text', sql: hex("CAST(CAST('ab ' AS varchar(9)) AS varbinary(9))"), text: '616220' },
  { form: 'unicode', sql: hex('CAST(NCHAR(233) + NCHAR(20013) AS varbinary(9))'), text: 'E9002D4E' },
  { form: 'decimal', sql: 'CONVERT(varchar(41), CAST(-1.5 AS decimal(38, 2)))', text: '-1.50' },
  text('money', 41, 'CAST(-1234.5678 AS money)', '-1234.5678', 2),
  bytes('date', "DATEDIFF(day, CAST('0001-01-01' AS date), CAST('2026-11-23' AS date))", 4, '000B4A66'),
  text('time', 16, "CAST('01:02:03.1234567' AS time(7))", '01:02:03.1234567'),
  text('moment', 27, "CAST('2026-11-23 01:02:03.1234567' AS datetime2(7))", '2026-11-23 01:02:03.1234567'),
  text('moment', 23, "CAST('2026-11-23T01:02:03.997' AS datetime)", '2026-11-23 01:02:03.997'),
  text('moment', 23, "CAST('2026-11-23T01:02:00' AS smalldatetime)", '2026-11-23 01:02:00.000'),
  text(
    'offset',
    34,
    "CAST('2026-11-23 01:02:03.1234567 +05:45' AS datetimeoffset(7))",
    '2026-11-23 01:02:03.1234567 +05:45',
  ),
  bytes('float', 'CAST(-0.1e0 AS float)', 8, 'BFB999999999999A'),
  bytes('real', 'CAST(-0.1e0 AS real)', 4, 'BDCCCCCD'),
  bytes('uuid', `CAST('${UUID}' AS uniqueidentifier)`, 16, '67452301AB89EFCDFEDCBA9876543210'),
  text('uuid text', 36, `CAST('${UUID}' AS uniqueidentifier)`, UUID, 0),
  // 2016 and later; before, the style is taken for one of six digits
  text('all digits', 32, 'CAST(0.1e0 AS float)', '1.0000000000000001e-001', 3),
];

/** A variant takes the bytes of its value's own type: alike on both sides is all that is asked of them. */
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
  `CAST('${UUID}' AS uniqueidentifier)`,
].map((value) => `CAST(CAST(${value} AS sql_variant) AS varbinary(8000))`);

export const CONSTANTS = `SELECT ${PROOFS.map(({ sql }, i) => `${sql} AS p${i}`).join(', ')}, ${hex(sha256(VARIANTS.join(' + ')))} AS variant`;

/** HASHBYTES has no limit any more. */
const SQL_SERVER_2016 = 13;

export async function agree(source: Snapshot, target: Snapshot, signal: AbortSignal): Promise<Agreement> {
  const [[mine], [theirs]] = await both(source.ask(CONSTANTS, signal), target.ask(CONSTANTS, signal));
  const unproved = new Set(
    PROOFS.filter((proof, i) => mine?.[`p${i}`] !== proof.text || theirs?.[`p${i}`] !== proof.text).map(
      ({ form }) => form,
    ),
  );
  if (unproved.has('hash')) {
    throw new Failure(
      'unsupported',
      sentence('{source} and {target} do not compute the same hash of the same values.', {
        source: source.endpoint,
        target: target.endpoint,
      }),
    );
  }
  const variant = mine?.['variant'] != null && mine['variant'] === theirs?.['variant'];
  return {
    unproved: variant ? unproved : unproved.add('variant'),
    asText: new Set(),
    unlimited: source.level >= SQL_SERVER_2016 && target.level >= SQL_SERVER_2016,
  };
}

/** Values whose bytes are not to be relied on, and the text that can stand for them. */
const IN_PLACE: Readonly<Record<string, string>> = { float: 'all digits', real: 'all digits', uuid: 'uuid text' };

/**
 * The agreement for columns of these forms; bytes are replaced by texts where they are not proved, or for `careful`.
 * Values that would have no exact form: better no verdict than a wrong one.
 */
export function agreementOn(
  forms: readonly string[],
  { unproved, ...common }: Agreement,
  careful: boolean,
  { source, target }: { readonly source: Snapshot; readonly target: Snapshot },
): Agreement {
  const asText = new Set<string>();
  for (const form of forms) {
    const kind = form.replace(/^padded /, '').replace(/:.*$/, '');
    const other = IN_PLACE[kind];
    if (other !== undefined && !unproved.has(other) && (careful || unproved.has(kind))) asText.add(kind);
    else if (unproved.has(kind)) {
      throw new Failure(
        'unsupported',
        sentence(
          '{source} and {target} show values of a kind ({kind}) in different forms: they cannot be compared exactly.',
          {
            source: source.endpoint,
            target: target.endpoint,
            kind,
          },
        ),
      );
    }
  }
  return { ...common, unproved, asText };
}
