import assert from 'node:assert/strict';
import http, { type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decorativeTasks } from '../../sandbox/dts/decorative.ts';
import type { DtsService } from '../../sandbox/dts/service.ts';
import { TASK_STATUSES } from '../../src/cutover/facts.ts';
import {
  ACCOUNT,
  connect,
  everythingIn,
  failureOf,
  never,
  readyTask,
  refOf,
  REGION,
  startService,
} from '../unit/dts/support.ts';
import { call, pending, refusal } from './serviceCalls.ts';

describe("the sandbox's DTS service", function () {
  this.timeout(30_000);
  let service: DtsService;
  afterEach(() => service.stop());

  describe('signature', () => {
    /** One genuine request of the SDK, as it goes over the wire. */
    async function genuine(): Promise<{ headers: IncomingHttpHeaders; body: string }> {
      const caught = pending<{ headers: IncomingHttpHeaders; body: string }>();
      const catcher = http.createServer((request) => {
        let body = '';
        request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
        request.on('end', () => {
          caught.resolve({ headers: request.headers, body });
          request.socket.destroy();
        });
      });
      catcher.listen(0, '127.0.0.1');
      await new Promise((resolve) => catcher.once('listening', resolve));
      const { port } = catcher.address() as AddressInfo;
      const { client } = connect(`http://127.0.0.1:${port}`);
      await failureOf(client.completeTask({ region: REGION, jobId: 'dts-ready001' }, never), 'outcome-unknown');
      await new Promise((resolve) => catcher.close(resolve));
      return caught.promise;
    }

    function post(headers: IncomingHttpHeaders, body: string): Promise<string> {
      return new Promise((resolve, reject) => {
        const options = { host: '127.0.0.1', port: service.port, method: 'POST', headers };
        const request = http.request(options, (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
          response.on('end', () => resolve(text));
        });
        request.on('error', reject);
        request.end(body);
      });
    }

    it('holds for what was signed, and for nothing else', async () => {
      service = await startService([readyTask()]);
      const { headers, body } = await genuine();
      const other = body.replace('dts-ready001', 'dts-ready002');
      assert.notEqual(other, body);
      assert.match(await post(headers, other), /"AuthFailure.SignatureFailure"/);
      assert.match(await post({ ...headers, 'content-type': 'text/plain' }, body), /"AuthFailure.SignatureFailure"/);
      assert.match(await post({ ...headers, host: 'dts.example.com' }, body), /"AuthFailure.SignatureFailure"/);
      assert.match(await post({ ...headers, authorization: 'SKIP' }, body), /"AuthFailure.InvalidAuthorization"/);
      const timestamp = Number(headers['x-tc-timestamp']);
      assert.match(
        await post({ ...headers, 'x-tc-timestamp': String(timestamp - 1) }, body),
        /"AuthFailure.SignatureFailure"/,
      );
      assert.match(
        await post({ ...headers, 'x-tc-timestamp': String(timestamp - 400) }, body),
        /"AuthFailure.SignatureExpire"/,
      );
      assert.match(await post({ ...headers, 'x-tc-timestamp': '' }, body), /"AuthFailure.SignatureExpire"/);
      assert.match(await post({ ...headers, 'x-tc-token': 'made up' }, body), /"AuthFailure.TokenFailure"/);
      assert.equal(service.control.job('dts-ready001')?.status, 'readyComplete');
      assert.match(await post(headers, body), /^\{"Response":\{"RequestId":"[0-9a-f-]{36}"\}\}$/);
    });
  });

  describe('requests', () => {
    it('are refused as DTS refuses them', async () => {
      service = await startService([readyTask()]);
      assert.equal(await refusal(call(service, 'DescribeEverything', {})), 'InvalidAction');
      assert.equal(await refusal(call(service, 'DescribeMigrationDetail', {})), 'MissingParameter');
      assert.equal(await refusal(call(service, 'DescribeMigrationDetail', { JobId: 7 })), 'InvalidParameterValue');
      assert.equal(
        await refusal(call(service, 'DescribeMigrationDetail', { JobId: 'x', Force: true })),
        'UnknownParameter',
      );
      assert.equal(await refusal(call(service, 'DescribeMigrationJobs', { Limit: 101 })), 'InvalidParameterValue');
      assert.equal(await refusal(call(service, 'DescribeMigrationJobs', {}, 'mars-north')), 'UnsupportedRegion');
      assert.equal(
        await refusal(call(service, 'DescribeMigrationDetail', { JobId: 'dts-nowhere' })),
        'ResourceNotFound.JobNotExist',
      );
    });

    it('are limited to 20 a second for each action and region', async () => {
      let now = Date.now();
      service = await startService([], [ACCOUNT], () => now);
      const results = await Promise.allSettled(
        Array.from({ length: 25 }, () => call(service, 'DescribeMigrationJobs', {})),
      );
      const refused = results.filter(({ status }) => status === 'rejected');
      assert.equal(refused.length, 5);
      now += 999;
      assert.equal(await refusal(call(service, 'DescribeMigrationJobs', {})), 'RequestLimitExceeded');
      now += 1;
      await call(service, 'DescribeMigrationJobs', {});
      await call(service, 'DescribeMigrationJobs', {}, 'ap-shanghai');
      assert.equal(
        await refusal(call(service, 'DescribeMigrationDetail', { JobId: 'dts-nowhere' })),
        'ResourceNotFound.JobNotExist',
      );
    });
  });

  describe('faults', () => {
    it('can be planted over HTTP, from this machine only', async () => {
      const task = readyTask();
      service = await startService([task]);
      const { client } = connect(service.url);
      const address = `${service.url}/_sandbox/faults`;
      const rule = { action: 'DescribeMigrationDetail', fault: { kind: 'error', code: 'AuthFailure.TokenFailure' } };
      assert.equal((await fetch(address, { method: 'POST', body: JSON.stringify(rule) })).status, 200);
      await failureOf(client.readTask(refOf(task), never), 'credentials-expired');
      assert.match(await (await fetch(address)).text(), /TokenFailure/);
      assert.equal((await fetch(address, { method: 'POST', body: '{"fault": {"kind": "flood"}}' })).status, 400);
      await fetch(address, { method: 'DELETE' });
      await client.readTask(refOf(task), never);
      const status = await new Promise((resolve, reject) => {
        const options = {
          host: '127.0.0.1',
          port: service.port,
          path: '/_sandbox/faults',
          headers: { host: 'evil.example' },
        };
        http.get(options, (response) => resolve(response.resume().statusCode)).on('error', reject);
      });
      assert.equal(status, 403);
    });

    it('make answers slow, and stopping does not wait for them', async () => {
      const task = readyTask();
      service = await startService([task]);
      const { client } = connect(service.url);
      service.control.faults.add({ times: 1, fault: { kind: 'slow', ms: 50 } });
      await client.readTask(refOf(task), never);
      service.control.faults.add({ fault: { kind: 'hang' } });
      const hanging = failureOf(client.completeTask(refOf(task), never), 'outcome-unknown');
      while (service.control.calls.length < 2) await new Promise((resolve) => setImmediate(resolve));
      await service.stop();
      await hanging;
    });
  });

  it('shows a thousand tasks of every status, region, engine and kind, and leaks their secrets as the real one does', async () => {
    const tasks = decorativeTasks(1000);
    service = await startService(tasks);
    const { client } = connect(service.url);
    const regions = [...new Set(tasks.map(({ region }) => region))];
    const facts = (await Promise.all(regions.map((region) => client.listTasks(region, {}, never)))).flat();
    assert.equal(new Set(facts.map(({ ref }) => ref.jobId)).size, 1000);
    assert.deepEqual(
      TASK_STATUSES.filter((status) => !facts.some((task) => task.status === status)),
      [],
    );
    assert.ok(facts.some(({ trade }) => trade === 'isolated'));
    assert.deepEqual(
      new Set(facts.map(({ source }) => source.engine)),
      new Set(['mysql', 'postgres', 'sqlserver', 'mongodb', null]),
    );
    assert.ok(facts.some(({ source }) => source.nodes.length > 1));
    const failed = facts.find(({ status }) => status === 'failed');
    assert.ok(failed);
    const detail = await client.readTask(failed.ref, never);
    assert.ok(detail.error?.message && detail.error.solution);
    const wire = JSON.stringify(
      await call(service, 'DescribeMigrationDetail', { JobId: failed.ref.jobId }, failed.ref.region),
    );
    assert.match(wire, /"Password":"leak-src-\d+"/);
    assert.match(wire, /"TmpSecretKey":"leak-key-\d+".*"TmpToken":"leak-token-\d+"/);
    assert.doesNotMatch(everythingIn([facts, detail]), /leak-/);
  });
});
