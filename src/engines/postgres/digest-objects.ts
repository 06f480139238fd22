/** What a PostgreSQL database holds besides rows, with definitions that read alike on both sides. */
import type { SchemaObject } from '../../comparison/port.ts';
import { ofExtension, USER_SCHEMA } from './digest-catalog.ts';
import { readColumns } from './digest-columns.ts';
import { readLargeObjects } from './digest-largeObjects.ts';
import { readOptions } from './digest-options.ts';
import { OWN_CONSTRAINT, OWN_INDEX, PLACES } from './digest-partitions.ts';
import { normalised } from './digest-spelling.ts';
import { afterwards, isBeyond, limitsOf, SEQUENCE_LIMITS } from './digest-sequences.ts';
import type { Snapshot } from './digest-snapshot.ts';

/** A collation that is not the one the type has by itself; as it is called, wherever it is. */
const collated = (collation: string, type: string) =>
  `(SELECT 'COLLATE ' || quote_ident(k.collname) FROM pg_collation k JOIN pg_type b ON b.oid = ${type} WHERE k.oid = ${collation} AND k.oid <> b.typcollation)`;

/** What is spelled alike by all versions counts between them, too. */
type Spelling = 'alike' | 'by version';

/**
 * Schema, table or null, name, definition, then pairs of a trait's name and value: with an empty search_path the server
 * qualifies every name in it.
 */
const queries = (version: number): readonly (readonly [SchemaObject['kind'], string, Spelling?])[] => [
  [
    'view',
    `SELECT n.nspname, NULL, c.relname, pg_get_viewdef(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'v' AND ${USER_SCHEMA} AND NOT ${ofExtension('pg_class', 'c.oid')}`,
  ],
  [
    'materialized view',
    `SELECT n.nspname, NULL, c.relname, pg_get_viewdef(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'm' AND ${USER_SCHEMA} AND NOT ${ofExtension('pg_class', 'c.oid')}`,
  ],
  [
    'routine',
    `SELECT n.nspname, NULL, p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
            CASE WHEN ${version >= 110000 ? "p.prokind <> 'a'" : 'NOT p.proisagg'} THEN pg_get_functiondef(p.oid)
            ELSE (SELECT concat_ws(' ', g.aggtransfn::text, g.aggfinalfn::text, g.aggcombinefn::text, format_type(g.aggtranstype, NULL), quote_literal(g.agginitval),
                         'kind', g.aggkind, g.aggnumdirectargs, 'parallel', p.proparallel, g.aggserialfn::text, g.aggdeserialfn::text, 'moving', g.aggmtransfn::text,
                         g.aggminvtransfn::text, g.aggmfinalfn::text, format_type(NULLIF(g.aggmtranstype, 0), NULL), quote_literal(g.aggminitval),
                         'extra', g.aggfinalextra, g.aggmfinalextra, 'sorted by', NULLIF(g.aggsortop, 0)::regoperator::text)
                    FROM pg_aggregate g WHERE g.aggfnoid = p.oid) END
       FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
      WHERE ${USER_SCHEMA} AND NOT ${ofExtension('pg_proc', 'p.oid')}
        AND NOT EXISTS (SELECT FROM pg_depend i WHERE i.classid = 'pg_proc'::regclass AND i.objid = p.oid AND i.deptype = 'i')`,
    'alike',
  ],
  [
    // up to 10 it says EXECUTE PROCEDURE
    'trigger',
    `${PLACES} SELECT c.nspname, c.relname, c.prefix || t.tgname,
            replace(replace(pg_get_triggerdef(t.oid), ' ON ' || t.tgrelid::regclass::text || ' ', ' ON '),
                    ' EXECUTE PROCEDURE ' || t.tgfoid::regproc::text || '(', ' EXECUTE FUNCTION ' || t.tgfoid::regproc::text || '('),
            'enabled', t.tgenabled::text
       FROM pg_trigger t JOIN places c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal`,
    'alike',
  ],
  [
    // those of constraints are told with the constraint
    'index',
    `${PLACES} SELECT c.nspname, c.relname, c.prefix || regexp_replace(pg_get_indexdef(i.indexrelid), '^CREATE (UNIQUE )?INDEX .*? ON .*? USING ', '\\1'), ''
       FROM pg_index i JOIN places c ON c.oid = i.indrelid
      WHERE i.indisvalid AND c.relkind IN ('r', 'p', 'm') AND (c.prefix = '' OR ${OWN_INDEX})
        AND NOT EXISTS (SELECT FROM pg_constraint o WHERE o.conindid = i.indexrelid AND o.contype IN ('p', 'u', 'x'))`,
  ],
  [
    // not-null constraints have rows of their own since 18: they are told with the column. A load may leave its triggers off.
    'constraint',
    `${PLACES} SELECT c.nspname, c.relname, c.prefix || pg_get_constraintdef(o.oid), CASE WHEN o.convalidated THEN '' ELSE 'not validated' END,
            'its triggers', (SELECT string_agg(DISTINCT CASE t.tgenabled WHEN 'O' THEN 'enabled' WHEN 'D' THEN 'disabled' ELSE 'enabled=' || t.tgenabled::text END, ', ')
                               FROM pg_trigger t WHERE t.tgconstraint = o.oid)
       FROM pg_constraint o JOIN places c ON c.oid = o.conrelid
      WHERE o.contype IN ('p', 'u', 'f', 'c', 'x') AND (c.prefix = '' OR ${OWN_CONSTRAINT})`,
  ],
  [
    // their order is that in which values are sorted and compared
    'type',
    `SELECT n.nspname, NULL, t.typname, string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
       FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid JOIN pg_namespace n ON n.oid = t.typnamespace
      WHERE ${USER_SCHEMA} AND NOT ${ofExtension('pg_type', 't.oid')} GROUP BY 1, 3`,
    'alike',
  ],
  [
    'type',
    `SELECT n.nspname, NULL, t.typname, concat_ws(' ', format_type(t.typbasetype, t.typtypmod),
            CASE WHEN t.typnotnull THEN 'NOT NULL' END, 'DEFAULT ' || t.typdefault, ${collated('t.typcollation', 't.typbasetype')},
            (SELECT string_agg(pg_get_constraintdef(o.oid), ' ' ORDER BY pg_get_constraintdef(o.oid) COLLATE "C")
               FROM pg_constraint o WHERE o.contypid = t.oid AND o.contype = 'c'))
       FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
      WHERE t.typtype = 'd' AND ${USER_SCHEMA} AND NOT ${ofExtension('pg_type', 't.oid')}`,
    'alike',
  ],
  [
    'type',
    `SELECT n.nspname, NULL, c.relname, string_agg(concat_ws(' ', quote_ident(a.attname), format_type(a.atttypid, a.atttypmod), ${collated('a.attcollation', 'a.atttypid')}), ', ' ORDER BY a.attnum)
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      WHERE c.relkind = 'c' AND ${USER_SCHEMA} AND NOT ${ofExtension('pg_type', 'c.reltype')} GROUP BY 1, 3`,
    'alike',
  ],
  [
    'type',
    `SELECT n.nspname, NULL, t.typname, concat_ws(' ', 'range of', format_type(r.rngsubtype, NULL), ${collated('r.rngcollation', 'r.rngsubtype')}, 'by', o.opcname,
            'canonical ' || NULLIF(r.rngcanonical::oid, 0)::regproc::text, 'difference ' || NULLIF(r.rngsubdiff::oid, 0)::regproc::text),
            'multirange', format_type((to_jsonb(r)->>'rngmultitypid')::oid, NULL)
       FROM pg_range r JOIN pg_opclass o ON o.oid = r.rngsubopc JOIN pg_type t ON t.oid = r.rngtypid JOIN pg_namespace n ON n.oid = t.typnamespace
      WHERE ${USER_SCHEMA} AND NOT ${ofExtension('pg_type', 't.oid')}`,
    'alike',
  ],
  [
    'policy',
    `SELECT n.nspname, c.relname, p.polname, concat_ws(' ', CASE WHEN p.polpermissive THEN 'permissive' ELSE 'restrictive' END,
            p.polcmd::text, 'to', (SELECT string_agg(COALESCE(r.rolname, 'PUBLIC'), ', ' ORDER BY r.rolname::text COLLATE "C")
              FROM unnest(p.polroles) AS o(oid) LEFT JOIN pg_roles r ON r.oid = o.oid),
            'using ' || pg_get_expr(p.polqual, p.polrelid), 'check ' || pg_get_expr(p.polwithcheck, p.polrelid))
       FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE ${USER_SCHEMA} AND NOT ${ofExtension('pg_class', 'c.oid')}`,
    'alike',
  ],
  [
    // on the target alone it hides rows
    'options',
    `SELECT n.nspname, c.relname, o.name, '' FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       CROSS JOIN LATERAL (VALUES ('row level security', c.relrowsecurity), ('forced row level security', c.relforcerowsecurity)) AS o(name, set)
      WHERE o.set AND ${USER_SCHEMA} AND NOT ${ofExtension('pg_class', 'c.oid')}`,
  ],
  [
    // that of a view is told with the view
    'rule',
    `SELECT n.nspname, c.relname, r.rulename, pg_get_ruledef(r.oid) || CASE r.ev_enabled WHEN 'O' THEN '' ELSE ' enabled=' || r.ev_enabled::text END
       FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE r.rulename <> '_RETURN' AND ${USER_SCHEMA} AND NOT ${ofExtension('pg_class', 'c.oid')}`,
  ],
  [
    // what they are called does not matter, what they take does; those of partitions too
    'partition',
    `WITH RECURSIVE parts(oid, root, path) AS (
       SELECT c.oid, c.oid, '' COLLATE "C" FROM pg_class c WHERE c.relkind = 'p' AND NOT c.relispartition
       UNION ALL
       SELECT c.oid, p.root, concat_ws(' / ', NULLIF(p.path, ''), pg_get_expr(c.relpartbound, c.oid)) COLLATE "C"
         FROM parts p JOIN pg_inherits i ON i.inhparent = p.oid JOIN pg_class c ON c.oid = i.inhrelid)
     SELECT n.nspname, c.relname, p.path, '' FROM parts p JOIN pg_class c ON c.oid = p.root JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE p.oid <> p.root AND ${USER_SCHEMA} AND NOT ${ofExtension('pg_class', 'c.oid')}`,
  ],
  [
    'event trigger',
    `SELECT NULL, NULL, e.evtname, concat_ws(' ', e.evtevent, 'tag in (' || array_to_string(e.evttags, ', ') || ')', e.evtfoid::regproc::text,
            CASE e.evtenabled WHEN 'O' THEN NULL ELSE 'enabled=' || e.evtenabled::text END)
       FROM pg_event_trigger e WHERE NOT ${ofExtension('pg_event_trigger', 'e.oid')}`,
    'alike',
  ],
  [
    'grant',
    `SELECT n.nspname, c.relname, COALESCE(r.rolname, 'PUBLIC'), string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type)
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN LATERAL aclexplode(c.relacl) a
       LEFT JOIN pg_roles r ON r.oid = a.grantee
      WHERE c.relkind IN ('r', 'p', 'v', 'm') AND a.grantee <> c.relowner AND ${USER_SCHEMA} GROUP BY 1, 2, 3`,
  ],
];

const SEQUENCES = `
  SELECT n.nspname, c.relname, o.relname, s.seqincrement,
         CASE WHEN has_sequence_privilege(c.oid, 'SELECT, USAGE') THEN pg_sequence_last_value(c.oid) END,
         has_sequence_privilege(c.oid, 'SELECT, USAGE'), has_sequence_privilege(c.oid, 'SELECT'), ${SEQUENCE_LIMITS}
    FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
    LEFT JOIN pg_class o ON o.oid = d.refobjid
   WHERE c.relpersistence <> 't' AND ${USER_SCHEMA} AND NOT ${ofExtension('pg_class', 'c.oid')}`;

export async function readObjects(snapshot: Snapshot, database: string, signal: AbortSignal): Promise<SchemaObject[]> {
  const defined = async ([kind, sql, spelling]: ReturnType<typeof queries>[number]): Promise<SchemaObject[]> =>
    (await snapshot.ask(sql, signal)).map(([schema, table, name, definition, trait, value]) => ({
      kind,
      schema: schema ?? null,
      table: table == null ? null : { database, schema: schema ?? null, name: table },
      // of these the definition is the name
      name: kind === 'index' || kind === 'constraint' ? normalised(name ?? '') : (name ?? ''),
      definition: normalised(definition ?? ''),
      ...(spelling === 'alike' ? { spelledAlike: true } : {}),
      // whatever else it does on the target, it refuses rows there
      ...(kind === 'index' && /(?:^|: )UNIQUE /.test(name ?? '') ? { refuses: true } : {}),
      ...(trait != null && value != null ? { traits: [{ name: trait, value, weight: 'counts' }] } : {}),
    }));
  // all asked at once, so that they travel together
  const found = await Promise.allSettled([
    ...queries(snapshot.version).map(defined),
    readSequences(snapshot, database, signal),
    readColumns(snapshot, database, signal),
    readOptions(snapshot, database, signal),
    readLargeObjects(snapshot, signal),
  ]);
  return found.flatMap((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

async function readSequences(snapshot: Snapshot, database: string, signal: AbortSignal): Promise<SchemaObject[]> {
  const sequences = await snapshot.ask(SEQUENCES, signal);
  const unused = sequences.filter(([, , , , last, , selectable]) => last == null && selectable === 't');
  const places = await placesOfUnused(snapshot, unused, signal);
  return sequences.map(([schema, name, owner, increment, last, readable, , ...limits]) => {
    const place = places.get(nameOf(schema, name));
    const step = BigInt(increment ?? 1);
    return {
      kind: 'sequence',
      schema: schema ?? null,
      table: owner == null ? null : { database, schema: schema ?? null, name: owner },
      name: name ?? '',
      definition: '',
      next:
        readable === 't' && (last != null || place !== undefined)
          ? { value: last != null ? afterwards(BigInt(last), step, limits) : BigInt(place ?? 1), ascending: step > 0n }
          : undefined,
      traits: limitsOf(increment, limits),
    };
  });
}

export function raiseStatement(object: SchemaObject, next: bigint): string {
  const name = nameOf(object.schema, object.name);
  const called = (value: bigint, used: boolean) =>
    `SELECT pg_catalog.setval('${name.replaceAll("'", "''")}', ${value}, ${used});`;
  // one that has given all its numbers has none that it could go on at
  const step = BigInt(object.traits?.find((trait) => trait.name === 'INCREMENT')?.value ?? 1);
  return isBeyond(next, object.traits ?? []) ? called(next - step, true) : called(next, false);
}

const AT_A_TIME = 100;

/** Of a sequence that was set and not used since, the catalog tells nothing: it is asked itself where it would go on. */
async function placesOfUnused(
  snapshot: Snapshot,
  unused: readonly (readonly (string | null)[])[],
  signal: AbortSignal,
): Promise<Map<string, string>> {
  const places = new Map<string, string>();
  const pieces = Array.from({ length: Math.ceil(unused.length / AT_A_TIME) }, (_, i) =>
    unused.slice(i * AT_A_TIME, (i + 1) * AT_A_TIME).map(([schema, name]) => nameOf(schema, name)),
  );
  await Promise.all(
    pieces.map(async (names) => {
      const sql = names.map((name, index) => `SELECT ${index}, last_value::text FROM ${name}`).join(' UNION ALL ');
      for (const [index, place] of await snapshot.ask(sql, signal)) {
        const name = names[Number(index)];
        if (name !== undefined && place != null) places.set(name, place);
      }
    }),
  );
  return places;
}

function nameOf(schema: string | null | undefined, name: string | null | undefined): string {
  const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
  return `${quote(schema ?? 'public')}.${quote(name ?? '')}`;
}
