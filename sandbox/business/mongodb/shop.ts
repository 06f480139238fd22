/** The shop's commands on MongoDB, orders in transactions. */
import {
  BSON,
  Decimal128,
  Long,
  MongoClient,
  MongoServerError,
  ObjectId,
  type ClientSession,
  type Document,
} from 'mongodb';
import { pause as sleep } from '../../../src/util/wait.ts';
import { queryable } from '../../mongodbSession.ts';
import type { Order, ShopDatabase, ShopLogin, ShopSession, StockCheck, Written } from '../port.ts';
import { SHOP_DATABASE } from '../schema.ts';
import { mongodbBooks } from './books.ts';

const { EJSON } = BSON;
const CONNECT_MS = 5_000;
const WRITE_CONFLICT = 112;
/** An order whose transaction met another one's document is written anew so many times. */
const ATTEMPTS = 5;

export const mongodbShop: ShopDatabase = {
  books: mongodbBooks,
  async connect(login) {
    const client = await clientOf(login, 1).connect();
    const session = client.startSession();
    return { ...sessionOf(client, session), end: () => client.close() };
  },
  pool(login, size, onLost) {
    const client = clientOf(login, size);
    let closing = false;
    client.on('connectionClosed', () => {
      if (!closing) onLost();
    });
    const warm = allConnected(client, size);
    warm.catch(() => undefined);
    return {
      async acquire() {
        await warm;
        const session = client.startSession();
        return { ...sessionOf(client, session), release: () => void session.endSession().catch(() => undefined) };
      },
      async end() {
        closing = true;
        await client.close();
      },
    };
  },
};

function clientOf({ host, port, user, password, program }: ShopLogin, size: number): MongoClient {
  return new MongoClient(`mongodb://${host}:${port}/`, {
    ...{ auth: { username: user, password }, authSource: 'admin', appName: program },
    ...{ minPoolSize: size, maxPoolSize: size, retryWrites: false },
    ...{ connectTimeoutMS: CONNECT_MS, serverSelectionTimeoutMS: CONNECT_MS },
  });
}

/** Resolves when every connection of the pool is open. */
async function allConnected(client: MongoClient, size: number): Promise<void> {
  let open = 0;
  let enough: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (enough = resolve));
  client.on('connectionReady', () => {
    if (++open >= size) enough();
  });
  await client.connect();
  const late = new AbortController();
  const tooLate = sleep(CONNECT_MS, late.signal).then(() => {
    throw new Error(`Only ${open} of ${size} connections could be opened.`);
  });
  await Promise.race([opened, tooLate]).finally(() => late.abort());
}

function sessionOf(client: MongoClient, session: ClientSession): ShopSession {
  const shop = client.db(SHOP_DATABASE);
  const insert = async (collection: string, document: Document): Promise<Written> => {
    const { insertedId } = await shop.collection(collection).insertOne(document, { session });
    return { id: String(insertedId), transaction: textOf(session.id) };
  };
  return {
    ...queryable(shop),
    begin: () => Promise.resolve(session.startTransaction()),
    commit: () => session.commitTransaction(),
    async rollback() {
      if (session.inTransaction()) await session.abortTransaction();
    },
    writeOrder: (order) => again(session, () => writeOrder(client, session, order)),
    writeStockCheck: ({ reference, warehouse, counted }: StockCheck) =>
      insert('stock_checks', { reference, warehouse, counted, checked_at: new Date() }),
    async reprice(rows) {
      const items = shop.collection('order_items');
      const some = await items.find({}, { projection: { _id: 1 }, limit: rows }).toArray();
      const filter = { _id: { $in: some.map(({ _id }) => _id) } };
      // nothing is written unless a value changes; one that changes twice is what it was
      for (const cents of [1, -1]) await items.updateMany(filter, { $inc: { price_cents: Long.fromNumber(cents) } });
    },
    async hasEnded(transaction) {
      // without a right one sees one's own account's sessions
      const asked = { allUsers: false, idleSessions: true };
      const open = await client
        .db('admin')
        .aggregate([{ $currentOp: asked }])
        .toArray();
      return !open.some((entry) => entry['type'] === 'idleSession' && textOf(entry['lsid']) === transaction);
    },
  };
}

/** A session by its id, as the server shows it too. */
function textOf(lsid: unknown): string {
  return EJSON.stringify((lsid as { readonly id?: unknown } | undefined)?.id ?? null);
}

async function again(session: ClientSession, write: () => Promise<Written>): Promise<Written> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await write();
    } catch (error) {
      const conflict = error instanceof MongoServerError && error.code === WRITE_CONFLICT;
      if (!conflict || attempt === ATTEMPTS) throw error;
      await session.abortTransaction();
      session.startTransaction();
    }
  }
}

async function writeOrder(client: MongoClient, session: ClientSession, order: Order): Promise<Written> {
  const { reference, customer, till, amountCents, note, items } = order;
  const shop = client.db(SHOP_DATABASE);
  const _id = new ObjectId();
  await shop.collection('orders').insertOne(
    {
      ...{ _id, reference, account_id: customer, till_id: till, state: 'paid' },
      ...{
        amount_cents: Long.fromNumber(amountCents),
        vat: Decimal128.fromString('0.190'),
        note,
        placed_at: new Date(),
      },
    },
    { session },
  );
  const lines = items.map(({ title, quantity, priceCents }, index) => ({
    ...{ _id: new ObjectId(), order_id: _id, line: index + 1, title, quantity },
    price_cents: Long.fromNumber(priceCents),
  }));
  await shop.collection('order_items').insertMany(lines, { session });
  const accounts = shop.collection<{ _id: number }>('accounts');
  for (const [account, cents] of [
    [customer, -amountCents],
    [till, amountCents],
  ] as const) {
    const change = { $inc: { balance_cents: Long.fromNumber(cents) }, $currentDate: { updated_at: true } } as const;
    await accounts.updateOne({ _id: account }, change, { session });
  }
  return { id: String(_id), transaction: textOf(session.id) };
}
