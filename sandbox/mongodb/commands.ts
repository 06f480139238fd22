/** The commands of the server, with the rights they need. */
import { Long, type Document } from 'mongodb';
import { Collection } from './collection.ts';
import { currentOperations } from './currentOp.ts';
import { connectionStatus, hello, saslContinue, startLogin } from './login.ts';
import { aggregateCommand, count, findCommand, getMore, openCursor } from './reads.ts';
import { may, ServerError, unauthorized, type Command } from './rights.ts';
import type { Client, MongoServer } from './server.ts';
import { sessionKey } from './transaction.ts';
import { abortTransaction, commitTransaction, findAndModify, insert, remove, update } from './writes.ts';

const WITHOUT_LOGIN = new Set([
  'hello',
  'ismaster',
  'isMaster',
  'saslStart',
  'saslContinue',
  'ping',
  'buildInfo',
  'connectionStatus',
  'whatsmyuri',
  'endSessions',
]);

export async function runCommand(
  server: MongoServer,
  client: Client,
  name: string,
  command: Document,
): Promise<Document> {
  const run = COMMANDS[name];
  if (!run) throw new ServerError(59, 'CommandNotFound', `no such command: '${name}'`);
  if (server.asksForLogin && !client.user && !WITHOUT_LOGIN.has(name)) {
    throw new ServerError(13, 'Unauthorized', `Command ${name} requires authentication`);
  }
  const right = NEEDED[name];
  if (right && !may(server, client, right, String(command['$db']))) throw unauthorized(name);
  return run(server, client, command);
}

const NEEDED: Readonly<Record<string, string>> = {
  serverStatus: 'serverStatus',
  top: 'top',
  replSetGetConfig: 'replSetGetConfig',
  insert: 'write',
  update: 'write',
  delete: 'write',
  create: 'write',
  drop: 'write',
  findAndModify: 'write',
  findandmodify: 'write',
  createIndexes: 'write',
  dropIndexes: 'write',
  dropDatabase: 'write',
  createUser: 'createUser',
  killAllSessionsByPattern: 'killAnySession',
};

const serverStatus: Command = (server) => ({
  host: server.name,
  version: '7.0.5',
  process: server.kind === 'mongos' ? 'mongos' : 'mongod',
  pid: Long.fromNumber(process.pid),
  uptime: (Date.now() - server.startedAt) / 1000,
  uptimeMillis: Long.fromNumber(Date.now() - server.startedAt),
  localTime: new Date(),
  opcounters: {
    insert: server.received.get('insert') ?? 0,
    update: server.received.get('update') ?? 0,
    delete: server.received.get('delete') ?? 0,
    query: 1,
  },
  metrics: {
    ...(server.kind === 'mongos'
      ? {}
      : {
          document: Object.fromEntries(
            Object.entries(server.store.documents).map(([name, count]) => [name, Long.fromNumber(count)]),
          ),
        }),
    commands: Object.fromEntries(
      [...server.received].map(([name, total]) => [name, { failed: Long.ZERO, total: Long.fromNumber(total) }]),
    ),
  },
});

const top: Command = (server) => ({
  totals: {
    note: 'all times in microseconds',
    ...Object.fromEntries(
      [...server.store.top].map(([ns, usage]) => [
        ns,
        Object.fromEntries(Object.entries(usage).map(([kind, count]) => [kind, { time: 1, count }])),
      ]),
    ),
  },
});

const currentOp: Command = (server, client, command) => {
  if (server.options.strictCurrentOp && typeof command['$all'] !== 'boolean') {
    throw new ServerError(14, 'TypeMismatch', "The BSON field '$all' has an incorrect type 'array'");
  }
  const own = command['$ownOps'] === true;
  if (!own && !may(server, client, 'inprog')) throw unauthorized('currentOp');
  return {
    inprog: currentOperations(server, { allUsers: !own, idleConnections: true, idleSessions: true, asker: client }),
  };
};

const namespace = (command: Document, name: string) => `${String(command['$db'])}.${String(command[name])}`;

function killSession(server: MongoServer, lsid: Document): void {
  const key = sessionKey(lsid);
  server.abort(key);
  for (const { operation } of server.clients) {
    if (sessionKey(operation?.command['lsid']) === key) operation?.stop?.(interrupted());
  }
}

const interrupted = () => new ServerError(11601, 'Interrupted', 'operation was interrupted');

const killOp: Command = (server, client, command) => {
  const target = [...server.clients].find(({ operation }) => operation?.opid === Number(command['op']));
  if (target?.user !== client.user && !may(server, client, 'killop')) throw unauthorized('killOp');
  target?.operation?.stop?.(interrupted());
  return { info: 'attempting to kill op' };
};

const COMMANDS: Readonly<Record<string, Command>> = {
  hello,
  isMaster: hello,
  ismaster: hello,
  saslStart: (_server, client, command) => startLogin(client, command),
  saslContinue,
  ping: () => ({}),
  endSessions: () => ({}),
  buildInfo: () => ({ version: '7.0.5', versionArray: [7, 0, 5, 0], modules: [] }),
  whatsmyuri: (_server, { socket }) => ({ you: `${socket.remoteAddress ?? ''}:${socket.remotePort ?? 0}` }),
  connectionStatus,
  serverStatus,
  top: (server, ...rest) => {
    if (server.kind === 'mongos') throw new ServerError(59, 'CommandNotFound', "no such command: 'top'");
    return top(server, ...rest);
  },
  replSetGetConfig: (server) => {
    if (server.kind !== 'replica set') throw new ServerError(76, 'NoReplicationEnabled', 'not running with --replSet');
    return { config: { _id: 'rs0', version: 1, settings: { replicaSetId: server.store.replicaSetId } } };
  },
  dbStats: (_server, _client, command) => ({ db: command['$db'] as unknown }),
  currentOp,
  find: findCommand,
  aggregate: aggregateCommand,
  getMore,
  count,
  killCursors: (server, _client, command) => {
    for (const id of command['cursors'] as unknown[]) server.cursors.delete(String(id));
    return { cursorsKilled: [] };
  },
  insert,
  update,
  delete: remove,
  findAndModify,
  findandmodify: findAndModify,
  commitTransaction,
  abortTransaction,
  create: (server, _client, command) => {
    const { $db: database, create: name, lsid: _session, $clusterTime: _time, ...options } = command;
    const ns = namespace(command, 'create');
    if (server.store.has(ns)) throw new ServerError(48, 'NamespaceExists', `Collection ${ns} already exists.`);
    server.store.add(String(database), String(name), new Collection(options));
    return {};
  },
  createIndexes: (server, _client, command) => {
    const ns = namespace(command, 'createIndexes');
    const numIndexesBefore = server.store.collection(ns).indexes.length;
    for (const index of command['indexes'] as Document[]) server.store.createIndex(ns, { v: 2, ...index });
    return { numIndexesBefore, numIndexesAfter: server.store.collection(ns).indexes.length };
  },
  dropIndexes: (server, _client, command) => {
    const ns = namespace(command, 'dropIndexes');
    server.store.dropIndex(ns, String(command['index']));
    return {};
  },
  drop: (server, _client, command) => {
    const ns = namespace(command, 'drop');
    if (!server.store.has(ns)) throw new ServerError(26, 'NamespaceNotFound', 'ns not found');
    server.store.drop(String(command['$db']), String(command['drop']));
    return { ns };
  },
  dropDatabase: (server, _client, command) => {
    server.store.dropDatabase(String(command['$db']));
    return { dropped: command['$db'] as unknown };
  },
  createUser: (server, _client, command) => {
    const database = String(command['$db']);
    const user = {
      user: String(command['createUser']),
      password: String(command['pwd']),
      roles: rolesIn(command, database),
    };
    if (server.users.some((other) => other.user === user.user)) {
      throw new ServerError(51003, 'Location51003', `User "${user.user}@${database}" already exists`);
    }
    server.users.push(user);
    server.options.onUsers?.(server.users);
    return {};
  },
  listDatabases: (server, client, command) => {
    if (command['authorizedDatabases'] === false && !may(server, client, 'listDatabases')) {
      throw unauthorized('listDatabases');
    }
    const all = [...new Set([...server.store.databases.keys(), 'admin', 'config', 'local'])];
    const seen = (name: string) => may(server, client, 'listDatabases') || may(server, client, 'read', name);
    return { databases: all.filter(seen).map((name) => ({ name })) };
  },
  listCollections: (server, client, command) => {
    const database = String(command['$db']);
    const all = [...(server.store.databases.get(database) ?? [])];
    if (!may(server, client, 'read', database)) {
      const named = command['nameOnly'] === true && command['authorizedCollections'] === true;
      if (!named) throw unauthorized('listCollections');
      const seen = all.filter(([name]) => may(server, client, 'read', `${database}.${name}`));
      const names = seen.map(([name, { type }]) => ({ name, type }));
      return openCursor(server, `${database}.$cmd.listCollections`, names);
    }
    const listed = all.map(([name, { type, options }]) => ({ name, type, options }));
    return openCursor(server, `${database}.$cmd.listCollections`, listed);
  },
  listIndexes: (server, _client, command) => {
    const ns = namespace(command, 'listIndexes');
    return openCursor(server, ns, server.store.collection(ns).indexes);
  },
  killOp,
  killSessions: (server, _client, command) => {
    for (const lsid of command['killSessions'] as Document[]) killSession(server, lsid);
    return {};
  },
  killAllSessionsByPattern: (server, _client, command) => {
    for (const { lsid } of command['killAllSessionsByPattern'] as Document[]) killSession(server, lsid as Document);
    return {};
  },
};

/** `role` or `role@database`; a name alone is a role on the database of the command. */
function rolesIn(command: Document, database: string): string[] {
  return (command['roles'] as (string | { role: string; db: string })[]).map((role) => {
    const { role: name, db } = typeof role === 'string' ? { role, db: database } : role;
    return db === 'admin' ? name : `${name}@${db}`;
  });
}
