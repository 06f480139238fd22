/**
 * Comparing data, measured: how much longer than a plain scan of both sides at once it takes, alone and next to others'
 * tools, in one run on one machine, because only ratios within a run mean something.
 */
import { createHash } from 'node:crypto';
import { loadavg } from 'node:os';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { COMPARE_DEFAULTS, compareData } from '../../src/comparison/compare.ts';
import type { ReadPosition } from '../../src/comparison/positions.ts';
import { parseConnectionUrl } from '../../src/engines/url.ts';
import { systemClock } from '../../src/util/clock.ts';
import { meter } from './hostUsage.ts';
import { both, floorSql, makeTables, openLab, plant, unplant, type Flavour, type Lab } from './lab.ts';
import { peers, type Peer } from './peers.ts';
import { saveResults, type Figure, type TableFigures, type Usage } from './results.ts';
import { TABLES, rowsOf, type TableName } from './tables.ts';

const ROUNDS = 3;
/** Peers are slow. */
const PEER_ROUNDS = 2;
const FLOOR = 'floor: every value looked at';

export async function benchCompare(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      engine: { type: 'string', default: 'postgres' },
      rows: { type: 'string', default: '1000000' },
      tables: { type: 'string', default: TABLES.join(',') },
      'no-naive': { type: 'boolean', default: false },
      save: { type: 'boolean', default: false },
      source: { type: 'string' },
      target: { type: 'string' },
      installed: { type: 'boolean', default: false },
    },
  });
  if (values.engine === 'mongodb') return (await import('./mongodb.ts')).benchMongodb(Number(values.rows));
  const flavour: Flavour = values.engine === 'mysql' ? 'mysql' : 'postgres';
  const narrow = Number(values.rows);
  const tables = TABLES.filter((table) => values.tables.split(',').includes(table));
  const given = values.source && values.target ? { source: values.source, target: values.target } : null;
  const lab = await openLab(flavour, given, values.installed);
  const results: TableFigures[] = [];
  try {
    await makeTables(lab, tables, narrow);
    print(`\n${lab.product}, both sides on this machine; load ${loadavg()[0]?.toFixed(1) ?? ''}`);
    for (const table of tables) {
      const figures = await measureTable(lab, table, narrow, !values['no-naive']);
      report(figures);
      results.push(figures);
    }
  } finally {
    await lab.stop();
  }
  if (values.save) await saveResults({ flavour, product: lab.product, tables: results });
}

interface Case {
  readonly what: string;
  readonly rounds: number;
  readonly run: () => Promise<unknown>;
}

async function measureTable(lab: Lab, table: TableName, narrow: number, naive: boolean): Promise<TableFigures> {
  const floors = floorSql(lab, table);
  const usage: Usage = { grown: 0, longest: 0, busiest: 0 };
  const case_ = (what: string, run: () => Promise<unknown>, rounds = ROUNDS): Case => ({ what, run, rounds });
  const floor = case_(FLOOR, () => both((which) => lab.run(which, floors.looked)));
  const mine = (planted: number, what: string) =>
    [1, 2].map((workers) =>
      case_(`ours, ${workers} worker${workers > 1 ? 's' : ''}, ${what}`, () =>
        watched(usage, () => ours(lab, table, workers, planted)),
      ),
    );
  const figures = await inRounds([
    floor,
    case_('floor: every column fetched', () => both((which) => lab.run(which, floors.fetched))),
    ...mine(0, 'equal'),
    ...peersOf(lab, table).map((peer) => case_(peer.name, () => peer.run(lab, table), PEER_ROUNDS)),
    ...(naive ? [case_('naive: all rows through the driver', () => throughTheDriver(lab, table), 1)] : []),
  ]);
  for (const count of table === 'narrow' ? [100, 10_000] : []) {
    await plant(lab, count, narrow);
    const [, ...differing] = await inRounds([floor, ...mine(count, `${count.toLocaleString('en')} rows differ`)]);
    figures.push(...differing);
    await unplant(lab);
  }
  return { table, rows: rowsOf(table, narrow), figures, usage };
}

function peersOf(lab: Lab, table: TableName): Peer[] {
  return peers[lab.flavour].filter((peer) => {
    if (peer.missing !== null) print(`not measured: ${peer.name}: ${peer.missing}`);
    return peer.missing === null && peer.tables.includes(table);
  });
}

/** In turn, and each figure against the floor of its own round: the speed of a shared machine drifts. */
async function inRounds(cases: readonly Case[]): Promise<Figure[]> {
  const taken = cases.map(({ what }) => ({ what, seconds: [] as number[], ratios: [] as number[], failed: false }));
  for (let round = 0; round < ROUNDS; round++) {
    let floor = 0;
    for (const [i, { what, run, rounds }] of cases.entries()) {
      const figure = taken[i];
      if (!figure || figure.failed || round >= rounds) continue;
      const before = performance.now();
      try {
        await run();
      } catch (error) {
        if (what.startsWith('ours') || what.startsWith('floor')) throw error;
        print(`not measured: ${what}: ${error instanceof Error ? error.message : String(error)}`);
        figure.failed = true;
        continue;
      }
      const seconds = (performance.now() - before) / 1000;
      if (what === FLOOR) floor = seconds;
      figure.seconds.push(seconds);
      figure.ratios.push(seconds / floor);
    }
  }
  return taken
    .filter(({ failed }) => !failed)
    .map(({ what, seconds, ratios }) => ({ what, seconds: median(seconds), ratio: median(ratios) }));
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[(values.length - 1) >> 1] ?? 0;

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

/** Notes how the host fares meanwhile. */
async function watched(usage: Usage, work: () => Promise<unknown>): Promise<void> {
  const { grown, longestTurn, late } = await meter(work);
  usage.grown = Math.max(usage.grown, grown);
  usage.busiest = Math.max(usage.busiest, longestTurn);
  usage.longest = Math.max(usage.longest, late);
}

function report({ table, rows, figures, usage }: TableFigures): void {
  print(`\n### ${table}, ${rows.toLocaleString('en')} rows\n`);
  print('| | seconds | × floor |\n|---|---:|---:|');
  for (const { what, seconds, ratio } of figures) print(`| ${what} | ${seconds.toFixed(2)} | ${ratio.toFixed(2)} |`);
  print(
    `\nHost while comparing: ${usage.grown.toFixed(0)} MB more; event loop late by ${usage.longest.toFixed(0)} ms at most, ` +
      `${usage.busiest.toFixed(0)} ms of processor time between two turns.`,
  );
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
