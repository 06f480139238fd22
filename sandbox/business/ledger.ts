/**
 * What the business knows to be committed, kept by itself and not read from any database: the measure for
 * "not one committed order is missing on the target". Ids and amounts are text as PostgreSQL writes a bigint.
 */
import type { ClientBase } from 'pg';

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

interface Row {
  readonly kind: LedgerEntry['table'];
  readonly id: string;
  readonly reference: string;
  readonly amount: string;
}

const ROWS = `
  select 'orders' as kind, id, reference, amount_cents as amount from orders
  union all
  select 'stock_checks', id, reference, counted from stock_checks`;
const MONEY = 'select sum(balance_cents)::text as total from accounts';

export class Ledger {
  private readonly entries = new Map<string, LedgerEntry>();
  /** COMMIT was sent and no answer came: transaction id and what it would have committed */
  private unsure: { readonly xid: string; readonly entry: LedgerEntry }[] = [];
  private money = '0';

  /** Opens the book with what is there before the business starts. */
  async open(source: ClientBase): Promise<void> {
    const { rows } = await source.query<Row>(ROWS);
    for (const { kind, ...row } of rows) this.committed({ table: kind, ...row, on: 'source' });
    this.money = (await source.query<{ total: string }>(MONEY)).rows[0]?.total ?? '0';
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
  unanswered(xid: string, entry: LedgerEntry): void {
    this.unsure.push({ xid, entry });
  }

  /** Asks the server what became of unanswered commits; call it while the business is paused. */
  async settle(client: ClientBase, on: WrittenOn): Promise<void> {
    for (const one of this.unsure.filter((any) => any.entry.on === on)) {
      if (await isCommitted(client, one.xid, one.entry)) this.committed(one.entry);
      this.unsure = this.unsure.filter((other) => other !== one);
    }
  }

  /** Looks for every entry on a server, normally the target. */
  async check(client: ClientBase): Promise<LedgerCheck> {
    const { rows } = await client.query<Row>(ROWS);
    const there = new Map(rows.map((row) => [row.reference, row]));
    const missing: LedgerEntry[] = [];
    const different: LedgerEntry[] = [];
    for (const entry of this.entries.values()) {
      const row = there.get(entry.reference);
      if (!row) missing.push(entry);
      else if (row.kind !== entry.table || row.id !== entry.id || row.amount !== entry.amount) different.push(entry);
      there.delete(entry.reference);
    }
    const found = (await client.query<{ total: string }>(MONEY)).rows[0]?.total ?? '0';
    const money = { expected: this.money, found };
    const complete = missing.length + different.length + there.size === 0 && money.expected === money.found;
    return { expected: this.entries.size, missing, different, unexpected: there.size, money, complete };
  }
}

/** Runs `write` in a transaction of its own and enters what it committed; it answers the entry and its transaction id. */
export async function commitEntry(
  client: ClientBase,
  ledger: Ledger,
  write: () => Promise<{ readonly xid: string; readonly entry: LedgerEntry }>,
): Promise<void> {
  await client.query('begin');
  const { xid, entry } = await write();
  try {
    await client.query('commit');
  } catch (error) {
    ledger.unanswered(xid, entry);
    throw error;
  }
  ledger.committed(entry);
}

/**
 * Whether an unanswered commit took place. A server process that lost its client decides within moments; the row then
 * tells, and not the transaction's status: after a crash an undecided transaction's id is given to another one.
 */
async function isCommitted(client: ClientBase, xid: string, entry: LedgerEntry): Promise<boolean> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const { rows } = await client.query<{ decided: boolean }>(
      `select pg_xact_status($1::xid8) is distinct from 'in progress' as decided`,
      [xid],
    );
    if (rows[0]?.decided) {
      const { rowCount } = await client.query(`select from ${entry.table} where reference = $1`, [entry.reference]);
      return Boolean(rowCount);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`The server does not say what became of transaction ${xid}.`);
}
