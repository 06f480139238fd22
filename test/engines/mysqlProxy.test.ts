/** A proxy that shares its connections, as far as it can be told from outside: each statement comes from another one. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createTcpServer } from 'node:net';
import { createServer, type Connection } from 'mysql2';
import { mysql } from '../../src/engines/mysql/index.ts';
import { isFailure } from '../../src/util/failure.ts';
import { never, profileOf } from '../support/mysql.ts';

const GREETING = {
  protocolVersion: 10,
  serverVersion: '8.0.36',
  connectionId: 7,
  statusFlags: 2,
  characterSet: 45,
  capabilityFlags: 0xfff7df,
  authCallback: (_: unknown, done: (error: null, refused: null) => void) => done(null, null),
};
const TEXT = { columnType: 253, characterSet: 45, columnLength: 40, flags: 0, decimals: 0 };
const COLUMN = { ...TEXT, catalog: 'def', schema: '', table: '', orgTable: '', name: 'id', orgName: 'id' };

/** Answers every statement with the number of another connection, and notes what it was asked. */
async function proxy() {
  const asked: string[] = [];
  const server = createServer((connection: Connection) => {
    connection.on('error', () => undefined);
    connection.serverHandshake(GREETING);
    connection.on('query', (sql: string) => {
      asked.push(sql);
      // an answer counts on from the statement's own packet
      connection.sequenceId = 1;
      connection.writeTextResult([{ id: String(100 + asked.length) }], [COLUMN]);
    });
  });
  const port = await freePort();
  server.listen(port);
  return { asked, port, stop: () => server.close(() => undefined) };
}

async function freePort(): Promise<number> {
  const probe = createTcpServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

describe('MySQL: a proxy that shares its connections', () => {
  it('is refused by what it is, before anything is set through it', async () => {
    const { asked, port, stop } = await proxy();
    try {
      const profile = profileOf({ host: '127.0.0.1', port, user: 'u' });
      const connecting = mysql.connect({ profile, password: 'p', programName: 'test', timeoutMs: 5_000 }, never);
      await assert.rejects(connecting, (error) => isFailure(error) && error.reason === 'unsupported');
      assert.ok(asked.length > 1);
      assert.deepEqual(
        asked.filter((sql) => !/^SELECT CONNECTION_ID/.test(sql)),
        [],
      );
    } finally {
      stop();
    }
  });
});
