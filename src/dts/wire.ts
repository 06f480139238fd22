/**
 * DTS's answers about tasks, checked and turned into facts. Only named fields are copied: DTS sends database passwords
 * and temporary keys in clear, and nothing that is not named here gets further.
 */
import * as z from 'zod';
import {
  TASK_STATUSES,
  type EngineKind,
  type MigrationScope,
  type ScopedDatabase,
  type StepStatus,
  type TaskEndpoint,
  type TaskFacts,
  type TaskStep,
} from '../cutover/facts.ts';
import { count, instant, listOf, percent, text, wordOf } from './wireValues.ts';

const tip = z.object({ Message: text, Solution: text });

const step = z.object({
  StepId: text,
  StepName: text,
  Status: text,
  Percent: percent,
  StepMessage: text,
  Errors: listOf(tip),
});

const stepInfo = z.object({ MasterSlaveDistance: count, SecondsBehindMaster: count, StepInfo: listOf(step) });

const endpoint = z.object({
  Region: text,
  AccessType: text,
  DatabaseType: text,
  Info: listOf(z.object({ Host: text, Port: count, User: text, InstanceId: text, CvmInstanceId: text })),
});

const database = z.object({
  DbName: text,
  NewDbName: text,
  SchemaName: text,
  NewSchemaName: text,
  DBMode: text,
  SchemaMode: text,
  TableMode: text,
  Tables: listOf(z.object({ TableName: text, NewTableName: text, TableEditMode: text })),
});

const migrateOption = z.object({
  MigrateType: text,
  DatabaseTable: z.object({ ObjectMode: text, Databases: listOf(database) }).nullish(),
});

/** What the list's items and the detail have in common, and the detail's own parts, which the list leaves out. */
const task = z.object({
  JobId: z.string().min(1),
  JobName: text,
  Status: text,
  CreateTime: instant,
  StartTime: instant,
  EndTime: instant,
  BriefMsg: text,
  Action: z.object({ AllowedAction: listOf(z.string()) }).nullish(),
  StepInfo: stepInfo.nullish(),
  SrcInfo: endpoint.nullish(),
  DstInfo: endpoint.nullish(),
  TradeInfo: z.object({ TradeStatus: text }).nullish(),
  MigrateOption: migrateOption.nullish(),
  ErrorInfo: listOf(z.object({ ErrorLog: text, Solution: text })),
});

export const detailAnswer = task;
export const listAnswer = z.object({ TotalCount: z.number().int().nonnegative(), JobList: listOf(task) });
export type WireTask = z.infer<typeof task>;

export function taskFacts(wire: WireTask, region: string, detailed: boolean, readAt: number): TaskFacts {
  const measured = measuresHold(wire);
  return {
    ref: { region, jobId: wire.JobId },
    name: wire.JobName,
    status: wordOf(wire.Status, TASK_STATUSES),
    rawStatus: wire.Status,
    trade: wordOf(wire.TradeInfo?.TradeStatus ?? '', TRADE_STATUSES),
    migrateType: wordOf(wire.MigrateOption?.MigrateType ?? '', MIGRATE_TYPES),
    steps: (wire.StepInfo?.StepInfo ?? []).map(stepFacts),
    gapMb: measured ? (wire.StepInfo?.MasterSlaveDistance ?? null) : null,
    lagSeconds: measured ? (wire.StepInfo?.SecondsBehindMaster ?? null) : null,
    allowedActions: [...new Set(wire.Action?.AllowedAction ?? [])],
    source: endpointFacts(wire.SrcInfo),
    target: endpointFacts(wire.DstInfo),
    scope: scopeFacts(wire.MigrateOption?.DatabaseTable),
    error: errorFacts(wire),
    createdAt: wire.CreateTime,
    startedAt: wire.StartTime,
    endedAt: wire.EndTime,
    detailed,
    readAt,
  };
}

const TRADE_STATUSES = [
  'normal',
  'resizing',
  'reversing',
  'isolating',
  'isolated',
  'offlining',
  'offlined',
  'notBilled',
] as const;
const MIGRATE_TYPES = ['structure', 'full', 'fullAndIncrement'] as const;

const STEP_STATUSES: ReadonlyMap<string, StepStatus> = new Map([
  // the documentation says `success`, its examples say `finished`
  ['success', 'finished'],
  ['finished', 'finished'],
  ['running', 'running'],
  ['failed', 'failed'],
  ['notStarted', 'notStarted'],
  ['', 'notStarted'],
]);

function stepFacts(wire: z.infer<typeof step>): TaskStep {
  return {
    id: wire.StepId,
    name: wire.StepName,
    status: STEP_STATUSES.get(wire.Status) ?? 'unrecognized',
    rawStatus: wire.Status,
    percent: wire.Percent,
  };
}

/** Gap and lag only mean something in the last step: a 0 from before it began is no zero. */
function measuresHold(wire: WireTask): boolean {
  const last = wire.StepInfo?.StepInfo.at(-1);
  const status = last && stepFacts(last).status;
  return status !== 'notStarted' && status !== 'failed';
}

/** DTS's names of databases our engines can speak to; the others are listed, but have no sessions and no comparison. */
const ENGINES: ReadonlyMap<string, EngineKind> = new Map([
  ['mysql', 'mysql'],
  ['mariadb', 'mysql'],
  ['percona', 'mysql'],
  ['cynosdbmysql', 'mysql'],
  ['tdsqlmysql', 'mysql'],
  ['tdsqlpercona', 'mysql'],
  ['postgresql', 'postgres'],
  ['cynosdbpg', 'postgres'],
  ['cynosdbpostgresql', 'postgres'],
  ['sqlserver', 'sqlserver'],
  ['mongodb', 'mongodb'],
]);

function endpointFacts(wire: z.infer<typeof endpoint> | null | undefined): TaskEndpoint {
  const nodes = wire?.Info ?? [];
  const databaseType = wire?.DatabaseType ?? '';
  return {
    databaseType,
    engine: ENGINES.get(databaseType.toLowerCase()) ?? null,
    accessType: wire?.AccessType ?? '',
    region: wire?.Region ?? '',
    instanceId: nodes.map((node) => node.InstanceId || node.CvmInstanceId).find((id) => id !== '') ?? '',
    // a cloud instance has port 0 and no host: only its id is known
    nodes: nodes.map(({ Host, Port, User }) => ({ host: Host, port: Port || null, user: User })),
  };
}

/**
 * A scope that is not told, or in words never seen, counts as everything: comparing too much shows differences that are
 * none, comparing too little would call same what was never looked at.
 */
function scopeFacts(
  wire: { ObjectMode: string; Databases: z.infer<typeof database>[] } | null | undefined,
): MigrationScope {
  if (wire?.ObjectMode !== 'partial') return { mode: 'all', databases: [] };
  return { mode: 'partial', databases: wire.Databases.map(scopedDatabase) };
}

function scopedDatabase(wire: z.infer<typeof database>): ScopedDatabase {
  const { DBMode, SchemaMode, TableMode } = wire;
  const allTables =
    DBMode === 'all' ||
    TableMode === 'all' ||
    (TableMode !== 'partial' && (SchemaMode === 'all' || DBMode !== 'partial'));
  return {
    name: wire.DbName,
    newName: wire.NewDbName || wire.DbName,
    schema: wire.SchemaName || null,
    newSchema: wire.NewSchemaName || wire.SchemaName || null,
    allTables,
    tables: allTables
      ? []
      : wire.Tables.map(({ TableName, NewTableName, TableEditMode }) => ({
          name: TableName,
          // with `pt` the table keeps its name and its temporary tables come along
          newName: TableEditMode === 'pt' ? TableName : NewTableName || TableName,
        })),
  };
}

function errorFacts(wire: WireTask): TaskFacts['error'] {
  const told = [
    ...wire.ErrorInfo.map(({ ErrorLog, Solution }) => ({ message: ErrorLog, solution: Solution })),
    ...(wire.StepInfo?.StepInfo ?? []).flatMap((each) =>
      each.Errors.map(({ Message, Solution }) => ({ message: Message, solution: Solution })),
    ),
  ];
  const lines = (key: 'message' | 'solution') => [...new Set(told.map((each) => each[key]).filter(Boolean))].join('\n');
  const message = lines('message') || wire.BriefMsg;
  return message || lines('solution') ? { message, solution: lines('solution') } : null;
}
