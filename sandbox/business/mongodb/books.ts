/** The shop's books on MongoDB, by commands in extended JSON. */
import { textIn, type Queryable, type Row } from '../../server.ts';
import type { BookRow, ShopBooks } from '../books.ts';

const AMOUNT: Readonly<Record<BookRow['table'], string>> = { orders: 'amount_cents', stock_checks: 'counted' };
const TOTAL = JSON.stringify({
  aggregate: 'accounts',
  pipeline: [{ $group: { _id: null, total: { $sum: '$balance_cents' } } }],
  cursor: {},
});

export const mongodbBooks: ShopBooks = {
  async rows(session) {
    const tables = ['orders', 'stock_checks'] as const;
    const read = await Promise.all(tables.map((table) => rowsOf(session, table, {})));
    return read.flatMap((rows, index) => rows.map((row) => bookRow(tables[index] ?? 'orders', row)));
  },
  async money(session) {
    return textIn((await session.query(TOTAL)).rows[0], 'total');
  },
  async has(session, table, reference) {
    return (await rowsOf(session, table, { reference })).length > 0;
  },
};

async function rowsOf(session: Queryable, table: BookRow['table'], filter: object): Promise<readonly Row[]> {
  const projection = { reference: 1, [AMOUNT[table]]: 1 };
  return (await session.query(JSON.stringify({ find: table, filter, projection, batchSize: 10_000 }))).rows;
}

function bookRow(table: BookRow['table'], row: Row): BookRow {
  return { table, id: textIn(row, '_id'), reference: textIn(row, 'reference'), amount: textIn(row, AMOUNT[table]) };
}
