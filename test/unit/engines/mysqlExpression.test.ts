import assert from 'node:assert/strict';
import { plainExpression, plainQuery } from '../../../src/engines/mysql/digest-expression.ts';

describe('expressions as MySQL and MariaDB write them out', () => {
  /** MySQL's, MariaDB's */
  const alike: readonly (readonly [string, string])[] = [
    ['((`a` > 1) or (`b` > 1)) and (`id` > 1)', '(`a` > 1 or `b` > 1) and `id` > 1'],
    ["regexp_like(`v`,_utf8mb4'a')", "`v` regexp 'a'"],
    ["(`v` like _utf8mb4'b%' escape _utf8mb4'|')", "`v` like 'b%' escape '|'"],
    ['((`a` between 1 and 2) and (`a` not in (1,2)))', '`a` between 1 and 2 and `a` not in (1,2)'],
    ['((-(`a`) < ~(`a`)) and ((`a` DIV 2) = (`a` % 3)))', '-`a` < ~`a` and `a` DIV 2 = `a` MOD 3'],
    [
      "((DATE'2020-01-01' < `d`) and ((`d` + interval 1 day) > `d`))",
      "DATE'2020-01-01' < `d` and `d` + interval 1 day > `d`",
    ],
    [
      '((case when (`v` is null) then 1 else cast(`v` as signed) end) = if(`v`,1,2)) or ((0 = `v`) xor `a`)',
      'case when `v` is null then 1 else cast(`v` as signed) end = if(`v`,1,2) or `v` = 0 xor `a`',
    ],
    [
      '((extract(year from `d`) = 3) and (cast(`v` as char(3) charset utf8mb4) = convert(`v` using utf8mb4)))',
      'extract(year from `d`) = 3 and cast(`v` as char(3) charset utf8mb4) = convert(`v` using utf8mb4)',
    ],
    ["(cast(`v` as char charset binary) = _latin1'a')", "cast(`v` as char charset binary) = 'a'"],
    ['(lower(`v`) = upper(`v`))', 'lcase(`v`) = ucase(`v`)'],
    ['(`v` > 0xe9)', "`v` > X'E9'"],
    ['((`a` + 1) * 2)', '(`a` + 1) * 2'],
    ['((`a` - `b`) - 1)', '`a` - `b` - 1'],
    ['(not((`a` > 1)))', '!(`a` > 1)'],
  ];
  for (const [mine, theirs] of alike) {
    it(`are one: ${theirs}`, () => {
      assert.equal(plainExpression(mine).form, plainExpression(theirs).form);
      assert.ok(plainExpression(mine).certain);
    });
  }

  const others: readonly (readonly [string, string])[] = [
    ['`a` > 1 or (`b` > 1 and `id` > 1)', '(`a` > 1 or `b` > 1) and `id` > 1'],
    ['(`a` + 1) * 2', '`a` + 1 * 2'],
    ['`a` - (`b` - 1)', '`a` - `b` - 1'],
    ["`a` in ('a  b')", "`a` in ('a b')"],
    ["`a` = 'x'", "`a` = 'X'"],
    ['`a` < `b`', '`b` < `a`'],
    ['not (`a` is null)', '`a` is null'],
    ["concat(`a`,'(')", "concat(`a`,')')"],
  ];
  for (const [one, other] of others) {
    it(`are two: ${one} and ${other}`, () => assert.notEqual(plainExpression(one).form, plainExpression(other).form));
  }

  it('find each other by their words where parentheses hold other things together', () => {
    const [one, other] = [plainExpression('(`a` or `b`) and `c`'), plainExpression('`a` or (`b` and `c`)')];
    assert.equal(one.words, other.words);
  });

  it('leave open what a function is that products write in two ways, and what cannot be read', () => {
    assert.equal(plainExpression('my_function(`a`)').certain, false);
    assert.equal(plainExpression('`a` > ) 1').certain, false);
    assert.notEqual(plainExpression('`a` > ) 1').form, plainExpression('`a` > ) 2').form);
  });

  it('take the names of a view’s columns where either product writes them', () => {
    const names = ['`x`', '`y`'];
    const mysql = 'select `t`.`id` AS `id`,(`t`.`n` + 1) AS `n + 1` from `t` where (`t`.`n` > 2)';
    const mariaDb = 'select `t`.`id` AS `x`,`t`.`n` + 1 AS `y` from `t` where `t`.`n` > 2';
    assert.equal(plainQuery(mysql, names).form, plainQuery(mariaDb, names).form);
    assert.ok(plainQuery(mysql, names).certain);
  });
});
