import assert from 'node:assert/strict';
import { repairStatements } from '../../src/comparison/repair.ts';
import type { ComparisonResult } from '../../src/comparison/result.ts';
import { sqlserverDigest } from '../../src/engines/sqlserver/digest.ts';
import { say } from '../../src/util/sentence.ts';
import { DigestPair } from '../support/tds/sql/pair.ts';
import type { Extra } from '../support/tds/sql/store.ts';
import { compare, tableOf } from './comparing.ts';

/** `kind name: verdict` of everything that is not the same and counts. */
const wrong = (result: ComparisonResult) =>
  result.objects
    .filter(({ verdict, counts }) => verdict !== 'same' && counts)
    .map(({ kind, name, verdict }) => `${kind} ${name}: ${verdict}`)
    .sort();

const [CUSTOMER, BILL] = [1000, 1001];

/** Rows of the catalog for what the test server has no statements to make. */
function objects(): Record<string, Record<string, string | number | bigint | null>[]> {
  const of = { schema_id: 1, is_ms_shipped: 0 };
  return {
    objects: [
      { ...of, object_id: 1, name: 'adult', parent_object_id: 0, type: 'V ' },
      { ...of, object_id: 2, name: 'twice', parent_object_id: 0, type: 'FN' },
      { ...of, object_id: 3, name: 'told', parent_object_id: CUSTOMER, type: 'TR' },
      { ...of, object_id: 4, name: 'pay', parent_object_id: 0, type: 'P ' },
    ],
    sql_modules: [
      { object_id: 1, definition: 'CREATE VIEW adult AS\r\nSELECT id FROM [lab].dbo.customer WHERE age > 18  \r\n' },
      { object_id: 2, definition: 'CREATE FUNCTION twice (@n int) RETURNS int AS BEGIN RETURN 2 * @n END' },
      { object_id: 3, definition: 'CREATE TRIGGER told ON customer AFTER INSERT AS RETURN' },
      { object_id: 4, definition: 'CREATE PROCEDURE pay AS SELECT 1' },
    ],
    triggers: [{ object_id: 3, name: 'told', parent_id: CUSTOMER, parent_class: 1, is_disabled: 0, is_ms_shipped: 0 }],
    foreign_keys: [
      {
        object_id: 10,
        name: 'fk',
        parent_object_id: BILL,
        referenced_object_id: CUSTOMER,
        is_disabled: 0,
        is_not_trusted: 0,
        delete_referential_action_desc: 'NO_ACTION',
        update_referential_action_desc: 'NO_ACTION',
      },
    ],
    foreign_key_columns: [
      {
        constraint_object_id: 10,
        constraint_column_id: 1,
        parent_object_id: BILL,
        parent_column_id: 2,
        referenced_object_id: CUSTOMER,
        referenced_column_id: 1,
      },
    ],
    check_constraints: [
      { object_id: 11, parent_object_id: CUSTOMER, definition: '([age]>(0))', is_disabled: 0, is_not_trusted: 0 },
    ],
    default_constraints: [{ object_id: 12, parent_object_id: CUSTOMER, parent_column_id: 3, definition: '((18))' }],
    sequences: [
      {
        ...of,
        object_id: 13,
        name: 'numbers',
        start_value: 1n,
        increment: 5n,
        current_value: 11n,
        last_used_value: 11n,
      },
      {
        ...of,
        object_id: 14,
        name: 'unused',
        start_value: 100n,
        increment: 1n,
        current_value: 100n,
        last_used_value: null,
      },
    ],
    synonyms: [{ ...of, name: 'buyer', base_object_name: '[dbo].[customer]' }],
    types: [
      {
        name: 'phone',
        system_type_id: 60,
        user_type_id: 300,
        schema_id: 1,
        max_length: 20,
        precision: 0,
        scale: 0,
        is_nullable: 1,
        is_user_defined: 1,
        is_assembly_type: 0,
        is_table_type: 0,
      },
    ],
    database_principals: [{ name: 'clerk', principal_id: 7 }],
    database_permissions: [
      {
        class: 1,
        major_id: CUSTOMER,
        minor_id: 0,
        grantee_principal_id: 7,
        permission_name: 'SELECT',
        state_desc: 'GRANT',
      },
    ],
  };
}

describe('comparing what is not rows, on SQL Server (the TDS test server)', function () {
  this.timeout(60_000);
  let pair: DigestPair;
  const run = () => compare(sqlserverDigest, pair.urls);
  const theirs = (extra: Extra) => (pair.target.database.extra = extra);

  beforeEach(async () => {
    pair = await DigestPair.start('lab');
    for (const { database } of [pair.source, pair.target]) {
      database.run(
        'CREATE TABLE customer (id int NOT NULL IDENTITY PRIMARY KEY, name nvarchar(50) NOT NULL UNIQUE, age int); CREATE TABLE bill (id int NOT NULL PRIMARY KEY, customer int)',
      );
      database.extra = objects();
    }
  });
  afterEach(() => pair.stop());

  it('calls equal definitions the same, however their lines end', async () => {
    const extra = objects();
    const [view] = extra['sql_modules'] ?? [];
    if (view) view['definition'] = 'CREATE VIEW adult AS\nSELECT id FROM [lab].dbo.customer WHERE age > 18';
    theirs(extra);
    const result = await run();
    assert.deepEqual(wrong(result), []);
    assert.equal(result.verdict, 'same', result.remarks.map((remark) => say(remark)).join(' '));
    const kinds = new Set(result.objects.map(({ kind }) => kind));
    for (const kind of [
      'view',
      'routine',
      'trigger',
      'constraint',
      'sequence',
      'auto increment',
      'type',
      'synonym',
      'grant',
    ] as const) {
      assert.ok(kinds.has(kind), kind);
    }
  });

  it('finds what is missing, changed, switched off or untrusted', async () => {
    const extra = objects();
    const change = (view: string, values: Record<string, string | number | bigint | null>) =>
      Object.assign(extra[view]?.[0] ?? {}, values);
    change('sql_modules', { definition: 'CREATE VIEW adult AS SELECT id FROM customer WHERE age > 21' });
    change('triggers', { is_disabled: 1 });
    change('foreign_keys', { is_not_trusted: 1 });
    change('check_constraints', { is_disabled: 1 });
    change('default_constraints', { definition: '((21))' });
    change('synonyms', { base_object_name: '[dbo].[bill]' });
    change('types', { max_length: 30 });
    extra['objects'] = (extra['objects'] ?? []).filter(({ name }) => name !== 'twice');
    theirs(extra);
    for (const { database } of [pair.source]) {
      database.table(['bill']).indexes.push({
        name: 'by_customer',
        primary: false,
        columns: ['customer'],
        filter: '([customer]>(0))',
        unique: false,
        disabled: false,
      });
    }
    assert.deepEqual(wrong(await run()), [
      'constraint dbo.bill: foreign key (customer) -> dbo.customer (id): different',
      'constraint dbo.customer: check ([age]>(0)): different',
      'constraint dbo.customer: default of age: different',
      'index dbo.bill: nonclustered (customer) where ([customer]>(0)): missingOnTarget',
      'routine dbo.twice: missingOnTarget',
      'synonym dbo.buyer: different',
      'trigger dbo.customer: told: different',
      'type dbo.phone: different',
      'view dbo.adult: different',
    ]);
  });

  it('never calls definitions equal that it cannot read', async () => {
    for (const { database } of [pair.source, pair.target]) {
      const extra = objects();
      for (const module of extra['sql_modules'] ?? []) if (module['object_id'] === 4) module['definition'] = null;
      database.extra = extra;
    }
    const result = await run();
    assert.equal(result.verdict, 'incomplete');
    assert.ok(result.remarks.some((remark) => /WITH ENCRYPTION/.test(say(remark))));
  });

  it('finds numbers that would be given twice, with the statements that put it right', async () => {
    pair.source.database.run(
      "INSERT INTO customer (name) VALUES (N'a'), (N'b'), (N'c'); DELETE FROM customer WHERE id = 3",
    );
    pair.target.database.run("INSERT INTO customer (name) VALUES (N'a'), (N'b')");
    const extra = objects();
    Object.assign(extra['sequences']?.[0] ?? {}, { current_value: 6n, last_used_value: 6n });
    theirs(extra);
    const result = await run();
    assert.deepEqual(
      result.objects
        .filter(({ statement }) => statement !== null)
        .map(({ kind, statement }) => `${kind}: ${statement}`),
      [
        "auto increment: DBCC CHECKIDENT (N'[lab].[dbo].[customer]', RESEED, 4);",
        'sequence: ALTER SEQUENCE [lab].[dbo].[numbers] RESTART WITH 16;',
      ],
    );
    // a target that is further ahead is right too
    Object.assign(extra['sequences']?.[0] ?? {}, { current_value: 21n, last_used_value: 21n });
    pair.target.database.run("INSERT INTO customer (name) VALUES (N'c'), (N'd'); DELETE FROM customer WHERE id > 2");
    assert.deepEqual(wrong(await run()), []);
  });

  it('claims nothing of a sequence that may have been used once or never (before 2017)', async () => {
    await pair.stop();
    pair = await DigestPair.start('lab', { source: { version: '13.0.1.1' }, target: { version: '13.0.1.1' } });
    for (const { database } of [pair.source, pair.target]) database.extra = objects();
    const result = await run();
    assert.deepEqual(wrong(result), []);
    assert.equal(result.verdict, 'incomplete');
    assert.ok(
      result.remarks.some((remark) => say(remark).includes('dbo.unused')),
      result.remarks.map((remark) => say(remark)).join('\n'),
    );
  });

  it('writes statements that repair the target', async () => {
    const table = `CREATE TABLE [a]]b] (id int NOT NULL IDENTITY PRIMARY KEY, n nvarchar(50), d decimal(9,2), b varbinary(9), t datetime, f float)`;
    pair.source.database.run(
      `${table}; INSERT INTO [a]]b] VALUES (1, N'it''s', 1.50, 0x00FF, '2026-01-02T03:04:05.997', 0.1e0), (2, N'a\\' + N'\n' + N'b', NULL, 0x, NULL, -2e-300), (4, NULL, NULL, NULL, NULL, NULL)`,
    );
    pair.target.database.run(
      `${table}; INSERT INTO [a]]b] VALUES (1, N'its', 1.5, 0x00FE, NULL, 0.1e0), (3, N'x', 0, 0x, NULL, 0)`,
    );
    const result = tableOf(await run(), 'a]b');
    assert.ok(result.target);
    const written = repairStatements(
      sqlserverDigest.repair,
      { name: result.target, columns: result.targetColumns },
      result.differences,
    );
    assert.deepEqual(
      written.filter((statement) => /^(DELETE|SET)/.test(statement)),
      [
        'DELETE FROM [lab].[dbo].[a]]b] WHERE [id] = 3;',
        'SET IDENTITY_INSERT [lab].[dbo].[a]]b] ON;',
        'SET IDENTITY_INSERT [lab].[dbo].[a]]b] OFF;',
      ],
    );
    assert.match(written.join('\n'), /CONVERT\(datetime, N'2026-01-02 03:04:05\.997', 121\)/);
    for (const statement of written) if (!statement.startsWith('SET')) pair.target.database.run(statement);
    assert.equal(tableOf(await run(), 'a]b').verdict, 'same');
  });
});
