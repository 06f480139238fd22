import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import type { ConnectRequest, TlsOptions } from '../../src/engines/engine.ts';
import { driverFailure } from '../../src/engines/mysql/errors.ts';
import { mysql } from '../../src/engines/mysql/index.ts';
import { isFailure, type Failure, type FailureReason } from '../../src/util/failure.ts';
import { say } from '../../src/util/sentence.ts';
import { never, profileOf, startOwn, startServer, type TestServer } from '../support/mysql.ts';
import { describeMysql } from '../support/pairs.ts';
import { CLIENT_PASSPHRASE, makeCertificates } from '../support/certificate.ts';

const PLANTED = 'planted-S3cret!42';

async function failureOf(request: ConnectRequest): Promise<Failure> {
  try {
    const connection = await mysql.connect(request, never);
    await connection.close();
  } catch (error) {
    assert.ok(isFailure(error), String(error));
    return error;
  }
  return assert.fail('it connected');
}

const folderOf = async (server: TestServer) => String((await server.run('SELECT @@datadir AS d'))[0]?.['d']);

/** One sentence with the place, a way out, and nowhere the password. */
function readsWell(failure: Failure, reason: FailureReason, place: string): void {
  assert.equal(failure.reason, reason, failure.message);
  assert.ok(say(failure.what).includes(place), failure.message);
  assert.doesNotMatch(say(failure.what), /\{\w+\}/);
  assert.notEqual(failure.tryThis, null);
  const everything = `${inspect(failure, { depth: 10, showHidden: true })}${failure.stack ?? ''}`;
  assert.ok(!everything.includes(PLANTED), 'the password is in the error');
}

const SOCKET_ONLY = {
  mysql: [
    "INSTALL PLUGIN auth_socket SONAME 'auth_socket.so'",
    "CREATE USER socket_only@'%' IDENTIFIED WITH auth_socket",
  ],
  mariadb: ["CREATE USER socket_only@'%' IDENTIFIED VIA unix_socket"],
};

describeMysql('errors of a real server read well', function (product) {
  this.timeout(60_000);
  let server: TestServer;
  let folder: string;

  before(async function () {
    folder = mkdtempSync(path.join(tmpdir(), 'dts-cutover-tls-'));
    // for another name than the one we connect by
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=db.example'],
        ...['-addext', 'subjectAltName=DNS:db.example', '-keyout', file('key.pem'), '-out', file('cert.pem')],
      ],
      { stdio: 'ignore' },
    );
    server = await startServer(this, product, {
      settings: {
        'ssl-cert': file('cert.pem'),
        'ssl-key': file('key.pem'),
        'max-connections': '10',
      },
    });
    await server.run(`CREATE USER planted@'%' IDENTIFIED BY '${PLANTED}'`);
    for (const sql of SOCKET_ONLY[server.product]) await server.run(sql);
    await server.run(`CREATE USER locked@'%' IDENTIFIED BY '${PLANTED}' ACCOUNT LOCK`);
    if (server.product === 'mariadb') {
      await server.run("INSTALL SONAME 'auth_ed25519'");
      await server.run(`CREATE USER modern@'%' IDENTIFIED VIA ed25519 USING PASSWORD('${PLANTED}')`);
    }
    await server.run(`CREATE USER tls_only@'%' IDENTIFIED BY '${PLANTED}' REQUIRE SSL`);
    await server.run('CREATE DATABASE secret_shop');
  });
  after(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const file = (name: string) => path.join(folder, name);
  const as = (user: string, change: Parameters<typeof profileOf>[1] = {}): ConnectRequest =>
    server.request({ profile: profileOf({ ...server.root, user }, change), password: PLANTED });
  const endpoint = () => `${server.root.host}:${server.root.port}`;
  const byName = () => [{ host: 'localhost', port: server.root.port }];

  const cases: readonly (readonly [string, FailureReason, () => ConnectRequest, (() => string)?])[] = [
    ['a wrong password', 'authentication-failed', () => as('root')],
    ['an unknown account', 'authentication-failed', () => as('nobody')],
    ['an account of the operating system', 'authentication-failed', () => as('socket_only')],
    ['a locked account', 'authentication-failed', () => as('locked')],
    ['a way of logging in the driver lacks', 'unsupported', () => as('modern')],
    ['an account that wants TLS', 'tls', () => as('tls_only')],
    ['a database nobody may see', 'insufficient-privilege', () => as('planted', { database: 'secret_shop' })],
    [
      'a self-signed certificate',
      'tls',
      () => as('planted', { nodes: byName(), tls: { mode: 'verify-full' } }),
      () => 'localhost',
    ],
    [
      'a certificate of another host',
      'tls',
      () => as('planted', { nodes: byName(), tls: { mode: 'verify-full', caFile: file('cert.pem') } }),
      () => 'localhost',
    ],
    [
      'a certificate to be checked against an address',
      'tls',
      () => as('planted', { tls: { mode: 'verify-full', caFile: file('cert.pem') } }),
    ],
    [
      'a missing certificate file',
      'not-configured',
      () => as('planted', { nodes: byName(), tls: { mode: 'verify-full', caFile: file('none.pem') } }),
      () => 'none.pem',
    ],
  ];
  for (const [name, reason, request, place] of cases) {
    // the driver knows every way of MySQL's that can be had here
    if (reason === 'unsupported' && product !== 'mariadb') continue;
    it(name, async () => readsWell(await failureOf(request()), reason, (place ?? endpoint)()));
  }

  it('an unknown database', async () => {
    const failure = await failureOf(server.request({ profile: profileOf(server.root, { database: 'nowhere' }) }));
    readsWell(failure, 'database-missing', 'nowhere');
  });

  it('says that a certificate is for another host', async () => {
    const tls = { mode: 'verify-full', caFile: file('cert.pem') } as const;
    const failure = await failureOf(as('planted', { nodes: byName(), tls }));
    assert.equal(
      say(failure.what),
      `The certificate of localhost:${server.root.port} is for another host than localhost.`,
    );
  });

  it('checks the authority alone, or the address too where the certificate names it', async function () {
    const files = makeCertificates(folder, 'planted');
    const other = await startServer(this, product, {
      settings: { 'ssl-cert': files.cert, 'ssl-key': files.key, 'ssl-ca': files.ca },
    });
    try {
      await other.run(`CREATE USER planted@'%' IDENTIFIED BY '${PLANTED}' REQUIRE X509`);
      const at = (host: string, tls: ConnectRequest['profile']['tls'], keyPassphrase?: string) => {
        const profile = profileOf(
          { ...other.root, user: 'planted' },
          { nodes: [{ host, port: other.root.port }], tls },
        );
        return mysql.connect({ ...other.request({ profile, password: PLANTED }), keyPassphrase }, never);
      };
      const own = { caFile: files.ca, certFile: files.clientCert, keyFile: files.clientKey };
      await (await at('127.0.0.1', { mode: 'verify-full', ...own }, CLIENT_PASSPHRASE)).close();
      await (await at('localhost', { mode: 'verify-ca', ...own }, CLIENT_PASSPHRASE)).close();
      await assert.rejects(at('localhost', { mode: 'verify-full', ...own }, CLIENT_PASSPHRASE), { reason: 'tls' });
      await assert.rejects(at('127.0.0.1', { mode: 'verify-full', ...own }), { reason: 'not-configured' });
      const without = at('127.0.0.1', { mode: 'verify-full', caFile: files.ca });
      await assert.rejects(without, (error) => isFailure(error) && /REQUIRE X509/.test(error.tryThis?.text ?? ''));
    } finally {
      await other.stop();
    }
  });

  it('is pinned to the certificate that the server made for itself', async function () {
    const pins = [new X509Certificate(readFileSync(file('cert.pem'))).fingerprint256];
    const proper = await startOwn(this, 'mysql');
    try {
      const made = path.join(await folderOf(proper), 'server-cert.pem');
      pins.push(new X509Certificate(readFileSync(made)).fingerprint256);
      await proper.run(`CREATE USER tls_only@'%' IDENTIFIED BY '${PLANTED}' REQUIRE SSL`);
      for (const [at, pin, other] of [
        [server, pins[0], pins[1]],
        [proper, pins[1], pins[0]],
      ] as const) {
        const to = (tls: TlsOptions) =>
          at.request({ profile: profileOf({ ...at.root, user: 'tls_only' }, { tls }), password: PLANTED });
        await (await mysql.connect(to({ mode: 'pinned', pin }), never)).close();
        const failure = await failureOf(to({ mode: 'pinned', pin: other }));
        readsWell(failure, 'tls', pin ?? '');
        readsWell(await failureOf(to({ mode: 'off' })), 'tls', String(at.root.port));
      }
    } finally {
      await proper.stop();
    }
  });

  it('connects over TLS without checking the certificate', async () => {
    const connection = await mysql.connect(as('tls_only', { tls: { mode: 'required' } }), never);
    assert.match(connection.server.account, /tls_only/);
    await connection.close();
  });

  it('too many connections', async () => {
    const clients = [];
    for (let i = 0; i < 10; i++) clients.push(await server.client({ user: 'planted', password: PLANTED }));
    readsWell(await failureOf(as('planted')), 'too-many-connections', endpoint());
    for (const client of clients) client.destroy();
  });
});

describe('MySQL: errors before any server answers properly', function () {
  this.timeout(20_000);
  const open: Server[] = [];
  after(() => open.forEach((server) => server.close()));

  /** A port that behaves in one way with whoever connects. */
  async function port(behave: (socket: Socket) => void): Promise<number> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket.on('error', () => undefined).on('close', () => sockets.delete(socket)));
      behave(socket);
    });
    open.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }
  const request = (host: string, at: number, tls: 'off' | 'required' = 'off'): ConnectRequest => ({
    profile: profileOf({ host, port: at, user: 'planted' }, { tls: { mode: tls } }),
    password: PLANTED,
    programName: 'DTS Cutover',
    timeoutMs: 500,
  });
  const refusing = (errno: number) => (socket: Socket) => socket.end(errorPacket(errno));

  const cases: readonly (readonly [string, FailureReason, (socket: Socket) => void])[] = [
    ['a server that never answers', 'timed-out', () => undefined],
    ['a server that hangs up', 'connection-lost', (socket) => socket.destroy()],
    ['too many connections', 'too-many-connections', refusing(1040)],
    ['a blocked host', 'refused', refusing(1129)],
    ['a host that is not allowed', 'authentication-failed', refusing(1130)],
  ];
  for (const [name, reason, behave] of cases) {
    it(name, async () => {
      const at = await port(behave);
      readsWell(await failureOf(request('127.0.0.1', at)), reason, `127.0.0.1:${at}`);
    });
  }

  it('a port nobody listens on', async () => {
    const at = await port(() => undefined);
    await new Promise((resolve) => open.pop()?.close(resolve));
    readsWell(await failureOf(request('127.0.0.1', at)), 'refused', `127.0.0.1:${at}`);
  });

  it('a name nobody knows', async () => {
    readsWell(await failureOf(request('nowhere.invalid', 3306)), 'name-not-found', 'nowhere.invalid');
  });
});

describe('MySQL: errors that cannot be had here, by their number', () => {
  const where = { endpoint: 'db:3306', host: 'db', user: 'u', database: 'd' };
  const cases: readonly (readonly [number | string, FailureReason])[] = [
    [1053, 'connection-lost'],
    [1142, 'insufficient-privilege'],
    [1203, 'too-many-connections'],
    [1226, 'too-many-connections'],
    [1227, 'insufficient-privilege'],
    [1251, 'unsupported'],
    [1524, 'unsupported'],
    [1862, 'authentication-failed'],
    [1927, 'connection-lost'],
    [1969, 'timed-out'],
    [3024, 'timed-out'],
    [3118, 'authentication-failed'],
    [3159, 'tls'],
    [4031, 'connection-lost'],
    [9999, 'query-failed'],
    ['HANDSHAKE_NO_SSL_SUPPORT', 'tls'],
    ['MYSQL_CLEAR_PASSWORD_NOT_ENABLED', 'unsupported'],
    ['EHOSTUNREACH', 'unreachable'],
    ['ECONNRESET', 'connection-lost'],
  ];
  for (const [what, reason] of cases) {
    it(String(what), () => {
      const error = Object.assign(
        new Error('words'),
        typeof what === 'number' ? { errno: what, code: 'ER_X' } : { code: what },
      );
      const failure = driverFailure(error, where);
      assert.equal(failure.reason, reason);
      assert.doesNotMatch(say(failure.what), /\{\w+\}/);
      assert.match(say(failure.what), /db:3306/);
    });
  }
});

/** The error a server sends in place of its greeting. */
function errorPacket(errno: number): Buffer {
  const text = Buffer.from('refused', 'utf8');
  const packet = Buffer.alloc(4 + 3 + text.length);
  packet.writeUIntLE(3 + text.length, 0, 3);
  packet.writeUInt8(0xff, 4);
  packet.writeUInt16LE(errno, 5);
  text.copy(packet, 7);
  return packet;
}
