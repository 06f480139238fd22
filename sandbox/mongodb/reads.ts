/** Reading: find, aggregate, and cursors, also those that wait for what is yet to be written to the oplog. */
import { aggregate, find } from 'mingo';
import { Long, type Document, type Timestamp } from 'mongodb';
import { currentOperations } from './currentOp.ts';
import { bytesIn, exact, project, sizeOf, viewOf } from './documents.ts';
import { between, byId } from './order.ts';
import { storeFor } from './past.ts';
import { endable, may, ServerError, unauthorized, type Command } from './rights.ts';
import type { Client, MongoServer } from './server.ts';
import type { Store } from './store.ts';
import { transactionOf } from './transaction.ts';

export interface Cursor {
  readonly ns: string;
  /** still to be answered */
  rest: readonly Document[];
  /** what is answered of a document */
  readonly answer: (document: Document) => Document;
  /** of a tailable one: where it stands in the oplog, and whether it waits there */
  tail: { at: Timestamp; readonly awaits: boolean } | null;
}

const FIRST_BATCH = 101;
const LATER_BATCH = 1_000;
/** An answer's documents, the first one aside. */
const BATCH_BYTES = 16 * 2 ** 20;
/** How long a tailable cursor waits when its client does not say. */
const AWAIT_MS = 1_000;

export async function mayRead(server: MongoServer, client: Client, command: Document, ns: string): Promise<void> {
  const [database = ''] = ns.split('.', 1);
  const right = database === 'local' || database === 'config' ? database : 'read';
  if (!may(server, client, right, database) && !may(server, client, right, ns)) throw unauthorized('find');
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

export function openCursor(
  server: MongoServer,
  ns: string,
  documents: readonly Document[],
  batchSize = FIRST_BATCH,
  { answer = exact, tail = null }: Partial<Pick<Cursor, 'answer' | 'tail'>> = {},
): Document {
  const size = fitting(documents, batchSize);
  const keep = tail !== null || documents.length > size;
  const id = keep ? server.nextId() : 0;
  if (keep) server.cursors.set(String(id), { ns, rest: documents.slice(size), answer, tail });
  return { cursor: { id: Long.fromNumber(id), ns, firstBatch: documents.slice(0, size).map(answer) } };
}

/** How many of these go into one answer. */
function fitting(documents: readonly Document[], most: number): number {
  let [n, bytes] = [0, 0];
  for (const document of documents) {
    if (n >= most) break;
    bytes += sizeOf(document);
    if (n > 0 && bytes > BATCH_BYTES) break;
    n++;
  }
  return n;
}

export const getMore: Command = async (server, client, command) => {
  const id = String(command['getMore']);
  const open = server.cursors.get(id);
  if (!open) throw new ServerError(43, 'CursorNotFound', `cursor id ${id} not found`);
  const most = (command['batchSize'] as number | undefined) ?? LATER_BATCH;
  if (open.tail && open.rest.length === 0)
    await follow(server, client, open, command['maxTimeMS'] as number | undefined);
  const size = fitting(open.rest, most);
  const batch = open.rest.slice(0, size);
  open.rest = open.rest.slice(size);
  const ended = open.rest.length === 0 && !open.tail;
  if (ended) server.cursors.delete(id);
  return { cursor: { id: Long.fromNumber(ended ? 0 : Number(id)), ns: open.ns, nextBatch: batch.map(open.answer) } };
};

/** What was written behind the place where the cursor stands; waits for it for a while when there is nothing. */
async function follow(server: MongoServer, client: Client, open: Cursor, maxTimeMS = AWAIT_MS): Promise<void> {
  const { tail } = open;
  if (!tail) return;
  const { entries } = server.store;
  const look = () => entries.from(tail.at, false);
  const [oldest] = entries.all;
  if (oldest && oldest.ts.toBigInt() > tail.at.toBigInt()) {
    throw new ServerError(
      136,
      'CappedPositionLost',
      'CollectionScan died due to position in capped collection being deleted',
    );
  }
  if (tail.awaits && look().length === 0) {
    await new Promise<void>((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer);
        forget();
      };
      const forget = entries.onNext(() => {
        stop();
        resolve();
      });
      const timer = setTimeout(() => {
        stop();
        resolve();
      }, maxTimeMS);
      endable(client, (error) => {
        stop();
        reject(error);
      });
    });
  }
  const found = look();
  tail.at = found.at(-1)?.ts ?? tail.at;
  open.rest = found.map(({ bytes }) => viewOf(bytes));
}

export const findCommand: Command = async (server, client, command) => {
  const ns = `${String(command['$db'])}.${String(command['find'])}`;
  await mayRead(server, client, command, ns);
  const projection = command['projection'] as Document | undefined;
  const answer = projection ? (document: Document) => project(exact(document), projection) : exact;
  const batchSize = command['batchSize'] as number | undefined;
  if (ns === 'local.oplog.rs') return findInOplog(server, command, batchSize, answer);
  const filter = (command['filter'] ?? {}) as Document;
  const byIndex = (command['hint'] as Document | undefined)?.['_id'] === 1;
  const store = storeFor(server, command, ns);
  let documents = byIndex
    ? boundedById(store, client, ns)
    : store.matching(ns, filter, transactionOf(server, client, command));
  const sort = byIndex ? undefined : (command['sort'] as Document | undefined);
  if (sort?.['$natural'] === -1) documents.reverse();
  else if (sort && sort['$natural'] === undefined) documents = find<Document>(documents, {}).sort(sort).all();
  const skip = Number((command['skip'] as number | Long | undefined) ?? 0);
  const limit = Number((command['limit'] as number | Long | undefined) ?? 0);
  documents = documents.slice(skip, limit === 0 ? undefined : skip + limit);
  return openCursor(server, ns, documents, command['singleBatch'] === true ? Infinity : batchSize, { answer });
};

/** What is committed, in the order of the index that was asked for, within bounds of it. */
function boundedById(store: Store, client: Client, ns: string): Document[] {
  const { min, max } = client.operation?.exact() ?? {};
  return between(store.collection(ns).documents, min as Document | undefined, max as Document | undefined);
}

/** Only what is asked of an oplog: its end, and what was written from a place on. */
function findInOplog(
  server: MongoServer,
  command: Document,
  batchSize: number | undefined,
  answer: Cursor['answer'],
): Document {
  const { entries } = server.store;
  const bounds = ((command['filter'] as Document | undefined)?.['ts'] ?? {}) as Record<string, Timestamp | undefined>;
  const from = bounds['$gte'] ?? bounds['$gt'];
  let found = from ? entries.from(from, bounds['$gte'] !== undefined) : entries.all;
  const limit = Number((command['limit'] as number | Long | undefined) ?? 0) || found.length;
  const backwards = (command['sort'] as Document | undefined)?.['$natural'] === -1;
  found = backwards ? found.slice(-limit).reverse() : found.slice(0, limit);
  const documents = found.map(({ bytes }) => viewOf(bytes));
  const end = found.at(-1)?.ts ?? from ?? entries.all.at(-1)?.ts;
  const tail = command['tailable'] === true && end ? { at: end, awaits: command['awaitData'] === true } : null;
  return openCursor(server, 'local.oplog.rs', documents, batchSize, { answer, tail });
}

export const aggregateCommand: Command = async (server, client, command) => {
  const pipeline = command['pipeline'] as Document[];
  const ns = `${String(command['$db'])}.${command['aggregate'] === 1 ? '$cmd.aggregate' : String(command['aggregate'])}`;
  const first = pipeline[0] ?? {};
  if (first['$currentOp']) {
    const options = first['$currentOp'] as Document;
    if (server.options.withoutCurrentOpStage)
      throw new ServerError(40324, 'Location40324', "Unrecognized pipeline stage name: '$currentOp'");
    if (options['allUsers'] === true && !may(server, client, 'inprog')) throw unauthorized('aggregate');
    const entries = currentOperations(server, { ...options, asker: client });
    return openCursor(server, ns, aggregate(entries, pipeline.slice(1)));
  }
  await mayRead(server, client, command, ns);
  const documents = [...server.store.collection(ns).documents];
  if (first['$collStats']) return openCursor(server, ns, [statistics(ns, documents)]);
  if (first['$sample']) {
    const picked = new Set(aggregate(documents, [first]));
    const sorted = byId(server.store.collection(ns).documents).filter((document) => picked.has(document));
    return openCursor(server, ns, sorted, Infinity, {
      answer: (document) => ({ _id: exact(document)['_id'] as unknown }),
    });
  }
  return openCursor(server, ns, aggregate(documents, pipeline));
};

function statistics(ns: string, documents: readonly Document[]): Document {
  const size = documents.reduce((sum, document) => sum + bytesIn(document).length, 0);
  return { ns, count: documents.length, storageStats: { count: documents.length, size } };
}

export const count: Command = async (server, client, command) => {
  const ns = `${String(command['$db'])}.${String(command['count'])}`;
  await mayRead(server, client, command, ns);
  return { n: server.store.matching(ns, (command['query'] ?? {}) as Document).length };
};
