import assert from 'node:assert/strict';
import { once } from 'node:events';
import pg from 'pg';
import { startWorld, type World } from '../../sandbox/world.ts';
import type { DtsClient } from '../../src/dts/api.ts';
import { createDtsClient } from '../../src/dts/client.ts';
import type { TaskFacts } from '../../src/cutover/facts.ts';
import { assertGone, startApart, tracesOf } from './support.ts';

const never = new AbortController().signal;

describe('the sandbox as a whole', function () {
  this.timeout(60_000);
  let world: World;
  let client: DtsClient;
  const read = () => client.readTask(world.task, never);
  const becomes = async (wanted: (task: TaskFacts) => boolean) => {
    for (;;) {
      const task = await read();
      if (wanted(task)) return task;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };

  before(async () => {
    world = await startWorld({ engine: 'postgres', until: 'started', orders: 5_000, ordersPerSecond: 20 });
    const { url, secretId, secretKey } = world.dts;
    client = createDtsClient({
      credentials: { secretId, secretKey },
      endpoint: { kind: 'custom', url },
      language: 'en-US',
    });
  });

  after(() => world?.stop());

  it('shows the real task among others, and its steps as they happen', async () => {
    const running = await read();
    assert.equal(running.status, 'running');
    assert.equal(running.lagSeconds, null);
    const ready = await becomes((task) => task.status === 'readyComplete');
    assert.deepEqual([ready.gapMb, ready.lagSeconds], [0, 0]);
    assert.equal(ready.steps.find((step) => step.id === 'PgIncSync')?.status, 'running');
    assert.ok(ready.allowedActions.includes('complete'));
    assert.deepEqual(
      [ready.source.nodes[0]?.port, ready.target.nodes[0]?.port],
      [world.source.port, world.target.port],
    );
    const tasks = await client.listTasks(world.task.region, {}, never);
    assert.ok(tasks.length > 10);
    assert.ok(new Set(tasks.map((task) => task.status)).size > 5);
  });

  it('shows an error of the migration, which can be resumed', async () => {
    await world.control.migration.fail('The target is full.');
    const failed = await read();
    assert.equal(failed.status, 'resumableErr');
    assert.match(failed.error?.message ?? '', /The target is full/);
    await world.backend.resume();
    await becomes((task) => task.status === 'readyComplete' && task.lagSeconds === 0);
  });

  it("answers DTS's own comparison from the real rows", async () => {
    const compare = async () => {
      const id = await client.createComparison(world.task, { objects: 'sameAsMigrate', method: 'dataCheck' }, never);
      await client.startComparison(world.task, id, never);
      for (;;) {
        const { status, conclusion } = await client.readComparison(world.task, id, never);
        assert.notEqual(status, 'failed');
        if (status === 'success') return { id, conclusion };
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    };
    assert.equal((await compare()).conclusion, 'same');
    assert.equal(await world.control.migration.loseRows('public.order_items', 2), 2);
    const { id, conclusion } = await compare();
    assert.equal(conclusion, 'different');
    const { database } = world.source;
    const where = { database, schema: 'public', table: 'order_items', chunk: 1 };
    const { rows } = await client.readDifferences(world.task, id, { ...where, limit: 10, offset: 0 }, never);
    assert.deepEqual(
      rows.map(({ kind, columns }) => [kind, columns.slice(0, 2)]),
      Array(2).fill(['missingOnTarget', ['order_id', 'line']]),
    );
  });

  it('gives connections that work: the observer sees everybody, the limited account only itself', async () => {
    const accounts = async (id: string) => {
      const profile = world.connections.profiles.find((each) => each.id === id);
      const [node] = profile?.nodes ?? [];
      assert.ok(profile && node);
      const { user, database } = profile;
      const session = new pg.Client({ ...node, user, database, password: world.connections.passwords[id] ?? '' });
      await session.connect();
      try {
        await session.query('select count(*) from orders');
        const { rows } = await session.query<{ usename: string }>(
          `select distinct usename from pg_stat_activity where backend_type = 'client backend' and state is not null order by 1`,
        );
        return rows.map((row) => row.usename);
      } finally {
        await session.end();
      }
    };
    const [mapped] = world.connections.mapping;
    assert.ok(mapped);
    assert.deepEqual(await accounts(mapped.source), ['dts_migrator', 'observer', 'shop_app']);
    assert.deepEqual(await accounts(mapped.target), ['dts_migrator', 'observer']);
    assert.deepEqual(await accounts('shop-source-limited'), ['limited']);
  });

  it('finishes: paused, completed through DTS, nothing committed is missing, the business goes on', async () => {
    await world.business.pause();
    const paused = Date.now();
    // by then a heartbeat that is younger than the last order has been looked for on the target
    const measuredSince = () => (world.backend.measured?.at ?? 0) > paused + 1_500;
    await becomes((task) => task.gapMb === 0 && task.lagSeconds === 0 && measuredSince());
    await client.completeTask(world.task, never);
    await becomes((task) => task.status === 'success');
    const target = await world.control.servers.target.connect({ database: world.target.database });
    const check = await world.business.ledger.check(target);
    assert.ok(check.complete, JSON.stringify(check));
    assert.ok(check.expected > 5_000);
    await world.business.resume({ to: 'target' });
    const before = world.business.ledger.size;
    while (world.business.ledger.size < before + 5) await new Promise((resolve) => setTimeout(resolve, 50));
    await world.business.pause();
    assert.ok((await world.business.ledger.check(target)).complete);
  });

  it('leaves nothing behind when it stops', async () => {
    const traces = tracesOf(world, 'postmaster.pid');
    await world.stop();
    await world.stop();
    await assertGone(traces);
  });

  it('leaves nothing behind after Ctrl-C', async () => {
    const { child, started } = await startApart('postgres');
    const traces = tracesOf(started, 'postmaster.pid');
    const exit = once(child, 'exit');
    child.kill('SIGINT');
    assert.deepEqual(await exit, [null, 'SIGINT']);
    await assertGone(traces);
  });
});
