import assert from 'node:assert/strict';
import type { Context } from 'mocha';
import { SHOP_DATABASE } from '../../sandbox/business/schema.ts';
import type { Business } from '../../sandbox/business/shop.ts';
import type { Migration } from '../../sandbox/migration/migration.ts';
import type { MysqlMover } from '../../sandbox/migration/mysql/mover.ts';
import { startMysqlStage } from '../../sandbox/migration/mysql/stage.ts';
import type { MysqlServer } from '../../sandbox/mysqlProcess.ts';
import type { Stage } from '../../sandbox/migration/stage.ts';
import { textIn } from '../../sandbox/server.ts';
import { classifySession } from '../../src/cutover/classify.ts';
import { mysql } from '../../src/engines/mysql/index.ts';
import { available, describeMysql, type MysqlProduct } from '../support/pairs.ts';
import { askedByReadme, until } from './support.ts';

const never = new AbortController().signal;

/** What the products say differently. */
const SAYS = {
  mysql: {
    semiSync: 'rpl_semi_sync_source',
    plugin: "install plugin rpl_semi_sync_source soname 'semisync_source.so'",
    applying: 'Replica_SQL_Running',
    channels: 'show replica status',
    left: "select count(*) as n from performance_schema.replication_applier_global_filters where filter_rule <> ''",
  },
  mariadb: {
    semiSync: 'rpl_semi_sync_master',
    plugin: 'do 0',
    applying: 'Slave_SQL_Running',
    channels: 'show all slaves status',
    left: "select @@global.gtid_slave_pos <> '' or @@global.replicate_wild_do_table <> '' as n",
  },
} as const;

describeMysql('the sandbox migrates between two servers', function (wanted) {
  this.timeout(60_000);
  let stage: Stage<MysqlServer, MysqlMover> | undefined;
  let product: MysqlProduct;
  let source: MysqlServer;
  let target: MysqlServer;
  let business: Business;
  let migration: Migration;
  const caughtUp = () => until(() => migration.gapMb() === 0 && migration.lagSeconds() === 0);

  before(async function (this: Context) {
    product = await available(this, wanted);
    stage = await startMysqlStage(product, {
      jobId: 'dts-test0002',
      orders: 2_000,
      ordersPerSecond: 40,
      backgroundEveryMs: 200,
    });
    ({ source, target, business, migration } = stage);
    if (product === 'mysql') {
      for (const server of [source, target]) await server.query('set global information_schema_stats_expiry = 0');
    }
  });

  after(() => stage?.stop());

  it('has an account that may do what README asks for, and no more', async () => {
    const lines = await source.query('show grants for reader');
    const granted = lines.map((line) => /^GRANT (.*) ON \*\.\* TO/.exec(String(Object.values(line)[0]))?.[1] ?? '');
    const row = product === 'mysql' ? 'MySQL 5.7–9, Percona, TDSQL-C' : 'MariaDB from 10.5';
    assert.deepEqual(granted.join(', ').split(', ').sort(), askedByReadme(row));
  });

  it('copies structure and rows while the business writes, then follows', async () => {
    await migration.start();
    assert.equal(migration.gapMb(), null, 'nothing is measured during the copy');
    await until(() => migration.phase !== 'full');
    assert.equal(migration.phase, 'incremental', migration.error?.message);
    const [copied, made] = [await structure(target), await structure(source)];
    assert.equal(made.filter((each) => /FOREIGN KEY|orders_by_account/.test(each)).length, 2);
    assert.ok(!copied.some((each) => /FOREIGN KEY|orders_by_account|CREATE.* TRIGGER/.test(each)), copied.join('\n'));
    assert.equal(copied.length, made.length - 1, 'everything else is there');
    await caughtUp();
    const before = await count(target, 'orders');
    await until(async () => (await count(target, 'orders')) > before);
  });

  it('shows in the source as DTS does: a Binlog Dump that is classified as its own, and a heartbeat', async () => {
    assert.ok(stage);
    const { user, password } = stage.accounts.observer;
    const nodes = [{ host: source.host, port: source.port }];
    const profile = { id: 'x', engine: 'mysql', nodes, user, database: SHOP_DATABASE, tls: { mode: 'off' } } as const;
    const connection = await mysql.connect({ profile, password, programName: 'test', timeoutMs: 10_000 }, never);
    try {
      assert.equal((await connection.checkVisibility(never)).level, 'full');
      const { sessions, raw } = await connection.listSessions(never);
      const command = raw.columns.indexOf('Command');
      const dumps = raw.rows.filter((row) => row[command]?.startsWith('Binlog Dump')).map((row) => row[0]);
      const classified = sessions.map((one) => classifySession(one, [], { accounts: ['dts_migrator'] }));
      assert.deepEqual(
        classified.filter(({ id }) => dumps.includes(id)).map((one) => [one.account, one.nature, one.class]),
        [['dts_migrator', 'replication', 'dts']],
      );
      assert.ok(classified.some((one) => one.account === 'shop_app' && one.class === 'business'));
    } finally {
      await connection.close();
    }
    const first = await beat(target);
    await until(async () => (await beat(target)) !== first);
  });

  it('measures gap and lag: they grow while nothing is applied and go back to zero', async () => {
    await migration.faults.stall(true);
    await business.reprice(8_000);
    await until(() => (migration.lagSeconds() ?? 0) >= 2 && (migration.gapMb() ?? 0) >= 1);
    await migration.faults.stall(false);
    await caughtUp();
  });

  it('measures the gap over several files of the binary log', async () => {
    await migration.faults.stall(true);
    await business.reprice(8_000);
    await source.query('flush binary logs');
    await business.reprice(8_000);
    await until(() => (migration.gapMb() ?? 0) >= 2);
    await migration.faults.stall(false);
    await caughtUp();
  });

  it('lets the lag grow when the source takes no heartbeat', async () => {
    const locker = await source.connect();
    await locker.query('lock tables __tencentdb__.heartbeat read');
    await until(() => (migration.lagSeconds() ?? 0) >= 2);
    await locker.end();
    await caughtUp();
  });

  it('measures nothing while a server is away, and goes on by itself, after a crash too', async () => {
    await target.halt();
    await until(() => migration.gapMb() === null && migration.lagSeconds() === null);
    await target.restart();
    await source.restart('immediate');
    await caughtUp();
  });

  it('knows what became of a commit whose answer never came', async () => {
    // a commit is then done, and its answer waits for a replica that acknowledges, of which there is none
    const { plugin, semiSync } = SAYS[product];
    await source.query(`${plugin}; set global ${semiSync}_timeout = 60000, global ${semiSync}_enabled = on`);
    await until(async () => {
      const sessions = await source.query('show processlist');
      const waiting = sessions.filter(
        (row) => row['User'] === 'shop_app' && textIn(row, 'State').includes('semi-sync'),
      );
      for (const row of waiting) await source.query(`kill connection ${textIn(row, 'Id')}`);
      return waiting.length > 0;
    });
    await source.query(`set global ${semiSync}_enabled = off`);
    await business.pause();
    await check(source);
    await business.resume({ to: 'source' });
  });

  it('pauses and fails on request, and resumes', async () => {
    await migration.pause();
    assert.equal(await applying(), 'No');
    await migration.resume();
    assert.equal(await applying(), 'Yes');
    await migration.faults.fail('The target is full.');
    assert.equal(migration.phase, 'failed');
    assert.equal(migration.error?.message, 'The target is full.');
    assert.equal(await applying(), 'No');
    await migration.resume();
    assert.equal(migration.phase, 'incremental');
    assert.equal(migration.error, null);
    await caughtUp();
  });

  it('fails with the server’s own words when a change cannot be applied, and resumes when it can', async () => {
    await target.query(
      "insert into orders (reference, account_id, till_id, amount_cents) select 'other', 1, 1, 1",
      'shop',
    );
    await until(() => migration.phase === 'failed');
    assert.match(migration.error?.message ?? '', /on table shop\.orders; Duplicate entry/);
    await target.query("delete from orders where reference = 'other'", 'shop');
    await migration.resume();
    await caughtUp();
    assert.equal(migration.phase, 'incremental');
  });

  it('compares both sides while the business writes', async () => {
    const { tables } = await migration.compare({ tables: null, method: 'dataCheck' }, () => undefined, never);
    assert.deepEqual(
      tables.map((table) => [table.source.table, table.conclusion]).sort(),
      ['accounts', 'order_items', 'orders', 'stock_checks'].map((name) => [name, 'same']),
    );
  });

  it('has every committed order on the target once the business is paused and the target has caught up', async () => {
    await business.pause({ keepPool: true });
    assert.equal(await sessionsOf(source, 'shop_app'), 4, 'the pool is still connected');
    await business.closePool();
    await until(async () => (await sessionsOf(source, 'shop_app', 'shop_batch')) === 0);
    assert.ok(business.ledger.size > 2_050, 'the business did write');
    await check(source);
    const paused = Date.now();
    // by then a heartbeat that is younger than the last order has been looked for on the target
    await until(() => (migration.measured?.at ?? 0) > paused + 1_500);
    await caughtUp();
    await check(target);
  });

  it('loses rows on request; counts, comparison and the ledger find them', async () => {
    assert.equal(await migration.faults.loseRows('stock_checks', 3), 3);
    assert.equal(await count(target, 'stock_checks'), (await count(source, 'stock_checks')) - 3);
    const { missing } = await ledgerOn(target);
    assert.equal(missing.length, 3);
    for (const method of ['rowsCount', 'dataCheck'] as const) {
      const { tables } = await migration.compare({ tables: null, method }, () => undefined, never);
      const [different, ...others] = tables.filter((table) => table.conclusion !== 'same');
      assert.deepEqual([different?.source.table, others], ['stock_checks', []]);
      if (method === 'rowsCount') continue;
      assert.deepEqual(
        different?.differences.map(({ identifier, kind }) => [identifier, kind]).sort(),
        missing.map(({ id }) => [`id=${id}`, 'dstLack']).sort(),
      );
    }
  });

  it('completes: nothing is left behind, numbers go on behind the source’s, the business goes on', async () => {
    // a number the source gave to a row that was never committed
    await source.query(
      "begin; insert into stock_checks (reference, warehouse, counted) select 'x', 'y', 1; rollback",
      'shop',
    );
    await migration.complete();
    assert.deepEqual(await structure(target), await structure(source), 'keys and triggers have come');
    assert.equal(migration.phase, 'finished');
    assert.equal(migration.lagSeconds(), null);
    for (const server of [source, target]) await until(async () => (await sessionsOf(server, 'dts_migrator')) === 0);
    assert.deepEqual(await target.query(SAYS[product].channels), []);
    assert.equal(textIn((await target.query(SAYS[product].left))[0], 'n'), '0');
    assert.deepEqual(await target.query("show databases like '\\_\\_tencentdb\\_\\_'"), []);
    const numbers = await nextNumbers(target);
    for (const [table, next] of await nextNumbers(source)) {
      assert.ok((numbers.get(table) ?? 0) >= next, `${table} goes on at ${numbers.get(table)}, not at ${next}`);
    }
    const before = await count(source, 'orders');
    await business.resume({ to: 'target' });
    await until(async () => (await count(target, 'orders')) > before + 5);
    await business.pause();
    assert.equal(await count(source, 'orders'), before, 'the source is left alone');
    assert.equal((await ledgerOn(target)).missing.length, 3, 'the three that were lost, and no more');
  });

  async function applying(): Promise<string> {
    return textIn((await target.query('show replica status'))[0], SAYS[product].applying);
  }

  async function ledgerOn(server: MysqlServer) {
    const session = await server.connect({ database: SHOP_DATABASE });
    return business.ledger.check(session).finally(() => session.end());
  }

  async function check(server: MysqlServer): Promise<void> {
    const result = await ledgerOn(server);
    assert.ok(result.complete, JSON.stringify(result));
  }
});

async function count(server: MysqlServer, table: string): Promise<number> {
  return Number(textIn((await server.query(`select count(*) as n from ${table}`, SHOP_DATABASE))[0], 'n'));
}

async function beat(server: MysqlServer): Promise<string> {
  return textIn((await server.query('select beat from __tencentdb__.heartbeat'))[0], 'beat');
}

async function sessionsOf(server: MysqlServer, ...accounts: string[]): Promise<number> {
  const rows = await server.query('show processlist');
  return rows.filter((row) => accounts.includes(textIn(row, 'User'))).length;
}

async function nextNumbers(server: MysqlServer): Promise<ReadonlyMap<string, number>> {
  const rows = await server.query(
    "select table_name as name, auto_increment as next from information_schema.tables where table_schema = 'shop' and auto_increment is not null order by 1",
  );
  assert.equal(rows.length, 3);
  return new Map(rows.map((row) => [textIn(row, 'name'), Number(textIn(row, 'next'))]));
}

/** Everything a user made in the shop's database, as the server writes it. */
async function structure(server: MysqlServer): Promise<string[]> {
  const named = {
    'create table': "table_name as name from information_schema.tables where table_schema = 'shop'",
    'create function': "routine_name as name from information_schema.routines where routine_schema = 'shop'",
    'create trigger': "trigger_name as name from information_schema.triggers where trigger_schema = 'shop'",
  };
  const made: string[] = [];
  for (const [kind, list] of Object.entries(named)) {
    for (const { name } of await server.query(`select ${list} order by 1`)) {
      const [row] = await server.query(`show ${kind} shop.${String(name)}`);
      // without the moment it was made, and how many rows there have been
      const { Created, ...rest } = row ?? {};
      assert.ok(kind !== 'create trigger' || Created);
      // MySQL keeps the semicolon of a statement that came among others
      made.push(JSON.stringify(rest).replace(/ AUTO_INCREMENT=\d+|;(?=")/g, ''));
    }
  }
  return made;
}
