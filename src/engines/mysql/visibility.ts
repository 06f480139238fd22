/** May this account see everybody's sessions? Two independent signs: its grants, and whether a guarded view opens. */
import type { Visibility } from '../../cutover/facts.ts';
import { sentence } from '../../util/sentence.ts';
import { optional, type Link } from './link.ts';
import { isSystemSchema, quoteAccount } from './text.ts';

export async function checkVisibility(link: Link, signal: AbortSignal): Promise<Visibility> {
  const account = (await link.query('SELECT CURRENT_USER()', signal)).rows[0]?.[0] ?? '';
  const granted = (await readGlobalPrivileges(link, signal)).has('PROCESS');
  // the server guards this view by PROCESS itself, so roles and managed accounts are judged as it judges them
  const opens = (await optional(link, 'SELECT 1 FROM information_schema.INNODB_TRX LIMIT 1', signal)) !== null;
  if (opens && granted) return { level: 'full', how: sentence('{account} holds PROCESS.', { account }) };
  if (opens) {
    return { level: 'full', how: sentence('{account} may read what only PROCESS opens.', { account }) };
  }
  return {
    level: 'limited',
    missing: sentence('Without PROCESS {account} sees its own sessions only.', { account }),
    grant: `GRANT PROCESS ON *.* TO ${quoteAccount(account)};`,
  };
}

/** Privileges on `*.*`, those of active roles included, in upper case; ALL PRIVILEGES stands for every one. */
export async function readGlobalPrivileges(link: Link, signal: AbortSignal): Promise<Privileges> {
  const answer = await link.query('SHOW GRANTS', signal);
  return globalPrivileges(answer.rows.map((row) => row[0] ?? ''));
}

export interface Privileges {
  has(privilege: string): boolean;
}

/** From the lines of SHOW GRANTS; pure. What was taken back on one database is not held on all. */
export function globalPrivileges(lines: readonly string[]): Privileges {
  const held = new Set<string>();
  const partly = new Set<string>();
  for (const line of lines) {
    const [, revoked = '', database = ''] = /^\s*REVOKE\s+(.+?)\s+ON\s+`([^.]+)`\./is.exec(line) ?? [];
    if (!isSystemSchema(database))
      for (const privilege of revoked.split(',')) partly.add(privilege.trim().toUpperCase());
    const match = /^\s*GRANT\s+(.+?)\s+ON\s+(?:`?\*`?\.`?\*`?)\s+TO\s/is.exec(line);
    for (const privilege of match?.[1]?.split(',') ?? []) held.add(privilege.trim().toUpperCase());
  }
  const all = held.has('ALL PRIVILEGES') || held.has('ALL');
  return {
    has: (privilege) => (all || held.has(privilege.toUpperCase())) && !partly.has(privilege.toUpperCase()),
  };
}
