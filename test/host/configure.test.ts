import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { DtsService } from '../../sandbox/dts/service.ts';
import { configureConnection } from '../../src/host/connections/configure.ts';
import { isFailure } from '../../src/util/failure.ts';
import { region, settingsFor, startService, task, viewParts, withSettings, type ViewParts } from './support/parts.ts';

const ref = { region, jobId: 'dts-conf' };
const connection = (address: string) => ({ engine: 'mysql', address, user: 'watch', tls: 'off' });

describe('configuring a connection', () => {
  let service: DtsService;
  let parts: ViewParts;
  let restore: () => Promise<void>;
  const { showQuickPick, showWarningMessage } = vscode.window;
  const window: { showQuickPick: unknown; showWarningMessage: unknown } = vscode.window;
  let offered: vscode.QuickPickItem[];
  let warned: string[];

  beforeEach(async () => {
    const end = (port: number) => ({
      ...{ databaseType: 'mysql', accessType: 'extranet', region },
      nodes: [{ host: '127.0.0.1', port }],
    });
    service = await startService([task(ref.jobId, undefined, { source: end(9), target: end(7) })]);
    restore = await withSettings({
      ...settingsFor(service),
      connections: {
        'a-target': connection('127.0.0.1:7'),
        'b-tunnel': connection('127.0.0.1:1'),
        'c-source': connection('127.0.0.1:9'),
      },
      taskConnections: { [ref.jobId]: { target: 'a-target' } },
    });
    parts = viewParts();
    offered = [];
    warned = [];
  });
  afterEach(async () => {
    window.showQuickPick = showQuickPick;
    window.showWarningMessage = showWarningMessage;
    await parts.dispose();
    await restore();
    await service.stop();
  });

  /** Chooses a row of the first list, and answers a warning with the button or without. */
  async function choose(label: string, button: string | undefined): Promise<void> {
    window.showQuickPick = (items: vscode.QuickPickItem[]) => {
      offered = items;
      return Promise.resolve(items.find((item) => item.label.endsWith(label)));
    };
    window.showWarningMessage = (message: string) => {
      warned.push(message);
      return Promise.resolve(button);
    };
    const all = { ...parts, view: { provider: parts.provider } };
    await configureConnection(all, ref, 'source', new AbortController().signal);
  }
  const kept = () => vscode.workspace.getConfiguration('dtsCutover').get('taskConnections');

  it('offers what fits the side first and says what the others are', async () => {
    await choose('none of them', undefined);
    assert.deepEqual(
      offered.map(({ label, detail }) => [label.replace(/^\$\(\w+\) /, ''), detail]),
      [
        ['New connection', undefined],
        ['c-source', 'The address of this task’s source'],
        ['b-tunnel', undefined],
        ['a-target', 'Already the target connection of this task'],
      ],
    );
  });

  it('warns of the connection that is the other side’s, and leaves everything as it is unless told otherwise', async () => {
    await assert.rejects(choose('a-target', undefined), (error) => isFailure(error) && error.reason === 'cancelled');
    assert.deepEqual(warned, ['a-target leads to the target of this task.']);
    assert.deepEqual(kept(), { [ref.jobId]: { target: 'a-target' } });
    // used all the same; the try of it finds that nobody knows its password
    await assert.rejects(choose('a-target', 'Use It Anyway'), (e) => isFailure(e) && e.reason === 'not-configured');
    assert.deepEqual(kept(), { [ref.jobId]: { source: 'a-target', target: 'a-target' } });
  });

  it('takes one that fits without a question', async () => {
    await assert.rejects(choose('c-source', undefined), (e) => isFailure(e) && e.reason === 'not-configured');
    assert.deepEqual(warned, []);
    assert.deepEqual(kept(), { [ref.jobId]: { source: 'c-source', target: 'a-target' } });
  });
});
