/** Runs the comparison in tests: two real servers, a database on each, everything quiet unless a test says otherwise. */
import assert from 'node:assert/strict';
import { COMPARE_DEFAULTS, compareData, type CompareOptions } from '../../src/comparison/compare.ts';
import type { DigestEngine } from '../../src/comparison/port.ts';
import type { ReadPosition } from '../../src/comparison/positions.ts';
import type { ComparisonResult, TableResult } from '../../src/comparison/result.ts';
import type { PositionFacts } from '../../src/cutover/facts.ts';
import { parseConnectionUrl } from '../../src/engines/url.ts';
import { systemClock } from '../../src/util/clock.ts';

export const PROGRAM = 'DTS Cutover tests';

/** Nobody but the test itself writes, and it knows when. */
export const quiet: ReadPosition = async () => ({
  takenAt: 0,
  token: 'quiet',
  display: 'quiet',
  sinceDisplay: null,
  foreign: 'none',
  written: [],
  why: { text: 'Nothing was written.' },
});

export const never = new AbortController().signal;

/** A position that somebody moves: each reading until the `times`-th finds these tables written since the last. */
export function written(names: readonly string[], times: number): ReadPosition {
  let readings = 0;
  return async (since): Promise<PositionFacts> => {
    const moved = since !== null && readings < times;
    readings++;
    return {
      ...(await quiet(since, never)),
      token: String(readings),
      foreign: moved ? 'written' : 'none',
      written: moved ? names.map((name) => ({ name, count: 1, byDts: false })) : [],
    };
  };
}

export interface Compared {
  readonly source: string;
  readonly target: string;
  readonly positions?: { readonly source: ReadPosition; readonly target: ReadPosition };
  readonly options?: Partial<CompareOptions>;
  readonly signal?: AbortSignal;
  /** for each answer; default 20,000 */
  readonly timeoutMs?: number;
}

/** Every row that is listed must show what makes it differ, on every engine, in every test; but for values that are cut. */
export async function compare(engine: DigestEngine, request: Compared): Promise<ComparisonResult> {
  const result = await compareAsAsked(engine, request);
  for (const { differences, source } of result.tables) {
    const alike = differences.filter(({ digest, cut }) => digest && !cut);
    assert.deepEqual(alike, [], `rows of ${source?.name} that differ read alike`);
  }
  return result;
}

function compareAsAsked(engine: DigestEngine, request: Compared): Promise<ComparisonResult> {
  const side = (url: string, readPosition: ReadPosition) => ({
    request: { ...parseConnectionUrl(url), programName: PROGRAM, timeoutMs: request.timeoutMs ?? 20_000 },
    readPosition,
  });
  const databaseOf = (url: string) => parseConnectionUrl(url).profile.database;
  return compareData(
    engine,
    {
      source: side(request.source, request.positions?.source ?? quiet),
      target: side(request.target, request.positions?.target ?? quiet),
    },
    {
      ...COMPARE_DEFAULTS,
      scope: everything(databaseOf(request.source), databaseOf(request.target)),
      databases: [{ source: databaseOf(request.source), target: databaseOf(request.target) }],
      only: null,
      settle: async () => undefined,
      clock: systemClock,
      onProgress: () => undefined,
      onTable: () => undefined,
      finished: null,
      ...request.options,
    },
    request.signal ?? new AbortController().signal,
  );
}

export const everything = (name: string, newName: string): CompareOptions['scope'] => ({
  mode: 'partial',
  databases: [{ name, newName, schema: null, newSchema: null, allTables: true, tables: [] }],
});

export function tableOf(result: ComparisonResult, name: string): TableResult {
  const found = result.tables.find((table) => (table.source ?? table.target)?.name === name);
  if (!found) throw new Error(`no result for ${name}`);
  return found;
}

/** `changed 5`, `missing a,b`: what was found, in a form that can be compared. */
export const found = (table: TableResult): string[] =>
  table.differences
    .map(({ kind, key, copies }) => `${kind} ${copies === undefined ? Object.values(key).join(',') : `x${copies}`}`)
    .sort();
