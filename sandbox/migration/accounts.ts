/** The accounts of the sandbox's servers, the same on both sides, each with a password of its own made at the start. */
import { randomBytes } from 'node:crypto';
import { SHOP_ACCOUNTS, SHOP_DATABASE } from '../business/schema.ts';
import type { PostgresServer } from '../postgres.ts';

export interface Account {
  readonly user: string;
  readonly password: string;
}

export const ACCOUNT_NAMES = ['dts_migrator', 'observer', 'limited', ...SHOP_ACCOUNTS] as const;
export type AccountName = (typeof ACCOUNT_NAMES)[number];
export type Accounts = Readonly<Record<AccountName, Account>>;

/**
 * - `dts_migrator`: DTS's; superuser, for it creates subscriptions and publishes every table
 * - `observer`: for the extension; sees every session, reads every table, may end sessions
 * - `limited`: reads every table and sees only its own session
 * - the shop's: may log in; what they may do in the shop's database is granted with its tables
 */
const RIGHTS: Readonly<Record<AccountName, string>> = {
  dts_migrator: 'superuser',
  observer: 'in role pg_monitor, pg_read_all_data, pg_signal_backend',
  limited: 'in role pg_read_all_data',
  shop_app: '',
  shop_batch: '',
};

export function newAccounts(): Accounts {
  const account = (user: AccountName): Account => ({ user, password: randomBytes(12).toString('base64url') });
  return {
    dts_migrator: account('dts_migrator'),
    observer: account('observer'),
    limited: account('limited'),
    shop_app: account('shop_app'),
    shop_batch: account('shop_batch'),
  };
}

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
