/** What each call does: its parameters, checked as strictly as DTS does, and its answer. */
import { z } from 'zod';
import { comparisonItem, detail, listItem } from './answers.ts';
import { differenceItems, report } from './compareAnswers.ts';
import type { ComparedItem } from './comparisons.ts';
import type { Job } from './job.ts';
import { ServiceError } from './serviceError.ts';
import type { Language } from './steps.ts';

export interface Call {
  readonly region: string;
  readonly language: Language;
  readonly jobs: readonly Job[];
}

export interface Action {
  /** whether a read-only account may not call it */
  readonly changes: boolean;
  /** @throws ServiceError when the parameters do not fit, or the task does not allow it */
  answer(parameters: unknown, call: Call): Record<string, unknown>;
}

const limit = z.number().int().min(1).max(100);
const offset = z.number().int().min(0).default(0);
const job = z.strictObject({ JobId: z.string() });
const comparison = z.strictObject({ JobId: z.string(), CompareTaskId: z.string() });
const strings = z.array(z.string());

function action<T>(changes: boolean, shape: z.ZodType<T>, answer: (given: T, call: Call) => object): Action {
  return {
    changes,
    answer(parameters, call) {
      const parsed = shape.safeParse(parameters, { reportInput: true });
      if (!parsed.success) throw parameterError(parsed.error);
      return { ...answer(parsed.data, call) };
    },
  };
}

function parameterError({ issues: [issue] }: z.ZodError): ServiceError {
  const place = issue?.path.join('.') ?? '';
  if (issue?.code === 'unrecognized_keys') {
    return new ServiceError('UnknownParameter', `The parameter \`${issue.keys[0]}\` is not recognized.`);
  }
  if (issue?.code === 'invalid_type' && issue.input === undefined) {
    return new ServiceError('MissingParameter', `The request is missing a required parameter \`${place}\`.`);
  }
  return new ServiceError('InvalidParameterValue', `The value of the parameter \`${place}\` is not valid.`);
}

function jobOf(id: string, { jobs, region }: Call): Job {
  const found = jobs.find(({ task }) => task.jobId === id && task.region === region);
  if (!found) throw new ServiceError('ResourceNotFound.JobNotExist', `The task ${id} does not exist.`);
  return found;
}

const listTasks = action(
  false,
  z.strictObject({
    JobId: z.string().optional(),
    JobName: z.string().optional(),
    Status: strings.optional(),
    SrcDatabaseType: strings.optional(),
    DstDatabaseType: strings.optional(),
    SrcInstanceId: z.string().optional(),
    DstInstanceId: z.string().optional(),
    SrcRegion: z.string().optional(),
    DstRegion: z.string().optional(),
    OrderSeq: z.literal(['asc', 'desc']).default('desc'),
    Limit: limit.default(20),
    Offset: offset,
  }),
  (given, { jobs, region }) => {
    const found = jobs.filter((each) => {
      const { task } = each;
      const on = (wanted: string | undefined, nodes: typeof task.source.nodes) =>
        wanted === undefined || nodes.some(({ instanceId }) => instanceId === wanted);
      return (
        task.region === region &&
        (given.JobId ?? task.jobId) === task.jobId &&
        task.name.includes(given.JobName ?? '') &&
        (given.Status?.includes(each.told) ?? true) &&
        (given.SrcDatabaseType?.includes(task.source.databaseType) ?? true) &&
        (given.DstDatabaseType?.includes(task.target.databaseType) ?? true) &&
        on(given.SrcInstanceId, task.source.nodes) &&
        on(given.DstInstanceId, task.target.nodes) &&
        (given.SrcRegion ?? task.source.region) === task.source.region &&
        (given.DstRegion ?? task.target.region) === task.target.region
      );
    });
    const direction = given.OrderSeq === 'asc' ? 1 : -1;
    found.sort((a, b) => direction * (a.createdAt - b.createdAt));
    return {
      TotalCount: found.length,
      JobList: found.slice(given.Offset, given.Offset + given.Limit).map(listItem),
    };
  },
);

const compareObjects = z.object({
  ObjectMode: z.literal(['all', 'partial']),
  ObjectItems: z
    .array(
      z.object({
        DbName: z.string(),
        DbMode: z.literal(['all', 'partial']),
        SchemaName: z.string().optional(),
        TableMode: z.literal(['all', 'partial']).optional(),
        Tables: z.array(z.object({ TableName: z.string() })).optional(),
      }),
    )
    .default([]),
});

const createComparison = action(
  true,
  z.strictObject({
    JobId: z.string(),
    TaskName: z.string().default(''),
    ObjectMode: z.literal(['sameAsMigrate', 'custom']).default('sameAsMigrate'),
    Objects: compareObjects.optional(),
    Options: z
      .strictObject({
        Method: z.literal(['dataCheck', 'sampleDataCheck', 'rowsCount']).default('dataCheck'),
        SampleRate: z.number().int().min(1).max(100).optional(),
        ThreadCount: z.number().int().min(1).max(8).optional(),
        Type: z.literal(['builtin', 'independent']).optional(),
        CompareMode: strings.optional(),
        ReCheckTime: z.number().int().optional(),
        ReCheckInterval: z.number().int().min(1).max(60).optional(),
      })
      .prefault({}),
  }),
  (given, call) => {
    const items = given.ObjectMode === 'custom' ? (given.Objects?.ObjectItems ?? []).map(comparedItem) : null;
    if (items?.length === 0 && given.Objects?.ObjectMode !== 'all') {
      throw new ServiceError('InvalidParameterValue', 'The value of the parameter `Objects` is not valid.');
    }
    const created = jobOf(given.JobId, call).comparisons.create(
      given.TaskName,
      given.Options.Method,
      items?.length === 0 ? null : items,
    );
    return { CompareTaskId: created.id };
  },
);

function comparedItem(item: z.infer<typeof compareObjects>['ObjectItems'][number]): ComparedItem {
  const all = item.DbMode === 'all' || item.TableMode === 'all';
  return {
    database: item.DbName,
    schema: item.SchemaName ?? '',
    tables: all ? null : (item.Tables ?? []).map(({ TableName }) => TableName),
  };
}

export const ACTIONS: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['DescribeMigrationJobs', listTasks],
  ['DescribeMigrationDetail', action(false, job, ({ JobId }, call) => detail(jobOf(JobId, call), call.language))],
  [
    'CompleteMigrateJob',
    action(
      true,
      z.strictObject({ JobId: z.string(), CompleteMode: z.literal(['waitForSync', 'immediately']).optional() }),
      ({ JobId }, call) => done(jobOf(JobId, call).complete()),
    ),
  ],
  ['StartMigrateJob', action(true, job, ({ JobId }, call) => done(jobOf(JobId, call).start()))],
  ['StopMigrateJob', action(true, job, ({ JobId }, call) => done(jobOf(JobId, call).stop()))],
  ['PauseMigrateJob', action(true, job, ({ JobId }, call) => done(jobOf(JobId, call).pause()))],
  ['ContinueMigrateJob', action(true, job, ({ JobId }, call) => done(jobOf(JobId, call).continue()))],
  [
    'ResumeMigrateJob',
    action(true, z.strictObject({ JobId: z.string(), ResumeOption: z.string() }), ({ JobId }, call) =>
      done(jobOf(JobId, call).resume()),
    ),
  ],
  ['CreateCompareTask', createComparison],
  [
    'StartCompare',
    action(true, comparison, (given, call) => done(jobOf(given.JobId, call).comparisons.start(given.CompareTaskId))),
  ],
  [
    'StopCompare',
    action(true, comparison.extend({ ForceStop: z.boolean().optional() }), (given, call) =>
      done(jobOf(given.JobId, call).comparisons.stop(given.CompareTaskId)),
    ),
  ],
  [
    'DescribeCompareTasks',
    action(
      false,
      z.strictObject({
        JobId: z.string(),
        CompareTaskId: z.string().optional(),
        Status: strings.optional(),
        Limit: limit.default(20),
        Offset: offset,
      }),
      (given, call) => {
        const owner = jobOf(given.JobId, call);
        const found = owner.comparisons
          .list()
          .filter(({ id, status }) => (given.CompareTaskId ?? id) === id && (given.Status?.includes(status) ?? true));
        const page = found.slice(given.Offset, given.Offset + given.Limit);
        return { TotalCount: found.length, Items: page.map((each) => comparisonItem(owner, each)) };
      },
    ),
  ],
  [
    'DescribeCompareReport',
    action(
      false,
      comparison.extend({
        DifferenceLimit: limit.default(20),
        DifferenceOffset: offset,
        SkippedLimit: limit.default(20),
        SkippedOffset: offset,
      }),
      (given, call) =>
        report(
          jobOf(given.JobId, call).comparisons.find(given.CompareTaskId),
          { limit: given.DifferenceLimit, offset: given.DifferenceOffset },
          { limit: given.SkippedLimit, offset: given.SkippedOffset },
        ),
    ),
  ],
  [
    'DescribeCompareDiffItems',
    action(
      false,
      comparison.extend({
        DBName: z.string().optional(),
        SchemaName: z.string().optional(),
        TableName: z.string().optional(),
        ChunkId: z.number().int().optional(),
        Limit: limit.default(20),
        Offset: offset,
      }),
      (given, call) =>
        differenceItems(
          jobOf(given.JobId, call).comparisons.find(given.CompareTaskId),
          { database: given.DBName, schema: given.SchemaName, table: given.TableName },
          { limit: given.Limit, offset: given.Offset },
        ),
    ),
  ],
  [
    'DescribeMigrateGtidCompareReport',
    action(
      false,
      z.strictObject({
        JobId: z.string(),
        CompareTaskId: z.string().optional(),
        NeedDiffDetail: z.boolean().optional(),
      }),
      ({ JobId }, call) => {
        const owner = jobOf(JobId, call);
        if (owner.task.source.databaseType === 'mysql') return GTID_REPORT;
        throw new ServiceError('UnsupportedOperation', 'Only MySQL tasks have a GTID report.');
      },
    ),
  ],
]);

/** The sandbox moves no MySQL data, so this is a sample of what the service tells about one that does. */
const GTID_REPORT = {
  Conclusion: 'same',
  Status: 'success',
  Type: 'gtid',
  Detail: [
    {
      Result: 'same',
      SrcGtidSets: '3e11fa47-71ca-11e1-9e33-c80aa9429562:1-2205',
      DstGtidSets: '3e11fa47-71ca-11e1-9e33-c80aa9429562:1-2205',
      DiffSrc: '',
      DiffSrcTables: [],
      DiffDst: '',
      CompareTimestamp: '',
      DiffSrcTablesNeedSync: [],
      DiffSrcIsNeedSync: false,
    },
  ],
};

/** These calls answer nothing but their request id. */
function done(_nothing: void): object {
  return {};
}
