/**
 * Proofs that tables are the same, and which of them fall. Pure. All proofs hold at one position of each side: each
 * answer about writes moves that position on and drops what was written, so that the size is bound by the number of tables.
 */
import type { ObjectName, Side } from '../cutover/facts.ts';
import { sentence, type Sentence } from '../util/sentence.ts';
import { closure, type Reach } from './proofClosure.ts';
import type { ProofPosition, WrittenSince, WrittenThing } from './proofPort.ts';
import type { TableResult } from './result.ts';
import { identity, shortName } from './scope.ts';

/**
 * `proven`: the same, and not written on either side since; `agrees`: no lasting difference, but it was written
 * meanwhile or nobody can tell; `unproven`: nothing is known, or no longer.
 */
export type ProofState = 'proven' | 'agrees' | 'different' | 'notComparable' | 'unproven';

export interface TableProof {
  readonly source: ObjectName | null;
  readonly target: ObjectName | null;
  readonly state: ProofState;
  /** of everything but `proven` */
  readonly why: Sentence | null;
  /** how the digest was made, and what it left out */
  readonly method: string;
  readonly notes: readonly Sentence[];
  /** when the comparison began, epoch milliseconds, and at which positions; null where there was none */
  readonly comparedAt: number | null;
  readonly positions: Readonly<Record<Side, string>> | null;
}

export interface Proofs {
  /** up to where on each side it is known what was written; null before the first comparison */
  readonly tokens: Readonly<Record<Side, string>> | null;
  readonly tables: readonly TableProof[];
}

export const NO_PROOFS: Proofs = { tokens: null, tables: [] };

export type Answers = Readonly<Record<Side, WrittenSince>>;

const SIDES = ['source', 'target'] as const;

/** What is left of the proofs after these answers, which begin where the proofs hold. */
export function afterWrites(proofs: Proofs, answers: Answers): Proofs {
  const reach = reachOf(answers);
  const tables = proofs.tables.map((table) => (falls(table.state) ? dropped(table, answers, reach) : table));
  return { tokens: tokensOf(answers), tables };
}

/** A difference, too, is only known of the rows that were compared. */
const falls = (state: ProofState) => state === 'proven' || state === 'different';

export const tokensOf = (answers: Readonly<Record<Side, { readonly position: ProofPosition }>>) => ({
  source: answers.source.position.token,
  target: answers.target.position.token,
});

type Reaches = Readonly<Record<Side, Reach>>;

function reachOf({ source, target }: Answers): Reaches {
  return {
    source: closure(source.written, source.dependencies),
    target: closure(target.written, target.dependencies),
  };
}

function dropped(table: TableProof, answers: Answers, reach: Reaches): TableProof {
  const why = whyNot(table, answers, reach);
  return why ? { ...table, state: 'unproven', why } : table;
}

/** Why it may hold other rows than at the positions before the answers; null where it certainly does not. */
function whyNot(table: Pick<TableProof, Side>, answers: Answers, reach: Reaches): Sentence | null {
  for (const side of SIDES) {
    if (answers[side].state === 'lost') return answers[side].why;
    const name = table[side];
    const by = name && reach[side](name);
    if (by) return whyWritten(name, by, side);
  }
  return null;
}

function whyWritten(table: ObjectName, by: WrittenThing, side: Side): Sentence {
  const source = side === 'source';
  switch (by.kind) {
    case 'server':
      return source
        ? sentence('Something was written on the source of which nobody can tell where.')
        : sentence('Something was written on the target of which nobody can tell where.');
    case 'database':
      return source
        ? sentence('Something was written in {name} on the source of which nobody can tell where.', {
            name: by.database,
          })
        : sentence('Something was written in {name} on the target of which nobody can tell where.', {
            name: by.database,
          });
    case 'type':
    case 'table': {
      const name = `${by.name.database}.${shortName(by.name)}`;
      if (identity(by.name) === identity(table)) {
        return source ? sentence('It was written on the source.') : sentence('It was written on the target.');
      }
      return source
        ? sentence('{name} was written on the source, and this table depends on it.', { name })
        : sentence('{name} was written on the target, and this table depends on it.', { name });
    }
  }
}

/** One comparison: the positions read before its snapshots, and what was written from there until after it ended. */
export interface Compared {
  readonly at: number;
  readonly before: Readonly<Record<Side, ProofPosition>>;
  readonly answers: Answers;
  readonly results: readonly TableResult[];
}

/** What the results are worth. They take the place of what is known of the same pairs; the rest has to be as `answers` have it. */
export function withResults(proofs: Proofs, compared: Compared): Proofs {
  const reach = reachOf(compared.answers);
  const fresh = compared.results.map((result) => proofOf(result, compared, reach));
  const known = new Set(fresh.map(pairKey));
  return { ...proofs, tables: [...proofs.tables.filter((table) => !known.has(pairKey(table))), ...fresh] };
}

/** The same two tables under the same two names. */
export const pairKey = ({ source, target }: Pick<TableProof, Side>) =>
  JSON.stringify([source && identity(source), target && identity(target)]);

function proofOf(result: TableResult, compared: Compared, reach: Reaches): TableProof {
  const { source, target, method, notes } = result;
  const { before, answers, at } = compared;
  const found = (state: ProofState, why: Sentence | null): TableProof => ({
    source,
    target,
    state,
    why,
    method,
    notes,
    comparedAt: at,
    positions: { source: before.source.display, target: before.target.display },
  });
  switch (result.verdict) {
    case 'same': {
      const why = SIDES.map((side) => before[side].unsure ?? neverProven(result, side, before[side]));
      const not = why[0] ?? why[1] ?? whyNot(result, answers, reach);
      return not ? found('agrees', not) : found('proven', null);
    }
    case 'different':
      return found(
        'different',
        result.reason ?? sentence('Rows that differ: {count}.', { count: result.differenceCount ?? 0 }),
      );
    case 'missingOnTarget':
      return found('different', sentence('It is missing on the target.'));
    case 'missingOnSource':
      return found('different', sentence('It is missing on the source.'));
    case 'skipped':
      return found('notComparable', result.reason);
    case 'failed':
      return found('unproven', result.reason);
  }
}

function neverProven(result: TableResult, side: Side, { never }: ProofPosition): Sentence | null {
  const name = result[side];
  return (name && never.find(({ table }) => identity(table) === identity(name))?.why) ?? null;
}

/** As it may be told now: while a side cannot say everything yet, nothing is proven. */
export function told(table: TableProof, answers: Answers | null): TableProof {
  if (table.state !== 'proven') return table;
  if (answers === null)
    return { ...table, state: 'unproven', why: sentence('It is not known what was written since.') };
  const open = SIDES.find((side) => answers[side].state !== 'known');
  return open ? { ...table, state: 'unproven', why: answers[open].why } : table;
}
