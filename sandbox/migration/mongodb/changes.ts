/** Changes of the source, as its oplog tells them, done again on the target. */
import type { AnyBulkWriteOperation, ClientSession, Collection, Document, MongoClient } from 'mongodb';

type Change = AnyBulkWriteOperation;

/** An entry that nobody here knows how to do again. */
export class UnknownChange extends Error {}

/**
 * Does entries again that follow each other in the oplog. Doing one twice is doing it once, so that after a failure the
 * same ones may come again. Rejects with the target's own words.
 * @param moves whether a database is migrated; what belongs to others is passed over
 */
export async function applyEntries(
  target: MongoClient,
  entries: readonly Document[],
  moves: (database: string) => boolean,
): Promise<void> {
  let waiting: Document[] = [];
  const flush = async () => {
    const writes = waiting;
    waiting = [];
    await applyWrites(target, writes);
  };
  for (const entry of entries) {
    const command = entry['o'] as Document;
    const inner = command['applyOps'] as Document[] | undefined;
    if (entry['op'] === 'c' && inner) {
      await flush();
      const moved = inner.filter((write) => moves(split(String(write['ns'])).database));
      if (moved.length > 0) await target.withSession((session) => inTransaction(target, session, moved));
    } else if (moves(split(String(entry['ns'])).database)) {
      if (entry['op'] === 'c') {
        await flush();
        await applyDefinition(target, split(String(entry['ns'])).database, command);
      } else if (entry['op'] !== 'n') waiting.push(entry);
    }
  }
  await flush();
}

/** What was one transaction on the source is one on the target. */
async function inTransaction(target: MongoClient, session: ClientSession, writes: Document[]): Promise<void> {
  await session.withTransaction(() => applyWrites(target, writes, session));
}

/** In their order; neighbours in one collection with one command. */
async function applyWrites(target: MongoClient, writes: readonly Document[], session?: ClientSession): Promise<void> {
  let at = 0;
  while (at < writes.length) {
    const ns = String(writes[at]?.['ns']);
    const end = writes.findIndex((write, index) => index > at && write['ns'] !== ns);
    const run = writes.slice(at, end < 0 ? undefined : end);
    const { database, name } = split(ns);
    const collection: Collection = target.db(database).collection(name);
    await collection.bulkWrite(run.map(changeOf), { ordered: true, ...(session ? { session } : {}) });
    at += run.length;
  }
}

function changeOf({ op, o, o2 }: Document): Change {
  const document = o as Document;
  const filter = { _id: (op === 'u' ? (o2 as Document) : document)['_id'] as never };
  switch (op) {
    case 'i':
      return { replaceOne: { filter, replacement: withoutId(document), upsert: true } };
    case 'd':
      return { deleteOne: { filter } };
    case 'u':
      return 'diff' in document
        ? { updateOne: { filter, update: updateOf(document['diff'] as Document) } }
        : { replaceOne: { filter, replacement: withoutId(document), upsert: true } };
    default:
      throw new UnknownChange(`The oplog holds a change "${String(op)}" that is not known.`);
  }
}

/** The fields that are new (`i`), other (`u`) or gone (`d`); `s…` leads into a field. */
function updateOf(diff: Document, path = ''): Document {
  const [set, unset]: [Document, Document] = [{}, {}];
  for (const [kind, value] of Object.entries(diff) as [string, Document][]) {
    if (kind === 'u' || kind === 'i') for (const name of Object.keys(value)) set[path + name] = value[name] as unknown;
    else if (kind === 'd') for (const name of Object.keys(value)) unset[path + name] = true;
    else if (kind.startsWith('s') && !('a' in value)) {
      const inner = updateOf(value, `${path}${kind.slice(1)}.`);
      Object.assign(set, inner['$set']);
      Object.assign(unset, inner['$unset']);
    } else throw new UnknownChange(`The oplog holds a difference "${kind}" that is not known.`);
  }
  return {
    ...(Object.keys(set).length > 0 ? { $set: set } : {}),
    ...(Object.keys(unset).length > 0 ? { $unset: unset } : {}),
  };
}

async function applyDefinition(target: MongoClient, database: string, command: Document): Promise<void> {
  const db = target.db(database);
  const [kind = '', value] = Object.entries(command)[0] ?? [];
  const name = String(value);
  const { [kind]: _kind, idIndex: _idIndex, v: _version, ...rest } = command;
  switch (kind) {
    case 'create': {
      const there = await db.listCollections({ name }, { nameOnly: true }).toArray();
      if (there.length === 0) await db.createCollection(name, rest);
      return;
    }
    case 'createIndexes': {
      const { key, ...options } = rest;
      await db.collection(name).createIndex(key as Document, options);
      return;
    }
    case 'dropIndexes':
      await db.collection(name).dropIndex(String(rest['index']));
      return;
    case 'drop':
      await db.dropCollection(name);
      return;
    case 'dropDatabase':
      await db.dropDatabase();
      return;
    default:
      throw new UnknownChange(`The oplog holds a command "${kind}" that is not known.`);
  }
}

function withoutId({ _id: _filtered, ...document }: Document): Document {
  return document;
}

function split(ns: string): { readonly database: string; readonly name: string } {
  const dot = ns.indexOf('.');
  return dot < 0 ? { database: ns, name: '' } : { database: ns.slice(0, dot), name: ns.slice(dot + 1) };
}
