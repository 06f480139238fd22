/** Runs statements made for mongosh: `db` and `EJSON` are all they may use. */
import { runInNewContext } from 'node:vm';
import { BSON, type MongoClient } from 'mongodb';

export async function runInShell(script: string, client: MongoClient): Promise<void> {
  const running: Promise<unknown>[] = [];
  const noted = (name: 'insertOne' | 'replaceOne' | 'deleteOne', database: string, collection: string) => {
    const on = client.db(database).collection(collection);
    return (...args: [never, never]) => running.push(on[name](...args));
  };
  const db = {
    getSiblingDB: (database: string) => ({
      getCollection: (collection: string) => ({
        insertOne: noted('insertOne', database, collection),
        replaceOne: noted('replaceOne', database, collection),
        deleteOne: noted('deleteOne', database, collection),
      }),
    }),
  };
  // one statement after the other, as in the shell
  for (const statement of script.split('\n')) {
    runInNewContext(statement, { db, EJSON: BSON.EJSON });
    await Promise.all(running);
  }
}
