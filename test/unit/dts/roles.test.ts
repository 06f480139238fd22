import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createDtsClient } from '../../../src/dts/client.ts';
import { createRoleKeys } from '../../../src/dts/roles.ts';
import { addressOf } from '../../../src/dts/sites.ts';
import { everythingIn, failureOf, never, REGION } from './support.ts';

const ARN = 'qcs::cam::uin/100000000001:roleName/migration';
const keys = { secretId: 'AKIDbase', secretKey: 'planted-base-key' };
const role = { role: 'assume', keys, arn: ARN, sessionName: 'dts-cutover' } as const;

describe('roles', () => {
  let sts: http.Server;
  let answer: (call: number) => object;
  const asked: { action: string; body: string; signedBy: string }[] = [];

  before(async () => {
    sts = http.createServer((request, response) => {
      void text(request).then((body) => {
        if (request.method === 'GET') {
          const isRole = request.url?.endsWith('/night-role');
          const made = { Code: 'Success', TmpSecretId: 'AKIDvm', TmpSecretKey: 'k', Token: 't' };
          return void response.end(isRole ? JSON.stringify(made) : 'night-role');
        }
        const { authorization = '' } = request.headers;
        const signedBy = /Credential=([^/]+)/.exec(authorization)?.[1] ?? '';
        asked.push({ action: String(request.headers['x-tc-action']), body, signedBy });
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ Response: { RequestId: 'r', ...answer(asked.length) } }));
      });
    });
    await new Promise<void>((resolve) => sts.listen(0, '127.0.0.1', resolve));
  });
  beforeEach(() => asked.splice(0));
  after(() => new Promise((resolve) => sts.close(resolve)));

  const host = () => `127.0.0.1:${(sts.address() as AddressInfo).port}`;
  const roleKeys = () =>
    createRoleKeys({
      ...{ sts: { protocol: 'http:', host: host() }, metadata: `http://${host()}` },
      ...{ language: 'en-US', proxy: undefined, timeoutMs: 3000 },
    });
  const made = (seconds: number) => (call: number) => ({
    Credentials: { TmpSecretId: `AKIDtmp${call}`, TmpSecretKey: 'tmp-key', Token: 'tmp-token' },
    ExpiredTime: Math.round(Date.now() / 1000) + seconds,
  });

  it('are acted as with keys that are kept until shortly before they expire', async () => {
    const read = roleKeys();
    answer = made(3600);
    assert.deepEqual(await read(role, never), { secretId: 'AKIDtmp1', secretKey: 'tmp-key', token: 'tmp-token' });
    assert.equal((await read(role, never)).secretId, 'AKIDtmp1');
    assert.deepEqual(
      asked.map(({ action, signedBy }) => [action, signedBy]),
      [['AssumeRole', 'AKIDbase']],
    );
    assert.match(asked[0]?.body ?? '', /roleName\/migration/);
    // somebody else's role is no business of the kept keys
    assert.equal((await read({ ...role, sessionName: 'other' }, never)).secretId, 'AKIDtmp2');
    answer = made(60);
    assert.equal((await read({ ...role, arn: `${ARN}2` }, never)).secretId, 'AKIDtmp3');
    assert.equal((await read({ ...role, arn: `${ARN}2` }, never)).secretId, 'AKIDtmp4');
  });

  it('that may not be acted as are refused with their name, and nothing is asked with the keys alone', async () => {
    answer = () => ({ Error: { Code: 'UnauthorizedOperation', Message: 'no' } });
    const failure = await failureOf(roleKeys()(role, never), 'permission-denied');
    assert.match(failure.message, /roleName\/migration cannot be acted as/);
    answer = () => ({ Credentials: { TmpSecretId: 7 }, ExpiredTime: 1 });
    await failureOf(roleKeys()(role, never), 'unexpected-answer');
    assert.doesNotMatch(everythingIn(failure), /planted/);
    // a private site: its keys go to no service of the public cloud
    const client = createDtsClient({
      ...{ credentials: role, endpoint: { kind: 'custom', url: 'http://127.0.0.1:9' }, language: 'en-US' },
    });
    await failureOf(client.listTasks(REGION, {}, never), 'unsupported');
    assert.equal(await client.listRegions(never), null);
  });

  it('of a machine come from its metadata service', async () => {
    assert.deepEqual(await roleKeys()({ role: 'machine' }, never), { secretId: 'AKIDvm', secretKey: 'k', token: 't' });
  });

  it('of a machine that has none are missing, in one sentence', async function () {
    this.timeout(15_000);
    const failure = await failureOf(roleKeys()({ role: 'workload' }, never), 'credentials-missing');
    assert.match(failure.message, /no role/);
  });
});

describe('where the service is', () => {
  const hostOf = (kind: 'mainland' | 'international', region: string, service?: 'sts') =>
    addressOf({ kind }, region, service)?.host;

  it('is the site, and for finance regions a host of their own', () => {
    assert.equal(hostOf('mainland', 'ap-guangzhou'), 'dts.tencentcloudapi.com');
    assert.equal(hostOf('international', 'ap-singapore'), 'dts.intl.tencentcloudapi.com');
    assert.equal(hostOf('mainland', 'ap-shanghai-fsi'), 'dts.ap-shanghai-fsi.tencentcloudapi.com');
    assert.equal(hostOf('mainland', '', 'sts'), 'sts.tencentcloudapi.com');
    const own = { kind: 'custom', url: 'https://dts.bank.example:8443/path' } as const;
    assert.equal(addressOf(own, 'ap-shanghai-fsi')?.host, 'dts.bank.example:8443');
  });
});
