import { createShop, grantShop, grantShopLater } from '../../business/postgres/schema.ts';
import { postgresShop } from '../../business/postgres/shop.ts';
import { SHOP_DATABASE } from '../../business/schema.ts';
import { startPostgres, type PostgresServer, type PostgresVersion } from '../../postgres.ts';
import { startStage, type Stage, type StageOptions } from '../stage.ts';
import { createAccounts } from './accounts.ts';
import { PostgresMover, SOURCE_SETTINGS, TARGET_SETTINGS } from './mover.ts';

export interface PostgresStageOptions extends StageOptions {
  /** default 18; the versions may differ */
  readonly versions?: { readonly source: PostgresVersion; readonly target: PostgresVersion };
}

export function startPostgresStage(options: PostgresStageOptions): Promise<Stage<PostgresServer, PostgresMover>> {
  const settings = { source: SOURCE_SETTINGS, target: TARGET_SETTINGS };
  return startStage(
    {
      start: (side) => startPostgres({ version: options.versions?.[side] ?? '18', settings: settings[side] }),
      createAccounts,
      loadShop,
      shop: postgresShop,
      mover: (moved) => new PostgresMover(moved),
    },
    options,
  );
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
