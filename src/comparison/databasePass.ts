/** One database of the source against one of the target, in one snapshot of each. */
import type { ComparisonProgress, MigrationScope, ObjectName, Side } from '../cutover/facts.ts';
import { DTS_FOOTPRINT } from '../engines/engine.ts';
import { asFailure, type Failure } from '../util/failure.ts';
import { Lanes } from '../util/lanes.ts';
import { sentence, type Sentence } from '../util/sentence.ts';
import type { CompareOptions, CompareSide } from './compare.ts';
import type { ValueBudget } from './differences.ts';
import { GUARD_DEFAULTS, loadGuard, type LoadGuard } from './loadGuard.ts';
import { compareObjects, doubtsIn, unseenIn } from './objects.ts';
import type { DigestEngine, DigestSession, SchemaObject } from './port.ts';
import type { PositionWatch } from './positions.ts';
import type { ObjectResult, TableResult } from './result.ts';
import { reshaped, tableId, type SidesOfTable } from './reshaped.ts';
import { absentEntries, identity, pairTables, shortName, within, type DatabasePair, type TablePairs } from './scope.ts';
import { settle } from './settle.ts';
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

/** What one comparison gathers over its databases. */
export interface Gathered {
  readonly tables: TableResult[];
  reused: number;
  readonly objects: ObjectResult[];
  readonly unsettled: Sentence[];
  unchecked: boolean;
  /** it has been said that somebody wrote and was not read again, or that this cannot be told */
  restless: boolean;
  /** with the scope of a whole instance: the source was asked for databases that this account does not see */
  instanceSeen: boolean;
  /** databases that could not be opened; the others are compared all the same */
  readonly unopened: Failure[];
  readonly progress: { tablesDone: number; tablesTotal: number; rowsDone: number; rowsTotal: number | null };
  servers: Record<Side, { readonly product: string; readonly endpoint: string }> | null;
}

export interface Pass {
  readonly engine: DigestEngine;
  readonly sides: Readonly<Record<Side, CompareSide>>;
  readonly options: CompareOptions;
  readonly watch: PositionWatch;
  readonly budget: ValueBudget;
  /** finished results of an interrupted comparison that still hold, by `pairIdentity` */
  readonly earlier: ReadonlyMap<string, TableResult>;
  readonly gathered: Gathered;
  readonly startedAt: number;
  readonly signal: AbortSignal;
}

export const pairIdentity = (source: ObjectName, target: ObjectName) =>
  JSON.stringify([identity(source), identity(target)]);

export async function compareDatabase(pass: Pass, names: DatabasePair): Promise<void> {
  const { engine, sides, options, gathered, signal } = pass;
  const open = (side: CompareSide, database: string) =>
    engine.openSnapshot(side.request, { database, workers: options.workers }, signal);
  const opening = [open(sides.source, names.source), open(sides.target, names.target)] as const;
  try {
    const sessions = await opened(pass, names, both(...opening));
    if (!sessions) return;
    const { source, target } = sessions;
    gathered.servers ??= {
      source: { product: source.product, endpoint: source.endpoint },
      target: { product: target.product, endpoint: target.endpoint },
    };
    await compareInside(pass, sessions, names);
  } finally {
    const opened = await Promise.allSettled(opening);
    await Promise.all(opened.map(async (session) => session.status === 'fulfilled' && session.value.close()));
  }
}

/** Null: it could not be opened on one side, which is part of the result as long as there are other databases. */
async function opened(
  { options, gathered }: Pass,
  names: DatabasePair,
  opening: Promise<readonly [DigestSession, DigestSession]>,
): Promise<PairOfSessions | null> {
  try {
    const [source, target] = await opening;
    return { source, target };
  } catch (error) {
    const failure = asFailure(error);
    if (failure.reason === 'cancelled' || options.databases.length === 1) throw failure;
    gathered.unopened.push(failure);
    gathered.unsettled.push(
      sentence('{name} could not be opened on both sides: nothing in there was compared.', { name: names.source }),
      failure.what,
    );
    return null;
  }
}

async function compareInside(pass: Pass, sessions: PairOfSessions, names: DatabasePair): Promise<void> {
  const { engine, options, gathered, signal } = pass;
  const scope = within(options.scope, names);
  const guard = loadGuard({ ...GUARD_DEFAULTS, clock: options.clock, latency: (s) => sessions.source.latency(s) });
  const [[mine, theirs]] = await both(
    both(sessions.source.describe(signal), sessions.target.describe(signal)),
    // its first question need not be waited for later
    guard.admit(signal),
  );
  // listed tables that are not there are told; of others one would not know
  if (!options.only) gathered.unsettled.push(...(await unseen(pass, sessions, scope, names)));
  const paired = pairTables(scope, mine, theirs, options.only, ofDts(engine));
  const { pairs, missing, extra } = paired;
  gathered.unsettled.push(...partlySeen(pairs));
  const unknown = paired.unknown.filter(({ name }) => !isOfAnother(name, names, options));
  // what need not be looked at first: so it is kept again before anything can interrupt
  const known = (pair: PairOfTables) => pass.earlier.has(pairIdentity(pair.source.name, pair.target.name));
  const bySize = smallestFirst(pairs);
  const { small } = engine;
  const isQuick = (pair: PairOfTables) => known(pair) || (small !== undefined && mostRows(pair) <= small.rows);
  const quick = bySize.filter(isQuick);
  const slow = bySize.filter((pair) => !isQuick(pair));
  const tables = [...quick.filter(known), ...quick.filter((pair) => !known(pair)), ...slow];
  announce(gathered, tables);
  const turns = new Lanes(Array.from({ length: options.workers }, (_, i) => i));
  let outcomes: readonly TableOutcome[] = [];
  let changed: Changed = new Map();
  try {
    const done: TableOutcome[] = [];
    outcomes = done;
    // a signal for each: a hundred listeners to one would look like a leak
    const one = async (pair: PairOfTables) => {
      const before = pass.earlier.get(pairIdentity(pair.source.name, pair.target.name));
      const outcome = before
        ? { tables: pair, result: before, open: null }
        : await compareTable(contextFor(pass, sessions, pair, guard, turns), pair, AbortSignal.any([signal]));
      done.push(outcome);
      if (before) gathered.reused++;
      gathered.progress.tablesDone++;
      tell(pass, '');
      options.onTable(outcome.result, pass.watch.tokens);
    };
    await inTurn(tables.slice(0, quick.length), options.workers * (small?.atOnce ?? 1), one);
    await inTurn(slow, options.workers, one);
    outcomes = await settledOutcomes(pass, sessions, guard, turns, outcomes);
    // new snapshots: an old one would show the old catalog
    const renewal = both(sessions.source.renew(signal), sessions.target.renew(signal));
    await renewal.catch(() => undefined);
    await both(
      reshapedSince(pass, sessions, scope, paired, renewal).then((found) => void (changed = found)),
      readObjects(pass, sessions, names, tables),
    );
  } finally {
    // also after a cancel: what was found so far, and what was not looked at
    const seen = new Set(outcomes.map((outcome) => outcome.tables));
    const left = tables.filter((pair) => !seen.has(pair));
    const notYet = sentence('It was not its turn before the comparison ended.');
    const found = [
      ...outcomes.map(({ tables: of, result }) => ({ of, result })),
      ...left.map((of) => ({ of, result: unknownTable(of, 'skipped', notYet) })),
      ...missing.map(({ source }) => oneSided({ source, target: null }, 'missingOnTarget')),
      ...extra.map((target) => oneSided({ source: null, target }, 'missingOnSource')),
    ];
    const reason = sentence('It was created, dropped or changed while the comparison ran.');
    gathered.tables.push(
      ...found.filter(({ of }) => !changed.has(tableId(of))).map(({ result }) => result),
      ...[...changed.values()].map((of) => unknownTable(of, 'skipped', reason)),
      ...unknown.map((name) => ({
        ...unknownTable({ source: null, target: null }, 'skipped', sentence('The source has no such table.')),
        source: name,
      })),
    );
  }
}

/** What holds for many tables is said once. */
function partlySeen(pairs: readonly PairOfTables[]): Sentence[] {
  const partly = pairs.flatMap(({ source, target }) => [source.partly, target.partly]);
  return [...new Map(partly.flatMap((why) => (why ? [[JSON.stringify(why), why] as const] : []))).values()];
}

/** A table that was asked for with the name of its database, which is another one of those compared. */
const isOfAnother = (name: string, { source }: DatabasePair, { only, databases }: CompareOptions): boolean =>
  only?.includes(name) === true &&
  databases.some((other) => other.source !== source && name.startsWith(`${other.source}.`));

/** Why there may be something in the scope that was not looked at. */
async function unseen(
  { options, gathered, signal }: Pass,
  { source, target }: PairOfSessions,
  scope: MigrationScope,
  names: DatabasePair,
): Promise<Sentence[]> {
  // one session knows of the whole server
  const whole = options.scope.mode === 'all' && !gathered.instanceSeen;
  gathered.instanceSeen ||= whole;
  const [[blind, databases], schemas] = await both(
    both(
      both(source.blindSpot(signal), target.blindSpot(signal)),
      whole ? source.unseenDatabases(signal) : Promise.resolve(null),
    ),
    source.schemas(signal),
  );
  const absent = absentEntries(scope, names.source, schemas);
  return [...[...blind, databases].filter((why) => why !== null), ...absent.map(notThere)];
}

const notThere = (name: string) =>
  sentence('The source has no {name}, which the task moves: nothing was compared for it. Upper and lower case count.', {
    name,
  });

type Changed = ReadonlyMap<string, SidesOfTable>;

const oneSided = (of: SidesOfTable, verdict: 'missingOnTarget' | 'missingOnSource') => ({
  of,
  result: unknownTable(of, verdict, null),
});

/** Nobody waits at night for what takes so long three times over. */
const LATE_MS = 30 * 60_000;

/** Names listed in one sentence. */
const MOST_NAMED = 10;

/** Looks at the tables once more. */
async function reshapedSince(
  pass: Pass,
  sessions: PairOfSessions,
  scope: MigrationScope,
  before: TablePairs,
  renewal: Promise<unknown>,
): Promise<Changed> {
  const { engine, options, gathered, signal } = pass;
  let changed: Changed;
  try {
    await renewal;
    const [mine, theirs] = await both(sessions.source.describe(signal), sessions.target.describe(signal));
    changed = reshaped(before, pairTables(scope, mine, theirs, options.only, ofDts(engine)));
  } catch (error) {
    const failure = asFailure(error);
    if (failure.reason === 'cancelled') throw failure;
    gathered.unsettled.push(
      sentence('It cannot be told whether tables were changed while the comparison ran.'),
      failure.what,
    );
    return new Map();
  }
  if (changed.size > 0) {
    const names = [...changed.values()].flatMap(({ source, target }) => (source ?? target)?.name ?? []).map(shortName);
    gathered.unsettled.push(
      sentence('Created, dropped or changed while the comparison ran: {names}. Compare again.', {
        names: [...names.slice(0, MOST_NAMED), ...(names.length > MOST_NAMED ? ['…'] : [])].join(', '),
      }),
    );
  }
  return changed;
}

async function settledOutcomes(
  pass: Pass,
  sessions: PairOfSessions,
  guard: LoadGuard,
  turns: Lanes<number>,
  outcomes: readonly TableOutcome[],
): Promise<readonly TableOutcome[]> {
  const { options, gathered, signal } = pass;
  const context = (outcome: TableOutcome) => contextFor(pass, sessions, outcome.tables, guard, turns);
  const told = (outcome: TableOutcome) => {
    options.onTable(outcome.result, pass.watch.tokens);
    return outcome;
  };
  const {
    outcomes: final,
    unsettled,
    unchecked,
  } = await settle(
    outcomes,
    {
      watch: pass.watch,
      rounds: options.recheckRounds,
      alone: options.databases.length === 1,
      // those that are not small wait for their turns
      atOnce: options.workers * (pass.engine.small?.atOnce ?? 1),
      late: () => options.clock.now() - pass.startedAt > LATE_MS,
      settle: (until) => options.settle(until),
      renew: async (until) => void (await both(sessions.source.renew(until), sessions.target.renew(until))),
      recheck: async (outcome) => told(await recheckTable(context(outcome), outcome, AbortSignal.any([signal]))),
      again: async (outcome) => told(await compareTable(context(outcome), outcome.tables, AbortSignal.any([signal]))),
    },
    signal,
  );
  gathered.unsettled.push(...unsettled);
  gathered.unchecked ||= unchecked;
  gathered.restless ||= unsettled.length > 0;
  return final;
}

async function readObjects(
  pass: Pass,
  sessions: PairOfSessions,
  names: DatabasePair,
  pairs: readonly PairOfTables[],
): Promise<void> {
  const { options, gathered, signal } = pass;
  try {
    const [source, target] = await both(sessions.source.objects(signal), sessions.target.objects(signal));
    gathered.unsettled.push(...unseenIn(source, target, options.only !== null));
    const major = (product: string) => /^\D*\d+/.exec(product)?.[0];
    const called = (name: ObjectName) => identity(pass.engine.closedDatabases ? { ...name, database: '' } : name);
    const renamed = pairs.some((pair) => called(pair.source.name) !== called(pair.target.name));
    const request = {
      scope: within(options.scope, names),
      elsewhere: options.scope,
      source: { database: names.source, objects: source },
      target: { database: names.target, objects: target },
      tables: options.only ? new Set(pairs.map((pair) => identity(pair.source.name))) : null,
      renamed,
      sameSpelling: !renamed && major(sessions.source.product) === major(sessions.target.product),
      raiseStatement: (object: SchemaObject, next: bigint) => sessions.target.raiseStatement(object, next),
      ...(pass.engine.definitionsAgree ? { definitionsAgree: pass.engine.definitionsAgree } : {}),
    };
    gathered.objects.push(...compareObjects(request));
    gathered.unsettled.push(...doubtsIn(request));
  } catch (error) {
    const failure = asFailure(error);
    if (failure.reason === 'cancelled') throw failure;
    gathered.unsettled.push(sentence('Views, routines, indexes and the like could not be read.'), failure.what);
  }
}

/** A table without statistics is most likely an empty one; what else it is shows when it is looked at. */
const mostRows = ({ source, target }: PairOfTables) => Math.max(source.estimatedRows ?? 0, target.estimatedRows ?? 0);

const rowsOf = ({ source, target }: PairOfTables) => source.estimatedRows ?? target.estimatedRows;

/** Early verdicts for most tables, and the largest one can use all workers. */
const smallestFirst = (pairs: readonly PairOfTables[]) =>
  [...pairs].sort((a, b) => (rowsOf(a) ?? 0) - (rowsOf(b) ?? 0));

function announce({ progress }: Gathered, tables: readonly PairOfTables[]): void {
  progress.tablesTotal += tables.length;
  for (const pair of tables) {
    const rows = rowsOf(pair);
    progress.rowsTotal = rows === null || progress.rowsTotal === null ? null : progress.rowsTotal + rows;
  }
}

function contextFor(
  pass: Pass,
  sessions: PairOfSessions,
  pair: PairOfTables,
  guard: LoadGuard,
  turns: Lanes<number>,
): TableContext {
  let told = 0;
  return {
    engine: pass.engine,
    sessions,
    budget: pass.budget,
    turns,
    rows: {
      workers: pass.options.workers,
      keep: pass.options.keep,
      admit: (signal) => guard.admit(signal),
      onRows(rows) {
        pass.gathered.progress.rowsDone += rows - told;
        told = rows;
        tell(pass, pair.source.name.name);
      },
    },
  };
}

function tell({ options, gathered: { progress }, startedAt }: Pass, current: string): void {
  const { rowsDone, rowsTotal } = progress;
  // statistics may be behind the table
  const total = rowsTotal === null ? null : Math.max(rowsTotal, rowsDone);
  const facts: ComparisonProgress = { ...progress, rowsTotal: total, current, startedAt };
  options.onProgress(facts);
}

export function ofDts(engine: DigestEngine): (name: ObjectName) => boolean {
  const { databases, objects } = DTS_FOOTPRINT[engine.kind];
  const own = new Set(objects.map(identity));
  return (name) => databases.includes(name.database) || own.has(identity(name));
}
