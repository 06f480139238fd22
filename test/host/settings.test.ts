import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { classifySession } from '../../src/cutover/classify.ts';
import type { SessionFacts } from '../../src/cutover/facts.ts';
import { readSettings } from '../../src/host/settings/settings.ts';
import { writeEntry } from '../../src/host/settings/write.ts';
import { withSettings } from './support/parts.ts';

const session: SessionFacts = {
  id: '7',
  account: 'dts',
  host: '10.0.0.9',
  program: 'p',
  database: 'shop',
  state: 'idle',
  stateAge: 1,
  statement: '',
  nature: 'client',
  natureWhy: { text: '' },
  startedAt: null,
};

describe('settings', () => {
  const restores: (() => Promise<void>)[] = [];
  const given = async (values: Record<string, unknown>) => {
    restores.push(await withSettings(values));
    return readSettings();
  };
  afterEach(async () => {
    for (const restore of restores.splice(0)) await restore();
  });

  it('are what the manifest says when nothing is set', () => {
    const settings = readSettings();
    assert.deepEqual(settings.problems, []);
    assert.deepEqual(settings.endpoint, { kind: 'mainland' });
    assert.equal(settings.cutover.quietWindowSeconds, 180);
    assert.equal(settings.cutover.zeroDwellSeconds, 60);
    assert.equal(settings.cutover.idleBusinessBlocks, true);
  });

  for (const [value, used] of [
    [1, 60],
    [-1, 60],
    ['30', 180],
    [null, 180],
    [1e9, 300],
    [[60], 180],
  ] as const) {
    it(`takes ${used} for a quiet window of ${JSON.stringify(value)}, and says so`, async () => {
      const settings = await given({ quietWindowSeconds: value });
      assert.equal(settings.cutover.quietWindowSeconds, used);
      assert.deepEqual(settings.problems, [
        `The setting dtsCutover.quietWindowSeconds has to be a number from 60 to 300; ${used} is used.`,
      ]);
    });
  }

  it('lets idle business block when the setting is no boolean', async () => {
    const settings = await given({ idleBusinessBlocks: 'false' });
    assert.equal(settings.cutover.idleBusinessBlocks, true);
    assert.equal(settings.problems.length, 1);
  });

  for (const [what, rules] of [
    ['no list', { class: 'ignored' }],
    ['a rule of the wrong type', ['ignored']],
    ['an unknown class', [{ class: 'harmless', account: 'dts' }]],
    ['a rule without a field', [{ class: 'ignored' }]],
    ['a misspelt field', [{ class: 'ignored', acount: 'dts' }]],
    ['a network of every address', [{ class: 'ignored', host: '0.0.0.0/0' }]],
    ['a network that is none', [{ class: 'ignored', host: '10.0.0.0/33' }]],
    ['a number as account', [{ class: 'ignored', account: 7 }]],
    [
      'a broken rule before a kind one',
      [
        { class: 'business', account: '' },
        { class: 'ignored', account: 'dts' },
      ],
    ],
  ] as const) {
    it(`counts every session as business for session rules with ${what}`, async () => {
      const settings = await given({ sessionRules: rules });
      assert.equal(settings.problems.length, 1, settings.problems.join('\n'));
      const { class: cls } = classifySession(session, settings.cutover.sessionRules, { accounts: ['dts'] });
      assert.equal(cls, 'business');
    });
  }

  it('sets no table aside by a rule that cannot be used, and says which', async () => {
    const settings = await given({ heartbeatTables: ['percona.heartbeat', 'heartbeat', '*.*'] });
    assert.deepEqual(settings.cutover.heartbeatTables, [['percona', 'heartbeat']]);
    assert.equal(settings.problems.length, 2, settings.problems.join('\n'));
    const none = await given({ heartbeatTables: 'percona.heartbeat' });
    assert.deepEqual([none.cutover.heartbeatTables, none.problems.length], [[], 1]);
  });

  it('keeps the rules that are right, in their order', async () => {
    const rules = [
      { class: 'system', program: 'monitor' },
      { class: 'ignored', host: '10.0.0.0/24', account: 'dts' },
    ];
    const settings = await given({ sessionRules: rules });
    assert.deepEqual(settings.problems, []);
    assert.deepEqual(settings.cutover.sessionRules, rules);
  });

  it('reads connections, and names the one that is wrong', async () => {
    const settings = await given({
      connections: {
        good: { engine: 'postgres', address: '[::1]:5433', user: 'u', database: 'd', tls: 'off' },
        usual: { engine: 'mysql', address: 'db.example', user: 'u' },
        cluster: { engine: 'mongodb', address: 'a:1, b', user: 'u' },
        noPort: { engine: 'postgres', address: 'host:99999', user: 'u' },
        twoHosts: { engine: 'postgres', address: 'a,b', user: 'u' },
        noEngine: { engine: 'oracle', address: 'a', user: 'u' },
        wrongTls: { engine: 'mysql', address: 'a', user: 'u', tls: true },
      },
    });
    assert.deepEqual([...settings.connections.keys()], ['good', 'usual', 'cluster']);
    assert.deepEqual(settings.connections.get('good')?.nodes, [{ host: '::1', port: 5433 }]);
    assert.deepEqual(settings.connections.get('usual')?.nodes, [{ host: 'db.example', port: 3306 }]);
    assert.equal(settings.connections.get('usual')?.tls.mode, 'verify-full');
    assert.deepEqual(settings.connections.get('cluster')?.nodes, [
      { host: 'a', port: 1 },
      { host: 'b', port: 27017 },
    ]);
    for (const name of ['noPort', 'twoHosts', 'noEngine', 'wrongTls']) {
      assert.ok(
        settings.problems.some((problem) => problem.includes(name)),
        name,
      );
    }
  });

  it('asks nobody while the address of a private service is none', async () => {
    const settings = await given({ endpoint: 'custom', endpointUrl: 'ftp://x' });
    assert.deepEqual(settings.endpoint, { kind: 'custom', url: '' });
    assert.equal(settings.problems.length, 1);
  });

  it('leaves out regions that are none', async () => {
    const settings = await given({ regions: ['ap-guangzhou', 7, 'Nowhere!', 'ap-guangzhou'] });
    assert.deepEqual(settings.regions, ['ap-guangzhou']);
    assert.equal(settings.problems.length, 1);
  });

  it('changes one entry of an object and leaves the others alone', async () => {
    await given({ taskConnections: { 'dts-a': { source: 'x' } } });
    await writeEntry('taskConnections', 'dts-b', { target: 'y' });
    const read = () => vscode.workspace.getConfiguration('dtsCutover').get('taskConnections');
    assert.deepEqual(read(), { 'dts-a': { source: 'x' }, 'dts-b': { target: 'y' } });
    await writeEntry('taskConnections', 'dts-a', undefined);
    assert.deepEqual(read(), { 'dts-b': { target: 'y' } });
  });
});
