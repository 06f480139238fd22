/**
 * A second extension beside the measured one, in the same extension host: answers what only code in there can tell.
 * The benchmark bundles it, and asks it over HTTP on this machine; its port stands in the file named by the environment.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as vscode from 'vscode';
import { openCrowdedPanel } from './crowdedPanel.ts';

export const MEASURED = 'dts-cutover.dts-cutover';

export interface HostMemory {
  readonly heapMb: number;
  readonly residentMb: number;
}

const questions: Readonly<Record<string, () => unknown>> = {
  active: () => vscode.extensions.getExtension(MEASURED)?.isActive ?? null,
  memory,
  performance: performanceReport,
  panel: () => openCrowdedPanel(vscode.extensions.getExtension(MEASURED)),
};

export function activate(context: vscode.ExtensionContext): void {
  const file = process.env['DTS_CUTOVER_BENCH_PORT_FILE'];
  if (!file) throw new Error('DTS_CUTOVER_BENCH_PORT_FILE names no file');
  const server = createServer((request, response) => {
    void Promise.resolve(questions[(request.url ?? '').slice(1)]?.()).then(
      (answer) => response.end(JSON.stringify(answer ?? null)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  server.listen(0, '127.0.0.1', () => {
    writeFileSync(`${file}.new`, String((server.address() as AddressInfo).port));
    renameSync(`${file}.new`, file);
  });
  context.subscriptions.push({ dispose: () => void server.close() });
}

/** Of the whole extension host, after a collection. */
function memory(): HostMemory {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, rss } = process.memoryUsage();
  return { heapMb: heapUsed / 1024 ** 2, residentMb: rss / 1024 ** 2 };
}

/** What VS Code's "Startup Performance" says, as text. */
async function performanceReport(): Promise<string> {
  await vscode.commands.executeCommand('perfview.show');
  const find = () => vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === 'perf');
  const text = await new Promise<string>((resolve) => {
    const look = () => {
      const document = find();
      if (document && document.getText().includes('Extension Activation Stats')) resolve(document.getText());
      else setTimeout(look, 100);
    };
    look();
  });
  await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
  return text;
}
