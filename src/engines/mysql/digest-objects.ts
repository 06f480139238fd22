/** What a MySQL or MariaDB database holds besides rows, with definitions that read alike on both sides. */
import type { SchemaObject } from '../../comparison/port.ts';
import type { Snapshot } from './digest-snapshot.ts';
import { readChecks } from './digest-checks.ts';
import { readColumns } from './digest-columns.ts';
import { readNumbers } from './digest-numbers.ts';
import { unseenObjects } from './digest-unseen.ts';
import { quoteName, quoteText } from './text.ts';

/** kind, query: table or NULL, name, definition. NULL where the account may not read it. */
const queries = (schema: string): readonly (readonly [SchemaObject['kind'], string])[] => [
  ['view', `SELECT NULL, TABLE_NAME, VIEW_DEFINITION FROM information_schema.VIEWS WHERE TABLE_SCHEMA = ${schema}`],
  [
    'routine',
    `SELECT NULL, CONCAT(LOWER(r.ROUTINE_TYPE), ' ', r.ROUTINE_NAME),
            CONCAT_WS(' ', (SELECT GROUP_CONCAT(CONCAT_WS(' ', p.PARAMETER_MODE, p.PARAMETER_NAME, p.DTD_IDENTIFIER) ORDER BY p.ORDINAL_POSITION)
                              FROM information_schema.PARAMETERS p WHERE p.SPECIFIC_SCHEMA = r.ROUTINE_SCHEMA
                               AND p.SPECIFIC_NAME = r.SPECIFIC_NAME AND p.ROUTINE_TYPE = r.ROUTINE_TYPE), r.ROUTINE_DEFINITION)
       FROM information_schema.ROUTINES r WHERE r.ROUTINE_SCHEMA = ${schema}`,
  ],
  [
    'trigger',
    `SELECT EVENT_OBJECT_TABLE, TRIGGER_NAME, CONCAT_WS(' ', ACTION_TIMING, EVENT_MANIPULATION, ACTION_STATEMENT)
       FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ${schema}`,
  ],
  [
    // enabled on one side only is what one wants until the switch
    'event',
    `SELECT NULL, EVENT_NAME, CONCAT_WS(' ', EVENT_TYPE, EXECUTE_AT, INTERVAL_VALUE, INTERVAL_FIELD, EVENT_DEFINITION)
       FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ${schema}`,
  ],
  [
    'index',
    `SELECT TABLE_NAME, CONCAT(IF(NON_UNIQUE, '', 'unique '), LOWER(INDEX_TYPE), ' (',
            GROUP_CONCAT(CONCAT_WS(':', COLUMN_NAME, SUB_PART) ORDER BY SEQ_IN_INDEX SEPARATOR ', '), ')'), ''
       FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ${schema}
      GROUP BY TABLE_NAME, INDEX_NAME, NON_UNIQUE, INDEX_TYPE`,
  ],
  [
    'constraint',
    `SELECT k.TABLE_NAME, CONCAT('foreign key (', GROUP_CONCAT(k.COLUMN_NAME ORDER BY k.ORDINAL_POSITION SEPARATOR ', '), ') -> ',
            k.REFERENCED_TABLE_NAME, ' (', GROUP_CONCAT(k.REFERENCED_COLUMN_NAME ORDER BY k.ORDINAL_POSITION SEPARATOR ', '), ')'),
            CONCAT(r.UPDATE_RULE, ' ', r.DELETE_RULE)
       FROM information_schema.KEY_COLUMN_USAGE k JOIN information_schema.REFERENTIAL_CONSTRAINTS r
         ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME AND r.TABLE_NAME = k.TABLE_NAME
      WHERE k.TABLE_SCHEMA = ${schema} AND k.REFERENCED_TABLE_NAME IS NOT NULL
      GROUP BY k.TABLE_NAME, k.CONSTRAINT_NAME, k.REFERENCED_TABLE_NAME, r.UPDATE_RULE, r.DELETE_RULE`,
  ],
  [
    'grant',
    `SELECT TABLE_NAME, GRANTEE, GROUP_CONCAT(PRIVILEGE_TYPE ORDER BY PRIVILEGE_TYPE SEPARATOR ', ')
       FROM information_schema.TABLE_PRIVILEGES WHERE TABLE_SCHEMA = ${schema} GROUP BY TABLE_NAME, GRANTEE`,
  ],
];

export async function readObjects(snapshot: Snapshot, signal: AbortSignal): Promise<SchemaObject[]> {
  const { database } = snapshot;
  const schema = quoteText(database);
  const found: SchemaObject[] = [];
  const tableName = (table: string | null | undefined) =>
    table == null ? null : { database, schema: null, name: table };
  for (const [kind, sql] of queries(schema)) {
    for (const [table, name, definition] of await snapshot.ask(sql, signal)) {
      found.push({
        kind,
        schema: null,
        table: tableName(table),
        name: name ?? '',
        definition: normalised(definition ?? '', database),
      });
    }
  }
  const expression = (text: string) => normalised(text, database);
  return [
    ...found,
    ...(await readChecks(snapshot, expression, signal)),
    ...(await readColumns(snapshot, expression, signal)),
    ...(await readNumbers(snapshot, signal)),
    ...(await unseenObjects(snapshot, signal)),
  ];
}

/** The database's own name is part of a view's definition, and may be another on the target. */
const normalised = (definition: string, database: string) =>
  definition
    .replaceAll(`${quoteName(database)}.`, '')
    .replace(/\s+/g, ' ')
    .trim();

export function raiseStatement(object: SchemaObject, database: string, next: bigint): string {
  if (object.kind === 'sequence') {
    return `ALTER SEQUENCE ${quoteName(database)}.${quoteName(object.name)} RESTART ${next};`;
  }
  const table = `${quoteName(database)}.${quoteName(object.table?.name ?? object.name)}`;
  return `ALTER TABLE ${table} AUTO_INCREMENT = ${next};`;
}
