import assert from 'node:assert/strict';
import { factsOf } from '../../../src/comparison/document.ts';
import type { ComparisonResult, ObjectResult, TableResult } from '../../../src/comparison/result.ts';
import { sentence } from '../../../src/util/sentence.ts';

const note = sentence('There is no common key: rows were compared as a multiset.');
const table = (name: string, change: Partial<TableResult>): TableResult => ({
  ...{ source: { database: 'shop', schema: 'public', name }, target: { database: 'shop', schema: 'public', name } },
  ...{ verdict: 'same', reason: null, rows: { source: 1, target: 1 }, differences: [], differenceCount: 0 },
  ...{ truncated: false, notes: [], method: '', targetColumns: [] },
  ...change,
});
const object = (name: string, verdict: ObjectResult['verdict'], counts: boolean): ObjectResult => {
  return { kind: 'sequence', name, verdict, detail: null, statement: `SELECT setval('${name}', 9)`, counts };
};
const side = { server: 's', endpoint: 'e', position: { before: null, after: null } };

describe('the facts of a comparison', () => {
  const result: ComparisonResult = {
    ...{ engine: 'postgres', verdict: 'different', startedAt: 1, finishedAt: 2, source: side, target: side, reused: 0 },
    tables: [
      table('a', { notes: [note] }),
      table('b', { notes: [note] }),
      table('c', {
        ...{ verdict: 'different', differenceCount: 1 },
        differences: [{ kind: 'missing', key: { id: '1' }, source: { id: '1', name: 'Mei' }, target: null }],
      }),
    ],
    objects: [object('invoice', 'different', true), object('owner', 'different', false), object('ok', 'same', true)],
    ...{ remarks: [], tokens: { source: null, target: null } },
  };
  const facts = factsOf('digest-1', result);

  it('name the objects that keep it from being the same, and no others', () => {
    assert.deepEqual(facts.objects, [
      {
        kind: 'sequence',
        name: 'invoice',
        verdict: 'different',
        detail: null,
        statement: "SELECT setval('invoice', 9)",
      },
    ]);
  });

  it('say a note at each of its tables, and once for all of them', () => {
    assert.deepEqual(
      facts.tables.map(({ notes }) => notes),
      [[note], [note], undefined],
    );
    assert.equal(facts.skipped.filter(({ text }) => text === note.text).length, 1);
  });

  it('hold no value of a row, for they are written to disk', () => {
    assert.doesNotMatch(JSON.stringify(facts), /Mei/);
  });
});
