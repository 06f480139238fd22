import { build } from 'esbuild';
import { readFile } from 'node:fs/promises';
import { bundles } from '../../../scripts/bundles.ts';
import { inRepository } from '../../../scripts/paths.ts';

export interface PanelFiles {
  readonly 'panel.js': string;
  readonly 'panel.css': string;
  readonly 'codicon.css': string;
  readonly 'codicon.ttf': Buffer;
}

let built: Promise<PanelFiles> | undefined;

/** The panel as it is packaged, built once for a run of tests. */
export function panelFiles(): Promise<PanelFiles> {
  built ??= buildFiles();
  return built;
}

async function buildFiles(): Promise<PanelFiles> {
  const codicons = (name: string) => readFile(inRepository('node_modules/@vscode/codicons/dist', name));
  return {
    'panel.js': await output('src/webview/panel.ts'),
    'panel.css': await output('src/webview/panel.css'),
    'codicon.css': (await codicons('codicon.css')).toString(),
    'codicon.ttf': await codicons('codicon.ttf'),
  };
}

async function output(entry: string): Promise<string> {
  const options = bundles({ production: true }).get(entry);
  if (!options) throw new Error(`${entry} is not bundled`);
  const { outputFiles } = await build({ ...options, write: false });
  const [file] = outputFiles ?? [];
  if (!file) throw new Error(`${entry} gave no file`);
  return file.text;
}
