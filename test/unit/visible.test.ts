import assert from 'node:assert/strict';
import fc from 'fast-check';
import { plainInMarkdown } from '../../src/util/markdown.ts';
import { say, sentence } from '../../src/util/sentence.ts';
import { visible } from '../../src/util/visible.ts';

describe('text from outside', () => {
  for (const [text, expected] of [
    ['orders\u202egnp.sql', 'orders⟨U+202E⟩gnp.sql'],
    ['a\u200bb\u200dc\ufeffd', 'a⟨U+200B⟩b⟨U+200D⟩c⟨U+FEFF⟩d'],
    ['\u2066x\u2069\u061c', '⟨U+2066⟩x⟨U+2069⟩⟨U+061C⟩'],
    ['bell\u0007 \u0000 \u009b31m', 'bell⟨U+0007⟩ ⟨U+0000⟩ ⟨U+009B⟩31m'],
    ['tag\u{e0041}\ud800', 'tag⟨U+E0041⟩⟨U+D800⟩'],
    ['订单 é 😀\n\tאב', '订单 é 😀\n\tאב'],
  ] as const) {
    it(`shows what is hidden in ${JSON.stringify(text)}`, () => assert.equal(visible(text), expected));
  }

  it('hides nothing in a sentence, whatever the names are', () => {
    assert.equal(say(sentence('Task {name}: {n}', { name: 'a\u202eb', n: 3 })), 'Task a⟨U+202E⟩b: 3');
    assert.equal(say(sentence('{constructor} {toString}', { name: 'x' })), '{constructor} {toString}');
    const hostile = JSON.parse('{"__proto__":"p\u200b"}') as Record<string, string>;
    assert.equal(say(sentence('{__proto__}', hostile)), 'p⟨U+200B⟩');
  });

  it('says twice what it says once', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => visible(visible(text)) === visible(text)));
  });

  for (const [text, expected] of [
    ['<img src=x onerror=1>', String.raw`\<img src=x onerror=1\>`],
    ['[a](javascript:b)', String.raw`\[a\](javascript:b)`],
    ['![a](https://e.example)', String.raw`!\[a\](https\://e.example)`],
    ['see www.e.example or a@e.example', String.raw`see www\.e.example or a\@e.example`],
    ['a\n\n# b | c', String.raw`a \# b \| c`],
    ['- x', String.raw`\- x`],
    ['1. x', String.raw`1\. x`],
    ['&lt;b&gt; ~~c~~ $x$ `d` *e*', String.raw`\&lt;b\&gt; \~\~c\~\~ \$x\$ ` + '\\`d\\` ' + String.raw`\*e\*`],
  ] as const) {
    it(`is plain in Markdown: ${JSON.stringify(text)}`, () => assert.equal(plainInMarkdown(text), expected));
  }
});
