import { createShop } from '../../business/mysql/schema.ts';
import { mysqlShop } from '../../business/mysql/shop.ts';
import { startMariaDb, type MariaDb } from '../../mariadb.ts';
import { startStage, type Stage, type StageOptions } from '../stage.ts';
import { createAccounts } from './accounts.ts';
import { MysqlMover } from './mover.ts';

/** Needs an installed `mariadbd`. */
export function startMysqlStage(options: StageOptions): Promise<Stage<MariaDb, MysqlMover>> {
  // each side numbers its transactions in a domain of its own, so that what the target writes cannot be taken for the source's
  const domain = { source: '1', target: '2' };
  return startStage(
    {
      start: (side) => startMariaDb({ settings: { 'gtid-domain-id': domain[side] } }),
      createAccounts,
      loadShop: (source, _target, orders) => createShop(source, orders),
      shop: mysqlShop,
      mover: (moved) => new MysqlMover(moved),
    },
    options,
  );
}
