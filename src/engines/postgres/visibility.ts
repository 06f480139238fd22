/** May this account see everybody's sessions? Own rows are always shown in full; others' only to whom this says. */
import type { Visibility } from '../../cutover/facts.ts';
import { sentence } from '../../util/sentence.ts';
import type { Backend } from './backend.ts';
import { quoteIdentifier } from './text.ts';

const QUERY = `
  SELECT current_user AS account, current_setting('is_superuser') AS superuser,
    current_setting('server_version_num')::int AS version,
    current_setting('track_activities') AS tracked,
    (SELECT pg_has_role(oid, 'USAGE') FROM pg_roles WHERE rolname = 'pg_read_all_stats') AS usage,
    (SELECT pg_has_role(oid, 'MEMBER') FROM pg_roles WHERE rolname = 'pg_read_all_stats') AS member`;

export async function checkVisibility(backend: Backend, signal: AbortSignal): Promise<Visibility> {
  const [row] = await backend.rows(QUERY, [], signal);
  const account = row?.['account'] ?? '';
  const role = quoteIdentifier(account);
  if (backend.pooled) {
    return {
      level: 'limited',
      missing: sentence(
        '{endpoint} is a connection pooler: the clients that wait in it are not seen, our own sessions cannot be told from theirs, and it may lead to another server tomorrow. Connect to the server itself.',
        { endpoint: backend.where.endpoint },
      ),
      grant: '',
    };
  }
  if (row?.['tracked'] === 'off') {
    return {
      level: 'limited',
      missing: sentence('The server does not track what sessions do (track_activities is off).'),
      grant: 'ALTER SYSTEM SET track_activities = on; SELECT pg_reload_conf();',
    };
  }
  if (row?.['superuser'] === 'on') return { level: 'full', how: sentence('{account} is a superuser', { account }) };
  if (row?.['usage'] === 't') {
    return { level: 'full', how: sentence('{account} has the rights of pg_read_all_stats', { account }) };
  }
  if (row?.['member'] === 't') {
    // a member that does not inherit sees nothing until it says SET ROLE
    return {
      level: 'limited',
      missing: sentence('{account} is a member of pg_read_all_stats without inheriting its rights.', { account }),
      grant:
        Number(row['version']) >= 160_000
          ? `GRANT pg_monitor TO ${role} WITH INHERIT TRUE;`
          : `ALTER ROLE ${role} INHERIT;`,
    };
  }
  return {
    level: 'limited',
    missing: sentence('{account} sees its own sessions only: it lacks pg_monitor (or pg_read_all_stats).', { account }),
    grant: Number(row?.['version']) >= 100_000 ? `GRANT pg_monitor TO ${role};` : `ALTER ROLE ${role} SUPERUSER;`,
  };
}
