/** How the sandbox asks a MongoDB database: by a command in extended JSON, with one shape of an answer. */
import { BSON, type Db, type Document } from 'mongodb';
import type { Queryable, Row } from './server.ts';

const { EJSON, Decimal128, Long, ObjectId } = BSON;

/** The documents of the command's cursor, or its whole answer as one row. */
export function queryable(database: Db): Queryable {
  return {
    async query(text) {
      const command = EJSON.parse(text, { relaxed: false }) as Document;
      if (!('find' in command) && !('aggregate' in command) && !('listCollections' in command)) {
        return { rows: [plain(await database.command(command))] };
      }
      const cursor = database.runCursorCommand(command);
      return { rows: (await cursor.toArray()).map((document) => plain(document as Document)) };
    },
  };
}

/** 64-bit numbers, decimals and ids as text. */
function plain(document: Document): Row {
  return Object.fromEntries(
    Object.entries(document).map(([name, value]: [string, unknown]) => [
      name,
      value instanceof ObjectId || value instanceof Decimal128 || value instanceof Long ? value.toString() : value,
    ]),
  );
}
