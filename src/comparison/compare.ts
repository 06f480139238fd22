/**
 * Compares source and target, both at once: positions, one snapshot per side, tables smallest first, differing rows,
 * objects, positions again, and the verdict. What fails or is cancelled makes the verdict incomplete, never the same.
 */
import type { ComparisonProgress, MigrationScope, ObjectName, PositionFacts } from '../cutover/facts.ts';
import type { ConnectRequest } from '../engines/engine.ts';
import { DTS_FOOTPRINT } from '../engines/engine.ts';
import type { Clock } from '../util/clock.ts';
import { asFailure } from '../util/failure.ts';
import { sentence, type Sentence } from '../util/sentence.ts';
import { ValueBudget } from './differences.ts';
import { loadGuard, GUARD_DEFAULTS } from './loadGuard.ts';
import { compareObjects } from './objects.ts';
import { positionWatch } from './positions.ts';
import type { DigestEngine, TableShape } from './port.ts';
import type { ComparedSide, ComparisonResult, ObjectResult, TableResult } from './result.ts';
import { identity, pairTables, type DatabasePair } from './scope.ts';
import {
  compareTable,
  recheckTable,
  unknownTable,
  type PairOfSessions,
  type PairOfTables,
  type TableContext,
  type TableOutcome,
} from './tableResult.ts';
import { both, inTurn } from './tableRows.ts';
import { verdictOf } from './verdict.ts';

export interface CompareSide {
  readonly request: ConnectRequest;
  /**
   * Reads the side's write position, on a connection of its own, since an earlier token. Null: nobody can tell whether
   * somebody wrote during the comparison, and the verdict cannot be `same`.
   */
  readonly readPosition: ((since: string | null, signal: AbortSignal) => Promise<PositionFacts>) | null;
}

export interface CompareOptions {
  readonly scope: MigrationScope;
  /** see `databasePairs` */
  readonly databases: readonly DatabasePair[];
  /** only these source tables, as `table` or `schema.table`; null for all */
  readonly only: readonly string[] | null;
  /** statements at once on each side */
  readonly workers: number;
  /** differing rows listed for each table */
  readonly keep: number;
  /** characters of values listed, over all tables */
  readonly keepCharacters: number;
  /** how often rows that differ are read again when somebody writes meanwhile; 0: not at all */
  readonly recheckRounds: number;
  /** resolves when the target has had time to catch up, before rows are read again */
  settle(signal: AbortSignal): Promise<void>;
  readonly clock: Clock;
  onProgress(progress: ComparisonProgress): void;
  /** each table as soon as it is done, e.g. to be kept for `finished` */
  onTable(result: TableResult): void;
  /** results of an earlier, interrupted comparison of the same scope, and the positions it began at */
  readonly finished: { readonly tables: readonly TableResult[]; readonly tokens: ComparisonResult['tokens'] } | null;
}

export const COMPARE_DEFAULTS = {
  workers: 2,
  keep: 1000,
  keepCharacters: 32_000_000,
  recheckRounds: 3,
} as const;

/** Rejects only when nothing could be looked at at all; later troubles are part of the result. */
export async function compareData(
  engine: DigestEngine,
  sides: { readonly source: CompareSide; readonly target: CompareSide },
  options: CompareOptions,
  signal: AbortSignal,
): Promise<ComparisonResult> {
  const startedAt = options.clock.now();
  const positions = await positionWatch(sides, signal);
  const run: Run = {
    engine,
    sides,
    options,
    signal,
    startedAt,
    tables: [],
    objects: [],
    unsettled: [],
    budget: new ValueBudget(options.keepCharacters),
    progress: { done: 0, total: 0, rowsDone: 0, rowsTotal: 0 },
    earlier: await reusable(options, sides, signal),
    servers: null,
    writtenMeanwhile: () => positions.writtenSince(signal),
  };
  let cancelled = false;
  for (const pair of options.databases) {
    try {
      await compareDatabase(run, pair);
    } catch (error) {
      const failure = asFailure(error);
      if (failure.reason !== 'cancelled') throw failure;
      // cancelled before anything was seen: there is nothing to tell
      if (!run.servers) throw failure;
      cancelled = true;
      break;
    }
  }
  const after = cancelled ? null : await positions.readAgain(signal);
  if (after) run.unsettled.push(...after.unknown);
  const { verdict, remarks } = verdictOf(run.tables, run.objects, { unsettled: run.unsettled, cancelled });
  const side = (which: 'source' | 'target'): ComparedSide => ({
    server: run.servers?.[which].product ?? '',
    endpoint: run.servers?.[which].endpoint ?? '',
    position: { before: positions.before[which]?.display ?? null, after: after?.displays[which] ?? null },
  });
  return {
    verdict,
    startedAt,
    finishedAt: options.clock.now(),
    source: side('source'),
    target: side('target'),
    tables: run.tables,
    objects: run.objects,
    remarks,
    tokens: { source: positions.before.source?.token ?? null, target: positions.before.target?.token ?? null },
  };
}

interface Run {
  readonly engine: DigestEngine;
  readonly sides: { readonly source: CompareSide; readonly target: CompareSide };
  readonly options: CompareOptions;
  readonly signal: AbortSignal;
  readonly startedAt: number;
  readonly tables: TableResult[];
  readonly objects: ObjectResult[];
  readonly unsettled: Sentence[];
  readonly budget: ValueBudget;
  readonly progress: { done: number; total: number; rowsDone: number; rowsTotal: number | null };
  readonly earlier: ReadonlyMap<string, TableResult>;
  servers: Record<'source' | 'target', { product: string; endpoint: string }> | null;
  writtenMeanwhile(): Promise<boolean>;
}

async function compareDatabase(run: Run, names: DatabasePair): Promise<void> {
  const { engine, sides, options, signal } = run;
  const open = (side: CompareSide, database: string) =>
    engine.openSnapshot(side.request, { database, workers: options.workers }, signal);
  const opening = [open(sides.source, names.source), open(sides.target, names.target)] as const;
  try {
    const [source, target] = await both(...opening);
    run.servers ??= {
      source: { product: source.product, endpoint: source.endpoint },
      target: { product: target.product, endpoint: target.endpoint },
    };
    await compareTables(run, { source, target }, names);
  } finally {
    const opened = await Promise.allSettled(opening);
    await Promise.all(opened.map((session) => (session.status === 'fulfilled' ? session.value.close() : undefined)));
  }
}

async function compareTables(run: Run, sessions: PairOfSessions, names: DatabasePair): Promise<void> {
  const { engine, options, signal } = run;
  const [mine, theirs] = await both(sessions.source.describe(signal), sessions.target.describe(signal));
  const { pairs, missing, extra, unknown } = pairTables(options.scope, mine, theirs, options.only, ofDts(engine));
  for (const { source } of missing) report(run, unknownTable({ source, target: null }, 'missingOnTarget', null));
  for (const target of extra) report(run, unknownTable({ source: null, target }, 'missingOnSource', null));
  for (const name of unknown) {
    const result = unknownTable({ source: null, target: null }, 'skipped', sentence('The source has no such table.'));
    report(run, { ...result, source: name });
  }
  const guard = loadGuard({ ...GUARD_DEFAULTS, clock: options.clock, latency: (s) => sessions.source.latency(s) });
  const rowsOf = ({ source, target }: PairOfTables) => source.estimatedRows ?? target.estimatedRows;
  const ordered = [...pairs].sort((a, b) => (rowsOf(a) ?? 0) - (rowsOf(b) ?? 0));
  run.progress.total += ordered.length;
  for (const pair of ordered) {
    const rows = rowsOf(pair);
    run.progress.rowsTotal = rows === null || run.progress.rowsTotal === null ? null : run.progress.rowsTotal + rows;
  }
  const outcomes: TableOutcome[] = [];
  const started = new Set<PairOfTables>();
  try {
    await inTurn(ordered, options.workers, async (pair) => {
      const before = run.earlier.get(nameOf(pair));
      const outcome = before
        ? { tables: pair, result: before, open: null }
        : await compareTable(contextFor(run, sessions, pair, guard.admit), pair, signal);
      started.add(pair);
      outcomes.push(outcome);
      run.progress.done++;
      tell(run, '');
      // what may still be in flight is reported after it was read again
      if (outcome.result.verdict !== 'different') report(run, outcome.result);
    });
    for (const outcome of await settled(run, sessions, outcomes, guard.admit)) report(run, outcome.result);
  } catch (error) {
    if (asFailure(error).reason !== 'cancelled') throw error;
    for (const outcome of outcomes) if (outcome.result.verdict === 'different') report(run, outcome.result);
    const left = ordered.filter((pair) => !started.has(pair));
    for (const pair of left)
      report(run, unknownTable(pair, 'skipped', sentence('The comparison was cancelled before.')));
    throw error;
  }
  await readObjects(run, sessions, names, pairs);
}

/** The differing tables, after what moved meanwhile was read again. */
async function settled(
  run: Run,
  sessions: PairOfSessions,
  outcomes: readonly TableOutcome[],
  admit: TableContext['rows']['admit'],
): Promise<readonly TableOutcome[]> {
  const { options, signal } = run;
  let differing = outcomes.filter(({ result }) => result.verdict === 'different');
  if (differing.length === 0 || !(await run.writtenMeanwhile())) return differing;
  if (options.recheckRounds === 0) {
    run.unsettled.push(sentence('Somebody wrote during the comparison, and the differing rows were not read again.'));
    return differing;
  }
  const settledOnes: TableOutcome[] = [];
  for (let round = 0; round < options.recheckRounds && differing.length > 0; round++) {
    await options.settle(signal);
    await both(sessions.source.renew(signal), sessions.target.renew(signal));
    const again: TableOutcome[] = [];
    for (const outcome of differing) {
      again.push(await recheckTable(contextFor(run, sessions, outcome.tables, admit), outcome, signal));
    }
    settledOnes.push(...again.filter(({ open }) => open === null));
    differing = again.filter(({ open }) => open !== null);
  }
  return [...settledOnes, ...differing];
}

async function readObjects(
  run: Run,
  sessions: PairOfSessions,
  names: DatabasePair,
  pairs: readonly PairOfTables[],
): Promise<void> {
  const { options, signal } = run;
  try {
    const [source, target] = await both(sessions.source.objects(signal), sessions.target.objects(signal));
    const major = (product: string) => /^\D*\d+/.exec(product)?.[0];
    const renamed = pairs.some((pair) => identity(pair.source.name) !== identity(pair.target.name));
    run.objects.push(
      ...compareObjects({
        scope: options.scope,
        source: { database: names.source, objects: source },
        target: { database: names.target, objects: target },
        tables: options.only ? new Set(pairs.map((pair) => identity(pair.source.name))) : null,
        sameSpelling: !renamed && major(sessions.source.product) === major(sessions.target.product),
        raiseStatement: (object, next) => sessions.target.raiseStatement(object, next),
      }),
    );
  } catch (error) {
    const failure = asFailure(error);
    if (failure.reason === 'cancelled') throw failure;
    run.unsettled.push(sentence('Views, routines, indexes and the like could not be read.'), failure.what);
  }
}

function contextFor(
  run: Run,
  sessions: PairOfSessions,
  pair: PairOfTables,
  admit: TableContext['rows']['admit'],
): TableContext {
  let told = 0;
  return {
    engine: run.engine,
    sessions,
    budget: run.budget,
    rows: {
      workers: run.options.workers,
      keep: run.options.keep,
      admit,
      onRows(rows) {
        run.progress.rowsDone += rows - told;
        told = rows;
        tell(run, pair.source.name.name);
      },
    },
  };
}

function tell({ options, progress, startedAt }: Run, current: string): void {
  options.onProgress({
    tablesDone: progress.done,
    tablesTotal: progress.total,
    rowsDone: progress.rowsDone,
    // statistics may be behind the table
    rowsTotal: progress.rowsTotal === null ? null : Math.max(progress.rowsTotal, progress.rowsDone),
    current,
    startedAt,
  });
}

function report(run: Run, result: TableResult): void {
  run.tables.push(result);
  run.options.onTable(result);
}

const nameOf = ({ source, target }: { source: TableShape; target: TableShape }) =>
  JSON.stringify([identity(source.name), identity(target.name)]);

/** What was compared before the interruption still holds only where nobody has written since. */
async function reusable(
  { finished }: CompareOptions,
  sides: { readonly source: CompareSide; readonly target: CompareSide },
  signal: AbortSignal,
): Promise<ReadonlyMap<string, TableResult>> {
  const found = new Map<string, TableResult>();
  if (!finished) return found;
  for (const which of ['source', 'target'] as const) {
    const token = finished.tokens[which];
    const read = sides[which].readPosition;
    if (token === null || !read || (await read(token, signal)).foreign !== 'none') return found;
  }
  for (const result of finished.tables) {
    if (!result.source || !result.target || (result.verdict !== 'same' && result.verdict !== 'different')) continue;
    found.set(JSON.stringify([identity(result.source), identity(result.target)]), result);
  }
  return found;
}

function ofDts(engine: DigestEngine): (name: ObjectName) => boolean {
  const { databases, objects } = DTS_FOOTPRINT[engine.kind];
  const own = new Set(objects.map(identity));
  return (name) => databases.includes(name.database) || own.has(identity(name));
}
