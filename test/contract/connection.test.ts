import { mongodb } from '../../src/engines/mongodb/index.ts';
import { mysql } from '../../src/engines/mysql/index.ts';
import { postgres } from '../../src/engines/postgres/index.ts';
import { sqlserver } from '../../src/engines/sqlserver/index.ts';
import * as mysqlServers from '../support/mysql.ts';
import * as mongodbServers from '../support/mongodb.ts';
import { SERVERS } from '../support/postgres.ts';
import * as sqlserverServers from '../support/sqlserver.ts';
import { connectionContract, type ContractServer } from './connection.ts';

for (const { name, start } of SERVERS) {
  connectionContract(name, async () => {
    const test = await start();
    return {
      ...{ engine: postgres, dts: test.dts, nobody: '999999999', knowsDatabases: true },
      request: () => test.request(),
      async session() {
        const client = await test.client();
        const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
        return String(rows[0]?.pid);
      },
      stop: () => test.stop(),
    };
  });
}

const ofMysql = (test: mysqlServers.TestServer): ContractServer => ({
  ...{ engine: mysql, dts: mysqlServers.DTS, nobody: '999999999', knowsDatabases: true },
  request: () => test.request(),
  session: async () => String((await test.client()).threadId),
  stop: () => test.stop(),
});
const start =
  process.env['DTS_CUTOVER_TEST_MYSQL_URL'] === undefined ? mysqlServers.startOwn : mysqlServers.startServer;
connectionContract('MySQL, or the server given as such', async (context) => ofMysql(await start(context, 'mysql')));
connectionContract('MariaDB', async (context) => ofMysql(await mysqlServers.startOwn(context, 'mariadb')));

connectionContract('MongoDB, its stand-in or a given one', async () => {
  const test = await mongodbServers.TestServer.start();
  return {
    ...{ engine: mongodb, dts: mongodbServers.DTS, nobody: '424242', knowsDatabases: false },
    request: () => test.request(),
    session: null,
    stop: () => test.stop(),
  };
});

connectionContract("SQL Server's stand-in", async () => {
  const test = await sqlserverServers.TestServer.start();
  return {
    ...{ engine: sqlserver, dts: sqlserverServers.DTS, nobody: '999', knowsDatabases: true },
    request: () => test.request(),
    async session() {
      const connected = { login: 'shop', program: 'shop', host: 'web', processId: 1, address: '10.0.0.9' };
      const more = { statement: '', lastEnd: null, database: 'master', loggedIn: new Date() };
      return String(test.model.addSession({ ...connected, ...more }).spid);
    },
    stop: () => test.stop(),
  };
});
