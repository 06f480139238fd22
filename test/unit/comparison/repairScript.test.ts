import assert from 'node:assert/strict';
import type { RepairDialect } from '../../../src/comparison/port.ts';
import { repairScript, type RepairTexts } from '../../../src/comparison/repairScript.ts';
import type { ObjectResult, RowDifference, TableResult } from '../../../src/comparison/result.ts';

const name = { database: 'shop', schema: 'public', name: 'orders' };
const column = (of: string, type: string) => ({
  ...{ name: of, type, declared: type, nullable: true, generated: false, scale: null, collation: null, charset: null },
});
const dialect: RepairDialect = {
  identifier: (id) => `"${id}"`,
  table: (table) => `"${table.name}"`,
  literal: (value) => (value === null ? 'NULL' : `'${value.replaceAll("'", "''")}'`),
  insertOverride: '',
};
const texts: RepairTexts = {
  heading: ['Task r/j\nDROP TABLE orders;', 'nothing runs this'],
  truncated: (listed, total) => `${listed} of ${total}`,
  unlisted: (table, verdict) => `${table} is ${verdict}`,
  objects: 'sequences',
  nothing: 'nothing to repair',
};
const rows: readonly RowDifference[] = [
  { kind: 'missing', key: { id: '3' }, source: { id: '3', note: "it's" }, target: null },
  { kind: 'changed', key: { id: '1' }, source: { id: '1', note: 'new' }, target: { id: '1', note: null } },
  { kind: 'extra', key: { id: '2' }, source: null, target: { id: '2', note: 'x' } },
];
const table = (change: Partial<TableResult> = {}): TableResult => ({
  ...{ source: name, target: name, verdict: 'different', reason: null, rows: { source: 2, target: 2 } },
  ...{ differences: rows, differenceCount: 3, truncated: false, notes: [], method: 'm' },
  targetColumns: [column('id', 'int4'), column('note', 'text')],
  ...change,
});
const sequence: ObjectResult = {
  ...{ kind: 'sequence', name: 'orders_id_seq', verdict: 'different', detail: null, counts: true },
  statement: "SELECT setval('orders_id_seq', 9);",
};

describe('the repair script', () => {
  it('deletes, updates, inserts, then raises the sequences; every other line is a comment', () => {
    const script = repairScript(dialect, { tables: [table()], objects: [sequence] }, texts);
    assert.deepEqual(
      script.split('\n').filter((line) => line !== '' && !line.startsWith('--')),
      [
        `DELETE FROM "orders" WHERE "id" = '2';`,
        `UPDATE "orders" SET "note" = 'new' WHERE "id" = '1';`,
        `INSERT INTO "orders" ("id", "note") VALUES ('3', 'it''s');`,
        sequence.statement,
      ],
    );
    assert.ok(script.startsWith('-- Task r/j DROP TABLE orders;\n-- nothing runs this\n'), script);
  });

  it('begins with what its literals rely on, where it has any', () => {
    const settings = { ...dialect, settings: ["SET time_zone = '+00:00';"] };
    const statements = (part: Partial<TableResult>) =>
      repairScript(settings, { tables: [table(part)], objects: [sequence] }, texts)
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('--'));
    assert.deepEqual(
      statements({}).map((line) => line.split(' ')[0]),
      ['SET', 'DELETE', 'UPDATE', 'INSERT', 'SELECT'],
    );
    assert.deepEqual(statements({ verdict: 'same', differences: [] }), [sequence.statement]);
  });

  it('says what it does not know, and makes no statement for what it cannot repair', () => {
    const script = repairScript(
      dialect,
      {
        tables: [
          table({ truncated: true, differenceCount: 5000 }),
          table({ verdict: 'missingOnTarget', target: null, differences: [] }),
          table({ verdict: 'failed', differences: [] }),
          table({ verdict: 'same', differences: [] }),
        ],
        objects: [],
      },
      texts,
    );
    assert.match(script, /^-- 3 of 5000$/m);
    assert.match(script, /^-- "orders" is missingOnTarget$/m);
    assert.match(script, /^-- "orders" is failed$/m);
    assert.match(repairScript(dialect, { tables: [], objects: [] }, texts), /^-- nothing to repair$/m);
  });
});
