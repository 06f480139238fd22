import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import type { ConnectionProfile, ConnectRequest, TlsOptions } from '../../src/engines/engine.ts';
import { postgres } from '../../src/engines/postgres/index.ts';
import { isFailure, type Failure, type FailureReason } from '../../src/util/failure.ts';
import { say } from '../../src/util/sentence.ts';
import {
  CERTIFICATE,
  CERTIFICATE_KEY,
  CLIENT_PASSPHRASE,
  FINGERPRINT,
  makeCertificates,
  OTHER_FINGERPRINT,
} from '../support/certificate.ts';
import { never, PROGRAM, SERVERS, TestServer, until } from '../support/postgres.ts';

/** Planted wherever a password goes, and searched for wherever an error comes out. */
const SECRET = 'pl4nted-S3cret';

async function failureOf(attempt: Promise<unknown>): Promise<Failure> {
  const error: unknown = await attempt.then(
    () => assert.fail('it should have failed'),
    (thrown: unknown) => thrown,
  );
  assert.ok(isFailure(error), inspect(error));
  const seen = [inspect(error, { depth: 10, showHidden: true }), error.stack, say(error.what), JSON.stringify(error)];
  if (error.tryThis) seen.push(say(error.tryThis));
  assert.ok(!seen.join('\n').includes(SECRET), 'the password came out');
  return error;
}

function request(
  port: number,
  change: Partial<ConnectionProfile> = {},
  rest: Partial<ConnectRequest> = {},
): ConnectRequest {
  const profile: ConnectionProfile = {
    id: 'test',
    engine: 'postgres',
    nodes: [{ host: '127.0.0.1', port }],
    user: 'postgres',
    database: '',
    tls: { mode: 'off' },
    ...change,
  };
  return { profile, password: SECRET, programName: PROGRAM, timeoutMs: 10_000, ...rest };
}

async function listening(onSocket: (socket: Socket) => void): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => {
    socket.resume().on('error', () => undefined);
    onSocket(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

for (const { name, start } of SERVERS) {
  describe(`connecting to ${name}`, function () {
    this.timeout(60_000);
    let test: TestServer;
    before(async () => {
      test = await start();
      await test.createRole('dts_cutover_single', 'CONNECTION LIMIT 0');
      await test.createRole('dts_cutover_limited');
    });
    after(() => test.stop());

    const attempt = (change: Partial<ConnectionProfile>, rest: Partial<ConnectRequest> = {}) =>
      failureOf(
        postgres.connect(request(test.profile.nodes[0]?.port ?? 0, { ...test.profile, ...change }, rest), never),
      );

    it('says what server it is', async () => {
      const { server } = await test.connect();
      assert.equal(server.engine, 'postgres');
      assert.match(server.product, /^PostgreSQL \d+/);
      assert.equal(server.account, test.profile.user);
      assert.ok(server.endpoint.endsWith(`/${test.database}`));
      assert.equal(server.readOnly, false);
      assert.ok(server.startedAt !== null && server.startedAt < Date.now());
    });

    it('tells that nobody may write in a database, as on a target that is kept read-only', async () => {
      const setting = `ALTER DATABASE ${test.database} SET default_transaction_read_only`;
      await test.run(`${setting} = on`);
      try {
        assert.equal((await test.connect()).server.readOnly, true);
      } finally {
        const client = await test.client();
        await client.query('SET default_transaction_read_only = off');
        await client.query(`${setting} = off`);
        await client.end();
      }
    });

    it('is told from a server made of the same files, and not from itself by another name or account', async () => {
      const { server } = await test.connect();
      const [node] = test.profile.nodes;
      const profile = {
        ...test.profile,
        database: test.database,
        nodes: [{ host: 'localhost', port: node?.port ?? 0 }],
      };
      assert.equal((await test.connect({ profile })).server.identity, server.identity);
      const limited = { profile: { ...profile, user: 'dts_cutover_limited' }, password: 'guest' };
      assert.equal((await test.connect(limited)).server.identity, server.identity);
      const twin = await start();
      try {
        if (twin.server) assert.notEqual((await twin.connect()).server.identity, server.identity);
      } finally {
        await twin.stop();
      }
    });

    it('wrong password', async () => {
      const error = await attempt({});
      assert.deepEqual([error.reason, error.code], ['authentication-failed', '28P01']);
      assert.match(error.message, /:\d+ refused the password of postgres/);
    });

    it('empty password', async () => {
      assert.equal((await attempt({}, { password: '' })).reason, 'authentication-failed');
    });

    it('missing database', async () => {
      const error = await attempt({ database: 'no_such' }, { password: test.password });
      assert.deepEqual([error.reason, error.what.args?.['database']], ['database-missing', 'no_such']);
    });

    it('too many connections', async () => {
      const error = await attempt({ user: 'dts_cutover_single' }, { password: 'guest' });
      assert.deepEqual([error.reason, error.code], ['too-many-connections', '53300']);
    });

    it('a server going away while it is asked', async function () {
      if (!test.server) return this.skip();
      const connection = await test.connect();
      await test.run('CREATE VIEW endless AS SELECT 1 AS one FROM pg_sleep(60)');
      const counting = connection.countRows({ database: test.database, schema: 'public', name: 'endless' }, never);
      const failed = failureOf(counting);
      await until('the count to run', async () =>
        (await connection.listSessions(never)).sessions.some((s) => s.statement.includes('FROM "public"."endless"')),
      );
      await test.server.halt('fast');
      assert.equal((await failed).reason, 'connection-lost');
      assert.equal((await failureOf(connection.listSessions(never))).reason, 'refused');
      await test.server.restart();
      assert.ok((await connection.listSessions(never)).sessions.length > 0);
    });
  });
}

describe('connecting over TLS', function () {
  this.timeout(60_000);
  let test: TestServer;
  let plain: TestServer;
  let folder: string;
  let caFile: string;
  before(async () => {
    test = await TestServer.own({ tls: { cert: CERTIFICATE, key: CERTIFICATE_KEY } });
    plain = await TestServer.own();
    folder = await mkdtemp(join(tmpdir(), 'dts-cutover-ca-'));
    caFile = join(folder, 'ca.pem');
    await writeFile(caFile, CERTIFICATE);
  });
  after(async () => {
    await test.stop();
    await plain.stop();
    await rm(folder, { recursive: true });
  });
  const to = (server: TestServer, host: string, tls: TlsOptions, password = server.password) =>
    postgres.connect(
      request(
        server.profile.nodes[0]?.port ?? 0,
        { nodes: [{ host, port: server.profile.nodes[0]?.port ?? 0 }], tls },
        { password },
      ),
      never,
    );

  const accepted: readonly (readonly [what: string, host: string, tls: () => TlsOptions])[] = [
    ['required', '127.0.0.1', () => ({ mode: 'required' })],
    ['verify-full with the right name and authority', 'localhost', () => ({ mode: 'verify-full', caFile })],
  ];
  for (const [what, host, tls] of accepted) {
    it(`works: ${what}`, async () => {
      const connection = await to(test, host, tls());
      const [own] = (await connection.listSessions(never)).sessions.filter((session) => session.nature === 'self');
      const [row] = await test.run(`SELECT ssl FROM pg_stat_ssl WHERE pid = ${own?.id ?? ''}`);
      assert.equal(row?.['ssl'], true);
      await connection.close();
    });
  }

  it('works, pinned: with the certificate of that fingerprint and no other, whatever name it is for', async () => {
    const pin = FINGERPRINT;
    await (await to(test, '127.0.0.1', { mode: 'pinned', pin })).close();
    await (await to(test, 'localhost', { mode: 'pinned', pin: `${OTHER_FINGERPRINT},${pin}` })).close();
    const error = await failureOf(to(test, 'localhost', { mode: 'pinned', pin: OTHER_FINGERPRINT }, SECRET));
    assert.equal(error.reason, 'tls');
    assert.ok(error.message.includes(pin), 'which it is instead');
    assert.equal((await failureOf(to(plain, 'localhost', { mode: 'pinned', pin }, SECRET))).reason, 'tls');
  });

  const refused: readonly (readonly [string, () => Promise<unknown>, FailureReason])[] = [
    ['a server without TLS', () => to(plain, '127.0.0.1', { mode: 'required' }, SECRET), 'tls'],
    ['a self-signed certificate', () => to(test, 'localhost', { mode: 'verify-full' }, SECRET), 'tls'],
    ['another name', () => to(test, '127.0.0.1', { mode: 'verify-full', caFile }, SECRET), 'tls'],
    [
      'a CA file that is not there',
      () => to(test, 'localhost', { mode: 'verify-full', caFile: '/no/ca.pem' }, SECRET),
      'not-configured',
    ],
  ];
  for (const [what, attempt, reason] of refused) {
    it(`refuses ${what}`, async () => {
      const error = await failureOf(attempt());
      assert.equal(error.reason, reason, error.message);
    });
  }

  it('checks as each mode says, by address where the certificate names it, and shows its own certificate', async () => {
    const files = makeCertificates(folder, 'postgres');
    const [cert, key] = [await readFile(files.cert, 'utf8'), await readFile(files.key, 'utf8')];
    const server = await TestServer.own({ tls: { cert, key } });
    try {
      const at = (host: string, tls: TlsOptions, rest: Partial<ConnectRequest> = {}) => {
        const port = server.profile.nodes[0]?.port ?? 0;
        return postgres.connect(
          request(port, { nodes: [{ host, port }], tls }, { password: server.password, ...rest }),
          never,
        );
      };
      const caFile = files.ca;
      await (await at('127.0.0.1', { mode: 'verify-full', caFile })).close();
      await (await at('localhost', { mode: 'verify-ca', caFile })).close();
      assert.equal((await failureOf(at('localhost', { mode: 'verify-full', caFile }))).reason, 'tls');
      for (const mode of ['verify-ca', 'verify-full'] as const) {
        assert.equal((await failureOf(at('127.0.0.1', { mode }))).reason, 'tls');
      }
      await copyFile(files.ca, join(server.server?.folder ?? '', 'ca.pem'));
      await server.run("ALTER SYSTEM SET ssl_ca_file = 'ca.pem'");
      await writeFile(
        join(server.server?.folder ?? '', 'pg_hba.conf'),
        'hostssl all all all scram-sha-256 clientcert=verify-ca\n',
      );
      await server.server?.restart();
      const own = { mode: 'verify-full', caFile, certFile: files.clientCert, keyFile: files.clientKey } as const;
      await (await at('127.0.0.1', own, { keyPassphrase: CLIENT_PASSPHRASE })).close();
      for (const rest of [{ keyPassphrase: SECRET }, {}]) {
        assert.equal((await failureOf(at('127.0.0.1', own, rest))).reason, 'not-configured');
      }
      const none = await failureOf(at('127.0.0.1', { mode: 'verify-full', caFile }));
      assert.match(none.tryThis?.text ?? '', /client certificate/);
    } finally {
      await server.server?.stop();
    }
  });

  it('a server that lets only encrypted connections in', async () => {
    const server = await TestServer.own({ tls: { cert: CERTIFICATE, key: CERTIFICATE_KEY } });
    try {
      await writeFile(join(server.server?.folder ?? '', 'pg_hba.conf'), 'hostssl all all all scram-sha-256\n');
      await server.server?.restart();
      const error = await failureOf(to(server, '127.0.0.1', { mode: 'off' }, SECRET));
      assert.deepEqual([error.reason, error.code], ['tls', '28000']);
      assert.match(error.message, /over encrypted connections \(TLS\) only/);
      await (await to(server, '127.0.0.1', { mode: 'required' })).close();
      await writeFile(join(server.server?.folder ?? '', 'pg_hba.conf'), 'hostnossl all all all password\n');
      await server.server?.restart();
      const without = await failureOf(to(server, '127.0.0.1', { mode: 'required' }, SECRET));
      assert.deepEqual([without.reason, without.code], ['tls', '28000']);
      assert.match(without.message, /without encryption \(TLS\) only/);
      await writeFile(join(server.server?.folder ?? '', 'pg_hba.conf'), 'host all somebody all scram-sha-256\n');
      await server.server?.restart();
      const nobody = await failureOf(to(server, '127.0.0.1', { mode: 'required' }, SECRET));
      assert.deepEqual([nobody.reason, nobody.code], ['authentication-failed', '28000']);
    } finally {
      await server.server?.stop();
    }
  });
});

describe('connecting to what is no PostgreSQL', () => {
  it('nothing there', async () => {
    const { server, port } = await listening(() => undefined);
    server.close();
    await once(server, 'close');
    const error = await failureOf(postgres.connect(request(port), never));
    assert.equal(error.reason, 'refused');
    assert.ok(error.message.includes(`127.0.0.1:${port}`));
  });

  it('a name that does not exist', async () => {
    const nodes = [{ host: 'no-such-host.invalid', port: 5432 }];
    const error = await failureOf(postgres.connect(request(0, { nodes }), never));
    assert.equal(error.reason, 'name-not-found');
  });

  for (const tls of [{ mode: 'off' }, { mode: 'required' }] as const) {
    it(`silence, TLS ${tls.mode}`, async () => {
      const sockets: Socket[] = [];
      const { server, port } = await listening((socket) => sockets.push(socket));
      const error = await failureOf(postgres.connect(request(port, { tls }, { timeoutMs: 200 }), never));
      assert.equal(error.reason, 'timed-out');
      assert.ok(sockets.length > 0);
      server.close();
      await once(server, 'close'); // happens only when no connection is left
    });

    it(`a cancel while connecting, TLS ${tls.mode}`, async () => {
      const stop = new AbortController();
      const { server, port } = await listening(() => stop.abort());
      const error = await failureOf(postgres.connect(request(port, { tls }), stop.signal));
      assert.equal(error.reason, 'cancelled');
      server.close();
      await once(server, 'close');
    });

    it(`somebody who hangs up, TLS ${tls.mode}`, async () => {
      const { server, port } = await listening((socket) => socket.once('data', () => socket.destroy()));
      const error = await failureOf(postgres.connect(request(port, { tls }), never));
      assert.equal(error.reason, 'connection-lost');
      server.close();
      await once(server, 'close');
    });
  }

  it('another protocol', async () => {
    const { server, port } = await listening((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const error = await failureOf(postgres.connect(request(port, {}, { timeoutMs: 1_000 }), never));
    assert.ok(['connection-lost', 'timed-out'].includes(error.reason), error.reason);
    server.close();
    await once(server, 'close');
  });
});
