import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { RightFacts, SessionFacts } from '../../src/cutover/facts.ts';
import { isFailure } from '../../src/util/failure.ts';
import { pause } from '../../src/util/wait.ts';
import { say } from '../../src/util/sentence.ts';
import type { EngineConnection } from '../../src/engines/engine.ts';
import { DTS, never, profileOf, startServer, type TestServer } from '../support/mysql.ts';
import { binlogReader, describeMysql } from '../support/pairs.ts';

const TO_LIMITED = / TO 'dts_cutover_limited'@'%';$/;
const LIMITED = { user: 'dts_cutover_limited', password: 'limited-Pw-1' };

describeMysql('sessions, visibility, what is pending', function (product) {
  this.timeout(60_000);
  let server: TestServer;
  let connection: EngineConnection;

  before(async function () {
    server = await startServer(this, product);
    await server.run('DROP DATABASE IF EXISTS dts_cutover_app');
    await server.run('CREATE DATABASE dts_cutover_app');
    await server.run('CREATE TABLE dts_cutover_app.t (id INT PRIMARY KEY, note TEXT)');
    await server.run('INSERT INTO dts_cutover_app.t VALUES (1, NULL), (2, NULL)');
    await server.run(`DROP USER IF EXISTS '${LIMITED.user}'@'%'`);
    await server.run(`CREATE USER '${LIMITED.user}'@'%' IDENTIFIED BY '${LIMITED.password}'`);
    connection = await server.connect();
  });
  after(async () => {
    await server?.run(`DROP USER IF EXISTS '${LIMITED.user}'@'%'`);
    await server?.run('DROP DATABASE IF EXISTS dts_cutover_app');
    await server?.stop();
  });

  const byId = async (id: number): Promise<SessionFacts | undefined> =>
    (await connection.listSessions(never)).sessions.find((session) => session.id === String(id));

  const isMariaDb = () => server.product === 'mariadb';

  it('shows the raw answer of the runbook next to the normalised rows', async () => {
    const list = await connection.listSessions(never);
    assert.equal(list.raw.query, 'SHOW FULL PROCESSLIST');
    assert.deepEqual(list.raw.columns.slice(0, 8), ['Id', 'User', 'Host', 'db', 'Command', 'Time', 'State', 'Info']);
    assert.equal(list.raw.rows.length, list.sessions.length);
    const self = list.sessions.filter((session) => session.nature === 'self');
    assert.equal(self.length, 1);
    assert.equal(self[0]?.statement, 'SHOW FULL PROCESSLIST');
  });

  it('lists everybody while a statement holds a character that views of the server have no room for', async () => {
    const client = await server.client();
    void client.query('SELECT SLEEP(20) /* 😀 */').catch(() => undefined);
    while ((await byId(client.threadId))?.state !== 'executing');
    const first = await connection.readWritePosition(null, { databases: [], objects: [] }, never);
    assert.equal(first.foreign, 'unknown');
    client.destroy();
    await connection.terminateSession(String(client.threadId), never);
  });

  it('tells an idle client of a pool, without the port of its host', async () => {
    const client = await server.client();
    await client.query('USE dts_cutover_app');
    const session = await byId(client.threadId);
    assert.deepEqual(
      [session?.nature, session?.state, session?.account, session?.database],
      ['client', 'idle', server.root.user, 'dts_cutover_app'],
    );
    assert.doesNotMatch(session?.host ?? '', /:\d+$/);
    assert.equal(typeof session?.stateAge, 'number');
    client.destroy();
  });

  it('tells an open transaction from an idle session', async () => {
    const client = await server.client();
    await client.beginTransaction();
    await client.query('SELECT * FROM dts_cutover_app.t WHERE id = 1 FOR UPDATE');
    // InnoDB renews its list of transactions only when nobody has read it for a tenth of a second
    while ((await byId(client.threadId))?.state !== 'open transaction') await pause(150, never);
    await client.rollback();
    while ((await byId(client.threadId))?.state !== 'idle') await pause(150, never);
    client.destroy();
  });

  it('takes our other connections to the same server for ours', async () => {
    const other = await server.connect();
    const natures = (await connection.listSessions(never)).sessions.map((session) => session.nature);
    assert.equal(natures.filter((nature) => nature === 'self').length, 2);
    await other.close();
    const left = (await connection.listSessions(never)).sessions.filter((session) => session.nature === 'self');
    assert.equal(left.length, 1);
  });

  it('calls visibility full for an account with PROCESS', async () => {
    assert.equal((await connection.checkVisibility(never)).level, 'full');
  });

  it('calls it limited without PROCESS, says what to grant, and the grant helps', async () => {
    const limited = await server.connect(asLimited(server));
    const visibility = await limited.checkVisibility(never);
    assert.equal(visibility.level, 'limited');
    assert.equal(visibility.grant, `GRANT PROCESS ON *.* TO '${LIMITED.user}'@'%';`);
    // the reason why it must not count: others are there, and it sees itself only
    const seen = await limited.listSessions(never);
    assert.ok(seen.sessions.every((session) => session.account === LIMITED.user));
    await limited.close();
    await server.run(visibility.grant);
    const granted = await server.connect(asLimited(server));
    assert.equal((await granted.checkVisibility(never)).level, 'full');
    await granted.close();
    await server.run(`REVOKE PROCESS ON *.* FROM '${LIMITED.user}'@'%'`);
  });

  it('sees PROCESS through an active role', async () => {
    await server.run('CREATE ROLE IF NOT EXISTS dts_cutover_watch');
    await server.run('GRANT PROCESS ON *.* TO dts_cutover_watch');
    await server.run(`GRANT dts_cutover_watch TO '${LIMITED.user}'@'%'`);
    const preposition = isMariaDb() ? 'FOR' : 'TO';
    await server.run(`SET DEFAULT ROLE dts_cutover_watch ${preposition} '${LIMITED.user}'@'%'`);
    const limited = await server.connect(asLimited(server));
    assert.equal((await limited.checkVisibility(never)).level, 'full');
    await limited.close();
    await server.run('DROP ROLE dts_cutover_watch');
  });

  it('finds out for an account without any right what each step lacks, and keeps the connection', async () => {
    const limited = await server.connect(asLimited(server));
    const lacking = await lackingRights(limited);
    assert.deepEqual(
      lacking.map(({ use }) => use).filter((use, i, all) => all.indexOf(use) === i),
      ['sessions', 'position', 'writers', 'comparison', 'objects', 'end a session'],
    );
    for (const { grant } of lacking) assert.match(grant ?? "GRANT … TO 'dts_cutover_limited'@'%';", TO_LIMITED);
    // what cannot be listed may be there
    const pending = await limited.listPendingWriters(never);
    assert.equal(
      pending.some((writer) => writer.kind === 'prepared transaction' && writer.blocks),
      !isMariaDb(),
    );
    await limited.close();
  });

  it('is content with the rights README names, and tells writes with them', async () => {
    const own = isMariaDb() ? 'BINLOG MONITOR, SLAVE MONITOR' : 'REPLICATION CLIENT, REPLICATION SLAVE';
    const everything = `SELECT, SHOW VIEW, TRIGGER, EVENT, PROCESS, ${own} ON *.*`;
    await server.run(`GRANT ${everything} TO '${LIMITED.user}'@'%'`);
    const limited = await server.connect(asLimited(server));
    try {
      assert.deepEqual(
        (await lackingRights(limited)).map(({ use }) => use),
        ['end a session'],
      );
      const first = await limited.readWritePosition(null, DTS, never);
      const second = await limited.readWritePosition(first.token, DTS, never);
      assert.equal(second.foreign, 'none', say(second.why));
      await server.run("UPDATE dts_cutover_app.t SET note = 'seen' WHERE id = 1");
      const third = await limited.readWritePosition(second.token, DTS, never);
      assert.deepEqual([third.foreign, third.written[0]?.name], ['written', 'dts_cutover_app.t']);
    } finally {
      await limited.close();
      await server.run(`REVOKE ${everything} FROM '${LIMITED.user}'@'%'`);
    }
  });

  it('tells which tables an account cannot compare: a right on some columns, another database, a name with wildcards', async () => {
    const limited = { user: `'${LIMITED.user}'@'%'` };
    await server.run('CREATE TABLE dts_cutover_app.whole (id INT PRIMARY KEY)');
    await server.run(`GRANT SELECT (id) ON dts_cutover_app.t TO ${limited.user}`);
    await server.run(`GRANT SELECT ON dts_cutover_app.whole TO ${limited.user}`);
    const guest = await server.connect(asLimited(server));
    const scope = [{ database: 'dts_cutover_app', tables: ['t', 'whole'] }];
    const missing = async () => (await guest.checkRights(scope, never)).find(({ use }) => use === 'comparison');
    try {
      assert.deepEqual((await missing())?.objects, ['dts_cutover_app.t']);
      const all = await guest.checkRights([{ database: 'dts_cutover_app', tables: null }], never);
      const grant = all.find(({ use }) => use === 'comparison')?.grant ?? '';
      assert.equal(grant, `GRANT SELECT ON \`dts\\_cutover\\_app\`.* TO ${limited.user};`);
      await server.run(grant);
      assert.equal((await missing())?.state, 'ok');
      await server.run(grant.replace('GRANT', 'REVOKE').replace(' TO ', ' FROM '));
    } finally {
      await guest.close();
      await server.run(`REVOKE SELECT (id) ON dts_cutover_app.t FROM ${limited.user}`);
      await server.run('DROP TABLE dts_cutover_app.whole');
    }
  });

  it('never answers "none" to an account that may not read the binary log', async () => {
    const limited = await server.connect(asLimited(server));
    const first = await limited.readWritePosition(null, DTS, never);
    const second = await limited.readWritePosition(first.token, DTS, never);
    assert.equal(second.foreign, 'unknown');
    assert.match(say(second.why), /GRANT .* ON \*\.\* TO 'dts_cutover_limited'@'%';/);
    await limited.close();
  });

  it('knows who reads the binary log', async function () {
    const program = await binlogReader(server.product);
    if (!program) return this.skip();
    const { host, port, user, password } = server.root;
    const [row] = await server.run(isMariaDb() ? 'SHOW MASTER STATUS' : 'SHOW BINARY LOGS');
    const log = String(row?.['File'] ?? row?.['Log_name']);
    const [file, ...first] = program;
    const reader = spawn(
      file,
      [
        ...first,
        ...['--no-defaults', '--read-from-remote-server', '--stop-never', `--host=${host}`, `--port=${port}`],
        ...[`--user=${user}`, log],
      ],
      { stdio: 'ignore', env: { ...process.env, MYSQL_PWD: password } },
    );
    const find = async () =>
      (await connection.listSessions(never)).sessions.find((session) => session.nature === 'replication');
    while (!(await find())) assert.equal(reader.exitCode, null);
    const dump = await find();
    assert.deepEqual([dump?.state, dump?.account], ['background', user]);
    assert.match(say(dump?.natureWhy ?? { text: '' }), /Binlog Dump/);
    reader.kill();
  });

  it('names prepared transactions, which block, and enabled events, which warn', async () => {
    const client = await server.client();
    await client.query("XA START 'cutover-1'");
    await client.query("UPDATE dts_cutover_app.t SET note = 'xa' WHERE id = 2");
    await client.query("XA END 'cutover-1'");
    await client.query("XA PREPARE 'cutover-1'");
    await server.run('CREATE EVENT dts_cutover_app.nightly ON SCHEDULE EVERY 1 DAY DO DO 1');
    await server.run('CREATE EVENT dts_cutover_app.off ON SCHEDULE EVERY 1 DAY DISABLE DO DO 1');
    const [before] = await server.run('SELECT @@GLOBAL.event_scheduler AS state');
    await server.run('SET GLOBAL event_scheduler = ON');
    try {
      const pending = await connection.listPendingWriters(never);
      const prepared = pending.filter((writer) => writer.kind === 'prepared transaction');
      assert.equal(prepared.length, 1);
      assert.ok(prepared[0]?.blocks);
      assert.match(prepared[0]?.name ?? '', isMariaDb() ? /cutover-1/ : /^0x/);
      const events = pending.filter((writer) => writer.name.startsWith('dts_cutover_app.'));
      assert.deepEqual(events, [
        { kind: 'event', name: 'dts_cutover_app.nightly', detail: 'every 1 day', blocks: false },
      ]);
      const scheduler = (await connection.listSessions(never)).sessions.find(
        (session) => session.account === 'event_scheduler',
      );
      assert.deepEqual([scheduler?.nature, scheduler?.state], ['system', 'background']);
    } finally {
      await server.run(`SET GLOBAL event_scheduler = ${String(before?.['state'])}`);
      await client.query("XA ROLLBACK 'cutover-1'");
      client.destroy();
    }
    const left = await connection.listPendingWriters(never);
    assert.ok(left.every((writer) => writer.kind !== 'prepared transaction'));
  });

  it('counts the commit of a prepared transaction as a write', async () => {
    const client = await server.client();
    await client.query("XA START 'cutover-2'");
    await client.query("UPDATE dts_cutover_app.t SET note = 'two' WHERE id = 2");
    await client.query("XA END 'cutover-2'");
    await client.query("XA PREPARE 'cutover-2'");
    const prepared = await connection.readWritePosition(null, DTS, never);
    await client.query("XA COMMIT 'cutover-2'");
    const committed = await connection.readWritePosition(prepared.token, DTS, never);
    assert.equal(committed.foreign, 'written');
    client.destroy();
  });

  it('ends a session, and says so when it is ours', async () => {
    const client = await server.client();
    const id = String(client.threadId);
    const gone = new Promise((resolve) => client.once('end', resolve));
    await connection.terminateSession(id, never);
    await gone;
    const self = (await connection.listSessions(never)).sessions.find((session) => session.nature === 'self');
    await assert.rejects(connection.terminateSession(self?.id ?? '', never), { reason: 'bad-input' });
    await assert.rejects(connection.terminateSession('1; DROP', never), { reason: 'bad-input' });
  });

  it('says which right is missing to end a session of somebody else', async () => {
    await server.run(`GRANT PROCESS ON *.* TO '${LIMITED.user}'@'%'`);
    const client = await server.client();
    const limited = await server.connect(asLimited(server));
    await assert.rejects(limited.terminateSession(String(client.threadId), never), (error) => {
      assert.ok(isFailure(error));
      assert.equal(error.reason, 'insufficient-privilege');
      assert.match(
        say(error.tryThis ?? error.what),
        /GRANT (CONNECTION[ _]ADMIN|SUPER) ON \*\.\* TO 'dts_cutover_limited'@'%';/,
      );
      return true;
    });
    await client.ping();
    client.destroy();
    await limited.close();
    await server.run(`REVOKE PROCESS ON *.* FROM '${LIMITED.user}'@'%'`);
  });
});

async function lackingRights(connection: EngineConnection): Promise<readonly RightFacts[]> {
  return (await connection.checkRights(null, never)).filter(({ state }) => state !== 'ok');
}

function asLimited(server: TestServer) {
  return { profile: profileOf({ ...server.root, user: LIMITED.user }), password: LIMITED.password };
}
