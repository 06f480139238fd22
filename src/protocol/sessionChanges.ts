/**
 * The sessions of a side as they cross to the panel. Of 5,000 sessions that were idle two seconds ago nearly all still
 * are, so that all of a later picture but their age can stay at home.
 */
import type { ClassifiedSession } from '../cutover/facts.ts';
import { applyChanges, changesBetween, isEqual, ordered, type ListChanges } from './listChanges.ts';

export interface SessionChanges extends ListChanges<ClassifiedSession> {
  /** seconds in their state of all that are there now, in their order; of a session that only grew older nothing else is told */
  readonly ages: readonly (number | null)[];
}

const keyOf = ({ id }: ClassifiedSession) => id;

export const orderedSessions = (sessions: readonly ClassifiedSession[]) => ordered(sessions, keyOf);

/** As `changesBetween`. */
export function sessionChanges(
  before: readonly ClassifiedSession[],
  after: readonly ClassifiedSession[],
): SessionChanges | null | undefined {
  const changes = changesBetween(before, after, keyOf, isSameButOlder);
  return changes && { ...changes, ages: orderedSessions(after).map(({ stateAge }) => stateAge) };
}

/** As `applyChanges`. */
export function applySessionChanges(
  before: readonly ClassifiedSession[],
  changes: SessionChanges | null,
): readonly ClassifiedSession[] | undefined {
  const rows = applyChanges(before, changes, keyOf);
  if (changes === null || rows?.length !== changes.ages.length) return changes === null ? before : undefined;
  return rows.map((row, index) => ({ ...row, stateAge: changes.ages[index] ?? null }));
}

function isSameButOlder(before: ClassifiedSession, after: ClassifiedSession): boolean {
  for (const field of Object.keys(after) as (keyof ClassifiedSession)[]) {
    if (field !== 'stateAge' && !isEqual(before[field], after[field])) return false;
  }
  return true;
}
