import { cutoverCases } from './cutoverCases.ts';

describe('a cutover of the sandbox on MongoDB', function () {
  this.timeout(120_000);

  cutoverCases({
    engine: 'mongodb',
    pidFile: 'mongod.pid',
    async beat({ control: { servers } }) {
      const session = await servers.source.connect({ database: 'TencentDTSData' });
      const { rows } = await session.query('{"find": "heartbeat", "filter": {}}').finally(() => session.end());
      return Number(rows[0]?.['beat']);
    },
  });
});
