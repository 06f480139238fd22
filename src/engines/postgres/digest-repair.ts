/** How repair statements for PostgreSQL are spelled. */
import { bytesLiteral } from './digest-bytes.ts';
import type { RepairDialect, RepairFacts } from '../../comparison/port.ts';
import type { Cell, Snapshot } from './digest-snapshot.ts';

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;

export const repairDialect: RepairDialect = {
  identifier: quote,
  table: (name) => `${quote(name.schema ?? 'public')}.${quote(name.name)}`,
  literal(value, column) {
    if (value === null) return 'NULL';
    const bytes = bytesLiteral(value);
    if (bytes !== null) return bytes;
    // a key between versions that spell it otherwise
    if (value.startsWith('bits ') && !TEXTS.has(column.type)) return null;
    if (BARE.has(column.type) && /^-?\d+(\.\d+)?$/.test(value)) return value;
    const text = value.replaceAll("'", "''");
    // E'' strings mean the same under any setting; what no editor or clipboard keeps is written as an escape
    const printable = text.replaceAll('\\', '\\\\').replace(HIDDEN, escaped);
    return printable === text ? `'${text}'` : `E'${printable}'`;
  },
  insertOverride: 'OVERRIDING SYSTEM VALUE',
  only: 'ONLY',
  transaction: { begin: 'BEGIN;', commit: 'COMMIT;' },
};

const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;

/** A letter beyond UTF-8's would not do in another encoding, where such characters are none of these. */
const escaped = (character: string) => {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`;
};

const TEXTS = new Set(['text', 'varchar', 'bpchar', 'name', 'enum', 'other']);
const BARE = new Set(['int2', 'int4', 'int8', 'numeric']);

/** Unique indexes, NULL or not; those of expressions cannot be told from the values of a row. */
const UNIQUES = `
  SELECT i.indrelid, NULL, json_agg(a.attname ORDER BY k.n)::text
    FROM pg_catalog.pg_index i CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, n)
    JOIN pg_catalog.pg_class c ON c.oid = i.indrelid AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum AND k.attnum > 0
   WHERE i.indisunique AND NOT i.indisprimary AND k.n <= COALESCE((to_jsonb(i)->>'indnkeyatts')::int, i.indnatts) AND i.indrelid >= 16384
   GROUP BY i.indexrelid, i.indrelid HAVING bool_and(a.attname IS NOT NULL)`;
/** Triggers and rules that run in a plain session. */
const AROUND = `
  SELECT t.tgrelid, 'TRIGGER ' || quote_ident(t.tgname), t.tgenabled::text, t.tgrelid::pg_catalog.regclass::text FROM pg_catalog.pg_trigger t
   WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')
  UNION ALL
  SELECT r.ev_class, 'RULE ' || quote_ident(r.rulename), r.ev_enabled::text, r.ev_class::pg_catalog.regclass::text
    FROM pg_catalog.pg_rewrite r WHERE r.ev_type <> '1' AND r.ev_enabled IN ('O', 'A') AND r.ev_class >= 16384`;
const REFERENCES = `
  SELECT o.confrelid, n.nspname, c.relname, (SELECT json_agg(json_build_array(a.attname, b.attname) ORDER BY k.n)::text
           FROM unnest(o.conkey, o.confkey) WITH ORDINALITY AS k(there, here, n)
           JOIN pg_catalog.pg_attribute a ON a.attrelid = o.conrelid AND a.attnum = k.there
           JOIN pg_catalog.pg_attribute b ON b.attrelid = o.confrelid AND b.attnum = k.here)
    FROM pg_catalog.pg_constraint o JOIN pg_catalog.pg_class c ON c.oid = o.conrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE o.contype = 'f' AND NOT c.relispartition`;

/** By the table's oid; nothing of those that have nothing to mind. */
export async function readRepairFacts(
  snapshot: Snapshot,
  database: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, RepairFacts>> {
  const [uniques, around, references] = await Promise.all([
    snapshot.ask(UNIQUES, signal),
    snapshot.ask(AROUND, signal),
    snapshot.ask(REFERENCES, signal),
  ]);
  const found = new Map<string, RepairFacts>();
  const add = (oid: Cell | undefined, more: (known: RepairFacts) => RepairFacts) =>
    found.set(oid ?? '', more(found.get(oid ?? '') ?? {}));
  for (const [oid, , columns] of uniques) {
    add(oid, (known) => ({ ...known, uniques: [...(known.uniques ?? []), JSON.parse(columns ?? '[]') as string[]] }));
  }
  for (const [oid, what, enabled, table] of around) {
    const change = (word: string) => `ALTER TABLE ${table ?? ''} ${word} ${what ?? ''};`;
    const each = { before: change('DISABLE'), after: change(enabled === 'A' ? 'ENABLE ALWAYS' : 'ENABLE') };
    add(oid, (known) => ({ ...known, around: [...(known.around ?? []), each] }));
  }
  for (const [oid, schema, name, columns] of references) {
    const table = { database, schema: schema ?? '', name: name ?? '' };
    const by = { table, columns: JSON.parse(columns ?? '[]') as [string, string][] };
    add(oid, (known) => ({ ...known, referencedBy: [...(known.referencedBy ?? []), by] }));
  }
  return found;
}
