import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runProcess } from './process.ts';
import { readResults, type TestResult } from './results.ts';
import { inRepository } from '../paths.ts';

export interface MochaRun {
  readonly files: readonly string[];
  /** for one test */
  readonly timeoutSeconds: number;
  /** the TypeScript project of these files; tsconfig.json without it */
  readonly project?: string | undefined;
}

const runMinutes = 15;

/** Runs test files in a process of their own; an end that the tests do not explain is a failure beside them. */
export async function runMocha({ files, timeoutSeconds, project }: MochaRun): Promise<TestResult[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mocha-'));
  const resultFile = path.join(folder, 'results.jsonl');
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
    const results = await readResults(resultFile);
    const failed = results.some(({ state }) => state === 'failed');
    const killed = typeof end.code === 'string';
    if (end.code === 0 || (failed && !killed)) return results;
    return [...results, { title: 'the run itself', state: 'failed', error: unexplained(end.code, results) }];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function unexplained(code: number | string, results: readonly TestResult[]): string {
  const last = results.at(-1);
  const place = last ? `The last test that ended is "${last.title}"${last.file ? ` (${last.file})` : ''}.` : '';
  return `Mocha ended with ${code} after ${results.length} tests, of which none explains it. ${place}`.trim();
}

const mochaArguments = (timeoutSeconds: number) => [
  '--import=tsx',
  inRepository('node_modules/mocha/bin/mocha.js'),
  ...['--reporter', inRepository('scripts/testing/reporter.ts')],
  ...['--timeout', String(timeoutSeconds * 1000)],
];
