/** Tasks and comparisons in DTS's wire format, with everything the real service sends, its leaks included. */
import { conclusionOf, type Comparison } from './comparisons.ts';
import type { Job } from './job.ts';
import type { SandboxDatabase, SandboxEndpoint, SandboxNode } from './task.ts';

const NO_TIME = '0000-00-00 00:00:00';
const ALL_ACTIONS = [
  ...['view', 'modify', 'check', 'start', 'configure', 'stop', 'complete', 'pause', 'continue', 'resume'],
  ...['createCmpTask', 'isolate', 'offline', 'resize', 'recover'],
];

export type Language = 'en-US' | 'zh-CN';

/** An item of DescribeMigrationJobs: without steps, options and errors. */
export function listItem(job: Job) {
  const { task } = job;
  return {
    JobId: task.jobId,
    JobName: task.name,
    CreateTime: beijing(job.createdAt),
    // DTS writes down its figures all the time while it follows the source
    UpdateTime: beijing(job.inIncrementalStep ? Date.now() : job.updatedAt),
    StartTime: beijing(job.startedAt),
    EndTime: beijing(job.endedAt),
    BriefMsg: job.error?.message ?? '',
    Status: job.status,
    RunMode: 'immediate',
    ExpectRunTime: '',
    Action: { AllAction: ALL_ACTIONS, AllowedAction: job.allowedActions },
    SrcInfo: endpoint(task.source),
    DstInfo: endpoint(task.target),
    CompareTask: compareTaskInfo(job),
    TradeInfo: {
      DealName: `2026${task.jobId.slice(4)}`,
      LastDealName: '',
      InstanceClass: 'medium',
      TradeStatus: job.tradeStatus,
      ExpireTime: NO_TIME,
      OfflineTime: '',
      IsolateTime: job.tradeStatus === 'isolated' ? beijing(job.updatedAt) : '',
      OfflineReason: '',
      IsolateReason: '',
      PayType: 'postpay',
      BillingType: 'billing',
    },
    Tags: [],
    AutoRetryTimeRangeMinutes: 0,
    DumperResumeCtrl: 'no',
  };
}

/** DescribeMigrationDetail. */
export function detail(job: Job, language: Language) {
  const { task } = job;
  return {
    ...listItem(job),
    StepInfo: stepInfo(job, language),
    MigrateOption: {
      DatabaseTable: {
        ObjectMode: task.databases === 'all' ? 'all' : 'partial',
        Databases: task.databases === 'all' ? [] : task.databases.map(database),
        AdvancedObjects: [],
      },
      MigrateType: task.migrateType,
      Consistency: { Mode: 'noCheck' },
      IsMigrateAccount: false,
      IsOverrideRoot: false,
      IsDstReadOnly: false,
      ExtraAttr: [],
    },
    CheckStepInfo: null,
    ErrorInfo: job.error
      ? [{ Code: 'TaskError', Solution: job.error.solution, ErrorLog: job.error.message, HelpDoc: '' }]
      : [],
  };
}

function stepInfo(job: Job, language: Language) {
  const { backend, migrateType } = job.task;
  const names =
    language === 'zh-CN'
      ? ['源库导出', '数据导入', '同步增量']
      : ['Export Source Database', 'Import Data', 'Syncing Incremental Data'];
  const ids = migrateType === 'fullAndIncrement' ? ['dumper', 'loader', 'sinker'] : ['dumper', 'loader'];
  const { now, running } = position(job, ids.length);
  const failed = ['failed', 'resumableErr'].includes(job.status);
  const steps = ids.map((StepId, index) => {
    const state =
      index < now ? 'finished' : index > now ? 'notStarted' : failed ? 'failed' : running ? 'running' : 'notStarted';
    const copying = backend.percent;
    const done =
      index < now ? 100 : index > now ? 0 : Math.round(StepId === 'dumper' ? copying * 2 : copying * 2 - 100);
    return {
      StepNo: index + 1,
      StepName: names[index],
      StepId,
      Status: state,
      StartTime: state === 'notStarted' ? '' : beijing(job.startedAt),
      FinishTime: state === 'finished' ? beijing(job.updatedAt) : '',
      StepMessage: '',
      Percent: StepId === 'sinker' && state === 'running' ? 100 : Math.min(100, Math.max(0, done)),
      Errors:
        state === 'failed' && job.error
          ? [{ Message: job.error.message, Solution: job.error.solution, HelpDoc: '' }]
          : [],
      Warnings: [],
    };
  });
  const measured = job.inIncrementalStep;
  return {
    StepAll: ids.length,
    StepNow: Math.min(now + 1, ids.length),
    // −1 is DTS's "no valid value"
    MasterSlaveDistance: (measured ? backend.gapMb() : null) ?? -1,
    SecondsBehindMaster: (measured ? backend.lagSeconds() : null) ?? -1,
    StepInfo: steps,
  };
}

/** Which step the task is in, 0 for the first, and whether that step runs. */
function position(job: Job, steps: number): { now: number; running: boolean } {
  const { backend } = job.task;
  switch (job.status) {
    case 'success':
      return { now: steps, running: false };
    case 'readyComplete':
    case 'completing':
      return { now: steps - 1, running: true };
    case 'running':
    case 'pausing':
    case 'resuming':
    case 'stopping':
    case 'manualPaused':
    case 'resumableErr':
    case 'failed':
      if (backend.phase === 'incremental' || backend.percent === 100) return { now: steps - 1, running: true };
      return { now: backend.percent < 50 ? 0 : 1, running: true };
    default:
      return { now: 0, running: false };
  }
}

function endpoint({ databaseType, accessType, region, nodeType, nodes }: SandboxEndpoint) {
  return {
    Region: region,
    AccessType: accessType,
    DatabaseType: databaseType,
    NodeType: nodeType ?? 'simple',
    Info: nodes.map(node),
    Supplier: accessType === 'cdb' ? '' : 'others',
    ExtraAttr: [],
  };
}

function node({ host, port, user, password, instanceId, tmpSecretKey, tmpToken }: SandboxNode) {
  return {
    Role: '',
    DbKernel: '',
    Host: host ?? '',
    Port: port ?? 0,
    User: user ?? '',
    Password: password ?? '',
    CvmInstanceId: '',
    UniqVpnGwId: '',
    UniqDcgId: '',
    InstanceId: instanceId ?? '',
    CcnGwId: null,
    VpcId: '',
    SubnetId: '',
    EngineVersion: '',
    Account: '',
    AccountRole: '',
    AccountMode: '',
    TmpSecretId: '',
    TmpSecretKey: tmpSecretKey ?? '',
    TmpToken: tmpToken ?? '',
    EncryptConn: 'UnEncrypted',
    SetId: '',
  };
}

function database({ name, newName, schema, newSchema, tables }: SandboxDatabase) {
  return {
    DbName: name,
    NewDbName: newName ?? '',
    SchemaName: schema ?? '',
    NewSchemaName: newSchema ?? '',
    DBMode: tables === 'all' && !schema ? 'all' : 'partial',
    SchemaMode: schema ? (tables === 'all' ? 'all' : 'partial') : '',
    TableMode: tables === 'all' ? '' : 'partial',
    Tables:
      tables === 'all'
        ? []
        : tables.map((table) => ({
            TableName: table.name,
            NewTableName: table.newName ?? '',
            TmpTables: [],
            TableEditMode: table.newName ? 'rename' : '',
          })),
    ViewMode: '',
    Views: [],
    RoleMode: '',
    Roles: [],
    FunctionMode: '',
    TriggerMode: '',
    EventMode: '',
    ProcedureMode: '',
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

/** An item of DescribeCompareTasks. */
export function comparisonItem(job: Job, comparison: Comparison) {
  const state = { created: 'notStarted', running: 'running', stopping: 'running', success: 'success' };
  return {
    JobId: job.task.jobId,
    CompareTaskId: comparison.id,
    TaskName: comparison.name,
    Status: comparison.status,
    Config: null,
    CheckProcess: null,
    CompareProcess: {
      Status: state[comparison.status === 'failed' || comparison.status === 'canceled' ? 'success' : comparison.status],
      Percent: comparison.percent,
      StepAll: 1,
      StepNow: 1,
      Message: comparison.message,
      Steps: [],
    },
    Conclusion: conclusionOf(comparison) ?? '',
    CreatedAt: beijing(comparison.createdAt),
    StartedAt: beijing(comparison.startedAt),
    FinishedAt: beijing(comparison.finishedAt),
    Method: comparison.method,
    Options: { Method: comparison.method, SampleRate: 100, ThreadCount: 1, Type: 'builtin', CompareMode: null },
    Message: comparison.message,
  };
}

/** Beijing time without a zone, as DTS writes it. */
export function beijing(at: number | null): string {
  if (at === null) return NO_TIME;
  return new Date(at + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
}
