import { createShopDatabase } from '../../business/mysql/schema.ts';
import { SHOP_DATABASE } from '../../business/schema.ts';
import type { MysqlServer } from '../../mysqlProcess.ts';
import { ACCOUNT_NAMES, type AccountName, type Accounts } from '../accounts.ts';

/** What README asks for. */
const READER: Readonly<Record<MysqlServer['product'], string>> = {
  mysql: 'select, show view, trigger, event, process, replication client, replication slave',
  mariadb: 'select, show view, trigger, event, process, binlog monitor, slave monitor',
};
const END_SESSIONS: Readonly<Record<MysqlServer['product'], string>> = {
  mysql: 'connection_admin',
  mariadb: 'connection admin',
};

const rightsOf = (product: MysqlServer['product']): Readonly<Record<AccountName, string | null>> => ({
  dts_migrator: 'all privileges on *.*',
  observer: `${READER[product]}, ${END_SESSIONS[product]} on *.*`,
  reader: `${READER[product]} on *.*`,
  limited: `select on ${SHOP_DATABASE}.*`,
  shop_app: null,
  shop_batch: null,
});

/** Makes the accounts and the shop's empty database on a server. */
export async function createAccounts(server: MysqlServer, accounts: Accounts): Promise<void> {
  const granted = rightsOf(server.product);
  const statements = ACCOUNT_NAMES.flatMap((name) => {
    const rights = granted[name];
    // a password is base64url
    const create = `create user ${name} identified by '${accounts[name].password}'`;
    return rights === null ? [create] : [create, `grant ${rights} to ${name}`];
  });
  await server.query(statements.join(';\n'));
  await createShopDatabase(server);
}
