/**
 * The business of the sandbox: a shop whose workers write orders through a pool, as account `shop_app` and program
 * `shop`, and a background job that connects by itself. It can be paused and resumed as in a cutover, with the
 * two classical traps left in on request: pool connections that stay open, and the job nobody remembered.
 */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { pause as sleep } from '../../src/util/wait.ts';
import { BackgroundJob } from './background.ts';
import { commitEntry, Ledger, type WrittenOn } from './ledger.ts';
import { CUSTOMER_ACCOUNTS, ITEM_TITLES, SHOP_DATABASE, TILLS } from './schema.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface BusinessOptions {
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
  readonly ledger = new Ledger();
  readonly background: BackgroundJob;
  private pool: pg.Pool | null = null;
  private side: WrittenOn = 'source';
  private stopping = new AbortController();
  private workers: Promise<void>[] = [];

  constructor(private readonly options: BusinessOptions) {
    this.background = new BackgroundJob(this.ledger, options.backgroundEveryMs ?? 5_000);
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
    const client = new pg.Client(this.login('source', 'shop_app'));
    await client.connect();
    await this.ledger.open(client).finally(() => client.end());
    await this.resume({ to: 'source' });
  }

  /** Lets every order in flight finish; when it resolves nothing more is written, unless the job was kept. */
  async pause(options: PauseOptions = {}): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.workers.splice(0));
    if (!options.keepBackground) await this.background.stop();
    if (this.pool && this.ledger.unsettled > 0) {
      const client = await this.pool.connect();
      await this.ledger.settle(client, this.side).finally(() => client.release());
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
   * A price run: writes `rows` order items again in one transaction, about 5 MB of write-ahead log for 20,000.
   * Values stay as they are, so the ledger does too.
   */
  async reprice(rows = 20_000): Promise<void> {
    if (!this.pool) throw new Error('The business has no connections.');
    await this.pool.query(
      'update order_items set price_cents = price_cents where (order_id, line) in (select order_id, line from order_items limit $1)',
      [rows],
    );
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

  private login(side: WrittenOn, user: 'shop_app' | 'shop_batch'): pg.ClientConfig {
    const { host, port } = this.options[side];
    const program = user === 'shop_app' ? 'shop' : 'stock-check';
    const password = this.options.passwords[user];
    return {
      host,
      port,
      user,
      password,
      database: SHOP_DATABASE,
      application_name: program,
      connectionTimeoutMillis: 5_000,
    };
  }

  private async openPool(): Promise<pg.Pool> {
    const pool = new pg.Pool({ ...this.login(this.side, 'shop_app'), max: this.connections(), idleTimeoutMillis: 0 });
    // an idle connection that somebody terminated; the pool opens another when it needs one
    pool.on('error', () => this.options.log?.('business: a pool connection was ended'));
    const opened = await Promise.allSettled(Array.from({ length: this.connections() }, () => pool.connect()));
    for (const one of opened) if (one.status === 'fulfilled') one.value.release();
    const failed = opened.find((one) => one.status === 'rejected');
    if (!failed) return pool;
    await pool.end();
    throw failed.reason;
  }

  private async work(pool: pg.Pool, signal: AbortSignal): Promise<void> {
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

/** One order: the order, its items, and the money moved from the customer to a till, in one transaction. */
async function placeOrder(pool: pg.Pool, ledger: Ledger, on: WrittenOn): Promise<void> {
  const reference = randomUUID();
  const customer = pick(CUSTOMER_ACCOUNTS);
  const till = CUSTOMER_ACCOUNTS + pick(TILLS);
  const items = Array.from({ length: pick(3) }, () => ({
    title: ITEM_TITLES[pick(ITEM_TITLES.length) - 1] ?? '',
    quantity: pick(5),
    price: 50 + pick(5_000),
  }));
  const amount = items.reduce((sum, item) => sum + item.quantity * item.price, 0);
  const client = await pool.connect();
  // a connection that breaks here shows in the query that was running
  const ignore = () => undefined;
  client.on('error', ignore);
  try {
    await commitEntry(client, ledger, async () => {
      const { rows } = await client.query<{ id: string; xid: string }>(
        `insert into orders (reference, account_id, till_id, state, amount_cents, note) values ($1, $2, $3, 'paid', $4, $5)
         returning id, pg_current_xact_id()::text as xid`,
        [reference, customer, till, amount, `it's order "${reference.slice(0, 8)}" 🛒`],
      );
      const { id, xid } = rows[0] ?? { id: '', xid: '' };
      await client.query(
        `insert into order_items (order_id, line, title, quantity, price_cents)
         select $1, n, t, q, p from unnest($2::text[], $3::int[], $4::bigint[]) with ordinality as items (t, q, p, n)`,
        [id, items.map((item) => item.title), items.map((item) => item.quantity), items.map((item) => item.price)],
      );
      await client.query('update accounts set balance_cents = balance_cents - $2 where id = $1', [customer, amount]);
      await client.query('update accounts set balance_cents = balance_cents + $2 where id = $1', [till, amount]);
      return { xid, entry: { table: 'orders', id, reference, amount: String(amount), on } };
    });
    client.release();
  } catch (error) {
    // a connection in doubt is not given back to the pool
    await client.query('rollback').then(
      () => client.release(),
      () => client.release(true),
    );
    throw error;
  } finally {
    client.off('error', ignore);
  }
}

/** 1 to `count` */
function pick(count: number): number {
  return 1 + Math.floor(Math.random() * count);
}
