/** The entries of currentOp: clients of the server, their open transactions, and what a test adds. */
import { Binary, Long, type Document } from 'mongodb';
import type { Client, MongoServer } from './server.ts';

export interface Asked {
  readonly allUsers?: boolean;
  readonly idleConnections?: boolean;
  readonly idleSessions?: boolean;
  readonly localOps?: boolean;
  readonly asker: Client;
}

export function currentOperations(server: MongoServer, asked: Asked): Document[] {
  const visible = (client: Client) => asked.allUsers === true || client.user === asked.asker.user;
  const clients = [...server.clients].filter(visible);
  const mongosAsksShards = server.kind === 'mongos' && asked.localOps !== true;
  const listed = clients.filter(({ operation }) => operation !== null || asked.idleConnections === true);
  const own = mongosAsksShards ? [] : listed.map((client) => entryOf(server, client));
  const sessions = asked.idleSessions === true && !mongosAsksShards ? transactions(server, visible) : [];
  const others = asked.allUsers === true ? server.others.filter((entry) => 'shard' in entry === mongosAsksShards) : [];
  return [...own, ...sessions, ...others];
}

function entryOf(server: MongoServer, client: Client): Document {
  const { operation } = client;
  const common = { type: 'op', host: server.name, desc: `conn${client.id}`, ...clientOf(client) };
  if (!operation) return { ...common, active: false };
  const [name] = Object.keys(operation.command);
  return {
    ...common,
    active: true,
    currentOpTime: new Date().toISOString(),
    opid: operation.opid,
    lsid: operation.command['lsid'] as unknown,
    secs_running: Long.fromNumber(Math.floor((Date.now() - operation.since) / 1000)),
    microsecs_running: Long.fromNumber((Date.now() - operation.since) * 1000),
    op: name === 'getMore' ? 'getmore' : 'command',
    ns: `${String(operation.command['$db'])}.${String(operation.command['collection'] ?? Object.values(operation.command)[0])}`,
    command: operation.command,
  };
}

function clientOf({ id, socket, metadata, user }: Client): Document {
  const application = metadata['application'] as Document | undefined;
  return {
    connectionId: id,
    client: `${socket.remoteAddress ?? ''}:${socket.remotePort ?? 0}`,
    appName: application?.['name'] as unknown,
    clientMetadata: metadata,
    effectiveUsers: user ? [{ user: user.user, db: 'admin' }] : undefined,
  };
}

function transactions(server: MongoServer, visible: (client: Client) => boolean): Document[] {
  return [...server.transactions.values()]
    .filter(({ client }) => visible(client))
    .map(({ client, lsid, since, number, prepared }) => {
      const open = Long.fromNumber((Date.now() - since) * 1000);
      return {
        type: 'idleSession',
        host: server.name,
        desc: 'inactive transaction',
        ...clientOf(client),
        lsid: { id: lsid['id'] as unknown, uid: new Binary(Buffer.alloc(32)) },
        transaction: {
          parameters: { txnNumber: Long.fromString(number), autocommit: false },
          timeOpenMicros: open,
          ...(prepared ? { timePreparedMicros: open } : {}),
        },
        waitingForLock: false,
        active: false,
      };
    });
}
