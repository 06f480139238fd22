/** A picture as what makes it of the one before: its long lists as changes, the rest, which is short, as it is. */
import type { ComparedObject, ComparisonFacts, LagSample, Side, TableComparison } from '../cutover/facts.ts';
import type { JournalEntry } from '../cutover/journal.ts';
import type { RunSnapshot, SideView } from '../cutover/snapshot.ts';
import { applyChanges, changesBetween, type ListChanges } from './listChanges.ts';
import { applySessionChanges, orderedSessions, sessionChanges, type SessionChanges } from './sessionChanges.ts';

/** Null: as before. */
export interface PictureChanges {
  readonly sessions: Readonly<Record<Side, SessionChanges | null>>;
  /** of the newest comparison */
  readonly tables: ListChanges<TableComparison> | null;
  readonly objects: ListChanges<ComparedObject> | null;
  readonly timeline: ListChanges<JournalEntry> | null;
  readonly lag: ListChanges<LagSample> | null;
}

/** A picture whose long lists are empty, and what they became. */
export interface ChangedPicture {
  readonly snapshot: RunSnapshot;
  readonly changes: PictureChanges;
}

const tableKey = ({ source, target }: TableComparison) => JSON.stringify([source, target]);
const entryKey = ({ seq }: JournalEntry) => String(seq);
const sampleKey = ({ at }: LagSample) => String(at);
const objectKey = ({ kind, name }: ComparedObject) => JSON.stringify([kind, name]);
const tablesOf = ({ verification: { latest } }: RunSnapshot) => latest?.tables ?? NONE;
const objectsOf = ({ verification: { latest } }: RunSnapshot) => latest?.objects ?? NONE;
const NONE: readonly never[] = [];

/** Undefined where changes cannot tell it: then the picture goes whole. */
export function changesOf(before: RunSnapshot, after: RunSnapshot): ChangedPicture | undefined {
  const source = sessionChanges(before.source.sessions, after.source.sessions);
  const target = sessionChanges(before.target.sessions, after.target.sessions);
  const tables = changesBetween(tablesOf(before), tablesOf(after), tableKey);
  const objects = changesBetween(objectsOf(before), objectsOf(after), objectKey);
  const timeline = changesBetween(before.timeline, after.timeline, entryKey);
  const lag = changesBetween(before.lag, after.lag, sampleKey);
  if (source === undefined || target === undefined) return undefined;
  if (tables === undefined || objects === undefined || timeline === undefined || lag === undefined) return undefined;
  const snapshot = withLists(after, { source: [], target: [], tables: [], objects: [], timeline: [], lag: [] });
  return { snapshot, changes: { sessions: { source, target }, tables, objects, timeline, lag } };
}

/** The whole picture. Undefined where the changes do not fit what there is. */
export function withChanges(before: RunSnapshot, { snapshot, changes }: ChangedPicture): RunSnapshot | undefined {
  const source = applySessionChanges(before.source.sessions, changes.sessions.source);
  const target = applySessionChanges(before.target.sessions, changes.sessions.target);
  const tables = applyChanges(tablesOf(before), changes.tables, tableKey);
  const objects = applyChanges(objectsOf(before), changes.objects, objectKey);
  const timeline = applyChanges(before.timeline, changes.timeline, entryKey);
  const lag = applyChanges(before.lag, changes.lag, sampleKey);
  if (!source || !target || !tables || !objects || !timeline || !lag) return undefined;
  // the newest entry comes first
  const newestFirst = changes.timeline ? timeline.toReversed() : timeline;
  return withLists(snapshot, { source, target, tables, objects, timeline: newestFirst, lag });
}

/** A whole picture as the panel keeps it: sessions in the order in which changes leave them. */
export function inOrder(snapshot: RunSnapshot): RunSnapshot {
  const sessions = (side: Side) => ({ ...snapshot[side], sessions: orderedSessions(snapshot[side].sessions) });
  return { ...snapshot, source: sessions('source'), target: sessions('target') };
}

interface Lists extends Pick<RunSnapshot, 'timeline' | 'lag'>, Record<Side, SideView['sessions']> {
  readonly tables: ComparisonFacts['tables'];
  readonly objects: NonNullable<ComparisonFacts['objects']>;
}

function withLists(snapshot: RunSnapshot, { source, target, tables, objects, timeline, lag }: Lists): RunSnapshot {
  const { verification } = snapshot;
  const { latest } = verification;
  return {
    ...snapshot,
    source: { ...snapshot.source, sessions: source },
    target: { ...snapshot.target, sessions: target },
    verification: { ...verification, latest: latest && { ...latest, tables, ...(latest.objects ? { objects } : {}) } },
    timeline,
    lag,
  };
}
