import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createSocket } from 'node:dgram';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ConnectionProfile } from '../../src/engines/engine.ts';
import { loadEngine } from '../../src/engines/load.ts';
import { sqlserver } from '../../src/engines/sqlserver/index.ts';
import { Link } from '../../src/engines/sqlserver/link.ts';
import { textOf } from '../../src/engines/sqlserver/text.ts';
import { isFailure } from '../../src/util/failure.ts';
import { CERTIFICATE, CERTIFICATE_KEY, FINGERPRINT, OTHER_FINGERPRINT } from '../support/certificate.ts';
import { never, PROGRAM, TestServer } from '../support/sqlserver.ts';
import type { TdsOptions } from '../support/tds/server.ts';

const certificate = { cert: CERTIFICATE, key: CERTIFICATE_KEY };

describe('SQL Server: connecting and logging in', () => {
  let server: TestServer | null = null;
  let folder: string;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'dts-cutover-tls-'));
    writeFileSync(path.join(folder, 'ca.pem'), CERTIFICATE);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  afterEach(async () => {
    await server?.stop();
    server = null;
  });

  async function start(options: TdsOptions = {}): Promise<TestServer> {
    server = await TestServer.start(options);
    return server;
  }
  const byName = ({ tds }: TestServer): Partial<ConnectionProfile> => ({
    nodes: [{ host: 'localhost', port: tds.port }],
  });

  it('is what the loader loads', async () => {
    assert.equal((await loadEngine('sqlserver')).kind, sqlserver.kind);
  });

  it('tells product, identity, start and clock of the server', async () => {
    const test = await start();
    const { server: facts } = await test.connect();
    assert.deepEqual(
      { ...facts, clockOffset: 0, identity: facts.identity.replace(/[\d-]+ [\d:.]+$/, '(local time)') },
      {
        engine: 'sqlserver',
        product: 'SQL Server 2019 (15.0.4355.3)',
        version: '15.0.4355.3',
        endpoint: `127.0.0.1:${test.tds.port}/`,
        account: 'admin',
        identity: 'TESTSERVER@TESTSERVER, started (local time)',
        startedAt: test.model.started.getTime(),
        clockOffset: 0,
        readOnly: false,
      },
    );
    assert.ok(facts.clockOffset !== null && Math.abs(facts.clockOffset) < 60_000);
  });

  it('says who it is, and prepares its session to stand back for others', async () => {
    const test = await start();
    await test.connect();
    const own = [...test.model.sessions.values()].find(({ login }) => login === 'admin');
    assert.equal(own?.program, PROGRAM);
    assert.equal(own?.processId, process.pid);
    const setUp = test.model.asked.find(({ sql }) => sql.includes('LOCK_TIMEOUT'));
    assert.equal(
      setUp?.sql,
      'SET LOCK_TIMEOUT 5000; SET DEADLOCK_PRIORITY LOW; SET IMPLICIT_TRANSACTIONS OFF; ' +
        'SET TRANSACTION ISOLATION LEVEL READ COMMITTED',
    );
    // settings made inside sp_executesql would end with it
    assert.equal(setUp.kind, 'batch');
  });

  it('keeps its polls out of the database of the profile, where the account may', async () => {
    const test = await start();
    test.model.addDatabase('shop');
    await test.connect({}, { database: 'shop' });
    const own = () => [...test.model.sessions.values()].filter(({ login }) => login === 'admin');
    assert.deepEqual(
      own().map(({ database }) => database),
      ['master'],
    );
    test.model.intercept = (sql) =>
      sql.startsWith('USE') ? { errors: [{ number: 916, message: 'The server principal is not able to.' }] } : null;
    const contained = await test.connect({}, { database: 'shop' });
    assert.ok((await contained.listSessions(never)).sessions.length > 0);
    assert.deepEqual(
      own().map(({ database }) => database),
      ['master', 'shop'],
    );
  });

  it('opens the database of the profile', async () => {
    const test = await start();
    test.model.addDatabase('shop');
    const connection = await test.connect({}, { database: 'shop' });
    assert.match(connection.server.endpoint, /\/shop$/);
  });

  it('encrypts without checking the certificate when it is only required', async () => {
    const test = await start({ encryption: 'offered', certificate });
    const connection = await test.connect({}, { tls: { mode: 'required' } });
    assert.ok((await connection.listSessions(never)).sessions.length > 0);
  });

  it('checks certificate and name against the authority given', async () => {
    const test = await start({ encryption: 'required', certificate });
    const caFile = path.join(folder, 'ca.pem');
    const connection = await test.connect({}, { ...byName(test), tls: { mode: 'verify-full', caFile } });
    assert.ok((await connection.listSessions(never)).sessions.length > 0);
  });

  it('takes the pinned certificate and no other, and sends no login to a server that shows another', async () => {
    const test = await start({ encryption: 'required', certificate });
    let logins = 0;
    test.model.events.on('login', () => logins++);
    const tls = { mode: 'pinned', pin: OTHER_FINGERPRINT } as const;
    await assert.rejects(test.connect({}, { tls }), (error) => {
      return isFailure(error) && error.reason === 'tls' && error.message.includes(FINGERPRINT);
    });
    assert.equal(logins, 0);
    const connection = await test.connect({}, { tls: { ...tls, pin: FINGERPRINT } });
    assert.ok((await connection.listSessions(never)).sessions.length > 0);
  });

  it('says that the server wants encryption', async () => {
    const test = await start({ encryption: 'required', certificate });
    await assert.rejects(test.connect(), (error) => {
      return isFailure(error) && error.reason === 'tls' && /encrypted connections only/.test(error.message);
    });
  });

  it('asks SQL Server Browser where a named instance listens', async () => {
    const test = await start();
    const browser = createSocket('udp4').bind(0, '127.0.0.1');
    await once(browser, 'listening');
    const asked: number[] = [];
    browser.on('message', (question, from) => {
      asked.push(question[0] ?? -1);
      const answer = `ServerName;H;InstanceName;SHOP;IsClustered;No;Version;15.0;tcp;${test.tds.port};;`;
      browser.send(Buffer.concat([Buffer.from([5, answer.length, 0]), Buffer.from(answer)]), from.port, from.address);
    });
    const { port } = browser.address();
    const at = (instance: string) => ({ nodes: [{ host: '127.0.0.1', port, instance }] });
    const connection = await test.connect({}, at('shop'));
    assert.equal(connection.server.endpoint, '127.0.0.1\\shop/');
    assert.ok(asked.length > 0);
    await assert.rejects(test.connect({}, at('other')), (error) => {
      return isFailure(error) && error.reason === 'timed-out' && /instance other/.test(error.message);
    });
    browser.close();
    await once(browser, 'close');
    await assert.rejects(test.connect({ timeoutMs: 300 }, at('shop')), { reason: 'timed-out' });
    await assert.rejects(sqlserver.connect(test.request({}, at('shop')), AbortSignal.abort()), { reason: 'cancelled' });
  });

  it('does not check a certificate against an address', async () => {
    const test = await start({ encryption: 'required', certificate });
    const caFile = path.join(folder, 'ca.pem');
    await assert.rejects(test.connect({}, { tls: { mode: 'verify-full', caFile } }), { reason: 'tls' });
  });

  it('sends no login to a server that answers the wish for encryption with no', async () => {
    const test = await start({ encryption: 'off' });
    let logins = 0;
    test.model.events.on('login', () => logins++);
    for (const mode of ['required', 'verify-full'] as const) {
      await assert.rejects(sqlserver.connect(test.request({}, { tls: { mode } }), never), { reason: 'tls' });
    }
    assert.equal(logins, 0);
  });

  it('leaves nothing behind when connecting is aborted, early or late', async () => {
    const test = await start({ mute: true });
    await assert.rejects(sqlserver.connect(test.request(), AbortSignal.abort()), { reason: 'cancelled' });
    const abort = new AbortController();
    const connecting = sqlserver.connect(test.request(), abort.signal);
    await once(test.tds.events, 'connected');
    abort.abort();
    await assert.rejects(connecting, { reason: 'cancelled' });
    await test.tds.idle();
  });

  it('gives up a login that is not answered', async () => {
    const test = await start({ mute: true });
    await assert.rejects(sqlserver.connect(test.request({ timeoutMs: 100 }), never), { reason: 'timed-out' });
    await test.tds.idle();
  });

  it('stops a statement on the server when aborted, and goes on with the same session', async () => {
    const test = await start();
    test.model.addDatabase('shop');
    test.model.addTable('shop', 'orders').rows = 9_007_199_254n;
    const connection = await test.connect();
    const orders = { database: 'shop', schema: 'dbo', name: 'orders' };
    assert.equal(await connection.countRows(orders, never), 9_007_199_254);
    const sockets = test.tds.open;
    test.model.intercept = (sql) => (sql.includes('COUNT_BIG') ? { hang: true } : null);
    const abort = new AbortController();
    const counting = connection.countRows(orders, abort.signal);
    await test.arrived(/COUNT_BIG/);
    const stopped = once(test.model.events, 'attention');
    abort.abort();
    await assert.rejects(counting, { reason: 'cancelled' });
    await stopped;
    test.model.intercept = () => null;
    assert.equal(await connection.countRows(orders, never), 9_007_199_254);
    assert.equal(test.tds.open, sockets);
  });

  it('gives up a statement at its time limit, on the server too', async () => {
    const test = await start();
    const link = await Link.open(test.request({ timeoutMs: 200 }), true, never);
    const stopped = once(test.model.events, 'attention');
    test.model.intercept = () => ({ hang: true });
    await assert.rejects(link.rows('SELECT SUSER_SNAME() AS account', never), { reason: 'timed-out' });
    await stopped;
    test.model.intercept = () => null;
    assert.deepEqual(await link.rows('SELECT SUSER_SNAME() AS account', never), [{ account: 'admin' }]);
    await link.close();
  });

  it('cuts the socket of a server that does not even stop', async () => {
    const test = await start({ deaf: true });
    const link = await Link.open(test.request({ timeoutMs: 200 }), true, never);
    test.model.intercept = () => ({ hang: true });
    await assert.rejects(link.rows('SELECT SUSER_SNAME() AS account', never), { reason: 'timed-out' });
    await test.tds.idle();
    test.model.intercept = () => null;
    assert.deepEqual(await link.rows('SELECT SUSER_SNAME() AS account', never), [{ account: 'admin' }]);
    await link.close();
  }).timeout(10_000);

  it('does not keep a statement waiting behind one that was given up', async () => {
    const test = await start();
    const link = await Link.open(test.request(), true, never);
    test.model.intercept = (sql) => (sql.includes('AS slow') ? { hang: true } : null);
    const [abort, queued] = [new AbortController(), new AbortController()];
    const slow = test.arrived(/AS slow/);
    const first = link.rows('SELECT SUSER_SNAME() AS slow', abort.signal);
    const second = link.rows('SELECT SUSER_SNAME() AS account', queued.signal);
    const third = link.rows('SELECT SUSER_SNAME() AS account', never);
    queued.abort();
    await assert.rejects(second, { reason: 'cancelled' });
    await slow;
    abort.abort();
    await assert.rejects(first, { reason: 'cancelled' });
    assert.deepEqual(await third, [{ account: 'admin' }]);
    await link.close();
  });

  it('leaves nothing behind when closed in the middle of a statement', async () => {
    const test = await start();
    const connection = await test.connect();
    test.model.intercept = () => ({ hang: true });
    const asked = test.arrived(/./);
    const listing = connection.listSessions(never);
    await asked;
    await Promise.all([connection.close(), assert.rejects(listing, { reason: 'cancelled' })]);
    await assert.rejects(connection.listSessions(never), { reason: 'cancelled' });
    await test.tds.idle();
  });

  it('opens a session again that somebody ended, with its settings', async () => {
    const test = await start();
    const connection = await test.connect();
    const { spid } = [...test.model.sessions.values()].find(({ login }) => login === 'admin') ?? assert.fail();
    const settings = () => test.model.asked.filter(({ sql }) => sql.includes('LOCK_TIMEOUT')).length;
    const before = settings();
    test.tds.kill(spid);
    await test.tds.idle();
    const { sessions } = await connection.listSessions(never).catch((error: unknown) => {
      assert.ok(isFailure(error) && error.reason === 'connection-lost', String(error));
      return connection.listSessions(never);
    });
    assert.equal(settings(), before + 1);
    const own = sessions.find(({ nature }) => nature === 'self');
    assert.notEqual(own?.id, String(spid));
  });

  it('says that the connection was lost when the server drops it in the middle of a statement', async () => {
    const test = await start();
    const connection = await test.connect();
    test.model.intercept = () => ({ drop: true });
    await assert.rejects(connection.listSessions(never), { reason: 'connection-lost' });
    test.model.intercept = () => null;
    assert.ok((await connection.listSessions(never)).sessions.length > 0);
  });

  it('recognises what is no SQL Server', async () => {
    const sockets: Socket[] = [];
    const other = createServer((socket) => {
      sockets.push(socket);
      socket.end('220 mail.example ESMTP\r\n');
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const test = await start();
    const profile = { nodes: [{ host: '127.0.0.1', port }] };
    await assert.rejects(sqlserver.connect(test.request({}, profile), never), { reason: 'unexpected-answer' });
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => other.close(resolve));
  });

  it('lists databases and objects, and says which table is not there', async () => {
    const test = await start();
    for (const name of ['shop', 'a]b', '__tencentdb__']) test.model.addDatabase(name);
    test.model.addTable('a]b', 'o.r]d', 'sales').rows = 42n;
    const connection = await test.connect();
    assert.deepEqual(await connection.listDatabases(never), ['shop', 'a]b']);
    assert.deepEqual(await connection.listObjects('a]b', never), [
      { kind: 'table', object: { database: 'a]b', schema: 'sales', name: 'o.r]d' }, estimatedRows: 42 },
      { kind: 'index', object: { database: 'a]b', schema: 'sales', name: 'o.r]d.PK_o.r]d' }, estimatedRows: null },
    ]);
    assert.equal(await connection.countRows({ database: 'a]b', schema: 'sales', name: 'o.r]d' }, never), 42);
    const missing = { database: 'shop', schema: null, name: 'missing' };
    await assert.rejects(connection.countRows(missing, never), { reason: 'query-failed', code: '208' });
    await assert.rejects(connection.listObjects('gone', never), { reason: 'database-missing', code: '911' });
  });

  it('names enabled jobs with their schedules, and open distributed transactions', async () => {
    const test = await start();
    const connection = await test.connect();
    assert.deepEqual(await connection.listPendingWriters(never), []);
    const nightly = { job: 'Nightly', owner: 'sa', next_date: '20261123', next_time: '13000' };
    test.model.jobs = [
      { ...nightly, schedule: 'every night' },
      { ...nightly, schedule: 'on start', next_date: '0', next_time: '0' },
    ];
    const uow = '6F9619FF-8B86-D011-B42D-00C04FC964FF';
    test.model.distributed = [{ transaction_id: '977', uow, state: '5', began: '2026-11-22 10:00:00.000' }];
    assert.deepEqual(await connection.listPendingWriters(never), [
      { kind: 'prepared transaction', name: uow, detail: 'DTC, state 5, since 2026-11-22 10:00:00.000', blocks: true },
      { kind: 'job', name: 'Nightly', detail: 'every night, next 2026-11-23 01:30 (sa); on start (sa)', blocks: false },
    ]);
  });

  it('says what of it the account may not see', async () => {
    const test = await start();
    test.addLogin('limited');
    const limited = await test.connect({ password: 'limited-password' }, { user: 'limited' });
    const writers = await limited.listPendingWriters(never);
    assert.deepEqual(
      writers.map(({ kind, blocks }) => [kind, blocks]),
      [
        ['prepared transaction', true],
        ['job', false],
      ],
    );
    assert.ok(writers.every(({ detail }) => detail.includes('permission denied')));
  });

  it('gives every type as the text the server would show', async () => {
    const test = await start();
    const at = new Date('2026-11-22T21:04:05.123Z');
    test.model.intercept = (sql) =>
      sql.includes('typed')
        ? {
            table: {
              columns: [
                { name: 'a', type: 'bigint' },
                { name: 'a', type: 'int' },
                { name: 'c', type: 'datetime2' },
                { name: 'd', type: 'bit' },
                { name: 'e', type: 'decimal' },
                { name: 'f', type: 'varbinary' },
                { name: 'g', type: 'nvarchar' },
                { name: 'h', type: 'bigint' },
              ],
              rows: [[9_223_372_036_854_775_807n, -1, at, true, '-1.500', Buffer.from([0, 255]), '中文', null]],
            },
          }
        : null;
    const link = await Link.open(test.request(), true, never);
    const { columns, rows } = await link.table('SELECT typed', never);
    assert.deepEqual(columns, ['a', 'a', 'c', 'd', 'e', 'f', 'g', 'h']);
    assert.deepEqual(rows, [
      ['9223372036854775807', '-1', '2026-11-22 21:04:05.123', '1', '-1.5', '0x00FF', '中文', null],
    ]);
    assert.equal(textOf(Symbol('none')), null);
    await link.close();
  });
});
