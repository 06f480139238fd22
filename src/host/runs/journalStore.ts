import { mkdir, open, readFile, truncate } from 'node:fs/promises';
import path from 'node:path';
import type { TaskRef } from '../../cutover/facts.ts';
import type { JournalEntry, JournalStore } from '../../cutover/journal.ts';
import { Failure } from '../../util/failure.ts';
import { sentence } from '../../util/sentence.ts';

/** The file of a task's journal: one JSON object a line. */
export function journalFile(folder: string, { region, jobId }: TaskRef): string {
  return path.join(folder, `${encodeURIComponent(region)}_${encodeURIComponent(jobId)}.jsonl`);
}

/**
 * A journal on disk. A line counts once its line break is there: what a crash left of a last line is cut off before
 * anything is added. Any other line that is no entry, or out of order, is a failure: evidence with holes is none.
 */
export function fileJournal(file: string): JournalStore {
  /** bytes of it that we read or wrote; null before it was read */
  let known: number | null = null;
  return {
    async read() {
      const text = await readFile(file, 'utf8').catch((error: unknown) => {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
        throw error;
      });
      const whole = text.slice(0, text.lastIndexOf('\n') + 1);
      if (whole.length < text.length) await truncate(file, Buffer.byteLength(whole));
      known = Buffer.byteLength(whole);
      const lines = whole.split('\n').slice(0, -1);
      const { journalEntrySchema } = await import('../../protocol/journalSchemas.ts');
      return lines.map((line, index): JournalEntry => {
        const parsed = journalEntrySchema.safeParse(parseJson(line));
        if (!parsed.success || parsed.data.seq !== index + 1) throw broken(file, index + 1);
        return parsed.data;
      });
    },
    async append(entry) {
      await mkdir(path.dirname(file), { recursive: true });
      const handle = await open(file, 'a', 0o600);
      try {
        // two windows at one cutover would each miss what the other did: the second to write is told so
        if (known !== null && (await handle.stat()).size !== known) throw otherWriter(file);
        const line = `${JSON.stringify(entry)}\n`;
        try {
          await handle.writeFile(line);
          await handle.sync();
        } catch (error) {
          // half a line, as on a full disk: the next try begins where this one did
          if (known !== null) await handle.truncate(known);
          throw error;
        }
        if (known !== null) known += Buffer.byteLength(line);
      } finally {
        await handle.close();
      }
    },
  };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

const broken = (file: string, line: number) =>
  new Failure(
    'bad-input',
    sentence('The record of this cutover cannot be read: line {line} of {file} is damaged.', { line, file }),
    sentence('Move the file away to begin a new record; keep it as evidence.'),
  );

const otherWriter = (file: string) =>
  new Failure(
    'not-allowed-now',
    sentence('Another window is writing the record of this cutover ({file}).', { file }),
    sentence('Go on in one window only: close the panel here, or reload this window after the other is closed.'),
  );
