/** Which object of the source is which of the target: by kind, place, name, and where a foreign key leads. Pure. */
import type { MigrationScope, ObjectName } from '../cutover/facts.ts';
import type { DigestEngine, SchemaObject } from './port.ts';
import { identity, mappedName } from './scope.ts';
import { differingTraits } from './traits.ts';

export interface ObjectsOf {
  readonly database: string;
  readonly objects: readonly SchemaObject[];
}

export interface CompareObjects {
  readonly scope: MigrationScope;
  readonly source: ObjectsOf;
  readonly target: ObjectsOf;
  /** source tables that were asked for; null for all of the scope */
  readonly tables: ReadonlySet<string> | null;
  /** both servers write definitions alike (same product and major version) */
  readonly sameSpelling: boolean;
  /** tables have other names on the target, which definitions may contain */
  readonly renamed?: boolean;
  /** the scope of all databases, for names of other ones */
  readonly elsewhere?: MigrationScope;
  raiseStatement(object: SchemaObject, next: bigint): string;
  /** see `DigestEngine` */
  definitionsAgree?: DigestEngine['definitionsAgree'];
}

export interface PairedObjects {
  readonly pairs: readonly { readonly source: SchemaObject; readonly target: SchemaObject | undefined }[];
  readonly extra: readonly SchemaObject[];
}

export function pairObjects(request: CompareObjects): PairedObjects {
  const { scope, source, target, sameSpelling } = request;
  const onTarget = new Map<string, SchemaObject[]>();
  for (const object of target.objects.filter(({ unseen }) => !unseen)) {
    const place = { database: target.database, schema: object.schema, name: object.table?.name ?? '' };
    const key = keyOf(object, place, object.refersTo?.table);
    onTarget.set(key, [...(onTarget.get(key) ?? []), object]);
  }
  const explained = new Set<SchemaObject>();
  const pairs = source.objects.flatMap((object) => {
    const expected = object.unseen ? null : expectedPlace(request, object);
    if (!expected) return [];
    const leadsTo = object.refersTo && nameOnTarget(request, object.refersTo.table);
    // two indexes with one definition need two on the target
    const free = onTarget.get(keyOf(object, expected, leadsTo))?.filter((candidate) => !explained.has(candidate)) ?? [];
    const alike = ({ traits }: SchemaObject) =>
      differingTraits(object.traits ?? [], traits ?? [], sameSpelling).length === 0;
    const match = free.find(alike) ?? free[0];
    if (match) explained.add(match);
    return [{ source: object, target: match }];
  });
  const extra = target.objects.filter(
    // columns of one side only are told with the table
    (object) =>
      !(object.unseen || object.column || object.part || explained.has(object) || request.tables) &&
      inScopeOnTarget(scope, target.database, object),
  );
  return { pairs, extra };
}

/** A table that a foreign key leads to may be in another database of the task. */
const nameOnTarget = ({ scope, elsewhere }: CompareObjects, name: ObjectName): ObjectName =>
  mappedName(scope, name) ?? (elsewhere && mappedName(elsewhere, name)) ?? name;

/** Where a source object should be on the target; null when it is not asked for or not migrated. */
function expectedPlace({ scope, source, tables }: CompareObjects, object: SchemaObject): ObjectName | null {
  if (object.table) {
    if (tables && !tables.has(identity(object.table))) return null;
    return mappedName(scope, object.table);
  }
  if (tables) return null;
  // they belong to no schema, and tables of any schema may refer to them
  const listed = scope.mode === 'all' || scope.databases.some((entry) => entry.name === source.database);
  if (object.kind === 'large objects') return listed ? { database: source.database, schema: null, name: '' } : null;
  // objects of a whole database or schema go with it, whatever else is said of single tables in there
  const entry = scope.databases.find(
    (each) =>
      each.allTables && each.name === source.database && (each.schema === null || each.schema === object.schema),
  );
  if (scope.mode === 'all') return { database: source.database, schema: object.schema, name: '' };
  if (!entry) return null;
  return {
    database: entry.newName || entry.name,
    schema: entry.schema === null ? object.schema : (entry.newSchema ?? entry.schema),
    name: '',
  };
}

function inScopeOnTarget(scope: MigrationScope, database: string, object: SchemaObject): boolean {
  if (scope.mode === 'all') return true;
  return scope.databases.some(
    (entry) =>
      entry.allTables &&
      (entry.newName || entry.name) === database &&
      (entry.schema === null || (entry.newSchema ?? entry.schema) === object.schema),
  );
}

const keyOf = (object: SchemaObject, place: ObjectName, leadsTo: ObjectName | undefined) =>
  JSON.stringify([
    ...[object.kind, place.schema, object.table === null ? '' : place.name, object.foundBy ?? object.name],
    ...(object.refersTo && leadsTo ? [object.refersTo.columns, identity(leadsTo)] : []),
  ]);
