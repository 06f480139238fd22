import { createShopDatabase } from '../../business/mysql/schema.ts';
import { SHOP_DATABASE } from '../../business/schema.ts';
import type { MariaDb } from '../../mariadb.ts';
import { ACCOUNT_NAMES, type AccountName, type Accounts } from '../accounts.ts';

const RIGHTS: Readonly<Record<AccountName, string | null>> = {
  dts_migrator: 'all privileges on *.*',
  observer: 'select, show view, trigger, event, process, binlog monitor, slave monitor, connection admin on *.*',
  limited: `select on ${SHOP_DATABASE}.*`,
  shop_app: null,
  shop_batch: null,
};

/** Makes the accounts and the shop's empty database on a server. */
export async function createAccounts(server: MariaDb, accounts: Accounts): Promise<void> {
  const statements = ACCOUNT_NAMES.flatMap((name) => {
    const rights = RIGHTS[name];
    // a password is base64url
    const create = `create user ${name} identified by '${accounts[name].password}'`;
    return rights === null ? [create] : [create, `grant ${rights} to ${name}`];
  });
  await server.query(statements.join(';\n'));
  await createShopDatabase(server);
}
