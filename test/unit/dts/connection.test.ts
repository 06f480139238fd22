import assert from 'node:assert/strict';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import type { DtsService, SandboxTask } from '../../../sandbox/dts/service.ts';
import type { TaskPage } from '../../../src/dts/api.ts';
import { connect, everythingIn, failureOf, never, readyTask, refOf, REGION, startService } from './support.ts';

describe('the connection to DTS', function () {
  this.timeout(30_000);
  let task: SandboxTask;
  let service: DtsService;
  beforeEach(async () => {
    task = readyTask();
    service = await startService([task]);
  });
  afterEach(() => service.stop());

  /** Resolves when the service has got a call, so that an abort meets it under way. */
  async function received(count = 1): Promise<void> {
    while (service.control.calls.length < count) await new Promise((resolve) => setImmediate(resolve));
  }

  it('is closed at once when a call is aborted under way', async () => {
    service.control.faults.add({ fault: { kind: 'hang' } });
    const stop = new AbortController();
    const { client } = connect(service.url);
    const reading = failureOf(client.readTask(refOf(task), stop.signal), 'cancelled');
    await received();
    stop.abort();
    await reading;
    await service.control.disconnected();
    assert.equal(service.control.openConnections(), 0);
    assert.equal(service.control.calls.length, 1);
  });

  it('leaves the outcome of Complete unknown when that is aborted under way', async () => {
    service.control.faults.add({ fault: { kind: 'hang', afterEffect: true } });
    const stop = new AbortController();
    const { client } = connect(service.url);
    const completing = failureOf(client.completeTask(refOf(task), stop.signal), 'outcome-unknown');
    await received();
    stop.abort();
    await completing;
    assert.equal(service.control.job(task.jobId)?.status, 'success');
  });

  it('is not made for a call that was aborted before', async () => {
    const { client } = connect(service.url);
    await failureOf(client.completeTask(refOf(task), AbortSignal.abort()), 'cancelled');
    await failureOf(client.listTasks(REGION, {}, AbortSignal.abort()), 'cancelled');
    assert.equal(service.control.calls.length, 0);
  });

  it('is never made to where an answer sends it', async () => {
    for (const status of [301, 302, 303, 307, 308]) {
      const elsewhere: string[] = [];
      const other = http.createServer((request, response) => {
        elsewhere.push(JSON.stringify(request.headers));
        response.end('{"Response":{}}');
      });
      await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
      const location = `http://127.0.0.1:${(other.address() as AddressInfo).port}/`;
      const server = http.createServer((_, response) => response.writeHead(status, { location }).end());
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { client } = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
      await assert.rejects(client.readTask(refOf(task), never));
      await assert.rejects(client.completeTask(refOf(task), never));
      assert.deepEqual(elsewhere, []);
      for (const each of [server, other]) each.close();
    }
  });

  it('leaves none open behind', async () => {
    const { client } = connect(service.url);
    await Promise.all(Array.from({ length: 5 }, () => client.readTask(refOf(task), never)));
    await service.control.disconnected();
  });

  it('that cannot be made tells why, and leaves no doubt about Complete', async () => {
    const free = net.createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => free.once('listening', resolve));
    const { port } = free.address() as AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    const failing = (url: string) => connect(url).client.completeTask(refOf(task), never);
    const refused = await failureOf(failing(`http://127.0.0.1:${port}`), 'refused');
    assert.match(refused.message, new RegExp(`127.0.0.1:${port} \\(ECONNREFUSED\\)`));
    await failureOf(failing('https://dts.nowhere.invalid'), 'name-not-found');
    // TLS spoken to a server that speaks none
    await failureOf(failing(`https://127.0.0.1:${service.port}`), 'tls');
  });

  it('answers a cut answer long before the time limit', async () => {
    service.control.faults.add({ action: 'CompleteMigrateJob', fault: { kind: 'cut' } });
    const { client, records } = connect(service.url, { timeoutMs: 60_000 });
    await failureOf(client.completeTask(refOf(task), never), 'outcome-unknown');
    assert.equal(records.length, 1);
  });

  it('to something that answers in another shape tells the call and the place, never the value', async () => {
    const answers: unknown[] = [];
    const other = http.createServer((request, response) => {
      request.resume().on('end', () => response.end(JSON.stringify(answers.shift())));
    });
    other.listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { client } = connect(`http://127.0.0.1:${(other.address() as AddressInfo).port}`);
    const said = async (answer: unknown, work: () => Promise<unknown>) => {
      answers.push(answer);
      const failure = await failureOf(work(), 'unexpected-answer');
      assert.doesNotMatch(everythingIn(failure), /planted/);
      return failure.message;
    };
    const list = () => client.listTasks(REGION, {}, never);
    const read = () => client.readTask({ region: REGION, jobId: 'dts-mine' }, never);
    try {
      assert.match(await said({ Response: { JobList: 'planted' } }, list), /DescribeMigrationJobs.* at JobList/);
      // one odd item, a count that is none, a decorative field of an odd type: the rest of the page is there
      const job = { JobId: 'dts-x', JobName: 'orders', SrcInfo: { Info: [{ Host: { planted: 1 } }] } };
      answers.push({ Response: { TotalCount: 'planted', JobList: [job, { JobName: 'planted' }] } });
      let page: TaskPage | undefined;
      await client.listTasks(REGION, {}, never, (came) => (page = came));
      assert.deepEqual([page?.total, page?.unreadable, page?.tasks.map(({ name }) => name)], [null, 1, ['orders']]);
      assert.deepEqual(page?.tasks[0]?.unreadable, ['SrcInfo.Info.0.Host']);
      assert.match(await said({ Response: ['planted'] }, list), /DescribeMigrationJobs/);
      assert.match(await said({ answer: 'planted' }, list), /not an answer of DTS/);
      // facts about another task than the one asked for
      assert.match(
        await said({ Response: { JobId: 'dts-planted' } }, read),
        /DescribeMigrationDetail.*dts-mine.* at JobId/,
      );
      answers.push({ Response: 'planted' });
      await failureOf(client.completeTask({ region: REGION, jobId: 'dts-mine' }, never), 'outcome-unknown');
    } finally {
      await new Promise((resolve) => other.close(resolve));
    }
  });

  describe('through a proxy', () => {
    let proxy: http.Server;
    let asked: { target: string; authorization: string }[];
    let answer: 'connect' | 'authenticate';
    let tunnels: Set<net.Socket>;
    beforeEach(async () => {
      [asked, answer, tunnels] = [[], 'connect', new Set()];
      proxy = http.createServer();
      proxy.on('connect', (request: http.IncomingMessage, socket: net.Socket) => {
        asked.push({ target: request.url ?? '', authorization: request.headers['proxy-authorization'] ?? '' });
        if (answer === 'authenticate') {
          socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n');
          return;
        }
        const [host, port] = (request.url ?? '').split(':');
        const onward = net.connect(Number(port), host, () => {
          socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
          onward.pipe(socket).pipe(onward);
        });
        for (const each of [socket, onward]) {
          tunnels.add(each);
          each.on('error', () => each.destroy());
        }
      });
      proxy.listen(0, '127.0.0.1');
      await new Promise((resolve) => proxy.once('listening', resolve));
    });
    afterEach(async () => {
      for (const each of tunnels) each.destroy();
      await new Promise((resolve) => proxy.close(resolve));
    });
    const proxyPort = () => (proxy.address() as AddressInfo).port;

    it('works, with its user name and password', async () => {
      const { client } = connect(service.url, { proxy: `http://me:secret@127.0.0.1:${proxyPort()}` });
      assert.equal((await client.readTask(refOf(task), never)).status, 'readyComplete');
      assert.deepEqual(asked, [
        { target: `127.0.0.1:${service.port}`, authorization: `Basic ${Buffer.from('me:secret').toString('base64')}` },
      ]);
    });

    it('goes nowhere an answer sends it, with the signed request', async () => {
      let strayed = 0;
      const elsewhere = http.createServer((_request, response) => response.end(String(strayed++)));
      const sending = http.createServer((request, response) => {
        const to = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`;
        request.resume().on('end', () => response.writeHead(307, { location: to }).end());
      });
      for (const server of [elsewhere, sending]) {
        server.listen(0, '127.0.0.1');
        await new Promise((resolve) => server.once('listening', resolve));
      }
      const url = `http://127.0.0.1:${(sending.address() as AddressInfo).port}`;
      const { client } = connect(url, { proxy: `http://127.0.0.1:${proxyPort()}` });
      await assert.rejects(client.readTask(refOf(task), never));
      assert.deepEqual([asked.length, strayed], [1, 0]);
      for (const server of [elsewhere, sending]) {
        server.closeAllConnections();
        server.close();
      }
    });

    it('that wants a password says so, without doubt about Complete', async () => {
      answer = 'authenticate';
      const { client } = connect(service.url, { proxy: `http://127.0.0.1:${proxyPort()}` });
      const failure = await failureOf(client.completeTask(refOf(task), never), 'refused');
      assert.match(failure.message, /proxy/);
      assert.equal(asked.length, 1);
    });

    it('that is not there is said', async () => {
      const { client } = connect(service.url, { proxy: 'http://127.0.0.1:1' });
      await failureOf(client.completeTask(refOf(task), never), 'refused');
      assert.equal(service.control.calls.length, 0);
    });

    it('of the environment is not used', async () => {
      const before = process.env.http_proxy;
      process.env.http_proxy = `http://127.0.0.1:${proxyPort()}`;
      try {
        await connect(service.url).client.readTask(refOf(task), never);
      } finally {
        if (before === undefined) delete process.env.http_proxy;
        else process.env.http_proxy = before;
      }
      assert.deepEqual(asked, []);
    });
  });
});
