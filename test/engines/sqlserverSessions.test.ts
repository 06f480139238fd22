import assert from 'node:assert/strict';
import { classifySession } from '../../src/cutover/classify.ts';
import type { SessionFacts } from '../../src/cutover/facts.ts';
import { judgeQuiet } from '../../src/cutover/quiet.ts';
import type { EngineConnection } from '../../src/engines/engine.ts';
import { say } from '../../src/util/sentence.ts';
import { DTS, never, PROGRAM, TestServer } from '../support/sqlserver.ts';

describe('SQL Server: sessions, rights, ending a session', () => {
  let server: TestServer;
  let connection: EngineConnection;

  before(async () => {
    server = await TestServer.start();
    server.model.addDatabase('shop');
    connection = await server.connect();
  });
  after(() => server.stop());
  afterEach(() => {
    server.model.version = '15.0.4355.3';
    server.model.edition = '3';
    for (const { spid, login } of server.model.sessions.values()) {
      if (spid > 50 && login !== 'admin') server.model.sessions.delete(spid);
    }
  });

  async function find(spid: number, from = connection): Promise<SessionFacts> {
    const { sessions } = await from.listSessions(never);
    return sessions.find(({ id }) => id === String(spid)) ?? assert.fail(`session ${spid} is not listed`);
  }

  it('shows a pool that is connected and idle as an idle client, which keeps the gate shut', async () => {
    const { spid, loggedIn } = server.model.addSession({ statement: 'UPDATE orders SET note = 1' });
    const session = await find(spid);
    assert.deepEqual(
      { ...session, stateAge: 0 },
      {
        id: String(spid),
        account: 'shop_app',
        host: '10.0.0.7',
        program: 'shop',
        database: 'shop',
        state: 'idle',
        stateAge: 0,
        statement: 'UPDATE orders SET note = 1',
        nature: 'client',
        natureWhy: { text: 'is_user_process is 1.' },
        startedAt: loggedIn.getTime(),
      },
    );
    assert.ok(session.stateAge !== null && session.stateAge >= 30);
    const classified = classifySession(session, [], { accounts: [] });
    assert.equal(classified.class, 'business');
    assert.equal(say(classified.rule), 'a client session that no rule claims');
    const look = judgeQuiet({
      at: 0,
      mono: 0,
      sessions: [classified],
      visibility: await connection.checkVisibility(never),
      position: await connection.readWritePosition(null, DTS, never),
      pendingWriters: [],
      before: new Set([`${session.id}@${session.startedAt}`]),
      idleBusinessBlocks: true,
    });
    assert.equal(look.holds, 'no');
    assert.equal(look.holds === 'no' && say(look.why), `session ${spid} of shop_app from 10.0.0.7 is still connected`);
  });

  it('keeps the start of a session the same from look to look', async () => {
    const { spid } = server.model.addSession({});
    assert.equal((await find(spid)).startedAt, (await find(spid)).startedAt);
  });

  const since = new Date(Date.now() - 90_000);
  const states: readonly [string, Partial<Parameters<TestServer['model']['addSession']>[0]>, SessionFacts['state']][] =
    [
      ['sleeping', {}, 'idle'],
      ['given back to a pool', { status: 'dormant' }, 'idle'],
      ['sleeping in a transaction', { openTransactions: 1 }, 'open transaction'],
      ['running', { status: 'running', request: { status: 'running', since } }, 'executing'],
      ['waiting for a processor', { status: 'running', request: { status: 'runnable', since } }, 'executing'],
      ['waiting for a lock', { status: 'running', request: { status: 'suspended', since } }, 'executing'],
      ['still logging in', { status: 'preconnect' }, 'unknown'],
      ['in a word nobody knows', { status: 'hovering' }, 'unknown'],
      ['the server’s own', { status: 'background', userProcess: false }, 'background'],
    ];
  for (const [name, change, state] of states) {
    it(`reads a session that is ${name} as ${state}`, async () => {
      const session = await find(server.model.addSession(change).spid);
      assert.equal(session.state, state);
      if (state === 'executing') assert.ok(session.stateAge !== null && session.stateAge >= 90);
    });
  }

  const natures: readonly [
    string,
    Partial<Parameters<TestServer['model']['addSession']>[0]>,
    SessionFacts['nature'],
  ][] = [
    ['the log reader agent', { program: 'Repl-LogReader-0-Shop-7' }, 'replication'],
    [
      'the capture job of CDC',
      {
        program: 'SQLAgent - TSQL JobStep (Job 0x1234 : Step 2)',
        statement: 'create procedure sys.sp_cdc_scan as begin',
      },
      'replication',
    ],
    [
      'a job step',
      { program: 'SQLAgent - TSQL JobStep (Job 0x99 : Step 1)', statement: 'DELETE FROM orders' },
      'client',
    ],
    ['the Agent itself', { program: 'SQLAgent - Generic Refresher' }, 'system'],
    ['a system process', { userProcess: false, status: 'sleeping' }, 'system'],
    ['another window of ours', { program: PROGRAM, login: 'admin' }, 'self'],
    ['somebody who took our program name', { program: PROGRAM, login: 'shop_app' }, 'client'],
  ];
  for (const [name, change, nature] of natures) {
    it(`takes ${name} for ${nature}`, async () => {
      const { spid } = server.model.addSession(change);
      assert.equal((await find(spid)).nature, nature);
      server.model.sessions.delete(spid);
    });
  }

  it('knows its own sessions by their ids, under whatever name they came', async () => {
    const other = await server.connect({ programName: 'something else' });
    const { sessions } = await connection.listSessions(never);
    const own = sessions.filter(({ account }) => account === 'admin');
    assert.equal(own.length, 2);
    assert.ok(own.every(({ nature }) => nature === 'self'));
    await other.close();
  });

  it('runs the query of the runbook as it is and keeps its typed columns as the server shows them', async () => {
    const { spid, loggedIn } = server.model.addSession({});
    const { raw } = await connection.listSessions(never);
    assert.equal(raw.query, 'SELECT * FROM sys.dm_exec_connections');
    const asked = server.model.asked.find(({ sql }) => sql === raw.query);
    assert.equal(asked?.kind, 'batch');
    assert.equal(raw.columns.length, 22);
    const row = raw.rows.find(([id]) => id === String(spid)) ?? assert.fail();
    const value = (name: string) => row[raw.columns.indexOf(name)];
    assert.equal(value('net_transport'), 'TCP');
    assert.equal(value('client_net_address'), '10.0.0.7');
    assert.equal(value('most_recent_sql_handle'), '0x0200A0FF');
    assert.equal(value('connection_id'), `6F9619FF-8B86-D011-B42D-${String(spid).padStart(12, '0')}`);
    assert.equal(value('parent_connection_id'), null);
    // in the zone of the server, to the three-hundredth of a second the type has
    const shown = Date.parse(`${value('connect_time')?.replace(' ', 'T')}Z`) - 8 * 3_600_000;
    assert.ok(Math.abs(shown - loggedIn.getTime()) <= 4, `${value('connect_time')}`);
  });

  it('cuts a long statement', async () => {
    const { spid } = server.model.addSession({ statement: `SELECT '${'x'.repeat(3_000)}'` });
    assert.equal((await find(spid)).statement.length, 2_000);
  });

  it('lists 5,000 sessions, each once', async () => {
    for (let i = 0; i < 5_000; i++) server.model.addSession({ spid: 1_000 + i });
    const { sessions, raw } = await connection.listSessions(never);
    assert.equal(sessions.filter(({ account }) => account === 'shop_app').length, 5_000);
    assert.ok(raw.rows.length >= 5_000);
  });

  it('says what is missing, and the grant, when the account may not see everybody', async () => {
    server.addLogin('limited]one');
    server.model.addSession({});
    const limited = await server.connect({ password: 'limited]one-password' }, { user: 'limited]one' });
    const visibility = await limited.checkVisibility(never);
    assert.equal(visibility.level, 'limited');
    assert.equal(visibility.level === 'limited' && visibility.grant, 'GRANT VIEW SERVER STATE TO [limited]]one];');
    const { sessions, raw } = await limited.listSessions(never);
    assert.deepEqual(
      sessions.map(({ nature }) => nature),
      ['self'],
    );
    assert.deepEqual(raw.columns, ['Msg', 'Message']);
    assert.match(raw.rows[0]?.[1] ?? '', /permission/);
    const position = await limited.readWritePosition(null, DTS, never);
    assert.equal(position.foreign, 'unknown');
    assert.ok(say(position.why).includes('GRANT VIEW SERVER STATE TO [limited]]one];'));
    const again = await limited.readWritePosition(position.token, DTS, never);
    assert.equal(again.foreign, 'unknown');
    const look = judgeQuiet({
      at: 0,
      mono: 0,
      sessions: [],
      visibility,
      position: again,
      pendingWriters: [],
      before: null,
      idleBusinessBlocks: true,
    });
    assert.equal(look.holds, 'no');
  });

  const rights: readonly [string, readonly string[], 'full' | 'limited'][] = [
    ['15.0.4355.3', ['VIEW SERVER STATE'], 'full'],
    ['16.0.4135.4', ['VIEW SERVER STATE'], 'full'],
    ['16.0.4135.4', ['VIEW SERVER PERFORMANCE STATE', 'VIEW SERVER SECURITY STATE'], 'full'],
    ['16.0.4135.4', ['VIEW SERVER PERFORMANCE STATE'], 'limited'],
    ['16.0.4135.4', ['VIEW SERVER SECURITY STATE'], 'limited'],
    ['11.0.7001.0', ['VIEW ANY DATABASE'], 'limited'],
  ];
  for (const [version, held, level] of rights) {
    it(`takes ${held.join(' and ')} on version ${version} for ${level}`, async () => {
      server.model.version = version;
      server.addLogin('watcher', held);
      const watcher = await server.connect({ password: 'watcher-password' }, { user: 'watcher' });
      assert.equal((await watcher.checkVisibility(never)).level, level);
      await watcher.close();
    });
  }

  it('says of Azure SQL Database that it lists the sessions of one database', async () => {
    server.model.edition = '5';
    server.addLogin('azure', ['VIEW DATABASE STATE']);
    const azure = await server.connect({ password: 'azure-password' }, { user: 'azure', database: 'shop' });
    assert.equal(azure.server.product, 'Azure SQL Database (15.0.4355.3)');
    const visibility = await azure.checkVisibility(never);
    assert.equal(
      visibility.level === 'full' && say(visibility.how),
      'azure holds VIEW DATABASE STATE; Azure SQL Database lists the sessions of shop only.',
    );
    assert.equal((await azure.readWritePosition(null, DTS, never)).foreign, 'unknown');
    assert.deepEqual(await azure.listPendingWriters(never), []);
    const { spid } = [...server.model.sessions.values()].find(({ login }) => login === 'azure') ?? assert.fail();
    // it knows no USE
    assert.ok(!server.model.asked.some((asked) => asked.spid === spid && asked.sql.startsWith('USE')));
    await azure.close();
  });

  it('ends a session of somebody else', async () => {
    const { spid } = server.model.addSession({});
    await connection.terminateSession(String(spid), never);
    assert.ok(!server.model.sessions.has(spid));
  });

  it('refuses to end its own', async () => {
    const { sessions } = await connection.listSessions(never);
    const own = sessions.find(({ nature }) => nature === 'self') ?? assert.fail();
    const before = server.model.asked.length;
    await assert.rejects(connection.terminateSession(own.id, never), { reason: 'bad-input' });
    assert.ok(!server.model.asked.slice(before).some(({ sql }) => sql.startsWith('KILL')));
  });

  it('sends nothing that is no session id', async () => {
    for (const id of ['', '0', '-2', '52; DROP TABLE x', '123456']) {
      await assert.rejects(connection.terminateSession(id, never), { reason: 'bad-input' }, id);
    }
  });

  it('says that the session is the server’s own', async () => {
    await assert.rejects(connection.terminateSession('9', never), { reason: 'bad-input', code: '6107' });
  });

  it('names the right that ending a session takes', async () => {
    server.addLogin('reader', ['VIEW SERVER STATE']);
    const { spid } = server.model.addSession({});
    const reader = await server.connect({ password: 'reader-password' }, { user: 'reader' });
    await assert.rejects(reader.terminateSession(String(spid), never), (error: unknown) => {
      assert.ok(error instanceof Error && 'tryThis' in error && 'reason' in error);
      assert.equal(error.reason, 'insufficient-privilege');
      assert.deepEqual(error.tryThis, {
        text: 'Run as an administrator: {grant}',
        args: { grant: 'GRANT ALTER ANY CONNECTION TO [reader];' },
      });
      return true;
    });
    await reader.close();
  });
});
