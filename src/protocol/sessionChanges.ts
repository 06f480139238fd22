/**
 * The sessions of a side as they cross to the panel: whole once, afterwards what changed. Of 5,000 sessions that were
 * idle two seconds ago nearly all still are, so that all of a later picture but their age can stay at home.
 */
import type { ClassifiedSession, Side } from '../cutover/facts.ts';

export interface SessionChanges {
  /** ids that are there no more */
  readonly gone: readonly string[];
  /** new ones, and those of which anything but the age changed */
  readonly set: readonly ClassifiedSession[];
  /** seconds in their state of all that are there now, in the order of `ordered` */
  readonly ages: readonly (number | null)[];
}

/** Per side; null: as before. */
export type ChangesOfSides = Readonly<Record<Side, SessionChanges | null>>;

/** By id, numbers in their order: an order of which both sides are sure without telling each other. */
export function ordered(sessions: readonly ClassifiedSession[]): readonly ClassifiedSession[] {
  return [...sessions].sort((a, b) => a.id.length - b.id.length || (a.id < b.id ? -1 : Number(a.id > b.id)));
}

/** What makes the one list of the other. Undefined where an id stands for two sessions: then only the whole list will do. */
export function changesBetween(
  before: readonly ClassifiedSession[],
  after: readonly ClassifiedSession[],
): SessionChanges | undefined {
  const old = byId(before);
  const now = byId(after);
  if (old.size !== before.length || now.size !== after.length) return undefined;
  const rows = ordered(after);
  return {
    gone: [...old.keys()].filter((id) => !now.has(id)),
    set: rows.filter((row) => !isSameButOlder(old.get(row.id), row)),
    ages: rows.map(({ stateAge }) => stateAge),
  };
}

/** The list after the changes, in order. Undefined where they do not fit the list they are applied to. */
export function applyChanges(
  before: readonly ClassifiedSession[],
  { gone, set, ages }: SessionChanges,
): readonly ClassifiedSession[] | undefined {
  const rows = byId(before);
  for (const id of gone) rows.delete(id);
  for (const row of set) rows.set(row.id, row);
  if (rows.size !== ages.length) return undefined;
  return ordered([...rows.values()]).map((row, index) => ({ ...row, stateAge: ages[index] ?? null }));
}

const byId = (sessions: readonly ClassifiedSession[]) => new Map(sessions.map((session) => [session.id, session]));

function isSameButOlder(before: ClassifiedSession | undefined, after: ClassifiedSession): boolean {
  if (!before) return false;
  for (const field of Object.keys(after) as (keyof ClassifiedSession)[]) {
    if (field !== 'stateAge' && !isEqual(before[field], after[field])) return false;
  }
  return true;
}

/** Plain data: texts, numbers, and sentences with what fills them. */
function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const [left, right] = [Object.entries(a), Object.entries(b)];
  return left.length === right.length && left.every(([key, value]) => isEqual(value, Reflect.get(b, key)));
}
