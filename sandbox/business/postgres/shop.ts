/** The shop's statements on PostgreSQL. */
import pg from 'pg';
import type { Queryable } from '../../server.ts';
import { sqlBooks, sqlTransactions } from '../books.ts';
import type { Order, ShopDatabase, ShopLogin, ShopSession, StockCheck, Written } from '../port.ts';
import { SHOP_DATABASE } from '../schema.ts';

export const postgresShop: ShopDatabase = {
  books: sqlBooks,
  async connect(login) {
    const client = new pg.Client(configOf(login));
    client.on('error', () => undefined);
    await client.connect();
    return { ...sessionOf(client), end: () => client.end() };
  },
  pool(login, size, onLost) {
    const pool = new pg.Pool({ ...configOf(login), max: size, idleTimeoutMillis: 0 });
    pool.on('error', onLost);
    return {
      async acquire() {
        const client = await pool.connect();
        // a connection that breaks here shows in the query that was running
        const ignore = () => undefined;
        client.on('error', ignore);
        const release = (broken: boolean) => {
          client.off('error', ignore);
          client.release(broken);
        };
        return { ...sessionOf(client), release };
      },
      end: () => pool.end(),
    };
  },
};

function configOf({ program, ...login }: ShopLogin): pg.ClientConfig {
  return { ...login, database: SHOP_DATABASE, application_name: program, connectionTimeoutMillis: 5_000 };
}

function sessionOf(client: pg.ClientBase): ShopSession {
  const queryable: Queryable = { query: (sql) => client.query(sql) };
  return {
    ...queryable,
    ...sqlTransactions(queryable),
    writeOrder: (order) => writeOrder(client, order),
    writeStockCheck: (check) => writeStockCheck(client, check),
    async reprice(rows) {
      await client.query(
        'update order_items set price_cents = price_cents where (order_id, line) in (select order_id, line from order_items limit $1)',
        [rows],
      );
    },
    async hasEnded(transaction) {
      const { rows } = await client.query<{ ended: boolean }>(
        `select pg_xact_status($1::xid8) is distinct from 'in progress' as ended`,
        [transaction],
      );
      return rows[0]?.ended ?? false;
    },
  };
}

async function writeOrder(client: pg.ClientBase, order: Order): Promise<Written> {
  const { reference, customer, till, amountCents, note, items } = order;
  const { rows } = await client.query<Written>(
    `insert into orders (reference, account_id, till_id, state, amount_cents, note) values ($1, $2, $3, 'paid', $4, $5)
     returning id, pg_current_xact_id()::text as transaction`,
    [reference, customer, till, amountCents, note],
  );
  const written = rows[0] ?? { id: '', transaction: '' };
  await client.query(
    `insert into order_items (order_id, line, title, quantity, price_cents)
     select $1, n, t, q, p from unnest($2::text[], $3::int[], $4::bigint[]) with ordinality as items (t, q, p, n)`,
    [written.id, ...(['title', 'quantity', 'priceCents'] as const).map((name) => items.map((item) => item[name]))],
  );
  await client.query('update accounts set balance_cents = balance_cents - $2 where id = $1', [customer, amountCents]);
  await client.query('update accounts set balance_cents = balance_cents + $2 where id = $1', [till, amountCents]);
  return written;
}

async function writeStockCheck(client: pg.ClientBase, check: StockCheck): Promise<Written> {
  const { rows } = await client.query<Written>(
    `insert into stock_checks (reference, warehouse, counted) values ($1, $2, $3)
     returning id, pg_current_xact_id()::text as transaction`,
    [check.reference, check.warehouse, check.counted],
  );
  return rows[0] ?? { id: '', transaction: '' };
}
