import assert from 'node:assert/strict';
import type { CompareOutcome } from '../../sandbox/dts/backend.ts';
import { ScriptedBackend, type Script } from '../../sandbox/dts/scripted.ts';
import type { DtsService, SandboxTask } from '../../sandbox/dts/service.ts';
import { connect, failureOf, never, readyTask, refOf, startService, taskNamed } from '../unit/dts/support.ts';
import { call, pending, refusal } from './serviceCalls.ts';

function outcome(conclusions: readonly ('same' | 'different' | 'skipped')[]): CompareOutcome {
  return {
    tables: conclusions.map((conclusion, index) => ({
      source: { database: 'shop', schema: 'public', table: `t${index}` },
      target: { database: 'shop', schema: 'public', table: `t${index}` },
      conclusion,
      reason: conclusion === 'skipped' ? 'no primary key' : '',
      sourceRows: 10,
      targetRows: 9,
      differences:
        conclusion === 'different'
          ? [{ identifier: 'id=7', kind: 'dstLack', columns: ['id', 'note'], source: ['7', null], target: null }]
          : [],
    })),
  };
}

describe("tasks of the sandbox's DTS service", function () {
  this.timeout(30_000);
  let service: DtsService;
  afterEach(() => service.stop());

  const jobOf = ({ jobId }: SandboxTask) => {
    const job = service.control.job(jobId);
    assert.ok(job);
    return job;
  };
  const scriptOf = ({ backend }: SandboxTask): Script => {
    assert.ok(backend instanceof ScriptedBackend);
    return backend.script;
  };

  describe("a task's life", () => {
    it('goes from start to success through the documented states', async () => {
      const completion = pending<undefined>();
      const task = taskNamed('dts-living01', { completion: completion.promise }, { status: 'checkPass' });
      service = await startService([task]);
      const { client } = connect(service.url);
      const script = scriptOf(task);
      const seen: string[] = [];
      const look = async () => {
        const facts = await client.readTask(refOf(task), never);
        seen.push(`${facts.status} ${facts.gapMb} ${facts.steps.map(({ status }) => status).join('/')}`);
        return facts;
      };
      await look();
      await call(service, 'StartMigrateJob', { JobId: task.jobId });
      script.percent = 80;
      await look();
      assert.equal(
        await refusal(call(service, 'CompleteMigrateJob', { JobId: task.jobId })),
        'FailedOperation.StatusInConflict',
      );
      Object.assign(script, { phase: 'incremental', percent: 100, gapMb: 500, lagSeconds: 3600 });
      await look();
      Object.assign(script, { gapMb: 0, lagSeconds: 0 });
      assert.ok((await look()).allowedActions.includes('complete'));
      // once ready it stays so, whatever the gap
      Object.assign(script, { gapMb: 50 });
      await look();
      await call(service, 'CompleteMigrateJob', { JobId: task.jobId });
      assert.deepEqual((await look()).allowedActions, ['view']);
      assert.equal(
        await refusal(call(service, 'CompleteMigrateJob', { JobId: task.jobId })),
        'FailedOperation.StatusInConflict',
      );
      completion.resolve(undefined);
      await new Promise((resolve) => setImmediate(resolve));
      assert.notEqual((await look()).endedAt, null);
      assert.deepEqual(seen, [
        'checkPass null notStarted/notStarted/notStarted/notStarted',
        'running null finished/running/notStarted/notStarted',
        'running 500 finished/finished/running/notStarted',
        'readyComplete 0 finished/finished/running/notStarted',
        'readyComplete 50 finished/finished/running/notStarted',
        'completing null finished/finished/finished/running',
        'success null finished/finished/finished/finished',
      ]);
    });

    it('tells late what a command made of its status, leaves out nothing on the way, and refuses by what it is', async () => {
      const task = readyTask('dts-late0001');
      service = await startService([{ ...task, tellsLateMs: 300 }]);
      const { client } = connect(service.url);
      const seen: string[] = [];
      const look = async () => {
        const { status, allowedActions, endedAt } = await client.readTask(refOf(task), never);
        const told = `${status} ${allowedActions.includes('complete')} ${endedAt !== null}`;
        if (seen.at(-1) !== told) seen.push(told);
        return status;
      };
      await look();
      await call(service, 'CompleteMigrateJob', { JobId: task.jobId });
      assert.equal(task.backend.phase, 'finished');
      await look();
      assert.equal(
        await refusal(call(service, 'CompleteMigrateJob', { JobId: task.jobId })),
        'FailedOperation.StatusInConflict',
      );
      jobOf(task).tellsLateMs = 0;
      while ((await look()) !== 'success') await new Promise((resolve) => setTimeout(resolve, 50));
      assert.deepEqual([seen[0], seen.at(-1)], ['readyComplete true false', 'success false true']);
    });

    it('ends as failed when completing fails, and says why', async () => {
      const completion = pending<undefined>();
      const task = readyTask('dts-failing1', { completion: completion.promise });
      service = await startService([task]);
      const { client } = connect(service.url);
      await client.completeTask(refOf(task), never);
      completion.reject(new Error('the target is gone'));
      const facts = await client.readTask(refOf(task), never);
      assert.equal(facts.status, 'failed');
      assert.match(facts.error?.message ?? '', /the target is gone/);
    });

    it('can be paused and continued, and stopped for good', async () => {
      const task = readyTask();
      service = await startService([task]);
      const does = (action: string) => call(service, action, { JobId: task.jobId });
      await does('PauseMigrateJob');
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(jobOf(task).status, 'manualPaused');
      assert.equal(await refusal(does('CompleteMigrateJob')), 'FailedOperation.StatusInConflict');
      await does('ContinueMigrateJob');
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(jobOf(task).status, 'readyComplete');
      await does('StopMigrateJob');
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(jobOf(task).status, 'canceled');
      for (const action of ['ContinueMigrateJob', 'CompleteMigrateJob', 'StopMigrateJob']) {
        assert.equal(await refusal(does(action)), 'FailedOperation.StatusInConflict');
      }
    });

    it('goes on after an error it can come back from', async () => {
      const error = { message: 'binlog gone', solution: 'keep it longer' };
      const task = taskNamed('dts-broken01', { phase: 'failed', percent: 100, error });
      service = await startService([task]);
      const { client } = connect(service.url);
      const facts = await client.readTask(refOf(task), never);
      assert.equal(facts.status, 'resumableErr');
      assert.deepEqual(facts.error, error);
      assert.equal(facts.steps.find(({ id }) => id === 'PgIncSync')?.status, 'failed');
      await call(service, 'ResumeMigrateJob', { JobId: task.jobId, ResumeOption: 'normal' });
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(jobOf(task).status, 'running');
    });

    it('cannot be completed while isolated, nor where there is no incremental step', async () => {
      const isolated = { ...readyTask('dts-isolated'), tradeStatus: 'isolated' };
      const full = { ...taskNamed('dts-full0001', { phase: 'finished' }), migrateType: 'full' as const };
      service = await startService([isolated, full]);
      const { client } = connect(service.url);
      assert.equal((await client.readTask(refOf(isolated), never)).trade, 'isolated');
      assert.equal(
        await refusal(call(service, 'CompleteMigrateJob', { JobId: isolated.jobId })),
        'FailedOperation.NotAllowOperation',
      );
      const facts = await client.readTask(refOf(full), never);
      assert.deepEqual([facts.status, facts.migrateType, facts.steps.length], ['success', 'full', 2]);
      assert.equal(
        await refusal(call(service, 'CompleteMigrateJob', { JobId: full.jobId })),
        'FailedOperation.StatusInConflict',
      );
    });
  });

  describe('a comparison', () => {
    const wanted = { objects: 'sameAsMigrate', method: 'dataCheck' } as const;

    it('runs, and its verdict, report and rows can be read', async () => {
      const result = pending<CompareOutcome>();
      const task = readyTask('dts-compare1', { outcome: result.promise });
      service = await startService([task]);
      const { client } = connect(service.url);
      const ref = refOf(task);
      const id = await client.createComparison(ref, { ...wanted, name: 'before the switch' }, never);
      assert.equal((await client.readComparison(ref, id, never)).status, 'created');
      await client.startComparison(ref, id, never);
      const running = await client.readComparison(ref, id, never);
      assert.deepEqual([running.status, running.conclusion, running.percent], ['running', 'none', 50]);
      result.resolve(outcome(['same', 'different', 'skipped']));
      await new Promise((resolve) => setImmediate(resolve));
      const finished = await client.readComparison(ref, id, never);
      assert.deepEqual(
        [finished.status, finished.conclusion, finished.name],
        ['success', 'different', 'before the switch'],
      );
      const page = { limit: 10, offset: 0 };
      const report = await client.readComparisonReport(ref, id, { differences: page, skipped: page }, never);
      assert.deepEqual(
        [report.totalTables, report.checkedTables, report.differentTables, report.skippedTables, report.differentRows],
        [3, 2, 1, 1, 1],
      );
      assert.deepEqual(report.skipped.items, [
        { database: 'shop', schema: 'public', table: 't2', reason: 'no primary key' },
      ]);
      const { rows } = await client.readDifferences(ref, id, { database: 'shop', table: 't1', ...page }, never);
      assert.deepEqual(
        rows.map(({ identifier, kind, source, target }) => [identifier, kind, source, target]),
        [['id=7', 'missingOnTarget', ['7', null], []]],
      );
      const beyond = { limit: 10, offset: 5 };
      assert.deepEqual(
        (await client.readDifferences(ref, id, { database: 'shop', table: 't1', ...beyond }, never)).rows,
        [],
      );
      await failureOf(client.readComparison(ref, 'dts-compare1-cmp-none', never), 'task-not-found');
    });

    it('calls itself "skipAll" when nothing was compared', async () => {
      const task = readyTask('dts-compare2', { outcome: outcome(['skipped']) });
      service = await startService([task]);
      const { client } = connect(service.url);
      const id = await client.createComparison(refOf(task), wanted, never);
      await client.startComparison(refOf(task), id, never);
      assert.equal((await client.readComparison(refOf(task), id, never)).conclusion, 'skipAll');
    });

    it('needs the incremental step', async () => {
      const task = taskNamed('dts-copying1', { phase: 'full' });
      const script = scriptOf(task);
      service = await startService([task]);
      const { client } = connect(service.url);
      await failureOf(client.createComparison(refOf(task), wanted, never), 'not-allowed-now');
      script.phase = 'incremental';
      const id = await client.createComparison(refOf(task), wanted, never);
      script.phase = 'finished';
      await failureOf(client.startComparison(refOf(task), id, never), 'not-allowed-now');
    });

    it('fails when the task is completed meanwhile', async () => {
      const task = readyTask('dts-compare3', { outcome: pending<CompareOutcome>().promise });
      service = await startService([task]);
      const { client } = connect(service.url);
      const id = await client.createComparison(refOf(task), wanted, never);
      await client.startComparison(refOf(task), id, never);
      await client.completeTask(refOf(task), never);
      const failed = await client.readComparison(refOf(task), id, never);
      assert.deepEqual([failed.status, failed.conclusion], ['failed', 'none']);
      assert.match(failed.message, /completed/);
    });

    it('can be stopped', async () => {
      const task = readyTask('dts-compare4', { outcome: pending<CompareOutcome>().promise });
      service = await startService([task]);
      const { client } = connect(service.url);
      const id = await client.createComparison(refOf(task), wanted, never);
      await client.startComparison(refOf(task), id, never);
      await client.stopComparison(refOf(task), id, never);
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal((await client.readComparison(refOf(task), id, never)).status, 'canceled');
      await failureOf(client.stopComparison(refOf(task), id, never), 'not-allowed-now');
    });

    it("takes chosen tables under the source's names and finds the target's", async () => {
      const databases = [
        { name: 'shop', newName: 'shop2', schema: 'public', tables: [{ name: 'orders', newName: 'orders2' }] },
      ];
      const task = { ...readyTask('dts-compare5'), databases };
      const asked: unknown[] = [];
      const { backend } = task;
      const compare = backend.compare.bind(backend);
      backend.compare = (scope, ...rest) => {
        asked.push(scope);
        return compare(scope, ...rest);
      };
      service = await startService([task]);
      const { client } = connect(service.url);
      const objects = [{ name: 'shop', schema: 'public', tables: ['orders'] }];
      const id = await client.createComparison(refOf(task), { objects, method: 'rowsCount' }, never);
      await client.startComparison(refOf(task), id, never);
      const table = {
        source: { database: 'shop', schema: 'public', table: 'orders' },
        target: { database: 'shop2', schema: 'public', table: 'orders2' },
      };
      assert.deepEqual(asked, [{ tables: [table], method: 'rowsCount' }]);
    });
  });
});
