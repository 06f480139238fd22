/** Settings that change what our statements mean or how the catalog answers, as the comparison needs them. */
import type { Link } from './link.ts';
import { quoteText } from './text.ts';

/** A longer range is seen to be cut, and added up row by row. */
export const GROUP_BYTES = 8_388_608;

/** Name and value in SQL. What a server does not know is left out; what the link itself sets is not repeated. */
const SETTINGS: readonly (readonly [string, string])[] = [
  ['character_set_client', 'utf8mb4'],
  ['character_set_results', 'utf8mb4'],
  // text is read as its bytes
  ['character_set_connection', 'binary'],
  ['collation_connection', 'binary'],
  ['group_concat_max_len', String(GROUP_BYTES)],
  ['sql_safe_updates', '0'],
  ['sql_auto_is_null', '0'],
  ['sql_quote_show_create', '1'],
  ['show_old_temporals', '0'],
  ['show_gipk_in_create_table_and_information_schema', '1'],
  // MySQL 8 answers from what it noted up to a day ago unless told otherwise
  ['information_schema_stats_expiry', '0'],
  ['div_precision_increment', '4'],
  ['lc_time_names', "'en_US'"],
];

export async function applySettings(link: Link, signal: AbortSignal): Promise<void> {
  const names = SETTINGS.map(([name]) => quoteText(name)).join(', ');
  const { rows } = await link.query(`SHOW SESSION VARIABLES WHERE Variable_name IN (${names})`, signal);
  const known = new Set(rows.map(([name]) => (name ?? '').toLowerCase()));
  const set = SETTINGS.filter(([name]) => known.has(name)).map(([name, value]) => `${name} = ${value}`);
  if (set.length > 0) await link.query(`SET SESSION ${set.join(', ')}`, signal);
}
