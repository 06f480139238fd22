/** Writing: statements now, or seen by nobody else until their transaction is committed. */
import type { Document } from 'mongodb';
import { exact } from './documents.ts';
import { endable, ServerError, type Command } from './rights.ts';
import type { Client, MongoServer } from './server.ts';
import { gone, numberOf, sessionKey, transactionOf, WriteConflict, type Transaction } from './transaction.ts';

const namespace = (command: Document, name: string) => `${String(command['$db'])}.${String(command[name])}`;

/** What of a command carries documents, with their own types. */
function exactly(client: Client, name: string): Document[] {
  return (client.operation?.exact()[name] ?? []) as Document[];
}

export const insert: Command = async (server, client, command) => {
  const ns = namespace(command, 'insert');
  const documents = exactly(client, 'documents');
  let n = 0;
  const failed = await each(server, client, command, documents.length, (index, transaction) => {
    server.store.insert(ns, [documents[index] ?? {}], transaction);
    n++;
  });
  return { n, ...failed };
};

export const update: Command = async (server, client, command) => {
  const ns = namespace(command, 'update');
  const statements = command['updates'] as Document[];
  const changes = exactly(client, 'updates').map((statement) => statement['u'] as Document);
  let [n, nModified] = [0, 0];
  const upserted: Document[] = [];
  const failed = await each(server, client, command, statements.length, (index, transaction) => {
    const { q, u, multi, upsert } = statements[index] ?? {};
    const done = server.store.update(ns, q as Document, u as Document, multi === true, {
      ...{ upsert: upsert === true, transaction },
      ...(changes[index] ? { exactChange: changes[index] } : {}),
    });
    n += done.matched + (done.upserted === undefined ? 0 : 1);
    nModified += done.modified;
    if (done.upserted !== undefined) upserted.push({ index, _id: done.upserted });
  });
  return { n, nModified, ...(upserted.length > 0 ? { upserted } : {}), ...failed };
};

export const remove: Command = async (server, client, command) => {
  const ns = namespace(command, 'delete');
  const statements = command['deletes'] as Document[];
  let n = 0;
  const failed = await each(server, client, command, statements.length, (index, transaction) => {
    const { q, limit } = statements[index] ?? {};
    n += server.store.delete(ns, q as Document, Number(limit), transaction).length;
  });
  return { n, ...failed };
};

export const findAndModify: Command = async (server, client, command) => {
  const ns = namespace(command, String(Object.keys(command)[0]));
  const filter = (command['query'] ?? {}) as Document;
  if (command['sort']) throw new ServerError(72, 'InvalidOptions', 'findAndModify with a sort is not available here');
  let value: Document | null = null;
  const exactChange = client.operation?.exact()['update'] as Document | undefined;
  const failed = await each(server, client, command, 1, (_index, transaction) => {
    if (command['remove'] === true) {
      value = server.store.delete(ns, filter, 1, transaction)[0] ?? null;
      return;
    }
    const upsert = command['upsert'] === true;
    const options = { upsert, transaction, ...(exactChange ? { exactChange } : {}) };
    const done = server.store.update(ns, filter, command['update'] as Document, false, options);
    value = command['new'] === true ? done.after : done.before;
  });
  const [error] = failed.writeErrors ?? [];
  if (error) throw new ServerError(Number(error['code']), 'WriteError', String(error['errmsg']));
  return { value: value && exact(value), lastErrorObject: { n: value ? 1 : 0 } };
};

interface Failed {
  readonly writeErrors?: readonly Document[];
}

/** Each statement; in a transaction the first that fails ends it all. */
async function each(
  server: MongoServer,
  client: Client,
  command: Document,
  count: number,
  run: (index: number, transaction: Transaction | null) => void,
): Promise<Failed> {
  const transaction = transactionOf(server, client, command);
  const writeErrors: Document[] = [];
  for (let index = 0; index < count; index++) {
    try {
      if (transaction) run(index, transaction);
      else await patiently(client, () => run(index, null));
    } catch (error) {
      if (transaction || !(error instanceof ServerError) || error.code === 11601) {
        if (transaction) server.abort(sessionKey(command['lsid']));
        throw error;
      }
      writeErrors.push({ index, code: error.code, errmsg: error.message, ...error.more });
      if (command['ordered'] !== false) break;
    }
  }
  return writeErrors.length > 0 ? { writeErrors } : {};
}

/** A document that a transaction holds is waited for. */
async function patiently(client: Client, run: () => void): Promise<void> {
  for (;;) {
    try {
      return run();
    } catch (error) {
      const holder = error instanceof WriteConflict ? error.holder : null;
      if (!holder) throw error;
      await new Promise<void>((resolve, reject) => {
        endable(client, reject);
        void holder.ended.then(resolve);
      });
    }
  }
}

export const commitTransaction: Command = (server, _client, command) => {
  const key = sessionKey(command['lsid']);
  const number = numberOf(command);
  // asked again, because the answer did not arrive
  if (server.store.committed.get(key) === number) return {};
  const transaction = server.transactions.get(key);
  if (transaction?.number !== number) throw gone();
  server.transactions.delete(key);
  try {
    server.store.commit(transaction);
  } catch (error) {
    server.store.abort(transaction);
    throw error;
  }
  return {};
};

export const abortTransaction: Command = (server, _client, command) => {
  server.abort(sessionKey(command['lsid']));
  return {};
};
