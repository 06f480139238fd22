/**
 * The business of the sandbox: a shop whose workers write orders through a pool, as account `shop_app` and program
 * `shop`, and a background job that connects by itself. It can be paused and resumed as in a cutover, with the
 * two classical traps left in on request: pool connections that stay open, and the job nobody remembered.
 */
import { randomUUID } from 'node:crypto';
import { pause as sleep } from '../../src/util/wait.ts';
import { BackgroundJob } from './background.ts';
import { commitEntry, Ledger, type WrittenOn } from './ledger.ts';
import type { ShopDatabase, ShopLogin, ShopPool } from './port.ts';
import { CUSTOMER_ACCOUNTS, ITEM_TITLES, TILLS } from './schema.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface BusinessOptions {
  /** the product its database runs on */
  readonly database: ShopDatabase;
  readonly source: Address;
  readonly target: Address;
  /** by account name: `shop_app` and `shop_batch` */
  readonly passwords: Readonly<Record<'shop_app' | 'shop_batch', string>>;
  /** default 4; each of the pool's workers waits in between */
  readonly ordersPerSecond?: number;
  /** pool connections, of which one or two are busy at a time; default 4 */
  readonly connections?: number;
  /** pause between two runs of the background job, milliseconds; default 5,000 */
  readonly backgroundEveryMs?: number;
  readonly log?: (line: string) => void;
}

export interface PauseOptions {
  /** leave the pool's idle connections open; `closePool` closes them later */
  readonly keepPool?: boolean;
  /** leave the background job running, against the server it knows */
  readonly keepBackground?: boolean;
}

const RETRY_MS = 1_000;

export class Business {
  readonly ledger: Ledger;
  readonly background: BackgroundJob;
  private pool: ShopPool | null = null;
  private side: WrittenOn = 'source';
  private stopping = new AbortController();
  private workers: Promise<void>[] = [];

  constructor(private readonly options: BusinessOptions) {
    this.ledger = new Ledger(options.database.books);
    this.background = new BackgroundJob(options.database, this.ledger, options.backgroundEveryMs ?? 5_000);
  }

  get writing(): boolean {
    return this.workers.length > 0;
  }

  /** where orders go: now, or at the next `resume` without a side */
  get writesTo(): WrittenOn {
    return this.side;
  }

  /** Opens the ledger with what the source holds, and begins to write there. */
  async start(): Promise<void> {
    const session = await this.options.database.connect(this.login('source', 'shop_app'));
    await this.ledger.open(session).finally(() => session.end());
    await this.resume({ to: 'source' });
  }

  /** Lets every order in flight finish; when it resolves nothing more is written, unless the job was kept. */
  async pause(options: PauseOptions = {}): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.workers.splice(0));
    if (!options.keepBackground) await this.background.stop();
    if (this.pool && this.ledger.unsettled > 0) {
      const session = await this.pool.acquire();
      await this.ledger.settle(session, this.side).finally(() => session.release(false));
    }
    if (!options.keepPool) await this.closePool();
    this.options.log?.(`business paused, ${this.ledger.size} rows committed so far`);
  }

  /** Closes the pool's connections; only of use after `pause({ keepPool: true })`. */
  async closePool(): Promise<void> {
    const pool = this.pool;
    this.pool = null;
    await pool?.end();
  }

  /** Writes again, on the given side; a pool that was kept for the other side is closed. */
  async resume(options: { readonly to: WrittenOn }): Promise<void> {
    if (this.writing) throw new Error('The business is not paused.');
    if (this.side !== options.to) await this.closePool();
    this.side = options.to;
    this.stopping = new AbortController();
    this.pool ??= await this.openPool();
    const connections = this.connections();
    for (let n = 0; n < connections; n++) this.workers.push(this.work(this.pool, this.stopping.signal));
    if (!this.background.running) this.background.start(this.login(this.side, 'shop_batch'), this.side);
    this.options.log?.(`business writes to the ${this.side}`);
  }

  /**
   * A price run: writes `rows` order items again in one transaction, several MB of the server's log for 20,000.
   * Values stay as they are, so the ledger does too.
   */
  async reprice(rows = 20_000): Promise<void> {
    if (!this.pool) throw new Error('The business has no connections.');
    const session = await this.pool.acquire();
    await session.reprice(rows).finally(() => session.release(false));
  }

  /** Ends everything, also after an error. */
  async close(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.workers.splice(0));
    await this.background.stop();
    await this.closePool();
  }

  private connections(): number {
    return this.options.connections ?? 4;
  }

  private login(side: WrittenOn, user: 'shop_app' | 'shop_batch'): ShopLogin {
    const { host, port } = this.options[side];
    const program = user === 'shop_app' ? 'shop' : 'stock-check';
    return { host, port, user, password: this.options.passwords[user], program };
  }

  /** All of its connections at once, as an application does that warms up. */
  private async openPool(): Promise<ShopPool> {
    const lost = () => this.options.log?.('business: a pool connection was ended');
    const pool = this.options.database.pool(this.login(this.side, 'shop_app'), this.connections(), lost);
    const opened = await Promise.allSettled(Array.from({ length: this.connections() }, () => pool.acquire()));
    for (const one of opened) if (one.status === 'fulfilled') one.value.release(false);
    const failed = opened.find((one) => one.status === 'rejected');
    if (!failed) return pool;
    await pool.end();
    throw failed.reason;
  }

  private async work(pool: ShopPool, signal: AbortSignal): Promise<void> {
    const meanMs = (1_000 * this.connections()) / (this.options.ordersPerSecond ?? 4);
    while (!signal.aborted) {
      await sleep(meanMs * (0.5 + Math.random()), signal).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await placeOrder(pool, this.ledger, this.side);
      } catch (error) {
        this.options.log?.(`business: an order failed (${error instanceof Error ? error.message : String(error)})`);
        await sleep(RETRY_MS, signal).catch(() => undefined);
      }
    }
  }
}

/** One order, in a transaction of its own. */
async function placeOrder(pool: ShopPool, ledger: Ledger, on: WrittenOn): Promise<void> {
  const reference = randomUUID();
  const items = Array.from({ length: pick(3) }, () => ({
    title: ITEM_TITLES[pick(ITEM_TITLES.length) - 1] ?? '',
    quantity: pick(5),
    priceCents: 50 + pick(5_000),
  }));
  const order = {
    ...{ reference, items },
    customer: pick(CUSTOMER_ACCOUNTS),
    till: CUSTOMER_ACCOUNTS + pick(TILLS),
    amountCents: items.reduce((sum, item) => sum + item.quantity * item.priceCents, 0),
    note: `it's order "${reference.slice(0, 8)}" 🛒`,
  };
  const session = await pool.acquire();
  try {
    const entry = { table: 'orders', reference, amount: String(order.amountCents), on } as const;
    await commitEntry(session, ledger, entry, () => session.writeOrder(order));
    session.release(false);
  } catch (error) {
    // a connection in doubt is not given back to the pool
    await session.rollback().then(
      () => session.release(false),
      () => session.release(true),
    );
    throw error;
  }
}

/** 1 to `count` */
function pick(count: number): number {
  return 1 + Math.floor(Math.random() * count);
}
