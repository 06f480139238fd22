/**
 * One comparison of one collection in a process of its own, so that its memory is nobody else's: arguments as JSON on the
 * command line, what was measured as JSON on standard output.
 */
import process from 'node:process';
import { COMPARE_DEFAULTS, compareData } from '../../src/comparison/compare.ts';
import type { ReadPosition } from '../../src/comparison/positions.ts';
import { loadDigestEngine } from '../../src/engines/loadDigest.ts';
import { parseConnectionUrl } from '../../src/engines/url.ts';
import { systemClock } from '../../src/util/clock.ts';
import { meter, type HostUsage } from './hostUsage.ts';

export interface Task {
  readonly source: string;
  readonly target: string;
  readonly collection: string;
  readonly workers: number;
  /** documents read when somebody cancels; null: nobody does */
  readonly cancelAfter: number | null;
}

export interface Outcome {
  readonly usage: HostUsage;
  /** documents read, both sides together */
  readonly documents: number;
  readonly differences: number | null;
  /** where the collection was not compared; else '' */
  readonly why: string;
  /** from the cancel to the end of it; null where nobody cancelled. Milliseconds */
  readonly cancelled: number | null;
}

const engine = await loadDigestEngine('mongodb');

async function run({ source, target, collection, workers, cancelAfter }: Task): Promise<Outcome> {
  const stop = new AbortController();
  let stoppedAt: number | null = null;
  let found: Awaited<ReturnType<typeof compareData>> | null = null;
  let read = 0;
  const usage = await meter(async () => {
    found = await compareData(
      engine,
      { source: side(source), target: side(target) },
      {
        ...COMPARE_DEFAULTS,
        scope: { mode: 'partial', databases: [scopeOf(source, target)] },
        databases: [{ source: databaseOf(source), target: databaseOf(target) }],
        only: [collection],
        workers,
        settle: async () => undefined,
        clock: systemClock,
        onProgress({ rowsDone }) {
          read = rowsDone;
          if (cancelAfter === null || rowsDone < cancelAfter || stoppedAt !== null) return;
          stoppedAt = performance.now();
          stop.abort();
        },
        onTable: () => undefined,
        finished: null,
      },
      stop.signal,
    );
  });
  const ended = performance.now();
  const table = resultOf(found);
  return {
    usage,
    documents: table?.rows.source == null ? read : table.rows.source + (table.rows.target ?? 0),
    differences: table?.differenceCount ?? null,
    why: table?.reason ? `: ${JSON.stringify(table.reason)}` : '',
    cancelled: stoppedAt === null ? null : ended - stoppedAt,
  };
}

const resultOf = (found: Awaited<ReturnType<typeof compareData>> | null) => found?.tables[0];
const databaseOf = (url: string) => parseConnectionUrl(url).profile.database;

function side(url: string) {
  const quiet: ReadPosition = async () => ({
    ...{ takenAt: 0, token: '', display: '', sinceDisplay: null, foreign: 'none', written: [], why: { text: '' } },
  });
  const request = { ...parseConnectionUrl(url), programName: 'DTS Cutover bench', timeoutMs: 120_000 };
  return { request, readPosition: quiet };
}

const scopeOf = (source: string, target: string) => ({
  name: databaseOf(source),
  newName: databaseOf(target),
  schema: null,
  newSchema: null,
  allTables: true,
  tables: [],
});

const outcome = await run(JSON.parse(process.argv[2] ?? '') as Task);
process.stdout.write(`${JSON.stringify(outcome)}\n`);
