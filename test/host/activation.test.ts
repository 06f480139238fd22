import assert from 'node:assert/strict';
import path from 'node:path';
import * as vscode from 'vscode';

const id = 'dts-cutover.dts-cutover';

interface Manifest {
  readonly contributes: { readonly commands?: readonly { readonly command: string }[] };
}

describe('the extension in VS Code', () => {
  const extension = () => {
    const found = vscode.extensions.getExtension(id);
    assert.ok(found, `${id} is not among the extensions`);
    return found;
  };

  it('activates', async () => {
    await extension().activate();
    assert.equal(extension().isActive, true);
  });

  it('loads no driver and no SDK by activating', async () => {
    await extension().activate();
    const dist = path.join(extension().extensionPath, 'dist');
    const loaded = Object.keys(require.cache).filter((file) => file.startsWith(dist + path.sep));
    assert.deepEqual(
      loaded.map((file) => path.relative(dist, file)),
      ['extension.cjs'],
    );
  });

  it('registers the commands it declares, and no others', async () => {
    await extension().activate();
    const { contributes } = extension().packageJSON as Manifest;
    const declared = (contributes.commands ?? []).map(({ command }) => command);
    // VS Code makes these of the views and containers in the manifest.
    const generated = /\.(focus|open|resetViewLocation|toggleVisibility|removeView)$|^workbench\./;
    const all = await vscode.commands.getCommands(true);
    const registered = all.filter((command) => command.startsWith('dtsCutover.') && !generated.test(command));
    assert.deepEqual(
      declared.filter((command) => !command.startsWith('dtsCutover.')),
      [],
      'every command begins with dtsCutover.',
    );
    assert.deepEqual(registered.sort(), [...declared].sort());
  });
});
