/**
 * DTS's answers about tasks, checked and turned into facts. Only named fields are copied: DTS sends database passwords
 * and temporary keys in clear, and nothing that is not named here gets further.
 */
import * as z from 'zod';
import {
  TASK_STATUSES,
  type EngineKind,
  type StepStatus,
  type TaskEndpoint,
  type TaskFacts,
  type TaskStep,
} from '../cutover/facts.ts';
import { migrateOption, optionFacts, scopeFacts } from './wireScope.ts';
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

/** What the list's items and the detail have in common, and the detail's own parts, which the list leaves out. */
const task = z.object({
  JobId: z.string().min(1),
  JobName: text,
  Status: text,
  CreateTime: instant,
  StartTime: instant,
  EndTime: instant,
  UpdateTime: instant,
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
/** TotalCount is null where it is no count; an item that could not be read is undefined and keeps its place. */
export const listAnswer = z.object({
  TotalCount: count,
  JobList: z
    .array(task.optional())
    .nullish()
    .transform((items) => items ?? []),
});
export type ListAnswer = z.infer<typeof listAnswer>;
export type WireTask = z.infer<typeof task>;

export interface AnswerFacts {
  readonly region: string;
  /** whether it is the detail's answer */
  readonly detailed: boolean;
  readonly readAt: number;
  /** places of this task's answer that could not be read */
  readonly unreadable: readonly string[];
}

export function taskFacts(wire: WireTask, { region, detailed, readAt, unreadable }: AnswerFacts): TaskFacts {
  const hold = measuresHold(wire);
  const measure = (value: number | null | undefined) =>
    hold === 'yes' || (hold === 'aboveZero' && (value ?? 0) > 0) ? (value ?? null) : null;
  return {
    ref: { region, jobId: wire.JobId },
    name: wire.JobName,
    status: wordOf(wire.Status, TASK_STATUSES),
    rawStatus: wire.Status,
    trade: tradeOf(wire.TradeInfo?.TradeStatus ?? ''),
    migrateType: wordOf(wire.MigrateOption?.MigrateType ?? '', MIGRATE_TYPES),
    steps: (wire.StepInfo?.StepInfo ?? []).map(stepFacts),
    gapMb: measure(wire.StepInfo?.MasterSlaveDistance),
    lagSeconds: measure(wire.StepInfo?.SecondsBehindMaster),
    allowedActions: [...new Set(wire.Action?.AllowedAction ?? [])],
    source: endpointFacts(wire.SrcInfo),
    target: endpointFacts(wire.DstInfo),
    scope: scopeFacts(wire.MigrateOption?.DatabaseTable, unreadable),
    options: detailed ? optionFacts(wire.MigrateOption) : undefined,
    error: errorFacts(wire),
    createdAt: wire.CreateTime,
    startedAt: wire.StartTime,
    endedAt: wire.EndTime,
    updatedAt: wire.UpdateTime,
    unreadable,
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

/** Tasks that cost nothing have a second word on the international site. */
const tradeOf = (raw: string) => (raw === 'NotBilledByInternational' ? 'notBilled' : wordOf(raw, TRADE_STATUSES));

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

/** The id of "Syncing Incremental Data" where ids are published (MySQL). */
const INCREMENTAL_STEP = 'sinker';

/**
 * Gap and lag only mean something in the incremental step: a 0 from before it began is no zero. It need not be the last
 * of the list; where no step has its id, a task that is ready to be completed is in it, and else the last one counts, or
 * what is more than 0 speaks for itself.
 */
function measuresHold(wire: WireTask): 'yes' | 'aboveZero' | 'no' {
  const steps = wire.StepInfo?.StepInfo ?? [];
  const incremental = steps.find(({ StepId }) => StepId === INCREMENTAL_STEP);
  if (!incremental && wire.Status === 'readyComplete') return 'yes';
  const decisive = incremental ?? steps.at(-1);
  const status = decisive && stepFacts(decisive).status;
  if (status !== 'notStarted' && status !== 'failed') return 'yes';
  return incremental ? 'no' : 'aboveZero';
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
