/** What the port of `src/engines/engine.ts` promises about connections, on whatever server: one suite for all of them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Context } from 'mocha';
import type { ConnectRequest, DtsFootprint, Engine, EngineConnection } from '../../src/engines/engine.ts';
import { isFailure } from '../../src/util/failure.ts';

export const never = new AbortController().signal;

export interface ContractServer {
  readonly engine: Engine;
  readonly dts: DtsFootprint;
  /** a request that works, of an account that may do everything */
  request(): ConnectRequest;
  /** a session of the business; the answer is its id in our list. null where an idle one cannot be ended */
  readonly session: (() => Promise<string>) | null;
  /** an id of the right form that nobody has */
  readonly nobody: string;
  /** whether a database is named when connecting, and has to be there */
  readonly knowsDatabases: boolean;
  stop(): Promise<void>;
}

export function connectionContract(name: string, start: (context: Context) => Promise<ContractServer>): void {
  describe(`the contract of connections: ${name}`, function () {
    this.timeout(60_000);
    let server: ContractServer;
    let connection: EngineConnection;
    before(async function () {
      server = await start(this);
      connection = await server.engine.connect(server.request(), never);
    });
    after(async () => {
      await connection?.close();
      await server?.stop();
    });

    const connect = (change: Partial<ConnectRequest>, signal = never) =>
      server.engine.connect({ ...server.request(), ...change }, signal);
    const idsOf = async (of: EngineConnection) => (await of.listSessions(never)).sessions.map(({ id }) => id);
    const elsewhere = ({ port }: AddressInfo) => ({
      profile: { ...server.request().profile, nodes: [{ host: '127.0.0.1', port }] },
    });

    it('ends a session and has waited until it is gone from the list', async function () {
      if (!server.session) return this.skip();
      const id = await server.session();
      assert.ok((await idsOf(connection)).includes(id));
      await connection.terminateSession(id, never);
      assert.ok(!(await idsOf(connection)).includes(id));
    });

    it('has nothing to do where a session has ended by itself', () =>
      connection.terminateSession(server.nobody, never));

    it('knows its own sessions, and ends none of them', async () => {
      const { sessions } = await connection.listSessions(never);
      const own = sessions.filter(({ nature }) => nature === 'self');
      assert.ok(own.length > 0);
      for (const { id } of own) await assert.rejects(connection.terminateSession(id, never), isFailure);
      assert.ok((await idsOf(connection)).includes(own[0]?.id ?? ''));
    });

    for (const token of ['', 'garbage', '{}', 'null', '[]', '{"version":0}', '{"v":999999}']) {
      it(`takes the position token ${JSON.stringify(token)} for none: a first reading`, async () => {
        const reading = await connection.readWritePosition(token, server.dts, never);
        assert.equal(reading.sinceDisplay, null);
        assert.notEqual(reading.foreign, 'none');
        assert.notEqual(reading.token, token);
      });
    }

    it('says that nobody listens', async () => {
      const { server: closed, address } = await listener(() => undefined);
      closed.close();
      await once(closed, 'close');
      await assert.rejects(connect(elsewhere(address)), { reason: 'refused' });
    });

    it('says that somebody who listens does not answer, and within how many seconds', async () => {
      const sockets: Socket[] = [];
      const { server: silent, address } = await listener((socket) => sockets.push(socket));
      try {
        await assert.rejects(connect({ ...elsewhere(address), timeoutMs: 500 }), (error) => {
          assert.ok(isFailure(error));
          assert.equal(error.reason, 'timed-out');
          // not every driver says it was the time that was up, but a time that is told is right
          assert.equal(error.what.args?.['seconds'] ?? 0.5, 0.5);
          return true;
        });
      } finally {
        for (const socket of sockets) socket.destroy();
        silent.close();
      }
    });

    it('says that the password is wrong', () =>
      assert.rejects(connect({ password: 'wrong' }), { reason: 'authentication-failed' }));

    it('says that the database is not there', async function () {
      if (!server.knowsDatabases) return this.skip();
      const profile = { ...server.request().profile, database: 'dts_cutover_nowhere' };
      await assert.rejects(connect({ profile }), { reason: 'database-missing' });
    });

    it('is cancelled before and while it connects', async () => {
      await assert.rejects(connect({}, AbortSignal.abort()), { reason: 'cancelled' });
      const soon = new AbortController();
      const connecting = connect({}, soon.signal);
      setImmediate(() => soon.abort());
      await assert.rejects(connecting, { reason: 'cancelled' });
    });

    it('leaves no session when it is closed, and answers nothing any more', async () => {
      const closing = await connect({});
      const own = (await closing.listSessions(never)).sessions.filter(({ nature }) => nature === 'self');
      const others = new Set((await connection.listSessions(never)).sessions.map(({ id }) => id));
      assert.ok(own.some(({ id }) => others.has(id)));
      await closing.close();
      await assert.rejects(closing.listSessions(never), isFailure);
      const before = (await connection.listSessions(never)).sessions.filter(({ nature }) => nature === 'self').length;
      assert.ok(before < own.length);
    });
  });
}

async function listener(onSocket: (socket: Socket) => void): Promise<{ server: Server; address: AddressInfo }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    onSocket(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, address: server.address() as AddressInfo };
}
