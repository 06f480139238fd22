import { SHOP_DATABASE } from '../../business/schema.ts';
import type { Mongod } from '../../mongod.ts';
import { ACCOUNT_NAMES, type AccountName, type Accounts } from '../accounts.ts';

const shop = (role: string) => ({ role, db: SHOP_DATABASE });
const ROLES: Readonly<Record<AccountName, readonly (string | { readonly role: string; readonly db: string })[]>> = {
  dts_migrator: ['root'],
  observer: ['clusterMonitor', 'readAnyDatabase', 'hostManager'],
  reader: ['clusterMonitor', 'readAnyDatabase'],
  limited: [shop('read')],
  shop_app: [shop('readWrite')],
  shop_batch: [shop('readWrite')],
};

/** Makes the accounts on a server; a database comes to be with its first collection. */
export async function createAccounts(server: Mongod, accounts: Accounts): Promise<void> {
  const client = await server.client();
  try {
    for (const name of ACCOUNT_NAMES) {
      const { password } = accounts[name];
      await client.db('admin').command({ createUser: name, pwd: password, roles: ROLES[name] });
    }
  } finally {
    await client.close();
  }
}
