import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** One test, as every kind of run reports it. */
export interface TestResult {
  /** the titles of its suites and its own */
  readonly title: string;
  readonly state: 'passed' | 'failed' | 'skipped';
  /** the file it stands in, where known */
  readonly file?: string | undefined;
  readonly milliseconds?: number | undefined;
  /** what went wrong, in full */
  readonly error?: string | undefined;
}

/** A test of one kind, as the whole run adds them up. */
export interface KindResult extends TestResult {
  readonly kind: string;
}

/** What this needs of a Mocha runner: it runs here, and inside the extension host with Mocha's own copy. */
interface Runner {
  on(event: 'pass' | 'pending', listener: (test: Runnable) => void): unknown;
  on(event: 'fail', listener: (test: Runnable, error: unknown) => void): unknown;
}

interface Runnable {
  readonly file?: string | undefined;
  readonly duration?: number | undefined;
  titlePath(): string[];
}

/** Gathers the tests of a Mocha run, and tells each as it ends; a failing hook counts as a failed test. */
export function collectResults(runner: Runner, onResult: (result: TestResult) => void = () => undefined): TestResult[] {
  const results: TestResult[] = [];
  const add = (test: Runnable, state: TestResult['state'], error?: string) => {
    const title = test.titlePath().join(' › ');
    const result: TestResult = { title, state, file: test.file, milliseconds: test.duration, error };
    results.push(result);
    onResult(result);
  };
  runner.on('pass', (test) => add(test, 'passed'));
  runner.on('pending', (test) => add(test, 'skipped'));
  runner.on('fail', (test, error) => add(test, 'failed', describeError(error)));
  return results;
}

/** Results written one a line; [] where there is no file. A line that was cut short by the end of its writer is left out. */
export async function readResults<Result extends TestResult>(file: string): Promise<Result[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  });
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Result);
}

/** An error with its stack, what a comparison expected, and its causes. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const text = error.stack?.includes(error.message) ? error.stack : `${error.name}: ${error.message}\n${error.stack}`;
  return error.cause === undefined ? text : `${text}\ncaused by ${describeError(error.cause)}`;
}

/** For runs whose own report nobody sees: one line for each test. */
export function showResults(results: readonly TestResult[]): void {
  const marks = { passed: '✔', failed: '✘', skipped: '-' };
  for (const { title, state, milliseconds } of results) {
    process.stdout.write(`  ${marks[state]} ${title}${milliseconds === undefined ? '' : ` (${milliseconds} ms)`}\n`);
  }
}

/** Test files in which not one test ran or was skipped: a silent file proves nothing. */
export function silentFiles(files: readonly string[], results: readonly TestResult[]): string[] {
  const heard = new Set(results.map(({ file }) => (file === undefined ? '' : path.resolve(file))));
  return files.filter((file) => !heard.has(path.resolve(file)));
}
