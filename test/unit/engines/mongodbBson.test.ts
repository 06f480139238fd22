import assert from 'node:assert/strict';
import { runInNewContext } from 'node:vm';
import {
  Binary,
  BSON,
  BSONRegExp,
  BSONSymbol,
  Code,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'mongodb';
import fc from 'fast-check';
import { elementsOf, parsed, textOfElement, valueOf, withoutOrder } from '../../../src/engines/mongodb/digest-bson.ts';
import { documentRepair } from '../../../src/engines/mongodb/digest-repair.ts';

const bytesOf = (document: object) => Buffer.from(BSON.serialize(document, { ignoreUndefined: false }));
const textOf = (document: object, limit = Infinity) =>
  [...elementsOf(bytesOf(document))].map((element) => textOfElement(element, limit).text);

/** A value of any type, as the driver sends it. */
const scalar = fc.oneof(
  fc.integer().map((n) => new Int32(n)),
  fc.double().map((n) => new Double(n)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((n) => Long.fromBigInt(n)),
  fc.string({ unit: 'grapheme' }),
  fc.boolean(),
  fc.constantFrom(null, undefined, new MinKey(), new MaxKey(), new BSONSymbol('s'), new Timestamp({ t: 3, i: 4 })),
  fc.constantFrom(new Code('return x', { x: 1 }), new Code('return 1'), new BSONRegExp('a"b', 'im')),
  fc.constantFrom('1.0', '-0', 'NaN', '1E+6144', '0.00').map((text) => Decimal128.fromString(text)),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => new Binary(bytes, 128)),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => new Binary(bytes, 2)),
  fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) => new ObjectId(bytes)),
  fc.integer({ min: -1e12, max: 1e13 }).map((ms) => new Date(ms)),
);
const name = fc.string({ minLength: 1, maxLength: 6 }).map((text) => `f${text.replaceAll('\0', '')}`);
const { value } = fc.letrec<{ value: unknown; nested: unknown }>((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, scalar, tie('nested')),
  nested: fc.oneof(fc.array(tie('value'), { maxLength: 4 }), fc.dictionary(name, tie('value'), { maxKeys: 4 })),
}));
const document = fc.dictionary(name, value, { maxKeys: 5, noNullPrototype: true });

describe('documents as bytes', () => {
  it('are walked to their end, and written as the driver writes canonical extended JSON', () => {
    fc.assert(
      fc.property(document, (given) => {
        const bytes = bytesOf(given);
        assert.equal([...elementsOf(bytes)].at(-1)?.end ?? 4, bytes.length - 1);
        const theirs = BSON.deserialize(bytes, { promoteValues: false, bsonRegExp: true });
        const expected = Object.values(theirs).map((each: unknown) =>
          BSON.EJSON.stringify({ v: each }, { relaxed: false }).slice(5, -1),
        );
        assert.deepEqual(textOf(given), expected);
      }),
    );
  });

  it('come back from their text as they were', () => {
    fc.assert(
      fc.property(value, (given) => {
        const [element] = elementsOf(bytesOf({ v: given }));
        const back = parsed(textOfElement(element!, Infinity).text);
        assert.ok(back);
        assert.deepEqual(bytesOf({ v: back.value }), bytesOf({ v: given }));
        assert.deepEqual(bytesOf({ v: valueOf(element!) }), bytesOf({ v: given }));
      }),
    );
  });

  it('are equal without their order exactly when nothing but the order differs', () => {
    const shuffled = (given: unknown): unknown => {
      if (Array.isArray(given)) return given.map(shuffled);
      if (typeof given !== 'object' || given === null || given instanceof BSON.BSONValue || given instanceof Date)
        return given;
      return Object.fromEntries(
        Object.entries(given)
          .reverse()
          .map(([field, inner]) => [field, shuffled(inner)]),
      );
    };
    fc.assert(
      fc.property(document, document, (given, other) => {
        assert.deepEqual(withoutOrder(bytesOf(given)), withoutOrder(bytesOf(shuffled(given) as object)));
        const same =
          textOf(shuffled(given) as object)
            .sort()
            .join() ===
          textOf(shuffled(other) as object)
            .sort()
            .join();
        if (!same) assert.notDeepEqual(withoutOrder(bytesOf(given)), withoutOrder(bytesOf(other)));
      }),
    );
    assert.notDeepEqual(withoutOrder(bytesOf({ a: [1, 2] })), withoutOrder(bytesOf({ a: [2, 1] })));
    assert.notDeepEqual(withoutOrder(bytesOf({ a: { b: 1 } })), withoutOrder(bytesOf({ a: { b: Long.ONE } })));
  });

  it('keep names that are numbers, and names that come twice, where they stand', () => {
    const numbers = new Map<string, unknown>([
      ['b', 1],
      ['1', new Map([['z', 1]])],
    ]);
    assert.deepEqual(textOf({ v: numbers }), ['{"b":{"$numberInt":"1"},"1":{"z":{"$numberInt":"1"}}}']);
    const twice = bytesOf({ a: 1, b: 2 });
    twice[twice.indexOf('b')] = 'a'.charCodeAt(0);
    const [first, second] = elementsOf(twice);
    assert.deepEqual([first?.name, second?.name], ['a', 'a']);
  });

  it('have no more of a long value put into words than is shown', () => {
    const long = 'ü'.repeat(2_000_000);
    for (const given of [long, new Binary(Buffer.from(long)), new Code(long), new BSONSymbol(long), [long, long]]) {
      const [element] = elementsOf(bytesOf({ v: given }));
      const { text, cut } = textOfElement(element!, 1000);
      assert.ok(cut);
      assert.ok(text.length < 1100, `${text.length} characters`);
      const whole = textOfElement(element!, Infinity);
      assert.ok(!whole.cut);
      assert.equal(text.slice(0, 1000), whole.text.slice(0, 1000));
    }
  });

  it('are not put in order where they have very many fields', () => {
    const many = Object.fromEntries(Array.from({ length: 30_000 }, (_, i) => [`f${i}`, 1]));
    assert.equal(withoutOrder(bytesOf(many)), null);
    assert.equal(withoutOrder(bytesOf({ a: [...Array(30_000).keys()] })), null);
  });

  it('are cut where they get too long, at any depth', () => {
    const long = { v: [{ w: 'x'.repeat(1000) }, ...Array.from({ length: 1000 }, () => 'y'.repeat(100))] };
    const [element] = elementsOf(bytesOf(long));
    const { text, cut } = textOfElement(element!, 50);
    assert.ok(cut);
    assert.ok(text.length < 500, `${text.length} characters`);
  });
});

describe('repair statements for the shell', () => {
  const one = '{"$numberInt":"1"}';

  it('are not made for what the shell would store in another way', () => {
    assert.equal(documentRepair.insert(one, { _id: one, b: '{"x":1,"1":2}' }), null, 'numbers without their type');
    assert.equal(
      documentRepair.insert(one, { _id: one, b: `{"x":${one},"1":${one}}` }),
      null,
      'names that are numbers',
    );
    assert.equal(documentRepair.insert(one, { _id: one, '7': one }), null, 'a field that is a number');
    assert.equal(documentRepair.insert(one, { _id: one, v: '"\ufffd"' }), null, 'bytes that are no text');
    assert.equal(documentRepair.replace(`{"x":${one},"1":${one}}`, { v: one }), null, 'an _id that would be another');
    assert.equal(documentRepair.delete('{"cut'), null, 'no value at all');
  });

  it('hold any text as one literal', () => {
    const text = JSON.stringify("it's \\ \u2028 // */ `${x}`");
    const statement = documentRepair.insert(one, { _id: one, v: text });
    assert.doesNotMatch(statement ?? '\n', /[\r\n\u2028\u2029]/);
    const literal = /EJSON\.parse\((?<text>'.*'), \{relaxed: false\}\)\)$/.exec(statement ?? '')?.groups?.['text'];
    // as the shell reads it
    const read: unknown = runInNewContext(literal ?? '');
    assert.deepEqual(JSON.parse(String(read)), { _id: { $numberInt: '1' }, v: JSON.parse(text) as string });
  });
});
