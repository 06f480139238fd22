import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { RowDifference } from '../../../src/comparison/result.ts';
import { sideBySide } from '../../../src/comparison/sideBySide.ts';

const words = { absent: '(absent)', cut: '(cut)', omitted: (count: number) => `<${count}>` };
const rows: readonly RowDifference[] = [
  { kind: 'missing', key: { id: '3' }, source: { id: '3', note: "it's" }, target: null },
  { kind: 'changed', key: { id: '1' }, source: { id: '1', note: 'new' }, target: { id: '1', note: null } },
  { kind: 'extra', key: { id: '2' }, source: null, target: { id: '2', note: 'x' } },
];
const changed = (source: string, target: string): RowDifference => {
  return { kind: 'changed', key: { id: '1' }, source: { v: source }, target: { v: target } };
};
/** What stands for the one value of a row that is changed. */
const shownOf = (source: string, target: string) => {
  const texts = sideBySide({ differences: [changed(source, target)] }, words);
  const value = (text: string) => text.split('v = ')[1]?.trimEnd() ?? '';
  return { source: value(texts.source), target: value(texts.target) };
};

describe('the differing rows side by side', () => {
  it('name every row on both sides, the key first, in one order', () => {
    const { source, target } = sideBySide({ differences: rows }, words);
    assert.equal(
      source,
      `#1 id = "3"\n#1     note = "it's"\n\n#2 id = "1"\n#2     note = "new"\n\n#3 id = "2"\n#3     (absent)\n`,
    );
    assert.equal(
      target,
      `#1 id = "3"\n#1     (absent)\n\n#2 id = "1"\n#2     note = NULL\n\n#3 id = "2"\n#3     note = "x"\n`,
    );
  });

  it('keep a value on its line, tell NULL from its name, and say what is cut', () => {
    const odd: RowDifference = {
      ...{ kind: 'changed', key: { id: '1' }, cut: ['b'] },
      ...{ source: { a: 'NULL', b: 'x\n\nid = "9"' }, target: { a: null, b: '' } },
    };
    const { source, target } = sideBySide({ differences: [odd] }, words);
    assert.equal(source, `#1 id = "1"\n#1     a = "NULL"\n#1     b = "x\\n\\nid = \\"9\\"" (cut)\n`);
    assert.equal(target, `#1 id = "1"\n#1     a = NULL\n#1     b = "" (cut)\n`);
  });

  it('number rows that have no key, with their copies', () => {
    const row: RowDifference = { kind: 'extra', key: {}, source: null, target: { a: '1' }, copies: 3 };
    assert.equal(sideBySide({ differences: [row] }, words).target, `#1 × 3\n#1     a = "1"\n`);
  });

  it('give a diff editor no line of one row to set beside one of another', () => {
    const values = fc.record({ a: fc.constantFrom('1', '2'), b: fc.constantFrom('x', null) });
    const row = fc
      .record({ source: fc.option(values), target: fc.option(values) })
      .map(({ source, target }): RowDifference => ({ kind: 'changed', key: {}, source, target }));
    fc.assert(
      fc.property(fc.array(row, { minLength: 2, maxLength: 5 }), (differences) => {
        const { source, target } = sideBySide({ differences }, words);
        const blocks = (text: string) => text.trimEnd().split('\n\n');
        const others = blocks(target);
        for (const [index, block] of blocks(source).entries()) {
          const elsewhere = new Set(others.filter((_, other) => other !== index).flatMap((other) => other.split('\n')));
          for (const line of block.split('\n')) assert.ok(!elsewhere.has(line), line);
        }
      }),
    );
  });

  it('show of a long value where it begins to differ, and say how much is left out', () => {
    const alike = 'lang '.repeat(2000);
    assert.deepEqual(shownOf(`${alike}!`, `${alike}?`), {
      source: `<9960> ${JSON.stringify(`${alike.slice(-40)}!`)}`,
      target: `<9960> ${JSON.stringify(`${alike.slice(-40)}?`)}`,
    });
    assert.equal(shownOf(alike, 'short').source, `${JSON.stringify(alike.slice(0, 300))} <9700>`);
    assert.equal(shownOf(alike, alike).source, shownOf(alike, alike).target);
    assert.equal(shownOf('short', `short${alike}`).source, '"short"');
  });

  it('cut no emoji in two', () => {
    const { source } = shownOf(`${'x'}${'\u{1F642}'.repeat(400)}a`, `${'x'}${'\u{1F642}'.repeat(400)}b`);
    assert.equal(source.replaceAll(/\p{Surrogate}/gu, '!'), source);
    assert.match(source, /^<761> /);
  });
});
