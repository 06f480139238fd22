/**
 * A client for one server, replica set or mongos. Every command has a time limit that the server knows too; an abort
 * or a time limit stops the command on the server (its session is killed over another socket), not only here. A lost
 * socket is opened again by the next command. 64-bit numbers come back as bigint, other BSON types as they are.
 */
import { randomBytes } from 'node:crypto';
import {
  MongoClient,
  type Abortable,
  type ClientSession,
  type Document,
  type FindOptions,
  type MongoClientOptions,
  type RunCursorCommandOptions,
} from 'mongodb';
import { cancelled, type Failure } from '../../util/failure.ts';
import { throwIfAborted } from '../../util/wait.ts';
import { formatHost } from '../hosts.ts';
import { secretsOf } from '../networkErrors.ts';
import type { ConnectionProfile, ConnectRequest } from '../engine.ts';
import { CODE, driverFailure, errorNumber, timedOut, type Where } from './errors.ts';
import { refusedForTls, tlsOptions } from './tls.ts';

type Nodes = ConnectionProfile['nodes'];

/** An abort must not wait for a free one. */
const SOCKETS = 6;

/** Cut out of an answer in one go: the driver looks at each of their fields, without a pause. */
const DOCUMENTS_AT_A_TIME = 20;

/** Of an answer: so much is read into memory at once, and lies there twice for a moment. */
const ANSWER_BYTES = 150_000;
const MOST_DOCUMENTS = 1_000;

/** Documents to ask for at a time. @param size of one of them. Bytes */
export function documentsInAnAnswer(size: number): number {
  return Math.max(1, Math.min(MOST_DOCUMENTS, Math.floor(ANSWER_BYTES / size)));
}

/** As the server has them: many are none of JavaScript's, and one of those would fail the whole answer. */
const PATTERNS = { bsonRegExp: true } as const;

/** How long a stopped command may take to end before we no longer wait for it. */
const GRACE_MS = 2_000;

/** Part of the name of every connection of this process: the driver's own monitors have it too, and nobody else. */
const MARK = randomBytes(6).toString('hex');

/** The name our connections have in the server's lists. */
export function appNameOf(programName: string): string {
  return `${programName.slice(0, 100)} ${MARK}`;
}

/** `name` without the mark of the process that gave it. */
export function withoutMark(name: string): string {
  return name.replace(/ [0-9a-f]{12}$/, '');
}

interface Limits {
  readonly session: ClientSession;
  readonly signal: AbortSignal;
  readonly maxTimeMS: number;
}

export class Link {
  readonly appName: string;
  private readonly running = new Set<Promise<unknown>>();
  private readonly closing = new AbortController();

  private constructor(
    private readonly client: MongoClient,
    readonly request: ConnectRequest,
    readonly where: Where,
  ) {
    this.appName = appNameOf(request.programName);
  }

  /**
   * Connects and logs in. One node without the name of a replica set is talked to directly, as mongosh does it:
   * the other members may have names that cannot be resolved here.
   */
  static async open(request: ConnectRequest, nodes: Nodes, signal: AbortSignal, sockets = SOCKETS): Promise<Link> {
    throwIfAborted(signal);
    const where = whereOf(request, nodes);
    const tls = await tlsOptions(request, nodes, where, signal);
    const options = { ...optionsOf(request, nodes), ...tls, maxPoolSize: sockets };
    const client = createClient(nodes, options, where);
    try {
      await connected(client, nodes.length, request.timeoutMs, signal, where);
      return new Link(client, request, where);
    } catch (error) {
      await client.close(true).catch(() => undefined);
      throw await refusedForTls(driverFailure(error, where), request, nodes, where, signal);
    }
  }

  /** `literal`: the command goes out as it stands, without a time limit of the server. */
  command(
    database: string,
    command: Document,
    signal: AbortSignal,
    { literal = false, limitMs = this.request.timeoutMs } = {},
  ): Promise<Document> {
    return this.run(signal, limitMs, ({ maxTimeMS, ...options }) =>
      this.client.db(database).command(literal ? command : { ...command, maxTimeMS }, { ...options, ...PATTERNS }),
    );
  }

  /** On a collection, or with null on the database itself. */
  aggregate(
    database: string,
    collection: string | null,
    pipeline: Document[],
    signal: AbortSignal,
    limitMs?: number,
  ): Promise<Document[]> {
    const db = this.client.db(database);
    return this.run(signal, limitMs, (options) =>
      collection === null
        ? db.aggregate(pipeline, options).toArray()
        : db.collection(collection).aggregate(pipeline, options).toArray(),
    );
  }

  find(
    database: string,
    collection: string,
    filter: Document,
    options: Pick<FindOptions, 'sort' | 'limit' | 'projection' | 'hint'>,
    signal: AbortSignal,
  ): Promise<Document[]> {
    return this.run(signal, undefined, (limits) =>
      this.client
        .db(database)
        .collection(collection)
        .find(filter, { ...options, ...limits })
        .toArray(),
    );
  }

  /**
   * What a command that opens a cursor finds, as the bytes it is stored in, some documents at a time. The next ones are
   * asked for when `take` is done with these, as many as have about half a megabyte by the size of the last ones.
   */
  readRaw(
    database: string,
    command: Document,
    take: (documents: readonly Uint8Array[]) => Promise<void>,
    signal: AbortSignal,
    limitMs?: number,
  ): Promise<void> {
    return this.run(signal, limitMs, async ({ maxTimeMS, ...limits }) => {
      const options: RunCursorCommandOptions & Abortable = { ...limits, raw: true };
      const cursor = this.client.db(database).runCursorCommand({ ...command, maxTimeMS }, options);
      let [documents, bytes] = [0, 0];
      try {
        while (await cursor.hasNext()) {
          const some = cursor.readBufferedDocuments(DOCUMENTS_AT_A_TIME).map(bytesOf);
          for (const { byteLength } of some) bytes += byteLength;
          documents += some.length;
          await take(some);
          if (cursor.bufferedCount() > 0) continue;
          cursor.setBatchSize(documentsInAnAnswer(bytes / documents));
          [documents, bytes] = [0, 0];
        }
      } finally {
        await cursor.close();
      }
    });
  }

  listCollections(database: string, signal: AbortSignal): Promise<Document[]> {
    return this.run(signal, undefined, (options) =>
      this.client
        .db(database)
        .listCollections({}, { ...options, authorizedCollections: true })
        .toArray(),
    );
  }

  listIndexes(database: string, collection: string, signal: AbortSignal): Promise<Document[]> {
    return this.run(
      signal,
      undefined,
      (options) =>
        this.client.db(database).collection<Document>(collection).listIndexes(options).toArray() as Promise<Document[]>,
    );
  }

  /** Every document, counted one by one. */
  countDocuments(database: string, collection: string, limitMs: number, signal: AbortSignal): Promise<number> {
    return this.run(signal, limitMs, async (options) =>
      Number(await this.client.db(database).collection(collection).countDocuments({}, options)),
    );
  }

  /** Stops what is running, on the server too, and closes every socket. */
  async close(): Promise<void> {
    this.closing.abort();
    await Promise.all(this.running);
    await this.client.close();
  }

  private run<T>(caller: AbortSignal, limitMs: number | undefined, work: (limits: Limits) => Promise<T>): Promise<T> {
    const task = this.limited(AbortSignal.any([caller, this.closing.signal]), limitMs ?? this.request.timeoutMs, work);
    const settled = task.then(
      () => undefined,
      () => undefined,
    );
    this.running.add(settled);
    void settled.then(() => this.running.delete(settled));
    return task;
  }

  private async limited<T>(signal: AbortSignal, limitMs: number, work: (limits: Limits) => Promise<T>): Promise<T> {
    throwIfAborted(signal);
    const session = this.client.startSession({ causalConsistency: false });
    const cut = new AbortController();
    let stopped = null as Failure | null;
    let killing: Promise<unknown> = Promise.resolve();
    const stop = (why: Failure) => {
      if (stopped) return;
      stopped = why;
      cut.abort(why);
      killing = this.kill(session);
    };
    const onAbort = () => stop(cancelled(signal.reason));
    // the server's own limit comes first; this one is for a server that no longer answers
    const late = setTimeout(() => stop(timedOut(this.where, limitMs)), limitMs + GRACE_MS / 2);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await work({ session, signal: cut.signal, maxTimeMS: Math.ceil(limitMs) });
    } catch (error) {
      throw stopped ?? driverFailure(error, this.where);
    } finally {
      clearTimeout(late);
      signal.removeEventListener('abort', onAbort);
      await killing;
      await session.endSession().catch(() => undefined);
    }
  }

  /** Ends what runs in a session of ours; that takes no right. A server that cannot notices the closed socket. */
  private async kill(session: ClientSession): Promise<void> {
    const id = session.id;
    if (!id) return;
    await this.client
      .db('admin')
      .command({ killSessions: [id] }, { signal: AbortSignal.timeout(GRACE_MS) })
      .catch(() => undefined);
  }
}

function bytesOf(document: unknown): Uint8Array {
  if (document instanceof Uint8Array) return document;
  throw new Error('the driver was asked for bytes and gave something else');
}

/** null when the account may not ask, or the server does not know the question. */
export async function optional<T>(question: Promise<T>): Promise<T | null> {
  try {
    return await question;
  } catch (error) {
    if (NOT_ANSWERED.has(errorNumber(error))) return null;
    throw error;
  }
}

const NOT_ANSWERED: ReadonlySet<number> = new Set([
  CODE.unauthorized,
  CODE.commandNotFound,
  CODE.commandNotSupported,
  CODE.noReplicationEnabled,
  CODE.namespaceNotFound,
]);

/** Fails as soon as every node has failed once; the driver alone would go on trying until the time limit. */
async function connected(
  client: MongoClient,
  nodes: number,
  limitMs: number,
  signal: AbortSignal,
  where: Where,
): Promise<void> {
  const failed = new Map<string, Error>();
  let answered = false;
  let stop: (why: unknown) => void = () => undefined;
  const stopped = new Promise<never>((_, reject) => (stop = reject));
  stopped.catch(() => undefined);
  client.on('serverHeartbeatSucceeded', () => (answered = true));
  client.on('serverHeartbeatFailed', ({ connectionId, failure }) => {
    failed.set(connectionId, failure);
    if (!answered && failed.size >= nodes) stop(failure);
  });
  const onAbort = () => stop(cancelled(signal.reason));
  signal.addEventListener('abort', onAbort, { once: true });
  const late = setTimeout(() => stop(timedOut(where, limitMs)), limitMs + GRACE_MS);
  const connecting = client.connect();
  connecting.catch(() => undefined);
  try {
    await Promise.race([connecting, stopped]);
  } finally {
    clearTimeout(late);
    signal.removeEventListener('abort', onAbort);
    client.removeAllListeners('serverHeartbeatFailed').removeAllListeners('serverHeartbeatSucceeded');
  }
}

/** The address never holds user or password: those go in by options, and no error of the driver repeats them. */
function createClient(nodes: Nodes, options: MongoClientOptions, where: Where): MongoClient {
  try {
    const client = new MongoClient(`mongodb://${nodes.map(formatHost).join(',')}/`, options);
    client.on('error', () => undefined);
    return client;
  } catch (error) {
    throw driverFailure(error, where);
  }
}

function optionsOf(request: ConnectRequest, nodes: Nodes): MongoClientOptions {
  const { profile, password, programName, timeoutMs } = request;
  const alone = nodes.length === 1 && !profile.replicaSet;
  return {
    appName: appNameOf(programName),
    ...(profile.user === '' ? {} : { auth: { username: profile.user, password }, authSource: authSourceOf(profile) }),
    ...(profile.replicaSet ? { replicaSet: profile.replicaSet } : {}),
    ...(alone ? { directConnection: true } : {}),
    serverSelectionTimeoutMS: timeoutMs,
    connectTimeoutMS: timeoutMs,
    // one socket per server for watching it, not two
    serverMonitoringMode: 'poll',
    retryReads: false,
    retryWrites: false,
    useBigInt64: true,
    ...PATTERNS,
  };
}

/** As in a connection string: the database to connect to, unless another one is named. */
function authSourceOf({ authSource, database }: ConnectionProfile): string {
  return authSource || database || 'admin';
}

function whereOf({ profile, ...request }: ConnectRequest, nodes: Nodes): Where {
  return {
    secrets: secretsOf(request),
    endpoint: nodes.map(formatHost).join(','),
    user: profile.user,
    authSource: authSourceOf(profile),
    replicaSet: profile.replicaSet ?? '',
  };
}
