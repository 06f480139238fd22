/** From what was found to one word. Only `same` is green, so anything not known to be the same is not `same`. */
import { sentence, type Sentence } from '../util/sentence.ts';
import type { ComparisonResult, ObjectResult, TableResult } from './result.ts';

export interface Circumstances {
  /** why a state that looks the same cannot be called so, e.g. somebody kept writing */
  readonly unsettled: readonly Sentence[];
  /** somebody wrote, and what differs may only have been on its way */
  readonly unchecked: boolean;
  readonly cancelled: boolean;
}

export function verdictOf(
  tables: readonly TableResult[],
  objects: readonly ObjectResult[],
  { unsettled, unchecked, cancelled }: Circumstances,
): { verdict: ComparisonResult['verdict']; remarks: readonly Sentence[] } {
  const different = foundDifferent(tables, objects);
  const remarks: Sentence[] = [...unsettled];
  if (unchecked && different) {
    remarks.push(sentence('Somebody wrote during the comparison: what differs may only have been on its way.'));
  }
  if (cancelled) remarks.push(sentence('The comparison was cancelled.'));
  const unknown = tables.filter(({ verdict }) => verdict === 'skipped' || verdict === 'failed').length;
  if (unknown > 0) remarks.push(sentence('Tables that could not be compared: {count}.', { count: unknown }));
  // nothing looked at proves nothing
  if (tables.length === 0) remarks.push(sentence('There was no table to compare.'));
  return { verdict: remarks.length > 0 ? 'incomplete' : different ? 'different' : 'same', remarks };
}

function foundDifferent(tables: readonly TableResult[], objects: readonly ObjectResult[]): boolean {
  return (
    tables.some(({ verdict }) => verdict !== 'same') ||
    objects.some(({ verdict, counts }) => counts && verdict !== 'same')
  );
}

/** One sentence that says what was found. */
export function summaryOf(result: Pick<ComparisonResult, 'verdict' | 'tables' | 'objects'>): Sentence {
  const same = result.tables.filter(({ verdict }) => verdict === 'same').length;
  const unknown = result.tables.filter(({ verdict }) => verdict === 'skipped' || verdict === 'failed').length;
  const differing = result.tables.length - same - unknown;
  const rows = result.tables.reduce((sum, table) => sum + (table.differenceCount ?? 0), 0);
  const objects = result.objects.filter(({ verdict, counts }) => counts && verdict !== 'same').length;
  const counts = { same, differing, unknown, rows, objects };
  switch (result.verdict) {
    case 'same': {
      const uncertain = uncertainObjects(result);
      return uncertain.length === 0
        ? sentence('All {same} tables and the objects around them are the same on both sides.', counts)
        : sentence(
            'The rows of all {same} tables are the same on both sides. Objects that these two servers spell differently, and that could not be compared: {count} ({names}).',
            { same, count: uncertain.length, names: listed(uncertain) },
          );
    }
    case 'different':
      return sentence(
        'Not the same. Tables that differ: {differing} (rows: {rows}); other objects: {objects}. Tables that are the same: {same}.',
        counts,
      );
    case 'incomplete':
      return unknown > 0
        ? sentence(
            'Not everything is known. Tables not compared: {unknown}; that differ: {differing} (rows: {rows}); that are the same: {same}.',
            counts,
          )
        : sentence(
            'This proves nothing yet, see what was left out. Tables that differ: {differing} (rows: {rows}); that are the same: {same}.',
            counts,
          );
  }
}

/** Names of what reads differently on both sides and may be the same. */
const uncertainObjects = ({ objects }: Pick<ComparisonResult, 'objects'>): string[] => [
  ...new Set(objects.flatMap(({ uncertain, counts, name }) => (uncertain && !counts ? [name] : []))),
];

const MOST_LISTED = 10;
const listed = (names: readonly string[]) =>
  [...names.slice(0, MOST_LISTED), ...(names.length > MOST_LISTED ? ['…'] : [])].join(', ');
