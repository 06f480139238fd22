import assert from 'node:assert/strict';
import { tellsApart } from '../../src/engines/mysql/digest-collations.ts';
import { readColumns } from '../../src/engines/mysql/digest-columns.ts';
import { fromCatalog, normalised, quotingOf } from '../../src/engines/mysql/digest-spelling.ts';
import { dialectOf } from '../../src/engines/mysql/dialect.ts';
import { grantsOf } from '../../src/engines/mysql/grants.ts';
import { globalPrivileges } from '../../src/engines/mysql/visibility.ts';
import { never } from './comparing.ts';

describe('columns of MySQL, as its manual says it lists them, and those of MariaDB', () => {
  type Facts = readonly (string | null)[];
  /** type, declared, NULL, default, extra, expression, precision, scale, fraction, length, bytes, character set */
  async function ruled(product: 'MySQL' | 'MariaDB', facts: Facts): Promise<object | undefined> {
    const ask = (sql: string) => Promise.resolve(/COLUMNS/.test(sql) ? [['t', 'c', ...facts]] : [['t']]);
    const dialect = product === 'MySQL' ? dialectOf('8.0.36', '') : dialectOf('10.11.6-MariaDB', '');
    const collations = { trait: () => [] };
    const snapshot = { database: 'lab', dialect, ask };
    const created = { exact: (_: string, expression: string) => Promise.resolve(expression) };
    const reader = { snapshot, collations, created, normalised: (text: string) => text, documents: new Set<string>() };
    const found = await readColumns(reader, never);
    return found.find(({ kind }) => kind === 'column')?.column;
  }
  const text = (value: string | null, extra = ''): Facts => [
    'varchar',
    'varchar(9)',
    'YES',
    value,
    extra,
    '',
    null,
    null,
    null,
    '9',
    '36',
    'utf8mb4',
  ];
  const time = (value: string, extra: string): Facts => [
    'datetime',
    'datetime(3)',
    'YES',
    value,
    extra,
    '',
    null,
    null,
    '3',
    null,
    null,
    null,
  ];
  const number = (declared: string, value: string | null): Facts => [
    'int',
    declared,
    'YES',
    value,
    '',
    '',
    '10',
    '0',
    null,
    null,
    null,
    null,
  ];
  const twins: readonly (readonly [string, Facts, Facts])[] = [
    ['no default', text(null), text('NULL')],
    ['the word NULL', text('NULL'), text("'NULL'")],
    ['a text', text("it's \\ paid"), text("'it''s \\\\ paid'")],
    ['a text that looks like the time', text('CURRENT_TIMESTAMP'), text("'CURRENT_TIMESTAMP'")],
    ['a number', number('int', '7'), number('int(11)', '7')],
    [
      'the time',
      time('CURRENT_TIMESTAMP(3)', 'DEFAULT_GENERATED on update CURRENT_TIMESTAMP(3)'),
      time('current_timestamp(3)', 'on update current_timestamp(3)'),
    ],
  ];
  for (const [name, mysql, mariaDb] of twins) {
    it(`are alike: ${name}`, async () => {
      assert.deepEqual(await ruled('MySQL', mysql), await ruled('MariaDB', mariaDb));
    });
  }

  it('does not take an expression for its text', async () => {
    assert.notDeepEqual(
      await ruled('MySQL', text('uuid()', 'DEFAULT_GENERATED')),
      await ruled('MySQL', text('uuid()')),
    );
  });
});

describe('definitions of MySQL and MariaDB in one spelling', () => {
  const alike = (one: string, other: string) => normalised(one, 'lab') === normalised(other, 'lab');
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['select  `lab`.`t`.`a`\n from `lab`.`t`', 'select `t`.`a` from `t`', true],
    ["select 'a  b'", "select 'a b'", false],
    ["select '`lab`.t'", "select 't'", false],
    ['select 1 as `a  b`', 'select 1 as `a b`', false],
    ["select 'it''s \\'  x'", "select 'it''s \\' x'", false],
    ['select 1 -- a\n + 2', 'select 1 -- a + 2', false],
    ['select 1 # a\n + 2', 'select 1 # a + 2', false],
    ['select 1 /* a  b */ + 2', 'select 1 + 2', true],
    ['select /*! 1 + */ 2', 'select 2', false],
    ['select 1 -  -2', 'select 1 - -2', true],
  ];
  for (const [one, other, same] of cases) {
    it(`${JSON.stringify(one)} is ${same ? '' : 'not '}${JSON.stringify(other)}`, () =>
      assert.equal(alike(one, other), same));
  }
  it('end a text at a backslash where the mode says so', () => {
    const text = "select 'a\\',  'b'";
    assert.equal(normalised(text, 'lab', quotingOf('ANSI,NO_BACKSLASH_ESCAPES')), "select 'a\\', 'b'");
    assert.equal(normalised(text, 'lab', quotingOf('')), text);
  });
  it("take MySQL's catalog for the literal that it is", () =>
    assert.equal(fromCatalog("(`v` <> _utf8mb4\\'a\\\\\\\\b\\')"), "(`v` <> _utf8mb4'a\\\\b')"));
});

describe('MySQL: what SHOW GRANTS says', () => {
  const all = 'GRANT SELECT, PROCESS ON *.* TO `obs`@`%`';
  const cases: readonly (readonly [string, readonly string[], boolean])[] = [
    ['everywhere', [all], true],
    ['everywhere but here', [all, 'REVOKE SELECT ON `crm`.* FROM `obs`@`%`'], false],
    ['everywhere but elsewhere', [all, 'REVOKE SELECT ON `mysql`.* FROM `obs`@`%`'], true],
    ['another right taken back here', [all, 'REVOKE INSERT, UPDATE ON `crm`.* FROM `obs`@`%`'], true],
    ['everything', ["GRANT ALL PRIVILEGES ON *.* TO 'root'@'localhost' WITH GRANT OPTION"], true],
    ['here', ["GRANT SELECT, INSERT ON `crm`.* TO 'x'@'%'"], true],
    ['by a pattern', ["GRANT ALL PRIVILEGES ON `c%`.* TO 'x'@'%'"], true],
    ['by an escaped pattern', ["GRANT SELECT ON `cr\\_`.* TO 'x'@'%'"], false],
    ['on one table', ["GRANT SELECT ON `crm`.`c` TO 'x'@'%'"], false],
    ['on columns', ["GRANT SELECT (`a`) ON `crm`.`c` TO 'x'@'%'"], false],
    ['on a database that looks like all', ["GRANT SELECT ON `*`.* TO 'x'@'%'"], false],
    ['on a procedure', ["GRANT EXECUTE ON PROCEDURE `crm`.`p` TO 'x'@'%'", 'GRANT USAGE ON *.* TO `x`@`%`'], false],
  ];
  for (const [name, lines, held] of cases) {
    it(name, () => assert.equal(grantsOf(lines).onDatabase('SELECT', 'crm'), held));
  }

  it('does not count as held everywhere what was taken back on one database', () => {
    const held = (...more: string[]) => globalPrivileges([all, ...more]).has('SELECT');
    assert.equal(held(), true);
    assert.equal(held('REVOKE SELECT ON `crm`.* FROM `obs`@`%`'), false);
    assert.equal(held('REVOKE INSERT ON `crm`.* FROM `obs`@`%`', 'REVOKE SELECT ON `mysql`.* FROM `obs`@`%`'), true);
  });

  it('tells rights on everything from rights here', () => {
    assert.equal(grantsOf(['GRANT ALL PRIVILEGES ON `crm`.* TO `x`@`%`']).everywhere('SHOW_ROUTINE', 'crm'), false);
    assert.equal(grantsOf([all, 'GRANT SHOW_ROUTINE ON *.* TO `x`@`%`']).everywhere('SHOW_ROUTINE', 'crm'), true);
    assert.equal(grantsOf(['GRANT SELECT ON `mysql`.`proc` TO `x`@`%`']).onTable('SELECT', 'mysql', 'proc'), true);
  });
});

describe('MySQL and MariaDB: what a collation tells apart, by its name', () => {
  const cases: readonly (readonly [string, ReturnType<typeof tellsApart>])[] = [
    ['utf8mb4_bin', 'all'],
    ['utf8mb4_0900_bin', 'all'],
    ['binary', 'all'],
    ['utf8mb4_0900_as_cs', 'all'],
    ['latin1_general_cs', 'all'],
    ['utf8mb4_uca1400_as_cs', 'all'],
    ['utf8mb4_uca1400_ai_cs', 'case'],
    ['utf8mb4_0900_as_ci', 'accents'],
    ['utf8mb4_vi_0900_as_ci', 'accents'],
    ['utf8mb4_0900_ai_ci', 'neither'],
    ['utf8mb4_general_ci', 'neither'],
    ['utf8mb4_unicode_520_nopad_ci', 'neither'],
    ['utf8mb4_uca1400_ai_ci', 'neither'],
  ];
  for (const [name, told] of cases) it(name, () => assert.equal(tellsApart(name), told));
});
