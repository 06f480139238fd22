/**
 * Tasks and comparisons in DTS's wire format, as its published examples have them: what those leave out is left out here,
 * and its leaks are here too.
 */
import { conclusionOf, type ComparedItem, type Comparison } from './comparisons.ts';
import { databaseTable, endpoint } from './endpoints.ts';
import type { Job } from './job.ts';
import { stepInfo, type Language } from './steps.ts';

const NO_TIME = '0000-00-00 00:00:00';
const ALL_ACTIONS = [
  ...['view', 'modify', 'check', 'start', 'configure', 'stop', 'complete', 'pause', 'continue', 'resume'],
  ...['createCmpTask', 'isolate', 'offline', 'resize', 'recover'],
];

/** An item of DescribeMigrationJobs: without steps, options and errors. */
export function listItem(job: Job) {
  const { task } = job;
  return {
    JobId: task.jobId,
    JobName: task.name,
    CreateTime: beijing(job.createdAt),
    // DTS writes down its figures all the time while it follows the source
    UpdateTime: beijing(job.tellsIncremental ? Date.now() : job.updatedAt),
    StartTime: beijing(job.startedAt),
    EndTime: beijing(ENDS.has(job.told) ? job.endedAt : null),
    ...(job.error ? { BriefMsg: job.error.message } : {}),
    Status: job.told,
    RunMode: 'immediate',
    ExpectRunTime: '',
    Action: { AllAction: ALL_ACTIONS, AllowedAction: job.allowedActions },
    SrcInfo: endpoint(task.source),
    DstInfo: endpoint(task.target),
    CompareTask: compareTaskInfo(job),
    TradeInfo: tradeInfo(job),
    Tags: [],
  };
}

const ENDS: ReadonlySet<string> = new Set(['success', 'failed', 'canceled']);

/** What costs nothing has nothing but its state. */
function tradeInfo({ task: { jobId }, tradeStatus, updatedAt }: Job) {
  if (tradeStatus === null) return null;
  if (/^notBilled/i.test(tradeStatus)) return { TradeStatus: tradeStatus };
  return {
    DealName: `2026${jobId.slice(4)}`,
    LastDealName: '',
    InstanceClass: 'medium',
    TradeStatus: tradeStatus,
    ExpireTime: NO_TIME,
    OfflineReason: '',
    IsolateReason: '',
    ...(tradeStatus === 'isolated' ? { IsolateTime: beijing(updatedAt) } : {}),
    PayType: 'postpay',
    BillingType: 'billing',
  };
}

/** DescribeMigrationDetail. */
export function detail(job: Job, language: Language) {
  const { task } = job;
  return {
    ...listItem(job),
    BriefMsg: job.error?.message ?? '',
    StepInfo: stepInfo(job, language),
    MigrateOption: migrateOption(job),
    CheckStepInfo: job.startedAt === null ? null : checkStepInfo(job.startedAt),
    ErrorInfo: job.error
      ? [{ Code: 'TaskError', Solution: job.error.solution, ErrorLog: job.error.message, HelpDoc: '' }]
      : [],
    ...(task.source.databaseType === 'mongodb' ? { Tags: null } : {}),
  };
}

/** Only the example for MySQL tells more than what is moved and how. */
function migrateOption({ task }: Job) {
  const { databaseType } = task.source;
  const moved = { DatabaseTable: databaseTable(task), MigrateType: task.migrateType };
  if (databaseType === 'postgresql') return { ...moved, MigrateWay: 'logical' };
  if (databaseType === 'mongodb') return moved;
  return {
    ...moved,
    Consistency: { Mode: 'full' },
    IsOverrideRoot: false,
    IsDstReadOnly: task.keepsTargetReadOnly ?? false,
    ExtraAttr: [],
  };
}

function checkStepInfo(startedAt: number) {
  return {
    StartAt: beijing(startedAt - 60_000),
    EndAt: beijing(startedAt - 30_000),
    Progress: { Message: 'success', Percent: 100, Status: 'success', StepAll: 12, StepNow: 12 },
  };
}

function compareTaskInfo(job: Job) {
  const [latest] = job.comparisons.list();
  if (!latest) return { CompareTaskId: '', Status: 'notexist' };
  const verdict = conclusionOf(latest);
  const words = { created: 'unstart', stopping: 'running', running: 'running', failed: 'failed', canceled: 'canceled' };
  return {
    CompareTaskId: latest.id,
    Status:
      latest.status === 'success' ? (verdict === 'different' ? 'inconsistent' : 'consistent') : words[latest.status],
  };
}

/** An item of DescribeCompareTasks. A share is told only while it runs, and a reason only of what went wrong. */
export function comparisonItem(job: Job, comparison: Comparison) {
  const nothing = { Message: '', Status: '', StepAll: 0, StepNow: 0, Steps: [] };
  const running = comparison.status === 'running' || comparison.status === 'stopping';
  return {
    JobId: job.task.jobId,
    CompareTaskId: comparison.id,
    TaskName: comparison.name,
    Status: comparison.status,
    Config: { ObjectMode: 'partial', ObjectItems: (comparison.items ?? []).map(compareObject) },
    CheckProcess: nothing,
    CompareProcess: running
      ? { ...nothing, Status: 'running', Percent: comparison.percent }
      : { ...nothing, Message: comparison.status === 'success' ? 'done' : '' },
    Conclusion: conclusionOf(comparison) ?? '',
    CreatedAt: beijing(comparison.createdAt),
    StartedAt: beijing(comparison.startedAt),
    FinishedAt: beijing(comparison.finishedAt),
    ...(comparison.message === '' ? {} : { Message: comparison.message }),
  };
}

function compareObject({ database, schema, tables }: ComparedItem) {
  return {
    DbName: database,
    DbMode: 'partial',
    SchemaName: schema,
    TableMode: tables === null ? 'all' : 'partial',
    Tables: tables && tables.map((TableName) => ({ TableName })),
    ViewMode: 'none',
    Views: null,
  };
}

/** Beijing time without a zone, as DTS writes it. */
export function beijing(at: number | null): string {
  if (at === null) return NO_TIME;
  return new Date(at + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
}
