/** Settings that keep writes out of the binary log although it is on. */
import { optional, type Link } from './link.ts';

export interface LogSettings {
  /** as `name = value` */
  readonly unlogged: readonly string[];
  /** what other nodes of the cluster write is not in this log at all */
  readonly blind: boolean;
}

const NAMES = ['log_bin', 'log_slave_updates', 'log_replica_updates', 'wsrep_on'];

export async function readLogSettings(link: Link, signal: AbortSignal): Promise<LogSettings> {
  const list = NAMES.map((name) => `'${name}'`).join(', ');
  const answer = await link.query(`SHOW GLOBAL VARIABLES WHERE Variable_name IN (${list})`, signal);
  const values = new Map(answer.rows.map(([name, value]) => [name ?? '', value ?? '']));
  if (values.get('log_bin') !== 'ON') return { unlogged: [], blind: false };
  const replicas = values.has('log_replica_updates') ? 'log_replica_updates' : 'log_slave_updates';
  // a node of a cluster that writes what its peers wrote into its tables only
  const blind = values.get('wsrep_on') === 'ON' && values.get(replicas) !== 'ON';
  const status = await optional(link, link.dialect.binlogStatus, signal);
  const filter = (column: string) => status?.rows[0]?.[status.columns.indexOf(column)] ?? '';
  const filters = (['Binlog_Do_DB', 'Binlog_Ignore_DB'] as const)
    .filter((column) => filter(column) !== '')
    .map((column) => `${column.toLowerCase()} = ${filter(column)}`);
  return { unlogged: [...filters, ...(blind ? [`${replicas} = OFF`] : [])], blind };
}
