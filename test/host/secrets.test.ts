import assert from 'node:assert/strict';
import type { DtsEndpoint } from '../../src/dts/api.ts';
import type { ConnectionProfile } from '../../src/engines/engine.ts';
import { passwordOf } from '../../src/host/connections/connect.ts';
import { passwords } from '../../src/host/connections/passwords.ts';
import { passwordVariable } from '../../src/host/connections/passwordVariable.ts';
import { credentialStore } from '../../src/host/credentials/store.ts';
import { redact } from '../../src/host/redact.ts';
import { mementoInMemory, secretsInMemory, viewParts } from './support/parts.ts';

const profile: ConnectionProfile = {
  id: 'orders source',
  engine: 'postgres',
  nodes: [{ host: '10.0.0.5', port: 5432 }],
  user: 'watcher',
  database: '',
  tls: { mode: 'verify-full' },
};

describe('secrets', () => {
  const parts = viewParts();
  const store = () => passwords(secretsInMemory(), mementoInMemory(), parts.log);
  after(() => parts.dispose());

  it('hands a password to the place it was given for, and to no other', async () => {
    const kept = store();
    await kept.keep(profile, 's3cret');
    assert.equal(await passwordOf(profile, kept), 's3cret');
    for (const elsewhere of [
      { ...profile, nodes: [{ host: 'evil.example', port: 5432 }] },
      { ...profile, user: 'other' },
      { ...profile, tls: { mode: 'off' as const } },
    ]) {
      await assert.rejects(passwordOf(elsewhere, kept), (error: Error) => {
        assert.equal('reason' in error && error.reason, 'not-configured');
        assert.doesNotMatch(error.message, /s3cret/);
        return true;
      });
    }
  });

  it('knows an empty password from none', async () => {
    const kept = store();
    await assert.rejects(passwordOf(profile, kept), { reason: 'not-configured' });
    await kept.keep(profile, '');
    assert.equal(await passwordOf(profile, kept), '');
  });

  it('takes a password from the environment when none is kept', async () => {
    const variable = passwordVariable(profile.id);
    process.env[variable] = 'from-outside';
    try {
      const kept = store();
      assert.equal(await passwordOf(profile, kept), 'from-outside');
      await kept.keep(profile, 'typed');
      assert.equal(await passwordOf(profile, kept), 'typed');
    } finally {
      Reflect.deleteProperty(process.env, variable);
    }
  });

  it('goes on with the environment where the keyring refuses or holds garbage, else says what refuses', async () => {
    const locked = () => Promise.reject(new Error('Cannot create an item in a locked collection'));
    const refusing = { ...secretsInMemory(), get: locked, store: locked };
    const torn = { ...secretsInMemory(), get: () => Promise.resolve('{"password":') };
    const variable = passwordVariable(profile.id);
    const stored = (secrets: typeof refusing | typeof torn) => passwords(secrets, mementoInMemory(), parts.log);
    await assert.rejects(passwordOf(profile, stored(refusing)), { reason: 'not-configured' });
    await assert.rejects(stored(refusing).keep(profile, 's3cret'), { reason: 'not-configured' });
    process.env[variable] = 'from-outside';
    try {
      for (const secrets of [refusing, torn]) assert.equal(await passwordOf(profile, stored(secrets)), 'from-outside');
    } finally {
      Reflect.deleteProperty(process.env, variable);
    }
  });

  it('forgets all passwords at once', async () => {
    const kept = store();
    await kept.keep(profile, 'a');
    await kept.keep({ ...profile, id: 'b' }, 'b');
    assert.equal(kept.count(), 2);
    await kept.forgetAll();
    assert.equal(kept.count(), 0);
    await assert.rejects(passwordOf(profile, kept), { reason: 'not-configured' });
  });

  it('reads the API key from the chosen source only', async () => {
    let source: 'stored' | 'environment' = 'stored';
    let endpoint: DtsEndpoint = { kind: 'mainland' };
    const settings = {
      onDidChange: parts.settings.onDidChange,
      dispose: () => undefined,
      confirm: () => Promise.resolve(),
      current: () => ({ ...parts.settings.current(), endpoint, credentials: { source, profile: 'default' } }),
    };
    const store = credentialStore(secretsInMemory(), settings, parts.log);
    await assert.rejects(store.read(), { reason: 'credentials-missing' });
    await store.keep({ secretId: 'id', secretKey: 'key' });
    assert.deepEqual(await store.read(), { secretId: 'id', secretKey: 'key' });
    // a key is for the service it was given for
    endpoint = { kind: 'custom', url: 'http://127.0.0.1:1' };
    await assert.rejects(store.read(), { reason: 'credentials-missing' });
    endpoint = { kind: 'international' };
    assert.deepEqual(await store.read(), { secretId: 'id', secretKey: 'key' });
    source = 'environment';
    await assert.rejects(store.read(), { reason: 'credentials-missing' });
    process.env['TENCENTCLOUD_SECRET_ID'] = 'outer';
    process.env['TENCENTCLOUD_SECRET_KEY'] = 'outer-key';
    try {
      assert.deepEqual(await store.read(), { secretId: 'outer', secretKey: 'outer-key' });
    } finally {
      Reflect.deleteProperty(process.env, 'TENCENTCLOUD_SECRET_ID');
      Reflect.deleteProperty(process.env, 'TENCENTCLOUD_SECRET_KEY');
    }
    source = 'stored';
    await store.forget();
    assert.equal(await store.find(), null);
  });

  it('never reach the log, known or by their shape', () => {
    const text = [
      'using hunter2 for AKIDabcdefgh12345678',
      'postgres://watcher:pw0rd@10.0.0.5/shop',
      '{"TmpSecretKey":"tmpkey","Password": "dbpass", "Token":"tok"}',
      'password=plain&x=1 mysql://:p@ss/w0rd@h/d',
    ].join('\n');
    const clean = redact(text, ['hunter2']);
    for (const secret of ['hunter2', 'abcdefgh', 'pw0rd', 'tmpkey', 'dbpass', '"tok"', 'plain', 'ss/w0rd']) {
      assert.ok(!clean.includes(secret), `${secret} in ${clean}`);
    }
    assert.ok(clean.includes('watcher'));
  });
});
