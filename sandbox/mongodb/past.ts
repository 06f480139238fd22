/** Snapshot reads: the databases as they were at a cluster time, made again from the oplog when something was written since. */
import { Timestamp, type Document } from 'mongodb';
import { parse } from './documents.ts';
import { Oplog, type Logged } from './oplog.ts';
import { ServerError } from './rights.ts';
import type { MongoServer } from './server.ts';
import { Store } from './store.ts';

const kept = new WeakMap<MongoServer, { readonly time: bigint; readonly store: Store }>();

/** What this command reads from. */
export function storeFor(server: MongoServer, command: Document, ns: string): Store {
  const concern = command['readConcern'] as Document | undefined;
  const time = concern?.['atClusterTime'] as unknown;
  if (concern?.['level'] !== 'snapshot' || !(time instanceof Timestamp)) return server.store;
  if (server.store.collection(ns).options['capped'] === true) {
    throw new ServerError(246, 'SnapshotUnavailable', 'Reading from capped collection with readConcern snapshot');
  }
  return storeAt(server, time.toBigInt());
}

function storeAt(server: MongoServer, time: bigint): Store {
  const { oplog } = server.store;
  if ((oplog.at(-1)?.ts.toBigInt() ?? 0n) <= time) return server.store;
  const known = kept.get(server);
  if (known?.time === time) return known.store;
  const [first] = oplog;
  const begins = first && (parse(first.bytes)['o'] as Document)['msg'] === 'initiating set';
  if (!begins)
    throw new ServerError(239, 'SnapshotTooOld', 'Read timestamp is older than the oldest available timestamp');
  const store = new Store(new Past(oplog.filter(({ ts }) => ts.toBigInt() <= time)));
  kept.set(server, { time, store });
  return store;
}

class Past extends Oplog {
  constructor(private readonly entries: readonly Logged[]) {
    super();
  }

  override replayed(): readonly Document[] {
    return this.entries.map(({ bytes }) => parse(bytes));
  }
}
