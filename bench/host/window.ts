/** A window of the real VS Code with the packed extension installed, watched from outside and by the probe inside. */
import { build } from 'esbuild';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { inRepository } from '../../scripts/paths.ts';
import { startServer } from '../../scripts/vscode/server.ts';
import { openWorkbench } from '../../scripts/vscode/workbench.ts';
import type { HostMemory } from './probe.ts';

export interface WindowOptions {
  /** where the server keeps what it has: installed extensions, settings */
  readonly dataFolder: string;
  /** a .vsix to install before */
  readonly install?: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string>>;
  /** what bundleProbe made */
  readonly probe: string;
}

export interface Window {
  readonly page: Page;
  readonly vscode: string;
  /** resolves when the measured extension is active */
  active(): Promise<void>;
  memory(): Promise<HostMemory>;
  performance(): Promise<string>;
  openPanel(): Promise<void>;
  reload(): Promise<void>;
  stop(): Promise<void>;
}

/** The probe as an extension of its own; gives its folder. */
export async function bundleProbe(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const manifest = {
    name: 'bench-probe',
    publisher: 'dts-cutover',
    version: '0.0.1',
    engines: { vscode: '^1.100.0' },
    activationEvents: ['onStartupFinished'],
    main: './probe.cjs',
  };
  await writeFile(path.join(folder, 'package.json'), JSON.stringify(manifest));
  await build({
    entryPoints: [inRepository('bench/host/probe.ts')],
    outfile: path.join(folder, 'probe.cjs'),
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    external: ['vscode', 'pg-native'],
    logLevel: 'warning',
  });
  return folder;
}

export async function openWindow({ dataFolder, install, settings, env, probe }: WindowOptions): Promise<Window> {
  const portFile = path.join(dataFolder, 'probe-port');
  await rm(portFile, { force: true });
  const server = await startServer({
    dataFolder,
    workspace: dataFolder,
    settings,
    env: { ...env, DTS_CUTOVER_BENCH_PORT_FILE: portFile },
    ...(install && { install: [install] }),
  });
  const workbench = await openWorkbench(server, { extensionPath: probe }).catch(async (error: unknown) => {
    await server.stop();
    throw error;
  });
  const { page } = workbench;

  async function ask<T>(question: string): Promise<T> {
    await until(() => existsSync(portFile));
    const response = await fetch(`http://127.0.0.1:${await readFile(portFile, 'utf8')}/${question}`);
    if (!response.ok) throw new Error(`${question}: ${await response.text()}`);
    return (await response.json()) as T;
  }
  return {
    page,
    vscode: server.vscode.version,
    active: () => until(async () => (await ask<boolean | null>('active')) !== false),
    memory: () => ask('memory'),
    performance: () => ask('performance'),
    openPanel: () => ask('panel'),
    async reload() {
      await rm(portFile, { force: true });
      await page.reload({ waitUntil: 'domcontentloaded' });
    },
    async stop() {
      await workbench.close();
      await server.stop();
    },
  };
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 120_000; !(await condition()); await new Promise((wake) => setTimeout(wake, 50))) {
    if (Date.now() > end) throw new Error('VS Code did not get there within two minutes.');
  }
}
