/** Compares the rows of one pair of tables: one scan of groups, then only where groups differ. */
import { Breather } from '../util/breather.ts';
import { Failure, isFailure } from '../util/failure.ts';
import { sentence } from '../util/sentence.ts';
import { throwIfAborted } from '../util/wait.ts';
import { GroupTable, inBatches, type DifferingGroup } from './groups.ts';
import { mergeRows, type DifferingRow } from './mergeRows.ts';
import type { GroupDigest, PairDigest, SideDigest } from './port.ts';

export interface RowsFound {
  readonly rows: { readonly source: number; readonly target: number };
  /** exact */
  readonly count: number;
  /** at most `keep` of them */
  readonly kept: readonly DifferingRow[];
}

export interface RowsOptions {
  /** statements at once on each side */
  readonly workers: number;
  readonly keep: number;
  /** waits while the servers should not be given more work */
  admit(signal: AbortSignal): Promise<void>;
  /** rows of the source read by the first pass so far */
  onRows(rows: number): void;
}

/** Row hashes moved at a time, both sides together: bounds memory and keeps the event loop free. */
const ROWS_AT_A_TIME = 20_000;
/** The same where equal rows are not looked into one by one. */
const PACKED_ROWS_AT_A_TIME = 50_000;
/** Pieces that wait for a free connection, so that a server has its next one while the last is looked at here. */
const IN_WAITING = 1;
const GROUPS_AT_A_TIME = 512;

export async function compareRows(pair: PairDigest, options: RowsOptions, signal: AbortSignal): Promise<RowsFound> {
  const source = new GroupTable();
  const target = new GroupTable();
  const scan = (side: SideDigest, groups: GroupTable, until: AbortSignal, onRows: (rows: number) => void) =>
    inTurn([...Array(side.units).keys()], options.workers + IN_WAITING, async (unit) => {
      await options.admit(until);
      groups.add(await side.scan(unit, until));
      onRows(groups.rows);
    });
  await together(
    signal,
    (until) => scan(pair.source, source, until, (rows) => options.onRows(rows)),
    (until) => scan(pair.target, target, until, () => undefined),
  );
  const differing = source.differingFrom(target);
  const found = await drillDown(pair, differing, options, signal);
  return { rows: { source: source.rows, target: target.rows }, ...found };
}

async function drillDown(
  pair: PairDigest,
  groups: readonly DifferingGroup[],
  options: RowsOptions,
  signal: AbortSignal,
): Promise<{ count: number; kept: readonly DifferingRow[] }> {
  const kept: DifferingRow[] = [];
  let count = 0;
  const take = (rows: readonly DifferingRow[]) => {
    for (const row of rows) {
      count += row.copies;
      if (kept.length < options.keep) kept.push(row);
    }
  };
  if (groups.length === 0) return { count, kept };
  if (!pair.indexed) {
    const some = pair.regroup ? differing(await pair.regroup(signal)) : groups;
    await lookAt(
      pair,
      some.map((group) => group.id),
      take,
      signal,
    );
    return { count, kept };
  }
  const fine = await refine(pair, groups, options, signal);
  // a whole-table difference would be found in any order; ascending keys make the kept ones the first ones
  const [rows, width] = pair.unequal
    ? [PACKED_ROWS_AT_A_TIME, options.workers + IN_WAITING]
    : [ROWS_AT_A_TIME, options.workers];
  await inTurn(inBatches(fine, rows, GROUPS_AT_A_TIME), width, async (batch) => {
    await options.admit(signal);
    await lookAt(pair, batch, take, signal);
  });
  return { count, kept };
}

/** @param sides groups, or parts of them that add up */
function differing(sides: Readonly<Record<'source' | 'target', readonly GroupDigest[]>>): readonly DifferingGroup[] {
  const [source, target] = [new GroupTable(), new GroupTable()];
  source.add(sides.source);
  target.add(sides.target);
  return source.differingFrom(target);
}

async function lookAt(
  pair: PairDigest,
  groups: readonly string[],
  take: (rows: readonly DifferingRow[]) => void,
  signal: AbortSignal,
): Promise<void> {
  const unequal = await pair.unequal?.(groups, signal);
  const streams = unequal
    ? ([once(unequal.source), once(unequal.target)] as const)
    : ([pair.source.rowHashes(groups, signal), pair.target.rowHashes(groups, signal)] as const);
  const breather = new Breather();
  let any = false;
  for await (const rows of mergeRows(...streams)) {
    throwIfAborted(signal);
    any ||= rows.length > 0;
    take((await pair.reallyDiffering?.(rows, signal)) ?? rows);
    if (breather.due) await breather.pause(signal);
  }
  if (!any) throw contradiction(pair);
}

const CONTRADICTION = 'rows-not-found';

/** Groups that differ hold a row that differs. Where none is found nothing is known, least of all that all is the same. */
const contradiction = ({ method }: PairDigest) =>
  new Failure(
    'unexpected-answer',
    sentence('The digests of this table differ, and the rows that differ were not found ({method}).', { method }),
    null,
    { code: CONTRADICTION },
  );

/** Where the servers keep no snapshot it may have been written between two looks: another one may find more. */
export const isContradiction = (error: unknown) => isFailure(error) && 'code' in error && error.code === CONTRADICTION;

async function* once<T>(piece: T): AsyncGenerator<T> {
  yield piece;
}

/** Replaces large differing groups by their finer differing parts. */
async function refine(
  pair: PairDigest,
  groups: readonly DifferingGroup[],
  options: RowsOptions,
  signal: AbortSignal,
): Promise<readonly DifferingGroup[]> {
  const small = groups.filter((group) => group.rows <= pair.smallGroup);
  let large = groups.filter((group) => group.rows > pair.smallGroup);
  while (large.length > 0) {
    const finer: DifferingGroup[] = [];
    await inTurn(inBatches(large, ROWS_AT_A_TIME * 8, GROUPS_AT_A_TIME), options.workers, async (batch) => {
      await options.admit(signal);
      const [mine, theirs] = await both(pair.source.refine(batch, signal), pair.target.refine(batch, signal));
      const source = new GroupTable();
      const target = new GroupTable();
      source.add(mine);
      target.add(theirs);
      const parts = source.differingFrom(target);
      if (parts.length === 0) throw contradiction(pair);
      finer.push(...parts);
    });
    small.push(...finer.filter((group) => group.rows <= pair.smallGroup));
    large = finer.filter((group) => group.rows > pair.smallGroup);
  }
  return small;
}

/** Both at once; when one fails the other is stopped too. The first failure is the one that is told. */
async function together(
  signal: AbortSignal,
  source: (until: AbortSignal) => Promise<void>,
  target: (until: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const until = AbortSignal.any([signal, stop.signal]);
  const failures: unknown[] = [];
  const note = (error: unknown) => {
    failures.push(error);
    stop.abort();
  };
  await Promise.all([source(until).catch(note), target(until).catch(note)]);
  if (failures.length > 0) throw failures[0];
}

/** Both at once; when one fails the other is waited for, so that nothing runs on behind the caller's back. */
export async function both<A, B>(source: Promise<A>, target: Promise<B>): Promise<[A, B]> {
  const [mine, theirs] = await Promise.allSettled([source, target]);
  if (mine.status === 'rejected') throw mine.reason;
  if (theirs.status === 'rejected') throw theirs.reason;
  return [mine.value, theirs.value];
}

/** Runs `work` for every item, `width` at a time. The first failure stops the taking of new items. */
export async function inTurn<T>(items: readonly T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  let failed = false;
  const lane = async () => {
    while (next < items.length && !failed) {
      const item = items[next++] as T;
      try {
        await work(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: Math.max(1, Math.min(width, items.length)) }, lane));
  const failure = lanes.find((result) => result.status === 'rejected');
  if (failure) throw failure.reason;
}
