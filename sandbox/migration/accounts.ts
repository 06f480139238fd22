/** The accounts of the sandbox's servers, the same on both sides, each with a password of its own made at the start. */
import { randomBytes } from 'node:crypto';
import { SHOP_ACCOUNTS } from '../business/schema.ts';

export interface Account {
  readonly user: string;
  readonly password: string;
}

/**
 * - `dts_migrator`: DTS's; may do everything
 * - `observer`: for the extension; sees every session, reads every table, may end sessions
 * - `reader`: for the extension; exactly the rights that README asks for
 * - `limited`: reads every table and sees only its own session
 * - the shop's: what they may do in the shop's database is granted with it
 */
export const ACCOUNT_NAMES = ['dts_migrator', 'observer', 'reader', 'limited', ...SHOP_ACCOUNTS] as const;
export type AccountName = (typeof ACCOUNT_NAMES)[number];
export type Accounts = Readonly<Record<AccountName, Account>>;

export function newAccounts(): Accounts {
  const account = (user: AccountName): Account => ({ user, password: randomBytes(12).toString('base64url') });
  return {
    dts_migrator: account('dts_migrator'),
    observer: account('observer'),
    reader: account('reader'),
    limited: account('limited'),
    shop_app: account('shop_app'),
    shop_batch: account('shop_batch'),
  };
}
