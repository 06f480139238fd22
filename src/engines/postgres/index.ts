/** PostgreSQL 10 to 18. */
import type { ServerFacts } from '../../cutover/facts.ts';
import type { ConnectRequest, Engine, EngineConnection } from '../engine.ts';
import { rightsByDoing } from '../rights.ts';
import type { Backend } from './backend.ts';
import { Connections } from './connections.ts';
import { listCarryOver, listRoles } from './carryOver.ts';
import { countRows, listDatabases, listObjects } from './objects.ts';
import { cronDatabase, listCronJobs, listPrepared } from './pending.ts';
import { readWritePosition } from './position.ts';
import { readServer } from './server.ts';
import { listSessions, terminateSession } from './sessions.ts';
import { readByDts } from './slots.ts';
import { checkVisibility } from './visibility.ts';
import { writeWatch } from './written.ts';

export { postgresDigest } from './digest.ts';

export const postgres: Engine = {
  kind: 'postgres',
  async connect(request, signal) {
    const connections = new Connections(request);
    try {
      const server = await connections.use(signal, readServer);
      return connectionOf(request, connections, server);
    } catch (error) {
      await connections.close();
      throw error;
    }
  },
};

function connectionOf({ timeoutMs }: ConnectRequest, connections: Connections, server: ServerFacts): EngineConnection {
  const ask =
    <T>(question: (backend: Backend, signal: AbortSignal) => Promise<T>) =>
    (signal: AbortSignal) =>
      connections.use(signal, question);
  const connection: EngineConnection = {
    server,
    readServer: ask(readServer),
    listSessions: ask(listSessions),
    checkVisibility: ask(checkVisibility),
    checkRights: (scope, signal) => rightsByDoing(connection, scope, signal),
    readWritePosition: (since, dts, signal) => readWritePosition(connections, since, dts, signal),
    writes: writeWatch(connections),
    readByDts: (accounts, signal) => connections.use(signal, (backend, either) => readByDts(backend, accounts, either)),
    async listPendingWriters(signal) {
      const prepared = await connections.use(signal, listPrepared);
      const home = await connections.use(signal, cronDatabase);
      return home === null ? prepared : [...prepared, ...(await connections.use(signal, listCronJobs, home))];
    },
    terminateSession: (id, signal) =>
      connections.use(signal, (backend, either) => terminateSession(backend, id, timeoutMs, either)),
    listDatabases: ask(listDatabases),
    listObjects: (database, signal) => connections.use(signal, listObjects, database),
    async listCarryOver(databases, signal) {
      const roles = await connections.use(signal, listRoles);
      const others = [];
      for (const database of databases) others.push(...(await connections.use(signal, listCarryOver, database)));
      return [...roles, ...others];
    },
    countRows: (table, signal) =>
      connections.use(signal, (backend, either) => countRows(backend, table, either), table.database),
    close: () => connections.close(),
  };
  return connection;
}
