import assert from 'node:assert/strict';
import type { TaskEndpoint } from '../../../src/cutover/facts.ts';
import type { ConnectionProfile } from '../../../src/engines/engine.ts';
import { fitOf, isSameServer } from '../../../src/host/connections/fit.ts';
import { say } from '../../../src/util/sentence.ts';

const endpoint = (host: string, port: number | null): TaskEndpoint => ({
  ...{ databaseType: 'mysql', engine: 'mysql', accessType: 'extranet', region: 'r', instanceId: '' },
  nodes: [{ host, port, user: 'dts' }],
});
const profile = (id: string, host: string, port = 3306, engine: ConnectionProfile['engine'] = 'mysql') =>
  ({
    id,
    engine,
    nodes: [{ host, port }],
    user: 'watch',
    database: '',
    tls: { mode: 'off' },
  }) satisfies ConnectionProfile;
const ref = { region: 'r', jobId: 'dts-a' };
const task = { ref, source: endpoint('Shop.example', null), target: endpoint('10.0.0.9', 3307) };

describe('how well a connection suits a side of a task', () => {
  const taskConnections = new Map([
    ['dts-a', { target: 'taken' }],
    ['dts-b', { source: 'source-of-b', target: 'target-of-b' }],
  ]);
  const fit = (side: 'source' | 'target', candidate: ConnectionProfile) => {
    const { rank, why } = fitOf(candidate, { task, side, taskConnections });
    return [rank, why && say(why)];
  };

  it('is best at the address of that side, the port of the engine where DTS names none', () => {
    assert.deepEqual(fit('source', profile('x', 'shop.example')), [0, 'The address of this task’s source']);
    assert.deepEqual(fit('target', profile('x', '10.0.0.9', 3307)), [0, 'The address of this task’s target']);
    assert.deepEqual(fit('target', profile('x', '10.0.0.9', 3306)), [1, null], 'another port');
    assert.deepEqual(fit('source', profile('x', 'shop.example', 3306, 'postgres')), [1, null], 'another engine');
  });

  it('is worse at the address of the other side, and worst as the connection of the other side', () => {
    assert.deepEqual(fit('source', profile('x', '10.0.0.9', 3307)), [3, 'The address of this task’s target']);
    assert.deepEqual(fit('source', profile('taken', 'tunnel')), [4, 'Already the target connection of this task']);
    assert.deepEqual(fit('target', profile('taken', '10.0.0.9', 3307)), [0, 'The address of this task’s target']);
  });

  it('is told by what it is used for elsewhere where addresses tell nothing', () => {
    assert.deepEqual(fit('source', profile('source-of-b', 'tunnel')), [1, 'The source connection of dts-b']);
    assert.deepEqual(fit('source', profile('target-of-b', 'tunnel')), [2, 'The target connection of dts-b']);
  });

  it('tells two connections to one server by any of their addresses', () => {
    assert.equal(isSameServer(profile('a', 'DB'), profile('b', 'db')), true);
    assert.equal(isSameServer(profile('a', 'db', 1), profile('b', 'db', 2)), false);
    assert.equal(isSameServer(profile('a', 'x'), profile('a', 'y')), true, 'one and the same');
    const set = {
      ...profile('set', 'm1'),
      nodes: [
        { host: 'm1', port: 1 },
        { host: 'm2', port: 2 },
      ],
    };
    assert.equal(isSameServer(set, profile('one', 'm2', 2)), true);
  });
});
