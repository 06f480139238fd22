/** What a version number means: the only place that looks at version strings. Pure. */

const NAMES: Readonly<Record<number, string>> = {
  11: 'SQL Server 2012',
  12: 'SQL Server 2014',
  13: 'SQL Server 2016',
  14: 'SQL Server 2017',
  15: 'SQL Server 2019',
  16: 'SQL Server 2022',
  17: 'SQL Server 2025',
};

/** @param version ProductVersion, e.g. `15.0.4355.3`; Azure SQL Database always says 12 */
export function productOf(version: string, azureDatabase: boolean): string {
  if (azureDatabase) return 'Azure SQL Database';
  return NAMES[majorOf(version)] ?? 'SQL Server';
}

export function majorOf(version: string): number {
  return Number(/^\d+/.exec(version)?.[0] ?? 0);
}
