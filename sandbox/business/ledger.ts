/**
 * What the business knows to be committed, kept by itself and not read from any database: the measure for
 * "not one committed order is missing on the target". Ids and amounts are text, as every database writes a bigint.
 */
import { textIn, type Queryable } from '../server.ts';
import type { ShopSession, Written } from './port.ts';

export type WrittenOn = 'source' | 'target';

export interface LedgerEntry {
  readonly table: 'orders' | 'stock_checks';
  readonly id: string;
  readonly reference: string;
  /** the order's amount in cents, or the counted stock */
  readonly amount: string;
  /** the server that confirmed the commit */
  readonly on: WrittenOn;
}

export interface LedgerCheck {
  /** entries of the ledger that were looked for */
  readonly expected: number;
  /** committed, and not there */
  readonly missing: readonly LedgerEntry[];
  /** there, with another id or amount */
  readonly different: readonly LedgerEntry[];
  /** rows there that the business never committed */
  readonly unexpected: number;
  /** cents over all accounts; orders only move money, so the total never changes */
  readonly money: { readonly expected: string; readonly found: string };
  /** all of the above as it should be */
  readonly complete: boolean;
}

type Row = Omit<LedgerEntry, 'on'>;

const ROWS = `
  select 'orders' as kind, id, reference, amount_cents as amount from orders
  union all
  select 'stock_checks', id, reference, counted from stock_checks`;
const MONEY = 'select sum(balance_cents) as total from accounts';

export class Ledger {
  private readonly entries = new Map<string, LedgerEntry>();
  /** COMMIT was sent and no answer came: the transaction and what it would have committed */
  private unsure: { readonly transaction: string; readonly entry: LedgerEntry }[] = [];
  private money = '0';

  /** Opens the book with what is there before the business starts. */
  async open(source: Queryable): Promise<void> {
    for (const row of await readRows(source)) this.committed({ ...row, on: 'source' });
    this.money = await readMoney(source);
  }

  /** entries known to be committed */
  get size(): number {
    return this.entries.size;
  }

  /** commits that got no answer and are not settled yet */
  get unsettled(): number {
    return this.unsure.length;
  }

  all(): readonly LedgerEntry[] {
    return [...this.entries.values()];
  }

  committed(entry: LedgerEntry): void {
    this.entries.set(entry.reference, entry);
  }

  /** The connection broke while COMMIT was on its way. */
  unanswered(transaction: string, entry: LedgerEntry): void {
    this.unsure.push({ transaction, entry });
  }

  /** Asks the server what became of unanswered commits; call it while the business is paused. */
  async settle(session: ShopSession, on: WrittenOn): Promise<void> {
    for (const one of this.unsure.filter((any) => any.entry.on === on)) {
      if (await isCommitted(session, one.transaction, one.entry)) this.committed(one.entry);
      this.unsure = this.unsure.filter((other) => other !== one);
    }
  }

  /** Looks for every entry on a server, normally the target. */
  async check(session: Queryable): Promise<LedgerCheck> {
    const there = new Map((await readRows(session)).map((row) => [row.reference, row]));
    const missing: LedgerEntry[] = [];
    const different: LedgerEntry[] = [];
    for (const entry of this.entries.values()) {
      const row = there.get(entry.reference);
      if (!row) missing.push(entry);
      else if (row.table !== entry.table || row.id !== entry.id || row.amount !== entry.amount) different.push(entry);
      there.delete(entry.reference);
    }
    const money = { expected: this.money, found: await readMoney(session) };
    const complete = missing.length + different.length + there.size === 0 && money.expected === money.found;
    return { expected: this.entries.size, missing, different, unexpected: there.size, money, complete };
  }
}

async function readRows(session: Queryable): Promise<Row[]> {
  const { rows } = await session.query(ROWS);
  return rows.map((row) => ({
    table: row['kind'] === 'orders' ? 'orders' : 'stock_checks',
    id: textIn(row, 'id'),
    reference: textIn(row, 'reference'),
    amount: textIn(row, 'amount'),
  }));
}

async function readMoney(session: Queryable): Promise<string> {
  return textIn((await session.query(MONEY)).rows[0], 'total');
}

/** Writes in a transaction of its own and enters what it committed. */
export async function commitEntry(
  session: Queryable,
  ledger: Ledger,
  entry: Omit<LedgerEntry, 'id'>,
  write: () => Promise<Written>,
): Promise<void> {
  await session.query('begin');
  const { id, transaction } = await write();
  try {
    await session.query('commit');
  } catch (error) {
    ledger.unanswered(transaction, { ...entry, id });
    throw error;
  }
  ledger.committed({ ...entry, id });
}

/**
 * Whether an unanswered commit took place. A server that lost its client decides within moments; the row then tells,
 * and not the transaction's status: after a crash an undecided transaction's id is given to another one.
 */
async function isCommitted(session: ShopSession, transaction: string, entry: LedgerEntry): Promise<boolean> {
  for (let attempt = 0; attempt < 50; attempt++) {
    if (await session.hasEnded(transaction)) {
      // a reference is a UUID of our own
      const { rows } = await session.query(`select id from ${entry.table} where reference = '${entry.reference}'`);
      return rows.length > 0;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`The server does not say what became of transaction ${transaction}.`);
}
