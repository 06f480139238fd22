import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { TaskRef } from '../../cutover/facts.ts';
import type { Earlier, FinishedStore } from '../../comparison/memory.ts';
import type { TableResult } from '../../comparison/result.ts';
import type { FinishedTable } from '../../protocol/finishedSchemas.ts';
import type { Log } from '../log.ts';

/** Beside the journal of the task. */
export function finishedFile(folder: string, { region, jobId }: TaskRef): string {
  return path.join(folder, `${encodeURIComponent(region)}_${encodeURIComponent(jobId)}.finished.jsonl`);
}

/**
 * Keeps the tables that are the same, by name and number of rows; values are never written. A file that cannot be read
 * or written costs the time of comparing again, no more: it is told in the log.
 */
export function finishedStore(file: string, log: Pick<Log, 'warn'>): FinishedStore {
  const tell = (doing: string) => (error: unknown) =>
    log.warn(`${doing} ${path.basename(file)}: ${error instanceof Error ? error.message : typeof error}`);
  const wholeFile = file.replace(/\.jsonl$/, '.whole.jsonl');
  const read = (from: string) =>
    readFinished(from).catch((error: unknown) => {
      tell('reading')(error);
      return null;
    });
  return {
    read: () => read(file),
    readWhole: () => read(wholeFile),
    async keepWhole(whole) {
      if (!whole) return rm(wholeFile, { force: true }).catch(tell('removing'));
      const { tables, ...heading } = whole;
      const text = [headingLine(heading), ...tables.map(lineOf)].join('');
      await mkdir(path.dirname(wholeFile), { recursive: true })
        .then(() => writeFile(wholeFile, text, { mode: 0o600 }))
        .catch(tell('writing'));
    },
    begin(subject, startedAt) {
      let writing: Promise<unknown> | null = null;
      return {
        add(table, tokens) {
          const line = lineOf(table);
          if (writing === null) {
            writing = mkdir(path.dirname(file), { recursive: true })
              .then(() => writeFile(file, headingLine({ subject, startedAt, tokens }) + line, { mode: 0o600 }))
              .catch(tell('writing'));
          } else if (line !== '') writing = writing.then(() => appendFile(file, line)).catch(tell('writing'));
        },
        async ended() {
          await writing;
          await rm(file, { force: true }).catch(tell('removing'));
        },
      };
    },
  };
}

async function readFinished(file: string) {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  });
  // a last line without its end was cut off by a crash
  const [first, ...lines] = text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .slice(0, -1);
  if (first === undefined) return null;
  const { finishedHeadingSchema, finishedTableSchema } = await import('../../protocol/finishedSchemas.ts');
  const { subject, startedAt, tokens } = finishedHeadingSchema.parse(JSON.parse(first));
  // a table that was looked at twice is told twice: the later line counts
  const tables = new Map<string, TableResult>();
  for (const line of lines) {
    const table = finishedTableSchema.parse(JSON.parse(line));
    tables.set(JSON.stringify([table.source, table.target]), resultOf(table));
  }
  return { subject, startedAt, tokens, tables: [...tables.values()] };
}

const headingLine = (heading: Omit<Earlier, 'tables'>) => `${JSON.stringify({ version: 1, ...heading })}\n`;

function lineOf({ source, target, verdict, rows, notes, method }: TableResult): string {
  if (verdict !== 'same' || !source || !target) return '';
  return `${JSON.stringify({ source, target, rows, notes, method } satisfies FinishedTable)}\n`;
}

const resultOf = (table: FinishedTable): TableResult => ({
  ...table,
  verdict: 'same',
  reason: null,
  differences: [],
  differenceCount: 0,
  truncated: false,
  targetColumns: [],
});
