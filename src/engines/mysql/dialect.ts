/**
 * What one server product and version wants to be asked: the only place that looks at version strings.
 * Pure; tested over real version strings. Sources: the MySQL 5.7 to 9.x and MariaDB 10.x to 11.x reference manuals.
 */
export type Product = 'MySQL' | 'MariaDB' | 'Percona Server' | 'TDSQL-C' | 'TencentDB for MySQL';

export interface Dialect {
  readonly product: Product;
  /** the number alone, e.g. `10.11.6` */
  readonly version: string;
  readonly mariaDb: boolean;
  /** answers File, Position and, on MySQL, Executed_Gtid_Set */
  readonly binlogStatus: string;
  /** answers one row with the GTID position; null where `binlogStatus` has it */
  readonly gtidPosition: string | null;
  readonly preparedTransactions: string;
  /** one row per upstream this server copies from */
  readonly replicaStatus: string;
  /** InnoDB's counters of changed rows per table */
  readonly innodbTableStats: string;
  /** which global counters move with every changed row, and whether they see every storage engine */
  readonly rowCounters: { readonly names: readonly string[]; readonly everyEngine: boolean };
  /** InnoDB's tables and their ids */
  readonly innodbTables: string;
  /** privileges for reading the binary log; for ending sessions; for listing prepared transactions */
  readonly binlogPrivileges: string;
  readonly killPrivilege: string;
  readonly preparedPrivilege: string | null;
  /** condition over information_schema.STATISTICS for an index that no statement may use */
  readonly unusedIndex: string;
  /** hash functions one may call without a component being installed */
  readonly builtInHashes: readonly ('SHA1' | 'SHA2')[];
  /** limits every later statement of the session (MySQL: every SELECT) */
  setTimeLimit(ms: number): string;
  /** one SELECT with a limit of its own */
  limitSelect(select: string, ms: number): string;
}

/** `version` is `SELECT VERSION()`, `comment` is `@@version_comment`. */
export function dialectOf(version: string, comment: string): Dialect {
  const product = productOf(version, comment);
  const number = versionNumber(version);
  const atLeast = (...wanted: readonly number[]) => compareVersions(number, wanted) >= 0;
  const plain = number.join('.');
  return product === 'MariaDB' ? mariaDb(plain, atLeast) : mySql(product, plain, atLeast);
}

type AtLeast = (...wanted: readonly number[]) => boolean;

function mariaDb(version: string, atLeast: AtLeast): Dialect {
  return {
    product: 'MariaDB',
    version,
    mariaDb: true,
    binlogStatus: atLeast(10, 5, 2) ? 'SHOW BINLOG STATUS' : 'SHOW MASTER STATUS',
    gtidPosition: 'SELECT @@GLOBAL.gtid_binlog_pos',
    preparedTransactions: atLeast(10, 5) ? "XA RECOVER FORMAT='SQL'" : 'XA RECOVER',
    replicaStatus: atLeast(10, 5, 1) ? 'SHOW ALL REPLICAS STATUS' : 'SHOW ALL SLAVES STATUS',
    innodbTableStats: 'information_schema.INNODB_SYS_TABLESTATS',
    // rows of internal temporary tables are counted apart (Handler_tmp_…)
    rowCounters: { names: ['Handler_write', 'Handler_update', 'Handler_delete'], everyEngine: true },
    innodbTables: 'information_schema.INNODB_SYS_TABLES',
    binlogPrivileges: atLeast(10, 5, 2) ? 'BINLOG MONITOR' : 'REPLICATION CLIENT, REPLICATION SLAVE',
    killPrivilege: atLeast(10, 5, 2) ? 'CONNECTION ADMIN' : 'SUPER',
    preparedPrivilege: null,
    unusedIndex: atLeast(10, 6) ? "IGNORED = 'YES'" : '0',
    builtInHashes: ['SHA1', 'SHA2'],
    setTimeLimit: (ms) => `SET SESSION max_statement_time = ${ms / 1000}`,
    limitSelect: (select, ms) => `SET STATEMENT max_statement_time = ${ms / 1000} FOR ${select}`,
  };
}

function mySql(product: Product, version: string, atLeast: AtLeast): Dialect {
  return {
    product,
    version,
    mariaDb: false,
    // both spellings exist in 8.2 and 8.3; 8.4 dropped the old one
    binlogStatus: atLeast(8, 2) ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS',
    gtidPosition: null,
    preparedTransactions: atLeast(5, 7, 5) ? 'XA RECOVER CONVERT XID' : 'XA RECOVER',
    replicaStatus: atLeast(8, 0, 22) ? 'SHOW REPLICA STATUS' : 'SHOW SLAVE STATUS',
    innodbTableStats: atLeast(8) ? 'information_schema.INNODB_TABLESTATS' : 'information_schema.INNODB_SYS_TABLESTATS',
    // Handler_write counts internal temporary tables too, so that our own reading would move it
    rowCounters: { names: ['Innodb_rows_inserted', 'Innodb_rows_updated', 'Innodb_rows_deleted'], everyEngine: false },
    innodbTables: atLeast(8) ? 'information_schema.INNODB_TABLES' : 'information_schema.INNODB_SYS_TABLES',
    binlogPrivileges: 'REPLICATION CLIENT, REPLICATION SLAVE',
    killPrivilege: atLeast(8) ? 'CONNECTION_ADMIN' : 'SUPER',
    preparedPrivilege: atLeast(8) ? 'XA_RECOVER_ADMIN' : null,
    // 9.x moves MD5() and SHA1() into a component that need not be installed
    unusedIndex: atLeast(8) ? "IS_VISIBLE = 'NO'" : '0',
    builtInHashes: atLeast(9) ? ['SHA2'] : ['SHA1', 'SHA2'],
    setTimeLimit: (ms) => `SET SESSION max_execution_time = ${Math.ceil(ms)}`,
    limitSelect: (select, ms) => select.replace(/^SELECT\b/i, `SELECT /*+ MAX_EXECUTION_TIME(${Math.ceil(ms)}) */`),
  };
}

function productOf(version: string, comment: string): Product {
  if (/mariadb/i.test(version) || /mariadb/i.test(comment)) return 'MariaDB';
  // TDSQL-C was called CynosDB, and its servers still say so
  if (/cynos|tdsql-?c/i.test(version) || /cynos|tdsql-?c/i.test(comment)) return 'TDSQL-C';
  if (/txsql/i.test(version) || /txsql/i.test(comment)) return 'TencentDB for MySQL';
  if (/percona/i.test(version) || /percona/i.test(comment)) return 'Percona Server';
  return 'MySQL';
}

/** MariaDB up to 10.x may put `5.5.5-` in front for old replicas. */
function versionNumber(version: string): readonly number[] {
  const own = version.replace(/^5\.5\.5-(?=\d)/, '');
  const match = /^(\d+)\.(\d+)(?:\.(\d+))?/.exec(own);
  return match ? [match[1], match[2], match[3]].map((part) => Number(part ?? 0)) : [0, 0, 0];
}

function compareVersions(have: readonly number[], wanted: readonly number[]): number {
  for (let i = 0; i < wanted.length; i++) {
    const difference = (have[i] ?? 0) - (wanted[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
