import assert from 'node:assert/strict';
import type { SessionFacts } from '../../src/cutover/facts.ts';
import type { EngineConnection } from '../../src/engines/engine.ts';
import { isFailure, type FailureReason } from '../../src/util/failure.ts';
import { never, PROGRAM, SERVERS, TestServer, until } from '../support/postgres.ts';

const failsWith = (reason: FailureReason) => (error: unknown) => isFailure(error) && error.reason === reason;

for (const { name, start } of SERVERS) {
  describe(`sessions on ${name}`, function () {
    this.timeout(60_000);
    let test: TestServer;
    let connection: EngineConnection;

    before(async () => {
      test = await start();
      connection = await test.connect();
      await test.createRole('dts_cutover_guest');
      await test.run('CREATE TABLE secret (i int)');
    });
    after(() => test.stop());

    const sessionOf = async (pid: string): Promise<SessionFacts | undefined> =>
      (await connection.listSessions(never)).sessions.find((session) => session.id === pid);
    const pidOf = async (client: { query(sql: string): Promise<{ rows: { pid: number }[] }> }) =>
      String((await client.query('SELECT pg_backend_pid() AS pid')).rows[0]?.pid);

    it('runs the runbook’s own query and keeps its answer as it is', async () => {
      const { raw, sessions } = await connection.listSessions(never);
      assert.equal(raw.query, 'SELECT * FROM pg_stat_activity');
      const [own] = await test.run(`SELECT string_agg(attname, ',' ORDER BY attnum) AS names FROM pg_attribute
        WHERE attrelid = 'pg_stat_activity'::regclass AND attnum > 0`);
      assert.equal(raw.columns.join(','), own?.['names']);
      assert.equal(raw.rows.length, sessions.length);
      assert.ok(raw.rows.flat().every((value) => value === null || typeof value === 'string'));
    });

    it('knows its own connections, the server’s processes, and a client that is idle', async () => {
      const business = await test.client();
      const { sessions } = await connection.listSessions(never);
      const own = sessions.filter((session) => session.nature === 'self');
      assert.deepEqual([...new Set(own.map((session) => session.program))], [PROGRAM]);
      const idle = sessions.find((session) => session.program === 'shop');
      assert.ok(idle);
      assert.equal(idle.id, await pidOf(business));
      assert.deepEqual([idle.nature, idle.state, idle.database], ['client', 'idle', test.database]);
      assert.ok(idle.stateAge !== null && idle.stateAge >= 0 && idle.stateAge < 60);
      assert.ok(idle.startedAt !== null && Math.abs(Date.now() - idle.startedAt) < 60_000);
      const checkpointer = sessions.find((session) => session.natureWhy.args?.['type'] === 'checkpointer');
      assert.deepEqual([checkpointer?.nature, checkpointer?.state], ['system', 'background']);
      await business.end();
    });

    it('tells executing from an open transaction, whole or aborted', async () => {
      const business = await test.client();
      const pid = await pidOf(business);
      await business.query('BEGIN');
      assert.equal((await sessionOf(pid))?.state, 'open transaction');
      await assert.rejects(business.query('SELECT 1 / 0'));
      // the error arrives a moment before the server has noted the state
      await until('the aborted transaction', async () => (await sessionOf(pid))?.state === 'open transaction');
      const { raw } = await connection.listSessions(never);
      assert.ok(raw.rows.some((row) => row.includes(pid) && row.includes('idle in transaction (aborted)')));
      await business.query('ROLLBACK');
      const sleeping = business.query('SELECT pg_sleep(60)').catch(() => undefined);
      const busy = await until('the sleep', async () => {
        const session = await sessionOf(pid);
        return session?.state === 'executing' && session;
      });
      assert.equal(busy.statement, 'SELECT pg_sleep(60)');
      await connection.terminateSession(pid, never);
      assert.equal(await sessionOf(pid), undefined);
      await sleeping;
    });

    it('calls a replication connection what it is', async function () {
      const [level] = await test.run('SHOW wal_level');
      if (level?.['wal_level'] !== 'logical' || !test.server) return this.skip();
      await test.run([
        "SELECT pg_create_logical_replication_slot('dts_cutover_slot', 'pgoutput')",
        'CREATE PUBLICATION p',
      ]);
      const subscriber = await TestServer.own();
      try {
        const source = `host=127.0.0.1 port=${test.server.port} user=postgres password=postgres dbname=${test.database}`;
        await subscriber.run(`CREATE SUBSCRIPTION s CONNECTION '${source}' PUBLICATION p
          WITH (create_slot = false, slot_name = dts_cutover_slot)`);
        const sender = await until('the walsender', async () =>
          (await connection.listSessions(never)).sessions.find((session) => session.nature === 'replication'),
        );
        assert.equal(sender.natureWhy.args?.['type'], 'walsender');
        const applier = await until('the apply worker', async () =>
          (await (await subscriber.connect()).listSessions(never)).sessions.find((s) => s.nature === 'replication'),
        );
        assert.match(String(applier.natureWhy.args?.['type']), /^logical replication/);
      } finally {
        await subscriber.stop();
      }
    });

    describe('as an account without rights', () => {
      let guest: EngineConnection;
      before(async () => {
        guest = await test.connect({
          profile: { ...test.profile, user: 'dts_cutover_guest', database: test.database },
          password: 'guest',
        });
      });

      it('sees masked sessions as clients in an unknown state, and says which grant is missing', async () => {
        const business = await test.client();
        const pid = await pidOf(business);
        const masked = (await guest.listSessions(never)).sessions.find((session) => session.id === pid);
        assert.deepEqual([masked?.nature, masked?.state], ['client', 'unknown']);
        const visibility = await guest.checkVisibility(never);
        assert.equal(visibility.level, 'limited');
        assert.equal(visibility.level === 'limited' && visibility.grant, 'GRANT pg_monitor TO "dts_cutover_guest";');
        await business.end();
      });

      it('sees everything once the grant was run as it was given', async () => {
        const before = await guest.checkVisibility(never);
        assert.ok(before.level === 'limited');
        await test.run(before.grant);
        assert.equal((await guest.checkVisibility(never)).level, 'full');
        await test.run('REVOKE pg_monitor FROM dts_cutover_guest');
      });

      it('is limited when it is a member that does not inherit', async () => {
        await test.run(['ALTER ROLE dts_cutover_guest NOINHERIT', 'GRANT pg_read_all_stats TO dts_cutover_guest']);
        const visibility = await guest.checkVisibility(never);
        assert.ok(visibility.level === 'limited');
        await test.run(visibility.grant);
        assert.equal((await guest.checkVisibility(never)).level, 'full');
        await test.run([
          'REVOKE pg_monitor FROM dts_cutover_guest',
          'REVOKE pg_read_all_stats FROM dts_cutover_guest',
          'ALTER ROLE dts_cutover_guest INHERIT',
        ]);
      });

      it('may not end sessions of others, and says what would allow it', async () => {
        const business = await test.client();
        await assert.rejects(guest.terminateSession(await pidOf(business), never), (error) => {
          assert.ok(isFailure(error) && error.reason === 'insufficient-privilege');
          assert.equal(error.tryThis?.args?.['statement'], 'GRANT pg_signal_backend TO "dts_cutover_guest";');
          return true;
        });
        await business.end();
      });

      it('reads the write position, and tables it may not read are named all the same', async () => {
        let reading = await guest.readWritePosition(null, test.dts, never);
        await test.run('INSERT INTO secret VALUES (1)');
        reading = await guest.readWritePosition(reading.token, test.dts, never);
        assert.equal(reading.foreign, 'written');
        assert.deepEqual(reading.written, [{ name: 'public.secret', database: test.database, count: 1, byDts: false }]);
      });
    });

    it('refuses to end its own connections and what is no session id', async () => {
      const own = (await connection.listSessions(never)).sessions.find((session) => session.nature === 'self');
      await assert.rejects(connection.terminateSession(own?.id ?? '', never), failsWith('not-allowed-now'));
      await assert.rejects(connection.terminateSession('1; DROP TABLE x', never), failsWith('bad-input'));
    });

    it('lists prepared transactions, which block', async function () {
      const [limit] = await test.run('SHOW max_prepared_transactions');
      if (limit?.['max_prepared_transactions'] === '0') return this.skip();
      await test.run(['BEGIN', 'CREATE TABLE p (i int)', "PREPARE TRANSACTION 'dts_cutover later'"]);
      const [writer] = await connection.listPendingWriters(never);
      assert.deepEqual(
        [writer?.kind, writer?.name, writer?.blocks],
        ['prepared transaction', 'dts_cutover later', true],
      );
      await test.run("ROLLBACK PREPARED 'dts_cutover later'");
      assert.deepEqual(await connection.listPendingWriters(never), []);
    });

    it('lists objects of one database, a partitioned table once, and counts its rows', async () => {
      await test.run([
        'CREATE SCHEMA "Odd Name"',
        'CREATE TABLE "Odd Name"."a.b""c" (id int PRIMARY KEY, n numeric CHECK (n > 0))',
        'CREATE TABLE parts (id int, at date) PARTITION BY RANGE (id)',
        'CREATE TABLE parts_low PARTITION OF parts FOR VALUES FROM (0) TO (50)',
        'CREATE TABLE parts_high PARTITION OF parts FOR VALUES FROM (50) TO (100)',
        "INSERT INTO parts SELECT i, '2026-01-01' FROM generate_series(1, 99) i",
        'CREATE VIEW seen AS SELECT id FROM parts',
        'CREATE MATERIALIZED VIEW kept AS SELECT id FROM parts',
        'CREATE SEQUENCE numbers',
        'CREATE INDEX by_day ON parts (at)',
        "CREATE FUNCTION noop() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        'CREATE TRIGGER stamp BEFORE INSERT ON parts FOR EACH ROW EXECUTE FUNCTION noop()',
        'ANALYZE',
      ]);
      const objects = await connection.listObjects(test.database, never);
      const named = (kind: string) =>
        objects.flatMap(({ kind: k, object }) => (k === kind ? [`${object.schema}.${object.name}`] : []));
      const tables = named('table').filter((table) => table.startsWith('public.parts') || table.startsWith('Odd'));
      assert.deepEqual(tables, ['Odd Name.a.b"c', 'public.parts']);
      assert.deepEqual(named('view'), ['public.seen']);
      assert.deepEqual(named('materialized view'), ['public.kept']);
      assert.deepEqual(named('sequence'), ['public.numbers']);
      assert.deepEqual(named('routine'), ['public.noop()']);
      assert.deepEqual(named('trigger'), ['public.parts.stamp']);
      assert.ok(named('index').includes('public.parts.by_day'));
      assert.ok(named('constraint').includes('Odd Name.a.b"c.a.b"c_pkey'));
      const parts = objects.find(({ object }) => object.name === 'parts');
      assert.equal(parts?.estimatedRows, 99);
      assert.equal(await connection.countRows({ database: test.database, schema: 'public', name: 'parts' }, never), 99);
      const odd = { database: test.database, schema: 'Odd Name', name: 'a.b"c' };
      assert.equal(await connection.countRows(odd, never), 0);
      assert.ok((await connection.listDatabases(never)).includes(test.database));
    });

    it('stops a count on the server when it is cancelled, and works on', async () => {
      await test.run('CREATE VIEW endless AS SELECT 1 AS one FROM pg_sleep(60)');
      const stop = new AbortController();
      const counting = connection.countRows(
        { database: test.database, schema: 'public', name: 'endless' },
        stop.signal,
      );
      const rejected = assert.rejects(counting, failsWith('cancelled'));
      const running = async () =>
        (await connection.listSessions(never)).sessions.filter(
          (session) => session.statement.includes('endless') && session.state === 'executing',
        );
      await until('the count to run', async () => (await running()).length > 0);
      stop.abort();
      await rejected;
      await until('the server to be idle again', async () => (await running()).length === 0);
      assert.equal((await connection.readServer(never)).engine, 'postgres');
    });

    it('gives up at its time limit, on the server too', async () => {
      const hasty = await test.connect({ timeoutMs: 500 });
      const blocker = await test.client();
      await blocker.query('BEGIN; LOCK TABLE pg_catalog.pg_database IN ACCESS EXCLUSIVE MODE').catch(() => undefined);
      await assert.rejects(hasty.listDatabases(never), failsWith('timed-out'));
      await blocker.query('ROLLBACK');
      assert.ok((await hasty.listDatabases(never)).length > 0);
    });

    it('cannot write', async () => {
      await test.run([
        'CREATE FUNCTION sneak() RETURNS int LANGUAGE plpgsql AS $$BEGIN INSERT INTO public.secret VALUES (2); RETURN 1; END$$',
        'CREATE VIEW trap AS SELECT n FROM sneak() n',
      ]);
      const trap = { database: test.database, schema: 'public', name: 'trap' };
      await assert.rejects(connection.countRows(trap, never), (error) => isFailure(error) && error.code === '25006');
      const [row] = await test.run('SELECT count(*)::int AS n FROM secret WHERE i = 2');
      assert.equal(row?.['n'], 0);
    });

    it('leaves no session behind when it is closed, not even one at work', async () => {
      const leaving = await test.connect({ programName: 'DTS Cutover leaving' });
      const endless = leaving.countRows({ database: test.database, schema: 'public', name: 'endless' }, never);
      const rejected = assert.rejects(endless, failsWith('cancelled'));
      const left = async () =>
        (await connection.listSessions(never)).sessions.filter((session) => session.program === 'DTS Cutover leaving');
      await until('the count to run', async () => (await left()).some((s) => s.statement.includes('endless')));
      await leaving.close();
      await rejected;
      await until('no session left', async () => (await left()).length === 0);
      await assert.rejects(leaving.listSessions(never), failsWith('connection-lost'));
    });
  });
}
