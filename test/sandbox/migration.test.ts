import assert from 'node:assert/strict';
import type { Client } from 'pg';
import type { Business } from '../../sandbox/business/shop.ts';
import { SHOP_DATABASE } from '../../sandbox/business/schema.ts';
import type { Migration } from '../../sandbox/migration/migration.ts';
import type { PostgresMover } from '../../sandbox/migration/postgres/mover.ts';
import { startPostgresStage } from '../../sandbox/migration/postgres/stage.ts';
import { copyStructure } from '../../sandbox/migration/postgres/structure.ts';
import type { Stage } from '../../sandbox/migration/stage.ts';
import type { PostgresServer } from '../../sandbox/postgres.ts';
import { postgres } from '../../src/engines/postgres/index.ts';
import { askedByReadme, until } from './support.ts';

const never = new AbortController().signal;

describe('the sandbox migrates between two PostgreSQL servers', function () {
  this.timeout(60_000);
  let stage: Stage<PostgresServer, PostgresMover> | undefined;
  let source: PostgresServer;
  let target: PostgresServer;
  let business: Business;
  let migration: Migration;
  let mover: PostgresMover;
  let left: Client;
  let right: Client;

  before(async () => {
    stage = await startPostgresStage({
      jobId: 'dts-test0001',
      orders: 2_000,
      ordersPerSecond: 40,
      backgroundEveryMs: 200,
    });
    ({ source, target, business, migration, mover } = stage);
    left = await source.connect({ database: SHOP_DATABASE });
    right = await target.connect({ database: SHOP_DATABASE });
  });

  after(() => stage?.stop());

  it('has an account that may do what README asks for, and no more', async () => {
    const { rows } = await left.query<{ role: string }>(
      `select roleid::regrole::text as role from pg_auth_members where member = 'reader'::regrole
       union all select rolname from pg_roles where rolname = 'reader' and (rolsuper or rolcreatedb or rolcreaterole or rolreplication)`,
    );
    assert.deepEqual(rows.map(({ role }) => role).sort(), askedByReadme('PostgreSQL 14 and newer'));
  });

  it('copies structure and rows while the business writes, then follows', async () => {
    await migration.start();
    assert.equal(migration.gapMb(), null, 'nothing is measured during the copy');
    const seen = new Set<number>();
    await until(() => seen.add(migration.percent) && migration.phase !== 'full');
    assert.equal(migration.phase, 'incremental', migration.error?.message);
    assert.ok(seen.size > 2, `progress was ${[...seen].join(', ')}`);
    const later = /^trigger|orders_by_account/;
    const made = await structure(left);
    assert.deepEqual(
      await structure(right),
      made.filter((each) => !later.test(each)),
      'further indexes and triggers come at the end',
    );
    assert.equal(made.filter((each) => later.test(each)).length, 4, 'an index with two columns, and a trigger');
    await until(() => migration.gapMb() === 0 && migration.lagSeconds() === 0);
  });

  it('shows in the source as DTS does: walsenders and slots of the migration account, a heartbeat', async () => {
    const { rows } = await left.query(
      `select usename, application_name, datname, active from pg_stat_activity a
       join pg_replication_slots s on s.active_pid = a.pid and s.database = a.datname
       where backend_type = 'walsender' order by datname`,
    );
    const walsender = { usename: 'dts_migrator', application_name: 'dts-sinker', active: true };
    assert.deepEqual(rows, [
      { ...walsender, datname: 'postgres' },
      { ...walsender, datname: 'shop' },
    ]);
    assert.ok(stage);
    const { user, password } = stage.accounts.reader;
    const node = { host: source.host, port: source.port };
    const profile = { id: 'x', engine: 'postgres', nodes: [node], user, database: SHOP_DATABASE } as const;
    const request = {
      profile: { ...profile, tls: { mode: 'off' } },
      password,
      programName: 'test',
      timeoutMs: 10_000,
    } as const;
    const connection = await postgres.connect(request, never);
    const readBy = (account: string) => connection.readByDts?.([account], never);
    // by default a server is behind by what it wrote since its last answer
    await until(async () => ((await readBy('dts_migrator'))?.behindBytes ?? Infinity) < 1_000_000);
    assert.equal(await readBy('shop_app'), null);
    await connection.close();
    const [first] = await source.run('select beat from public.identify');
    await until(async () => (await target.run('select beat from public.identify'))[0]?.['beat'] !== first?.['beat']);
  });

  it('measures gap and lag: they grow while nothing is applied and go back to zero', async () => {
    await migration.faults.stall(true);
    await business.reprice(8_000);
    await until(() => (migration.lagSeconds() ?? 0) >= 2 && (migration.gapMb() ?? 0) >= 1);
    await migration.faults.stall(false);
    await until(() => migration.lagSeconds() === 0 && migration.gapMb() === 0);
  });

  it('falls behind when applying is slow, and catches up', async () => {
    await mover.slow(60);
    await until(() => (migration.lagSeconds() ?? 0) >= 2);
    await mover.slow(null);
    await until(() => migration.lagSeconds() === 0);
  });

  it('lets the lag grow when the source takes no heartbeat, as a read-only server does', async () => {
    await source.run(`alter system set default_transaction_read_only = on`);
    await source.run('select pg_reload_conf()');
    await until(() => (migration.lagSeconds() ?? 0) >= 2);
    const client = await source.connect();
    await client.query('set default_transaction_read_only = off');
    await client.query('alter system reset default_transaction_read_only');
    await client.query('select pg_reload_conf()');
    await until(() => migration.lagSeconds() === 0);
  });

  it('measures nothing while a server is away, and goes on by itself, after a crash too', async () => {
    await target.halt();
    await until(() => migration.gapMb() === null && migration.lagSeconds() === null);
    await target.restart();
    right = await target.connect({ database: SHOP_DATABASE });
    await source.restart('immediate');
    left = await source.connect({ database: SHOP_DATABASE });
    await until(() => migration.lagSeconds() === 0);
  });

  it('knows what became of a commit whose answer never came', async () => {
    // a commit is then done, and its answer waits for a standby that does not exist
    await source.run(`alter system set synchronous_standby_names = 'nobody'`);
    await source.run('select pg_reload_conf()');
    await until(async () => {
      const cut = await left.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'shop_app' and wait_event = 'SyncRep'`,
      );
      return Boolean(cut.rowCount);
    });
    await source.run('alter system reset synchronous_standby_names');
    await source.run('select pg_reload_conf()');
    await business.pause();
    const check = await business.ledger.check(left);
    assert.ok(check.complete, JSON.stringify(check));
    await business.resume({ to: 'source' });
  });

  it('pauses and fails on request, and resumes', async () => {
    await migration.pause();
    assert.equal(await subscriptionsEnabled(right), 0);
    await migration.resume();
    assert.equal(await subscriptionsEnabled(right), 2);
    await migration.faults.fail('The target is full.');
    assert.equal(migration.phase, 'failed');
    assert.equal(migration.error?.message, 'The target is full.');
    assert.equal(await subscriptionsEnabled(right), 0);
    await migration.resume();
    assert.equal(migration.phase, 'incremental');
    assert.equal(migration.error, null);
    await until(() => migration.lagSeconds() === 0);
  });

  it('compares both sides while the business writes', async () => {
    const seen: number[] = [];
    const { tables } = await migration.compare(
      { tables: null, method: 'dataCheck' },
      (percent) => seen.push(percent),
      never,
    );
    assert.deepEqual(
      tables.map(({ source: { table }, conclusion }) => [table, conclusion]),
      [
        ['accounts', 'same'],
        ['order_items', 'same'],
        ['orders', 'same'],
        ['stock_checks', 'same'],
      ],
    );
    assert.equal(seen.at(-1), 100);
    const gone = { database: SHOP_DATABASE, schema: 'public', table: 'gone' };
    const other = await migration.compare(
      {
        tables: [gone, { ...gone, database: 'elsewhere' }].map((one) => ({ source: one, target: one })),
        method: 'rowsCount',
      },
      () => undefined,
      never,
    );
    assert.deepEqual(
      other.tables.map(({ conclusion, reason }) => [conclusion, reason]),
      [
        ['skipped', 'The table is missing on the source.'],
        ['skipped', 'The task does not move this database.'],
      ],
    );
  });

  it('pauses the business in steps, with the forgotten job still writing', async () => {
    await business.pause({ keepPool: true, keepBackground: true });
    const orders = await count(left, 'orders');
    const checks = await count(left, 'stock_checks');
    assert.equal(await sessionsOf(left, 'shop_app'), 4, 'the pool is still connected');
    await until(async () => (await count(left, 'stock_checks')) > checks);
    assert.equal(await count(left, 'orders'), orders, 'no order is written any more');
    await business.pause();
    await until(async () => (await sessionsOf(left, 'shop_app', 'shop_batch')) === 0);
  });

  it('has every committed order on the target when it has caught up', async () => {
    assert.ok(business.ledger.size > 2_050, 'the business did write');
    const before = await business.ledger.check(left);
    assert.ok(before.complete, JSON.stringify(before));
    await until(async () => (await business.ledger.check(right)).complete);
  });

  it('loses rows on request; counts, comparison and the ledger find them', async () => {
    const lost = await migration.faults.loseRows('public.orders', 3);
    assert.equal(lost, 3);
    assert.equal(await count(right, 'orders'), (await count(left, 'orders')) - 3);
    const check = await business.ledger.check(right);
    assert.equal(check.missing.length, 3);
    const { tables } = await migration.compare({ tables: null, method: 'dataCheck' }, () => undefined, never);
    const orders = tables.find((table) => table.source.table === 'orders');
    assert.equal(orders?.conclusion, 'different');
    assert.deepEqual(
      orders.differences.map(({ identifier, kind }) => [identifier, kind]).sort(),
      check.missing.map(({ id }) => [`id=${id}`, 'dstLack']).sort(),
    );
    const client = await target.connect({ database: SHOP_DATABASE });
    await client.query('set session_replication_role to replica');
    for (const difference of orders.differences) {
      const values = difference.source ?? [];
      const places = values.map((_, index) => `$${index + 1}`).join(', ');
      await client.query(`insert into orders (${difference.columns.join(', ')}) values (${places})`, [...values]);
    }
    assert.ok((await business.ledger.check(right)).complete, 'the reported rows are the lost ones');
  });

  it('completes: nothing is left behind on either side, and the business goes on at the target', async () => {
    await migration.complete();
    assert.equal(migration.phase, 'finished');
    assert.deepEqual(await structure(right), await structure(left), 'what was missing is there now');
    for (const client of [left, right]) await until(async () => (await sessionsOf(client, 'dts_migrator')) === 0);
    assert.equal(migration.lagSeconds(), null);
    for (const client of [left, right]) {
      const { rows } = await client.query(
        `select slot_name as name from pg_replication_slots union all select pubname from pg_publication
         union all select subname from pg_subscription`,
      );
      assert.deepEqual(rows, []);
    }
    const before = await count(left, 'orders');
    await business.resume({ to: 'target' });
    await until(async () => (await count(right, 'orders')) > before + 5);
    await business.pause();
    assert.equal(await count(left, 'orders'), before, 'the source is left alone');
    const check = await business.ledger.check(right);
    assert.ok(check.complete, JSON.stringify(check));
  });

  it('refuses a structure that it would copy incompletely', async () => {
    for (const server of [source, target]) await server.run('create database measurements');
    await source.run('create table readings (at date) partition by range (at)', 'measurements');
    const [from, to] = await Promise.all(
      [source, target].map((server) => server.connect({ database: 'measurements' })),
    );
    assert.ok(from && to);
    await assert.rejects(
      copyStructure(from, to, () => undefined),
      /partitioned table public\.readings/,
    );
  });
});

async function count(client: Client, table: string): Promise<number> {
  return Number((await client.query<{ n: string }>(`select count(*) as n from ${table}`)).rows[0]?.n);
}

async function sessionsOf(client: Client, ...accounts: string[]): Promise<number> {
  const { rowCount } = await client.query('select from pg_stat_activity where usename = any($1)', [accounts]);
  return rowCount ?? 0;
}

async function subscriptionsEnabled(client: Client): Promise<number> {
  return (await client.query('select from pg_subscription where subenabled')).rowCount ?? 0;
}

/** Everything a user made in the database, as the catalog describes it. */
async function structure(client: Client): Promise<string[]> {
  await client.query('set search_path to pg_catalog');
  const { rows } = await client.query<{ kind: string; name: string; text: string }>(
    `select 'column' as kind, attrelid::regclass::text as name, format('%s %s %s %s %s', attname, format_type(atttypid, atttypmod),
       attnotnull, attidentity, pg_get_expr(adbin, adrelid)) as text
     from pg_attribute left join pg_attrdef on adrelid = attrelid and adnum = attnum
     where attrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace) and attnum > 0
     union all select 'constraint', conname, pg_get_constraintdef(oid) from pg_constraint where connamespace = 'public'::regnamespace
     union all select 'index', indexrelid::regclass::text, pg_get_indexdef(indexrelid)
       from pg_index join pg_class on pg_class.oid = indexrelid where relnamespace = 'public'::regnamespace
     union all select 'trigger', tgname, pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
     union all select 'function', proname, prosrc from pg_proc where pronamespace = 'public'::regnamespace
     union all select 'sequence', sequencename, format('%s %s', data_type, increment_by) from pg_sequences
     union all select 'enum', enumlabel, enumtypid::regtype::text from pg_enum
     union all select 'view', viewname, definition from pg_views where schemaname = 'public'
     order by 1, 2, 3`,
  );
  await client.query('reset search_path');
  assert.ok(rows.length > 40);
  return rows.map(({ kind, name, text }) => `${kind} ${name} ${text}`);
}
