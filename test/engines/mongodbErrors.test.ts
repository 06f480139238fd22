import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import { MongoServerError } from 'mongodb';
import type { ConnectionProfile, ConnectRequest } from '../../src/engines/engine.ts';
import { driverFailure } from '../../src/engines/mongodb/errors.ts';
import { mongodb } from '../../src/engines/mongodb/index.ts';
import { isFailure, type Failure, type FailureReason } from '../../src/util/failure.ts';
import { say } from '../../src/util/sentence.ts';
import { CERTIFICATE, CERTIFICATE_KEY, FINGERPRINT, OTHER_FINGERPRINT } from '../support/certificate.ts';
import { never, profileOf, PROGRAM } from '../support/mongodb.ts';
import { ServerError } from '../../sandbox/mongodb/rights.ts';
import { MongoServer, type User } from '../../sandbox/mongodb/server.ts';

const PLANTED = 'planted-S3cret!42';
const ROOT: User = { user: 'root', password: 'r00t', roles: ['root'] };

async function failureOf(request: ConnectRequest): Promise<Failure> {
  try {
    const connection = await mongodb.connect(request, never);
    await connection.close();
  } catch (error) {
    assert.ok(isFailure(error), String(error));
    return error;
  }
  return assert.fail('it connected');
}

/** One sentence with the place, a way out, and nowhere the password. */
function readsWell(failure: Failure, reason: FailureReason, place: string): void {
  assert.equal(failure.reason, reason, failure.message);
  assert.ok(say(failure.what).includes(place), failure.message);
  assert.doesNotMatch(say(failure.what), /\{\w+\}/);
  assert.notEqual(failure.tryThis, null);
  const everything = `${inspect(failure, { depth: 12, showHidden: true })}${failure.stack ?? ''}`;
  assert.ok(!everything.includes(PLANTED), 'the password is in the error');
}

describe('MongoDB: errors read well', function () {
  this.timeout(20_000);
  let plain: MongoServer;
  let encrypted: MongoServer;
  let folder: string;
  const open: Server[] = [];

  before(async () => {
    plain = await MongoServer.start({ users: [ROOT] });
    encrypted = await MongoServer.start({ users: [ROOT], tls: { cert: CERTIFICATE, key: CERTIFICATE_KEY } });
    folder = mkdtempSync(path.join(tmpdir(), 'dts-cutover-mongodb-'));
    writeFileSync(path.join(folder, 'ca.pem'), CERTIFICATE);
  });
  after(async () => {
    for (const server of open) server.close();
    await plain.stop();
    await encrypted.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const to = (server: MongoServer, change: Partial<ConnectionProfile> = {}): ConnectRequest => ({
    profile: { ...profileOf([server], 'root'), ...change },
    password: PLANTED,
    programName: PROGRAM,
    timeoutMs: 700,
  });
  const at = (host: string, port: number) => to(plain, { nodes: [{ host, port }] });
  const byName = () => [{ host: 'localhost', port: encrypted.port }];

  /** A port that behaves in one way with whoever connects. */
  async function port(behave: (socket: Socket) => void): Promise<number> {
    const server = createServer((socket) => behave(socket.on('error', () => undefined)));
    open.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }

  const cases: readonly (readonly [string, FailureReason, () => ConnectRequest, () => string])[] = [
    ['a wrong password', 'authentication-failed', () => to(plain), () => plain.endpoint],
    ['an unknown account', 'authentication-failed', () => to(plain, { user: 'nobody' }), () => plain.endpoint],
    ['no account', 'authentication-failed', () => to(plain, { user: '' }), () => plain.endpoint],
    ['a replica set of another name', 'not-configured', () => to(plain, { replicaSet: 'rs9' }), () => 'rs9'],
    ['TLS asked of a server without', 'tls', () => to(plain, { tls: { mode: 'required' } }), () => plain.endpoint],
    ['no TLS to a server that wants it', 'tls', () => to(encrypted), () => encrypted.endpoint],
    [
      'a certificate nobody signed',
      'tls',
      () => to(encrypted, { nodes: byName(), tls: { mode: 'verify-full' } }),
      () => 'localhost',
    ],
    [
      'a certificate of another host',
      'tls',
      () => to(encrypted, { tls: { mode: 'verify-full', caFile: path.join(folder, 'ca.pem') } }),
      () => encrypted.endpoint,
    ],
    [
      'another certificate than the pinned one',
      'tls',
      () => to(encrypted, { tls: { mode: 'pinned', pin: OTHER_FINGERPRINT } }),
      () => FINGERPRINT,
    ],
    [
      'a missing certificate file',
      'not-configured',
      () => to(encrypted, { tls: { mode: 'verify-full', caFile: path.join(folder, 'none.pem') } }),
      () => 'none.pem',
    ],
    ['a name nobody knows', 'name-not-found', () => at('nowhere.invalid', 27017), () => 'nowhere.invalid:27017'],
  ];
  for (const [name, reason, request, place] of cases) {
    it(name, async () => readsWell(await failureOf(request()), reason, place()));
  }

  it('says that a server is there but has no connection left, or is going away', async () => {
    const full = await MongoServer.start();
    full.full = true;
    const failure = await failureOf(to(full));
    readsWell(failure, 'connection-lost', full.endpoint);
    assert.match(say(failure.tryThis ?? assert.fail()), /no connection left/);
    await full.stop();
  });

  it('a port nobody listens on, told at once and not at the time limit', async () => {
    const nobody = await port(() => undefined);
    await new Promise((resolve) => open.pop()?.close(resolve));
    readsWell(await failureOf({ ...at('127.0.0.1', nobody), timeoutMs: 600_000 }), 'refused', `127.0.0.1:${nobody}`);
  });

  it('a server that never answers', async () => {
    const silent = await port(() => undefined);
    readsWell(await failureOf(at('127.0.0.1', silent)), 'timed-out', `127.0.0.1:${silent}`);
  });

  it('connects over TLS, with and without checking the certificate, or pinned', async () => {
    const caFile = path.join(folder, 'ca.pem');
    const pin = `${OTHER_FINGERPRINT},${FINGERPRINT}`;
    for (const tls of [{ mode: 'required' }, { mode: 'verify-full', caFile }, { mode: 'pinned', pin }] as const) {
      const request = { ...to(encrypted, { nodes: byName(), tls }), password: ROOT.password };
      const connection = await mongodb.connect(request, never);
      assert.equal(connection.server.account, 'root@admin');
      await connection.close();
    }
  });

  it('stops connecting when asked to', async () => {
    const accepted = new Promise<void>((resolve) => void port(() => resolve()).then((silent) => connecting(silent)));
    const abort = new AbortController();
    let outcome: Promise<unknown> = Promise.resolve();
    const connecting = (silent: number) => {
      outcome = assert.rejects(mongodb.connect({ ...at('127.0.0.1', silent), timeoutMs: 600_000 }, abort.signal), {
        reason: 'cancelled',
      });
    };
    await accepted;
    abort.abort();
    await outcome;
  });
});

describe('MongoDB: errors of a server that answers', function () {
  this.timeout(20_000);
  const planned: readonly (readonly [number, string, FailureReason])[] = [
    [11, 'UserNotFound', 'authentication-failed'],
    [13, 'Unauthorized', 'insufficient-privilege'],
    [50, 'MaxTimeMSExpired', 'timed-out'],
    [59, 'CommandNotFound', 'unsupported'],
    [91, 'ShutdownInProgress', 'connection-lost'],
    [133, 'FailedToSatisfyReadPreference', 'unreachable'],
    [189, 'PrimarySteppedDown', 'connection-lost'],
    [10107, 'NotWritablePrimary', 'connection-lost'],
    [11600, 'InterruptedAtShutdown', 'connection-lost'],
    [11601, 'Interrupted', 'query-failed'],
    [11602, 'InterruptedDueToReplStateChange', 'connection-lost'],
    [13435, 'NotPrimaryNoSecondaryOk', 'connection-lost'],
  ];
  for (const [code, name, reason] of planned) {
    it(`${name} (${code})`, async () => {
      const server = await MongoServer.start({ users: [ROOT] });
      const request = { profile: profileOf([server], 'root'), password: ROOT.password, programName: PROGRAM };
      const connection = await mongodb.connect({ ...request, timeoutMs: 2_000 }, never);
      server.failing.set('listDatabases', new ServerError(code, name, 'the words of the server'));
      await assert.rejects(connection.listDatabases(never), (error) => {
        assert.ok(isFailure(error));
        assert.equal(error.reason, reason, error.message);
        assert.ok(say(error.what).includes(server.endpoint));
        assert.equal(error.code, String(code));
        return true;
      });
      await connection.close();
      await server.stop();
    });
  }

  it('what cannot be had here, by its code', () => {
    const where = { endpoint: 'db:27017', user: 'u', authSource: 'admin', replicaSet: '' };
    const codes: readonly (readonly [number | string, FailureReason])[] = [
      [334, 'unsupported'],
      [8000, 'authentication-failed'],
      [262, 'timed-out'],
      [9001, 'unreachable'],
      [9999, 'query-failed'],
      ['EHOSTUNREACH', 'unreachable'],
      ['ETIMEDOUT', 'timed-out'],
      ['CERT_HAS_EXPIRED', 'tls'],
      ['ECONNRESET', 'connection-lost'],
    ];
    for (const [code, reason] of codes) {
      const error =
        typeof code === 'number'
          ? new MongoServerError({ message: 'words', errmsg: 'words', code })
          : Object.assign(new Error('words'), { code });
      const failure = driverFailure(error, where);
      assert.equal(failure.reason, reason, String(code));
      assert.match(say(failure.what), /db:27017/);
    }
  });
});
