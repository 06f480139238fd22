/** Databases in memory, with the oplog and the counters a mongod keeps of its writes. */
import { find, updateMany, updateOne } from 'mingo';
import { Long, ObjectId, Timestamp, type Document } from 'mongodb';

export interface Collection {
  readonly type: 'collection' | 'view' | 'timeseries';
  documents: Document[];
  readonly indexes: Document[];
}

export interface Write {
  readonly op: 'i' | 'u' | 'd';
  readonly ns: string;
  readonly o: Document;
}

export class Store {
  readonly databases = new Map<string, Map<string, Collection>>();
  readonly oplog: Document[] = [];
  readonly documents = { inserted: 0, updated: 0, deleted: 0 };
  /** per namespace, as `top` counts */
  readonly top = new Map<string, { insert: number; update: number; remove: number }>();
  replicaSetId = new ObjectId();
  term = 1;
  private seconds = 1_700_000_000;
  private counter = 0;

  constructor() {
    this.log('n', '', { msg: 'initiating set' });
  }

  collection(ns: string, create = false): Collection {
    const dot = ns.indexOf('.');
    const [database, name] = [ns.slice(0, dot), ns.slice(dot + 1)];
    const found = this.databases.get(database)?.get(name);
    if (found) return found;
    const made: Collection = { type: 'collection', documents: [], indexes: [{ v: 2, key: { _id: 1 }, name: '_id_' }] };
    if (create) this.add(database, name, made);
    return made;
  }

  add(database: string, name: string, collection: Collection): void {
    const collections = this.databases.get(database) ?? new Map<string, Collection>();
    this.databases.set(database, collections.set(name, collection));
    this.log('c', `${database}.$cmd`, { create: name });
  }

  /** One entry of the oplog; the entry itself. */
  log(op: string, ns: string, o: Document): Document {
    this.seconds++;
    const ts = new Timestamp({ t: this.seconds, i: ++this.counter });
    const entry = { op, ns, o, ts, t: Long.fromNumber(this.term), v: Long.fromNumber(2), wall: new Date() };
    this.oplog.push(entry);
    return entry;
  }

  insert(ns: string, documents: readonly Document[]): Write[] {
    return documents.map((given) => {
      const o: Document = { _id: new ObjectId(), ...given };
      this.collection(ns, true).documents.push(o);
      this.count(ns, 'inserted', 'insert', 1);
      return { op: 'i', ns, o };
    });
  }

  update(ns: string, filter: Document, change: Document, multi: boolean): Write[] {
    const { documents } = this.collection(ns);
    const matched = find<Document>(documents, filter)
      .all()
      .slice(0, multi ? undefined : 1);
    if (matched.length > 0) (multi ? updateMany : updateOne)(documents, filter, change);
    this.count(ns, 'updated', 'update', matched.length);
    return matched.map(({ _id }) => ({ op: 'u', ns, o: { $v: 2, diff: change, o2: { _id: _id as unknown } } }));
  }

  delete(ns: string, filter: Document, limit: number): Write[] {
    const collection = this.collection(ns);
    const gone = new Set(
      find<Document>(collection.documents, filter)
        .all()
        .slice(0, limit === 0 ? undefined : limit)
        .map(({ _id }) => String(_id)),
    );
    collection.documents = collection.documents.filter(({ _id }) => !gone.has(String(_id)));
    this.count(ns, 'deleted', 'remove', gone.size);
    return [...gone].map((_id) => ({ op: 'd', ns, o: { _id } }));
  }

  private count(
    ns: string,
    document: 'inserted' | 'updated' | 'deleted',
    kind: 'insert' | 'update' | 'remove',
    n: number,
  ) {
    this.documents[document] += n;
    const usage = this.top.get(ns) ?? { insert: 0, update: 0, remove: 0 };
    usage[kind]++;
    this.top.set(ns, usage);
  }
}
