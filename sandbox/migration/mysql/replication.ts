/** What MySQL and MariaDB say differently about copying and following, said once for each. */
import type { Pool } from 'mysql2/promise';
import { findMySql } from '../../../scripts/servers/mysql.ts';
import { rowsOf } from '../../mysqlSession.ts';
import { textIn, type Row } from '../../server.ts';
import type { MigrationEnd } from '../mover.ts';

/** program and first arguments */
type Command = readonly [string, ...string[]];

export interface Replication {
  /** what the servers need on their command lines */
  settings(side: 'source' | 'target'): Readonly<Record<string, string>>;
  /** for every session of the mover */
  readonly session: string;
  /** the vendor's own programs; what is dumped tells from where on the changes are to be followed */
  programs(): Promise<{ readonly dump: Command; readonly load: Command }>;
  /** a row with `File` and `Position` */
  readonly logEnd: string;
  /** columns of SHOW REPLICA STATUS: the place up to which everything is applied */
  readonly applied: { readonly file: string; readonly position: string };
  /** Makes the target follow these databases of the source from where the dump told, once it is let. */
  follow(target: Pool, source: MigrationEnd, databases: readonly string[]): Promise<void>;
  /** Nothing of it is left; it applies nothing any more before. */
  forget(target: Pool): Promise<void>;
  /** the server's words when it gave up applying; '' while it goes on */
  error(target: Pool, status: Row | undefined): Promise<string>;
}

const DUMP_OPTIONS = ['--single-transaction', '--routines', '--triggers', '--events', '--hex-blob'];
const LOAD_OPTIONS = ['--binary-mode'];

/** `name.%` as a pattern in which the name's own wildcards are none. */
const everythingOf = (database: string) => `${database.replace(/[_%\\]/g, '\\$&')}.%`;

const mariadb: Replication = {
  // each side numbers its transactions in a domain of its own, so that what the target writes is not taken for the source's
  settings: (side) => ({
    'gtid-domain-id': side === 'source' ? '1' : '2',
    // off by default, and what replication writes into the target is in no log of it
    'performance-schema': 'ON',
  }),
  session: 'set session lock_wait_timeout = 2, innodb_lock_wait_timeout = 2',
  programs: () =>
    Promise.resolve({
      dump: ['mariadb-dump', '--no-defaults', ...DUMP_OPTIONS, '--master-data=1', '--gtid'],
      load: ['mariadb', '--no-defaults', ...LOAD_OPTIONS],
    }),
  logEnd: 'show master status',
  applied: { file: 'Relay_Master_Log_File', position: 'Exec_Master_Log_Pos' },
  async follow(target, { host, port, user, password }, databases) {
    await target.query('set global replicate_wild_do_table = ?', [databases.map(everythingOf).join(',')]);
    const login = 'master_host = ?, master_port = ?, master_user = ?, master_password = ?';
    // a source that has nothing to send notices by its own sign of life that the target has left
    const liveliness = 'master_connect_retry = 1, master_heartbeat_period = 1';
    const change = `change master to ${login}, ${liveliness}, master_use_gtid = slave_pos`;
    await target.query(change, [host, port, user, password]);
  },
  async forget(target) {
    await target.query('reset slave all');
    await target.query("set global gtid_slave_pos = ''");
    await target.query("set global replicate_wild_do_table = ''");
  },
  error: (_target, status) => Promise.resolve(textIn(status, 'Last_SQL_Error')),
};

const mysql: Replication = {
  settings: (side) => ({
    'gtid-mode': 'ON',
    'enforce-gtid-consistency': 'ON',
    // a position that is applied is told within this time, in milliseconds
    ...(side === 'target' ? { 'replica-checkpoint-period': '100' } : {}),
  }),
  // the next number of a table is otherwise told as it was up to a day ago
  session: 'set session lock_wait_timeout = 2, innodb_lock_wait_timeout = 2, information_schema_stats_expiry = 0',
  async programs() {
    const installed = await findMySql();
    if (!installed) throw new Error('MySQL is not installed: its servers run, and its programs are not there.');
    return {
      dump: [...installed.command('mysqldump'), '--no-defaults', ...DUMP_OPTIONS, '--set-gtid-purged=ON'],
      load: [...installed.command('mysql'), '--no-defaults', ...LOAD_OPTIONS],
    };
  },
  logEnd: 'show binary log status',
  applied: { file: 'Relay_Source_Log_File', position: 'Exec_Source_Log_Pos' },
  async follow(target, { host, port, user, password }, databases) {
    const tables = databases.map(() => '?').join(', ');
    const filter = `change replication filter replicate_wild_do_table = (${tables})`;
    await target.query(filter, databases.map(everythingOf));
    const login = 'source_host = ?, source_port = ?, source_user = ?, source_password = ?, get_source_public_key = 1';
    // it goes on trying when the source is away, and a source that has nothing to send gives a sign of life
    const liveliness = 'source_connect_retry = 1, source_retry_count = 86400, source_heartbeat_period = 1';
    const change = `change replication source to ${login}, ${liveliness}, source_auto_position = 1`;
    await target.query(change, [host, port, user, password]);
  },
  async forget(target) {
    await target.query('reset replica all');
    await target.query('change replication filter replicate_wild_do_table = ()');
  },
  async error(target, status) {
    const told = textIn(status, 'Last_SQL_Error');
    if (told === '') return '';
    // the coordinator only says that a worker knows
    const [worker] = await rowsOf(
      target,
      `select last_error_message as said from performance_schema.replication_applier_status_by_worker
       where last_error_number <> 0 order by last_error_timestamp limit 1`,
    );
    return textIn(worker, 'said') || told;
  },
};

export const REPLICATION: Readonly<Record<'mysql' | 'mariadb', Replication>> = { mysql, mariadb };
