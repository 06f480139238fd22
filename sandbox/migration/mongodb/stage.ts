import { createShop } from '../../business/mongodb/schema.ts';
import { mongodbShop } from '../../business/mongodb/shop.ts';
import { SHOP_DATABASE } from '../../business/schema.ts';
import { startMongod, type Mongod } from '../../mongod.ts';
import { startStage, type Stage, type StageOptions } from '../stage.ts';
import { createAccounts } from './accounts.ts';
import { MongodbMover } from './mover.ts';

export function startMongodbStage(options: StageOptions): Promise<Stage<Mongod, MongodbMover>> {
  return startStage(
    {
      start: () => startMongod(),
      createAccounts,
      async loadShop(source, _target, orders) {
        const client = await source.client();
        await createShop(client.db(SHOP_DATABASE), orders).finally(() => client.close());
      },
      shop: mongodbShop,
      mover: (moved) => new MongodbMover(moved),
    },
    options,
  );
}
