/** The commands of the test server, with the rights they need. */
import { aggregate, find } from 'mingo';
import { Long, type Document, type Timestamp } from 'mongodb';
import { currentOperations } from './currentOp.ts';
import { connectionStatus, hello, saslContinue, startLogin } from './login.ts';
import { endable, may, ServerError, unauthorized, type Command } from './rights.ts';
import type { Client, MongoServer } from './server.ts';
import type { Write } from './store.ts';

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
  if (right && !may(server, client, right)) throw unauthorized(name);
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
  createIndexes: 'write',
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

async function read(server: MongoServer, client: Client, command: Document, ns: string): Promise<void> {
  const [database = ''] = ns.split('.', 1);
  const right = database === 'local' || database === 'config' ? database : 'read';
  if (!may(server, client, right)) throw unauthorized('find');
  if (!server.endless.has(ns)) return;
  await new Promise<never>((_, reject) => {
    const limit = command['maxTimeMS'] as number | undefined;
    const timer = limit
      ? setTimeout(() => reject(new ServerError(50, 'MaxTimeMSExpired', 'operation exceeded time limit')), limit)
      : undefined;
    endable(client, (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}

const BATCH = 101;

function cursor(server: MongoServer, ns: string, documents: readonly Document[], batchSize = BATCH): Document {
  const id = documents.length > batchSize ? server.nextId() : 0;
  if (id !== 0) server.cursors.set(String(id), { ns, rest: documents.slice(batchSize) });
  return { cursor: { id: Long.fromNumber(id), ns, firstBatch: documents.slice(0, batchSize) } };
}

const getMore: Command = (server, _client, command) => {
  const id = String(command['getMore']);
  const open = server.cursors.get(id);
  if (!open) throw new ServerError(43, 'CursorNotFound', `cursor id ${id} not found`);
  const batch = open.rest.splice(0, (command['batchSize'] as number | undefined) ?? 1_000);
  if (open.rest.length === 0) server.cursors.delete(id);
  return { cursor: { id: Long.fromNumber(open.rest.length === 0 ? 0 : Number(id)), ns: open.ns, nextBatch: batch } };
};

const findCommand: Command = async (server, client, command) => {
  const ns = `${String(command['$db'])}.${String(command['find'])}`;
  await read(server, client, command, ns);
  const sort = command['sort'] as Document | undefined;
  let documents =
    ns === 'local.oplog.rs'
      ? oplogFrom(server, (command['filter'] as Document)['ts'] as Document | undefined)
      : find<Document>(server.store.collection(ns).documents, (command['filter'] ?? {}) as Document).all();
  if (sort?.['$natural'] === -1) documents = [...documents].reverse();
  const limit = command['limit'] as number | Long | undefined;
  if (limit) documents = documents.slice(0, Number(limit));
  return cursor(server, ns, documents, command['batchSize'] as number | undefined);
};

/** Documents in memory know nothing of the order of timestamps. */
function oplogFrom(server: MongoServer, bounds: Document | undefined): Document[] {
  const from = bounds?.['$gte'] as Timestamp | undefined;
  if (!from) return server.store.oplog;
  return server.store.oplog.filter(({ ts }) => (ts as Timestamp).toBigInt() >= from.toBigInt());
}

const aggregateCommand: Command = async (server, client, command) => {
  const pipeline = command['pipeline'] as Document[];
  const ns = `${String(command['$db'])}.${command['aggregate'] === 1 ? '$cmd.aggregate' : String(command['aggregate'])}`;
  const first = pipeline[0] ?? {};
  if (first['$currentOp']) {
    const options = first['$currentOp'] as Document;
    if (server.options.withoutCurrentOpStage)
      throw new ServerError(40324, 'Location40324', "Unrecognized pipeline stage name: '$currentOp'");
    if (options['allUsers'] === true && !may(server, client, 'inprog')) throw unauthorized('aggregate');
    const entries = currentOperations(server, { ...options, asker: client });
    return cursor(server, ns, aggregate(entries, pipeline.slice(1)));
  }
  await read(server, client, command, ns);
  const { documents } = server.store.collection(ns);
  if (first['$collStats']) return cursor(server, ns, [{ ns, count: documents.length }]);
  return cursor(server, ns, aggregate(documents, pipeline));
};

/** A write now, or with the transaction it belongs to. */
function write(server: MongoServer, client: Client, command: Document, run: () => Write[]): Document {
  const log = (writes: readonly Write[]) => writes.forEach(({ op, ns, o }) => server.store.log(op, ns, o));
  if (command['autocommit'] !== false) {
    const writes = run();
    log(writes);
    return { n: writes.length, nModified: writes.length };
  }
  const lsid = command['lsid'] as Document;
  const key = String(lsid['id']);
  if (command['startTransaction'] === true) server.transactions.set(key, { client, lsid, since: Date.now(), run: [] });
  const transaction = server.transactions.get(key);
  if (!transaction) throw new ServerError(251, 'NoSuchTransaction', 'Given transaction number does not match');
  transaction.run.push(run);
  return { n: 1, nModified: 1 };
}

const namespace = (command: Document, name: string) => `${String(command['$db'])}.${String(command[name])}`;

const commitTransaction: Command = (server, _client, command) => {
  const key = String((command['lsid'] as Document)['id']);
  const transaction = server.transactions.get(key);
  if (!transaction) throw new ServerError(251, 'NoSuchTransaction', 'Transaction has been aborted');
  server.transactions.delete(key);
  const applyOps = transaction.run.flatMap((run) => run());
  if (applyOps.length > 0) server.store.log('c', 'admin.$cmd', { applyOps });
  return {};
};

function killSession(server: MongoServer, id: unknown): void {
  server.transactions.delete(String(id));
  for (const { operation } of server.clients) {
    if (String((operation?.command['lsid'] as Document | undefined)?.['id']) === String(id))
      operation?.stop?.(interrupted());
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
  currentOp,
  find: findCommand,
  aggregate: aggregateCommand,
  getMore,
  killCursors: (server, _client, command) => {
    for (const id of command['cursors'] as unknown[]) server.cursors.delete(String(id));
    return { cursorsKilled: [] };
  },
  insert: (server, client, command) =>
    write(server, client, command, () =>
      server.store.insert(namespace(command, 'insert'), command['documents'] as Document[]),
    ),
  update: (server, client, command) =>
    write(server, client, command, () =>
      (command['updates'] as Document[]).flatMap(({ q, u, multi }) =>
        server.store.update(namespace(command, 'update'), q as Document, u as Document, multi === true),
      ),
    ),
  delete: (server, client, command) =>
    write(server, client, command, () =>
      (command['deletes'] as Document[]).flatMap(({ q, limit }) =>
        server.store.delete(namespace(command, 'delete'), q as Document, limit as number),
      ),
    ),
  commitTransaction,
  abortTransaction: (server, _client, command) => {
    server.transactions.delete(String((command['lsid'] as Document)['id']));
    return {};
  },
  create: (server, _client, command) => {
    const type = command['viewOn'] ? 'view' : command['timeseries'] ? 'timeseries' : 'collection';
    server.store.add(String(command['$db']), String(command['create']), {
      type,
      documents: [],
      indexes: type === 'view' ? [] : [{ v: 2, key: { _id: 1 }, name: '_id_' }],
    });
    return {};
  },
  createIndexes: (server, _client, command) => {
    const ns = namespace(command, 'createIndexes');
    for (const index of command['indexes'] as Document[]) {
      server.store.collection(ns, true).indexes.push(index);
      server.store.log('c', `${String(command['$db'])}.$cmd`, {
        createIndexes: String(command['createIndexes']),
        ...index,
      });
    }
    return {};
  },
  drop: (server, _client, command) => {
    server.store.databases.get(String(command['$db']))?.delete(String(command['drop']));
    server.store.log('c', `${String(command['$db'])}.$cmd`, { drop: String(command['drop']) });
    return { ns: namespace(command, 'drop') };
  },
  listDatabases: (server) => ({
    databases: [...server.store.databases.keys(), 'admin', 'config', 'local'].map((name) => ({ name })),
  }),
  listCollections: (server, _client, command) => {
    const database = String(command['$db']);
    const listed = [...(server.store.databases.get(database) ?? [])].map(([name, { type }]) => ({ name, type }));
    return cursor(server, `${database}.$cmd.listCollections`, listed);
  },
  listIndexes: (server, _client, command) => {
    const ns = namespace(command, 'listIndexes');
    return cursor(server, ns, server.store.collection(ns).indexes);
  },
  killOp,
  killSessions: (server, _client, command) => {
    for (const { id } of command['killSessions'] as Document[]) killSession(server, id);
    return {};
  },
  killAllSessionsByPattern: (server, _client, command) => {
    for (const { lsid } of command['killAllSessionsByPattern'] as Document[])
      killSession(server, (lsid as Document)['id']);
    return {};
  },
};
