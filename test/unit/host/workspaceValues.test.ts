import assert from 'node:assert/strict';
import fc from 'fast-check';
import { judgeWorkspace, type Guarded, type Wish } from '../../../src/host/settings/workspaceValues.ts';
import { isLoopback } from '../../../src/util/loopback.ts';

const DEFAULTS: Guarded = {
  endpoint: 'mainland',
  endpointUrl: '',
  credentials: 'stored',
  credentialsProfile: 'default',
  connections: {},
};
const SANDBOX = 'http://127.0.0.1:4321';
const local = { engine: 'postgres', address: '127.0.0.1:5432', user: 'watcher', tls: 'off' };
const evil = { engine: 'postgres', address: 'evil.example:5432', user: 'watcher' };

function judged(
  workspace: Partial<Guarded>,
  options: { user?: Partial<Guarded>; confirmed?: (wish: Wish) => boolean; own?: string } = {},
) {
  const user = { ...DEFAULTS, ...options.user };
  const layer = (name: keyof Guarded) => ({ user: user[name], workspace: workspace[name] });
  const layers = {
    endpoint: layer('endpoint'),
    endpointUrl: layer('endpointUrl'),
    credentials: layer('credentials'),
    credentialsProfile: layer('credentialsProfile'),
    connections: layer('connections'),
  };
  return judgeWorkspace(layers, options.confirmed ?? (() => false), options.own);
}

describe('what a workspace says about where keys and passwords go', () => {
  it('is not asked about where it says nothing', () => {
    assert.deepEqual(judged({}), { values: DEFAULTS, wishes: [] });
    const user = {
      endpoint: 'custom',
      endpointUrl: 'https://dts.example',
      credentials: 'profile',
      connections: { evil },
    };
    assert.deepEqual(judged({}, { user }), { values: { ...DEFAULTS, ...user }, wishes: [] });
  });

  it('counts for another service only once just that is confirmed', () => {
    const workspace = { endpoint: 'custom', endpointUrl: 'https://evil.example' };
    const before = judged(workspace);
    assert.equal(before.values.endpoint, 'mainland');
    assert.deepEqual(before.wishes, [{ kind: 'endpoint', text: 'https://evil.example' }]);
    const other = judged(workspace, { confirmed: ({ text }) => text === 'https://good.example' });
    assert.equal(other.values.endpoint, 'mainland');
    const after = judged(workspace, { confirmed: ({ text }) => text === 'https://evil.example' });
    assert.equal(after.values.endpointUrl, 'https://evil.example');
  });

  it('is asked about where only the address of the user’s own private service is another', () => {
    const user = { endpoint: 'custom', endpointUrl: 'https://dts.example' };
    const { values, wishes } = judged({ endpointUrl: 'https://evil.example' }, { user });
    assert.equal(values.endpointUrl, 'https://dts.example');
    assert.equal(wishes.length, 1);
  });

  it('needs no word for the sandbox, whose environment names its endpoint', () => {
    const workspace = { endpoint: 'custom', endpointUrl: SANDBOX, credentials: 'environment', connections: { local } };
    assert.deepEqual(judged(workspace, { own: SANDBOX }), { values: { ...DEFAULTS, ...workspace }, wishes: [] });
    const mixed = judged({ ...workspace, connections: { local, evil } }, { own: SANDBOX });
    assert.deepEqual(Object.keys(mixed.values.connections as object), ['local']);
    assert.deepEqual(
      mixed.wishes.map(({ kind }) => kind),
      ['connection'],
    );
  });

  it('gets no keys of the environment that were given for another endpoint, also on this machine', () => {
    for (const own of [undefined, 'http://127.0.0.1:1', 'https://dts.example']) {
      const { values, wishes } = judged(
        { endpoint: 'custom', endpointUrl: SANDBOX, credentials: 'environment' },
        own === undefined ? {} : { own },
      );
      assert.notDeepEqual([values.endpoint, values.credentials], ['custom', 'environment']);
      assert.ok(wishes.length > 0);
    }
    // keys in the secret storage are bound to their endpoint: none of them goes there
    assert.equal(judged({ endpoint: 'custom', endpointUrl: SANDBOX }).values.endpoint, 'custom');
    // the user's own choice of source does not follow the workspace's endpoint either
    const user = { credentials: 'profile' };
    assert.equal(judged({ endpoint: 'custom', endpointUrl: SANDBOX }, { user }).values.endpoint, 'mainland');
  });

  it('chooses no other keys unasked', () => {
    const { values, wishes } = judged({ credentials: 'profile', credentialsProfile: 'boss' });
    assert.deepEqual([values.credentials, values.credentialsProfile], ['stored', 'default']);
    assert.deepEqual(wishes, [{ kind: 'credentials', text: 'profile boss' }]);
  });

  it('changes none of the user’s connections unasked, whatever its name is', () => {
    const user = { connections: JSON.parse('{"shop":{"engine":"mysql","address":"db"}}') as unknown };
    const workspace = {
      connections: JSON.parse('{"shop":{"engine":"mysql","address":"evil"},"__proto__":{"x":1}}') as unknown,
    };
    const { values, wishes } = judged(workspace, { user });
    assert.deepEqual(values.connections, user.connections);
    assert.equal(wishes.length, 2);
  });

  it('never leads anywhere but to this machine or to what the user set or confirmed', () => {
    const value = fc.constantFrom(
      'mainland',
      'custom',
      SANDBOX,
      'https://evil.example',
      'http://127.evil.example',
      'stored',
      'environment',
      7,
      null,
    );
    const workspace = fc.record(
      { endpoint: value, endpointUrl: value, credentials: value, credentialsProfile: value },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(workspace, fc.constantFrom(undefined, SANDBOX), (given, own) => {
        const { values } = judged(given, own === undefined ? {} : { own });
        if (values.endpoint !== 'custom') return;
        assert.equal(values.endpointUrl, SANDBOX);
        if (own !== SANDBOX) assert.equal(values.credentials, 'stored');
      }),
    );
  });
});

describe('this machine', () => {
  for (const host of ['localhost', 'LOCALHOST', '127.0.0.1', '127.8.8.8', '::1', '[::1]']) {
    it(`is ${host}`, () => assert.ok(isLoopback(host)));
  }
  for (const host of ['127.evil.example', 'localhost.evil.example', '0.0.0.0', '10.0.0.1', '', '::', 'evil']) {
    it(`is not ${host}`, () => assert.ok(!isLoopback(host)));
  }
});
