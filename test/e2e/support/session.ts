import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildAll } from '../../../scripts/build.ts';
import { inRepository } from '../../../scripts/paths.ts';
import { startServer, type RunningServer } from '../../../scripts/vscode/server.ts';
import { openWorkbench, type Workbench } from '../../../scripts/vscode/workbench.ts';
import { VsCodePage } from './vscodePage.ts';

export interface SessionOptions {
  /** files of the workspace: path → text */
  readonly files?: Readonly<Record<string, string>>;
  /** user settings */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** for the extension host */
  readonly env?: Readonly<Record<string, string>>;
  readonly viewport?: { readonly width: number; readonly height: number };
  /** the language of the workbench, as `zh-cn` */
  readonly locale?: string;
}

/** A real VS Code with this extension under development, in Chromium, with a workspace of its own. */
export interface Session {
  readonly vscode: VsCodePage;
  readonly workbench: Workbench;
  readonly server: RunningServer;
  /** the workspace folder */
  readonly workspace: string;
  /** loads the workbench again, as after a restart of the window */
  reload(): Promise<void>;
  stop(): Promise<void>;
}

export async function startSession(options: SessionOptions = {}): Promise<Session> {
  // `npm test` has just built; a single test file run by hand uses what is there.
  if (!existsSync(inRepository('dist/extension.cjs'))) await buildAll({ production: false, quiet: true });
  const { files = {}, viewport, ...serverOptions } = options;
  const workspace = await mkdtemp(path.join(tmpdir(), 'cutover-workspace-'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(workspace, name)), { recursive: true });
    await writeFile(path.join(workspace, name), text);
  }
  const removeWorkspace = () => rm(workspace, { recursive: true, force: true, maxRetries: 5 });
  let server: RunningServer | undefined;
  try {
    server = await startServer({ workspace, ...serverOptions });
    const workbench = await openWorkbench(server, { extensionPath: inRepository(), ...(viewport && { viewport }) });
    return session(server, workbench, workspace, removeWorkspace);
  } catch (error) {
    await server?.stop();
    await removeWorkspace();
    throw error;
  }
}

function session(
  server: RunningServer,
  workbench: Workbench,
  workspace: string,
  cleanUp: () => Promise<void>,
): Session {
  return {
    vscode: new VsCodePage(workbench.page),
    workbench,
    server,
    workspace,
    async reload() {
      await workbench.page.reload({ waitUntil: 'domcontentloaded' });
      await workbench.page.locator('.monaco-workbench .part.statusbar').waitFor({ timeout: 60_000 });
    },
    async stop() {
      await workbench.close();
      await server.stop();
      await cleanUp();
    },
  };
}

/**
 * One session for the tests of a `describe`: started before the first, ended after the last, with a screenshot into
 * test-results/ when one fails. `options` may start what the session needs first.
 */
export function useSession(options: () => SessionOptions | Promise<SessionOptions> = () => ({})): () => Session {
  let current: Session | undefined;
  before(async () => {
    current = await startSession(await options());
  });
  afterEach(async function () {
    const test = this.currentTest;
    if (test?.state === 'failed') await current?.vscode.screenshot(`failed ${test.fullTitle()}`);
  });
  after(async () => {
    await current?.stop();
  });
  return () => {
    if (!current) throw new Error('The session has not started.');
    return current;
  };
}
