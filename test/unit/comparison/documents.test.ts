import assert from 'node:assert/strict';
import { compareObjects } from '../../../src/comparison/objects.ts';
import type { DocumentRepair, SchemaObject } from '../../../src/comparison/port.ts';
import { repairScript } from '../../../src/comparison/repairScript.ts';
import type { RowDifference, TableResult } from '../../../src/comparison/result.ts';
import { sideBySide } from '../../../src/comparison/sideBySide.ts';

const name = { database: 'shop', schema: null, name: 'orders' };
const dialect: DocumentRepair = {
  collection: (collection) => `db.${collection.name}`,
  delete: (id) => `delete(${id})`,
  insert: (id, fields) => (fields['odd'] ? null : `insert(${id}, ${JSON.stringify(fields)})`),
  replace: (id, fields) => `replace(${id}, ${JSON.stringify(fields)})`,
};
const row = (kind: RowDifference['kind'], id: string, more: Partial<RowDifference> = {}): RowDifference => ({
  kind,
  key: { _id: id },
  source: kind === 'extra' ? null : { _id: id, v: '1' },
  target: kind === 'missing' ? null : { _id: id, v: '2' },
  ...more,
});
const table = (differences: readonly RowDifference[]): TableResult => ({
  ...{ source: name, target: name, verdict: 'different', reason: null, rows: { source: 2, target: 2 }, differences },
  ...{ differenceCount: differences.length, truncated: false, notes: [], method: 'm', targetColumns: [] },
});
const texts = {
  ...{ heading: ['Task\u2028db.dropDatabase()'], objects: '', nothing: '' },
  ...{ truncated: () => '', unlisted: () => '' },
};

describe('comparing documents', () => {
  it('deletes, replaces, then inserts; every other line is a comment of the shell', () => {
    const differences = [row('missing', '3'), row('changed', '1'), row('extra', '2')];
    const lines = repairScript(dialect, { tables: [table(differences)], objects: [] }, texts).split('\n');
    assert.deepEqual(
      lines.filter((line) => line !== '' && !line.startsWith('//')),
      [
        'db.orders.delete(2);',
        'db.orders.replace(1, {"_id":"1","v":"1"});',
        'db.orders.insert(3, {"_id":"3","v":"1"});',
      ],
    );
    assert.equal(lines[0], '// Task db.dropDatabase()');
  });

  it('makes a comment on one line of what cannot be written exactly', () => {
    const differences = [
      row('changed', '"a\nb"', { cut: ['v'] }),
      row('missing', '\u2029', { source: { odd: '1' } }),
      row('missing', '5', { source: null }),
    ];
    const script = repairScript(dialect, { tables: [table(differences)], objects: [] }, texts);
    assert.equal(script.match(/^\/\/ db\.orders .*cannot be written here exactly$/gm)?.length, 3, script);
    assert.doesNotMatch(script, /^db/m);
  });

  it('shows documents side by side as they are, and says where only the order is another', () => {
    const words = { absent: '', cut: '', omitted: String, stored: String, reordered: '(order)', verbatim: true };
    const { source } = sideBySide(table([row('changed', '{"$numberInt":"1"}', { orderOnly: true })]), words);
    assert.equal(source, '#1 _id = {"$numberInt":"1"} (order)\n#1     v = 1\n');
  });

  it('counts another definition that every version spells alike, also under new names', () => {
    const view = (definition: string, exact: boolean): SchemaObject => ({
      ...{ kind: 'view', table: null, schema: null, name: 'adults', definition },
      ...(exact ? { exact } : {}),
    });
    const counted = (exact: boolean) =>
      compareObjects({
        scope: { mode: 'all', databases: [] },
        source: { database: 'shop', objects: [view('a', exact)] },
        target: { database: 'shop', objects: [view('b', exact)] },
        ...{ tables: null, sameSpelling: false, raiseStatement: () => '' },
      }).map(({ verdict, counts }) => [verdict, counts]);
    assert.deepEqual(counted(true), [['different', true]]);
    assert.deepEqual(counted(false), [['different', false]]);
  });
});
