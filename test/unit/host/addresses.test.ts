import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mentionsOf, type Address } from '../../../src/host/routing/addresses.ts';
import { textOf } from '../../../src/host/routing/textOf.ts';

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
    ['HOST=db1.shop.example\nPORT=3306', 'HOST=10.0.0.9\nPORT=3307'],
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

/** The text with every mention replaced, and whether each was certain to the port. */
function replacedWith(text: string, was: Address, becomes: Address): string {
  let result = text;
  for (const { start, end, replacement } of mentionsOf(text, was, becomes).reverse()) {
    result = result.slice(0, start) + replacement + result.slice(end);
  }
  return result;
}

describe('the old address as people write it', () => {
  const ip = { host: '10.0.0.5', port: 3306 };
  const next = { host: '10.1.2.3', port: 3307 };
  const word = { host: 'mysql', port: 3306 };
  const six = { host: '2001:db8::5', port: 5432 };
  for (const [was, text, expected] of [
    [ip, 'mysql -h10.0.0.5 -P3306 -p3306 -e "CALL nightly()"', 'mysql -h10.1.2.3 -P3307 -p3306 -e "CALL nightly()"'],
    [ip, '0 2 * * * root mysqldump -h 10.0.0.5 -P 3306 shop', '0 2 * * * root mysqldump -h 10.1.2.3 -P 3307 shop'],
    [ip, '--host=10.0.0.5 --port=3306', '--host=10.1.2.3 --port=3307'],
    [ip, 'Server=10.0.0.5;Port=3306;', 'Server=10.1.2.3;Port=3307;'],
    [ip, '"host": "10.0.0.5",\r\n"port": 3306', '"host": "10.1.2.3",\r\n"port": 3307'],
    [ip, 'A_HOST=10.0.0.5\nA_PORT=3306\nB_PORT=3306', 'A_HOST=10.1.2.3\nA_PORT=3307\nB_PORT=3306'],
    [ip, String.raw`url=jdbc\:mysql\://10.0.0.5\:3306/shop`, String.raw`url=jdbc\:mysql\://10.1.2.3\:3307/shop`],
    [ip, String.raw`"mysql:\/\/10.0.0.5:3306\/shop"`, String.raw`"mysql:\/\/10.1.2.3:3307\/shop"`],
    [ip, 'mysql%3A%2F%2F10.0.0.5%3A3306%2Fshop', 'mysql%3A%2F%2F10.1.2.3%3A3307%2Fshop'],
    [ip, 'mysql://u:p@10.0.0.5/shop', 'mysql://u:p@10.1.2.3:3307/shop'],
    [ip, '[::ffff:10.0.0.5]:3306', '10.1.2.3:3307'],
    [ip, 'host:10.0.0.5', 'host:10.1.2.3'],
    [word, 'jdbc:mysql://mysql:3306/shop', 'jdbc:mysql://10.1.2.3:3307/shop'],
    [word, 'mysql --host=mysql', 'mysql --host=10.1.2.3'],
    [six, 'postgres://u@[2001:0DB8:0:0::5]:5432/x', 'postgres://u@10.1.2.3:3307/x'],
    [six, 'host=2001:db8::5 port=5432', 'host=10.1.2.3 port=3307'],
  ] as const) {
    it(`is replaced: ${JSON.stringify(text)}`, () => assert.equal(replacedWith(text, was, next), expected));
  }

  for (const [was, text] of [
    [ip, 'mysql -h 10.0.0.5 -P 3308'],
    [ip, 'DB_HOST=10.0.0.5\nDB_PORT=3308'],
    [ip, '10.0.0.50 110.0.0.5 1.10.0.0.5 10.0.0.5.6 my-10.0.0.5 x10.0.0.5 10.0.0.5x ::1:10.0.0.5'],
    [ip, '10.0.0.5/32'],
    [ip, "GRANT ALL ON *.* TO 'app'@'10.0.0.5'"],
    [ip, 'http://10.0.0.5:8080 http://10.0.0.5/x redis://10.0.0.5/0'],
    [ip, String.raw`10\.0\.0\.5`],
    [word, '"dependencies": {"mysql": "^2.18"}'],
    [word, 'image: mysql:8.0'],
    [word, 'use mysql; mysql://other:3306'],
    [six, '2001:db8::50 2001:db8::5:1 [2001:db8::5]:5433'],
  ] as const) {
    it(`is another thing: ${JSON.stringify(text)}`, () => assert.equal(replacedWith(text, was, next), text));
  }

  it('is written in brackets where an IPv6 address takes its place in a URL', () => {
    const to6 = { host: 'fe80::1', port: 5433 };
    assert.equal(replacedWith('mysql://10.0.0.5:3306/x', ip, to6), 'mysql://[fe80::1]:5433/x');
    assert.equal(replacedWith('tcp:10.0.0.5,3306', ip, to6), 'tcp:fe80::1,5433');
    assert.equal(replacedWith('host=10.0.0.5', ip, to6), 'host=fe80::1');
  });

  it('leaves every other byte as it is, and names the old server nowhere afterwards', () => {
    const part = fc.constantFrom(
      '10.0.0.5',
      ':',
      '3306',
      '\n',
      ' ',
      '.',
      'port=',
      'host: ',
      '10.0.0.50',
      '-h',
      '@',
      '//',
      'x',
      '[',
      ']',
      '::',
      ',',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        const mentions = mentionsOf(text, ip, next);
        let last = 0;
        for (const { start, end } of mentions) {
          assert.ok(start >= last && end > start && end <= text.length);
          assert.match(text.slice(start, end), /^(?:\[?(?:::ffff:|::)?10\.0\.0\.5\]?(?:[:,]0*3306)?|0*3306)$/);
          last = end;
        }
        assert.deepEqual(
          mentionsOf(replacedWith(text, ip, next), ip, next).filter(({ withPort }) => withPort),
          [],
        );
      }),
    );
  });
});

describe('a file of the workspace', () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const gbk = Uint8Array.from([0xd6, 0xf7, 0x3d, 0x31]); // 主=1
  for (const [name, content, expected] of [
    ['UTF-8', bytes('主=1'), { text: '主=1', encoding: 'utf8' }],
    ['UTF-8 with its mark', bytes('\ufeffa'), { text: 'a', encoding: 'utf8bom' }],
    ['GBK', gbk, { text: '主=1', encoding: 'gbk' }],
    ['UTF-16 with its mark', Uint8Array.from([0xff, 0xfe, 0x61, 0]), { text: 'a', encoding: 'utf16le' }],
    ['UTF-16 without', Uint8Array.from([0, 0x61, 0, 0x62]), { text: 'ab', encoding: 'utf16be' }],
    ['neither', Uint8Array.from([0x61, 0xff, 0x0a]), { text: 'aÿ\n', encoding: 'iso88591' }],
    ['a program', Uint8Array.from([0x7f, 0x45, 0, 0, 0, 1]), 'binary'],
    ['mixed line ends', bytes('a\r\nb\n'), 'mixed line ends'],
  ] as const) {
    it(`is read as it is written: ${name}`, () => assert.deepEqual(textOf(content), expected));
  }
});
