/** Databases in memory, with the oplog and the counters a mongod keeps of its writes. */
import { find } from 'mingo';
import { Long, ObjectId, type Document } from 'mongodb';
import { changed, diffOf, patched } from './change.ts';
import { Collection, duplicate, ID_INDEX } from './collection.ts';
import { bytesIn, isNested, keyText, parse, serialize, viewOf } from './documents.ts';
import { Oplog, type Logged } from './oplog.ts';
import { lockOf, sessionKey, WriteConflict, type Transaction } from './transaction.ts';

export interface Write {
  readonly op: 'i' | 'u' | 'd';
  readonly ns: string;
  readonly o: Document;
  readonly o2?: Document;
}

export interface Updated {
  readonly matched: number;
  readonly modified: number;
  /** `_id` of what was inserted because nothing matched */
  readonly upserted: unknown;
  /** the last one, before and after; null where there was or is none */
  readonly before: Document | null;
  readonly after: Document | null;
}

export interface UpdateOptions {
  readonly upsert?: boolean;
  readonly transaction?: Transaction | null;
  /** where the change was sent with types that a plain number has not */
  readonly exactChange?: Document;
}

type Kind = 'insert' | 'update' | 'remove';

export class Store {
  readonly databases = new Map<string, Map<string, Collection>>();
  readonly log: Oplog['log'];
  readonly documents = { inserted: 0, updated: 0, deleted: 0 };
  /** per namespace, as `top` counts */
  readonly top = new Map<string, Record<Kind, number>>();
  /** session → number of its last transaction that was committed */
  readonly committed = new Map<string, string>();
  replicaSetId = new ObjectId();
  private readonly locks = new Map<string, Transaction>();
  private sequence = 0;

  constructor(readonly entries = new Oplog()) {
    this.log = (...entry) => entries.log(...entry);
    for (const entry of entries.replayed()) this.apply(entry);
    if (entries.all.length > 0) this.log('n', '', { msg: 'new primary' });
    else this.log('n', '', { msg: 'initiating set', replicaSetId: this.replicaSetId });
  }

  /** The entries in the order they were written; oldest first. */
  get oplog(): Logged[] {
    return this.entries.all;
  }

  get term(): number {
    return this.entries.term;
  }

  set term(term: number) {
    this.entries.term = term;
  }

  /** An empty one where there is none; `create` keeps it. */
  collection(ns: string, create = false): Collection {
    const [database, name] = split(ns);
    const found = this.databases.get(database)?.get(name);
    if (found) return found;
    const made = new Collection();
    if (create) this.add(database, name, made);
    return made;
  }

  has(ns: string): boolean {
    const [database, name] = split(ns);
    return this.databases.get(database)?.has(name) ?? false;
  }

  add(database: string, name: string, collection: Collection): void {
    this.place(database, name, collection);
    this.log('c', `${database}.$cmd`, { create: name, ...collection.options, idIndex: ID_INDEX });
  }

  drop(database: string, name: string): void {
    if (this.databases.get(database)?.delete(name)) this.log('c', `${database}.$cmd`, { drop: name });
  }

  dropDatabase(database: string): void {
    if (this.databases.delete(database)) this.log('c', `${database}.$cmd`, { dropDatabase: 1 });
  }

  createIndex(ns: string, spec: Document): boolean {
    const [database, name] = split(ns);
    if (!this.collection(ns, true).addIndex(spec)) return false;
    this.log('c', `${database}.$cmd`, { createIndexes: name, ...spec });
    return true;
  }

  dropIndex(ns: string, index: string): void {
    const [database, name] = split(ns);
    this.collection(ns).dropIndex(index);
    this.log('c', `${database}.$cmd`, { dropIndexes: name, index });
  }

  insert(ns: string, documents: readonly Document[], transaction: Transaction | null = null): void {
    for (const given of documents) {
      const document = idFirst(given);
      const view = viewOf(serialize(document));
      const key = keyText(view['_id']);
      const collection = this.collection(ns, true);
      if (this.read(ns, key, transaction)) throw duplicate(ID_INDEX, view);
      collection.check(key, view, (holder) => this.read(ns, holder, transaction) === null);
      this.write(key, view, { op: 'i', ns, o: document, o2: { _id: document['_id'] as unknown } }, transaction);
      this.count(ns, 'inserted', 'insert', 1);
    }
  }

  update(ns: string, filter: Document, change: Document, multi: boolean, options: UpdateOptions = {}): Updated {
    const { transaction = null, exactChange = change, upsert = false } = options;
    const collection = this.collection(ns);
    const matched = this.matching(ns, filter, transaction).slice(0, multi ? undefined : 1);
    let modified = 0;
    let [before, after]: [Document | null, Document | null] = [null, null];
    for (const old of matched) {
      const was = parse(bytesIn(old));
      const document = changed(was, exactChange, false);
      const bytes = serialize(document);
      const replaced = !Object.keys(change).some((name) => name.startsWith('$'));
      // a whole document counts with the order of its fields
      const o = replaced ? (Buffer.compare(bytes, bytesIn(old)) === 0 ? null : document) : diffOf(was, document);
      [before, after] = [old, old];
      if (!o) continue;
      const view = viewOf(bytes);
      const key = keyText(view['_id']);
      collection.check(key, view, (holder) => this.read(ns, holder, transaction) === null);
      const entry = { op: 'u', ns, o, o2: { _id: document['_id'] as unknown } } as const;
      this.write(key, view, entry, transaction);
      after = view;
      modified++;
    }
    this.count(ns, 'updated', 'update', modified);
    if (matched.length > 0 || !upsert) return { matched: matched.length, modified, upserted: undefined, before, after };
    const fresh = changed(equalities(filter), exactChange, true);
    const document = idFirst(fresh);
    this.insert(ns, [document], transaction);
    const view = viewOf(serialize(document));
    return { matched: 0, modified: 0, upserted: document['_id'], before: null, after: view };
  }

  /** `limit` 0: all that match. The documents that are gone. */
  delete(ns: string, filter: Document, limit: number, transaction: Transaction | null = null): readonly Document[] {
    const gone = this.matching(ns, filter, transaction).slice(0, limit === 0 ? undefined : limit);
    for (const old of gone) {
      const { _id } = parse(bytesIn(old));
      this.write(keyText(old['_id']), null, { op: 'd', ns, o: { _id: _id as unknown } }, transaction);
    }
    this.count(ns, 'deleted', 'remove', gone.length);
    return gone;
  }

  /** Views of the documents that match, own ones of the transaction among them. */
  matching(ns: string, filter: Document, transaction: Transaction | null = null): Document[] {
    const { _id: id, ...others } = filter;
    const keys = id === undefined ? null : keysOf(id);
    if (!keys) return select(this.visible(ns, transaction), filter);
    const found = keys.flatMap((key): Document[] => {
      const view = this.read(ns, key, transaction);
      return view ? [view] : [];
    });
    return Object.keys(others).length === 0 ? found : select(found, others);
  }

  /** What is committed, and over it what the transaction itself has written; not a snapshot of its beginning. */
  visible(ns: string, transaction: Transaction | null): Document[] {
    const committed = this.collection(ns).documents;
    const own = [...(transaction?.rows.values() ?? [])].filter((row) => row.ns === ns);
    if (own.length === 0) return [...committed];
    const keys = new Set(own.map(({ key }) => key));
    const others = committed.filter(({ _id }) => !keys.has(keyText(_id)));
    const written = own.flatMap(({ view }): Document[] => (view ? [view] : []));
    return [...others, ...written];
  }

  /** All of it at once, as one entry of the oplog. */
  commit(transaction: Transaction): void {
    for (const { ns, key, view } of transaction.rows.values()) {
      const isGone = (holder: string) => this.read(ns, holder, transaction) === null;
      if (view) this.collection(ns).check(key, view, isGone);
    }
    this.sequence++;
    for (const { ns, key, view } of transaction.rows.values()) this.keep(ns, key, view);
    const applyOps = transaction.writes.map((write) => ({ ...write }));
    const { lsid, number } = transaction;
    if (applyOps.length > 0)
      this.entries.log('c', 'admin.$cmd', { applyOps }, { lsid, txnNumber: Long.fromString(number) });
    this.committed.set(sessionKey(lsid), number);
    this.end(transaction);
  }

  abort(transaction: Transaction): void {
    this.end(transaction);
  }

  private end(transaction: Transaction): void {
    for (const lock of transaction.rows.keys()) this.locks.delete(lock);
    transaction.end();
  }

  begin(): number {
    return this.sequence;
  }

  private read(ns: string, key: string, transaction: Transaction | null): Document | null {
    const own = transaction?.rows.get(lockOf(ns, key));
    return own ? own.view : (this.collection(ns).get(key)?.view ?? null);
  }

  private write(key: string, view: Document | null, entry: Write, transaction: Transaction | null): void {
    const lock = lockOf(entry.ns, key);
    const holder = this.locks.get(lock);
    if (holder && holder !== transaction) throw new WriteConflict(holder);
    if (!transaction) {
      this.sequence++;
      this.keep(entry.ns, key, view);
      this.log(entry.op, entry.ns, entry.o, entry.o2 ? { o2: entry.o2 } : {});
      return;
    }
    if ((this.collection(entry.ns).get(key)?.sequence ?? 0) > transaction.began) throw new WriteConflict(null);
    this.locks.set(lock, transaction);
    transaction.rows.set(lock, { ns: entry.ns, key, view });
    transaction.writes.push(entry);
  }

  private keep(ns: string, key: string, view: Document | null): void {
    const collection = this.collection(ns, true);
    if (view) collection.put(key, view, this.sequence);
    else collection.remove(key);
  }

  private place(database: string, name: string, collection: Collection): void {
    const collections = this.databases.get(database) ?? new Map<string, Collection>();
    this.databases.set(database, collections.set(name, collection));
  }

  /** Does again what an entry of the oplog says. */
  private apply({ op, ns, o, o2, lsid, txnNumber }: Document): void {
    if (txnNumber !== undefined) this.committed.set(sessionKey(lsid), String(txnNumber));
    const document = o as Document;
    const [database] = split(String(ns));
    const key = (id: unknown) => keyText(viewOf(serialize({ id }))['id']);
    switch (op) {
      case 'i': {
        const view = viewOf(serialize(document));
        return this.keep(String(ns), keyText(view['_id']), view);
      }
      case 'd':
        return this.keep(String(ns), key(document['_id']), null);
      case 'u': {
        const id = key((o2 as Document)['_id']);
        const old = this.collection(String(ns)).get(id);
        if (old) this.keep(String(ns), id, viewOf(serialize(patched(parse(bytesIn(old.view)), document))));
        return;
      }
      case 'c':
        return this.applyCommand(database, document);
      case 'n':
        this.replicaSetId = (document['replicaSetId'] as ObjectId | undefined) ?? this.replicaSetId;
        return;
      default:
    }
  }

  private applyCommand(database: string, command: Document): void {
    const [name = '', value] = Object.entries(command)[0] ?? [];
    const { [name]: _, ...rest } = command;
    switch (name) {
      case 'applyOps':
        return (value as Document[]).forEach((entry) => this.apply(entry));
      case 'create': {
        const { idIndex: _ignored, ...options } = rest;
        return this.place(database, String(value), new Collection(options));
      }
      case 'drop':
        return void this.databases.get(database)?.delete(String(value));
      case 'dropDatabase':
        return void this.databases.delete(database);
      case 'createIndexes':
        return void this.collection(`${database}.${String(value)}`).addIndex(rest);
      case 'dropIndexes':
        return this.collection(`${database}.${String(value)}`).dropIndex(String(rest['index']));
      default:
    }
  }

  private count(ns: string, document: keyof Store['documents'], kind: Kind, n: number): void {
    this.documents[document] += n;
    const usage = this.top.get(ns) ?? { insert: 0, update: 0, remove: 0 };
    usage[kind]++;
    this.top.set(ns, usage);
  }
}

function split(ns: string): [string, string] {
  const dot = ns.indexOf('.');
  return dot < 0 ? [ns, ''] : [ns.slice(0, dot), ns.slice(dot + 1)];
}

/** As a mongod keeps it, with an `_id` where the client has made none. */
function idFirst({ _id, ...rest }: Document): Document {
  // null is an _id like any other
  return { _id: _id === undefined ? new ObjectId() : (_id as unknown), ...rest };
}

function select(documents: Document[], filter: Document): Document[] {
  return Object.keys(filter).length === 0 ? documents : find<Document>(documents, filter).all();
}

/** Keys that a filter of `_id` names one by one; null when it names none. */
function keysOf(id: unknown): string[] | null {
  if (!isNested(id) || Array.isArray(id)) return [keyText(id)];
  const operators = Object.keys(id);
  if (!operators.some((name) => name.startsWith('$'))) return [keyText(id)];
  if (operators.length > 1) return null;
  if ('$eq' in id) return [keyText(id['$eq'])];
  return Array.isArray(id['$in']) ? [...new Set(id['$in'].map(keyText))] : null;
}

/** What an upsert takes from its filter. */
function equalities(filter: Document): Document {
  return Object.fromEntries(
    Object.entries(filter).flatMap(([name, value]) => {
      if (name.startsWith('$')) return [];
      if (!isNested(value) || Array.isArray(value)) return [[name, value]];
      if ('$eq' in value) return [[name, value['$eq'] as unknown]];
      return Object.keys(value).some((operator) => operator.startsWith('$')) ? [] : [[name, value]];
    }),
  );
}
