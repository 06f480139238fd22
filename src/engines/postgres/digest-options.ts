/** What holds for whole tables and views, for the database, and which extensions it has. */
import type { SchemaObject } from '../../comparison/port.ts';
import type { Trait } from '../../comparison/traits.ts';
import { ofExtension, USER_SCHEMA } from './digest-catalog.ts';
import type { Cell, Snapshot } from './digest-snapshot.ts';
import { localeOf } from './digest-spelling.ts';

/** A parent in the schema of its child is told without: both may have been renamed. */
const RELATIONS = `
  SELECT n.nspname, c.relname, c.relkind::text, c.relpersistence::text, c.relreplident::text, c.relispopulated,
         CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END,
         (SELECT string_agg(CASE WHEN p.relnamespace = c.relnamespace THEN quote_ident(p.relname) ELSE p.oid::regclass::text END, ', ' ORDER BY i.inhseqno)
            FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent WHERE i.inhrelid = c.oid AND NOT c.relispartition),
         (SELECT json_object_agg(o.option_name, lower(o.option_value))::text FROM pg_options_to_table(c.reloptions) o),
         CASE WHEN c.relkind IN ('r', 'p') THEN (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) END
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind IN ('r', 'p', 'v', 'm') AND c.relpersistence <> 't' AND ${USER_SCHEMA} AND NOT ${ofExtension('pg_class', 'c.oid')}`;

const DATABASE = `SELECT pg_encoding_to_char(d.encoding), d.datcollate, d.datctype,
         to_jsonb(d)->>'datlocprovider', COALESCE(to_jsonb(d)->>'datlocale', to_jsonb(d)->>'daticulocale') FROM pg_database d WHERE d.datname = current_database()`;
const EXTENSIONS = 'SELECT e.extname, e.extversion FROM pg_extension e';

export async function readOptions(snapshot: Snapshot, database: string, signal: AbortSignal): Promise<SchemaObject[]> {
  const [relations, [about = []], extensions] = await Promise.all([
    snapshot.ask(RELATIONS, signal),
    snapshot.ask(DATABASE, signal),
    snapshot.ask(EXTENSIONS, signal),
  ]);
  return [
    ...relations.map(([schema, name, ...facts]): SchemaObject => ({
      ...{ kind: 'options', schema: schema ?? null, table: { database, schema: schema ?? null, name: name ?? '' } },
      ...{ name: '', definition: '', part: true, traits: traitsOf(facts) },
    })),
    {
      ...{ kind: 'options', schema: null, table: null, name: 'database', definition: '' },
      traits: ofDatabase(about),
    },
    ...extensions.map(([name, version]): SchemaObject => ({
      ...{ kind: 'extension', schema: null, table: null, name: name ?? '', definition: '' },
      traits: [{ name: 'VERSION', value: version ?? '', weight: 'told' }],
    })),
  ];
}

function traitsOf([kind, ...facts]: readonly Cell[]): readonly Trait[] {
  if (kind === 'v') return ofView(facts[5]);
  if (kind === 'm') {
    const filled = facts[2] === 't';
    // one without data gives an error instead of rows
    return [{ name: 'WITH', value: filled ? 'DATA' : 'NO DATA', weight: filled ? 'counts' : 'told' }];
  }
  const [persistence, identity, , partitionedBy, parents, , order] = facts;
  const logged = persistence !== 'u';
  return [
    // emptied by a crash, and not on replicas
    { name: 'stored', value: logged ? 'LOGGED' : 'UNLOGGED', weight: logged ? 'counts' : 'told' },
    { name: 'PARTITION BY', value: partitionedBy?.split(' ')[0] ?? 'none', weight: 'counts' },
    { name: 'partitioned by', value: partitionedBy ?? 'none', weight: 'spelled' },
    { name: 'INHERITS', value: parents ?? 'none', weight: 'counts' },
    // what INSERT without a list of columns goes by
    { name: 'order of columns', value: order ?? '', weight: 'told' },
    // often set for the migration itself
    { name: 'REPLICA IDENTITY', value: IDENTITIES[identity ?? ''] ?? '', weight: 'told' },
  ];
}

const PROVIDERS: Readonly<Record<string, string>> = { b: 'builtin', c: 'libc', i: 'icu' };
const IDENTITIES: Readonly<Record<string, string>> = { d: 'DEFAULT', n: 'NOTHING', f: 'FULL', i: 'USING INDEX' };

function ofView(json: Cell | undefined): readonly Trait[] {
  const options: unknown = JSON.parse(json ?? '{}');
  const set = new Map(Object.entries(typeof options === 'object' && options !== null ? options : {}));
  const isOn = (name: string) => /^(t|true|y|yes|on|1)$/.test(String(set.get(name) ?? ''));
  const flag = (name: string): Trait => ({ name, value: isOn(name) ? 'on' : 'off', weight: 'counts' });
  return [
    { name: 'CHECK OPTION', value: String(set.get('check_option') ?? 'none'), weight: 'counts' },
    flag('security_barrier'),
    flag('security_invoker'),
  ];
}

const ofDatabase = ([encoding, collate, ctype, provider, locale]: readonly Cell[]): readonly Trait[] => [
  // what UTF-8 takes, others do not
  { name: 'ENCODING', value: encoding ?? '', weight: encoding === 'UTF8' ? 'counts' : 'told' },
  { name: 'LC_COLLATE', value: localeOf(collate), weight: 'told' },
  { name: 'LC_CTYPE', value: localeOf(ctype), weight: 'told' },
  // new in 15
  ...(provider == null
    ? []
    : [
        { name: 'LOCALE', value: `${PROVIDERS[provider] ?? provider} ${locale ?? ''}`.trim(), weight: 'told' } as const,
      ]),
];
