/**
 * The quick consistency step: exact row counts of every migrated table, source against target. Equal counts prove that
 * no row is missing or double, not that the values are equal; the full comparison does that.
 */
import type { Compare, EndpointPort } from '../cutover/ports.ts';
import type { EngineConnection, ObjectFacts } from '../engines/engine.ts';
import { asFailure } from '../util/failure.ts';
import { sentence, type Sentence } from '../util/sentence.ts';
import { throwIfAborted } from '../util/wait.ts';
import type {
  ComparisonFacts,
  ComparisonProgress,
  ComparisonVerdict,
  MigrationScope,
  ObjectName,
  ScopedDatabase,
  Side,
  TableComparison,
} from '../cutover/facts.ts';

export interface CountRequest {
  readonly scope: MigrationScope;
  /** source names `database.schema.table` or `database.table` to keep to; null for all */
  readonly tables: readonly string[] | null;
  readonly now: () => number;
}

interface Pair {
  readonly source: ObjectName | null;
  readonly target: ObjectName | null;
  readonly estimate: number;
}

/** Counts through connections of its own, so that watching the sessions goes on meanwhile. */
export function countThrough(endpoints: Readonly<Record<Side, EndpointPort>>, now: () => number): Compare {
  return async (request, onProgress, signal) => {
    const source = await endpoints.source.connect(signal);
    try {
      const target = await endpoints.target.connect(signal);
      try {
        return await compareCounts(source, target, { ...request, now }, onProgress, signal);
      } finally {
        await target.close();
      }
    } finally {
      await source.close();
    }
  };
}

/** Counts on both sides at once, table by table, smallest first. Rejects when cancelled or when the lists cannot be read. */
export async function compareCounts(
  source: EngineConnection,
  target: EngineConnection,
  request: CountRequest,
  onProgress: (progress: ComparisonProgress) => void,
  signal: AbortSignal,
): Promise<ComparisonFacts> {
  const startedAt = request.now();
  const pairs = await listPairs(source, target, request, signal);
  const tables: TableComparison[] = [];
  let rowsDone = 0;
  const rowsTotal = pairs.reduce((sum, pair) => sum + pair.estimate, 0);
  for (const pair of pairs) {
    throwIfAborted(signal);
    const current = nameText(pair.source ?? pair.target);
    onProgress({ tablesDone: tables.length, tablesTotal: pairs.length, rowsDone, rowsTotal, current, startedAt });
    tables.push(await comparePair(source, target, pair, signal));
    rowsDone += pair.estimate;
  }
  return { ...conclude(tables), id: `counts-${startedAt}`, method: 'counts', startedAt, finishedAt: request.now() };
}

async function comparePair(
  source: EngineConnection,
  target: EngineConnection,
  pair: Pair,
  signal: AbortSignal,
): Promise<TableComparison> {
  const names = { source: pair.source, target: pair.target, differenceCount: null };
  const none = { rows: { source: null, target: null }, reason: null };
  if (!pair.target) return { ...names, ...none, verdict: 'missingOnTarget' };
  if (!pair.source) return { ...names, ...none, verdict: 'missingOnSource' };
  const [left, right] = await Promise.allSettled([
    source.countRows(pair.source, signal),
    target.countRows(pair.target, signal),
  ]);
  throwIfAborted(signal);
  const rows = { source: valueOf(left), target: valueOf(right) };
  const failed = [left, right].find((side) => side.status === 'rejected');
  if (failed) return { ...names, rows, verdict: 'failed', reason: asFailure(failed.reason).what };
  const equal = rows.source === rows.target;
  return { ...names, rows, verdict: equal ? 'same' : 'different', reason: null };
}

function valueOf(result: PromiseSettledResult<number>): number | null {
  return result.status === 'fulfilled' ? result.value : null;
}

function conclude(
  tables: readonly TableComparison[],
): Pick<ComparisonFacts, 'verdict' | 'summary' | 'tables' | 'skipped' | 'positions'> {
  const failed = tables.filter((table) => table.verdict === 'failed' || table.verdict === 'skipped');
  const different = tables.filter((table) => !failed.includes(table) && table.verdict !== 'same');
  const verdict: ComparisonVerdict =
    different.length > 0 ? 'different' : failed.length > 0 || tables.length === 0 ? 'incomplete' : 'same';
  return {
    verdict,
    summary: summaryOf(verdict, tables, different.length, failed.length),
    tables,
    skipped: failed.map((table) =>
      sentence('{table} could not be counted.', { table: nameText(table.source ?? table.target) }),
    ),
    positions: { source: null, target: null },
  };
}

function summaryOf(
  verdict: ComparisonVerdict,
  tables: readonly TableComparison[],
  different: number,
  failed: number,
): Sentence {
  const total = tables.length;
  switch (verdict) {
    case 'same': {
      const rows = tables.reduce((sum, table) => sum + (table.rows.source ?? 0), 0);
      return sentence('Row counts agree in all {total} tables ({rows} rows). Values were not compared.', {
        total,
        rows,
      });
    }
    case 'different':
      return sentence('Row counts or tables differ: {different} of {total} tables.', { different, total });
    case 'incomplete':
      return total === 0
        ? sentence('There is no table to count: the task’s scope matches nothing on the source.')
        : sentence('{failed} of {total} tables could not be counted.', { failed, total });
  }
}

async function listPairs(
  source: EngineConnection,
  target: EngineConnection,
  { scope, tables }: CountRequest,
  signal: AbortSignal,
): Promise<Pair[]> {
  const databases = scope.mode === 'all' ? (await source.listDatabases(signal)).map(wholeDatabase) : scope.databases;
  const pairs: Pair[] = [];
  for (const database of databases) pairs.push(...(await pairsOf(source, target, database, signal)));
  const wanted = tables && new Set(tables);
  return pairs.filter((pair) => !wanted || wanted.has(nameText(pair.source))).sort((a, b) => a.estimate - b.estimate);
}

function wholeDatabase(name: string): ScopedDatabase {
  return { name, newName: name, schema: null, newSchema: null, allTables: true, tables: [] };
}

async function pairsOf(
  source: EngineConnection,
  target: EngineConnection,
  database: ScopedDatabase,
  signal: AbortSignal,
): Promise<Pair[]> {
  const targetDatabases = await target.listDatabases(signal);
  const [left, right] = await Promise.all([
    source.listObjects(database.name, signal),
    targetDatabases.includes(database.newName) ? target.listObjects(database.newName, signal) : [],
  ]);
  const there = new Map(right.filter(isTable).map((object) => [nameText(object.object), object.object]));
  const pairs: Pair[] = [];
  for (const { object, estimatedRows } of left.filter(isTable)) {
    const name = targetName(object, database);
    if (!name) continue;
    pairs.push({
      source: object,
      target: there.get(nameText(name)) ?? null,
      estimate: Math.max(0, estimatedRows ?? 0),
    });
    there.delete(nameText(name));
  }
  // what a whole migrated database or schema holds on the target besides is no migrated table
  for (const extra of there.values()) {
    if (database.allTables && (database.newSchema === null || extra.schema === database.newSchema)) {
      pairs.push({ source: null, target: extra, estimate: 0 });
    }
  }
  for (const name of missingNamed(database, pairs)) pairs.push({ source: null, target: name, estimate: 0 });
  return pairs;
}

/** Tables the task names that the source does not have: a typing error or a dropped table, never nothing. */
function missingNamed(database: ScopedDatabase, pairs: readonly Pair[]): ObjectName[] {
  return database.tables
    .filter((table) => !pairs.some((pair) => pair.source?.name === table.name))
    .map((table) => ({ database: database.newName, schema: database.newSchema, name: table.newName }));
}

function isTable({ kind }: ObjectFacts): boolean {
  return kind === 'table' || kind === 'collection';
}

/** The name a source table has on the target, null when the task does not move it. */
function targetName(object: ObjectName, database: ScopedDatabase): ObjectName | null {
  if (database.schema !== null && database.schema !== '' && object.schema !== database.schema) return null;
  const table = database.tables.find((candidate) => candidate.name === object.name);
  if (!database.allTables && !table) return null;
  return {
    database: database.newName,
    schema: object.schema === null ? null : (database.newSchema ?? object.schema),
    name: table?.newName ?? object.name,
  };
}

function nameText(name: ObjectName | null): string {
  return name ? [name.database, name.schema, name.name].filter((part) => part !== null).join('.') : '?';
}
