import assert from 'node:assert/strict';
import type { TableShape } from '../../../src/comparison/port.ts';
import { planTable } from '../../../src/comparison/plan.ts';
import { absentEntries, mappedName, pairTables, within } from '../../../src/comparison/scope.ts';
import type { MigrationScope, ObjectName } from '../../../src/cutover/facts.ts';
import { matchColumns } from '../../../src/engines/postgres/digest-hash.ts';

const name = (database: string, schema: string | null, table: string): ObjectName => ({
  database,
  schema,
  name: table,
});

function table(
  where: ObjectName,
  columns: Record<string, string> = { id: 'int4' },
  keys: string[][] = [['id']],
): TableShape {
  return {
    name: where,
    columns: Object.entries(columns).map(([column, type]) => ({
      ...{
        name: column,
        type,
        declared: type,
        nullable: true,
        generated: false,
        scale: null,
        collation: null,
        charset: null,
      },
    })),
    keys: keys.map((key, i) => ({ name: `key${i}`, primary: i === 0, columns: key })),
    estimatedRows: null,
    unreadable: null,
  };
}

const scope: MigrationScope = {
  mode: 'partial',
  databases: [
    { name: 'shop', newName: 'shop2', schema: 'a', newSchema: 'b', allTables: true, tables: [] },
    {
      name: 'shop',
      newName: 'shop2',
      schema: 'c',
      newSchema: 'c',
      allTables: false,
      tables: [{ name: 't', newName: 'u' }],
    },
    { name: 'old', newName: 'new', schema: null, newSchema: null, allTables: true, tables: [] },
  ],
};

describe('the scope of a comparison', () => {
  it('follows databases, schemas and tables under their new names, and is case-sensitive', () => {
    assert.deepEqual(mappedName(scope, name('shop', 'a', 't')), name('shop2', 'b', 't'));
    assert.deepEqual(mappedName(scope, name('shop', 'c', 't')), name('shop2', 'c', 'u'));
    assert.equal(mappedName(scope, name('shop', 'c', 'T')), null);
    assert.equal(mappedName(scope, name('shop', 'd', 't')), null);
    assert.deepEqual(mappedName(scope, name('old', null, 'x')), name('new', null, 'x'));
    assert.equal(mappedName(scope, name('OLD', null, 'x')), null);
  });

  it('tells pairs, missing and extra tables, and listed ones that the source lacks', () => {
    const found = pairTables(
      scope,
      [table(name('shop', 'a', 't1')), table(name('shop', 'a', 't2')), table(name('shop', 'x', 'other'))],
      [table(name('shop2', 'b', 't1')), table(name('shop2', 'b', 'more')), table(name('shop2', 'z', 'unrelated'))],
      null,
    );
    assert.deepEqual(
      found.pairs.map((pair) => pair.target.name.name),
      ['t1'],
    );
    assert.deepEqual(
      found.missing.map(({ expected }) => expected),
      [name('shop2', 'b', 't2')],
    );
    assert.deepEqual(
      found.extra.map((extra) => extra.name.name),
      ['more'],
    );
    assert.deepEqual(found.unknown, [name('shop', 'c', 't')]);
  });

  it('is about one pair of databases at a time', () => {
    const [, listed] = scope.databases;
    const twice = { ...scope, databases: [...scope.databases, { ...listed!, newName: 'shop3' }] };
    const names = (source: string, target: string) =>
      within(twice, { source, target }).databases.map((entry) => `${entry.schema} ${entry.newName}`);
    assert.deepEqual(names('shop', 'shop2'), ['a shop2', 'c shop2']);
    assert.deepEqual(names('shop', 'shop3'), ['c shop3']);
    assert.deepEqual(names('old', 'new'), ['null new']);
  });

  it('says nothing of other tables when some are chosen, but does not swallow a misspelt one', () => {
    const tables = [table(name('old', null, 't1')), table(name('old', null, 't2'))];
    const found = pairTables(scope, tables, [table(name('new', null, 't1'))], ['t1', 'T2']);
    assert.equal(found.pairs.length, 1);
    assert.equal(found.missing.length + found.extra.length, 0);
    assert.deepEqual(
      found.unknown.map((unknown) => unknown.name),
      ['T2'],
    );
  });
});

describe('whole databases and schemas that the scope names', () => {
  it('are told when the source does not have them under exactly that name', () => {
    assert.deepEqual(absentEntries(scope, 'shop', ['a', 'c', 'public']), []);
    assert.deepEqual(absentEntries(scope, 'shop', ['A', 'public']), ['shop.a']);
    assert.deepEqual(absentEntries(scope, 'old', [null]), []);
    assert.deepEqual(absentEntries(scope, 'old', ['public']), []);
    assert.deepEqual(absentEntries(scope, 'old', []), ['old']);
  });

  it('are told too when they list no table, and left to the tables when they list some', () => {
    const [whole, listed] = scope.databases;
    const empty = { ...whole!, allTables: false };
    assert.deepEqual(absentEntries({ mode: 'partial', databases: [empty, listed!] }, 'shop', ['public']), ['shop.a']);
  });
});

describe('the plan for one pair of tables', () => {
  const here = name('d', 's', 't');
  const plan = (source: TableShape, target: TableShape) => planTable(source, target, matchColumns);

  it('takes a key only where both sides have it, in any order of its columns', () => {
    const columns = { a: 'int4', b: 'int4', c: 'int4' };
    const keys = (mine: string[][], theirs: string[][]) =>
      plan(table(here, columns, mine), table(here, columns, theirs)).plan?.key;
    assert.deepEqual(keys([['a', 'b']], [['b', 'a']]), ['a', 'b']);
    assert.deepEqual(keys([['a'], ['b']], [['c'], ['b']]), ['b']);
    assert.deepEqual(keys([['a']], [['b']]), []);
    assert.deepEqual(keys([], []), []);
  });

  it('finds columns of one side only, and compares the others', () => {
    const planned = plan(table(here, { id: 'int4', a: 'text' }), table(here, { id: 'int4', b: 'text' }));
    assert.deepEqual(
      planned.plan?.columns.map((column) => column.name),
      ['id'],
    );
    assert.deepEqual(planned.plan && planned.columnDifferences, [
      { name: 'a', only: 'source' },
      { name: 'b', only: 'target' },
    ]);
  });

  it('does not compare what cannot be compared exactly', () => {
    const planned = plan(table(here, { id: 'int4', v: 'float4' }), table(here, { id: 'int4', v: 'float8' }));
    assert.equal(planned.plan, null);
  });
});
