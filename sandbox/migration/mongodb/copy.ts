/** Collections, their indexes and documents, read while the source goes on being written. */
import type { CollectionInfo, Db, Document, IndexDescriptionInfo } from 'mongodb';
import { EXACT } from './follower.ts';

const BATCH = 1_000;

/** Copies one database into an empty one, with its unique indexes alone. `copied`: so many documents more are there. */
export async function copyDatabase(
  source: Db,
  target: Db,
  copied: (documents: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const all = await source.listCollections<CollectionInfo>({}, { nameOnly: false }).toArray();
  const byType = (views: boolean) => all.filter(({ type }) => (type === 'view') === views);
  for (const { name, options } of byType(false)) {
    signal.throwIfAborted();
    await target.createCollection(name, options ?? {});
    await copyDocuments(source, target, name, copied, signal);
  }
  await copyIndexes(source, target, ({ unique }) => unique === true);
  for (const { name, options } of byType(true)) await target.createCollection(name, options ?? {});
}

/** Makes the indexes that the target has not got; one that removes documents by itself must not be there before. */
export async function copyIndexes(
  source: Db,
  target: Db,
  wanted: (index: IndexDescriptionInfo) => boolean,
): Promise<void> {
  const all = await source.listCollections<CollectionInfo>({}, { nameOnly: false }).toArray();
  for (const { name, type } of all) {
    if (type === 'view') continue;
    const listed = async (side: Db) => (await side.collection(name).listIndexes().toArray()) as IndexDescriptionInfo[];
    const there = new Set((await listed(target)).map((index) => index.name));
    for (const { key, v: _version, ...index } of (await listed(source)).filter(wanted)) {
      if (!there.has(index.name)) await target.collection(name).createIndex(key, index);
    }
  }
}

async function copyDocuments(
  source: Db,
  target: Db,
  name: string,
  copied: (documents: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const cursor = source.collection(name).find({}, { ...EXACT, batchSize: BATCH, signal });
  let batch: Document[] = [];
  const write = async () => {
    if (batch.length > 0) await target.collection(name).insertMany(batch);
    copied(batch.length);
    batch = [];
  };
  for await (const document of cursor) {
    batch.push(document);
    if (batch.length === BATCH) await write();
  }
  await write();
}
