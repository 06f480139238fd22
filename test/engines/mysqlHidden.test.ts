/** Writes of every kind, logged or not, among everything that is nobody's business: none of them is ever taken for nothing. */
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import type { Connection } from 'mysql2/promise';
import type { PositionFacts } from '../../src/cutover/facts.ts';
import type { EngineConnection } from '../../src/engines/engine.ts';
import { DTS, never, startServer, type TestServer } from '../support/mysql.ts';

/** Each client stays connected. `unlogged` keeps what it writes out of the binary log, `dts` writes its own tables. */
type Who = 'app' | 'unlogged' | 'dts' | 'other';
type Statements = readonly (readonly [Who, string])[];

interface Write {
  /** before the reading that is compared with */
  readonly first?: Statements;
  readonly then: Statements;
}

const SETUP = [
  'CREATE DATABASE shop',
  'CREATE DATABASE crm',
  'CREATE DATABASE ignored',
  'CREATE DATABASE __tencentdb__',
  'CREATE TABLE shop.orders (id INT PRIMARY KEY AUTO_INCREMENT, n INT NOT NULL DEFAULT 0)',
  'INSERT INTO shop.orders (n) VALUES (1), (2), (3)',
  'CREATE TABLE shop.small (n INT)',
  'CREATE TABLE shop.calm AS SELECT * FROM shop.orders',
  'CREATE TABLE crm.people (id INT PRIMARY KEY AUTO_INCREMENT, n INT)',
  'INSERT INTO crm.people (n) VALUES (1)',
  'CREATE TABLE ignored.kept (n INT)',
  'CREATE TABLE shop.parent (id INT PRIMARY KEY)',
  'CREATE TABLE shop.child (id INT PRIMARY KEY, CONSTRAINT c FOREIGN KEY (id) REFERENCES parent (id) ON DELETE CASCADE)',
  'CREATE TABLE shop.parts (id INT) PARTITION BY HASH (id) PARTITIONS 3',
  'CREATE TABLE shop.single LIKE shop.parts',
  'ALTER TABLE shop.single REMOVE PARTITIONING',
  'CREATE TABLE shop.logbook (n INT)',
  'CREATE TABLE shop.triggered (n INT)',
  'CREATE TRIGGER shop.t AFTER INSERT ON shop.triggered FOR EACH ROW INSERT INTO logbook VALUES (NEW.n)',
  'CREATE PROCEDURE shop.p() UPDATE crm.people SET n = n + 1',
  'CREATE TABLE __tencentdb__.hb (id INT PRIMARY KEY, beat BIGINT)',
  'INSERT INTO __tencentdb__.hb VALUES (1, 0)',
];

const app = (...statements: readonly string[]): Statements => statements.map((sql) => ['app', sql]);
const unlogged = (...statements: readonly string[]): Statements => statements.map((sql) => ['unlogged', sql]);
const other = (...statements: readonly string[]): Statements => statements.map((sql) => ['other', sql]);
const dts = (...statements: readonly string[]): Statements => statements.map((sql) => ['dts', sql]);

/** After ten seconds InnoDB does this by itself for a table that has changed much. */
const RENEW = ['ANALYZE NO_WRITE_TO_BINLOG TABLE shop.orders, shop.small, crm.people, ignored.kept, shop.triggered'];

const DML: Readonly<Record<string, string>> = {
  'a row': 'INSERT INTO shop.orders (n) VALUES (7)',
  'a row of a small table': 'INSERT INTO shop.small VALUES (1)',
  'a row of another database': 'UPDATE crm.people SET n = n + 1',
  'a row of a database that a filter may leave out': 'INSERT INTO ignored.kept VALUES (1)',
  'rows of two tables': 'UPDATE shop.orders o, crm.people p SET o.n = o.n + 1, p.n = p.n + 1',
  'a row that a trigger copies': 'INSERT INTO shop.triggered VALUES (1)',
  'a row of a partition': 'INSERT INTO shop.parts VALUES (5)',
  'a procedure': 'CALL shop.p()',
  'a row replaced': 'REPLACE INTO shop.orders (id, n) VALUES (1, 9), (2, 9)',
};
const DDL: Readonly<Record<string, readonly string[]>> = {
  'an empty table made': ['CREATE TABLE shop.made (i INT)', 'DROP TABLE shop.made'],
  'a table filled as it is made': ['CREATE TABLE shop.copied AS SELECT * FROM crm.people', 'DROP TABLE shop.copied'],
  'a table emptied': ['TRUNCATE TABLE shop.small'],
  'a column': ['ALTER TABLE crm.people ADD extra INT', 'ALTER TABLE crm.people DROP extra'],
  'a table renamed': ['RENAME TABLE shop.small TO shop.other', 'RENAME TABLE shop.other TO shop.small'],
  'a partition exchanged': ['ALTER TABLE shop.parts EXCHANGE PARTITION p0 WITH TABLE shop.single'],
  'a database dropped': ['CREATE DATABASE gone', 'CREATE TABLE gone.t (i INT)', 'DROP DATABASE gone'],
};
const WRITES: Readonly<Record<string, Write>> = {
  ...Object.fromEntries(
    Object.entries(DML).flatMap(([name, sql]) => [
      [`${name}, logged`, { then: app(sql) }],
      [`${name}, unlogged`, { then: unlogged(sql) }],
      [`${name}, unlogged, statistics renewed`, { then: unlogged(sql, ...RENEW) }],
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(DDL).flatMap(([name, statements]) =>
      (['app', 'unlogged'] as const).map((who): [string, Write] => [
        `${name}, ${who}`,
        // what it takes back stands in the reading before
        statements.length === 2
          ? { first: [[who, statements[0] ?? '']], then: [[who, statements[1] ?? '']] }
          : { then: statements.map((sql) => [who, sql]) },
      ]),
    ),
  ),
  'an empty table made at last, unlogged': { then: unlogged('CREATE TABLE shop.last (i INT)') },
  'a table dropped that nobody ever wrote, unlogged': {
    first: unlogged('CREATE TABLE shop.never (i INT)'),
    then: unlogged('DROP TABLE shop.never'),
  },
  'MyISAM, unlogged': {
    first: app('CREATE TABLE shop.old (i INT) ENGINE = MyISAM'),
    then: unlogged('INSERT INTO shop.old VALUES (1)'),
  },
  'MyISAM dropped, unlogged': {
    first: app('CREATE TABLE shop.older (i INT) ENGINE = MyISAM'),
    then: unlogged('DROP TABLE shop.older'),
  },
  'a cascade': {
    first: app('INSERT INTO shop.parent VALUES (1)', 'INSERT INTO shop.child VALUES (1)'),
    then: app('DELETE FROM shop.parent'),
  },
  'a cascade, unlogged': {
    first: app('INSERT INTO shop.parent VALUES (1)', 'INSERT INTO shop.child VALUES (1)'),
    then: unlogged('DELETE FROM shop.parent'),
  },
  'a transaction that was open': {
    first: app('BEGIN', 'INSERT INTO shop.orders (n) VALUES (1)'),
    then: app('COMMIT'),
  },
  'a transaction that was open, unlogged': {
    first: unlogged('BEGIN', 'INSERT INTO shop.orders (n) VALUES (1)'),
    then: unlogged('COMMIT'),
  },
  'a prepared transaction': {
    first: app("XA START 'x'", 'UPDATE crm.people SET n = n + 1', "XA END 'x'", "XA PREPARE 'x'"),
    then: app("XA COMMIT 'x'"),
  },
  'a prepared transaction, unlogged': {
    first: unlogged("XA START 'y'", 'UPDATE crm.people SET n = n + 1', "XA END 'y'", "XA PREPARE 'y'"),
    then: unlogged("XA COMMIT 'y'"),
  },
  'a prepared transaction in one phase': {
    then: app("XA START 'z'", 'UPDATE crm.people SET n = n + 1', "XA END 'z'", "XA COMMIT 'z' ONE PHASE"),
  },
  'a part rolled back': {
    then: app(
      'BEGIN',
      'UPDATE crm.people SET n = n + 1',
      'SAVEPOINT a',
      'DELETE FROM shop.orders',
      'ROLLBACK TO a',
      'COMMIT',
    ),
  },
  'a statement instead of rows': {
    then: app(
      "SET SESSION binlog_format = 'STATEMENT'",
      'UPDATE shop.orders SET n = n + 1',
      "SET SESSION binlog_format = 'ROW'",
    ),
  },
  'LOAD DATA': { then: app("LOAD DATA LOCAL INFILE 'rows' INTO TABLE shop.small") },
  'LOAD DATA, unlogged': { then: unlogged("LOAD DATA LOCAL INFILE 'rows' INTO TABLE shop.small") },
};

const ASIDE: Readonly<Record<string, Statements>> = {
  'a heartbeat': dts('UPDATE __tencentdb__.hb SET beat = beat + 1'),
  'heartbeats of every kind': dts(
    'REPLACE INTO __tencentdb__.hb VALUES (1, 1)',
    'INSERT INTO __tencentdb__.hb VALUES (1, 2) ON DUPLICATE KEY UPDATE beat = beat + 1',
    'INSERT INTO __tencentdb__.hb VALUES (2, 2)',
    'DELETE FROM __tencentdb__.hb WHERE id = 2',
  ),
  'many rows of DTS': dts(
    'INSERT INTO __tencentdb__.hb VALUES (11, 1), (12, 1), (13, 1)',
    'DELETE FROM __tencentdb__.hb WHERE id > 10',
  ),
  "DTS's own tables": dts(
    'CREATE TABLE IF NOT EXISTS __tencentdb__.hb (id INT)',
    'CREATE DATABASE IF NOT EXISTS __tencentdb__',
  ),
  'statistics renewed': other('ANALYZE TABLE shop.calm, shop.small'),
  'a table built anew': other('OPTIMIZE TABLE shop.calm'),
  'the log rotated': other('FLUSH BINARY LOGS'),
  'a temporary table': other(
    'CREATE TEMPORARY TABLE shop.scratch (i INT)',
    'INSERT INTO shop.scratch VALUES (1)',
    'DROP TEMPORARY TABLE shop.scratch',
  ),
  'somebody reads': other('SELECT COUNT(*) FROM shop.calm JOIN crm.people'),
  'a change taken back': other('BEGIN', 'DELETE FROM shop.calm', 'ROLLBACK'),
};

/** Those that once passed for nothing. The rest takes turns, and all of them are tried by `npm run bench -- quiet`. */
const ALWAYS = [
  'a row of a small table, unlogged, statistics renewed',
  'an empty table made at last, unlogged',
  'a table dropped that nobody ever wrote, unlogged',
  'a transaction that was open, unlogged',
  'a prepared transaction, unlogged',
];
const IN_TURN = 4;

/** after a write: `whole` starts the server anew, `log` forgets the log */
const UPHEAVALS = ['log', 'whole'] as const;

const RESET = { mysql: 'RESET BINARY LOGS AND GTIDS', mariadb: 'RESET MASTER' };

const FILTER = { 'binlog-ignore-db': 'ignored', 'local-infile': 'ON' };
const SERVERS = [
  ['MySQL', 'mysql', { 'binlog-transaction-compression': 'ON' }],
  ['MySQL without its performance schema', 'mysql', { performance_schema: 'OFF' }],
  ['MariaDB', 'mariadb', { 'log-bin-compress': 'ON' }],
  [
    'MariaDB with its performance schema, without a log',
    'mariadb',
    { performance_schema: 'ON', 'performance-schema-instrument': '%=ON', 'skip-log-bin': '' },
  ],
] as const;

for (const [name, product, settings] of SERVERS) {
  describe(`writes that hide on ${name}`, function () {
    const long = process.env['DTS_CUTOVER_HISTORIES'];
    this.timeout(long === undefined ? 120_000 : 7_200_000);
    let server: TestServer;
    let connection: EngineConnection;
    let clients: ReadonlyMap<Who, Connection>;
    let token: string | null = null;

    const read = async (): Promise<PositionFacts> => {
      const facts = await connection.readWritePosition(token, DTS, never);
      token = facts.token;
      return facts;
    };
    const run = async (statements: Statements) => {
      for (const [who, sql] of statements) {
        const rows = () => Readable.from([Buffer.from('1\n2\n')]);
        await clients.get(who)?.query({ sql, infileStreamFactory: rows });
      }
    };
    const join = async () => {
      const who: readonly Who[] = ['app', 'unlogged', 'dts', 'other'];
      clients = new Map(await Promise.all(who.map(async (each) => [each, await server.client()] as const)));
      await run(unlogged('SET SESSION sql_log_bin = 0'));
    };

    before(async function () {
      server = await startServer(this, product, { settings: { ...FILTER, ...settings } });
      for (const sql of SETUP) await server.run(sql);
      await join();
      connection = await server.connect();
    });
    after(() => server?.stop());

    it('are never taken for nothing, whatever else goes on', async () => {
      const aside = () => fc.array(fc.constantFrom(...Object.keys(ASIDE)), { maxLength: 2 });
      const step = fc.record({ early: aside(), late: aside() });
      const others = Object.keys(WRITES).filter((kind) => !ALWAYS.includes(kind));
      const most = long === undefined ? IN_TURN : others.length;
      const histories = fc.tuple(
        fc
          .shuffledSubarray(others, { minLength: most, maxLength: most })
          .chain((kinds) => fc.shuffledSubarray([...ALWAYS, ...kinds], { minLength: ALWAYS.length + most })),
        fc.array(step, { minLength: ALWAYS.length + most, maxLength: ALWAYS.length + most }),
      );
      await fc.assert(
        fc.asyncProperty(histories, async ([kinds, steps]) => {
          const missed: string[] = [];
          for (const [i, kind] of kinds.entries()) {
            const { first = [], then } = WRITES[kind] ?? { then: [] };
            const { early = [], late = [] } = steps[i] ?? {};
            await run(first);
            await read();
            for (const what of early) await run(ASIDE[what] ?? []);
            await run(then);
            for (const what of late) await run(ASIDE[what] ?? []);
            const { foreign, why } = await read();
            if (foreign === 'none') missed.push(`${kind} among ${[...early, '…', ...late].join()}: ${why.text}`);
            await run(unlogged('DROP TABLE IF EXISTS shop.last, shop.old'));
          }
          assert.deepEqual(missed, []);
        }),
        { numRuns: Number(long ?? 1), endOnFailure: true },
      );
    });

    it('are not invented: rest after every one of the others is rest', async () => {
      const kinds = Object.entries(ASIDE);
      const most = long === undefined ? IN_TURN : kinds.length;
      const [chosen] = fc.sample(fc.shuffledSubarray(kinds, { minLength: most, maxLength: most }), 1);
      for (const [kind, statements] of chosen ?? []) {
        await read();
        await run(statements);
        const after = await read();
        // counters do not know that it was taken back
        if (kind !== 'a change taken back')
          assert.notEqual(after.foreign, 'written', `${kind}: ${JSON.stringify(after)}`);
        assert.equal((await read()).foreign, 'none', `after ${kind}`);
      }
      await run(ASIDE['a heartbeat'] ?? []);
      const beat = await read();
      assert.equal(beat.foreign, 'none', JSON.stringify(beat));
    });

    // without a log there is none to forget, and starting anew takes its time
    const upheavals = UPHEAVALS.filter((each) => (each === 'log' ? !('skip-log-bin' in settings) : long !== undefined));
    for (const upheaval of upheavals) {
      it(`are not forgotten with the ${upheaval}`, async () => {
        if (upheaval === 'log') await server.run(RESET[server.product]);
        await read();
        await run(app('INSERT INTO shop.small VALUES (1)'));
        if (upheaval === 'log') await server.run(RESET[server.product]);
        else await server.own?.restart();
        const facts = await read().catch(() => read());
        assert.notEqual(facts.foreign, 'none');
        if (upheaval === 'whole') await join();
      });
    }
  });
}
