/**
 * The one door to the cloud service. Load it with a dynamic import when it is first needed: the SDK comes with it.
 * Types for others are in api.ts and comparison.ts.
 */
import * as z from 'zod';
import type { TaskFacts, TaskRef } from '../cutover/facts.ts';
import { Failure } from '../util/failure.ts';
import { sentence } from '../util/sentence.ts';
import type { DtsClient, DtsClientOptions, TaskFilter, TaskPage } from './api.ts';
import type { ComparisonTask } from './comparison.ts';
import { createRequests, type Page, type Question, type Requests } from './requests.ts';
import { regionsAnswer, regionsOf } from './wireRegions.ts';
import { detailAnswer, listAnswer, taskFacts, type ListAnswer } from './wire.ts';
import {
  comparisonsAnswer,
  createdAnswer,
  createParameters,
  differencesAnswer,
  gtidAnswer,
  reportAnswer,
} from './wireComparison.ts';

export type * from './api.ts';
export type * from './comparison.ts';

const PAGE_SIZE = 100;

/** @throws Failure `bad-input` when a custom endpoint is no http or https URL */
export function createDtsClient(options: DtsClientOptions): DtsClient {
  const requests = createRequests(options);
  const { endpointName } = requests;
  return {
    endpointName,
    ...taskCalls(requests),
    ...comparisonCalls(requests),
    async listRegions(signal) {
      // only the cloud's own sites have the service that knows
      return options.endpoint.kind === 'custom' ? null : regionsOf(await requests.read(REGIONS, signal));
    },
  };
}

/** Which regions the site offers DTS in; asked of the product `region`, in any region. */
const REGIONS: Question<z.infer<typeof regionsAnswer>> = {
  ...{ service: 'region', action: 'DescribeRegions', region: '', jobId: null },
  ...{ parameters: { Product: 'dts' }, answer: regionsAnswer },
};

function taskCalls(
  requests: Requests,
): Pick<DtsClient, 'taskPages' | 'listTasks' | 'readTask' | 'completeTask' | 'readGtidReport'> {
  const taskPages: DtsClient['taskPages'] = (region, filter, signal) => pagesOfTasks(requests, region, filter, signal);
  return {
    taskPages,

    async listTasks(region, filter, signal, onPage) {
      const tasks: TaskFacts[] = [];
      for await (const page of taskPages(region, filter, signal)) {
        tasks.push(...page.tasks);
        onPage?.(page);
      }
      return tasks;
    },

    async readTask(ref, signal) {
      const question = about(ref, 'DescribeMigrationDetail', {}, detailAnswer);
      const { data, unreadable } = await requests.read(question, signal);
      // facts about another task must never be taken for this one's
      if (data.JobId !== ref.jobId) throw requests.unexpected(question, 'JobId');
      return taskFacts(data, { region: ref.region, detailed: true, readAt: Date.now(), unreadable });
    },

    async completeTask(ref, signal) {
      await requests.change(about(ref, 'CompleteMigrateJob', {}, accepted), signal);
    },

    async readGtidReport(ref, signal) {
      return (await requests.read(about(ref, 'DescribeMigrateGtidCompareReport', {}, gtidAnswer), signal)).data;
    },
  };
}

async function* pagesOfTasks(
  requests: Requests,
  region: string,
  filter: TaskFilter,
  signal: AbortSignal,
): AsyncGenerator<TaskPage> {
  const seen = new Set<string>();
  let before = 0;
  for (let offset = 0; ;) {
    const question: Question<ListAnswer> = {
      ...{ action: 'DescribeMigrationJobs', region, jobId: null, answer: listAnswer },
      parameters: { ...listParameters(filter), Limit: PAGE_SIZE, Offset: offset },
    };
    const page = await requests.readPage('JobList', question, signal);
    const { JobList, TotalCount } = page.data;
    yield { tasks: freshTasks(page, seen, region), total: TotalCount, unreadable: page.lost };
    // without a count the list goes on while its pages are full
    const total = TotalCount ?? offset + JobList.length + (JobList.length < PAGE_SIZE ? 0 : 1);
    // tasks destroyed since the page before move the rest up, some of it past where this page began: begin there again
    const gone = offset === 0 ? 0 : Math.max(0, before - total);
    offset = gone > 0 ? Math.max(0, offset - gone) : offset + JobList.length;
    before = total;
    if (offset >= total || (JobList.length === 0 && gone === 0)) return;
  }
}

/** The tasks of a page that no page before has brought, each with what of it could not be read. */
function freshTasks({ data, unreadable }: Page<ListAnswer>, seen: Set<string>, region: string): TaskFacts[] {
  const readAt = Date.now();
  return data.JobList.flatMap((task, index) => {
    if (task === undefined || seen.has(task.JobId)) return [];
    seen.add(task.JobId);
    const item = `JobList.${index}.`;
    const places = unreadable.filter((place) => place.startsWith(item)).map((place) => place.slice(item.length));
    return [taskFacts(task, { region, detailed: false, readAt, unreadable: places })];
  });
}

function comparisonCalls(
  requests: Requests,
): Omit<
  DtsClient,
  'endpointName' | 'listRegions' | 'taskPages' | 'listTasks' | 'readTask' | 'completeTask' | 'readGtidReport'
> {
  return {
    async createComparison(ref, request, signal) {
      const question = about(ref, 'CreateCompareTask', createParameters(request), createdAnswer);
      return (await requests.change(question, signal)).data.CompareTaskId;
    },

    async startComparison(ref, CompareTaskId, signal) {
      await requests.change(about(ref, 'StartCompare', { CompareTaskId }, accepted), signal);
    },

    async stopComparison(ref, CompareTaskId, signal) {
      await requests.change(about(ref, 'StopCompare', { CompareTaskId }, accepted), signal);
    },

    listComparisons: (ref, signal) => listComparisons(requests, ref, {}, signal),

    async readComparison(ref, comparisonId, signal) {
      const listed = await listComparisons(requests, ref, { CompareTaskId: comparisonId }, signal);
      const found = listed.find(({ id }) => id === comparisonId);
      if (found) return found;
      throw new Failure(
        'task-not-found',
        sentence('DTS knows no comparison {comparison} of {task}.', { comparison: comparisonId, task: ref.jobId }),
      );
    },

    async readComparisonReport(ref, comparisonId, page, signal) {
      const parameters = {
        CompareTaskId: comparisonId,
        DifferenceLimit: page.differences.limit,
        DifferenceOffset: page.differences.offset,
        SkippedLimit: page.skipped.limit,
        SkippedOffset: page.skipped.offset,
      };
      return (await requests.read(about(ref, 'DescribeCompareReport', parameters, reportAnswer), signal)).data;
    },

    async readDifferences(ref, comparisonId, query, signal) {
      const question = about(
        ref,
        'DescribeCompareDiffItems',
        {
          CompareTaskId: comparisonId,
          DBName: query.database,
          ...(query.schema ? { SchemaName: query.schema } : {}),
          TableName: query.table,
          ...(query.chunk === undefined ? {} : { ChunkId: query.chunk }),
          Limit: query.limit,
          Offset: query.offset,
        },
        differencesAnswer,
      );
      return (await requests.readPage('Items', question, signal)).data;
    },
  };
}

async function listComparisons(
  requests: Requests,
  ref: TaskRef,
  which: { readonly CompareTaskId?: string },
  signal: AbortSignal,
): Promise<readonly ComparisonTask[]> {
  const found = new Map<string, ComparisonTask>();
  for (let offset = 0; ;) {
    const parameters = { ...which, Limit: PAGE_SIZE, Offset: offset };
    const question = about(ref, 'DescribeCompareTasks', parameters, comparisonsAnswer);
    const { data, lost } = await requests.readPage('Items', question, signal);
    for (const item of data.Items) found.set(item.id, item);
    const length = data.Items.length + lost;
    offset += length;
    const total = data.TotalCount ?? offset + (length < PAGE_SIZE ? 0 : 1);
    if (length === 0 || offset >= total) return [...found.values()];
  }
}

function about<T>(
  { region, jobId }: TaskRef,
  action: string,
  parameters: Readonly<Record<string, unknown>>,
  answer: z.ZodType<T>,
): Question<T> {
  return { action, region, jobId, parameters, answer };
}

/** An accepted change answers nothing but its request id. */
const accepted = z.object({});

function listParameters({ statuses, jobId, name, sourceTypes }: TaskFilter) {
  return {
    ...(statuses?.length ? { Status: statuses } : {}),
    ...(jobId ? { JobId: jobId } : {}),
    ...(name ? { JobName: name } : {}),
    ...(sourceTypes?.length ? { SrcDatabaseType: sourceTypes } : {}),
  };
}
