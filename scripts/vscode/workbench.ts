import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { ensureChromium } from '../provision.ts';
import type { RunningServer } from './server.ts';

export interface WorkbenchOptions {
  /** the folder to open; the server's default one without it */
  readonly workspace?: string;
  /** the folder of an extension under development */
  readonly extensionPath?: string;
  /** a module whose `run()` is the test suite for the extension host */
  readonly testsPath?: string;
  /** what the extension host logs during a suite */
  readonly onLog?: (line: string) => void;
  readonly viewport?: { readonly width: number; readonly height: number };
}

export interface Workbench {
  readonly browser: Browser;
  readonly page: Page;
  /** settles with the exit code of the suite in the extension host */
  readonly suiteEnded: Promise<number>;
  /** the browser's console */
  readonly console: readonly string[];
  /** addresses outside this machine that the page asked for, and did not get */
  readonly outside: readonly string[];
  close(): Promise<void>;
}

const chromiumArguments = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
];

export async function launchChromium(): Promise<Browser> {
  const asRoot = process.getuid?.() === 0;
  return chromium.launch({
    executablePath: await ensureChromium(),
    args: [...chromiumArguments, ...(asRoot ? ['--no-sandbox'] : [])],
  });
}

/** Opens the workbench of a running server in Chromium and waits until its parts stand. */
export async function openWorkbench(server: RunningServer, options: WorkbenchOptions = {}): Promise<Workbench> {
  const browser = await launchChromium();
  try {
    return await openIn(browser, server, options);
  } catch (error) {
    await browser.close();
    throw error;
  }
}

async function openIn(browser: Browser, server: RunningServer, options: WorkbenchOptions): Promise<Workbench> {
  const context = await browser.newContext({
    viewport: options.viewport ?? { width: 1280, height: 800 },
    reducedMotion: 'reduce',
  });
  const outside: string[] = [];
  await context.route(
    (url) => /^https?:$/.test(url.protocol) && url.hostname !== '127.0.0.1',
    (route) => {
      outside.push(route.request().url());
      return route.abort();
    },
  );
  const remote = (file: string) => ({ $mid: 1, scheme: 'vscode-remote', authority: server.authority, path: file });
  await context.addInitScript({
    content: await developmentScript({
      ...(options.extensionPath && { extensions: [remote(options.extensionPath)] }),
      ...(options.testsPath && { extensionTestsPath: remote(options.testsPath) }),
    }),
  });

  const page = await context.newPage();
  const lines: string[] = [];
  page.on('console', (message) => lines.push(`[${message.type()}] ${message.text()}`));
  // A workbench that runs a suite reports through these two.
  await page.exposeFunction('codeAutomationLog', (_type: string, args: unknown[]) => options.onLog?.(asText(args)));
  const suiteEnded = new Promise<number>((resolve, reject) => {
    void page.exposeFunction('codeAutomationExit', resolve);
    page.once('crash', () => reject(new Error('The page of the workbench crashed.')));
  });
  suiteEnded.catch(() => undefined); // whoever runs no suite does not wait for it

  const url = new URL(server.url);
  if (options.workspace) url.searchParams.set('folder', options.workspace);
  await page.goto(url.href, { waitUntil: 'domcontentloaded' });
  if (!options.testsPath) {
    await page.locator('.monaco-workbench .activitybar').waitFor({ timeout: 60_000 });
    await page.locator('.monaco-workbench .part.statusbar').waitFor({ timeout: 60_000 });
  }
  return { browser, page, suiteEnded, console: lines, outside, close: () => browser.close() };
}

async function developmentScript(options: object): Promise<string> {
  const source = await readFile(path.join(import.meta.dirname, 'shims/page.js'), 'utf8');
  return `${source}\nsetDevelopmentOptions(${JSON.stringify(options)});`;
}

/** A console call as one line, without the styling arguments that VS Code adds. */
function asText(args: readonly unknown[]): string {
  const isStyle = (part: unknown) => typeof part === 'string' && /^(color|background): ?/.test(part);
  const parts = args.filter((part) => !isStyle(part) && part !== '');
  return parts
    .map((part) => (typeof part === 'string' ? part.replaceAll('%c', '').trim() : JSON.stringify(part)))
    .join(' ');
}
