/** What a comparison says of the rows alone: what belongs around them DTS brings in part only when it completes. */
import { sentence, type Sentence } from '../util/sentence.ts';
import type { ComparisonFacts } from './facts.ts';
import type { RunState } from './machine.ts';

/** Whether every row was looked at and is the same. A verdict of `different` knows everything: only objects may differ. */
export function areRowsSame({ verdict, method, tables }: ComparisonFacts): boolean {
  if (method === 'counts') return false;
  if (verdict === 'same') return true;
  return verdict === 'different' && tables.length > 0 && tables.every((table) => table.verdict === 'same');
}

/** For the gate, the dialog of Complete and the report. */
export function rowsProven(comparison: ComparisonFacts): Sentence {
  if (comparison.verdict === 'same') return comparison.summary;
  return sentence(
    'All rows of {tables} tables are the same on both sides. Objects around them that differ so far: {objects}; they are looked at again after Complete.',
    { tables: comparison.tables.length, objects: comparison.objects?.length ?? 0 },
  );
}

/** What is proven of the rows as they rest before Complete; null where nothing is. */
export function restingProof({ order, comparison, comparisonStale }: RunState): Sentence | null {
  if (order !== 'verifyFirst' || !comparison?.atRest || comparisonStale) return null;
  return areRowsSame(comparison) ? rowsProven(comparison) : null;
}
