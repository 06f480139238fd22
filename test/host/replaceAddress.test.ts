import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { DtsService } from '../../sandbox/dts/service.ts';
import type { IntentResult } from '../../src/cutover/intents.ts';
import type { RunSnapshot } from '../../src/cutover/snapshot.ts';
import { replaceAddress } from '../../src/host/routing/replaceAddress.ts';
import { isFailure } from '../../src/util/failure.ts';
import { OPEN, picture } from '../webview/gallery/parts.ts';
import { answering } from './support/answers.ts';
import { region, settingsFor, startService, task, viewParts, withSettings, type ViewParts } from './support/parts.ts';

const ref = { region, jobId: 'dts-routing' };

const OK: IntentResult = { ok: true };
/** In the preview nothing is ticked at first: every change waits for the user. */
const TICK_FIRST = ['refactorPreview.focus', 'list.focusFirst', 'refactorPreview.toggleCheckedState'];

describe('replacing the old address in the workspace', () => {
  let service: DtsService;
  let parts: ViewParts;
  let restore: () => Promise<void>;
  let outside: string;
  let root: string;
  let performed: unknown[];
  let snapshot: RunSnapshot;
  const read = (name: string) => readFile(path.join(root, name), 'utf8');

  beforeEach(async () => {
    const end = (host: string) => ({
      ...{ databaseType: 'mysql', accessType: 'extranet', region },
      nodes: [{ host, port: 3306 }],
    });
    service = await startService([task(ref.jobId, undefined, { source: end('10.0.0.5'), target: end('10.0.0.9') })]);
    restore = await withSettings(settingsFor(service));
    parts = viewParts();
    performed = [];
    snapshot = picture('switch', OPEN, { completion: { state: 'succeeded', at: 1, failure: null } });
    const folder = vscode.workspace.workspaceFolders?.[0];
    assert.ok(folder);
    root = folder.uri.fsPath;
    outside = await mkdtemp(path.join(tmpdir(), 'cutover-outside-'));
    await writeFile(path.join(outside, 'secret.env'), 'DB=10.0.0.5:3306\n');
    await mkdir(path.join(root, 'node_modules/x'), { recursive: true });
    await mkdir(path.join(root, 'config'), { recursive: true });
    await writeFile(path.join(root, 'config/app.env'), 'DB=10.0.0.5:3306\nMETRICS=10.0.0.5:9104\n');
    await writeFile(path.join(root, 'pool.yaml'), 'host: 10.0.0.5\nother: 110.0.0.55\n');
    await writeFile(path.join(root, 'node_modules/x/index.js'), '"10.0.0.5:3306"');
    await writeFile(path.join(root, 'dump.bin'), Buffer.from('10.0.0.5:3306\0'));
    await symlink(outside, path.join(root, 'linked'));
  });
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    for (const name of ['config', 'pool.yaml', 'node_modules', 'dump.bin', 'linked']) {
      await rm(path.join(root, name), { recursive: true, force: true });
    }
    await rm(outside, { recursive: true });
    await parts.dispose();
    await restore();
    await service.stop();
  });

  /** Answers the two questions as they are suggested, and presses a button of the editor's preview. */
  async function replace(button: 'apply' | 'discard'): Promise<void> {
    const run = {
      perform: (intent: unknown) => Promise.resolve((performed.push(intent), OK)),
      snapshot: () => snapshot,
    };
    const all = { ...parts, runs: { open: () => Promise.resolve(run) }, view: { provider: parts.provider } };
    let pressing = true;
    // The preview takes a command once the workbench has shown it, which nothing tells: press until the work is done.
    const press = async () => {
      while (pressing) {
        for (const command of button === 'apply' ? TICK_FIRST : []) await vscode.commands.executeCommand(command);
        await vscode.commands.executeCommand(`refactorPreview.${button}`);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    };
    const presses = press();
    try {
      const work = () => replaceAddress(all, ref, new AbortController().signal);
      await answering(['10.0.0.5:3306', '10.0.0.9:3306'], work);
    } finally {
      pressing = false;
      await presses;
    }
  }

  it('changes what was ticked in the preview, in text files of the workspace only, and records it', async () => {
    await replace('apply');
    assert.equal(await read('config/app.env'), 'DB=10.0.0.9:3306\nMETRICS=10.0.0.5:9104\n');
    assert.equal(await read('pool.yaml'), 'host: 10.0.0.5\nother: 110.0.0.55\n', 'not ticked');
    assert.equal(await read('node_modules/x/index.js'), '"10.0.0.5:3306"');
    assert.equal(await readFile(path.join(outside, 'secret.env'), 'utf8'), 'DB=10.0.0.5:3306\n');
    const files = ['config/app.env'];
    assert.deepEqual(performed, [{ kind: 'recordRouting', from: '10.0.0.5:3306', to: '10.0.0.9:3306', files }]);
  });

  it('changes and records nothing when the preview is discarded', async () => {
    await assert.rejects(replace('discard'), (error) => isFailure(error) && error.reason === 'cancelled');
    assert.equal(await read('config/app.env'), 'DB=10.0.0.5:3306\nMETRICS=10.0.0.5:9104\n');
    assert.deepEqual(performed, []);
  });

  it('does nothing before the task has ended with success', async () => {
    snapshot = picture('quiet', OPEN);
    await assert.rejects(replace('apply'), (error) => isFailure(error) && error.reason === 'not-allowed-now');
    assert.equal(await read('config/app.env'), 'DB=10.0.0.5:3306\nMETRICS=10.0.0.5:9104\n');
  });

  it('says so when no file names the address', async () => {
    await rm(path.join(root, 'config'), { recursive: true });
    await rm(path.join(root, 'pool.yaml'));
    await assert.rejects(replace('apply'), (error) => isFailure(error) && error.reason === 'bad-input');
  });
});
