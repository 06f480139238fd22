import { buildAll } from '../build.ts';
import { ensureChromium, ensureMariaDb, ensurePgBouncer, ensureVsCode } from '../provision.ts';
import { hostTestFiles, runHostSuite } from '../vscode/suite.ts';
import { runChecks } from './check.ts';
import { filesBelow } from './files.ts';
import { runMocha, type MochaRun } from './mocha.ts';
import { showResults, silentFiles, type TestResult } from './results.ts';

export interface KindOptions {
  /** the extension-host suite in a downloaded desktop VS Code */
  readonly desktop: boolean;
}

type Kind = (options: KindOptions) => Promise<TestResult[]>;

/** Every kind of test, in the order of `npm test`: cheap ones first. */
export const kinds: Readonly<Record<string, Kind>> = {
  check: checkKind,
  unit: mochaKind('test/unit', { timeoutSeconds: 20 }),
  // Components have decorators, which that project turns on.
  webview: mochaKind('test/webview', { timeoutSeconds: 20, project: 'src/webview/tsconfig.json' }),
  manifest: mochaKind('test/manifest', { timeoutSeconds: 120 }),
  contract: mochaKind('test/contract', { timeoutSeconds: 120 }, ensureMariaDb),
  engines: mochaKind('test/engines', { timeoutSeconds: 120 }, ensureMariaDb, ensurePgBouncer),
  sandbox: mochaKind('test/sandbox', { timeoutSeconds: 120 }, ensureMariaDb),
  host: hostKind,
  e2e: mochaKind('test/e2e', { timeoutSeconds: 180 }, build, ensureVsCode, ensureChromium, ensureMariaDb),
};

async function build(): Promise<void> {
  await buildAll({ production: false, quiet: true });
}

function mochaKind(folder: string, run: Omit<MochaRun, 'files'>, ...prepare: (() => Promise<unknown>)[]): Kind {
  return async () => {
    const files = await filesBelow(folder, '.test.ts');
    if (files.length === 0) return [];
    for (const step of prepare) await step();
    return withSilent(files, await runMocha({ ...run, files }));
  };
}

async function checkKind(): Promise<TestResult[]> {
  const results = await runChecks();
  showResults(results);
  return results;
}

async function hostKind({ desktop }: KindOptions): Promise<TestResult[]> {
  await build();
  const results = await runHostSuite({ desktop });
  showResults(results);
  return withSilent(await hostTestFiles(), results);
}

/** A file in which nothing ran is a failure. */
function withSilent(files: readonly string[], results: readonly TestResult[]): TestResult[] {
  const silent = silentFiles(files, results).map((file): TestResult => {
    return { title: file, state: 'failed', file, error: 'No test in this file ran.' };
  });
  return [...results, ...silent];
}
