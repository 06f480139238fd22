import assert from 'node:assert/strict';
import { dialectOf } from '../../src/engines/mysql/dialect.ts';
import { quoteAccount, quoteName, quoteText } from '../../src/engines/mysql/text.ts';
import { globalPrivileges } from '../../src/engines/mysql/visibility.ts';

/** version, comment, product, number, binary log status, replica status, table statistics, hashes */
const SERVERS: readonly (readonly [string, string, string, string, string, string, string, string])[] = [
  [
    '5.7.44-log',
    'MySQL Community Server (GPL)',
    'MySQL',
    '5.7.44',
    'MASTER',
    'SLAVE',
    'INNODB_SYS_TABLESTATS',
    'SHA1 SHA2',
  ],
  [
    '5.7.18-txsql-log',
    '20240930',
    'TencentDB for MySQL',
    '5.7.18',
    'MASTER',
    'SLAVE',
    'INNODB_SYS_TABLESTATS',
    'SHA1 SHA2',
  ],
  ['8.0.21', 'MySQL Community Server - GPL', 'MySQL', '8.0.21', 'MASTER', 'SLAVE', 'INNODB_TABLESTATS', 'SHA1 SHA2'],
  ['8.0.39', 'MySQL Community Server - GPL', 'MySQL', '8.0.39', 'MASTER', 'REPLICA', 'INNODB_TABLESTATS', 'SHA1 SHA2'],
  [
    '8.0.30-txsql',
    'Source distribution',
    'TencentDB for MySQL',
    '8.0.30',
    'MASTER',
    'REPLICA',
    'INNODB_TABLESTATS',
    'SHA1 SHA2',
  ],
  ['8.0.30-cynos-3.1.15.002', '', 'TDSQL-C', '8.0.30', 'MASTER', 'REPLICA', 'INNODB_TABLESTATS', 'SHA1 SHA2'],
  [
    '8.0.36-28',
    'Percona Server (GPL), Release 28, Revision 47601f19',
    'Percona Server',
    '8.0.36',
    'MASTER',
    'REPLICA',
    'INNODB_TABLESTATS',
    'SHA1 SHA2',
  ],
  [
    '8.3.0',
    'MySQL Community Server - GPL',
    'MySQL',
    '8.3.0',
    'BINARY LOG',
    'REPLICA',
    'INNODB_TABLESTATS',
    'SHA1 SHA2',
  ],
  [
    '8.4.3',
    'MySQL Community Server - GPL',
    'MySQL',
    '8.4.3',
    'BINARY LOG',
    'REPLICA',
    'INNODB_TABLESTATS',
    'SHA1 SHA2',
  ],
  [
    '9.1.0-commercial',
    'MySQL Enterprise Server - Commercial',
    'MySQL',
    '9.1.0',
    'BINARY LOG',
    'REPLICA',
    'INNODB_TABLESTATS',
    'SHA2',
  ],
  [
    '10.1.48-MariaDB-0+deb9u2',
    'Debian 9.13',
    'MariaDB',
    '10.1.48',
    'MASTER',
    'ALL SLAVES',
    'INNODB_SYS_TABLESTATS',
    'SHA1 SHA2',
  ],
  [
    '10.4.32-MariaDB-log',
    'mariadb.org binary distribution',
    'MariaDB',
    '10.4.32',
    'MASTER',
    'ALL SLAVES',
    'INNODB_SYS_TABLESTATS',
    'SHA1 SHA2',
  ],
  [
    '10.11.6-MariaDB-0+deb12u1-log',
    'Debian 12',
    'MariaDB',
    '10.11.6',
    'BINLOG',
    'ALL REPLICAS',
    'INNODB_SYS_TABLESTATS',
    'SHA1 SHA2',
  ],
  [
    '5.5.5-10.6.19-MariaDB-ubu2204',
    '',
    'MariaDB',
    '10.6.19',
    'BINLOG',
    'ALL REPLICAS',
    'INNODB_SYS_TABLESTATS',
    'SHA1 SHA2',
  ],
  [
    '11.8.2-MariaDB',
    'MariaDB Server',
    'MariaDB',
    '11.8.2',
    'BINLOG',
    'ALL REPLICAS',
    'INNODB_SYS_TABLESTATS',
    'SHA1 SHA2',
  ],
];

describe('MySQL: what each product and version is asked', () => {
  for (const [version, comment, product, number, binlog, replica, tableStats, hashes] of SERVERS) {
    it(`${version} (${comment})`, () => {
      const dialect = dialectOf(version, comment);
      assert.deepEqual(
        {
          product: dialect.product,
          version: dialect.version,
          binlog: dialect.binlogStatus,
          replica: dialect.replicaStatus,
          tableStats: dialect.innodbTableStats,
          hashes: dialect.builtInHashes.join(' '),
          gtidApart: dialect.gtidPosition !== null,
        },
        {
          product,
          version: number,
          binlog: `SHOW ${binlog} STATUS`,
          replica: `SHOW ${replica} STATUS`,
          tableStats: `information_schema.${tableStats}`,
          hashes,
          gtidApart: product === 'MariaDB',
        },
      );
    });
  }

  it('limits a statement in the words of the product', () => {
    assert.equal(
      dialectOf('10.11.6-MariaDB', '').limitSelect('SELECT 1', 1500),
      'SET STATEMENT max_statement_time = 1.5 FOR SELECT 1',
    );
    assert.equal(dialectOf('8.4.0', '').limitSelect('SELECT 1', 1500), 'SELECT /*+ MAX_EXECUTION_TIME(1500) */ 1');
    assert.equal(dialectOf('5.7.44', '').setTimeLimit(2000), 'SET SESSION max_execution_time = 2000');
  });

  it('asks for the right the version knows', () => {
    assert.equal(dialectOf('5.7.44', '').killPrivilege, 'SUPER');
    assert.equal(dialectOf('8.0.39', '').killPrivilege, 'CONNECTION_ADMIN');
    assert.equal(dialectOf('10.11.6-MariaDB', '').killPrivilege, 'CONNECTION ADMIN');
    assert.equal(dialectOf('10.3.39-MariaDB', '').binlogPrivileges, 'REPLICATION CLIENT, REPLICATION SLAVE');
    assert.equal(dialectOf('10.11.6-MariaDB', '').binlogPrivileges, 'BINLOG MONITOR');
  });
});

describe('MySQL: grants and quoting', () => {
  const grants: readonly (readonly [string, readonly string[], boolean])[] = [
    ['MySQL 5.7', ["GRANT PROCESS, REPLICATION CLIENT ON *.* TO 'dts'@'%'"], true],
    ['MySQL 8', ['GRANT SELECT, PROCESS ON *.* TO `dts`@`%`', 'GRANT XA_RECOVER_ADMIN ON *.* TO `dts`@`%`'], true],
    ['everything', ["GRANT ALL PRIVILEGES ON *.* TO 'root'@'localhost' WITH GRANT OPTION"], true],
    ['nothing', ["GRANT USAGE ON *.* TO `dts`@`%` IDENTIFIED BY PASSWORD '*0123'"], false],
    ['one database only', ['GRANT ALL PRIVILEGES ON `shop`.* TO `dts`@`%`'], false],
    ['a role granted but not active', ['GRANT USAGE ON *.* TO `dts`@`%`', 'GRANT `watch`@`%` TO `dts`@`%`'], false],
    ['a proxy', ["GRANT PROXY ON ''@'' TO 'root'@'localhost' WITH GRANT OPTION"], false],
    ['a database that looks like it', ['GRANT PROCESS ON `*`.`x` TO `dts`@`%`'], false],
  ];
  for (const [name, lines, process] of grants) {
    it(`PROCESS: ${name}`, () => assert.equal(globalPrivileges(lines).has('PROCESS'), process));
  }

  it('quotes accounts, names and texts', () => {
    assert.equal(quoteAccount('dts@10.0.%'), "'dts'@'10.0.%'");
    assert.equal(quoteAccount("o'hara@corp@%"), "'o''hara@corp'@'%'");
    assert.equal(quoteName('a`b.c'), '`a``b.c`');
    assert.equal(quoteText("it's\\"), "'it''s\\\\'");
  });
});
