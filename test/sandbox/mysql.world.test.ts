import { textIn } from '../../sandbox/server.ts';
import { available, MYSQL_PRODUCTS, NAMES, type MysqlProduct } from '../support/pairs.ts';
import { cutoverCases } from './cutoverCases.ts';

for (const product of ['mysql', 'mariadb'] satisfies MysqlProduct[]) {
  describe(`a cutover of the sandbox on ${NAMES[product]}`, function () {
    this.timeout(120_000);

    before(async function () {
      if ((await available(this, product)) !== product) this.skip();
    });

    cutoverCases({
      engine: product,
      pidFile: `${product}.pid`,
      only: MYSQL_PRODUCTS.includes(product) ? 'all' : 'the cutover',
      async beat({ control: { servers } }) {
        const session = await servers.source.connect();
        const { rows } = await session.query('select beat from __tencentdb__.heartbeat').finally(() => session.end());
        return Number(textIn(rows[0], 'beat'));
      },
    });
  });
}
