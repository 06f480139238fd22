/** Whether the account exists that a view, routine, trigger or event works with: without it every use of them fails. */
import type { SchemaObject } from '../../comparison/port.ts';
import { sentence } from '../../util/sentence.ts';
import type { Snapshot } from './digest-snapshot.ts';
import { errorNumber } from './errors.ts';

export type Fails = Pick<SchemaObject, 'fails'>;

/** For the text of a DEFINER column, `user@host` or the name of a role. */
export type Definers = (definer: string) => Fails;

export async function readDefiners(snapshot: Snapshot, signal: AbortSignal): Promise<Definers> {
  const { endpoint } = snapshot;
  const accounts = await allAccounts(snapshot, signal);
  const own = (await snapshot.ask('SELECT CURRENT_USER()', signal))[0]?.[0] ?? '';
  return (definer) => {
    if (definer === '' || definer === own || accounts?.some((account) => serves(account, definer))) return {};
    const why = accounts
      ? sentence('{endpoint} has no account {account}, its definer: there it fails whenever it is used.', {
          endpoint,
          account: definer,
        })
      : sentence(
          'The account on {endpoint} may not see whether there is a {account}, by whose rights views, routines, triggers or events work: without it they fail. It lacks SELECT (User, Host) ON mysql.user.',
          { endpoint, account: definer },
        );
    return { fails: { known: accounts !== null, why } };
  };
}

interface Account {
  readonly user: string;
  /** may hold wildcards; empty for a role of MariaDB */
  readonly host: string;
}

/** ER_DBACCESS_DENIED_ERROR, ER_TABLEACCESS_DENIED_ERROR, ER_COLUMNACCESS_DENIED_ERROR */
const DENIED: ReadonlySet<number> = new Set([1044, 1142, 1143]);

/** null where the account may not see them */
async function allAccounts(snapshot: Snapshot, signal: AbortSignal): Promise<readonly Account[] | null> {
  try {
    const rows = await snapshot.ask('SELECT User, Host FROM mysql.user', signal);
    return rows.map(([user, host]) => ({ user: user ?? '', host: host ?? '' }));
  } catch (error) {
    if (DENIED.has(errorNumber(error))) return null;
    throw error;
  }
}

/** The server looks for a definer as it does for somebody who logs in from the definer's host. */
function serves({ user, host }: Account, definer: string): boolean {
  const at = definer.lastIndexOf('@');
  if (user !== (at < 0 ? definer : definer.slice(0, at))) return false;
  const from = at < 0 ? '' : definer.slice(at + 1);
  if (host === '' || from === '') return host === from;
  const pattern = host.replace(/[%_]|[.*+?^${}()|[\]\\]/g, (sign) =>
    sign === '%' ? '.*' : sign === '_' ? '.' : `\\${sign}`,
  );
  return new RegExp(`^${pattern}$`, 'is').test(from);
}
