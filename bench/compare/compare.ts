/**
 * Comparing data, measured: how much longer than a plain scan of both sides at once it takes, alone and next to others'
 * tools, in one run on one machine, because only ratios within a run mean something.
 */
import { createHash } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { COMPARE_DEFAULTS, compareData } from '../../src/comparison/compare.ts';
import type { ReadPosition } from '../../src/comparison/positions.ts';
import { parseConnectionUrl } from '../../src/engines/url.ts';
import { systemClock } from '../../src/util/clock.ts';
import { both, floorSql, makeTables, openLab, plant, type Flavour, type Lab } from './lab.ts';
import { peers } from './peers.ts';
import { TABLES, rowsOf, type TableName } from './tables.ts';

const REPEATS = 3;

interface Figure {
  readonly what: string;
  /** seconds, the best of the repeats */
  readonly seconds: number;
}

export async function benchCompare(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      engine: { type: 'string', default: 'postgres' },
      rows: { type: 'string', default: '1000000' },
      tables: { type: 'string', default: TABLES.join(',') },
      'no-naive': { type: 'boolean', default: false },
      source: { type: 'string' },
      target: { type: 'string' },
    },
  });
  const flavour: Flavour = values.engine === 'mysql' ? 'mysql' : 'postgres';
  const narrow = Number(values.rows);
  const tables = TABLES.filter((table) => values.tables.split(',').includes(table));
  const given = values.source && values.target ? { source: values.source, target: values.target } : null;
  const lab = await openLab(flavour, given);
  try {
    await makeTables(lab, tables, narrow);
    print(`\n${lab.product}, both sides on this machine; seconds, best of ${REPEATS}\n`);
    for (const table of tables) await measureTable(lab, table, narrow, !values['no-naive']);
  } finally {
    await lab.stop();
  }
}

async function measureTable(lab: Lab, table: TableName, narrow: number, naive: boolean): Promise<void> {
  const floors = floorSql(lab, table);
  const figures: Figure[] = [];
  const add = async (what: string, work: () => Promise<unknown>, repeats = REPEATS) => {
    figures.push({ what, seconds: await best(work, repeats) });
  };
  const oursEqual = (workers: number) => () => ours(lab, table, workers, 0);
  await add('floor: every column fetched', () => both((which) => lab.run(which, floors.fetched)));
  await add('floor: every value looked at', () => both((which) => lab.run(which, floors.looked)));
  await add('ours, 1 worker, equal', oursEqual(1));
  await add('ours, 2 workers, equal', oursEqual(2));
  const usage = await watched(oursEqual(2));
  if (table === 'narrow') {
    for (const count of [100, 10_000]) {
      await plant(lab, count, narrow);
      await add(`ours, 1 worker, ${count} rows differ`, () => ours(lab, table, 1, count));
      await add(`ours, 2 workers, ${count} rows differ`, () => ours(lab, table, 2, count));
      await lab.run(
        'target',
        'UPDATE narrow SET k = k - 1 WHERE k <> (id * 2654435761) % 1000003'.replace(
          'id *',
          lab.flavour === 'postgres' ? 'id::bigint *' : 'id *',
        ),
      );
    }
  }
  for (const peer of peers[lab.flavour]) {
    if (!peer.tables.includes(table)) continue;
    if (peer.missing !== null) {
      print(`not measured: ${peer.name}: ${peer.missing}`);
      continue;
    }
    try {
      await add(peer.name, () => peer.run(lab, table), 2);
    } catch (error) {
      print(`not measured: ${peer.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (naive) await add('naive: all rows through the driver', () => throughTheDriver(lab, table), 1);
  report(table, rowsOf(table, narrow), figures, usage);
}

/** One table compared with the product's own code, connecting included. Throws when it does not find what is planted. */
async function ours(lab: Lab, table: TableName, workers: number, planted: number): Promise<void> {
  const quiet: ReadPosition = async () => ({
    ...{ takenAt: 0, token: '', display: '', sinceDisplay: null, foreign: 'none', written: [], why: { text: '' } },
  });
  const side = (url: string) => ({
    request: { ...parseConnectionUrl(url), programName: 'DTS Cutover bench', timeoutMs: 20_000 },
    readPosition: quiet,
  });
  const databaseOf = (url: string) => parseConnectionUrl(url).profile.database;
  const databases = { source: databaseOf(lab.urls.source), target: databaseOf(lab.urls.target) };
  const result = await compareData(
    lab.engine,
    { source: side(lab.urls.source), target: side(lab.urls.target) },
    {
      ...COMPARE_DEFAULTS,
      scope: {
        mode: 'partial',
        databases: [
          {
            name: databases.source,
            newName: databases.target,
            schema: null,
            newSchema: null,
            allTables: true,
            tables: [],
          },
        ],
      },
      databases: [databases],
      only: [table],
      workers,
      keep: 20_000,
      settle: async () => undefined,
      clock: systemClock,
      onProgress: () => undefined,
      onTable: () => undefined,
      finished: null,
    },
    new AbortController().signal,
  );
  const [found] = result.tables;
  if (found?.differenceCount !== planted) {
    throw new Error(
      `${table}: ${String(found?.differenceCount)} differences found, ${planted} planted (${found?.verdict ?? ''})`,
    );
  }
}

async function throughTheDriver(lab: Lab, table: TableName): Promise<void> {
  const digest = async (which: 'source' | 'target') => {
    let sum = 0n;
    await lab.stream(which, table, (row) => {
      sum += createHash('sha1').update(JSON.stringify(row)).digest().readBigUInt64LE();
    });
    return sum;
  };
  await both(digest);
}

async function best(work: () => Promise<unknown>, repeats: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < repeats; i++) {
    const before = performance.now();
    await work();
    least = Math.min(least, performance.now() - before);
  }
  return least / 1000;
}

interface Usage {
  /** MB */
  readonly grown: number;
  /** ms */
  readonly longest: number;
}

async function watched(work: () => Promise<unknown>): Promise<Usage> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  const before = process.memoryUsage().rss;
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 20);
  delay.enable();
  await work();
  delay.disable();
  clearInterval(timer);
  return { grown: (most - before) / 1e6, longest: delay.max / 1e6 };
}

function report(table: TableName, rows: number, figures: readonly Figure[], usage: Usage): void {
  const [fetched, looked] = figures;
  print(`\n### ${table}, ${rows.toLocaleString('en')} rows\n`);
  print('| | seconds | × fetched | × looked at |\n|---|---|---|---|');
  for (const { what, seconds } of figures) {
    const ratio = (floor: Figure | undefined) => (floor ? (seconds / floor.seconds).toFixed(2) : '');
    print(`| ${what} | ${seconds.toFixed(2)} | ${ratio(fetched)} | ${ratio(looked)} |`);
  }
  print(
    `\nHost while comparing: ${usage.grown.toFixed(0)} MB more, event loop held for ${usage.longest.toFixed(0)} ms at most.`,
  );
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
