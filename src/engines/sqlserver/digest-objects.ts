/** What a SQL Server database holds besides rows, with definitions that read alike on both sides. */
import type { ObjectName } from '../../cutover/facts.ts';
import type { SchemaObject } from '../../comparison/port.ts';
import { textLiteral } from './digest-literal.ts';
import type { Snapshot } from './digest-snapshot.ts';
import type { Row } from './link.ts';
import {
  CHECKS,
  DATABASE_TRIGGERS,
  DEFAULTS,
  FOREIGN_KEYS,
  GRANTS,
  IDENTITIES,
  INDEXES,
  MODULES,
  sequences,
  SYNONYMS,
  TYPES,
} from './sql/digest-objects.ts';
import { quoteName } from './text.ts';

type Kind = SchemaObject['kind'];

export async function readObjects(snapshot: Snapshot, signal: AbortSignal): Promise<SchemaObject[]> {
  const { database } = snapshot;
  const ask = (sql: string) => snapshot.ask(sql, signal);
  const make = (row: Row, kind: Kind, name: string, definition: string): SchemaObject => ({
    kind,
    schema: row['schema_name'] ?? null,
    table: tableOf(row, database),
    name,
    definition: normalised(definition, database),
  });
  const named = (row: Row) => row['object_name'] ?? '';
  return [
    ...(await ask(MODULES)).map((row) => make(row, moduleKind(row), named(row), moduleText(row))),
    ...(await ask(DATABASE_TRIGGERS)).map((row) => make(row, 'trigger', named(row), moduleText(row))),
    ...grouped(await ask(INDEXES), 'id').map((rows) => indexOf(rows, make)),
    ...grouped(await ask(FOREIGN_KEYS), 'id').map((rows) => foreignKeyOf(rows, make)),
    ...(await ask(CHECKS)).map((row) => make(row, 'constraint', `check ${row['definition'] ?? ''}`, flags(row))),
    ...(await ask(DEFAULTS)).map((row) =>
      make(row, 'constraint', `default of ${row['column_name'] ?? ''}`, row['definition'] ?? ''),
    ),
    ...(await ask(IDENTITIES)).map((row) => ({
      ...make(row, 'auto increment', 'IDENTITY', ''),
      next: nextOf(row['last'] ?? null, row['seed'], row['step']),
    })),
    ...(await ask(sequences(snapshot.level))).map((row) => ({
      ...make(row, 'sequence', named(row), ''),
      next: nextOfSequence(row),
    })),
    ...(await ask(TYPES)).map((row) => make(row, 'type', named(row), typeText(row))),
    ...(await ask(SYNONYMS)).map((row) => make(row, 'synonym', named(row), row['definition'] ?? '')),
    ...grantsOf(await ask(GRANTS), make),
  ];
}

type Make = (row: Row, kind: Kind, name: string, definition: string) => SchemaObject;

function tableOf(row: Row, database: string): ObjectName | null {
  const name = row['table_name'];
  return name == null ? null : { database, schema: row['schema_name'] ?? null, name };
}

function moduleKind(row: Row): Kind {
  if (row['kind'] === 'V') return 'view';
  return row['kind'] === 'TR' || row['kind'] === 'TA' ? 'trigger' : 'routine';
}

const moduleText = (row: Row) => `${row['definition'] ?? ''}${row['disabled'] === '1' ? '\n(disabled)' : ''}`;

function indexOf(rows: readonly Row[], make: Make): SchemaObject {
  const [row = {}] = rows;
  const included = (value: string) => rows.filter((column) => column['included'] === value);
  const key = included('0').map(
    (column) => `${column['column_name'] ?? ''}${column['descending'] === '1' ? ' DESC' : ''}`,
  );
  const more = included('1')
    .map((column) => column['column_name'] ?? '')
    .sort();
  const type = (row['type_desc'] ?? '').toLowerCase();
  const parts = [
    row['is_primary'] === '1' ? 'primary key ' : row['is_unique'] === '1' ? 'unique ' : '',
    `${type} (${key.join(', ')})`,
    more.length > 0 ? ` include (${more.join(', ')})` : '',
    row['filter_definition'] == null ? '' : ` where ${row['filter_definition']}`,
  ];
  const kind = row['is_primary'] === '1' || row['is_constraint'] === '1' ? 'constraint' : 'index';
  return make(row, kind, parts.join(''), flags(row));
}

function foreignKeyOf(rows: readonly Row[], make: Make): SchemaObject {
  const [row = {}] = rows;
  const columns = (name: string) => rows.map((pair) => pair[name] ?? '').join(', ');
  const other = `${row['other_schema'] ?? ''}.${row['other_table'] ?? ''}`;
  const name = `foreign key (${columns('column_name')}) -> ${other} (${columns('other_column')})`;
  const actions = `on delete ${row['on_delete'] ?? ''}, on update ${row['on_update'] ?? ''}`;
  return make(row, 'constraint', name, `${actions} ${flags(row)}`);
}

/** What keeps a constraint or an index from guarding its table. */
function flags(row: Row): string {
  const found = [row['disabled'] === '1' ? 'disabled' : '', row['untrusted'] === '1' ? 'not trusted' : ''];
  return found.filter((flag) => flag !== '').join(', ');
}

function typeText(row: Row): string {
  const size = [row['max_length'], row['number_precision'], row['number_scale']]
    .map((number) => number ?? '')
    .join(',');
  return `${row['base'] ?? ''} (${size})${row['is_nullable'] === '1' ? '' : ' not null'}`;
}

function grantsOf(rows: readonly Row[], make: Make): SchemaObject[] {
  const key = (row: Row) => JSON.stringify([row['schema_name'], row['table_name'], row['account']]);
  return grouped(rows, key).map((own) => {
    const [row = {}] = own;
    const rights = own.map((each) => `${each['state'] ?? ''} ${each['permission'] ?? ''}`);
    return make(row, 'grant', row['account'] ?? '', rights.join(', '));
  });
}

function nextOf(
  last: string | null,
  start: string | null | undefined,
  step: string | null | undefined,
): SchemaObject['next'] {
  if (start == null || step == null) return undefined;
  const by = BigInt(step);
  return { value: last === null ? BigInt(start) : BigInt(last) + by, ascending: by > 0n };
}

/** Before 2017 one that stands at its start may have been used once or never: then nothing is claimed. */
function nextOfSequence(row: Row): SchemaObject['next'] {
  if (row['last'] !== '?') return nextOf(row['last'] ?? null, restarted(row), row['step']);
  return row['now'] === row['start'] ? undefined : nextOf(row['now'] ?? null, row['start'], row['step']);
}

/** ALTER SEQUENCE … RESTART moves the current value of one that is then unused. */
const restarted = (row: Row) => row['now'] ?? row['start'];

function grouped(rows: readonly Row[], by: string | ((row: Row) => string)): Row[][] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = typeof by === 'string' ? (row[by] ?? '') : by(row);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return [...groups.values()];
}

/** Line ends and blanks at them differ by the tool that sent the text; the database may have another name. */
const normalised = (definition: string, database: string) =>
  definition
    .replaceAll(`${quoteName(database)}.`, '')
    .replace(/[ \t\r]+$/gm, '')
    .trim();

/**
 * Of a table that has or had rows the next number is this one and a step, of one that never had any this one: neither
 * is given twice.
 */
export function raiseStatement({ kind, table, schema, name }: SchemaObject, database: string, next: bigint): string {
  const full = (object: string) => [database, schema ?? 'dbo', object].map(quoteName).join('.');
  if (kind === 'sequence') return `ALTER SEQUENCE ${full(name)} RESTART WITH ${next};`;
  return `DBCC CHECKIDENT (${textLiteral(full(table?.name ?? name))}, RESEED, ${next});`;
}
