/**
 * Statements about sessions. sys.dm_exec_connections, sys.dm_exec_sessions, sys.dm_exec_requests and
 * sys.dm_exec_sql_text: 2005 and later; database_id and open_transaction_count of sys.dm_exec_sessions: 2012 and later.
 */

/** The runbook's own query; wants VIEW SERVER STATE (2022: VIEW SERVER SECURITY STATE), else error 297 or 300. */
export const RUNBOOK = 'SELECT * FROM sys.dm_exec_connections';

const COLUMNS = `CONVERT(nvarchar(11), s.session_id) AS session_id, s.login_name, s.program_name, s.host_name,
  CONVERT(nvarchar(1), s.is_user_process) AS is_user_process, s.status,
  CONVERT(nvarchar(11), s.open_transaction_count) AS open_transaction_count, DB_NAME(s.database_id) AS database_name,
  CONVERT(nvarchar(23), s.login_time, 121) AS login_time,
  CONVERT(nvarchar(23), s.last_request_end_time, 121) AS last_request_end_time,
  CONVERT(nvarchar(23), GETDATE(), 121) AS server_now, CONVERT(nvarchar(23), GETUTCDATE(), 121) AS server_utc`;

/**
 * Every session. A session with multiple active result sets has a row per running request, and connections of its
 * own below the one that logged in (parent_connection_id). What a sleeping session ran last is in the handle of its
 * connection.
 */
export const SESSIONS = `SELECT ${COLUMNS},
  c.client_net_address, r.status AS request_status, CONVERT(nvarchar(23), r.start_time, 121) AS request_start_time,
  SUBSTRING(t.text, COALESCE(r.statement_start_offset, 0) / 2 + 1, 2000) AS statement
FROM sys.dm_exec_sessions AS s
LEFT JOIN sys.dm_exec_connections AS c ON c.session_id = s.session_id AND c.parent_connection_id IS NULL
LEFT JOIN sys.dm_exec_requests AS r ON r.session_id = s.session_id
OUTER APPLY sys.dm_exec_sql_text(COALESCE(r.sql_handle, c.most_recent_sql_handle)) AS t`;

/** What an account without VIEW SERVER STATE may see: its own sessions, without addresses and statements. */
export const OWN_SESSIONS = `SELECT ${COLUMNS} FROM sys.dm_exec_sessions AS s`;

/** KILL takes a literal only; all versions. */
export function kill(id: string): string {
  return `KILL ${id}`;
}
