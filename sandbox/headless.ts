/** `npm start -- --headless`: one whole cutover on the terminal, told step by step, with the report at the end. */
import type { JournalEntry } from '../src/cutover/journal.ts';
import { narrate } from '../src/cutover/narrate.ts';
import { duration, reportMarkdown } from '../src/cutover/report.ts';
import { say } from '../src/util/sentence.ts';
import { drive, type DriveResult } from './drive.ts';
import { startWorld, type WorldOptions } from './world.ts';

export interface HeadlessOptions {
  readonly engine: WorldOptions['engine'];
  readonly json: boolean;
  readonly quietWindowSeconds: number;
  readonly zeroDwellSeconds: number;
  readonly write: (line: string) => void;
}

/** Exit code 0 only when the task is `success`, the counts match and not one committed order is missing. */
export async function headless(options: HeadlessOptions): Promise<number> {
  const began = Date.now();
  const tell = (text: string) => {
    const line = options.json
      ? JSON.stringify({ event: 'progress', at: new Date().toISOString(), text })
      : `${duration(Date.now() - began)}  ${text}`;
    options.write(line);
  };
  tell('Starting two databases, a business that writes, a migration and a DTS service …');
  const world = await startWorld({ engine: options.engine, decorativeTasks: false, log: tell });
  try {
    const result = await drive(world, {
      ...options,
      onProgress: tell,
      onEntry: (entry) =>
        options.json ? options.write(JSON.stringify({ event: 'journal', ...entry })) : tell(entryText(entry)),
    });
    finish(result, options);
    return result.ok ? 0 : 1;
  } finally {
    await world.stop();
  }
}

function entryText(entry: JournalEntry): string {
  const who = entry.by ? `[${entry.by}] ` : '';
  return (
    who +
    narrate(entry)
      .map((s) => say(s))
      .join(' ')
  );
}

function finish({ snapshot, entries, ledger, ok }: DriveResult, { json, write }: HeadlessOptions): void {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const report = reportMarkdown({ entries, snapshot, timeZone });
  const orders = ledger && {
    committed: ledger.expected,
    missing: ledger.missing.length,
    different: ledger.different.length,
    unexpected: ledger.unexpected,
  };
  const status = snapshot.task?.rawStatus ?? 'unknown';
  const verdict = snapshot.verification.latest?.verdict ?? 'none';
  if (json) {
    write(JSON.stringify({ event: 'report', markdown: report }));
    write(JSON.stringify({ event: 'result', ok, status, verdict, orders }));
    return;
  }
  write(`\n${report}`);
  write(
    `Task: ${status}. Comparison: ${verdict}. Orders committed: ${orders?.committed ?? '?'}, missing: ${orders?.missing ?? '?'}.`,
  );
  write(ok ? 'The cutover succeeded.' : 'The cutover did NOT succeed.');
}
