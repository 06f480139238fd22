/** Statements about the server and our own session. Every one runs on SQL Server 2012 to 2022. */

/**
 * Prepares a session. SQL Server has no read-only session: the adapter sends SELECT, and KILL when told to.
 * @param lockMs how long a statement may wait for a lock: error 1222 after that
 */
export function setUp(lockMs: number): string {
  return (
    `SET LOCK_TIMEOUT ${Math.ceil(lockMs)}; SET DEADLOCK_PRIORITY LOW; SET IMPLICIT_TRANSACTIONS OFF; ` +
    'SET TRANSACTION ISOLATION LEVEL READ COMMITTED'
  );
}

/**
 * Where the polls run, so that Query Store and statistics of user databases never see them. Every login may, but not
 * the user of a contained database, and Azure SQL Database knows no USE.
 */
export const IN_MASTER = 'USE [master]';

/**
 * Which server and which session this is; needs no right: everybody sees his own row of sys.dm_exec_sessions.
 * SERVERPROPERTY: all versions. EngineEdition 5 is Azure SQL Database, 8 Azure SQL Managed Instance.
 */
export const OWN_SESSION = `SELECT CONVERT(nvarchar(11), s.session_id) AS session_id,
  CONVERT(nvarchar(23), s.login_time, 121) AS login_time,
  CONVERT(nvarchar(128), SERVERPROPERTY('ServerName')) AS server_name,
  CONVERT(nvarchar(128), SERVERPROPERTY('MachineName')) AS machine_name,
  CONVERT(nvarchar(128), SERVERPROPERTY('ProductVersion')) AS product_version,
  CONVERT(nvarchar(11), SERVERPROPERTY('EngineEdition')) AS engine_edition
FROM sys.dm_exec_sessions AS s WHERE s.session_id = @@SPID`;

/**
 * Account, clocks and start. tempdb is created anew at every start and is listed to everybody (but in Azure SQL
 * Database), while sys.dm_os_sys_info wants VIEW SERVER STATE. DATABASEPROPERTYEX, SYSUTCDATETIME: all versions.
 */
export function serverFacts(database: string): string {
  const name = database === '' ? 'DB_NAME()' : `N'${database.replaceAll("'", "''")}'`;
  return `SELECT SUSER_SNAME() AS account,
  CONVERT(nvarchar(23), SYSUTCDATETIME(), 121) AS utc_now, CONVERT(nvarchar(23), SYSDATETIME(), 121) AS local_now,
  CONVERT(nvarchar(60), DATABASEPROPERTYEX(${name}, 'Updateability')) AS updateability,
  (SELECT CONVERT(nvarchar(23), d.create_date, 121) FROM sys.databases AS d WHERE d.name = N'tempdb') AS started`;
}

/**
 * HAS_PERMS_BY_NAME: all versions; answers NULL for a permission the version does not know. VIEW SERVER PERFORMANCE
 * STATE (sessions, requests, counters) and VIEW SERVER SECURITY STATE (connections) exist since 2022 and are both
 * covered by VIEW SERVER STATE. VIEW DATABASE STATE is what Azure SQL Database asks for.
 */
export const PERMISSIONS = `SELECT SUSER_SNAME() AS account, DB_NAME() AS database_name,
  CONVERT(nvarchar(11), HAS_PERMS_BY_NAME(NULL, NULL, N'VIEW SERVER STATE')) AS server_state,
  CONVERT(nvarchar(11), HAS_PERMS_BY_NAME(NULL, NULL, N'VIEW SERVER PERFORMANCE STATE')) AS performance_state,
  CONVERT(nvarchar(11), HAS_PERMS_BY_NAME(NULL, NULL, N'VIEW SERVER SECURITY STATE')) AS security_state,
  CONVERT(nvarchar(11), HAS_PERMS_BY_NAME(DB_NAME(), N'DATABASE', N'VIEW DATABASE STATE')) AS database_state`;

/** Whom to grant something. */
export const ACCOUNT = 'SELECT SUSER_SNAME() AS account';
