import assert from 'node:assert/strict';
import type { ColumnShape, RepairDialect } from '../../../src/comparison/port.ts';
import { repairStatements } from '../../../src/comparison/repair.ts';
import type { RowDifference } from '../../../src/comparison/result.ts';
import { repairDialect as mysql } from '../../../src/engines/mysql/digest-repair.ts';
import { repairDialect as postgres } from '../../../src/engines/postgres/digest-repair.ts';

const column = (name: string, type: string): ColumnShape => ({
  ...{ name, type, declared: type, nullable: true, generated: false, scale: null, collation: null, charset: null },
});

const target = {
  name: { database: 'shop', schema: 'pub"lic', name: 'or`der' },
  columns: [column('id', 'int4'), column('na"me', 'text'), column('n', 'numeric')],
};

const statements = (dialect: RepairDialect, differences: readonly RowDifference[]) =>
  repairStatements(dialect, target, differences);

const row = (id: string, name: string | null, n: string | null) => ({ id, 'na"me': name, n });

describe('repair statements', () => {
  it('delete first, write only what differs, insert last', () => {
    assert.deepEqual(
      statements(postgres, [
        { kind: 'missing', key: { id: '1' }, source: row('1', "it's", '1.50'), target: null },
        { kind: 'changed', key: { id: '-2' }, source: row('-2', null, '7'), target: row('-2', 'x', '7') },
        { kind: 'extra', key: { id: '3' }, source: null, target: row('3', 'y', null) },
      ]),
      [
        'DELETE FROM "pub""lic"."or`der" WHERE "id" = 3;',
        'UPDATE "pub""lic"."or`der" SET "na""me" = NULL WHERE "id" = -2;',
        `INSERT INTO "pub""lic"."or\`der" ("id", "na""me", "n") OVERRIDING SYSTEM VALUE VALUES (1, 'it''s', 1.50);`,
      ],
    );
  });

  it('quote names and values as the engine wants them, whatever they hold', () => {
    const nasty = "a\\'; DROP TABLE x; --";
    const [update] = statements(mysql, [
      { kind: 'changed', key: { id: '1' }, source: row('1', nasty, '1'), target: row('1', 'b', '1') },
    ]);
    assert.equal(
      update,
      `UPDATE \`shop\`.\`or\`\`der\` SET \`na"me\` = _utf8mb4 x'${Buffer.from(nasty).toString('hex')}' WHERE \`id\` = 1;`,
    );
    const [same] = statements(postgres, [
      { kind: 'changed', key: { id: '1' }, source: row('1', nasty, '1'), target: row('1', 'b', '1') },
    ]);
    assert.equal(same, `UPDATE "pub""lic"."or\`der" SET "na""me" = E'a\\\\''; DROP TABLE x; --' WHERE "id" = 1;`);
  });

  it('never take text for a number because its column is one', () => {
    const [insert] = statements(postgres, [
      { kind: 'missing', key: { id: '1' }, source: row('1', 'x', 'NaN'), target: null },
    ]);
    assert.match(insert ?? '', /'NaN'\);$/);
  });

  it('write all but the key where both sides read the same and are stored differently', () => {
    const [update] = statements(postgres, [
      { kind: 'changed', key: { id: '1' }, source: row('1', 'x', '1'), target: row('1', 'x', '1') },
    ]);
    assert.equal(update, `UPDATE "pub""lic"."or\`der" SET "na""me" = 'x', "n" = 1 WHERE "id" = 1;`);
  });

  it('give a comment on one line where no statement can be right', () => {
    const texts = statements(postgres, [
      { kind: 'extra', key: {}, source: null, target: row('1', 'x', '1'), copies: 2 },
      {
        kind: 'changed',
        key: { id: '1\n; DROP' },
        source: row('1', 'long', '1'),
        target: row('1', 'x', '1'),
        cut: ['na"me'],
      },
    ]);
    for (const text of texts) assert.match(text, /^-- [^\n]*$/);
  });

  it('insert as many copies as are missing, and say how many they leave out', () => {
    const lines = (copies: number) => {
      const [insert] = statements(mysql, [
        { kind: 'missing', key: {}, source: row('1', 'x', null), target: null, copies },
      ]);
      return insert?.split('\n') ?? [];
    };
    assert.equal(lines(3).length, 3);
    const many = lines(1500);
    assert.equal(many.filter((line) => line.startsWith('INSERT')).length, 1000);
    assert.match(many.at(-1) ?? '', /^-- .* missing 500 more times/);
  });

  it('write bits and bytes only as digits, never as whatever stands there', () => {
    const name = { database: 'shop', schema: null, name: 't' };
    const columns = [column('b', 'bit'), column('raw', 'varbinary'), column('n', 'int'), column('d', 'double')];
    const deletion = (key: Readonly<Record<string, string>>) =>
      repairStatements(mysql, { name, columns }, [{ kind: 'extra', key, source: null, target: key }])[0];
    assert.equal(deletion({ b: '49' }), 'DELETE FROM `shop`.`t` WHERE `b` = 49;');
    assert.equal(deletion({ raw: '0x00fF' }), 'DELETE FROM `shop`.`t` WHERE `raw` = 0x00fF;');
    assert.equal(deletion({ d: '-0' }), 'DELETE FROM `shop`.`t` WHERE `d` = -0e0;');
    assert.equal(deletion({ n: '1 OR 1=1' }), "DELETE FROM `shop`.`t` WHERE `n` = '1 OR 1=1';");
    for (const key of [{ b: '1 OR 1=1' }, { b: '\u0001' }, { raw: '0x00 OR 1=1' }])
      assert.match(deletion(key) ?? '', /^-- [^\n]* cannot be written here exactly$/);
    const source = { n: '1', b: '1 OR 1=1' };
    for (const kind of ['missing', 'changed'] as const) {
      const [text] = repairStatements(mysql, { name, columns }, [
        { kind, key: { n: '1' }, source, target: { n: '1' } },
      ]);
      assert.match(text ?? '', /^-- /);
    }
  });
});
