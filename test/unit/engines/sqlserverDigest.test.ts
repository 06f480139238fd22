import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { SqlServerColumn } from '../../../src/engines/sqlserver/digest-catalog.ts';
import {
  bitmapOf,
  byHash,
  byRange,
  finer,
  groupsIn,
  rangeOf,
  unitRange,
  unitsIn,
} from '../../../src/engines/sqlserver/digest-groups.ts';
import { literal, textLiteral, typedLiteral } from '../../../src/engines/sqlserver/digest-literal.ts';
import { matchColumns } from '../../../src/engines/sqlserver/digest-match.ts';
import { say } from '../../../src/util/sentence.ts';

const LEAST = -(2n ** 63n);
const MOST = 2n ** 63n - 1n;
const key = fc.oneof(
  fc.bigInt({ min: LEAST, max: MOST }),
  fc.bigInt({ min: -600n, max: 600n }),
  fc.constantFrom(LEAST, MOST),
);

describe('groups of rows on SQL Server', () => {
  const ends = fc.tuple(key, key).map(([a, b]) => (a < b ? { first: a, last: b } : { first: b, last: a }));
  const rows = fc.integer({ min: 1, max: 50_000_000 });

  it('read every key in exactly one unit, and no group in two', () => {
    fc.assert(
      fc.property(ends, rows, (span, count) => {
        const grouping = byRange(span, count);
        assert.ok(grouping.by === 'range');
        const ranges = Array.from({ length: unitsIn(grouping) }, (_, unit) => unitRange(grouping, unit));
        assert.equal(ranges[0]?.first, LEAST);
        assert.equal(ranges.at(-1)?.last, MOST);
        for (const [i, { first, last }] of ranges.entries()) {
          assert.ok(first <= last);
          const next = ranges[i + 1];
          if (!next) continue;
          assert.equal(next.first, last + 1n);
          assert.notEqual(next.first / grouping.step, last / grouping.step);
        }
      }),
    );
  });

  it('have the keys whose quotient they are, and lie within the coarser ones', () => {
    fc.assert(
      fc.property(ends, rows, key, (span, count, one) => {
        const grouping = byRange(span, count);
        assert.ok(grouping.by === 'range' && grouping.step <= MOST);
        for (let { step } = grouping; step > 1n; { step } = finer({ step, mask: 0n })) {
          const [alike] = groupsIn([`${step}:${one / step}`]);
          const [group] = alike?.groups ?? [];
          assert.ok(group);
          const { first, last } = rangeOf(group);
          assert.ok(first <= one && one <= last);
          assert.ok(first === LEAST || (first - 1n) / step !== one / step);
          assert.ok((last + 1n) / step !== one / step);
          const fine = finer({ step, mask: 0n }).step;
          assert.equal(one / fine / (step / fine), one / step);
        }
      }),
    );
  });

  it('are few enough to hold in memory', () => {
    fc.assert(
      fc.property(ends, rows, (span, count) => {
        const grouping = byRange(span, count);
        assert.ok(grouping.by === 'range');
        assert.ok(grouping.last - grouping.first <= 65_536n);
      }),
    );
    const hashed = byHash(1_000_000_000);
    assert.ok(hashed.by === 'hash' && hashed.mask === 32_767);
  });

  it('split at last by the hash of the key', () => {
    assert.deepEqual(finer({ step: 1n, mask: 0n }), { step: 1n, mask: 15n });
    assert.deepEqual(finer({ step: 1n, mask: 15n }), { step: 1n, mask: 255n });
    assert.deepEqual(
      groupsIn(['16:-2', '1:5/15:3', '16:0', '1:5/15:4']).map(({ step, mask, groups }) => [step, mask, groups.length]),
      [
        [16n, 0n, 2],
        [1n, 15n, 2],
      ],
    );
  });

  it('are marked by their bits', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 255 })), (numbers) => {
        const bitmap = bitmapOf(numbers.map(String), 255);
        const set = Array.from({ length: 256 }, (_, n) => n).filter(
          (n) => ((bitmap[n >> 3] ?? 0) & (1 << (n % 8))) !== 0,
        );
        assert.deepEqual(
          set,
          [...numbers].sort((a, b) => a - b),
        );
      }),
    );
  });
});

function column(declared: string, change: Partial<SqlServerColumn> = {}): SqlServerColumn {
  const [, type = '', first = '0', second] = /^(\w+)(?:\((\w+)(?:,(\d+))?\))?$/.exec(declared) ?? [];
  const size = first === 'max' ? -1 : Number(first);
  return {
    name: 'c',
    type,
    declared,
    nullable: true,
    generated: false,
    scale: second !== undefined ? Number(second) : /time|decimal/.test(type) ? size : null,
    collation: null,
    charset: type.startsWith('n') ? 'utf-16' : '1252',
    bytes: type.startsWith('n') && size > 0 ? size * 2 : size,
    precision: size,
    identity: false,
    ...change,
  };
}

describe('forms of columns on SQL Server', () => {
  const form = (a: string, b: string) => matchColumns(column(a), column(b)).form;

  it('are exact', () => {
    assert.equal(form('int', 'bigint'), 'integer');
    assert.equal(form('decimal(12,2)', 'numeric(20,4)'), 'decimal:4');
    assert.equal(form('real', 'float'), 'float');
    assert.equal(form('varchar(5)', 'varchar(max)'), 'text');
    assert.equal(form('varchar(5)', 'nvarchar(5)'), 'unicode');
    assert.equal(form('char(5)', 'char(5)'), 'text');
    assert.equal(form('char(5)', 'char(6)'), 'padded text');
    assert.equal(form('datetime', 'datetime2(7)'), 'moment');
    assert.equal(form('timestamp', 'timestamp'), 'bytes');
  });

  it('are none where values cannot be compared exactly, and it is said which', () => {
    for (const [a, b] of [
      ['decimal(38,0)', 'decimal(38,10)'],
      ['int', 'varchar(9)'],
      ['binary(5)', 'binary(6)'],
      ['binary(5)', 'varbinary(5)'],
      ['float', 'decimal(9,2)'],
      ['date', 'datetime'],
      ['datetime2(7)', 'datetimeoffset(7)'],
      ['vector', 'vector'],
      ['encrypted', 'encrypted'],
    ] as const) {
      const { form: none, note } = matchColumns(column(a), column(b));
      assert.equal(none, null, `${a} and ${b}`);
      assert.ok(note && say(note).includes(`c is ${a} on the source and ${b} on the target`));
    }
  });

  it('say under which equivalence', () => {
    const { note } = matchColumns(column('char(5)'), column('varchar(5)'));
    assert.match(note ? say(note) : '', /blanks at its end do not count/);
  });
});

describe('literals of Transact-SQL', () => {
  it('keep every text, and never more than it', () => {
    assert.equal(textLiteral("it's"), "N'it''s'");
    assert.equal(textLiteral('a\\b'), "N'a\\b'");
    assert.equal(textLiteral('a\\\r\nb\\\nc'), "(CAST(N'' AS nvarchar(max)) + N'a\\' + N'\r\nb\\' + N'\nc')");
    assert.equal(literal('1; DROP TABLE t', column('int')), "N'1; DROP TABLE t'");
    assert.equal(literal('0x00); DROP', column('varbinary(9)')), "N'0x00); DROP'");
  });

  it('mean the same under every language and setting', () => {
    assert.equal(
      literal('2026-01-02 03:04:05.997', column('datetime')),
      "CONVERT(datetime, N'2026-01-02 03:04:05.997', 121)",
    );
    assert.equal(literal('-1.5000000000000000e+000', column('float')), '-1.5000000000000000e+000');
    assert.equal(literal('0x00FF', column('hierarchyid')), 'CAST(0x00FF AS hierarchyid)');
    assert.equal(
      typedLiteral('łódź', column('varchar(9)', { collation: 'Polish_CI_AS' })),
      "CAST(N'łódź' COLLATE Polish_CI_AS AS varchar(9))",
    );
  });
});
