import { runProcess } from './process.ts';
import type { TestResult } from './results.ts';
import { inRepository } from '../paths.ts';

const checks: Readonly<Record<string, readonly string[]>> = {
  'types of the host side': ['typescript/bin/tsc', '-p', '.'],
  'types of the webview': ['typescript/bin/tsc', '-p', 'src/webview'],
  eslint: ['eslint/bin/eslint.js', '.', '--max-warnings', '0'],
  prettier: ['prettier/bin/prettier.cjs', '--check', '.'],
};

/** The static checks, each as one test. */
export async function runChecks(): Promise<TestResult[]> {
  const results: TestResult[] = [];
  for (const [title, [program = '', ...args]] of Object.entries(checks)) {
    const started = performance.now();
    const end = await runProcess(process.execPath, [inRepository('node_modules', program), ...args], {
      timeoutMinutes: 10,
    });
    results.push({
      title,
      state: end.code === 0 ? 'passed' : 'failed',
      milliseconds: Math.round(performance.now() - started),
      error: end.code === 0 ? undefined : end.output.trim(),
    });
  }
  return results;
}
