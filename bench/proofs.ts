/** Many more random histories than the tests have time for: no table that was written may keep its proof. */
import { checkHistories } from '../test/engines/proofHistories.ts';
import { mysqlHistories } from '../test/engines/proofHistories.mysql.ts';
import { postgresHistories } from '../test/engines/proofHistories.postgres.ts';

/** Over both servers. */
const HISTORIES = 300;

const noServer = {
  skip(): never {
    throw new Error('There is no MySQL server to be had.');
  },
};

export async function benchProofs(): Promise<void> {
  const starts = { PostgreSQL: postgresHistories, MySQL: () => mysqlHistories(noServer) };
  for (const [name, start] of Object.entries(starts)) {
    const server = await start();
    const began = Date.now();
    try {
      await checkHistories(server, HISTORIES / 2);
    } finally {
      await server.stop();
    }
    const seconds = Math.round((Date.now() - began) / 1000);
    process.stdout.write(`${name}: ${HISTORIES / 2} histories, none of them kept a proof it had lost; ${seconds} s\n`);
  }
}
