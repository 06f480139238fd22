import assert from 'node:assert/strict';
import { decorativeTasks } from '../../../sandbox/dts/decorative.ts';
import { FAULT_CODES } from '../../../sandbox/dts/faults.ts';
import type { DtsService } from '../../../sandbox/dts/service.ts';
import { createDtsClient } from '../../../src/dts/client.ts';
import { say } from '../../../src/util/sentence.ts';
import {
  ACCOUNT,
  connect,
  everythingIn,
  failureOf,
  never,
  readyTask,
  refOf,
  REGION,
  SECRET_KEY,
  startService,
  taskNamed,
  TOKEN,
} from './support.ts';

describe('the DTS client, through the real SDK', function () {
  this.timeout(30_000);
  let service: DtsService;
  afterEach(() => service.stop());

  const countOf = (action: string) => service.control.calls.filter((call) => call.action === action).length;

  describe('listing tasks', () => {
    it('brings a thousand tasks page by page, each once, newest first', async () => {
      service = await startService(decorativeTasks(1000, [REGION]));
      const { client } = connect(service.url);
      const pages: number[] = [];
      const tasks = await client.listTasks(REGION, {}, never, ({ tasks: { length }, total }) => {
        assert.equal(total, 1000);
        pages.push(length);
      });
      assert.deepEqual(
        pages,
        Array.from({ length: 10 }, () => 100),
      );
      assert.equal(new Set(tasks.map(({ ref }) => ref.jobId)).size, 1000);
      const created = tasks.map(({ createdAt }) => createdAt ?? 0);
      assert.deepEqual(
        created,
        created.toSorted((a, b) => b - a),
      );
      assert.ok(tasks.every((task) => !task.detailed && task.gapMb === null && task.steps.length === 0));
    });

    it('keeps regions apart, also when they are listed at once', async () => {
      service = await startService(decorativeTasks(600, ['ap-guangzhou', 'ap-shanghai']));
      const { client } = connect(service.url);
      const [first, second] = await Promise.all(
        ['ap-guangzhou', 'ap-shanghai'].map((region) => client.listTasks(region, {}, never)),
      );
      assert.equal((first?.length ?? 0) + (second?.length ?? 0), 600);
      assert.ok(first?.length && first.every(({ ref }) => ref.region === 'ap-guangzhou'));
      assert.ok(second?.length && second.every(({ ref }) => ref.region === 'ap-shanghai'));
    });

    it('passes over no task and repeats none while others come and go', async () => {
      const all = decorativeTasks(500, [REGION]);
      service = await startService(all);
      const { client } = connect(service.url);
      const found: string[] = [];
      const gone = all.slice(20, 70).map(({ jobId }) => jobId);
      let page = 0;
      for await (const { tasks } of client.taskPages(REGION, {}, never)) {
        found.push(...tasks.map(({ ref }) => ref.jobId));
        if (++page === 1) for (const jobId of gone) service.control.removeTask(jobId);
        if (page === 3) service.control.addTask(readyTask('dts-newcomer'));
      }
      assert.equal(new Set(found).size, found.length);
      const lasting = all.map(({ jobId }) => jobId).filter((jobId) => !gone.includes(jobId));
      assert.deepEqual(
        lasting.filter((jobId) => !found.includes(jobId)),
        [],
      );
    });

    it('filters by status, type, name and id', async () => {
      service = await startService(decorativeTasks(300, [REGION]));
      const { client } = connect(service.url);
      const failed = await client.listTasks(REGION, { statuses: ['failed'], sourceTypes: ['mysql', 'mariadb'] }, never);
      assert.ok(failed.length > 0);
      assert.ok(failed.every(({ status, source }) => status === 'failed' && source.engine === 'mysql'));
      const [one] = failed;
      assert.ok(one);
      assert.deepEqual(
        (await client.listTasks(REGION, { jobId: one.ref.jobId }, never)).map(({ name }) => name),
        [one.name],
      );
      assert.equal((await client.listTasks(REGION, { name: 'no such name' }, never)).length, 0);
    });

    it('ends after the page at which it is aborted', async () => {
      service = await startService(decorativeTasks(500, [REGION]));
      const { client } = connect(service.url);
      const stop = new AbortController();
      await failureOf(
        client.listTasks(REGION, {}, stop.signal, () => stop.abort()),
        'cancelled',
      );
      assert.equal(countOf('DescribeMigrationJobs'), 1);
    });
  });

  describe('reading a task', () => {
    it('tells steps, gap, lag, scope and both ends', async () => {
      const databases = [
        { name: 'shop', schema: 'public', newSchema: 'app', tables: [{ name: 'orders', newName: 'orders2' }] },
      ];
      const task = { ...readyTask('dts-ready001', { gapMb: 3, lagSeconds: 2 }), databases };
      service = await startService([task]);
      const facts = await connect(service.url).client.readTask(refOf(task), never);
      assert.equal(facts.status, 'readyComplete');
      assert.deepEqual([facts.gapMb, facts.lagSeconds, facts.detailed], [3, 2, true]);
      assert.deepEqual(
        facts.steps.map(({ id, status }) => `${id} ${status}`),
        ['PgStructure finished', 'PgFull finished', 'PgIncSync running', 'PgPost notStarted'],
      );
      assert.ok(facts.allowedActions.includes('complete'));
      assert.equal(new Set(facts.allowedActions).size, facts.allowedActions.length);
      assert.equal(facts.target.instanceId, 'postgres-abc');
      assert.deepEqual(facts.scope.databases[0]?.tables, [{ name: 'orders', newName: 'orders2' }]);
      assert.equal(facts.scope.databases[0]?.newSchema, 'app');
    });

    it('asks in the language of the editor', async () => {
      const task = readyTask();
      service = await startService([task]);
      const { steps } = await connect(service.url, { language: 'zh-CN' }).client.readTask(refOf(task), never);
      assert.deepEqual(
        steps.map(({ name }) => name),
        ['结构迁移', '全量迁移', '增量同步', '剩余对象'],
      );
      assert.equal(service.control.calls[0]?.language, 'zh-CN');
    });

    it('takes −1 and null for no valid value, and an unknown status for itself', async () => {
      const task = readyTask();
      service = await startService([task]);
      const { client } = connect(service.url);
      for (const value of [-1, null] as const) {
        service.control.faults.add({ times: 1, fault: { kind: 'measures', value } });
        const facts = await client.readTask(refOf(task), never);
        assert.deepEqual([facts.gapMb, facts.lagSeconds], [null, null]);
      }
      service.control.faults.add({ times: 1, fault: { kind: 'status', status: 'readyCompleteSoon' } });
      const odd = await client.readTask(refOf(task), never);
      assert.deepEqual([odd.status, odd.rawStatus], ['unrecognized', 'readyCompleteSoon']);
      service.control.faults.add({ times: 1, fault: { kind: 'nulls' } });
      const empty = await client.readTask(refOf(task), never);
      assert.deepEqual([empty.status, empty.gapMb, empty.allowedActions.length], ['unrecognized', null, 0]);
    });
  });

  describe('refusals', () => {
    it('tell wrong keys, an expired token and a wrong clock apart', async () => {
      const temporary = { ...ACCOUNT, secretId: 'AKIDtemporary', token: TOKEN, tokenExpiresAt: Date.now() + 60_000 };
      let ahead = 0;
      service = await startService([], [ACCOUNT, temporary], () => Date.now() + ahead);
      const list = (credentials: { secretId: string; secretKey: string; token?: string }) =>
        connect(service.url, { credentials }).client.listTasks(REGION, {}, never);
      const { secretId } = ACCOUNT;
      await list({ secretId, secretKey: SECRET_KEY });
      await failureOf(list({ secretId, secretKey: 'wrong' }), 'credentials-invalid');
      await failureOf(list({ secretId: 'AKIDnobody', secretKey: SECRET_KEY }), 'credentials-invalid');
      await list({ secretId: temporary.secretId, secretKey: SECRET_KEY, token: TOKEN });
      await failureOf(
        list({ secretId: temporary.secretId, secretKey: SECRET_KEY, token: 'old' }),
        'credentials-expired',
      );
      ahead = 120_000;
      const keys = { secretId: temporary.secretId, secretKey: SECRET_KEY, token: TOKEN };
      await failureOf(list(keys), 'credentials-expired');
      ahead = 600_000;
      await failureOf(list({ secretId, secretKey: SECRET_KEY }), 'clock-skew');
    });

    it('name the right that is missing', async () => {
      const task = readyTask();
      service = await startService([task], [{ ...ACCOUNT, permissions: 'read-only' }]);
      const { client } = connect(service.url);
      await client.readTask(refOf(task), never);
      const failure = await failureOf(client.completeTask(refOf(task), never), 'permission-denied');
      assert.ok(failure.tryThis);
      assert.match(say(failure.tryThis), /dts:CompleteMigrateJob on qcs::dts:ap-guangzhou:uin\/:task\/dts-ready001/);
    });

    it('say that a task is gone, a region not offered, a step not allowed', async () => {
      const task = taskNamed('dts-copying1', { phase: 'full', percent: 10 });
      service = await startService([task]);
      const { client } = connect(service.url);
      await failureOf(client.readTask({ region: REGION, jobId: 'dts-nowhere' }, never), 'task-not-found');
      await failureOf(client.readTask({ region: 'ap-shanghai', jobId: task.jobId }, never), 'task-not-found');
      await failureOf(client.listTasks('mars-north', {}, never), 'invalid-request');
      await failureOf(client.completeTask(refOf(task), never), 'not-allowed-now');
    });

    it('of credentials that are not there send nothing', async () => {
      service = await startService([]);
      let asked = 0;
      const credentials = () => {
        asked++;
        return Promise.resolve({ secretId: asked === 1 ? '' : ACCOUNT.secretId, secretKey: SECRET_KEY });
      };
      const { client } = connect(service.url, { credentials });
      await failureOf(client.listTasks(REGION, {}, never), 'credentials-missing');
      assert.equal(service.control.calls.length, 0);
      await client.listTasks(REGION, {}, never);
      assert.equal(asked, 2);
    });
  });

  describe('limits', () => {
    it('are kept: the service never sees more than 20 of an action in a second', async () => {
      const task = readyTask();
      service = await startService([task]);
      const { client, records } = connect(service.url);
      await Promise.all(Array.from({ length: 45 }, () => client.readTask(refOf(task), never)));
      const times = service.control.calls.map(({ at }) => at);
      assert.equal(times.length, 45);
      for (const at of times) assert.ok(times.filter((other) => other >= at && other < at + 1000).length <= 20);
      assert.ok(records.every(({ outcome }) => outcome === 'ok'));
    });

    it('that others use up with the same account are waited out', async () => {
      const task = readyTask();
      service = await startService([task]);
      const { client, records } = connect(service.url);
      service.control.faults.add({ times: 2, fault: { kind: 'error', code: FAULT_CODES.throttled } });
      await client.readTask(refOf(task), never);
      assert.deepEqual(
        records.map(({ outcome }) => outcome),
        ['throttled', 'throttled', 'ok'],
      );
    });
  });

  describe('trouble on the way', () => {
    it('is tried again for a read, and each try is logged', async () => {
      const task = readyTask();
      service = await startService([task]);
      const { client, records } = connect(service.url);
      service.control.faults.add({ times: 1, fault: { kind: 'http', status: 502 } });
      assert.equal((await client.readTask(refOf(task), never)).status, 'readyComplete');
      service.control.faults.add({ times: 1, fault: { kind: 'drop' } });
      assert.equal((await client.readTask(refOf(task), never)).status, 'readyComplete');
      assert.equal(countOf('DescribeMigrationDetail'), 4);
      assert.deepEqual(
        records.map(({ attempt, outcome, code }) => [attempt, outcome, code]),
        [
          [1, 'service-error', '502'],
          [2, 'ok', ''],
          [1, 'connection-lost', ''],
          [2, 'ok', ''],
        ],
      );
      assert.match(records[1]?.requestId ?? '', /^[0-9a-f-]{36}$/);
    });

    it('of Complete is never tried again, and leaves the outcome unknown', async () => {
      const faults = [
        { kind: 'drop', afterEffect: true },
        { kind: 'drop' },
        { kind: 'cut' },
        { kind: 'hang', afterEffect: true },
        { kind: 'http', status: 502, afterEffect: true },
        { kind: 'page' },
        { kind: 'error', code: 'InternalError' },
      ] as const;
      const tasks = faults.map((_, index) => readyTask(`dts-doubt${index}`));
      service = await startService(tasks);
      const { client } = connect(service.url);
      const hurried = connect(service.url, { timeoutMs: 1000 }).client;
      await Promise.all(
        faults.map(async (fault, index) => {
          const ref = { region: REGION, jobId: `dts-doubt${index}` };
          service.control.faults.add({ jobId: ref.jobId, action: 'CompleteMigrateJob', fault });
          const sender = fault.kind === 'hang' ? hurried : client;
          await failureOf(sender.completeTask(ref, never), 'outcome-unknown');
          const sent = service.control.calls.filter(({ jobId }) => jobId === ref.jobId);
          assert.equal(sent.length, 1, JSON.stringify(fault));
          // what really happened can only be read
          const effect = ('afterEffect' in fault && fault.afterEffect) || fault.kind === 'cut';
          assert.equal((await client.readTask(ref, never)).status, effect ? 'success' : 'readyComplete');
        }),
      );
    });

    it('of Complete that was plainly refused is no doubt, and still not tried again', async () => {
      const task = readyTask();
      service = await startService([task]);
      const { client } = connect(service.url);
      const remove = service.control.faults.add({ fault: { kind: 'error', code: FAULT_CODES.throttled } });
      await failureOf(client.completeTask(refOf(task), never), 'throttled');
      assert.equal(countOf('CompleteMigrateJob'), 1);
      remove();
      await client.completeTask(refOf(task), never);
    });

    it("of a comparison's start leaves the outcome unknown too", async () => {
      const task = readyTask();
      service = await startService([task]);
      const { client } = connect(service.url);
      service.control.faults.add({ action: 'CreateCompareTask', fault: { kind: 'drop', afterEffect: true } });
      const wanted = { objects: 'sameAsMigrate', method: 'dataCheck' } as const;
      await failureOf(client.createComparison(refOf(task), wanted, never), 'outcome-unknown');
      assert.equal((await client.listComparisons(refOf(task), never)).length, 1);
    });

    it('that no answer of DTS came is said as that', async () => {
      const task = readyTask();
      service = await startService([task]);
      const { client } = connect(service.url);
      service.control.faults.add({ times: 1, fault: { kind: 'page' } });
      const failure = await failureOf(client.readTask(refOf(task), never), 'unexpected-answer');
      assert.match(failure.message, new RegExp(`127.0.0.1:${service.port}.*DescribeMigrationDetail`));
      assert.doesNotMatch(everythingIn(failure), /Please log in/);
      service.control.faults.add({ times: 1, fault: { kind: 'hang' } });
      const hurried = connect(service.url, { timeoutMs: 300 }).client;
      await failureOf(hurried.readTask(refOf(task), never), 'timed-out');
    });
  });

  describe('secrets', () => {
    it('reach no fact, no failure and no log record', async () => {
      const temporary = { ...ACCOUNT, token: TOKEN };
      const task = readyTask();
      service = await startService([task], [temporary]);
      const credentials = { secretId: ACCOUNT.secretId, secretKey: SECRET_KEY, token: TOKEN };
      const { client, records } = connect(service.url, { credentials });
      const ref = refOf(task);
      const seen: unknown[] = [await client.listTasks(REGION, {}, never), await client.readTask(ref, never)];
      const message = `${ACCOUNT.secretId} signed by ${SECRET_KEY} with ${TOKEN}`;
      service.control.faults.add({ fault: { kind: 'error', code: 'FailedOperation', message } });
      seen.push(await failureOf(client.readTask(ref, never), 'not-allowed-now'));
      service.control.faults.clear();
      service.control.faults.add({ times: 1, fault: { kind: 'cut' }, action: 'CompleteMigrateJob' });
      seen.push(await failureOf(client.completeTask(ref, never), 'outcome-unknown'));
      const text = everythingIn([seen, records]);
      assert.match(text, /10\.0\.0\.5/);
      assert.match(text, /signed by •••/);
      assert.doesNotMatch(text, /planted|AKID/);
    });
  });

  it('refuses an endpoint that is none', async () => {
    service = await startService([]);
    for (const url of ['', 'dts.example.com', 'ftp://dts.example.com', 'https://user:pass@dts.example.com']) {
      const made = Promise.resolve().then(() =>
        createDtsClient({ credentials: ACCOUNT, endpoint: { kind: 'custom', url }, language: 'en-US' }),
      );
      const failure = await failureOf(made, 'bad-input');
      assert.doesNotMatch(everythingIn(failure), /user:pass/);
    }
    const named = (kind: 'mainland' | 'international') =>
      createDtsClient({ credentials: ACCOUNT, endpoint: { kind }, language: 'en-US' }).endpointName;
    assert.deepEqual(
      [named('mainland'), named('international')],
      ['dts.tencentcloudapi.com', 'dts.intl.tencentcloudapi.com'],
    );
  });
});
