/**
 * A MongoDB server for the sandbox and the tests: a real socket that the unmodified driver talks to, documents in memory,
 * and what a mongod, a member of a replica set or a mongos would say about itself, its clients and its writes.
 */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { Long, ObjectId, type Document } from 'mongodb';
import { runCommand } from './commands.ts';
import type { Cursor } from './reads.ts';
import { ServerError } from './rights.ts';
import type { ScramLogin } from './scram.ts';
import { Store } from './store.ts';
import type { Transaction } from './transaction.ts';
import { readMessages, reply, type Request } from './wire.ts';

export interface User {
  readonly user: string;
  readonly password: string;
  /** `root`, `clusterMonitor`, `readAnyDatabase`, `readWrite@shop` …: see rights.ts */
  readonly roles: readonly string[];
}

export interface Options {
  readonly kind?: 'standalone' | 'replica set' | 'mongos';
  /** none or empty: the server asks for no login */
  readonly users?: readonly User[];
  readonly store?: Store;
  readonly tls?: { readonly cert: string; readonly key: string };
  /** takes `$all: true` only, as some compatible servers do */
  readonly strictCurrentOp?: boolean;
  /** knows no `$currentOp` */
  readonly withoutCurrentOpStage?: boolean;
  readonly secondary?: boolean;
  /** any free one when missing */
  readonly port?: number;
  /** called with all of them when one has been created */
  readonly onUsers?: (users: readonly User[]) => void;
}

/** What a client runs now. */
export interface Operation {
  readonly opid: number;
  readonly command: Document;
  /** the command with every BSON type as itself */
  readonly exact: () => Document;
  readonly since: number;
  /** ends it with an error, as killOp does */
  stop: ((error: ServerError) => void) | null;
}

export interface Client {
  readonly id: number;
  readonly socket: Socket;
  metadata: Document;
  user: User | null;
  login: ScramLogin | null;
  /** where the account is looked for; all of them are in `admin` */
  loginDatabase: string;
  /** the last one that began; the driver sends one at a time */
  operation: Operation | null;
}

export class MongoServer {
  readonly clients = new Set<Client>();
  readonly transactions = new Map<string, Transaction>();
  readonly cursors = new Map<string, Cursor>();
  readonly users: User[];
  /** further entries of currentOp: threads of the server, other members, shards */
  readonly others: Document[] = [];
  /** commands that fail, by name */
  readonly failing = new Map<string, ServerError>();
  /** namespaces whose reads do not end by themselves */
  readonly endless = new Set<string>();
  /** commands received since the start, by name */
  readonly received = new Map<string, number>();
  process = new ObjectId();
  startedAt = Date.now() - 60_000;
  port: number;
  /** hangs up on whoever connects, as a server without a free connection does */
  full = false;
  secondary: boolean;
  readonly store: Store;
  private server: Server | null = null;
  private lastId = 0;
  private watchers: (() => void)[] = [];

  private constructor(readonly options: Options) {
    this.store = options.store ?? new Store();
    this.users = [...(options.users ?? [])];
    this.port = options.port ?? 0;
    this.secondary = options.secondary ?? false;
  }

  static async start(options: Options = {}): Promise<MongoServer> {
    const server = new MongoServer(options);
    await server.listen();
    return server;
  }

  get kind(): NonNullable<Options['kind']> {
    return this.options.kind ?? 'replica set';
  }

  get endpoint(): string {
    return `127.0.0.1:${this.port}`;
  }

  get asksForLogin(): boolean {
    return this.users.length > 0;
  }

  /** How it names itself. */
  get name(): string {
    return `sandbox:${this.port}`;
  }

  /** Ends the process; the documents stay. */
  async stop(): Promise<void> {
    for (const { socket } of this.clients) socket.destroy();
    for (const key of [...this.transactions.keys()]) this.abort(key);
    this.cursors.clear();
    const { server } = this;
    this.server = null;
    if (server) await new Promise((resolve) => server.close(resolve));
  }

  async restart(): Promise<void> {
    await this.stop();
    this.process = new ObjectId();
    this.startedAt = Date.now();
    await this.listen();
  }

  dropConnections(): void {
    for (const { socket } of this.clients) socket.destroy();
  }

  /** Takes back what a session's open transaction has written, where it has one. */
  abort(key: string): void {
    const transaction = this.transactions.get(key);
    this.transactions.delete(key);
    if (transaction) this.store.abort(transaction);
  }

  nextId(): number {
    return ++this.lastId;
  }

  /** Resolves when `what` is so, looked at whenever a command arrives or ends. */
  until(what: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!what()) return;
        this.watchers = this.watchers.filter((watcher) => watcher !== look);
        resolve();
      };
      this.watchers.push(look);
      look();
    });
  }

  /** What runs now on a namespace, by whomever. */
  running(ns: string): Operation | undefined {
    const [database] = ns.split('.', 1);
    const name = ns.slice((database ?? '').length + 1);
    return (
      [...this.clients]
        .map(({ operation }) => operation)
        .find(
          (operation) => operation?.command['$db'] === database && Object.values(operation?.command ?? {})[0] === name,
        ) ?? undefined
    );
  }

  private async listen(): Promise<void> {
    const { tls } = this.options;
    const accept = (socket: Socket) => this.accept(socket);
    const server = tls ? createTlsServer(tls, accept) : createServer(accept);
    server.on('tlsClientError', (_error: Error, socket: Socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
  }

  private accept(socket: Socket): void {
    socket.on('error', () => undefined);
    if (this.full) return void socket.destroy();
    const client: Client = {
      id: this.nextId(),
      socket,
      metadata: {},
      user: null,
      login: null,
      loginDatabase: '',
      operation: null,
    };
    this.clients.add(client);
    socket.on('close', () => {
      this.clients.delete(client);
      client.operation?.stop?.(new ServerError(279, 'ClientDisconnect', 'client is gone'));
      for (const [key, transaction] of [...this.transactions]) if (transaction.client === client) this.abort(key);
    });
    let turn = Promise.resolve();
    readMessages(socket, (request) => {
      turn = turn.then(() => this.answer(client, request));
    });
  }

  private async answer(client: Client, request: Request): Promise<void> {
    const { command, exact } = request;
    const name = Object.keys(command)[0] ?? '';
    this.received.set(name, (this.received.get(name) ?? 0) + 1);
    client.operation = { opid: this.nextId(), command, exact, since: Date.now(), stop: null };
    this.look();
    try {
      const planned = this.failing.get(name);
      if (planned) throw planned;
      // a monitor of a driver asks once and is told again and again
      const again = request.exhaust && command['maxAwaitTimeMS'] !== undefined;
      do {
        const answer = await runCommand(this, client, name, command);
        reply(client.socket, request, { ...answer, ok: 1, ...this.times() }, again);
      } while (again && !client.socket.destroyed);
    } catch (error) {
      const { code, codeName, message, more } =
        error instanceof ServerError ? error : new ServerError(8, 'UnknownError', String(error));
      reply(client.socket, request, { ok: 0, code, codeName, errmsg: message, ...more });
    } finally {
      client.operation = null;
      this.look();
    }
  }

  private look(): void {
    for (const watcher of [...this.watchers]) watcher();
  }

  private times(): Document {
    return this.kind === 'standalone' ? {} : { operationTime: this.store.oplog.at(-1)?.ts };
  }

  hello(): Document {
    const { kind } = this;
    const member = {
      setName: 'rs0',
      setVersion: 1,
      hosts: [this.endpoint],
      me: this.endpoint,
      primary: this.endpoint,
      secondary: this.secondary,
      electionId: new ObjectId('7fffffff0000000000000001'),
    };
    return {
      helloOk: true,
      isWritablePrimary: !this.secondary,
      ismaster: !this.secondary,
      ...(kind === 'replica set' ? member : {}),
      ...(kind === 'mongos' ? { msg: 'isdbgrid' } : {}),
      topologyVersion: { processId: this.process, counter: Long.fromNumber(6) },
      maxBsonObjectSize: 16_777_216,
      maxMessageSizeBytes: 48_000_000,
      maxWriteBatchSize: 100_000,
      localTime: new Date(),
      logicalSessionTimeoutMinutes: 30,
      minWireVersion: 0,
      maxWireVersion: 21,
      readOnly: false,
    };
  }
}
