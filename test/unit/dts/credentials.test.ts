import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cliIdentity, environmentIdentity, fileIdentity, listCredentialSources } from '../../../src/dts/credentials.ts';
import { say } from '../../../src/util/sentence.ts';
import { everythingIn, failureOf } from './support.ts';

describe('keys that are already on the machine', () => {
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'dts-home-'));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  async function write(file: string, content: string | object): Promise<void> {
    const target = path.join(home, file);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, typeof content === 'string' ? content : JSON.stringify(content));
  }

  it('come from the environment, under every name of the token', () => {
    const keys = { TENCENTCLOUD_SECRET_ID: ' AKID ', TENCENTCLOUD_SECRET_KEY: 'KEY' };
    assert.deepEqual(environmentIdentity(keys), { secretId: 'AKID', secretKey: 'KEY' });
    for (const name of ['TENCENTCLOUD_TOKEN', 'TENCENTCLOUD_SESSION_TOKEN', 'TENCENTCLOUD_SECURITY_TOKEN']) {
      assert.deepEqual(environmentIdentity({ ...keys, [name]: 'T' }), {
        secretId: 'AKID',
        secretKey: 'KEY',
        token: 'T',
      });
    }
    assert.equal(environmentIdentity({}), null);
    assert.equal(environmentIdentity({ TENCENTCLOUD_SECRET_ID: '', TENCENTCLOUD_SECRET_KEY: '  ' }), null);
  });

  it('are refused when only half of them is there', async () => {
    await failureOf(
      Promise.resolve().then(() => environmentIdentity({ TENCENTCLOUD_SECRET_ID: 'A' })),
      'bad-input',
    );
    await write('.tccli/half.credential', { secretKey: 'planted-secret' });
    const failure = await failureOf(cliIdentity('half', home), 'bad-input');
    assert.match(failure.message, /half\.credential holds no SecretId/);
    assert.doesNotMatch(everythingIn(failure), /planted/);
  });

  it('come from a profile of the command line tool, temporary ones with their token', async () => {
    const inAnHour = Math.round(Date.now() / 1000) + 3600;
    await write('.tccli/prod.credential', {
      secretId: 'A',
      secretKey: 'K',
      token: 'T',
      expiresAt: inAnHour,
      other: {},
    });
    assert.deepEqual(await cliIdentity('prod', home), { secretId: 'A', secretKey: 'K', token: 'T' });
    assert.equal(await cliIdentity('absent', home), null);
  });

  it('are renewed by the tool whose login has expired, never used', async () => {
    const login = { type: 'oauth', secretId: 'A', secretKey: 'planted-key', token: 'planted-token', expiresAt: 1 };
    await write('.tccli/login.credential', login);
    const failure = await failureOf(cliIdentity('login', home), 'credentials-expired');
    assert.match(say(failure.tryThis ?? { text: '' }), /Run tccli/);
    assert.doesNotMatch(everythingIn(failure), /planted/);
  });

  it("come from the SDKs' file, whose profiles are others than the tool's of the same name", async () => {
    const ini =
      '\uFEFF# keys\r\n[default]\r\nsecret_id = A\r\nsecret_key = K=1\r\n; x\r\n[eu]\r\nsecret_id="B"\r\nsecret_key=L\r\nregion = eu-frankfurt\r\n';
    await write('.tencentcloud/credentials', ini);
    await write('.tccli/default.credential', { secretId: 'C', secretKey: 'M' });
    assert.deepEqual(await fileIdentity('default', {}, home), { secretId: 'A', secretKey: 'K=1' });
    assert.deepEqual(await fileIdentity('eu', {}, home), { secretId: 'B', secretKey: 'L' });
    assert.deepEqual(await cliIdentity('default', home), { secretId: 'C', secretKey: 'M' });
    assert.equal(await cliIdentity('eu', home), null);
    await write('elsewhere', '[default]\nsecret_id=E\nsecret_key=N');
    const env = { TENCENTCLOUD_CREDENTIALS_FILE: path.join(home, 'elsewhere') };
    assert.deepEqual(await fileIdentity('default', env, home), { secretId: 'E', secretKey: 'N' });
    const listed = await listCredentialSources(env, home);
    assert.deepEqual(
      listed.map(({ kind, file }) => [kind, path.basename(file)]),
      [
        ['cli', 'default.credential'],
        ['file', 'elsewhere'],
      ],
    );
  });

  it('are those of the role wherever one is named, never its own keys alone', async () => {
    const arn = 'qcs::cam::uin/1:roleName/x';
    const keys = { secretId: 'A', secretKey: 'K' };
    const role = { role: 'assume', keys, arn, sessionName: 'dts-cutover' };
    await write('.tccli/role.credential', { ...keys, 'role-arn': arn, 'role-session-name': 'night' });
    assert.deepEqual(await cliIdentity('role', home), { ...role, sessionName: 'night' });
    await write('.tccli/cvm.credential', { type: 'cvm-role' });
    assert.deepEqual(await cliIdentity('cvm', home), { role: 'machine' });
    await write('.tencentcloud/credentials', `[default]\nsecret_id=A\nsecret_key=K\nrole_arn=${arn}\n`);
    assert.deepEqual(await fileIdentity('default', {}, home), role);
    const env = { TENCENTCLOUD_SECRET_ID: 'A', TENCENTCLOUD_SECRET_KEY: 'K', TENCENTCLOUD_ROLE_ARN: arn };
    assert.deepEqual(environmentIdentity(env), role);
    assert.deepEqual(environmentIdentity({ TKE_ROLE_ARN: arn }), { role: 'workload' });
    await failureOf(
      Promise.resolve().then(() => environmentIdentity({ TENCENTCLOUD_ROLE_ARN: arn })),
      'bad-input',
    );
    await write('.tccli/bare.credential', { 'role-arn': arn });
    await failureOf(cliIdentity('bare', home), 'bad-input');
  });

  it('say what is wrong with a file, and nothing of what it holds', async () => {
    await write('.tccli/broken.credential', '{"secretKey": "planted-secret", oops');
    await write('.tccli/list.credential', '["planted-secret"]');
    await write('.tccli/types.credential', { secretId: 'A', secretKey: { planted: 'secret' } });
    for (const [profile, said] of [
      ['broken', /broken\.credential is not JSON/],
      ['list', /does not hold a JSON object/],
      ['types', /unexpected at secretKey/],
    ] as const) {
      const failure = await failureOf(cliIdentity(profile, home), 'bad-input');
      assert.match(failure.message, said);
      assert.doesNotMatch(everythingIn(failure), /planted/);
    }
  });

  it('are looked for only inside their folder', async () => {
    await write('outside.credential', { secretId: 'A', secretKey: 'K' });
    for (const profile of ['../outside', '.hidden', '..']) await failureOf(cliIdentity(profile, home), 'bad-input');
  });

  it('are listed with their region and without the keys, the broken ones too', async () => {
    await write('.tccli/default.credential', { secretId: 'planted-a', secretKey: 'planted-b' });
    await write('.tccli/default.configure', { _sys_param: { region: 'ap-shanghai', output: 'json' } });
    await write('.tccli/old.credential', { secretId: 'planted-a', secretKey: 'planted-b' });
    await write('.tccli/old.configure', { region: 'ap-beijing' });
    await write('.tccli/broken.credential', 'no');
    await write('.tencentcloud/credentials', '[default]\nsecret_id=planted-a\nsecret_key=planted-b\n[empty]\n');
    const env = {
      TENCENTCLOUD_SECRET_ID: 'planted-a',
      TENCENTCLOUD_SECRET_KEY: 'planted-b',
      TENCENTCLOUD_REGION: 'ap-hongkong',
    };
    const sources = await listCredentialSources(env, home);
    assert.deepEqual(
      sources.map(({ kind, profile, region, problem }) => [kind, profile, region, problem === null]),
      [
        ['environment', '', 'ap-hongkong', true],
        ['cli', 'default', 'ap-shanghai', true],
        ['cli', 'broken', '', false],
        ['cli', 'old', 'ap-beijing', true],
        ['file', 'default', '', true],
      ],
    );
    assert.doesNotMatch(everythingIn(sources), /planted/);
    assert.deepEqual(await listCredentialSources({}, path.join(home, 'nobody')), []);
  });
});
