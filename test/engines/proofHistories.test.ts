import { checkHistories } from './proofHistories.ts';
import { mysqlHistories } from './proofHistories.mysql.ts';
import { postgresHistories } from './proofHistories.postgres.ts';

/** On each of the servers; a few seconds each. */
const HISTORIES = 15;

for (const [name, start] of [
  ['PostgreSQL', postgresHistories],
  ['MySQL', mysqlHistories],
] as const) {
  describe(`proofs over random histories, ${name}`, function () {
    this.timeout(180_000);
    let server: Awaited<ReturnType<typeof start>>;
    before(async function () {
      server = await start(this);
    });
    after(() => server?.stop());

    it('no table that was written keeps its proof, and what nothing touched keeps it', () =>
      checkHistories(server, HISTORIES));
  });
}
