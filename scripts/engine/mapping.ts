/** `--map old=new`: which tables have another name, or another schema, on the target. */
import type { MigrationScope, ObjectName, ScopedDatabase } from '../../src/cutover/facts.ts';
import { shortName } from '../../src/comparison/scope.ts';
import { Failure } from '../../src/util/failure.ts';
import { sentence } from '../../src/util/sentence.ts';

/** Objects of both sides, by which names with dots are told apart. */
export interface Known {
  readonly source: readonly ObjectName[];
  readonly target: readonly ObjectName[];
}

/**
 * The scope of two databases with these new names: of a schema, else of a `schema.table`, else of a table in whichever
 * schema has one. What the source does not have fails: tables would be compared under a name that was not asked for.
 */
export function scopeWith(
  map: ReadonlyMap<string, string>,
  databases: { readonly source: string; readonly target: string },
  known: Known,
): MigrationScope {
  const whole: ScopedDatabase = {
    name: databases.source,
    newName: databases.target,
    schema: null,
    newSchema: null,
    allTables: true,
    tables: [],
  };
  const schemas: ScopedDatabase[] = [];
  const tables: ScopedDatabase[] = [];
  for (const [from, to] of map) {
    if (known.source.some(({ schema }) => schema === from)) {
      schemas.push({ ...whole, schema: from, newSchema: to });
      continue;
    }
    const qualified = known.source.filter((name) => name.schema !== null && shortName(name) === from);
    const meant = qualified.length > 0 ? qualified : known.source.filter(({ name }) => name === from);
    if (meant.length === 0) {
      throw new Failure('bad-input', sentence('--map: the source has no table or schema {name}.', { name: from }));
    }
    for (const { schema, name } of meant) {
      const place = placeOf(to, schema, known.target);
      tables.push({
        ...whole,
        schema,
        newSchema: place.schema,
        allTables: false,
        tables: [{ name, newName: place.name }],
      });
    }
  }
  // the first entry that has a table decides
  return { mode: 'partial', databases: [...tables, ...schemas, whole] };
}

/** A name with dots may be a table's whole name, or a schema and a table: by what the target has, else the latter. */
function placeOf(
  to: string,
  schema: string | null,
  target: readonly ObjectName[],
): { schema: string | null; name: string } {
  if (schema === null) return { schema, name: to };
  const found =
    target.find((name) => shortName(name) === to) ?? target.find((name) => name.schema === schema && name.name === to);
  if (found) return { schema: found.schema, name: found.name };
  const dot = to.indexOf('.');
  return dot <= 0 ? { schema, name: to } : { schema: to.slice(0, dot), name: to.slice(dot + 1) };
}
