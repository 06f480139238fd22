import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runProcess } from './process.ts';
import type { TestResult } from './results.ts';
import { inRepository } from '../paths.ts';

export interface MochaRun {
  readonly files: readonly string[];
  /** for one test */
  readonly timeoutSeconds: number;
  /** the TypeScript project of these files; tsconfig.json without it */
  readonly project?: string | undefined;
}

const runMinutes = 15;

/** Runs test files in a process of their own. Rejects when Mocha ends without results. */
export async function runMocha({ files, timeoutSeconds, project }: MochaRun): Promise<TestResult[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mocha-'));
  const resultFile = path.join(folder, 'results.json');
  try {
    const end = await runProcess(process.execPath, [...mochaArguments(timeoutSeconds), ...files], {
      env: {
        ...process.env,
        DTS_CUTOVER_RESULTS: resultFile,
        ...(project && { TSX_TSCONFIG_PATH: inRepository(project) }),
      },
      timeoutMinutes: runMinutes,
      show: true,
    });
    if (!existsSync(resultFile)) throw new Error(`Mocha ended with ${end.code} and without results.`);
    const results = JSON.parse(await readFile(resultFile, 'utf8')) as TestResult[];
    const failed = results.some(({ state }) => state === 'failed');
    if (end.code !== 0 && !failed) throw new Error(`All tests passed, but Mocha ended with ${end.code}.`);
    return results;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const mochaArguments = (timeoutSeconds: number) => [
  '--import=tsx',
  inRepository('node_modules/mocha/bin/mocha.js'),
  ...['--reporter', inRepository('scripts/testing/reporter.ts')],
  ...['--timeout', String(timeoutSeconds * 1000)],
];
