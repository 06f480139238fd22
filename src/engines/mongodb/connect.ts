/** One connection of the port over a deployment. */
import type { ConnectRequest, EngineConnection } from '../engine.ts';
import { rightsByDoing } from '../rights.ts';
import { openDeployment, type Deployment } from './deployment.ts';
import { countRows, listDatabases, listObjects } from './objects.ts';
import { listPendingWriters } from './pending.ts';
import { readWritePosition } from './position.ts';
import { readServer } from './server.ts';
import { listSessions } from './sessions.ts';
import { terminateSession } from './terminate.ts';
import { checkVisibility } from './visibility.ts';

export async function connect(request: ConnectRequest, signal: AbortSignal): Promise<EngineConnection> {
  const deployment = await openDeployment(request, signal);
  try {
    // without a user the greeting still succeeds; what follows would fail one by one
    if (request.profile.user === '') await listDatabases(deployment.main, signal);
    return compose(request, deployment, await readServer(deployment, signal));
  } catch (error) {
    await deployment.close();
    throw error;
  }
}

function compose(
  request: ConnectRequest,
  deployment: Deployment,
  server: EngineConnection['server'],
): EngineConnection {
  const { main } = deployment;
  const connection: EngineConnection = {
    server,
    readServer: (signal) => readServer(deployment, signal),
    listSessions: (signal) => listSessions(deployment, signal),
    checkVisibility: (signal) => checkVisibility(deployment, signal),
    checkRights: (scope, signal) => rightsByDoing(connection, scope, signal),
    readWritePosition: (since, dts, signal) => readWritePosition(deployment, since, dts, signal),
    listPendingWriters: (signal) => listPendingWriters(deployment, signal),
    terminateSession: (id, signal) => terminateSession(deployment, id, request.timeoutMs, signal),
    listDatabases: (signal) => listDatabases(main, signal),
    listObjects: (database, signal) => listObjects(main, database, signal),
    countRows: (table, signal) => countRows(main, table, signal),
    close: () => deployment.close(),
  };
  return connection;
}
