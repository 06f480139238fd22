/** Compares one pair of tables to the end, whatever happens: a failure is a result too. */
import { asFailure, isFailure } from '../util/failure.ts';
import type { Lanes } from '../util/lanes.ts';
import { sentence, type Sentence } from '../util/sentence.ts';
import { readDifferences, type ValueBudget } from './differences.ts';
import type { DifferingRow } from './mergeRows.ts';
import { spelledAsOn } from './columnNames.ts';
import { planTable, type ColumnDifference } from './plan.ts';
import type { DigestEngine, DigestSession, PairDigest, TablePlan, TableShape } from './port.ts';
import { reachedByKey, stillDiffering } from './recheck.ts';
import type { RowDifference, TableResult } from './result.ts';
import { compareRows, isContradiction, type RowsFound, type RowsOptions } from './tableRows.ts';

export interface PairOfTables {
  readonly source: TableShape;
  readonly target: TableShape;
}

export interface PairOfSessions {
  readonly source: DigestSession;
  readonly target: DigestSession;
}

/** The result, and what a re-check needs to read the differing rows again. */
export interface TableOutcome {
  readonly tables: PairOfTables;
  readonly result: TableResult;
  readonly open: OpenDifferences | null;
}

interface OpenDifferences {
  readonly plan: TablePlan;
  readonly columnDifferences: readonly ColumnDifference[];
  readonly notes: readonly Sentence[];
  readonly careful: boolean;
  readonly found: RowsFound;
  /** see `stillDiffering` */
  readonly reached: ReadonlySet<string>;
}

export interface TableContext {
  readonly engine: DigestEngine;
  readonly sessions: PairOfSessions;
  readonly budget: ValueBudget;
  readonly rows: RowsOptions;
  /** a table that is not small takes one of these, so that the groups of few are held in memory */
  readonly turns: Lanes<number>;
}

export async function compareTable(
  context: TableContext,
  tables: PairOfTables,
  signal: AbortSignal,
): Promise<TableOutcome> {
  const { foldColumn } = context.engine;
  const theirs = foldColumn ? spelledAsOn(tables.source, tables.target, foldColumn) : tables.target;
  const planned = planTable(tables.source, theirs, (a, b) => context.engine.match(a, b));
  if (planned.plan === null) return { tables, result: unknownTable(tables, 'skipped', planned.why), open: null };
  const { plan, columnDifferences, notes } = planned;
  try {
    const { pair, found, careful } = await read(context, plan, signal);
    return await concluded(context, tables, pair, { plan, columnDifferences, notes, careful, found }, signal);
  } catch (error) {
    const failure = asFailure(error);
    // cancelled is not failed: the caller says so for all that is left
    if (failure.reason === 'cancelled') throw failure;
    return { tables, result: unknownTable(tables, 'failed', failure.what), open: null };
  }
}

/** Reads the rows that differed once more, in renewed sessions; where their keys are not enough for that, the whole table. */
export async function recheckTable(
  context: TableContext,
  outcome: TableOutcome,
  signal: AbortSignal,
): Promise<TableOutcome> {
  const { tables, open } = outcome;
  if (!open) return outcome;
  const { plan, found } = open;
  try {
    if (plan.key.length > 0 && found.kept.length === found.count) {
      const pair = await context.engine.pair(plan, context.sessions.source, context.sessions.target, open, signal);
      const kept = await stillDiffering(pair, found.kept, open.reached, signal);
      if (kept) {
        const left = { ...open, found: { ...found, kept, count: kept.length } };
        return await concluded(context, tables, pair, left, signal);
      }
    }
    const again = await read(context, plan, signal);
    return await concluded(
      context,
      tables,
      again.pair,
      { ...open, found: again.found, careful: again.careful },
      signal,
    );
  } catch (error) {
    const failure = asFailure(error);
    if (failure.reason === 'cancelled') throw failure;
    return { tables, result: unknownTable(tables, 'failed', failure.what), open: null };
  }
}

async function read(
  { engine, sessions, rows, turns }: TableContext,
  plan: TablePlan,
  signal: AbortSignal,
): Promise<{ pair: PairDigest; found: RowsFound; careful: boolean }> {
  for (const careful of [false, true]) {
    try {
      const pair = await engine.pair(plan, sessions.source, sessions.target, { careful }, signal);
      const turn = pair.small ? null : await turns.take(signal);
      try {
        return { pair, found: await compareRows(pair, rows, signal), careful };
      } finally {
        if (turn !== null) turns.give(turn);
      }
    } catch (error) {
      // a value the quick form cannot take, e.g. a date at the very end of what the type holds
      if (careful || !(isDataException(error) || isContradiction(error))) throw error;
    }
  }
  throw new Error('unreachable: the careful form either answers or throws');
}

/** SQLSTATE class 22. */
const isDataException = (error: unknown) => isFailure(error) && 'code' in error && String(error.code).startsWith('22');

async function concluded(
  { budget }: TableContext,
  tables: PairOfTables,
  pair: PairDigest,
  open: Omit<OpenDifferences, 'reached'>,
  signal: AbortSignal,
): Promise<TableOutcome> {
  const { plan, found, columnDifferences } = open;
  const kept: readonly DifferingRow[] = [...found.kept].sort(byKey);
  const differences = await readDifferences(plan, pair, kept, budget, signal);
  const different = found.count > 0 || columnDifferences.length > 0;
  return {
    tables,
    open: different ? { ...open, reached: reachedByKey(kept, differences) } : null,
    result: {
      source: tables.source.name,
      target: tables.target.name,
      verdict: different ? 'different' : 'same',
      reason: columnReason(columnDifferences),
      rows: found.rows,
      differences,
      differenceCount: found.count,
      truncated: differences.reduce((sum, difference) => sum + (difference.copies ?? 1), 0) < found.count,
      notes: [
        ...open.notes,
        ...orderNote(differences),
        ...(plan.key.length === 0 ? [sentence('There is no common key: rows were compared as a multiset.')] : []),
      ],
      method: pair.method,
      targetColumns: different ? plan.target.columns : [],
      ...(different && plan.target.repair ? { targetRepair: plan.target.repair } : {}),
    },
  };
}

/** Told apart from other differences: the values are all there. */
function orderNote(differences: readonly RowDifference[]): Sentence[] {
  const count = differences.filter(({ orderOnly }) => orderOnly).length;
  if (count === 0) return [];
  return [sentence('{count} of the listed documents differ only in the order of their fields.', { count })];
}

function byKey(a: DifferingRow, b: DifferingRow): number {
  for (const [i, mine] of a.key.entries()) {
    const theirs = b.key[i] ?? '';
    if (mine === theirs) continue;
    const [x, y] = [Number(mine), Number(theirs)];
    return Number.isSafeInteger(x) && Number.isSafeInteger(y) ? x - y : mine < theirs ? -1 : 1;
  }
  return 0;
}

function columnReason(differences: readonly ColumnDifference[]): Sentence | null {
  if (differences.length === 0) return null;
  const names = (only: 'source' | 'target') =>
    differences.filter((difference) => difference.only === only).map(({ name }) => name);
  const [source, target] = [names('source'), names('target')];
  if (target.length === 0) return sentence('Columns missing on the target: {names}.', { names: source.join(', ') });
  if (source.length === 0) return sentence('Columns missing on the source: {names}.', { names: target.join(', ') });
  return sentence('Columns missing on the target: {names}; on the source: {others}.', {
    names: source.join(', '),
    others: target.join(', '),
  });
}

/** A table about whose rows nothing is known. */
export function unknownTable(
  tables: { readonly source: TableShape | null; readonly target: TableShape | null },
  verdict: 'skipped' | 'failed' | 'missingOnTarget' | 'missingOnSource',
  reason: Sentence | null,
): TableResult {
  return {
    source: tables.source?.name ?? null,
    target: tables.target?.name ?? null,
    verdict,
    reason,
    rows: { source: null, target: null },
    differences: [],
    differenceCount: null,
    truncated: false,
    notes: [],
    method: '',
    targetColumns: [],
  };
}
