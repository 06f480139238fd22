import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { sameDocument } from '../../../src/engines/mysql/digest-json.ts';

describe('MySQL: JSON of one product against that of the other', () => {
  for (const [source, target] of [
    ['{"b":1,"a":[1,2]}', '{"a": [1, 2], "b": 1}'],
    ['1.0', '1'],
    ['1.50e1', '15'],
    ['"\\u00e9"', '"é"'],
    ['-0', '0'],
    ['0.1234567890123456789', '0.12345678901234568'],
    ['1e400', '1e400'],
    [null, null],
    ['{a:1}', '{a:1}'],
  ] as const) {
    it(`takes ${source ?? 'NULL'} for ${target ?? 'NULL'}`, () => assert.equal(sameDocument(source, target), true));
  }

  for (const [source, target] of [
    ['[1,2]', '[2,1]'],
    ['1e400', '1e500'],
    ['{"a":1}', '{"a":"1"}'],
    ['"n1"', '1'],
    ['9007199254740993', '9007199254740992'],
    ['18446744073709551615', '18446744073709551614'],
    ['{"a":null}', '{}'],
    ['null', null],
    ['true', '"true"'],
    ['{a:1}', '{a: 1}'],
    ['01', '1'],
    ['[1 2]', '[12]'],
    ['{"1":2}', '{"2":1}'],
  ] as const) {
    it(`tells ${source} from ${target ?? 'NULL'}`, () => assert.equal(sameDocument(source, target), false));
  }

  it('takes any document for itself, spelled otherwise, and for no other', () => {
    const document = fc.jsonValue({ maxDepth: 2 });
    fc.assert(
      fc.property(document, document, (one, other) => {
        const text = JSON.stringify(one);
        assert.ok(sameDocument(text, JSON.stringify(one, null, 2)));
        const alike = isDeepStrictEqual(JSON.parse(text), JSON.parse(JSON.stringify(other)));
        assert.equal(sameDocument(text, JSON.stringify(other)), alike);
      }),
      { numRuns: 60 },
    );
  });
});
