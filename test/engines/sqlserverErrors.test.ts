import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import type { ConnectionProfile, ConnectRequest } from '../../src/engines/engine.ts';
import { driverFailure } from '../../src/engines/sqlserver/errors.ts';
import { sqlserver } from '../../src/engines/sqlserver/index.ts';
import { asFailure, isFailure, type Failure, type FailureReason } from '../../src/util/failure.ts';
import { say } from '../../src/util/sentence.ts';
import { CERTIFICATE, CERTIFICATE_KEY } from '../support/certificate.ts';
import { never, TestServer } from '../support/sqlserver.ts';
import type { TdsOptions } from '../support/tds/server.ts';

const PLANTED = 'planted-S3cret!42';
const certificate = { cert: CERTIFICATE, key: CERTIFICATE_KEY };
const where = { endpoint: 'db:1433', host: 'db', user: 'app', database: 'shop' };

/** One sentence with the place, a way out, and nowhere the password. */
function readsWell(failure: Failure, reason: FailureReason, place: string): void {
  assert.equal(failure.reason, reason, failure.message);
  assert.ok(say(failure.what).includes(place), failure.message);
  assert.doesNotMatch(say(failure.what), /\{\w+\}/);
  assert.notEqual(failure.tryThis, null);
  const everything = `${inspect(failure, { depth: 12, showHidden: true })}${failure.stack ?? ''}`;
  assert.ok(!everything.includes(PLANTED), 'the password is in the error');
}

interface Case {
  readonly name: string;
  readonly reason: FailureReason;
  readonly options?: TdsOptions;
  readonly profile?: Partial<ConnectionProfile>;
  readonly request?: Partial<ConnectRequest>;
  /** `localhost` instead of the address */
  readonly byName?: boolean;
  readonly prepare?: (server: TestServer) => void | Promise<void>;
  readonly place?: string;
}

describe('SQL Server: errors read well', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'dts-cutover-tls-'));
    writeFileSync(path.join(folder, 'ca.pem'), CERTIFICATE);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const refuseWith = (number: number, message: string) => (server: TestServer) => {
    server.model.refuseLogins = [{ number, message }];
  };
  const cases: readonly Case[] = [
    { name: 'a wrong password', reason: 'authentication-failed', profile: { user: 'admin' } },
    { name: 'an unknown account', reason: 'authentication-failed', profile: { user: 'nobody' } },
    { name: 'a missing database', reason: 'database-missing', profile: { user: 'planted', database: 'gone' } },
    {
      name: 'a default database that is gone',
      reason: 'database-missing',
      prepare: refuseWith(4064, 'Cannot open user default database. Login failed.'),
    },
    {
      name: 'Windows accounts only',
      reason: 'authentication-failed',
      prepare: refuseWith(18452, 'Login failed. The login is from an untrusted domain.'),
    },
    {
      name: 'a locked account',
      reason: 'authentication-failed',
      prepare: refuseWith(18486, "Login failed for user 'planted' because the account is currently locked out."),
    },
    {
      name: 'an expired password',
      reason: 'authentication-failed',
      prepare: refuseWith(18487, "Login failed for user 'planted'. Reason: The password of the account has expired."),
    },
    {
      name: 'too many connections',
      reason: 'too-many-connections',
      prepare: refuseWith(17809, 'Could not connect because the maximum number of user connections has been reached.'),
    },
    {
      name: 'a server that is starting',
      reason: 'server-starting',
      prepare: refuseWith(17187, 'SQL Server is not ready to accept new client connections.'),
    },
    {
      name: 'a server that shuts down',
      reason: 'connection-lost',
      prepare: refuseWith(6005, 'SHUTDOWN is in progress.'),
    },
    { name: 'nobody listening', reason: 'refused', prepare: (server) => server.tds.stop() },
    {
      name: 'an unknown host name',
      reason: 'name-not-found',
      profile: { nodes: [{ host: 'nowhere.invalid', port: 1433 }] },
      place: 'nowhere.invalid',
    },
    { name: 'silence', reason: 'timed-out', options: { mute: true }, request: { timeoutMs: 100 } },
    { name: 'no encryption offered', reason: 'tls', profile: { user: 'planted', tls: { mode: 'required' } } },
    {
      name: 'encryption demanded',
      reason: 'tls',
      options: { encryption: 'required', certificate },
      profile: { user: 'planted', tls: { mode: 'off' } },
    },
    {
      name: 'a self-signed certificate',
      reason: 'tls',
      options: { encryption: 'offered', certificate },
      profile: { user: 'planted', tls: { mode: 'verify-full' } },
      byName: true,
      place: 'localhost',
    },
    {
      name: 'a CA file that is not there',
      reason: 'not-configured',
      profile: { user: 'planted', tls: { mode: 'verify-full', caFile: '/nowhere/ca.pem' } },
      byName: true,
      place: '/nowhere/ca.pem',
    },
  ];
  for (const { name, reason, options, profile, request, byName, prepare, place } of cases) {
    it(`says so at ${name}`, async () => {
      const server = await TestServer.start(options);
      try {
        server.model.logins.set('planted', { password: PLANTED, rights: new Set() });
        const endpoint = `127.0.0.1:${server.tds.port}`;
        const nodes = byName ? [{ host: 'localhost', port: server.tds.port }] : undefined;
        const full = server.request(
          { password: PLANTED, ...request },
          { user: 'planted', ...(nodes ? { nodes } : {}), ...profile },
        );
        await prepare?.(server);
        const failure = await failureOf(full);
        readsWell(failure, reason, place ?? endpoint);
        await server.tds.idle();
      } finally {
        await server.stop();
      }
    });
  }

  async function failureOf(request: ConnectRequest): Promise<Failure> {
    try {
      const connection = await sqlserver.connect(request, never);
      await connection.close();
    } catch (error) {
      assert.ok(isFailure(error), String(error));
      return error;
    }
    return assert.fail('it connected');
  }

  it('says that the server went away in the middle of a watch, and recovers', async () => {
    const server = await TestServer.start();
    server.model.logins.set('planted', { password: PLANTED, rights: new Set(['sysadmin']) });
    const connection = await server.connect({ password: PLANTED }, { user: 'planted' });
    await server.tds.stop();
    const failures: Failure[] = [];
    for (let i = 0; i < 2; i++) {
      await connection.listSessions(never).catch((error: unknown) => failures.push(asFailure(error)));
    }
    assert.equal(failures.length, 2);
    for (const failure of failures) {
      assert.ok(['connection-lost', 'refused'].includes(failure.reason), failure.message);
      readsWell(failure, failure.reason, `127.0.0.1:${server.tds.port}`);
    }
    await server.tds.start();
    assert.ok((await connection.listSessions(never)).sessions.length > 0);
    await server.stop();
  });

  it('says which right a statement lacks', async () => {
    const server = await TestServer.start();
    const connection = await server.connect();
    server.model.addDatabase('shop');
    server.model.intercept = (sql) =>
      sql.includes('COUNT_BIG')
        ? { errors: [{ number: 229, message: 'The SELECT permission was denied on the object orders.' }] }
        : null;
    await assert.rejects(connection.countRows({ database: 'shop', schema: 'dbo', name: 'orders' }, never), (error) => {
      assert.ok(isFailure(error));
      readsWell(error, 'insufficient-privilege', 'orders');
      assert.equal(error.code, '229');
      return true;
    });
    await server.stop();
  });

  /** Errors as the driver makes them: an error with a number, or a code at the end of a chain of causes. */
  const numbered = (number: number) => Object.assign(new Error('words of the server'), { code: 'EREQUEST', number });
  const coded = (code: string) =>
    Object.assign(new Error('words of the driver'), {
      code: 'ESOCKET',
      cause: Object.assign(new Error('words of the system'), { code }),
    });
  const mapped: readonly (readonly [Error, FailureReason])[] = [
    [numbered(297), 'insufficient-privilege'],
    [numbered(300), 'insufficient-privilege'],
    [numbered(262), 'insufficient-privilege'],
    [numbered(916), 'insufficient-privilege'],
    [numbered(911), 'database-missing'],
    [numbered(922), 'server-starting'],
    [numbered(596), 'connection-lost'],
    [numbered(1205), 'timed-out'],
    [numbered(1222), 'timed-out'],
    [numbered(10928), 'too-many-connections'],
    [numbered(40615), 'authentication-failed'],
    [coded('ECONNREFUSED'), 'refused'],
    [coded('ENOTFOUND'), 'name-not-found'],
    [coded('EHOSTUNREACH'), 'unreachable'],
    [coded('ETIMEDOUT'), 'timed-out'],
    [coded('ECONNRESET'), 'connection-lost'],
    [coded('EPIPE'), 'connection-lost'],
    [coded('ERR_TLS_CERT_ALTNAME_INVALID'), 'tls'],
    [coded('CERT_HAS_EXPIRED'), 'tls'],
    [coded('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), 'tls'],
    [Object.assign(new Error('closed'), { code: 'ECONNCLOSED' }), 'connection-lost'],
    [Object.assign(new Error('closed'), { code: 'EINVALIDSTATE' }), 'connection-lost'],
    [numbered(8134), 'query-failed'],
  ];
  for (const [error, reason] of mapped) {
    const label = 'number' in error ? String(error.number) : inspect(error.cause ?? error).split("code: '")[1];
    it(`takes ${label?.split("'")[0]} for ${reason}`, () => {
      const failure = driverFailure(error, where);
      assert.equal(failure.reason, reason);
      assert.match(say(failure.what), /db:1433|\bdb\b/);
    });
  }
});
