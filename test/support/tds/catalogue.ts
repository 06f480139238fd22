/**
 * What the documentation of SQL Server promises: views with their columns, since which version each is there (major
 * numbers: 11 is 2012, where nothing is said), and the right a view asks for. A statement is held against it, so that
 * a view or column no supported version has is an error here as it would be there.
 */
import type { ServerError } from './tokens.ts';

interface View {
  readonly columns: readonly string[];
  readonly needs?: 'VIEW SERVER STATE' | 'VIEW SERVER SECURITY STATE' | 'VIEW SERVER PERFORMANCE STATE' | 'msdb';
}

const words = (text: string) => text.trim().split(/\s+/);
const performance = 'VIEW SERVER PERFORMANCE STATE';

export const VIEWS: Readonly<Record<string, View>> = {
  'sys.dm_exec_connections': {
    needs: 'VIEW SERVER SECURITY STATE',
    columns: words(`session_id most_recent_session_id connect_time net_transport protocol_type protocol_version
      endpoint_id encrypt_option auth_scheme node_affinity num_reads num_writes last_read last_write net_packet_size
      client_net_address client_tcp_port local_net_address local_tcp_port connection_id parent_connection_id
      most_recent_sql_handle`),
  },
  'sys.dm_exec_sessions': {
    columns: words(`session_id login_time host_name program_name host_process_id client_version client_interface_name
      security_id login_name nt_domain nt_user_name status context_info cpu_time memory_usage total_scheduled_time
      total_elapsed_time endpoint_id last_request_start_time last_request_end_time reads writes logical_reads
      is_user_process text_size language date_format date_first transaction_isolation_level lock_timeout
      deadlock_priority row_count prev_error original_security_id original_login_name database_id
      authenticating_database_id open_transaction_count`),
  },
  'sys.dm_exec_requests': {
    needs: performance,
    columns: words(`session_id request_id start_time status command sql_handle statement_start_offset
      statement_end_offset plan_handle database_id user_id connection_id blocking_session_id wait_type wait_time
      open_transaction_count open_resultset_count transaction_id percent_complete cpu_time total_elapsed_time`),
  },
  'sys.dm_exec_sql_text': { needs: performance, columns: words('dbid objectid number encrypted text') },
  'sys.dm_os_sys_info': { needs: performance, columns: words('sqlserver_start_time cpu_count ms_ticks') },
  'sys.dm_os_performance_counters': {
    needs: performance,
    columns: words('object_name counter_name instance_name cntr_value cntr_type'),
  },
  'sys.dm_db_index_usage_stats': {
    needs: performance,
    columns: words(`database_id object_id index_id user_seeks user_scans user_lookups user_updates last_user_update
      system_updates`),
  },
  'sys.dm_tran_active_transactions': {
    needs: performance,
    columns: words(`transaction_id name transaction_begin_time transaction_type transaction_uow transaction_state
      dtc_state`),
  },
  'sys.dm_tran_session_transactions': { needs: performance, columns: words('session_id transaction_id is_local') },
  'sys.databases': {
    columns: words(`name database_id source_database_id create_date state state_desc is_read_only is_auto_close_on
      is_cdc_enabled is_distributor`),
  },
  'sys.schemas': { columns: words('name schema_id principal_id') },
  'sys.tables': { columns: words('name object_id schema_id is_ms_shipped') },
  'sys.views': { columns: words('name object_id schema_id is_ms_shipped') },
  'sys.objects': { columns: words('name object_id schema_id parent_object_id type is_ms_shipped') },
  'sys.triggers': { columns: words('name object_id parent_id is_ms_shipped') },
  'sys.sequences': { columns: words('name object_id schema_id is_ms_shipped') },
  'sys.indexes': { columns: words('object_id name index_id type is_hypothetical') },
  'sys.partitions': { columns: words('partition_id object_id index_id rows') },
  'msdb.dbo.sysjobs': { needs: 'msdb', columns: words('job_id name enabled owner_sid') },
  'msdb.dbo.sysjobschedules': { needs: 'msdb', columns: words('job_id schedule_id next_run_date next_run_time') },
  'msdb.dbo.sysschedules': { needs: 'msdb', columns: words('schedule_id name enabled') },
};

const FUNCTIONS = new Set(
  words(`CONVERT COALESCE SUBSTRING RTRIM SUM MAX COUNT_BIG SUSER_SNAME DB_NAME SERVERPROPERTY DATABASEPROPERTYEX
    HAS_PERMS_BY_NAME HAS_DBACCESS OBJECT_NAME OBJECT_SCHEMA_NAME GETDATE GETUTCDATE SYSDATETIME SYSUTCDATETIME
    NVARCHAR IN EXISTS VALUES V`),
);

const SOURCE =
  /\b(?:FROM|JOIN|APPLY)\s+(?:\[(?:[^\]]|\]\])+\]\.)?(sys\.\w+|msdb\.dbo\.\w+)(?:\((?:[^()]|\([^()]*\))*\))?(?:\s+AS\s+(\w+))?/gi;

export interface Checked {
  readonly views: ReadonlySet<string>;
  readonly error: ServerError | null;
}

/** Are all views, columns and functions of a SELECT documented ones? */
export function check(sql: string): Checked {
  const aliases = new Map<string, string[]>();
  const views = new Set<string>();
  for (const [, view = '', alias] of sql.matchAll(SOURCE)) {
    if (!VIEWS[view]) return fail(views, 208, `Invalid object name '${view}'.`);
    views.add(view);
    if (alias !== undefined) aliases.set(alias, [...(aliases.get(alias) ?? []), view]);
  }
  const text = sql.replace(/N?'(?:[^']|'')*'/g, "''").replace(/\[(?:[^\]]|\]\])+\]/g, 'x');
  for (const [, alias = '', column = ''] of text.matchAll(/\b([a-z])\.(\w+)/g)) {
    const known = aliases.get(alias);
    if (!known) {
      if (alias === 'v') continue; // the list of VALUES
      if (alias === 'x') continue; // a name in brackets
      return fail(views, 4104, `The multi-part identifier "${alias}.${column}" could not be bound.`);
    }
    if (!known.some((view) => VIEWS[view]?.columns.includes(column))) {
      return fail(views, 207, `Invalid column name '${column}'.`);
    }
  }
  for (const [, name = ''] of text.matchAll(/(?<![.\w])([A-Za-z_]+)\(/g)) {
    if (!FUNCTIONS.has(name.toUpperCase())) {
      return fail(views, 195, `'${name}' is not a recognized built-in function name.`);
    }
  }
  return { views, error: null };
}

function fail(views: ReadonlySet<string>, number: number, message: string): Checked {
  return { views, error: { number, message, class: 16 } };
}

/** The names of the columns a SELECT gives, or null for `*`. */
export function outputNames(sql: string): readonly string[] | null {
  const list = selectList(sql.replace(/^\s*SELECT\s+/i, ''));
  if (list[0]?.trim() === '*') return null;
  return list.map((item) => /(?:\bAS\s+|\.)(\w+)\s*$/i.exec(item)?.[1] ?? '');
}

/** Split at the commas outside of brackets, up to the FROM outside of brackets. */
function selectList(sql: string): string[] {
  const items: string[] = [];
  let depth = 0;
  let item = '';
  for (let i = 0; i < sql.length; i++) {
    const char = sql.charAt(i);
    if (char === '(') depth++;
    if (char === ')') depth--;
    if (depth === 0 && /^FROM\b/i.test(sql.slice(i)) && /\s/.test(sql.charAt(i - 1))) break;
    if (depth === 0 && char === ',') {
      items.push(item);
      item = '';
    } else item += char;
  }
  return [...items, item];
}
