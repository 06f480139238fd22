/** MySQL, MariaDB, Percona Server and TDSQL-C, through `mysql2`. */
import type { Engine } from '../engine.ts';
import { connect } from './connect.ts';

export { mysqlDigest } from './digest.ts';

export const mysql: Engine = { kind: 'mysql', connect };
