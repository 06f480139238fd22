/** Two servers, the shop writing to the first, and a migration to the second: a world without DTS's interface. */
import type { ShopDatabase } from '../business/port.ts';
import { SHOP_DATABASE } from '../business/schema.ts';
import { Business } from '../business/shop.ts';
import type { SandboxServer } from '../server.ts';
import { newAccounts, type Accounts } from './accounts.ts';
import { Migration } from './migration.ts';
import type { Mover, MoverOptions } from './mover.ts';

export interface StageOptions {
  readonly jobId: string;
  /** orders that are there from the beginning; default 20,000 */
  readonly orders?: number;
  readonly ordersPerSecond?: number;
  readonly backgroundEveryMs?: number;
  readonly syncSequences?: boolean;
  readonly log?: (line: string) => void;
}

/** What of a stage depends on the database product. */
export interface StageParts<Server extends SandboxServer, M extends Mover> {
  start(side: 'source' | 'target'): Promise<Server>;
  /** the accounts and the shop's empty database */
  createAccounts(server: Server, accounts: Accounts): Promise<void>;
  /** the shop's tables and rows on the source, and its rights on both sides */
  loadShop(source: Server, target: Server, orders: number): Promise<void>;
  readonly shop: ShopDatabase;
  mover(options: MoverOptions): M;
}

export interface Stage<Server extends SandboxServer = SandboxServer, M extends Mover = Mover> {
  readonly source: Server;
  readonly target: Server;
  readonly accounts: Accounts;
  /** already writing */
  readonly business: Business;
  /** not started yet */
  readonly migration: Migration;
  /** what the migration moves with */
  readonly mover: M;
  /** leaves no process, connection, port or folder; may be called more than once */
  stop(): Promise<void>;
}

/** Starts the servers, loads the shop's data and lets the business write to the source. About 3 s. */
export async function startStage<Server extends SandboxServer, M extends Mover>(
  parts: StageParts<Server, M>,
  options: StageOptions,
): Promise<Stage<Server, M>> {
  const log = options.log ?? (() => undefined);
  const accounts = newAccounts();
  const opened: { close(): Promise<void> }[] = [];
  let stopped: Promise<void> | null = null;
  const stop = () => (stopped ??= closeAll(opened));
  try {
    const start = async (side: 'source' | 'target') => {
      const server = await parts.start(side);
      opened.push({ close: () => server.stop() });
      return server;
    };
    const starting = [start('source'), start('target')] as const;
    // when one fails the other is still to be stopped
    await Promise.allSettled(starting);
    const [source, target] = await Promise.all(starting);
    await Promise.all([parts.createAccounts(source, accounts), parts.createAccounts(target, accounts)]);
    await parts.loadShop(source, target, options.orders ?? 20_000);
    log(`source on port ${source.port} and target on port ${target.port} are up`);

    const passwords = { shop_app: accounts.shop_app.password, shop_batch: accounts.shop_batch.password };
    const { ordersPerSecond, backgroundEveryMs, syncSequences } = options;
    const business = new Business({
      ...{ database: parts.shop, source, target, passwords, log },
      ...(ordersPerSecond === undefined ? {} : { ordersPerSecond }),
      ...(backgroundEveryMs === undefined ? {} : { backgroundEveryMs }),
    });
    opened.push(business);
    await business.start();

    const end = ({ host, port }: Server) => ({ host, port, ...accounts.dts_migrator });
    const moved = { database: SHOP_DATABASE, log };
    const mover = parts.mover({ ...moved, jobId: options.jobId, source: end(source), target: end(target) });
    const migration = new Migration(mover, { ...moved, ...(syncSequences === undefined ? {} : { syncSequences }) });
    opened.push(migration);
    return { source, target, accounts, business, migration, mover, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** In reverse order, all of them, whatever happens to one. */
async function closeAll(opened: readonly { close(): Promise<void> }[]): Promise<void> {
  const errors: unknown[] = [];
  for (const one of opened.toReversed()) await one.close().catch((error: unknown) => errors.push(error));
  if (errors.length > 0) throw new AggregateError(errors, 'The sandbox could not be stopped cleanly.');
}
