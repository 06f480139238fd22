import { build } from 'esbuild';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { filesBelow } from '../testing/files.ts';
import type { TestResult } from '../testing/results.ts';
import { inRepository } from '../paths.ts';
import { startServer } from './server.ts';
import { openWorkbench } from './workbench.ts';

export interface SuiteOptions {
  /** in a desktop VS Code that is downloaded, instead of the server from npm */
  readonly desktop?: boolean;
  /** receives every line that the extension host logs */
  readonly onLog?: (line: string) => void;
}

/** Runs test/host inside a real extension host, with this repository as the extension under development. */
export async function runHostSuite(options: SuiteOptions = {}): Promise<TestResult[]> {
  await mkdir(inRepository('out'), { recursive: true });
  // Inside the repository, so that the suite finds Mocha.
  const folder = await mkdtemp(inRepository('out/host-suite-'));
  try {
    await bundleSuite(folder);
    const workspace = path.join(folder, 'workspace');
    await mkdir(workspace);
    const run = { suite: path.join(folder, 'index.cjs'), workspace, result: path.join(folder, 'results.json') };
    const ended = await (options.desktop ? runInDesktop(run) : runInServer(run, options.onLog));
    if (!existsSync(run.result)) throw new Error(`The suite left no results. ${ended}`);
    const results = JSON.parse(await readFile(run.result, 'utf8')) as TestResult[];
    return results.map((result) => ({ ...result, file: sourceOf(result.file, folder) }));
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

export const hostTestFiles = () => filesBelow('test/host', '.test.ts');

/** Each test file becomes a CommonJS file of its own; `index.cjs` finds them beside it. */
async function bundleSuite(folder: string): Promise<void> {
  const tests = (await hostTestFiles()).map((file) => ({ in: file, out: bundleName(file) }));
  await build({
    entryPoints: [{ in: inRepository('test/host/index.ts'), out: 'index' }, ...tests],
    outdir: folder,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    external: ['vscode', 'mocha'],
    sourcemap: 'inline',
    logLevel: 'warning',
  });
}

/** test/host/tree/rows.test.ts → tree~rows.test */
const bundleName = (file: string) =>
  path.relative(inRepository('test/host'), file).replaceAll(path.sep, '~').replace(/\.ts$/, '');

const sourceOf = (bundled: string | undefined, folder: string) =>
  bundled &&
  inRepository(
    'test/host',
    path
      .relative(folder, bundled)
      .replaceAll('~', path.sep)
      .replace(/\.cjs$/, '.ts'),
  );

interface Run {
  readonly suite: string;
  readonly workspace: string;
  readonly result: string;
}

const suiteMinutes = 5;

/** In the VS Code server, shown in Chromium. Gives a line on how it ended. */
async function runInServer(run: Run, onLog?: (line: string) => void): Promise<string> {
  const server = await startServer({ workspace: run.workspace, env: { DTS_CUTOVER_SUITE_RESULT: run.result } });
  const log: string[] = [];
  try {
    const workbench = await openWorkbench(server, {
      extensionPath: inRepository(),
      testsPath: run.suite,
      onLog: (line) => {
        log.push(line);
        onLog?.(line);
      },
    });
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve(`no end after ${suiteMinutes} minutes`), suiteMinutes * 60_000);
    });
    const end = await Promise.race([workbench.suiteEnded, tooLong]);
    clearTimeout(timer);
    await workbench.close();
    return `Exit code: ${end}. VS Code ${server.vscode.version} said:\n${log.slice(-40).join('\n')}\n${server.output().slice(-2000)}`;
  } finally {
    await server.stop();
  }
}

/** In a desktop VS Code, for machines that can download one. */
async function runInDesktop(run: Run): Promise<string> {
  const { runTests } = await import('@vscode/test-electron');
  const version = process.env['DTS_CUTOVER_VSCODE'];
  const code = await runTests({
    ...(version && { version }),
    extensionDevelopmentPath: inRepository(),
    extensionTestsPath: run.suite,
    extensionTestsEnv: { DTS_CUTOVER_SUITE_RESULT: run.result },
    launchArgs: [run.workspace, '--disable-extensions', '--disable-workspace-trust'],
  }).catch((error: unknown) => String(error));
  return `Exit code: ${code}.`;
}
