/**
 * The job nobody remembers: now and then it connects as `shop_batch`, writes one row and is gone again, so that
 * a list of sessions hardly ever shows it and only the write position gives it away.
 */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { pause as sleep } from '../../src/util/wait.ts';
import { commitEntry, type Ledger, type WrittenOn } from './ledger.ts';

export class BackgroundJob {
  private stopping = new AbortController();
  private loop: Promise<void> | null = null;

  constructor(
    private readonly ledger: Ledger,
    private readonly everyMs: number,
  ) {}

  get running(): boolean {
    return this.loop !== null;
  }

  /** It keeps to this server until it is stopped. */
  start(login: pg.ClientConfig, on: WrittenOn): void {
    this.stopping = new AbortController();
    this.loop = this.run(login, on, this.stopping.signal);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
    this.loop = null;
  }

  /** One run of the job. Resolves when the row is committed and the connection closed. */
  async writeOnce(login: pg.ClientConfig, on: WrittenOn): Promise<void> {
    const client = new pg.Client(login);
    client.on('error', () => undefined);
    await client.connect();
    try {
      const reference = randomUUID();
      const counted = 1 + Math.floor(Math.random() * 1_000);
      await commitEntry(client, this.ledger, async () => {
        const { rows } = await client.query<{ id: string; xid: string }>(
          `insert into stock_checks (reference, warehouse, counted) values ($1, 'Hall "B" 🏬', $2)
           returning id, pg_current_xact_id()::text as xid`,
          [reference, counted],
        );
        const { id, xid } = rows[0] ?? { id: '', xid: '' };
        return { xid, entry: { table: 'stock_checks', id, reference, amount: String(counted), on } };
      });
    } finally {
      await client.end();
    }
  }

  private async run(login: pg.ClientConfig, on: WrittenOn, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      // a server that does not answer now is asked again next time
      await this.writeOnce(login, on).catch(() => undefined);
      await sleep(this.everyMs, signal).catch(() => undefined);
    }
  }
}
