/** What will write later by itself: distributed transactions left open, and the jobs of SQL Server Agent. */
import type { PendingWriter } from '../../cutover/facts.ts';
import { isDenied } from './errors.ts';
import type { Link, Row } from './link.ts';
import { DISTRIBUTED, JOBS } from './sql/pending.ts';

export async function listPendingWriters(link: Link, signal: AbortSignal): Promise<readonly PendingWriter[]> {
  // Azure SQL Database has neither the Agent nor its database
  if (link.about.azureDatabase) return [];
  return [...(await distributed(link, signal)), ...(await jobs(link, signal))];
}

async function distributed(link: Link, signal: AbortSignal): Promise<readonly PendingWriter[]> {
  const rows = await readable(link, DISTRIBUTED, signal);
  if (!rows) {
    // what cannot be looked at may be there
    return [
      {
        kind: 'prepared transaction',
        name: 'sys.dm_tran_active_transactions',
        detail: 'permission denied (VIEW SERVER STATE)',
        blocks: true,
      },
    ];
  }
  return rows.map((row) => ({
    kind: 'prepared transaction',
    name: row['uow'] ?? row['transaction_id'] ?? '',
    detail: `DTC, state ${row['state'] ?? '?'}, since ${row['began'] ?? '?'}`,
    blocks: true,
  }));
}

async function jobs(link: Link, signal: AbortSignal): Promise<readonly PendingWriter[]> {
  const rows = await readable(link, JOBS, signal);
  if (!rows) {
    return [
      {
        kind: 'job',
        name: 'SQL Server Agent',
        detail: 'msdb.dbo.sysjobs, sysjobschedules, sysschedules: permission denied',
        blocks: false,
      },
    ];
  }
  const byJob = new Map<string, Row[]>();
  for (const row of rows) byJob.set(row['job'] ?? '', [...(byJob.get(row['job'] ?? '') ?? []), row]);
  return [...byJob].map(([name, schedules]) => ({
    kind: 'job',
    name,
    detail: schedules.map(scheduleText).join('; '),
    blocks: false,
  }));
}

/** msdb keeps the next run as numbers: 20261122 and 213000; 0 when it has not been worked out. */
function scheduleText(row: Row): string {
  const [date, time] = [row['next_date'] ?? '0', (row['next_time'] ?? '0').padStart(6, '0')];
  const next = /^(\d{4})(\d{2})(\d{2})$/.exec(date);
  const when = next ? `, next ${next.slice(1).join('-')} ${time.slice(0, 2)}:${time.slice(2, 4)}` : '';
  return `${row['schedule'] ?? ''}${when} (${row['owner'] ?? '?'})`;
}

/** null where the account may not read it. */
async function readable(link: Link, sql: string, signal: AbortSignal): Promise<readonly Row[] | null> {
  try {
    return await link.rows(sql, signal);
  } catch (error) {
    if (isDenied(error)) return null;
    throw error;
  }
}
