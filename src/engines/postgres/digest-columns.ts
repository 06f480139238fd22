/** What the columns of a PostgreSQL database take and are filled with. */
import { decimalRoom, integerRoom, plainNumber, type ColumnRules } from '../../comparison/columns.ts';
import type { SchemaObject } from '../../comparison/port.ts';
import type { Trait } from '../../comparison/traits.ts';
import { ofExtension } from './digest-catalog.ts';
import { PLACES } from './digest-partitions.ts';
import type { Cell, Snapshot } from './digest-snapshot.ts';
import { localeOf, normalised } from './digest-spelling.ts';

/** An identity column takes its numbers from a sequence of its own. `attgenerated` is new in 12. */
const columns = (version: number) => `
  ${PLACES}
  SELECT c.nspname, c.relname, c.prefix || a.attname, t.typname, t.typnamespace = 'pg_catalog'::regnamespace, a.atttypmod,
         format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attidentity::text,
         ${version >= 120000 ? 'a.attgenerated::text' : "''"},
         (SELECT format('%I.%I', sn.nspname, s.relname)
            FROM pg_depend p JOIN pg_class s ON s.oid = p.objid AND s.relkind = 'S'
            JOIN pg_namespace sn ON sn.oid = s.relnamespace
           WHERE a.attidentity <> '' AND p.classid = 'pg_class'::regclass AND p.refclassid = 'pg_class'::regclass
             AND p.refobjid = c.oid AND p.refobjsubid = a.attnum AND p.deptype = 'i' LIMIT 1),
         co.collname, co.collname = 'default' AND co.collnamespace = 'pg_catalog'::regnamespace
    FROM pg_attribute a JOIN pg_class r ON r.oid = a.attrelid JOIN places c ON c.oid = a.attrelid
    JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_collation co ON co.oid = a.attcollation
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
   WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p') AND r.relpersistence <> 't' AND NOT ${ofExtension('pg_class', 'c.oid')}`;

export async function readColumns(snapshot: Snapshot, database: string, signal: AbortSignal): Promise<SchemaObject[]> {
  const rows = await snapshot.ask(columns(snapshot.version), signal);
  return rows.map(([schema, table, name, ...facts]) => {
    const column = rulesOf(facts);
    const traits = collationOf(facts[9], facts[10] === 't');
    return {
      kind: 'column',
      schema: schema ?? null,
      table: { database, schema: schema ?? null, name: table ?? '' },
      name: name ?? '',
      definition: [
        ...[facts[3], ...traits.filter(({ value }) => value !== 'default').map(({ value }) => `COLLATE "${value}"`)],
        ...[column.nullable ? '' : 'NOT NULL', column.filled ?? ''],
      ]
        .filter(Boolean)
        .join(' '),
      ...{ column, traits, spelledAlike: true },
    };
  });
}

/**
 * It decides what is unique and how rows are sorted. `en_US`, `en_US.utf8` and `en_US.UTF-8` are one, so are C and POSIX, and C.UTF-8 is another.
 * What the default of the database is, the database tells.
 */
function collationOf(name: Cell | undefined, isDefault: boolean): readonly Trait[] {
  if (name == null) return [];
  const value = isDefault ? 'default' : localeOf(name);
  return [{ name: 'COLLATE', value, weight: 'counts' }];
}

function rulesOf(facts: readonly Cell[]): ColumnRules {
  const [type, builtIn, typmod, declared, notNull, expression, identity, generated, sequence] = facts;
  const kind = kindOf(type ?? '', builtIn === 't', Number(typmod), declared ?? '');
  const rules = { ...kind, nullable: notNull !== 't', generated: (generated ?? '') !== '' };
  if (rules.generated) {
    const stored = generated === 's' ? 'STORED' : 'VIRTUAL';
    return { ...rules, filled: `GENERATED (${normalised(expression ?? '')}) ${stored}`, plain: false };
  }
  if ((identity ?? '') !== '') {
    return { ...rules, filled: `${identity === 'a' ? 'ALWAYS ' : ''}${numberOf(sequence ?? '')}`, plain: false };
  }
  if (expression == null) return { ...rules, filled: null, plain: true };
  return { ...rules, ...defaultOf(normalised(expression), kind.family) };
}

/** SERIAL and an identity column do the same by default. */
const numberOf = (sequence: string) => `DEFAULT nextval(${sequence})`;

const INTEGERS: Readonly<Record<string, number>> = { int2: 16, int4: 32, int8: 64 };
/** A length, or digits of a second, of a type that was declared without. */
const UNLIMITED = Number.POSITIVE_INFINITY;
const MICROSECONDS = 6;

function kindOf(
  type: string,
  builtIn: boolean,
  typmod: number,
  declared: string,
): Pick<ColumnRules, 'family' | 'room'> {
  // its schema may be another on the target; what a domain or an ENUM takes is told with the type
  if (!builtIn) return { family: typmod >= 0 ? declared : type, room: [] };
  const bits = INTEGERS[type];
  if (bits !== undefined) return { family: 'number', room: integerRoom(bits) };
  const limit = (none: number) => (typmod < 0 ? none : typmod);
  switch (type) {
    case 'numeric': {
      // ((precision << 16) | scale) + 4, the scale a signed 11-bit number since 15
      const packed = typmod - 4;
      const scale = packed & 0x7ff;
      const room = decimalRoom((packed >> 16) & 0xffff, scale >= 1024 ? scale - 2048 : scale);
      return { family: 'number', room: typmod < 4 ? [UNLIMITED, UNLIMITED, UNLIMITED] : room };
    }
    case 'float4':
    case 'float8':
      return { family: 'float', room: [type === 'float4' ? 24 : 53] };
    case 'text':
    case 'varchar':
    case 'bpchar':
      // a char(n) is filled up with blanks
      return { family: 'text', room: [limit(UNLIMITED + 4) - 4, type === 'bpchar' ? 0 : 1] };
    case 'timestamp':
    case 'timestamptz':
    case 'time':
    case 'timetz':
      return { family: type, room: [limit(MICROSECONDS)] };
    case 'varbit':
      return { family: type, room: [limit(UNLIMITED)] };
    case 'json':
    case 'jsonb':
      // the comparison of the rows says what does not count between these
      return { family: 'json', room: [] };
    default:
      return { family: declared, room: [] };
  }
}

const CAST = /(?:::(?:"(?:[^"]|"")+"|[\w ]|\([\d,]+\)|\[\]|\.)+)+$/;

/** A literal is cast to the type of its column, which may be a wider one on the target. */
function defaultOf(expression: string, family: string): Pick<ColumnRules, 'filled' | 'plain'> {
  const sequence = /^nextval\('((?:[^']|'')+)'::regclass\)$/.exec(expression)?.[1];
  if (sequence !== undefined) return { filled: numberOf(sequence.replaceAll("''", "'")), plain: false };
  const bare = expression.replace(CAST, '');
  if (/^NULL$/i.test(bare)) return { filled: null, plain: true };
  const number = family === 'number' || family === 'float';
  const inside = number ? (/^'([^']*)'$/.exec(bare)?.[1] ?? /^\((-?[\d.]+)\)$/.exec(bare)?.[1] ?? bare) : bare;
  if (number && /^-?[\d.]+$/.test(inside)) return { filled: `DEFAULT ${plainNumber(inside)}`, plain: true };
  if (/^E?'(?:[^']|'')*'$|^(?:true|false)$/.test(bare)) return { filled: `DEFAULT ${bare}`, plain: true };
  return { filled: `DEFAULT ${expression}`, plain: false };
}
