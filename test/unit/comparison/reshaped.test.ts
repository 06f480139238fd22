import assert from 'node:assert/strict';
import type { TableShape } from '../../../src/comparison/port.ts';
import { reshaped, tableId } from '../../../src/comparison/reshaped.ts';
import { pairTables } from '../../../src/comparison/scope.ts';

const column = (name: string) => ({
  ...{ name, type: 'int4', declared: 'integer', nullable: true, generated: false },
  ...{ scale: null, collation: null, charset: null },
});
const table = (name: string, more: Partial<TableShape> = {}): TableShape => ({
  name: { database: 'shop', schema: 'public', name },
  columns: [column('id')],
  keys: [],
  estimatedRows: null,
  unreadable: null,
  ...more,
});
const everything = { mode: 'all', databases: [] } as const;
const changed = (before: readonly TableShape[][], now: readonly TableShape[][]) => {
  const paired = ([source = [], target = []]: readonly TableShape[][]) => pairTables(everything, source, target, null);
  return [...reshaped(paired(before), paired(now)).keys()].sort();
};
const [source, target] = [tableId({ source: table('a'), target: null }), tableId({ source: null, target: table('a') })];

describe('tables that change while they are compared', () => {
  const both = [[table('a')], [table('a')]];

  it('are told on whichever side a column, a key or the table came, went or changed', () => {
    const key = [{ name: 'a_pkey', primary: true, columns: ['id'] }];
    for (const other of [table('a', { columns: [column('id'), column('more')] }), table('a', { keys: key })]) {
      assert.deepEqual(changed(both, [[other], [table('a')]]), [source]);
      assert.deepEqual(changed(both, [[table('a')], [other]]), [source]);
    }
    assert.deepEqual(changed(both, [[table('a')], []]), [source]);
    assert.deepEqual(changed([[table('a')], []], both), [source]);
    assert.deepEqual(changed(both, [[], []]), [source]);
    assert.deepEqual(changed([[], []], both), [source]);
    assert.deepEqual(changed([[], []], [[], [table('a')]]), [target]);
    assert.deepEqual(changed(both, [[], [table('a')]]), [source, target]);
  });

  it('are not told for a number of rows that is an estimate, or for tables outside the scope', () => {
    assert.deepEqual(changed(both, [[table('a', { estimatedRows: 7 })], [table('a')]]), []);
    const one = { mode: 'partial', databases: [] } as const;
    const nothing = pairTables(one, [table('a')], [], null);
    assert.equal(reshaped(nothing, pairTables(one, [table('b')], [], null)).size, 0);
  });
});
