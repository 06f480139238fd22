/** Two PostgreSQL servers, the shop writing to the first, and a migration to the second: a world without DTS's interface. */
import { Business } from '../business/shop.ts';
import { createShop, grantShop, grantShopLater, SHOP_DATABASE } from '../business/schema.ts';
import { startPostgres, type PostgresServer, type StartPostgres, type PostgresVersion } from '../postgres.ts';
import { createAccounts, newAccounts, type Accounts } from './accounts.ts';
import { PostgresMigration, SOURCE_SETTINGS, TARGET_SETTINGS } from './postgres.ts';

export interface StageOptions {
  readonly jobId: string;
  /** default 18; the versions may differ */
  readonly versions?: { readonly source: PostgresVersion; readonly target: PostgresVersion };
  /** orders that are there from the beginning; default 20,000 */
  readonly orders?: number;
  readonly ordersPerSecond?: number;
  readonly backgroundEveryMs?: number;
  readonly syncSequences?: boolean;
  readonly log?: (line: string) => void;
}

export interface Stage {
  readonly source: PostgresServer;
  readonly target: PostgresServer;
  readonly accounts: Accounts;
  /** already writing */
  readonly business: Business;
  /** not started yet */
  readonly migration: PostgresMigration;
  /** leaves no process, connection, port or folder; may be called more than once */
  stop(): Promise<void>;
}

/** Starts the servers, loads the shop's data and lets the business write to the source. About 3 s. */
export async function startStage(options: StageOptions): Promise<Stage> {
  const log = options.log ?? (() => undefined);
  const accounts = newAccounts();
  const opened: { close(): Promise<void> }[] = [];
  let stopped: Promise<void> | null = null;
  const stop = () => (stopped ??= closeAll(opened));
  try {
    const start = async (version: PostgresVersion | undefined, settings: StartPostgres['settings'] & object) => {
      const server = await startPostgres({ version: version ?? '18', settings });
      opened.push({ close: () => server.stop() });
      return server;
    };
    const starting = [
      start(options.versions?.source, SOURCE_SETTINGS),
      start(options.versions?.target, TARGET_SETTINGS),
    ] as const;
    // when one fails the other is still to be stopped
    await Promise.allSettled(starting);
    const [source, target] = await Promise.all(starting);
    await Promise.all([createAccounts(source, accounts), createAccounts(target, accounts)]);
    await loadShop(source, target, options.orders ?? 20_000);
    log(`source on port ${source.port} and target on port ${target.port} are up`);

    const passwords = { shop_app: accounts.shop_app.password, shop_batch: accounts.shop_batch.password };
    const { ordersPerSecond, backgroundEveryMs, syncSequences } = options;
    const business = new Business({
      ...{ source, target, passwords, log },
      ...(ordersPerSecond === undefined ? {} : { ordersPerSecond }),
      ...(backgroundEveryMs === undefined ? {} : { backgroundEveryMs }),
    });
    opened.push(business);
    await business.start();

    const end = ({ host, port }: PostgresServer) => ({ host, port, ...accounts.dts_migrator });
    const migration = new PostgresMigration({
      ...{ jobId: options.jobId, database: SHOP_DATABASE, source: end(source), target: end(target), log },
      ...(syncSequences === undefined ? {} : { syncSequences }),
    });
    opened.push(migration);
    return { source, target, accounts, business, migration, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function loadShop(source: PostgresServer, target: PostgresServer, orders: number): Promise<void> {
  const left = await source.connect({ database: SHOP_DATABASE });
  await createShop(left, orders);
  await grantShop(left);
  await left.end();
  const right = await target.connect({ database: SHOP_DATABASE });
  await grantShopLater(right, 'dts_migrator');
  await right.end();
}

/** In reverse order, all of them, whatever happens to one. */
async function closeAll(opened: readonly { close(): Promise<void> }[]): Promise<void> {
  const errors: unknown[] = [];
  for (const one of opened.toReversed()) await one.close().catch((error: unknown) => errors.push(error));
  if (errors.length > 0) throw new AggregateError(errors, 'The sandbox could not be stopped cleanly.');
}
