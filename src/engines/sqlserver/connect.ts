/** One connection of the port: a session for the polls and, when first needed, one for what takes long. */
import type { ConnectRequest, EngineConnection } from '../engine.ts';
import { rightsByDoing } from '../rights.ts';
import { Link } from './link.ts';
import { countRows, listDatabases, listObjects } from './objects.ts';
import { listPendingWriters } from './pending.ts';
import { PositionReader } from './position.ts';
import { readServer } from './server.ts';
import { listSessions, terminateSession } from './sessions.ts';
import { checkVisibility } from './visibility.ts';

export async function connect(request: ConnectRequest, signal: AbortSignal): Promise<EngineConnection> {
  const polls = await Link.open(request, true, signal);
  try {
    const server = await readServer(polls, signal);
    return compose(request, polls, server);
  } catch (error) {
    await polls.close();
    throw error;
  }
}

function compose(request: ConnectRequest, polls: Link, server: EngineConnection['server']): EngineConnection {
  // scans of a large table must not keep the polls waiting
  const long = new Link(request, false);
  const position = new PositionReader(polls);
  const connection: EngineConnection = {
    server,
    readServer: (signal) => readServer(polls, signal),
    listSessions: (signal) => listSessions(polls, request.programName, signal),
    checkVisibility: (signal) => checkVisibility(polls, signal),
    checkRights: (scope, signal) => rightsByDoing(connection, scope, signal),
    readWritePosition: (since, dts, signal) => position.read(since, dts, signal),
    listPendingWriters: (signal) => listPendingWriters(polls, signal),
    terminateSession: (id, signal) => terminateSession(polls, id, signal),
    listDatabases: (signal) => listDatabases(polls, signal),
    listObjects: (database, signal) => listObjects(long, database, signal),
    countRows: (table, signal) => countRows(long, table, signal),
    async close() {
      await Promise.all([polls.close(), long.close()]);
    },
  };
  return connection;
}
