import { haveMariaDb } from '../../sandbox/mariadb.ts';
import { textIn } from '../../sandbox/server.ts';
import { cutoverCases } from './cutoverCases.ts';

describe('a cutover of the sandbox on MariaDB', function () {
  this.timeout(120_000);

  before(function () {
    if (!haveMariaDb()) this.skip();
  });

  cutoverCases({
    engine: 'mysql',
    pidFile: 'mariadb.pid',
    async beat({ control: { servers } }) {
      const session = await servers.source.connect();
      const { rows } = await session.query('select beat from __tencentdb__.heartbeat').finally(() => session.end());
      return Number(textIn(rows[0], 'beat'));
    },
  });
});
