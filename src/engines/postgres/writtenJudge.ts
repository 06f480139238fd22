/** Two positions of one database: which tables may hold other rows, and what depends on what. Pure. */
import type { ObjectName } from '../../cutover/facts.ts';
import type { Dependency, WrittenThing } from '../../comparison/proofPort.ts';
import type { DatabaseMarks, TableMark, TypeMark } from './writtenSample.ts';

/**
 * A table was written when its counter moved, its rows lie in another file, its columns are others, other tables are
 * read through it, or it is another table under the same name. One that is new had no proof.
 */
export function changesIn(database: string, then: DatabaseMarks, now: DatabaseMarks): WrittenThing[] {
  const named = new Map(Object.entries(now.tables).map(([oid, mark]) => [key(mark), { oid, mark }]));
  const written: WrittenThing[] = [];
  for (const [oid, before] of Object.entries(then.tables)) {
    const after = named.get(key(before));
    const same =
      after?.oid === oid &&
      after.mark.changes === before.changes &&
      after.mark.file === before.file &&
      after.mark.columns === before.columns &&
      after.mark.kind === before.kind &&
      childrenOf(then, oid) === childrenOf(now, oid);
    if (!same) written.push({ kind: 'table', name: nameOf(database, before) });
  }
  for (const [oid, before] of Object.entries(then.types)) {
    const after = now.types[oid];
    if (after && after.digest !== before.digest) written.push({ kind: 'type', name: nameOf(database, before) });
  }
  return written;
}

export function dependenciesIn(database: string, { tables, types }: DatabaseMarks): Dependency[] {
  const made = (user: TableMark | TypeMark): Dependency[] =>
    user.types.flatMap((oid) => {
      const type = types[oid];
      return type ? [{ kind: 'type', from: nameOf(database, type), to: nameOf(database, user) } as const] : [];
    });
  const read = (child: TableMark): Dependency[] =>
    child.parents.flatMap((oid) => {
      const parent = tables[oid];
      const kind = child.partition ? 'partition' : 'inheritance';
      return parent ? [{ kind, from: nameOf(database, child), to: nameOf(database, parent) } as const] : [];
    });
  return [
    ...Object.values(tables).flatMap((table) => [...read(table), ...made(table)]),
    ...Object.values(types).flatMap(made),
  ];
}

/** Foreign tables, and what is read through them. */
export function foreignIn(database: string, { tables }: DatabaseMarks): ObjectName[] {
  const found = new Map<string, TableMark>();
  const open = Object.entries(tables).filter(([, { kind }]) => kind === 'f');
  for (let next = open.pop(); next; next = open.pop()) {
    const [oid, mark] = next;
    if (found.has(oid)) continue;
    found.set(oid, mark);
    for (const parent of mark.parents) if (tables[parent]) open.push([parent, tables[parent]]);
  }
  return [...found.values()].map((mark) => nameOf(database, mark));
}

const key = ({ schema, name }: { readonly schema: string; readonly name: string }) => JSON.stringify([schema, name]);

const nameOf = (
  database: string,
  { schema, name }: { readonly schema: string; readonly name: string },
): ObjectName => ({
  database,
  schema,
  name,
});

/** A parent reads as many rows more or less when another child is attached, by whatever statement. */
function childrenOf({ tables }: DatabaseMarks, oid: string): string {
  const children = Object.entries(tables).flatMap(([child, { parents }]) => (parents.includes(oid) ? [child] : []));
  return children.sort().join();
}
