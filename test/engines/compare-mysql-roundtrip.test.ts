import assert from 'node:assert/strict';
import { ALL_PAIRS, available, NAMES, startProduct, type MysqlProduct } from '../support/pairs.ts';
import type { MysqlServer } from '../../sandbox/mysqlProcess.ts';
import { inventedIn, roundTrip } from './mysqlRoundTrip/roundTrip.ts';

/** Of each pair; more are tried by hand with another seed. */
const SCHEMAS = 8;

describe('generated schemas of MySQL and MariaDB, dumped and restored by their own clients', function () {
  this.timeout(300_000);
  const pairs: readonly (readonly [MysqlProduct, MysqlProduct])[] = [
    ['mysql', 'mysql'],
    ['mariadb', 'mysql'],
    ...(ALL_PAIRS ? ([['mariadb', 'mariadb']] as const) : []),
  ];
  for (const [source, target] of pairs) {
    it(`are the same: from ${NAMES[source]} to ${NAMES[target]}`, async function () {
      if ((await available(this, source)) !== source || (await available(this, target)) !== target) this.skip();
      const servers: MysqlServer[] = [];
      try {
        servers.push(await startProduct(source), await startProduct(target));
        const [one, other] = servers;
        assert.ok(one && other);
        const { result, made, refused } = await roundTrip(one, other, { seed: 1, schemas: SCHEMAS });
        assert.deepEqual(inventedIn(result), []);
        assert.equal(result.verdict, 'same');
        assert.ok(made.length > 4 * refused.length, refused.join('\n'));
      } finally {
        await Promise.all(servers.map((server) => server.stop()));
      }
    });
  }
});
