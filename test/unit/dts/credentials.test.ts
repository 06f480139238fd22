import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { environmentCredentials, listCredentialSources, profileCredentials } from '../../../src/dts/credentials.ts';
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

  it('come from the environment, under both names of the token', () => {
    const keys = { TENCENTCLOUD_SECRET_ID: ' AKID ', TENCENTCLOUD_SECRET_KEY: 'KEY' };
    assert.deepEqual(environmentCredentials(keys), { secretId: 'AKID', secretKey: 'KEY' });
    assert.equal(environmentCredentials({ ...keys, TENCENTCLOUD_TOKEN: 'T' })?.token, 'T');
    assert.equal(environmentCredentials({ ...keys, TENCENTCLOUD_SESSION_TOKEN: 'S' })?.token, 'S');
    assert.equal(environmentCredentials({}), null);
    assert.equal(environmentCredentials({ TENCENTCLOUD_SECRET_ID: '', TENCENTCLOUD_SECRET_KEY: '  ' }), null);
  });

  it('are refused when only half of them is there', async () => {
    await failureOf(
      Promise.resolve().then(() => environmentCredentials({ TENCENTCLOUD_SECRET_ID: 'A' })),
      'bad-input',
    );
    await write('.tccli/half.credential', { secretKey: 'planted-secret' });
    const failure = await failureOf(profileCredentials('half', home), 'bad-input');
    assert.match(failure.message, /half\.credential holds no SecretId/);
    assert.doesNotMatch(everythingIn(failure), /planted/);
  });

  it('come from a profile of the command line tool, temporary ones with their token', async () => {
    await write('.tccli/prod.credential', { secretId: 'A', secretKey: 'K', token: 'T', expiresAt: 1, other: {} });
    assert.deepEqual(await profileCredentials('prod', home), { secretId: 'A', secretKey: 'K', token: 'T' });
    assert.equal(await profileCredentials('absent', home), null);
  });

  it("come from the SDKs' file where the tool has no such profile", async () => {
    const ini =
      '\uFEFF# keys\r\n[default]\r\nsecret_id = A\r\nsecret_key = K=1\r\n; x\r\n[eu]\r\nsecret_id="B"\r\nsecret_key=L\r\nregion = eu-frankfurt\r\n';
    await write('.tencentcloud/credentials', ini);
    assert.deepEqual(await profileCredentials('default', home), { secretId: 'A', secretKey: 'K=1' });
    assert.deepEqual(await profileCredentials('eu', home), { secretId: 'B', secretKey: 'L' });
    await write('.tccli/default.credential', { secretId: 'C', secretKey: 'M' });
    assert.equal((await profileCredentials('default', home))?.secretId, 'C');
  });

  it('are not taken from a profile that means to act as a role', async () => {
    await write('.tccli/role.credential', { secretId: 'A', secretKey: 'K', 'role-arn': 'qcs::cam::uin/1:roleName/x' });
    await failureOf(profileCredentials('role', home), 'unsupported');
    await write('.tccli/cvm.credential', { type: 'cvm-role' });
    await failureOf(profileCredentials('cvm', home), 'unsupported');
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
      const failure = await failureOf(profileCredentials(profile, home), 'bad-input');
      assert.match(failure.message, said);
      assert.doesNotMatch(everythingIn(failure), /planted/);
    }
  });

  it('are looked for only inside their folder', async () => {
    await write('outside.credential', { secretId: 'A', secretKey: 'K' });
    for (const profile of ['../outside', '.hidden', '..'])
      await failureOf(profileCredentials(profile, home), 'bad-input');
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
