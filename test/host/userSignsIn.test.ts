import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { DtsService } from '../../sandbox/dts/service.ts';
import { account, region, startService, task, withSettings } from './support/parts.ts';
import { answering } from './support/answers.ts';

describe('signing in', () => {
  let service: DtsService;
  let restore: () => Promise<void>;
  before(async () => {
    service = await startService([task('dts-a')]);
    restore = await withSettings({ endpoint: 'custom', endpointUrl: service.url });
    await vscode.extensions.getExtension('dts-cutover.dts-cutover')?.activate();
  });
  after(async () => {
    await vscode.workspace.getConfiguration('dtsCutover').update('regions', undefined, true);
    await restore();
    await service.stop();
  });
  const signIn = (id: string, key: string) =>
    answering([id, key, '', [region]], () => vscode.commands.executeCommand('dtsCutover.signIn'));
  const regions = () => vscode.workspace.getConfiguration('dtsCutover').get<string[]>('regions');

  it('keeps nothing of a key that the service does not know', async () => {
    assert.deepEqual(await signIn('AKIDnobody', 'wrong-key-of-nobody'), []);
    assert.deepEqual(regions(), []);
    assert.ok(service.control.calls.length > 0, 'the key was tried');
  });

  it('keeps a key that works, asks with it, and writes it to no file', async () => {
    assert.deepEqual(await signIn(account.secretId, account.secretKey), []);
    assert.deepEqual(regions(), [region]);
    const asked = service.control.calls.length;
    await vscode.commands.executeCommand('dtsCutover.refreshTasks');
    assert.ok(service.control.calls.length > asked, 'the list was read with the kept key');
    const home = process.env['HOME'];
    assert.ok(home);
    assert.deepEqual(await filesWith(path.dirname(home), account.secretKey), []);
  });

  it('removes it when the user signs out and agrees', async () => {
    const { showWarningMessage } = vscode.window;
    const window: { showWarningMessage: unknown } = vscode.window;
    window.showWarningMessage = (_message: string, _options: unknown, action: string) => Promise.resolve(action);
    try {
      await vscode.commands.executeCommand('dtsCutover.signOut');
    } finally {
      window.showWarningMessage = showWarningMessage;
    }
    const asked = service.control.calls.length;
    await vscode.commands.executeCommand('dtsCutover.refreshTasks');
    assert.equal(service.control.calls.length, asked, 'without a key nothing is asked');
  });
});

/** Files below a folder that hold a text: settings, state and logs of the editor. */
async function filesWith(folder: string, text: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (!entry.isFile() || (await stat(file)).size > 5e6) continue;
    if ((await readFile(file, 'utf8')).includes(text)) found.push(file);
  }
  return found;
}
