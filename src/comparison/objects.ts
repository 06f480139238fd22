/** What goes beyond rows: are the other objects of the source on the target, with the same definition? */
import type { MigrationScope, ObjectName } from '../cutover/facts.ts';
import { sentence, type Sentence } from '../util/sentence.ts';
import { columnsDiffer } from './columns.ts';
import type { SchemaObject } from './port.ts';
import type { ObjectResult } from './result.ts';
import { identity, mappedName, shortName } from './scope.ts';

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
  raiseStatement(object: SchemaObject, next: bigint): string;
}

/** These on the target alone do something by themselves; another index or view does no harm. */
const ACTIVE = new Set<SchemaObject['kind']>(['trigger', 'event', 'constraint', 'options', 'policy', 'rule']);

export function compareObjects(request: CompareObjects): ObjectResult[] {
  const { scope, source, target } = request;
  const onTarget = new Map<string, SchemaObject[]>();
  for (const object of target.objects.filter(({ unseen }) => !unseen)) {
    const key = keyOf(object, { database: target.database, schema: object.schema, name: object.table?.name ?? '' });
    onTarget.set(key, [...(onTarget.get(key) ?? []), object]);
  }
  const results: ObjectResult[] = [];
  const explained = new Set<SchemaObject>();
  for (const object of source.objects) {
    const expected = object.unseen ? null : expectedPlace(request, object);
    if (!expected) continue;
    // two indexes with one definition need two on the target
    const match = onTarget.get(keyOf(object, expected))?.find((candidate) => !explained.has(candidate));
    if (match) explained.add(match);
    if (object.column) results.push(...comparedColumn(request, object, match));
    else results.push(match ? compared(request, object, match) : missing(object));
  }
  for (const object of target.objects) {
    // columns of one side only are told with the table
    if (object.unseen || object.column || explained.has(object) || request.tables) continue;
    if (!inScopeOnTarget(scope, target.database, object)) continue;
    results.push({
      kind: object.kind,
      name: nameOf(object),
      verdict: 'missingOnSource',
      detail: null,
      statement: null,
      counts: ACTIVE.has(object.kind),
    });
  }
  return results;
}

/** Why something may differ that was not seen. Tables that were asked for stand without large objects. */
export function unseenIn(
  source: readonly SchemaObject[],
  target: readonly SchemaObject[],
  listedOnly: boolean,
): readonly Sentence[] {
  const large = !listedOnly && source.some(({ kind }) => kind === 'large objects');
  return [...source, ...target]
    .filter(({ kind }) => kind !== 'large objects' || large)
    .flatMap(({ unseen }) => unseen ?? []);
}

function compared(request: CompareObjects, source: SchemaObject, target: SchemaObject): ObjectResult {
  const base = { kind: source.kind, name: nameOf(source), statement: null };
  const behind = sequenceBehind(source, target);
  if (behind) {
    return {
      ...base,
      verdict: 'different',
      detail: behind.detail,
      statement: behind.next === null ? null : request.raiseStatement(target, behind.next),
      counts: true,
    };
  }
  if (source.definition === target.definition) return { ...base, verdict: 'same', detail: null, counts: true };
  if (source.kind === 'grant') {
    return {
      ...base,
      verdict: 'different',
      detail: sentence('source: {source}; target: {target}', { source: source.definition, target: target.definition }),
      counts: false,
    };
  }
  // another server version, or names that were changed on the way, may spell the same thing differently
  const alike = request.sameSpelling || source.exact === true;
  return {
    ...base,
    verdict: 'different',
    detail: alike
      ? sentence('The definitions differ.')
      : sentence('The definitions read differently; the servers may spell the same thing in two ways: look at them.'),
    counts: alike,
  };
}

/** Columns that do the same are not listed: they are many. Of those missing on the target, the table tells. */
function comparedColumn(
  { sameSpelling }: CompareObjects,
  source: SchemaObject,
  target: SchemaObject | undefined,
): ObjectResult[] {
  // whose values are computed is left out of the rows
  if (!target) return source.column?.generated ? [missing(source)] : [];
  const found = source.column && target.column ? columnsDiffer(source.column, target.column, sameSpelling) : null;
  if (!found) return [];
  const definitions = { source: source.definition, target: target.definition };
  return [
    {
      kind: source.kind,
      name: nameOf(source),
      verdict: 'different',
      detail: sentence('source: {source}; target: {target}', definitions),
      statement: null,
      counts: found.counts,
    },
  ];
}

/** After the switch the target gives the next numbers: they must lie beyond all that the source has given. */
function sequenceBehind(source: SchemaObject, target: SchemaObject): { detail: Sentence; next: bigint | null } | null {
  if (source.kind !== 'sequence' && source.kind !== 'auto increment') return null;
  if (!source.next || !target.next) {
    return { detail: sentence('The next value cannot be read on both sides.'), next: null };
  }
  const [mine, theirs] = [source.next.value, target.next.nearest ?? target.next.value];
  const ok = source.next.ascending ? theirs >= mine : theirs <= mine;
  if (ok) return null;
  const next = mine + (target.next.block ?? 0n);
  if (target.next.nearest !== undefined) {
    return {
      detail: sentence(
        'The source goes on at {source}. The target has reserved numbers up to {target} and may still give those from {nearest} on: numbers could be given twice.',
        { source: String(mine), target: String(target.next.value), nearest: String(theirs) },
      ),
      next,
    };
  }
  return {
    detail: sentence('The target would go on at {target}, the source at {source}: numbers would be given twice.', {
      source: String(mine),
      target: String(theirs),
    }),
    next,
  };
}

function missing(object: SchemaObject): ObjectResult {
  return {
    kind: object.kind,
    name: nameOf(object),
    verdict: 'missingOnTarget',
    detail: null,
    statement: null,
    counts: object.kind !== 'grant',
  };
}

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
  // objects of a whole database or schema go with it
  const entry = scope.databases.find(
    (each) => each.name === source.database && (each.schema === null || each.schema === object.schema),
  );
  if (scope.mode === 'all') return { database: source.database, schema: object.schema, name: '' };
  if (!entry?.allTables) return null;
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

const keyOf = (object: SchemaObject, place: ObjectName) =>
  JSON.stringify([object.kind, place.schema, object.table === null ? '' : place.name, object.name]);

function nameOf(object: SchemaObject): string {
  if (object.table) return `${shortName(object.table)}: ${object.name}`;
  return object.schema === null ? object.name : `${object.schema}.${object.name}`;
}
