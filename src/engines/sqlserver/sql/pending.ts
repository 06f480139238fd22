/** Statements about what will write later by itself. */

/**
 * Enabled jobs of SQL Server Agent with an enabled schedule; a job without one runs only when somebody starts it.
 * msdb's tables: 2005 and later; need SELECT on them (sysadmin, or granted), else error 229 or 916.
 */
export const JOBS = `SELECT j.name AS job, s.name AS schedule, SUSER_SNAME(j.owner_sid) AS owner,
  CONVERT(nvarchar(11), js.next_run_date) AS next_date, CONVERT(nvarchar(11), js.next_run_time) AS next_time
FROM msdb.dbo.sysjobs AS j
JOIN msdb.dbo.sysjobschedules AS js ON js.job_id = j.job_id
JOIN msdb.dbo.sysschedules AS s ON s.schedule_id = js.schedule_id
WHERE j.enabled = 1 AND s.enabled = 1
ORDER BY j.name, s.name`;

/**
 * Distributed transactions that wait for their outcome, or that no session holds any more (what the tools show as
 * session -2). sys.dm_tran_active_transactions, sys.dm_tran_session_transactions: 2005 and later, need VIEW SERVER
 * STATE. transaction_type 4 is distributed; transaction_state 4 is commit begun, 5 is prepared.
 */
export const DISTRIBUTED = `SELECT CONVERT(nvarchar(20), t.transaction_id) AS transaction_id,
  CONVERT(nvarchar(36), t.transaction_uow) AS uow, CONVERT(nvarchar(11), t.transaction_state) AS state,
  CONVERT(nvarchar(23), t.transaction_begin_time, 121) AS began
FROM sys.dm_tran_active_transactions AS t
WHERE t.transaction_type = 4 AND (t.transaction_state IN (4, 5) OR NOT EXISTS
  (SELECT 1 FROM sys.dm_tran_session_transactions AS s WHERE s.transaction_id = t.transaction_id))
ORDER BY t.transaction_begin_time`;
