/** Statements that prepare the sessions which read the rows. All versions. */

/** `row versions`: READ COMMITTED with every statement seeing the moment it began; `locks`: without */
export type Isolation = 'snapshot' | 'row versions' | 'locks';

/**
 * The settings a digest depends on, and the view of the data. NULL + value must be NULL, an overflow an error and not
 * NULL, and no value may be cut. The first look at any data is what a SNAPSHOT transaction sees from then on.
 * @param mark 32 hexadecimal digits by which the session is known again
 */
export function begin(mark: string, isolation: Isolation): string {
  const settings =
    `IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION; SET CONTEXT_INFO 0x${mark}; ` +
    'SET ANSI_WARNINGS ON; SET ANSI_PADDING ON; SET ARITHABORT ON; SET CONCAT_NULL_YIELDS_NULL ON; ' +
    'SET NUMERIC_ROUNDABORT OFF; SET XACT_ABORT OFF; SET DATEFORMAT ymd; SET TEXTSIZE 2147483647; ';
  if (isolation !== 'snapshot') return `${settings}SET TRANSACTION ISOLATION LEVEL READ COMMITTED`;
  return `${settings}SET TRANSACTION ISOLATION LEVEL SNAPSHOT; BEGIN TRANSACTION; SELECT TOP (1) o.object_id FROM sys.objects AS o`;
}

/** Whether this is still the session that was prepared. CONTEXT_INFO is filled up to 128 bytes. */
export const STANDING = `SELECT CONVERT(varchar(32), SUBSTRING(CONTEXT_INFO(), 1, 16), 2) AS mark,
  CONVERT(varchar(11), @@TRANCOUNT) AS depth`;
