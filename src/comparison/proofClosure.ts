/** From what an engine names as written to everything that may have changed with it. Pure. */
import type { ObjectName } from '../cutover/facts.ts';
import type { Dependency, WrittenThing } from './proofPort.ts';
import { identity } from './scope.ts';

/** Whether a table may have changed, and through what: itself or the first table, type, database or server of the chain. */
export type Reach = (table: ObjectName) => WrittenThing | null;

/**
 * Transitive: what refers to a table that itself only changed by a cascade changes too, in whatever database it lies.
 * `dependencies` are those of the whole time between the positions: at the first, at the last, and any in between.
 */
export function closure(written: readonly WrittenThing[], dependencies: readonly Dependency[]): Reach {
  if (written.some(({ kind }) => kind === 'server')) return () => ({ kind: 'server' });
  const from = new Map<string, Dependency[]>();
  for (const dependency of dependencies) {
    const list = from.get(identity(dependency.from));
    if (list) list.push(dependency);
    else from.set(identity(dependency.from), [dependency]);
  }
  const databases = new Map(written.flatMap((thing) => (thing.kind === 'database' ? [[thing.database, thing]] : [])));
  const reached = new Map<string, WrittenThing>();
  const open: { readonly name: ObjectName; readonly by: WrittenThing }[] = [];
  const reach = (name: ObjectName, by: WrittenThing) => {
    if (reached.has(identity(name))) return;
    reached.set(identity(name), by);
    open.push({ name, by });
  };
  for (const thing of written) if ('name' in thing) reach(thing.name, thing);
  // the tables of a database that was written as a whole are known only where something depends on them
  for (const { from: name } of dependencies) {
    const by = databases.get(name.database);
    if (by) reach(name, by);
  }
  for (let next = open.pop(); next; next = open.pop()) {
    for (const { to } of from.get(identity(next.name)) ?? []) reach(to, next.by);
  }
  return (table) => reached.get(identity(table)) ?? databases.get(table.database) ?? null;
}
