import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readDifferences, ValueBudget } from '../../../src/comparison/differences.ts';
import type { DifferingRow } from '../../../src/comparison/mergeRows.ts';
import type { SideDigest } from '../../../src/comparison/port.ts';
import type { RowDifference } from '../../../src/comparison/result.ts';
import { sideBySide } from '../../../src/comparison/sideBySide.ts';

const words = {
  absent: '(absent)',
  cut: '(cut)',
  omitted: (count: number) => `<${count}>`,
  stored: (digest: string) => `stored ${digest}`,
};
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

type Values = Readonly<Record<string, string | null>>;

/** Rows with these values and hashes on both sides, changed or, without a key, missing and extra, as a comparison lists them. */
async function listed(drawn: readonly (readonly [Values, Values, bigint, bigint, boolean])[], keyed: boolean) {
  const key = (i: number) => (keyed ? [String(i)] : []);
  const side = (which: 0 | 1): SideDigest => ({
    ...{ units: 1, scan: async () => [], refine: async () => [] },
    async *rowHashes() {},
    fetch: async () =>
      drawn.map((row, i) => {
        const values = { ...(keyed ? { k: String(i) } : {}), ...row[which] };
        return { key: key(i), hash: row[which === 0 ? 2 : 3], values, cut: row[4] ? ['a'] : [] };
      }),
  });
  const rows = drawn.flatMap(([, , mine, theirs], i): DifferingRow[] =>
    keyed
      ? [{ kind: 'changed', key: key(i), hash: mine, copies: 1 }]
      : [
          { kind: 'missing', key: [], hash: mine, copies: 1 },
          { kind: 'extra', key: [], hash: theirs, copies: 1 },
        ],
  );
  const table = { ...{ name: { database: 'd', schema: null, name: 't' }, columns: [], keys: [] }, estimatedRows: null };
  const plan = { source: { ...table, unreadable: null }, target: { ...table, unreadable: null }, columns: [] };
  const pair = { source: side(0), target: side(1), indexed: false, smallGroup: 1, method: '' };
  const budget = new ValueBudget(1_000_000);
  const signal = new AbortController().signal;
  return { differences: await readDifferences({ ...plan, key: keyed ? ['k'] : [] }, pair, rows, budget, signal) };
}

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

  it('are never two equal texts: what reads alike stands there with its hash', async () => {
    const value = fc.constantFrom(null, '', '0', '-0', 'x'.repeat(400), `${'x'.repeat(400)}y`);
    const hash = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    const one = fc.record({ a: value, b: value });
    const rowOf = fc.tuple(one, one, hash, hash, fc.boolean()).filter(([, , mine, theirs]) => mine !== theirs);
    await fc.assert(
      fc.asyncProperty(fc.array(rowOf, { minLength: 1, maxLength: 6 }), fc.boolean(), async (drawn, keyed) => {
        const { differences } = await listed(drawn, keyed);
        const { source, target } = sideBySide({ differences }, words);
        const [mine, theirs] = [source, target].map((text) => text.trimEnd().split('\n\n'));
        mine?.forEach((block, i) => assert.notEqual(block, theirs?.[i]));
        // without a key a row of one side must not read like one of the other
        const blank = (text: string) => text.replaceAll(/#\d+/g, '#');
        const others = new Set(theirs?.map(blank));
        for (const block of mine ?? []) assert.ok(block.endsWith('(absent)') || !others.has(blank(block)), block);
      }),
    );
  });

  it('cut no emoji in two', () => {
    const { source } = shownOf(`${'x'}${'\u{1F642}'.repeat(400)}a`, `${'x'}${'\u{1F642}'.repeat(400)}b`);
    assert.equal(source.replaceAll(/\p{Surrogate}/gu, '!'), source);
    assert.match(source, /^<761> /);
  });
});
