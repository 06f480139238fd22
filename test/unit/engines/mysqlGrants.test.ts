import assert from 'node:assert/strict';
import { hiddenDatabases } from '../../../src/engines/mysql/digest-catalog.ts';

describe('the databases a MySQL account is not shown', () => {
  const to = 'TO `observer`@`%`';

  it('may be any, unless a right on the whole server shows them all', () => {
    for (const grant of [
      `GRANT PROCESS ON *.* ${to}`,
      'GRANT SELECT ON `shop`.* TO `observer`@`%`',
      'GRANT SELECT ON `shop`.`SHOW DATABASES` TO `observer`@`%`',
    ]) {
      assert.equal(hiddenDatabases([grant], ['shop']), 'unknown', grant);
    }
    for (const right of ['SHOW DATABASES', 'SELECT', 'SELECT, PROCESS', 'ALL PRIVILEGES']) {
      const grant = `GRANT ${right} ON *.* ${to} WITH GRANT OPTION`;
      assert.deepEqual(hiddenDatabases([`GRANT USAGE ON *.* ${to}`, grant], ['shop']), [], grant);
    }
  });

  it('are those on which a right was taken back, but for the server’s own', () => {
    const lines = [
      `GRANT SELECT ON *.* ${to}`,
      'REVOKE SELECT ON `mysql`.* FROM `observer`@`%`',
      'REVOKE SELECT ON `c``rm`.* FROM `observer`@`%`',
      'REVOKE INSERT ON `shop`.* FROM `observer`@`%`',
    ];
    assert.deepEqual(hiddenDatabases(lines, ['shop']), ['c`rm']);
  });
});
