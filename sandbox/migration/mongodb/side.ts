/** One side of a collection that is compared: documents by their `_id`, every type as itself. */
import { createHash } from 'node:crypto';
import { BSON, type Collection, type Db, type Document } from 'mongodb';
import type { ComparedSide } from '../compare.ts';
import { EXACT } from './follower.ts';

const { EJSON } = BSON;

/** null when there is no such collection. */
export async function openSide(database: Db, name: string): Promise<ComparedSide | null> {
  const found = await database.listCollections({ name }).toArray();
  return found.some(({ type }) => type !== 'view') ? new Side(database.collection(name)) : null;
}

class Side implements ComparedSide {
  readonly keys = ['_id'];

  constructor(private readonly collection: Collection) {}

  count(): Promise<number> {
    return this.collection.countDocuments();
  }

  async digests(which: 'all' | 'sample' | readonly string[]): Promise<ReadonlyMap<string, string>> {
    const digests = new Map<string, string>();
    for await (const document of this.documents(typeof which === 'string' ? null : which)) {
      const key = textOf(document['_id']);
      if (which === 'sample' && createHash('md5').update(key).digest().readUInt32LE() % 10 !== 0) continue;
      digests.set(key, createHash('md5').update(BSON.serialize(document)).digest('hex'));
    }
    return digests;
  }

  async rows(keys: readonly string[]) {
    const found = new Map<string, Document>();
    for await (const document of this.documents(keys)) found.set(textOf(document['_id']), document);
    const columns = [...new Set([...found.values()].flatMap((document) => Object.keys(document)))].sort();
    return {
      columns,
      identifiers: new Map([...found.keys()].map((key) => [key, `_id=${key}`])),
      rows: new Map(
        [...found].map(([key, document]) => [
          key,
          columns.map((name) => (name in document ? textOf(document[name]) : null)),
        ]),
      ),
    };
  }

  private documents(keys: readonly string[] | null) {
    const ids = keys?.map((key) => (EJSON.parse(`{"id":${key}}`, { relaxed: false }) as { id: never }).id);
    return this.collection.find(ids ? { _id: { $in: ids } } : {}, { ...EXACT, batchSize: 1_000 });
  }
}

/** A value with its type, the same wherever it is read. */
function textOf(value: unknown): string {
  return EJSON.stringify(value, { relaxed: false });
}
