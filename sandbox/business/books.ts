/** What the ledger reads of a shop's database, in the language of the product. */
import { textIn, type Queryable } from '../server.ts';

export interface BookRow {
  readonly table: 'orders' | 'stock_checks';
  readonly id: string;
  readonly reference: string;
  /** the order's amount in cents, or the counted stock */
  readonly amount: string;
}

export interface ShopBooks {
  /** every order and every stock check */
  rows(session: Queryable): Promise<BookRow[]>;
  /** cents over all accounts */
  money(session: Queryable): Promise<string>;
  has(session: Queryable, table: BookRow['table'], reference: string): Promise<boolean>;
}

const ROWS = `
  select 'orders' as kind, id, reference, amount_cents as amount from orders
  union all
  select 'stock_checks', id, reference, counted from stock_checks`;
const MONEY = 'select sum(balance_cents) as total from accounts';

export const sqlBooks: ShopBooks = {
  async rows(session) {
    const { rows } = await session.query(ROWS);
    return rows.map((row) => ({
      table: row['kind'] === 'orders' ? 'orders' : 'stock_checks',
      id: textIn(row, 'id'),
      reference: textIn(row, 'reference'),
      amount: textIn(row, 'amount'),
    }));
  },
  async money(session) {
    return textIn((await session.query(MONEY)).rows[0], 'total');
  },
  async has(session, table, reference) {
    // a reference is a UUID of our own
    const { rows } = await session.query(`select id from ${table} where reference = '${reference}'`);
    return rows.length > 0;
  },
};

/** BEGIN, COMMIT and ROLLBACK of a session that speaks SQL. */
export function sqlTransactions(session: Queryable) {
  const say = (word: string) => async () => {
    await session.query(word);
  };
  return { begin: say('begin'), commit: say('commit'), rollback: say('rollback') };
}
