import assert from 'node:assert/strict';
import { mentionsOf } from '../../../src/host/routing/addresses.ts';

const from = { host: 'db1.shop.example', port: 3306 };
const to = { host: '10.0.0.9', port: 3307 };

/** The text with every mention replaced. */
function replaced(text: string): string {
  let result = text;
  for (const { start, end, replacement } of mentionsOf(text, from, to).reverse()) {
    result = result.slice(0, start) + replacement + result.slice(end);
  }
  return result;
}

describe('mentions of an address', () => {
  for (const [text, expected] of [
    ['jdbc:mysql://db1.shop.example:3306/shop?x=1', 'jdbc:mysql://10.0.0.9:3307/shop?x=1'],
    ['Server=tcp:DB1.Shop.Example,3306;', 'Server=tcp:10.0.0.9,3307;'],
    ['HOST=db1.shop.example\nPORT=3306', 'HOST=10.0.0.9\nPORT=3306'],
    ['hosts: [db1.shop.example,5]', 'hosts: [10.0.0.9,5]'],
    ['see db1.shop.example.', 'see 10.0.0.9.'],
    ['db1.shop.example:3306,db1.shop.example:3306', '10.0.0.9:3307,10.0.0.9:3307'],
  ] as const) {
    it(`are replaced: ${JSON.stringify(text)}`, () => assert.equal(replaced(text), expected));
  }

  for (const text of [
    'db1.shop.example:33060',
    'db1.shop.example:9104',
    'my-db1.shop.example',
    'a.db1.shop.example:3306',
    'db1.shop.example.org',
    'db1.shop.example-old',
    'db1xshop.example:3306',
  ]) {
    it(`are none: ${text}`, () => assert.deepEqual(mentionsOf(text, from, to), []));
  }

  it('tell a host that stands alone: its port may stand elsewhere', () => {
    const kinds = mentionsOf('db1.shop.example db1.shop.example:3306', from, to).map(({ withPort }) => withPort);
    assert.deepEqual(kinds, [false, true]);
  });
});
