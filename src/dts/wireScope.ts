/** What a task moves, and how it was told to: `MigrateOption` of DTS's answers, turned into facts. */
import * as z from 'zod';
import type {
  MigrationScope,
  MovedKind,
  ScopedDatabase,
  ScopedObjects,
  ScopedTable,
  TaskOptions,
} from '../cutover/facts.ts';
import { flag, listOf, text } from './wireValues.ts';

const table = z.object({
  TableName: z.string().min(1),
  NewTableName: text,
  TableEditMode: text,
  TmpTables: listOf(z.string()),
});

const database = z.object({
  DbName: z.string().min(1),
  NewDbName: text,
  SchemaName: text,
  NewSchemaName: text,
  DBMode: text,
  SchemaMode: text,
  TableMode: text,
  Tables: listOf(table),
  ViewMode: text,
  Views: listOf(z.object({ ViewName: text })),
  RoleMode: text,
  Roles: listOf(z.object({ RoleName: text })),
  FunctionMode: text,
  Functions: listOf(z.string()),
  ProcedureMode: text,
  Procedures: listOf(z.string()),
  EventMode: text,
  Events: listOf(z.string()),
  TriggerMode: text,
  Triggers: listOf(z.string()),
});
type WireDatabase = z.infer<typeof database>;

const databaseTable = z.object({
  ObjectMode: text,
  Databases: listOf(database),
  // null means that DTS does not tell, and an empty list that none of them comes over
  AdvancedObjects: z.array(z.string()).nullish(),
});

export const migrateOption = z.object({
  MigrateType: text,
  DatabaseTable: databaseTable.nullish(),
  IsDstReadOnly: flag,
  IsMigrateAccount: flag,
  IsOverrideRoot: flag,
});
type WireOption = z.infer<typeof migrateOption>;

export function optionFacts(wire: WireOption | null | undefined): TaskOptions {
  return {
    advancedObjects: wire?.DatabaseTable?.AdvancedObjects ?? null,
    targetReadOnly: wire?.IsDstReadOnly ?? null,
    migratesAccounts: wire?.IsMigrateAccount ?? null,
    overridesRoot: wire?.IsOverrideRoot ?? null,
  };
}

/** Where something stood that could not be read and that would have said what the task moves. */
const OF_THE_SCOPE = /^MigrateOption(\.DatabaseTable(\.(ObjectMode|Databases(\..+)?))?)?$/;

/**
 * A scope that is not told, in words never seen, or of which a part cannot be read, counts as everything: comparing too
 * much shows differences that are none, comparing too little would call same what was never looked at.
 */
export function scopeFacts(
  wire: z.infer<typeof databaseTable> | null | undefined,
  unreadable: readonly string[],
): MigrationScope {
  const advancedObjects = wire?.AdvancedObjects ?? undefined;
  const moved = advancedObjects && { advancedObjects };
  const everything: MigrationScope = { mode: 'all', databases: [], ...moved };
  if (wire?.ObjectMode !== 'partial' || wire.Databases.length === 0) return everything;
  if (unreadable.some((place) => OF_THE_SCOPE.test(place))) return everything;
  return { mode: 'partial', databases: wire.Databases.map(scopedDatabase), ...moved };
}

function scopedDatabase(wire: WireDatabase): ScopedDatabase {
  const { DBMode, SchemaMode, TableMode } = wire;
  const allTables =
    DBMode === 'all' ||
    TableMode === 'all' ||
    (TableMode !== 'partial' && (SchemaMode === 'all' || DBMode !== 'partial'));
  const objects = scopedObjects(wire);
  return {
    name: wire.DbName,
    newName: wire.NewDbName || wire.DbName,
    schema: wire.SchemaName || null,
    newSchema: wire.NewSchemaName || wire.SchemaName || null,
    allTables,
    tables: allTables ? [] : wire.Tables.map(scopedTable),
    ...(objects.length > 0 && { objects }),
  };
}

function scopedTable({ TableName, NewTableName, TableEditMode, TmpTables }: z.infer<typeof table>): ScopedTable {
  // with `pt` the table keeps its name and its temporary tables come along
  if (TableEditMode === 'pt') return { name: TableName, newName: TableName, temporary: TmpTables };
  return { name: TableName, newName: NewTableName || TableName };
}

/** Only what a mode says something about: an empty one leaves it open whether the objects come over. */
function scopedObjects(wire: WireDatabase): ScopedObjects[] {
  const told: readonly (readonly [MovedKind, string, readonly string[]])[] = [
    ['view', wire.ViewMode, wire.Views.map(({ ViewName }) => ViewName)],
    ['role', wire.RoleMode, wire.Roles.map(({ RoleName }) => RoleName)],
    ['function', wire.FunctionMode, wire.Functions],
    ['procedure', wire.ProcedureMode, wire.Procedures],
    ['trigger', wire.TriggerMode, wire.Triggers],
    ['event', wire.EventMode, wire.Events],
  ];
  return told.flatMap(([kind, mode, names]): ScopedObjects[] => {
    if (mode === 'all' || mode === 'none') return [{ kind, moved: mode }];
    return mode === 'partial' ? [{ kind, moved: names.filter((name) => name !== '') }] : [];
  });
}
