import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mergeRows } from '../../../src/comparison/mergeRows.ts';
import type { PairDigest, RowHash } from '../../../src/comparison/port.ts';
import { compareRows, isContradiction } from '../../../src/comparison/tableRows.ts';
import { isFailure } from '../../../src/util/failure.ts';
import { memoryPair, type MemoryTable } from './memorySide.ts';

const never = new AbortController().signal;
const options = { workers: 2, keep: 1_000_000, admit: async () => undefined, onRows: () => undefined };

async function differences(source: MemoryTable, target: MemoryTable, shift: number, units: number): Promise<string[]> {
  const found = await compareRows(memoryPair(source, target, shift, units), options, never);
  assert.equal(found.count, found.kept.length);
  assert.deepEqual(found.rows, { source: source.size, target: target.size });
  return found.kept.map(({ kind, key }) => `${kind} ${key[0] ?? ''}`).sort();
}

function planted(source: MemoryTable, target: MemoryTable): string[] {
  const expected: string[] = [];
  for (const [key, content] of source) {
    if (!target.has(key)) expected.push(`missing ${key}`);
    else if (target.get(key) !== content) expected.push(`changed ${key}`);
  }
  for (const key of target.keys()) if (!source.has(key)) expected.push(`extra ${key}`);
  return expected.sort();
}

const key = fc.oneof(
  fc.bigInt({ min: -64n, max: 64n }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(-(2n ** 63n), 2n ** 63n - 1n, -1n, 0n),
);
const table = fc.array(fc.tuple(key, fc.nat(3)), { maxLength: 60 }).map((rows) => new Map(rows));

describe('the passes over the rows of a table', () => {
  it('find exactly what is planted, with any keys, group sizes and pieces', async () => {
    await fc.assert(
      fc.asyncProperty(
        table,
        table,
        fc.nat(63),
        fc.integer({ min: 1, max: 4 }),
        async (source, target, shift, units) => {
          assert.deepEqual(await differences(source, target, shift, units), planted(source, target));
        },
      ),
    );
  });

  it('refine large groups, so that few row hashes are moved', async () => {
    const source = new Map(Array.from({ length: 120_000 }, (_, i) => [BigInt(i) - 60_000n, 0]));
    const target = new Map(source).set(-59_999n, 1).set(0n, 1).set(59_999n, 1);
    target.delete(17n);
    const pair = memoryPair(source, target, 15, 3);
    const found = await compareRows(pair, options, never);
    assert.deepEqual(found.kept.map((row) => `${row.kind} ${row.key[0] ?? ''}`).sort(), planted(source, target));
    assert.ok(pair.source.asked.hashes < 10_000, `${pair.source.asked.hashes} row hashes were moved`);
  });

  it('count every difference and keep as many as asked, in pieces of bounded size', async () => {
    const source = new Map(Array.from({ length: 60_000 }, (_, i) => [BigInt(i), 0]));
    const target = new Map(Array.from({ length: 60_000 }, (_, i) => [BigInt(i), 1]));
    const pair = memoryPair(source, target, 17, 1);
    const found = await compareRows(pair, { ...options, keep: 25 }, never);
    assert.equal(found.count, 60_000);
    assert.equal(found.kept.length, 25);
    assert.ok(pair.source.asked.largest <= 20_000);
  });

  it('fail where groups differ and no row is found in them: that is no proof that all is the same', async () => {
    const source = new Map(Array.from({ length: 60_000 }, (_, i) => [BigInt(i), 0]));
    const target = new Map(source).set(100n, 1);
    const rejects = (pair: PairDigest) =>
      assert.rejects(compareRows(pair, options, never), (error) => isFailure(error) && isContradiction(error));
    const nothing = async function* (): AsyncGenerator<readonly RowHash[]> {};
    for (const shift of [4, 17]) {
      const pair = memoryPair(source, target, shift, 1);
      const blind = { source: { ...pair.source, rowHashes: nothing }, target: { ...pair.target, rowHashes: nothing } };
      await rejects({ ...pair, ...blind });
      await rejects({ ...pair, indexed: false, ...blind });
      await rejects({ ...pair, unequal: async () => ({ source: [], target: [] }) });
    }
    const pair = memoryPair(source, target, 17, 1);
    const coarse = { refine: async () => [] };
    await rejects({ ...pair, source: { ...pair.source, ...coarse }, target: { ...pair.target, ...coarse } });
  });

  it('stop with the first failure, and do not start anything after it', async () => {
    const pair = memoryPair(new Map(), new Map(), 4, 8);
    let scans = 0;
    const failing = {
      ...pair,
      source: {
        ...pair.source,
        scan: async () => {
          scans++;
          throw new Error('broken');
        },
      },
    };
    await assert.rejects(compareRows(failing, { ...options, workers: 1 }, never), /broken/);
    // one at work and one in waiting, of eight
    assert.ok(scans <= 2, String(scans));
  });
});

describe('merging two streams of row hashes', () => {
  const rows = (values: readonly [number, number, number][]) =>
    values.map(([hash, copies]): RowHash => ({ order: BigInt(hash), key: [], hash: BigInt(hash), copies }));

  async function* inPieces(all: readonly RowHash[], size: number): AsyncGenerator<readonly RowHash[]> {
    for (let i = 0; i < all.length; i += size) yield all.slice(i, i + size);
  }

  it('counts copies of rows without a key, whatever the pieces', async () => {
    const side = fc
      .array(fc.tuple(fc.nat(20), fc.integer({ min: 1, max: 3 })), { maxLength: 15 })
      .map((list) => new Map(list));
    await fc.assert(
      fc.asyncProperty(side, side, fc.integer({ min: 1, max: 4 }), async (mine, theirs, size) => {
        const sorted = (map: Map<number, number>) =>
          rows([...map].sort(([a], [b]) => a - b).map(([h, c]) => [h, c, 0]));
        const net = new Map<string, number>();
        for await (const found of mergeRows(inPieces(sorted(mine), size), inPieces(sorted(theirs), size))) {
          for (const { kind, hash, copies } of found) net.set(String(hash), kind === 'extra' ? copies : -copies);
        }
        const expected = new Map<string, number>();
        for (const hash of new Set([...mine.keys(), ...theirs.keys()])) {
          const difference = (theirs.get(hash) ?? 0) - (mine.get(hash) ?? 0);
          if (difference !== 0) expected.set(String(hash), difference);
        }
        assert.deepEqual(new Map([...net].sort()), new Map([...expected].sort()));
      }),
    );
  });

  it('tells rows apart whose keys have the same order', async () => {
    const row = (name: string, hash: bigint): RowHash => ({ order: 5n, key: [name], hash, copies: 1 });
    const found = [];
    for await (const piece of mergeRows(
      inPieces([row('a', 1n), row('b', 2n)], 1),
      inPieces([row('b', 2n), row('c', 3n)], 1),
    )) {
      found.push(...piece.map(({ kind, key: [name] }) => `${kind} ${name ?? ''}`));
    }
    assert.deepEqual(found.sort(), ['extra c', 'missing a']);
  });
});
