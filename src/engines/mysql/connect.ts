/** One connection of the port: a socket for the polls and, when first needed, one for what takes long. */
import type { ConnectRequest, EngineConnection } from '../engine.ts';
import { Link } from './link.ts';
import { listCarryOver } from './carryOver.ts';
import { countRows, listDatabases, listObjects } from './objects.ts';
import { listPendingWriters } from './pending.ts';
import { PositionReader } from './position.ts';
import { checkRights } from './rights.ts';
import { readServer } from './server.ts';
import { listSessions, terminateSession } from './sessions.ts';
import { checkVisibility } from './visibility.ts';
import { writeWatch } from './written.ts';

export async function connect(request: ConnectRequest, signal: AbortSignal): Promise<EngineConnection> {
  const polls = await Link.open(request, signal);
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
  const long = new Link(request);
  const position = new PositionReader(polls);
  return {
    server,
    readServer: (signal) => readServer(polls, signal),
    listSessions: (signal) => listSessions(polls, request.programName, signal),
    checkVisibility: (signal) => checkVisibility(polls, signal),
    checkRights: (scope, signal) => checkRights(polls, scope, signal),
    readWritePosition: (since, dts, signal) => position.read(since, dts, signal),
    writes: writeWatch(polls),
    listPendingWriters: (signal) => listPendingWriters(polls, signal),
    terminateSession: (id, signal) => terminateSession(polls, id, signal),
    listDatabases: (signal) => listDatabases(polls, signal),
    listObjects: (database, signal) => listObjects(long, database, signal),
    listCarryOver: (databases, signal) => listCarryOver(long, databases, signal),
    countRows: (table, signal) => countRows(long, polls.dialect, table, signal),
    async close() {
      await Promise.all([polls.close(), long.close()]);
    },
  };
}
