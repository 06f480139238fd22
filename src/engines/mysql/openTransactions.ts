/** Transactions that have changed rows and not ended: what they wrote is counted already, and shows to others later. */
import { pause } from '../../util/wait.ts';
import { optional, type Link } from './link.ts';

const QUERY = 'SELECT trx_id FROM information_schema.INNODB_TRX WHERE trx_rows_modified > 0';

/** InnoDB answers from what it noted before as long as somebody asked within the last 100 ms, be it us. */
const NOTED_MS = 110;

/** Their ids; null where the account may not see them. */
export async function readOpenTransactions(link: Link, signal: AbortSignal): Promise<readonly string[] | null> {
  await pause(NOTED_MS, signal);
  const answer = await optional(link, QUERY, signal);
  return answer && answer.rows.map(([id]) => id ?? '');
}
