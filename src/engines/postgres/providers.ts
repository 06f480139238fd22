/** What the large clouds keep on a server for themselves. Nothing of a business is there, and it is written all day. */

/** RDS and Aurora, Cloud SQL, AlloyDB, Azure. Their customers cannot connect to most of them. */
export const PROVIDER_DATABASES: readonly string[] = [
  'rdsadmin',
  'cloudsqladmin',
  'alloydbadmin',
  'alloydbmetadata',
  'azure_maintenance',
  'azure_sys',
];

/** Tables, as schema and name, in which a provider's agent writes that the server is alive. */
export const PROVIDER_TABLES: readonly (readonly [schema: string, name: string])[] = [
  ['public', 'rds_heartbeat2'],
  ['rdsadmin', 'rds_heartbeat2'],
  ['public', 'cloudsql_heartbeat'],
];
