/** SQL Server 2012 to 2022, through `mssql` (tedious). */
import type { Engine } from '../engine.ts';
import { connect } from './connect.ts';

export { sqlserverDigest } from './digest.ts';
export const sqlserver: Engine = { kind: 'sqlserver', connect };
