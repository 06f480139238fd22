/**
 * The job nobody remembers: now and then it connects as `shop_batch`, writes one row and is gone again, so that
 * a list of sessions hardly ever shows it and only the write position gives it away.
 */
import { randomUUID } from 'node:crypto';
import { pause as sleep } from '../../src/util/wait.ts';
import { commitEntry, type Ledger, type WrittenOn } from './ledger.ts';
import type { ShopDatabase, ShopLogin } from './port.ts';

export class BackgroundJob {
  private stopping = new AbortController();
  private loop: Promise<void> | null = null;

  constructor(
    private readonly database: ShopDatabase,
    private readonly ledger: Ledger,
    private readonly everyMs: number,
  ) {}

  get running(): boolean {
    return this.loop !== null;
  }

  /** It keeps to this server until it is stopped. */
  start(login: ShopLogin, on: WrittenOn): void {
    this.stopping = new AbortController();
    this.loop = this.run(login, on, this.stopping.signal);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
    this.loop = null;
  }

  /** One run of the job. Resolves when the row is committed and the connection closed. */
  async writeOnce(login: ShopLogin, on: WrittenOn): Promise<void> {
    const session = await this.database.connect(login);
    try {
      const reference = randomUUID();
      const counted = 1 + Math.floor(Math.random() * 1_000);
      await commitEntry(session, this.ledger, { table: 'stock_checks', reference, amount: String(counted), on }, () =>
        session.writeStockCheck({ reference, warehouse: 'Hall "B" 🏬', counted }),
      );
    } finally {
      await session.end();
    }
  }

  private async run(login: ShopLogin, on: WrittenOn, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      // a server that does not answer now is asked again next time
      await this.writeOnce(login, on).catch(() => undefined);
      await sleep(this.everyMs, signal).catch(() => undefined);
    }
  }
}
