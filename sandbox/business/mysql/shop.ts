/** The shop's statements on MySQL and MariaDB. */
import mysql, { type Connection, type ConnectionOptions } from 'mysql2/promise';
import { queryable, rowsOf, SESSION_OPTIONS } from '../../mysqlSession.ts';
import { textIn } from '../../server.ts';
import { sqlBooks, sqlTransactions } from '../books.ts';
import type { Order, ShopDatabase, ShopLogin, ShopSession, StockCheck, Written } from '../port.ts';
import { SHOP_DATABASE } from '../schema.ts';

export const mysqlShop: ShopDatabase = {
  books: sqlBooks,
  async connect(login) {
    const connection = await mysql.createConnection(optionsOf(login));
    connection.on('error', () => undefined);
    return { ...sessionOf(connection), end: () => connection.end() };
  },
  pool(login, size, onLost) {
    const pool = mysql.createPool({ ...optionsOf(login), connectionLimit: size, maxIdle: size });
    pool.on('connection', (connection) => connection.on('error', onLost));
    return {
      async acquire() {
        const connection = await pool.getConnection();
        const release = (broken: boolean) => (broken ? connection.destroy() : connection.release());
        return { ...sessionOf(connection), release };
      },
      end: () => pool.end(),
    };
  },
};

function optionsOf({ program, ...login }: ShopLogin): ConnectionOptions {
  return { ...login, ...SESSION_OPTIONS, database: SHOP_DATABASE, connectAttributes: { program_name: program } };
}

function sessionOf(connection: Connection): ShopSession {
  return {
    ...queryable(connection),
    ...sqlTransactions(queryable(connection)),
    writeOrder: (order) => writeOrder(connection, order),
    writeStockCheck: (check) => writeStockCheck(connection, check),
    async reprice(rows) {
      // no row is written, nor logged, unless a value changes; one that changes twice is what it was
      const select = 'select order_id, line from order_items order by order_id, line limit ?';
      for (const sign of ['+', '-']) {
        await connection.query(
          `update order_items join (${select}) some using (order_id, line) set price_cents = price_cents ${sign} 1`,
          [rows],
        );
      }
    },
    async hasEnded(transaction) {
      // one sees one's own account's sessions; an idle one commits nothing, whoever has the id by now. MySQL's views of
      // them cannot be read while a statement runs that holds an emoji
      const rows = await rowsOf(connection, 'show processlist');
      const busy = rows.some((row) => textIn(row, 'Id') === transaction && textIn(row, 'Command') !== 'Sleep');
      return !busy || transaction === String(connection.threadId);
    },
  };
}

async function writeOrder(connection: Connection, order: Order): Promise<Written> {
  const { reference, customer, till, amountCents, note, items } = order;
  // the accounts first, always in this order: inserting the order would share their locks, and two orders deadlock
  const move = 'update accounts set balance_cents = balance_cents + ? where id = ?';
  await connection.query(move, [-amountCents, customer]);
  await connection.query(move, [amountCents, till]);
  const written = await insert(
    connection,
    `insert into orders (reference, account_id, till_id, state, amount_cents, note) values (?, ?, ?, 'paid', ?, ?)`,
    [reference, customer, till, amountCents, note],
  );
  await connection.query('insert into order_items (order_id, line, title, quantity, price_cents) values ?', [
    items.map((item, index) => [written.id, index + 1, item.title, item.quantity, item.priceCents]),
  ]);
  return written;
}

function writeStockCheck(connection: Connection, check: StockCheck): Promise<Written> {
  return insert(connection, 'insert into stock_checks (reference, warehouse, counted) values (?, ?, ?)', [
    check.reference,
    check.warehouse,
    check.counted,
  ]);
}

/** A transaction is found again by the connection it runs in. */
async function insert(connection: Connection, sql: string, values: readonly unknown[]): Promise<Written> {
  await rowsOf(connection, sql, values);
  const [row] = await rowsOf(connection, 'select last_insert_id() as id, connection_id() as transaction');
  return { id: textIn(row, 'id'), transaction: textIn(row, 'transaction') };
}
