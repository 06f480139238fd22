/** Which tables are compared with which: DTS's migrated objects under their new names. Names are case-sensitive. */
import type { MigrationScope, ObjectName } from '../cutover/facts.ts';
import type { TableShape } from './port.ts';

export interface DatabasePair {
  readonly source: string;
  readonly target: string;
}

/** The databases to look into; `all` is what the source has when everything is migrated. */
export function databasePairs(scope: MigrationScope, all: readonly string[]): DatabasePair[] {
  if (scope.mode === 'all') return all.map((name) => ({ source: name, target: name }));
  const pairs = new Map<string, DatabasePair>();
  for (const { name, newName } of scope.databases) {
    pairs.set(`${name}\0${newName}`, { source: name, target: newName || name });
  }
  return [...pairs.values()];
}

/** What the scope says of this one pair of databases. */
export function within(scope: MigrationScope, pair: DatabasePair): MigrationScope {
  const ofPair = (entry: MigrationScope['databases'][number]) =>
    entry.name === pair.source && (entry.newName || entry.name) === pair.target;
  return { ...scope, databases: scope.databases.filter(ofPair) };
}

/** Where a source table should be on the target; null when it is not migrated. */
export function mappedName(scope: MigrationScope, source: ObjectName): ObjectName | null {
  if (scope.mode === 'all') return source;
  for (const entry of scope.databases) {
    if (entry.name !== source.database) continue;
    if (entry.schema !== null && entry.schema !== source.schema) continue;
    const listed = entry.tables.find((table) => table.name === source.name);
    if (!entry.allTables && !listed) continue;
    return {
      database: entry.newName || entry.name,
      schema: entry.schema === null ? source.schema : (entry.newSchema ?? entry.schema),
      name: listed?.newName || source.name,
    };
  }
  return null;
}

/** Whatever has a table's name can be paired. */
interface Named {
  readonly name: ObjectName;
  readonly ofExtension?: TableShape['ofExtension'];
}

export interface TablePairs<T extends Named = TableShape> {
  readonly pairs: readonly { readonly source: T; readonly target: T }[];
  /** source tables that are not on the target, with the name they should have there */
  readonly missing: readonly { readonly source: T; readonly expected: ObjectName }[];
  /** tables of the target that no migrated table explains */
  readonly extra: readonly T[];
  /** names the scope lists and the source does not have */
  readonly unknown: readonly ObjectName[];
}

/**
 * `only` restricts to these source tables, as `table` or `schema.table`; then nothing is said about extra tables.
 * `ignore` are tables that belong to DTS itself.
 */
export function pairTables<T extends Named>(
  scope: MigrationScope,
  source: readonly T[],
  target: readonly T[],
  only: readonly string[] | null,
  ignore: (name: ObjectName) => boolean = () => false,
): TablePairs<T> {
  const onTarget = new Map(target.map((table) => [identity(table.name), table]));
  const explained = new Set<string>();
  const pairs: { source: T; target: T }[] = [];
  const missing: { source: T; expected: ObjectName }[] = [];
  for (const table of source) {
    const expected = mappedName(scope, table.name);
    if (!expected || ignore(table.name)) continue;
    explained.add(identity(expected));
    if (only ? !isListed(only, table.name) : table.ofExtension === 'empty') continue;
    const match = onTarget.get(identity(expected));
    if (match) pairs.push({ source: table, target: match });
    else missing.push({ source: table, expected });
  }
  const extra = only
    ? []
    : target.filter(
        (table) =>
          !(explained.has(identity(table.name)) || ignore(table.name) || table.ofExtension) &&
          inScope(scope, table.name),
      );
  return { pairs, missing, extra, unknown: unknownNames(scope, source, only) };
}

export const identity = (name: ObjectName) => JSON.stringify([name.database, name.schema, name.name]);

/** As a user writes it: `schema.table`, or `table` where the engine has no schemas. */
export const shortName = (name: ObjectName) => (name.schema === null ? name.name : `${name.schema}.${name.name}`);

export function isListed(only: readonly string[], name: ObjectName): boolean {
  return (
    only.includes(name.name) || only.includes(shortName(name)) || only.includes(`${name.database}.${shortName(name)}`)
  );
}

/**
 * Whole databases or schemas of the scope that the source does not have under exactly this name, as a user writes them.
 * `schemas` are those of `database` on the source, see `DigestSession`.
 */
export function absentEntries(scope: MigrationScope, database: string, schemas: readonly (string | null)[]): string[] {
  return scope.databases
    .filter((entry) => entry.name === database && (entry.allTables || entry.tables.length === 0))
    .filter(({ schema }) => (schema === null ? schemas.length === 0 : !schemas.includes(schema)))
    .map(({ name, schema }) => (schema === null ? name : `${name}.${schema}`));
}

/** A table of the target counts as extra only where whole databases or schemas were migrated. */
function inScope(scope: MigrationScope, target: ObjectName): boolean {
  if (scope.mode === 'all') return true;
  return scope.databases.some(
    (entry) =>
      entry.allTables &&
      (entry.newName || entry.name) === target.database &&
      (entry.schema === null || (entry.newSchema ?? entry.schema) === target.schema),
  );
}

function unknownNames(scope: MigrationScope, source: readonly Named[], only: readonly string[] | null): ObjectName[] {
  const known = new Set(source.map((table) => identity(table.name)));
  const databases = new Set(source.map((table) => table.name.database));
  const listed = scope.databases.flatMap((entry) =>
    (entry.allTables ? [] : entry.tables).map((table) => ({
      database: entry.name,
      schema: entry.schema,
      name: table.name,
    })),
  );
  const fromScope = listed.filter(
    (name) =>
      !known.has(identity(name)) &&
      !(
        name.schema === null &&
        source.some((table) => table.name.database === name.database && table.name.name === name.name)
      ) &&
      (!only || isListed(only, name)),
  );
  const fromOnly = (only ?? [])
    .filter((text) => !source.some((table) => isListed([text], table.name)))
    .filter((text) => !fromScope.some((name) => isListed([text], name)))
    .map((text) => ({ database: [...databases][0] ?? '', schema: null, name: text }));
  return [...fromScope, ...fromOnly];
}
