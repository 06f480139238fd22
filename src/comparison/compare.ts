/**
 * Compares source and target, both at once: positions, one snapshot per side, tables smallest first, differing rows,
 * objects, positions again, and the verdict. What fails or is cancelled makes the verdict incomplete, never the same.
 */
import type { ComparisonProgress, MigrationScope, Side } from '../cutover/facts.ts';
import type { ConnectRequest } from '../engines/engine.ts';
import type { Clock } from '../util/clock.ts';
import { asFailure } from '../util/failure.ts';
import { compareDatabase, pairIdentity, type Gathered } from './databasePass.ts';
import { ValueBudget } from './differences.ts';
import type { DigestEngine } from './port.ts';
import { PositionWatch, type ReadPosition } from './positions.ts';
import type { ComparedSide, ComparisonResult, TableResult } from './result.ts';
import type { DatabasePair } from './scope.ts';
import { remarksOn } from './settle.ts';
import { verdictOf } from './verdict.ts';

export interface CompareSide {
  readonly request: ConnectRequest;
  /** Null: nobody can tell whether somebody wrote during the comparison, and the verdict cannot be `same`. */
  readonly readPosition: ReadPosition | null;
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
  /**
   * Each table as soon as it is done, and again when a second look changed it, with the positions at which it was read:
   * to be kept for `finished`.
   */
  onTable(result: TableResult, tokens: ComparisonResult['tokens']): void;
  /** results of an earlier comparison of the same scope, to be taken over where nobody has written since */
  readonly finished: Finished | null;
}

export interface Finished {
  readonly tables: readonly TableResult[];
  /** the positions at which the earlier comparison began */
  readonly tokens: ComparisonResult['tokens'];
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
  sides: Readonly<Record<Side, CompareSide>>,
  options: CompareOptions,
  signal: AbortSignal,
): Promise<ComparisonResult> {
  const startedAt = options.clock.now();
  const readers = { source: sides.source.readPosition, target: sides.target.readPosition };
  const watch = await PositionWatch.start(readers, options.databases, signal);
  const gathered: Gathered = {
    tables: [],
    reused: 0,
    objects: [],
    unsettled: [],
    unchecked: false,
    restless: false,
    instanceSeen: false,
    unopened: [],
    progress: { tablesDone: 0, tablesTotal: 0, rowsDone: 0, rowsTotal: 0 },
    servers: null,
  };
  const earlier = await stillTrue(options, readers, signal);
  const budget = new ValueBudget(options.keepCharacters);
  const pass = { engine, sides, options, watch, budget, earlier, gathered, startedAt, signal };
  let cancelled = false;
  try {
    for (const pair of options.databases) await compareDatabase(pass, pair);
    const [unopened] = gathered.unopened;
    if (!gathered.servers && unopened) throw unopened;
    // a change may have waited for the locks of our snapshots; and an early database may have been written while a late
    // one was read
    if (!gathered.restless) {
      gathered.unsettled.push(...remarksOn(await watch.writes(signal), options.recheckRounds));
    }
  } catch (error) {
    const failure = asFailure(error);
    // before anything was seen there is nothing to tell
    if (failure.reason !== 'cancelled' || !gathered.servers) throw failure;
    cancelled = true;
  }
  const { verdict, remarks } = verdictOf(gathered.tables, gathered.objects, {
    unsettled: gathered.unsettled,
    unchecked: gathered.unchecked,
    cancelled,
  });
  const side = (which: Side): ComparedSide => ({
    server: gathered.servers?.[which].product ?? '',
    endpoint: gathered.servers?.[which].endpoint ?? '',
    position: { before: watch.began[which], after: watch.ended[which] },
  });
  return {
    engine: engine.kind,
    verdict,
    startedAt,
    finishedAt: options.clock.now(),
    source: side('source'),
    target: side('target'),
    tables: gathered.tables,
    reused: gathered.reused,
    objects: gathered.objects,
    remarks,
    tokens: watch.tokens,
  };
}

/** What was compared before an interruption still holds only where nobody has written since. */
async function stillTrue(
  { finished }: CompareOptions,
  readers: Readonly<Record<Side, ReadPosition | null>>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, TableResult>> {
  const found = new Map<string, TableResult>();
  if (!finished || !(await isUnmoved(finished.tokens, readers, signal))) return found;
  for (const result of finished.tables) {
    const known = result.verdict === 'same' || result.verdict === 'different';
    if (result.source && result.target && known) found.set(pairIdentity(result.source, result.target), result);
  }
  return found;
}

/** Whether it is certain that nobody but DTS has written on either side since these positions. */
export async function isUnmoved(
  tokens: ComparisonResult['tokens'],
  readers: Readonly<Record<Side, ReadPosition | null>>,
  signal: AbortSignal,
): Promise<boolean> {
  for (const which of ['source', 'target'] as const) {
    const token = tokens[which];
    const read = readers[which];
    if (token === null || !read || (await read(token, signal)).foreign !== 'none') return false;
  }
  return true;
}
