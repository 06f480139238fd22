import { SHOP_DATABASE } from '../../business/schema.ts';
import type { PostgresServer } from '../../postgres.ts';
import { ACCOUNT_NAMES, type AccountName, type Accounts } from '../accounts.ts';

const RIGHTS: Readonly<Record<AccountName, string>> = {
  // for it creates subscriptions and publishes every table
  dts_migrator: 'superuser',
  observer: 'in role pg_monitor, pg_read_all_data, pg_signal_backend',
  reader: 'in role pg_monitor, pg_read_all_data',
  limited: 'in role pg_read_all_data',
  shop_app: '',
  shop_batch: '',
};

/** Makes the accounts and the shop's empty database on a server. */
export async function createAccounts(server: PostgresServer, accounts: Accounts): Promise<void> {
  const client = await server.connect();
  try {
    for (const name of ACCOUNT_NAMES) {
      const password = client.escapeLiteral(accounts[name].password);
      await client.query(`create role ${name} login password ${password} ${RIGHTS[name]}`);
    }
    await client.query(`create database ${SHOP_DATABASE}`);
  } finally {
    await client.end();
  }
}
