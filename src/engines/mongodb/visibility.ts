/** May this account see everybody's sessions? By its privileges, and by trying what only `inprog` opens. */
import type { Document } from 'mongodb';
import type { Visibility } from '../../cutover/facts.ts';
import { sentence } from '../../util/sentence.ts';
import { unlistedMongos, type Deployment } from './deployment.ts';
import { CODE, errorNumber } from './errors.ts';
import type { Link } from './link.ts';
import { at, isDocument, quoteText, stringOf } from './text.ts';

export interface Account {
  readonly user: string;
  readonly db: string;
}

export function readConnectionStatus(link: Link, signal: AbortSignal): Promise<Document> {
  return link.command('admin', { connectionStatus: 1, showPrivileges: true }, signal);
}

export function accountsOf(status: Document): readonly Account[] {
  const users = at(status, 'authInfo', 'authenticatedUsers');
  return list(users).map((user) => ({ user: stringOf(at(user, 'user')), db: stringOf(at(user, 'db')) }));
}

export async function checkVisibility(deployment: Deployment, signal: AbortSignal): Promise<Visibility> {
  for (const member of deployment.members) {
    const visibility = await checkMember(member, signal);
    if (visibility.level === 'limited') return visibility;
  }
  if (deployment.kind === 'sharded') {
    const limited = await checkMongos(deployment, signal);
    if (limited) return limited;
  }
  return checkMember(deployment.main, signal);
}

async function checkMember(link: Link, signal: AbortSignal): Promise<Visibility> {
  const status = await readConnectionStatus(link, signal);
  const [account] = accountsOf(status);
  const open = await opens(link, signal);
  if (!account) {
    return open
      ? { level: 'full', how: sentence('{endpoint} asks for no login.', { endpoint: link.where.endpoint }) }
      : {
          level: 'limited',
          missing: sentence('Without a login no sessions of others can be seen.'),
          grant:
            'db.getSiblingDB("admin").createUser({user: "dts_cutover", pwd: passwordPrompt(), ' +
            'roles: [{role: "clusterMonitor", db: "admin"}]})',
        };
  }
  if (open && mayInspect(status)) {
    return { level: 'full', how: sentence('{account} may see every operation (inprog).', { account: account.user }) };
  }
  return {
    level: 'limited',
    missing: sentence('{account} sees its own operations only: it lacks inprog, which the role clusterMonitor holds.', {
      account: account.user,
    }),
    grant: grantRole(account, 'clusterMonitor', 'admin'),
  };
}

/** A mongos lists its own clients only. */
async function checkMongos(deployment: Deployment, signal: AbortSignal): Promise<Visibility | null> {
  const others = await unlistedMongos(deployment, signal);
  if (others?.length === 0) return null;
  return {
    level: 'limited',
    missing:
      others === null
        ? sentence('It cannot be told whether the cluster has other mongos, whose clients are not seen here.')
        : sentence('Clients of other mongos are not seen: add {mongos} to the addresses of the connection.', {
            mongos: others.join(', '),
          }),
    grant: 'db.getSiblingDB("config").mongos.find()',
  };
}

/** The statement that gives a role, run in the database of the account. */
export function grantRole({ user, db }: Account, role: string, roleDb: string): string {
  return (
    `db.getSiblingDB(${quoteText(db)}).grantRolesToUser(${quoteText(user)}, ` +
    `[{role: ${quoteText(role)}, db: ${quoteText(roleDb)}}])`
  );
}

/** Servers guard this by `inprog` themselves. */
async function opens(link: Link, signal: AbortSignal): Promise<boolean> {
  const pipeline = [{ $currentOp: { allUsers: true } }, { $limit: 1 }];
  try {
    await link.aggregate('admin', null, pipeline, signal);
    return true;
  } catch (error) {
    if (errorNumber(error) !== CODE.unauthorized) throw error;
    return false;
  }
}

const ROLES = new Set(['clusterMonitor', 'clusterAdmin', 'root', '__system']);

function mayInspect(status: Document): boolean {
  const granted = list(at(status, 'authInfo', 'authenticatedUserPrivileges')).some((privilege) => {
    const resource = at(privilege, 'resource');
    const everything = at(resource, 'cluster') === true || at(resource, 'anyResource') === true;
    return everything && list(at(privilege, 'actions')).some((action) => action === 'inprog' || action === 'anyAction');
  });
  const roles = list(at(status, 'authInfo', 'authenticatedUserRoles'));
  return granted || roles.some((role) => at(role, 'db') === 'admin' && ROLES.has(stringOf(at(role, 'role'))));
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.filter((each) => isDocument(each) || typeof each === 'string') : [];
}
