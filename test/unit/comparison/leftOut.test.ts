import assert from 'node:assert/strict';
import { compareObjects } from '../../../src/comparison/objects.ts';
import type { SchemaObject } from '../../../src/comparison/port.ts';
import type { MigrationScope, MovedKind } from '../../../src/cutover/facts.ts';
import { leftOutBy, optionRemarks } from '../../../src/cutover/leftOut.ts';
import { say } from '../../../src/util/sentence.ts';
import { task } from '../cutover/facts.ts';

const all: MigrationScope = { mode: 'all', databases: [] };
const database = { name: 'shop', newName: 'shop', schema: null, newSchema: null, allTables: true, tables: [] };
const partial = (objects?: { kind: MovedKind; moved: 'all' | 'none' | string[] }[]): MigrationScope => {
  return { mode: 'partial', databases: [{ ...database, objects }] };
};
const of = (kind: MovedKind, name = 'a') => ({ kind, name, database: 'shop', schema: null });

describe('what a task leaves out', () => {
  it('is left out by a list of advanced objects that lacks its kind, and by nothing where none is told', () => {
    assert.equal(leftOutBy({ ...all, advancedObjects: ['function'] }, of('trigger')), 'AdvancedObjects');
    assert.equal(leftOutBy({ ...all, advancedObjects: [] }, of('event')), 'AdvancedObjects');
    assert.equal(leftOutBy({ ...all, advancedObjects: ['function'] }, of('function')), null);
    assert.equal(leftOutBy({ ...all, advancedObjects: [] }, of('view')), null);
    assert.equal(leftOutBy(all, of('trigger')), null);
  });

  it('is left out by the mode of its kind, and by a list without its name', () => {
    assert.equal(leftOutBy(partial([{ kind: 'view', moved: 'none' }]), of('view')), 'ViewMode');
    assert.equal(leftOutBy(partial([{ kind: 'view', moved: ['b'] }]), of('view')), 'ViewMode');
    assert.equal(leftOutBy(partial([{ kind: 'view', moved: ['a'] }]), of('view')), null);
    assert.equal(leftOutBy(partial([{ kind: 'view', moved: 'all' }]), of('view')), null);
    assert.equal(leftOutBy(partial(), of('view')), null);
  });

  it('is told by the comparison with the option, while what is missing by accident counts', () => {
    const object = (kind: 'trigger' | 'routine' | 'view', name: string): SchemaObject => ({
      ...{ kind, name, schema: null, table: null, definition: 'x' },
    });
    const compare = (scope: MigrationScope) =>
      compareObjects({
        scope,
        source: {
          database: 'shop',
          objects: [object('trigger', 't'), object('routine', 'function f'), object('view', 'v')],
        },
        target: { database: 'shop', objects: [] },
        tables: null,
        sameSpelling: true,
        raiseStatement: () => '',
      })
        .map(({ name, counts, detail }) => [name, counts, detail ? say(detail) : ''] as const)
        .sort(([a], [b]) => a.localeCompare(b));
    const told = 'The task leaves it out (AdvancedObjects): carry it over by hand.';
    assert.deepEqual(
      compare({ ...all, advancedObjects: [] }),
      [
        ['v', true, ''],
        ['t', false, told],
        ['function f', false, told],
      ].sort(),
    );
    assert.ok(compare(all).every(([, counts]) => counts === true));
  });

  it('is said before the night, with what has to be done', () => {
    const remarks = optionRemarks(
      task({
        scope: { ...partial([{ kind: 'view', moved: 'none' }]), advancedObjects: ['function', 'procedure'] },
        options: { advancedObjects: [], targetReadOnly: true, migratesAccounts: false, overridesRoot: null },
      }),
    ).map((remark) => say(remark));
    assert.match(
      remarks.join(' '),
      /trigger, event \(AdvancedObjects\).*no view \(ViewMode\).*IsDstReadOnly.*IsMigrateAccount/,
    );
    assert.deepEqual(optionRemarks(task()), []);
  });
});
