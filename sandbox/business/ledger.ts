/**
 * What the business knows to be committed, kept by itself and not read from any database: the measure for
 * "not one committed order is missing on the target". Ids and amounts are text, as every database writes a bigint.
 */
import type { Queryable } from '../server.ts';
import type { BookRow, ShopBooks } from './books.ts';
import type { ShopSession, Written } from './port.ts';

export type WrittenOn = 'source' | 'target';

export interface LedgerEntry extends BookRow {
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

export class Ledger {
  private readonly entries = new Map<string, LedgerEntry>();
  /** COMMIT was sent and no answer came: the transaction and what it would have committed */
  private unsure: { readonly transaction: string; readonly entry: LedgerEntry }[] = [];
  private money = '0';

  constructor(private readonly books: ShopBooks) {}

  /** Opens the book with what is there before the business starts. */
  async open(source: Queryable): Promise<void> {
    for (const row of await this.books.rows(source)) this.committed({ ...row, on: 'source' });
    this.money = await this.books.money(source);
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
      if (await this.isCommitted(session, one.transaction, one.entry)) this.committed(one.entry);
      this.unsure = this.unsure.filter((other) => other !== one);
    }
  }

  /** Looks for every entry on a server, normally the target. */
  async check(session: Queryable): Promise<LedgerCheck> {
    const there = new Map((await this.books.rows(session)).map((row) => [row.reference, row]));
    const missing: LedgerEntry[] = [];
    const different: LedgerEntry[] = [];
    for (const entry of this.entries.values()) {
      const row = there.get(entry.reference);
      if (!row) missing.push(entry);
      else if (row.table !== entry.table || row.id !== entry.id || row.amount !== entry.amount) different.push(entry);
      there.delete(entry.reference);
    }
    const money = { expected: this.money, found: await this.books.money(session) };
    const complete = missing.length + different.length + there.size === 0 && money.expected === money.found;
    return { expected: this.entries.size, missing, different, unexpected: there.size, money, complete };
  }

  /**
   * Whether an unanswered commit took place. A server that lost its client decides within moments; the row then tells,
   * and not the transaction's status: after a crash an undecided transaction's id is given to another one.
   */
  private async isCommitted(session: ShopSession, transaction: string, entry: LedgerEntry): Promise<boolean> {
    for (let attempt = 0; attempt < 50; attempt++) {
      if (await session.hasEnded(transaction)) return this.books.has(session, entry.table, entry.reference);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`The server does not say what became of transaction ${transaction}.`);
  }
}

/** Writes in a transaction of its own and enters what it committed. */
export async function commitEntry(
  session: ShopSession,
  ledger: Ledger,
  entry: Omit<LedgerEntry, 'id'>,
  write: () => Promise<Written>,
): Promise<void> {
  await session.begin();
  const { id, transaction } = await write();
  try {
    await session.commit();
  } catch (error) {
    ledger.unanswered(transaction, { ...entry, id });
    throw error;
  }
  ledger.committed({ ...entry, id });
}
