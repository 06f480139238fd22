import assert from 'node:assert/strict';
import { reachedByKey, stillDiffering } from '../../../src/comparison/recheck.ts';
import type { DifferingRow } from '../../../src/comparison/mergeRows.ts';
import type { SideDigest } from '../../../src/comparison/port.ts';
import type { RowDifference } from '../../../src/comparison/result.ts';
import { memoryPair } from './memorySide.ts';

const never = new AbortController().signal;

/** Gives back the rows with these keys and hashes, whatever else there may be. */
const fetching =
  (rows: Readonly<Record<string, bigint>>): SideDigest['fetch'] =>
  async (asked) =>
    asked.flatMap(({ key }) => {
      const hash = rows[key[0] ?? ''];
      return hash === undefined ? [] : [{ key, hash, values: {}, cut: [] }];
    });

const row = (kind: DifferingRow['kind'], key: string): DifferingRow => ({ kind, key: [key], hash: 1n, copies: 1 });

async function looked(
  rows: readonly DifferingRow[],
  reached: readonly string[],
  source: Readonly<Record<string, bigint>>,
  target: Readonly<Record<string, bigint>>,
): Promise<string[] | null> {
  const memory = memoryPair(new Map(), new Map(), 4, 1);
  const pair = {
    ...memory,
    source: { ...memory.source, fetch: fetching(source) },
    target: { ...memory.target, fetch: fetching(target) },
  };
  const ids = new Set(reached.map((key) => JSON.stringify([key])));
  return (await stillDiffering(pair, rows, ids, never))?.map(({ kind, key }) => `${kind} ${key[0] ?? ''}`) ?? null;
}

describe('rows that are looked at again by their keys', () => {
  it('differ still, differ otherwise, or are the same by now', async () => {
    const rows = [row('changed', 'a'), row('missing', 'b'), row('extra', 'c'), row('missing', 'd')];
    const left = await looked(rows, ['a', 'b', 'c', 'd'], { a: 1n, b: 1n, d: 1n }, { a: 2n, b: 1n, c: 1n });
    assert.deepEqual(left, ['changed a', 'extra c', 'missing d']);
  });

  it('are gone when no side gives them back any more and both have done so before', async () => {
    assert.deepEqual(await looked([row('changed', 'a')], ['a'], {}, {}), []);
  });

  it('are unknown when no side has ever given them back: a key may be none that a server finds again', async () => {
    for (const kind of ['changed', 'missing', 'extra'] as const)
      assert.equal(await looked([row('changed', 'a'), row(kind, '0.1')], ['a'], { a: 1n }, { a: 2n }), null);
  });

  it('are unknown when they were on both sides and only one can ask for them', async () => {
    assert.equal(await looked([row('changed', 'é')], [], { é: 1n }, {}), null);
    assert.deepEqual(await looked([row('changed', 'é')], ['é'], { é: 1n }, {}), ['missing é']);
  });

  it('count as given back by the sides that should have them', () => {
    const values = { id: '1' };
    const difference = (key: string, source: typeof values | null, target: typeof values | null): RowDifference => ({
      ...{ kind: 'changed', key: { id: key }, source, target },
    });
    const rows = [row('changed', 'a'), row('changed', 'b'), row('missing', 'c'), row('extra', 'd'), row('extra', 'e')];
    const read = [
      difference('a', values, values),
      difference('b', values, null),
      difference('c', values, null),
      difference('d', null, null),
    ];
    assert.deepEqual([...reachedByKey(rows, read)], ['["a"]', '["c"]']);
  });
});
