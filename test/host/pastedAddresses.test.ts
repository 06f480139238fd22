import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { DtsService } from '../../sandbox/dts/service.ts';
import { configureConnection } from '../../src/host/connections/configure.ts';
import { passwordOf } from '../../src/host/connections/connect.ts';
import { readSettings } from '../../src/host/settings/settings.ts';
import { moveSecrets } from '../../src/host/settings/struckAddresses.ts';
import { askForWishes, tellProblems } from '../../src/host/settings/watch.ts';
import { isFailure } from '../../src/util/failure.ts';
import { answering } from './support/answers.ts';
import { region, settingsFor, startService, task, viewParts, withSettings, type ViewParts } from './support/parts.ts';

const SECRET = 'S3cret/1:@';
const url = `postgres://watch:${encodeURIComponent(SECRET)}@127.0.0.1:1/shop?sslmode=disable`;
const struck = { address: '127.0.0.1:1', user: 'watch', database: 'shop', tls: 'off' };

describe('addresses with more in them than where', () => {
  const restores: (() => PromiseLike<unknown>)[] = [];
  let parts: ViewParts;
  let said: string[];
  beforeEach(() => {
    parts = viewParts();
    said = [];
    const window: { showWarningMessage: unknown; showInformationMessage: unknown } = vscode.window;
    const { showWarningMessage, showInformationMessage } = vscode.window;
    const say = (text: string) => Promise.resolve(void said.push(text));
    Object.assign(window, { showWarningMessage: say, showInformationMessage: say });
    restores.push(() => Promise.resolve(Object.assign(window, { showWarningMessage, showInformationMessage })));
  });
  afterEach(async () => {
    await parts.dispose();
    for (const restore of restores.splice(0).reverse()) await restore();
  });
  const config = () => vscode.workspace.getConfiguration('dtsCutover').inspect('connections');
  const userHas = async (connections: Record<string, unknown>) =>
    void restores.push(await withSettings({ connections }));
  /** Until everything that was begun by a change of settings has been done. */
  const settled = async (done: () => boolean) => {
    while (!done()) await new Promise((resolve) => setTimeout(resolve, 10));
  };

  it('lose their password to the secret storage', async () => {
    await userHas({ shop: { engine: 'postgres', address: url, user: 'watch' }, other: { engine: 'mysql' } });
    const before = readSettings();
    assert.deepEqual(before.connections.get('shop')?.nodes, [{ host: '127.0.0.1', port: 1 }]);
    assert.ok(!JSON.stringify([...before.connections]).includes(SECRET));
    restores.push(watching());
    await settled(() => said.some((text) => text.includes('moved to the secret storage')));
    assert.deepEqual(config()?.globalValue, { shop: { engine: 'postgres', ...struck }, other: { engine: 'mysql' } });
    const profile = parts.settings.current().connections.get('shop');
    assert.ok(profile);
    assert.equal(await passwordOf(profile, parts.passwords), SECRET);
    assert.ok(![...said, ...parts.lines].join('\n').includes(SECRET));
  });

  it('are told without what they say where they cannot be understood', async () => {
    for (const address of [
      `postgres://watch:${SECRET}@h/d`,
      `${url}&gssencmode=require`,
      `host=h password=${SECRET} x`,
    ]) {
      await userHas({ shop: { engine: 'postgres', address, user: 'watch' } });
      const { connections, problems } = readSettings();
      assert.equal(connections.size, 0);
      assert.equal(problems.length, 1);
      assert.ok(!/S3cret|1:@/.test(problems.join(' ')), problems.join(' '));
    }
    await userHas({ shop: { engine: 'postgres', address: url, user: 'somebody' } });
    assert.match(readSettings().problems.join(' '), /user stands in the address and beside it/);
  });

  it('of a workspace are asked about without the password, and lose it once they are used', async () => {
    await vscode.workspace
      .getConfiguration('dtsCutover')
      .update('connections', { shop: { engine: 'postgres', address: url } }, vscode.ConfigurationTarget.Workspace);
    restores.push(() =>
      vscode.workspace
        .getConfiguration('dtsCutover')
        .update('connections', undefined, vscode.ConfigurationTarget.Workspace),
    );
    restores.push(watching());
    const { wishes, secrets } = parts.settings.current();
    assert.deepEqual([wishes.length, secrets], [1, []]);
    assert.ok(!JSON.stringify(wishes).includes('S3cret'));
    assert.ok(said.some((text) => text.includes('127.0.0.1:1')) && !said.join(' ').includes('S3cret'));
  });

  function watching() {
    const all = [
      moveSecrets(parts.settings, parts.passwords, () => undefined, parts.log),
      askForWishes(parts.settings),
      tellProblems(parts.settings, parts.log),
    ];
    return () => {
      for (const one of all) one.dispose();
      return Promise.resolve();
    };
  }

  describe('in the dialog', () => {
    let service: DtsService;
    const ref = { region, jobId: 'dts-pasted' };
    before(async () => {
      const endpoint = { databaseType: 'postgresql', accessType: 'extranet', region, nodes: [{ host: '', port: 0 }] };
      service = await startService([task(ref.jobId, undefined, { source: endpoint, target: endpoint })]);
    });
    after(() => service.stop());

    it('fill in what follows, the password hidden, and are kept as settings and secret', async () => {
      restores.push(await withSettings({ ...settingsFor(service), connections: {}, taskConnections: {} }));
      const all = { ...parts, view: { provider: parts.provider } };
      const configure = () => configureConnection(all, ref, 'source', new AbortController().signal);
      // name, address, account, database, encryption, client certificate is not asked for, password
      const work = answering(['pasted', url, null, null, null, null], configure);
      await assert.rejects(work, (error) => isFailure(error) && error.reason === 'refused');
      const profile = parts.settings.current().connections.get('pasted');
      assert.ok(profile);
      assert.deepEqual(config()?.globalValue, { pasted: { engine: 'postgres', ...struck } });
      assert.equal(await passwordOf(profile, parts.passwords), SECRET);
      assert.ok(![...said, ...parts.lines].join('\n').includes('S3cret'));
    });
  });
});
