/**
 * The shop's database on MongoDB: collections with unique and ordinary indexes, a view, every kind of number, dates,
 * nulls and texts that hurt, and enough orders to copy.
 */
import { randomUUID } from 'node:crypto';
import { Decimal128, Double, Long, ObjectId, type Db, type Document } from 'mongodb';
import { CUSTOMER_ACCOUNTS, ITEM_TITLES, OWNERS, TILLS } from '../schema.ts';

const BATCH = 2_000;
const NOTES: readonly (string | null)[] = [null, '', 'please ring 🔔 twice', 'it\'s "urgent"'];
const DAYS_90_MS = 90 * 86_400_000;

/** Creates the collections, and `orders` orders with one to three items each, dated over the last 90 days. */
export async function createShop(shop: Db, orders: number): Promise<void> {
  await shop.collection('accounts').createIndex({ owner: 1 });
  await shop.collection('orders').createIndex({ reference: 1 }, { unique: true });
  await shop.collection('orders').createIndex({ account_id: 1, placed_at: -1 }, { name: 'orders_by_account' });
  await shop.collection('order_items').createIndex({ order_id: 1, line: 1 }, { unique: true });
  await shop.collection('stock_checks').createIndex({ reference: 1 }, { unique: true });
  await shop.createCollection('daily_sales', {
    viewOn: 'orders',
    pipeline: [
      {
        $group: {
          _id: { $dateToString: { date: '$placed_at', format: '%Y-%m-%d' } },
          orders: { $sum: 1 },
          amount_cents: { $sum: '$amount_cents' },
        },
      },
    ],
  });
  await insert(shop, 'accounts', CUSTOMER_ACCOUNTS + TILLS, account);
  const placed = await insert(shop, 'orders', orders, (n) => order(n, orders));
  const items = placed.flatMap((one, index) =>
    Array.from({ length: 1 + ((index + 1) % 3) }, (_, line) => item(one, line + 1, index)),
  );
  await insert(shop, 'order_items', items.length, (n) => items[n - 1] ?? {});
}

async function insert(shop: Db, name: string, count: number, make: (n: number) => Document): Promise<Document[]> {
  const documents = Array.from({ length: count }, (_, index) => make(index + 1));
  for (let at = 0; at < count; at += BATCH) await shop.collection(name).insertMany(documents.slice(at, at + BATCH));
  return documents;
}

function account(n: number): Document {
  const owner = `${OWNERS[n % OWNERS.length]} ${n}`;
  return {
    _id: n,
    owner,
    balance_cents: Long.fromNumber(10_000_000),
    rating: new Double(n % 5),
    updated_at: new Date(),
  };
}

function order(n: number, orders: number): Document {
  return {
    _id: new ObjectId(),
    reference: randomUUID(),
    account_id: 1 + (n % CUSTOMER_ACCOUNTS),
    till_id: CUSTOMER_ACCOUNTS + 1 + (n % TILLS),
    state: n % 2 === 0 ? 'paid' : 'shipped',
    amount_cents: Long.fromNumber(100 + (n % 9_900)),
    vat: Decimal128.fromString('0.190'),
    note: NOTES[n % NOTES.length],
    placed_at: new Date(Date.now() - Math.floor(((orders - n) * DAYS_90_MS) / orders)),
  };
}

function item(order: Document, line: number, index: number): Document {
  const price = Long.fromNumber(Math.floor(Number(order['amount_cents']) / line));
  const title = ITEM_TITLES[(index + line) % ITEM_TITLES.length];
  return { _id: new ObjectId(), order_id: order['_id'] as unknown, line, title, quantity: line, price_cents: price };
}
