/** May this account see everybody's sessions? The server itself answers what the account holds, roles included. */
import type { Visibility } from '../../cutover/facts.ts';
import { sentence } from '../../util/sentence.ts';
import { majorOf } from './dialect.ts';
import type { Link } from './link.ts';
import { PERMISSIONS } from './sql/server.ts';
import { quoteName } from './text.ts';

/** SQL Server 2022 split VIEW SERVER STATE in two; both halves are needed, and the old right covers them. */
const SPLIT_SINCE = 16;

export async function checkVisibility(link: Link, signal: AbortSignal): Promise<Visibility> {
  const [row] = await link.rows(PERMISSIONS, signal);
  const holds = (column: string) => row?.[column] === '1';
  const account = row?.['account'] ?? link.where.user;
  if (link.about.azureDatabase) return azure(account, row?.['database_name'] ?? '', holds('database_state'));
  if (holds('server_state')) {
    return { level: 'full', how: sentence('{account} holds VIEW SERVER STATE.', { account }) };
  }
  const split = majorOf(link.about.version) >= SPLIT_SINCE;
  if (split && holds('performance_state') && holds('security_state')) {
    return {
      level: 'full',
      how: sentence('{account} holds VIEW SERVER PERFORMANCE STATE and VIEW SERVER SECURITY STATE.', { account }),
    };
  }
  return {
    level: 'limited',
    missing: sentence('Without VIEW SERVER STATE {account} sees its own sessions only.', { account }),
    grant: `GRANT VIEW SERVER STATE TO ${quoteName(account)};`,
  };
}

/** There every database keeps its own list of sessions. */
function azure(account: string, database: string, granted: boolean): Visibility {
  if (granted) {
    return {
      level: 'full',
      how: sentence('{account} holds VIEW DATABASE STATE; Azure SQL Database lists the sessions of {database} only.', {
        account,
        database,
      }),
    };
  }
  return {
    level: 'limited',
    missing: sentence('Without VIEW DATABASE STATE {account} sees its own sessions only.', { account }),
    grant: `GRANT VIEW DATABASE STATE TO ${quoteName(account)};`,
  };
}
