/** Two positions and the log between them: which tables may hold other rows. Pure. */
import type { ObjectName } from '../../cutover/facts.ts';
import type { Dependency, WrittenThing } from '../../comparison/proofPort.ts';
import type { LoggedWrites } from './writtenEvents.ts';
import type { ServerMarks, TableMark } from './writtenSample.ts';

export function changesBetween(then: ServerMarks, now: ServerMarks, log: LoggedWrites): WrittenThing[] {
  if (log.anywhere !== null) return [{ kind: 'server' }];
  // statements that only the counters know of may stand behind what the log seems to explain
  const balanced = BigInt(now.definitions) - BigInt(then.definitions) <= BigInt(log.definitions);
  const written: WrittenThing[] = [...log.databases].map((database) => ({ kind: 'database', database }));
  for (const name of new Set([...Object.keys(then.tables), ...log.tables])) {
    const [before, after] = [then.tables[name], now.tables[name]];
    const kept = balanced && log.kept.has(name);
    const rebuilt = balanced && log.rebuilt.has(name);
    const same =
      before && after && !log.tables.has(name) && isSame(before, after, then.at, { kept: kept || rebuilt, rebuilt });
    if (same) continue;
    written.push(...namesOf(name, then, now).map((table) => ({ kind: 'table', name: table }) as const));
  }
  return written;
}

/** @param explained by statements of the log: counters that began anew, and another file */
function isSame(
  before: TableMark,
  after: TableMark,
  since: number,
  explained: { readonly kept: boolean; readonly rebuilt: boolean },
): boolean {
  if (before.engine !== after.engine || before.columns !== after.columns) return false;
  if (before.ids !== after.ids && !explained.rebuilt) return false;
  // in the second of the position itself: before it or after it
  const forgotten = before.updated !== '' && after.updated === '';
  const counted = before.changes !== null && after.changes !== null;
  if (forgotten ? !counted && !explained.rebuilt : before.updated !== after.updated) return false;
  if (after.updated !== '' && Number(after.updated) >= since) return false;
  if (!counted || before.changes === after.changes) return true;
  return explained.kept && BigInt(after.changes) < BigInt(before.changes);
}

/** Foreign keys of the whole time, also those that were there only in between. */
export function dependenciesBetween(then: ServerMarks, now: ServerMarks, log: LoggedWrites): Dependency[] {
  const ties = [...then.cascades, ...now.cascades, ...log.references];
  return ties.flatMap(([referred, refers]) =>
    namesOf(referred, then, now).flatMap((from) =>
      namesOf(refers, then, now).map((to) => ({ kind: 'cascade', from, to }) as const),
    ),
  );
}

/** `schema.table`, either of which may have dots in it: whatever it can mean by the schemas there are, else at the first dot. */
function namesOf(name: string, ...marks: readonly ServerMarks[]): ObjectName[] {
  const dots = [...name.matchAll(/\./g)].map(({ index }) => index);
  const at = (dot: number) => ({ database: name.slice(0, dot), schema: null, name: name.slice(dot + 1) });
  const known = dots.map(at).filter(({ database }) => marks.some(({ schemas }) => schemas.includes(database)));
  return known.length > 0 ? known : [at(dots[0] ?? name.length)];
}
