/**
 * Keeps proofs: drops those of tables that were written, and compares the tables that have none. Positions are read
 * before the snapshots and asked again after them, so that whatever a comparison may not have seen costs its proof.
 */
import type { MigrationScope, Side } from '../cutover/facts.ts';
import type { ConnectRequest } from '../engines/engine.ts';
import { sentence } from '../util/sentence.ts';
import { compareData, type CompareOptions } from './compare.ts';
import { ofDts } from './databasePass.ts';
import type { DigestEngine } from './port.ts';
import type { ProofPosition, WriteWatch, WrittenSince } from './proofPort.ts';
import { afterWrites, pairKey, tokensOf, withResults, type Answers, type Proofs, type TableProof } from './proofs.ts';
import { pairTables, shortName, within, type DatabasePair } from './scope.ts';
import { both } from './tableRows.ts';

export interface ProvingSide {
  readonly request: ConnectRequest;
  /** null: the engine cannot tell what was written, and nothing is proven */
  readonly writes: WriteWatch | null;
}

export interface Proving {
  readonly engine: DigestEngine;
  readonly sides: Readonly<Record<Side, ProvingSide>>;
  readonly scope: MigrationScope;
  readonly databases: readonly DatabasePair[];
  /** how the tables are compared that have no proof */
  readonly options: Omit<CompareOptions, 'scope' | 'databases' | 'only' | 'finished'>;
}

export interface Proven {
  readonly proofs: Proofs;
  /** about writes from where the proofs held until the question was asked; null where there were none to ask about */
  readonly answers: Answers | null;
}

/** What is left of the proofs now, of the tables that there are now. Nothing is compared. */
export async function lookAgain(proving: Proving, proofs: Proofs, signal: AbortSignal): Promise<Proven> {
  const pairs = await pairsNow(proving, signal);
  const answers = proofs.tokens && (await answersSince(proving, proofs.tokens, signal));
  return { proofs: onlyPairs(answers ? afterWrites(proofs, answers) : proofs, pairs), answers };
}

/** Compares the tables that have no proof. Rejects where a side cannot be looked at at all. */
export async function prove(proving: Proving, proofs: Proofs, signal: AbortSignal): Promise<Proven> {
  const { engine, sides, scope, databases, options } = proving;
  const first = proofs.tokens && (await answersSince(proving, proofs.tokens, signal));
  const before = first
    ? { source: first.source.position, target: first.target.position }
    : await positions(proving, signal);
  const left = onlyPairs(first ? afterWrites(proofs, first) : proofs, await pairsNow(proving, signal));
  const open = left.tables.filter(({ state }) => state !== 'proven');
  if (open.length === 0 && first) return { proofs: left, answers: first };
  const whole = open.length === left.tables.length;
  const result = await compareData(
    engine,
    {
      source: { request: sides.source.request, readPosition: null },
      target: { request: sides.target.request, readPosition: null },
    },
    { ...options, scope, databases, only: whole ? null : namesOf(open), finished: null },
    signal,
  );
  const answers = await answersSince(
    proving,
    tokensOf({ source: { position: before.source }, target: { position: before.target } }),
    signal,
  );
  const compared = { at: result.startedAt, before, answers, results: result.tables };
  const all = first
    ? { source: joined(first.source, answers.source), target: joined(first.target, answers.target) }
    : answers;
  return { proofs: withResults(afterWrites(left, answers), compared), answers: all };
}

/** Both of one side, one after the other: the second begins where the first ends. */
function joined(first: WrittenSince, second: WrittenSince): WrittenSince {
  const lost = [first, second].find(({ state }) => state === 'lost');
  return {
    ...second,
    // what was lost before the comparison began is made up for by it
    ...(lost === first && second.state === 'known' ? { why: first.why } : {}),
    written: [
      ...new Map([...first.written, ...second.written].map((thing) => [JSON.stringify(thing), thing])).values(),
    ],
  };
}

/** A table of many databases is named with its own. */
const namesOf = (tables: readonly TableProof[]) =>
  tables.flatMap(({ source }) => (source ? [`${source.database}.${shortName(source)}`] : []));

const databasesOf = (databases: readonly DatabasePair[], side: Side) => databases.map((pair) => pair[side]);

async function positions({ sides, databases }: Proving, signal: AbortSignal): Promise<Record<Side, ProofPosition>> {
  const of = (side: Side) =>
    sides[side].writes?.takeProofPosition(databasesOf(databases, side), signal) ?? Promise.resolve(NOWHERE.position);
  const [source, target] = await both(of('source'), of('target'));
  return { source, target };
}

async function answersSince(
  { sides, databases }: Proving,
  tokens: Readonly<Record<Side, string>>,
  signal: AbortSignal,
): Promise<Answers> {
  const of = (side: Side) =>
    sides[side].writes?.writtenSince(tokens[side], databasesOf(databases, side), signal) ?? Promise.resolve(NOWHERE);
  const [source, target] = await both(of('source'), of('target'));
  return { source, target };
}

const CANNOT_TELL = sentence(
  'For this kind of database it cannot be told yet which tables were written: nothing is proven.',
);

const NOWHERE: WrittenSince = {
  state: 'lost',
  grain: 'server',
  written: [],
  dependencies: [],
  why: CANNOT_TELL,
  position: { token: '', display: '', unsure: CANNOT_TELL, never: [] },
};

type Pair = Pick<TableProof, Side>;

/** The tables that are there now, as they belong together; those of one side alone too. */
async function pairsNow({ engine, sides, scope, databases }: Proving, signal: AbortSignal): Promise<readonly Pair[]> {
  const found: Pair[] = [];
  for (const pair of databases) {
    const describe = async (side: Side) => {
      const session = await engine.openSnapshot(sides[side].request, { database: pair[side], workers: 1 }, signal);
      try {
        return await session.describe(signal);
      } finally {
        await session.close();
      }
    };
    const [mine, theirs] = await both(describe('source'), describe('target'));
    const paired = pairTables(within(scope, pair), mine, theirs, null, ofDts(engine));
    found.push(
      ...paired.pairs.map(({ source, target }) => ({ source: source.name, target: target.name })),
      ...paired.missing.map(({ source }) => ({ source: source.name, target: null })),
      ...paired.extra.map((target) => ({ source: null, target: target.name })),
    );
  }
  return found;
}

/** Those of tables that are no longer there, or belong to another now, are gone. */
function onlyPairs(proofs: Proofs, pairs: readonly Pair[]): Proofs {
  const known = new Map(proofs.tables.map((table) => [pairKey(table), table]));
  return { ...proofs, tables: pairs.map((pair) => known.get(pairKey(pair)) ?? notYet(pair)) };
}

function notYet(pair: Pair): TableProof {
  const why = sentence('It has not been compared yet.');
  return { ...pair, state: 'unproven', why, method: '', notes: [], comparedAt: null, positions: null };
}
