import { createShop } from '../../business/mysql/schema.ts';
import { mysqlShop } from '../../business/mysql/shop.ts';
import { startMariaDb } from '../../mariadb.ts';
import type { MysqlServer } from '../../mysqlProcess.ts';
import { startMySql } from '../../mysqlServer.ts';
import { startStage, type Stage, type StageOptions } from '../stage.ts';
import { createAccounts } from './accounts.ts';
import { MysqlMover } from './mover.ts';
import { REPLICATION } from './replication.ts';

const START = { mysql: startMySql, mariadb: startMariaDb } as const;

/** Two servers of one product; rejects with one line where it cannot be had. */
export function startMysqlStage(
  product: MysqlServer['product'],
  options: StageOptions,
): Promise<Stage<MysqlServer, MysqlMover>> {
  return startStage(
    {
      start: (side) => START[product]({ settings: REPLICATION[product].settings(side) }),
      createAccounts,
      loadShop: (source, _target, orders) => createShop(source, orders),
      shop: mysqlShop,
      mover: (moved) => new MysqlMover(product, moved),
    },
    options,
  );
}
