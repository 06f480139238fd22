/** What the shop asks of the product its database runs on. */
import type { Queryable } from '../server.ts';
import type { ShopBooks } from './books.ts';

export interface ShopLogin {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** name of the program, where the product shows one */
  readonly program: string;
}

export interface Order {
  readonly reference: string;
  readonly customer: number;
  readonly till: number;
  readonly amountCents: number;
  readonly note: string;
  readonly items: readonly { readonly title: string; readonly quantity: number; readonly priceCents: number }[];
}

export interface StockCheck {
  readonly reference: string;
  readonly warehouse: string;
  readonly counted: number;
}

/** What a transaction has written; not committed yet. */
export interface Written {
  readonly id: string;
  /** by which the server is asked later what became of it */
  readonly transaction: string;
}

/** One connection of the shop's. */
export interface ShopSession extends Queryable {
  begin(): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  /** the order, its items, and the money moved from the customer to the till; in the open transaction */
  writeOrder(order: Order): Promise<Written>;
  writeStockCheck(check: StockCheck): Promise<Written>;
  /** writes so many order items again, with the values they have */
  reprice(rows: number): Promise<void>;
  /** whether a transaction whose connection broke has ended, one way or the other */
  hasEnded(transaction: string): Promise<boolean>;
}

export interface ShopPool {
  /** `release` gives it back; a broken one is closed instead */
  acquire(): Promise<ShopSession & { release(broken: boolean): void }>;
  end(): Promise<void>;
}

export interface ShopDatabase {
  readonly books: ShopBooks;
  connect(login: ShopLogin): Promise<ShopSession & { end(): Promise<void> }>;
  /** opens connections as they are needed and keeps them; `onLost`: somebody ended one that was idle */
  pool(login: ShopLogin, size: number, onLost: () => void): ShopPool;
}
