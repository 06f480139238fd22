/**
 * The one door to the cloud service. Load it with a dynamic import when it is first needed: the SDK comes with it.
 * Types for others are in api.ts and comparison.ts.
 */
import * as z from 'zod';
import type { TaskFacts, TaskRef } from '../cutover/facts.ts';
import { systemClock } from '../util/clock.ts';
import { asFailure, Failure, type FailureReason } from '../util/failure.ts';
import { sentence } from '../util/sentence.ts';
import type { Credentials, DtsClient, DtsClientOptions, TaskFilter, TaskPage } from './api.ts';
import type { ComparisonTask } from './comparison.ts';
import { failureOf, unexpectedAnswer, type CallContext } from './errors.ts';
import { createLimiter } from './limiter.ts';
import { retryRead } from './retry.ts';
import { addressOf, CallProblem, send, type RequestSpec } from './transport.ts';
import { detailAnswer, listAnswer, taskFacts } from './wire.ts';
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
const DEFAULT_TIMEOUT_MS = 15_000;
const REQUESTS_PER_SECOND = 20;
const RETRY = { attempts: 4, firstPauseMs: 400, maxPauseMs: 5_000, random: Math.random, clock: systemClock };

/** @throws Failure `bad-input` when a custom endpoint is no http or https URL */
export function createDtsClient(options: DtsClientOptions): DtsClient {
  const address = addressOf(options.endpoint);
  if (!address) {
    throw new Failure(
      'bad-input',
      sentence('The endpoint in the settings is not an http or https address.'),
      sentence('Write it like https://dts.tencentcloudapi.com, without a user name.'),
    );
  }
  const transport = {
    address,
    language: options.language,
    proxy: options.proxy,
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
  };
  const limiter = createLimiter(REQUESTS_PER_SECOND, 1_000, systemClock);

  /** one request: waits for its turn, sends, checks the answer's shape, logs */
  async function attempt<T>(
    request: RequestSpec,
    context: CallContext,
    answer: z.ZodType<T>,
    number: number,
    signal: AbortSignal,
  ): Promise<T> {
    const release = await limiter.turn(`${request.region} ${request.action}`, signal);
    const startedAt = performance.now();
    const log = (outcome: FailureReason | 'ok', code: string, requestId: string) =>
      options.log?.({
        action: request.action,
        region: request.region,
        attempt: number,
        milliseconds: Math.round(performance.now() - startedAt),
        outcome,
        code,
        requestId,
      });
    let body: unknown;
    try {
      body = await send(request, await credentialsOf(options.credentials), transport, signal);
    } catch (error) {
      const failure = error instanceof CallProblem ? failureOf(error, context) : asFailure(error);
      log(failure.reason, failure.code ?? '', error instanceof CallProblem ? error.requestId : '');
      throw failure;
    } finally {
      release();
    }
    const parsed = answer.safeParse(body);
    const requestId = requestIdIn(body);
    if (!parsed.success) {
      const failure = unexpectedAnswer(context, parsed.error.issues[0]?.path.join('.') || 'Response');
      log(failure.reason, '', requestId);
      throw failure;
    }
    log('ok', '', requestId);
    return parsed.data;
  }

  function contextOf(action: string, region: string, jobId: string | null, changes: boolean): CallContext {
    return { action, region, endpoint: transport.address.host, jobId, changes };
  }

  function read<T>(
    action: string,
    region: string,
    jobId: string | null,
    parameters: Record<string, unknown>,
    answer: z.ZodType<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const context = contextOf(action, region, jobId, false);
    return retryRead(
      (number) => attempt({ action, region, parameters }, context, answer, number, signal),
      RETRY,
      signal,
    );
  }

  /** never tried again: a second request could act on a task the first one has already changed */
  function change<T>(
    action: string,
    ref: TaskRef,
    parameters: Record<string, unknown>,
    answer: z.ZodType<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const request = { action, region: ref.region, parameters: { JobId: ref.jobId, ...parameters } };
    return attempt(request, contextOf(action, ref.region, ref.jobId, true), answer, 1, signal);
  }

  async function* taskPages(region: string, filter: TaskFilter, signal: AbortSignal): AsyncGenerator<TaskPage> {
    const seen = new Set<string>();
    let total = 0;
    for (let offset = 0; ;) {
      const parameters = { ...listParameters(filter), Limit: PAGE_SIZE, Offset: offset };
      const page = await read('DescribeMigrationJobs', region, null, parameters, listAnswer, signal);
      const readAt = Date.now();
      const fresh = page.JobList.filter((task) => !seen.has(task.JobId));
      for (const task of fresh) seen.add(task.JobId);
      yield { tasks: fresh.map((task) => taskFacts(task, region, false, readAt)), total: page.TotalCount };
      // tasks destroyed since the page before move the rest up, some of it past where this page began: begin there again
      const gone = offset === 0 ? 0 : Math.max(0, total - page.TotalCount);
      offset = gone > 0 ? Math.max(0, offset - gone) : offset + page.JobList.length;
      total = page.TotalCount;
      if (offset >= total || (page.JobList.length === 0 && gone === 0)) return;
    }
  }

  async function listComparisons(
    ref: TaskRef,
    comparisonId: string | null,
    signal: AbortSignal,
  ): Promise<readonly ComparisonTask[]> {
    const found = new Map<string, ComparisonTask>();
    for (let offset = 0; ;) {
      const parameters = {
        JobId: ref.jobId,
        ...(comparisonId ? { CompareTaskId: comparisonId } : {}),
        Limit: PAGE_SIZE,
        Offset: offset,
      };
      const page = await read('DescribeCompareTasks', ref.region, ref.jobId, parameters, comparisonsAnswer, signal);
      for (const item of page.Items) found.set(item.id, item);
      offset += page.Items.length;
      if (page.Items.length === 0 || offset >= page.TotalCount) return [...found.values()];
    }
  }

  return {
    endpointName: transport.address.host,
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
      const action = 'DescribeMigrationDetail';
      const wire = await read(action, ref.region, ref.jobId, { JobId: ref.jobId }, detailAnswer, signal);
      // facts about another task must never be taken for this one's
      if (wire.JobId !== ref.jobId) throw unexpectedAnswer(contextOf(action, ref.region, ref.jobId, false), 'JobId');
      return taskFacts(wire, ref.region, true, Date.now());
    },

    async completeTask(ref, signal) {
      await change('CompleteMigrateJob', ref, {}, accepted, signal);
    },

    async createComparison(ref, request, signal) {
      const created = await change('CreateCompareTask', ref, createParameters(request), createdAnswer, signal);
      return created.CompareTaskId;
    },

    async startComparison(ref, comparisonId, signal) {
      await change('StartCompare', ref, { CompareTaskId: comparisonId }, accepted, signal);
    },

    async stopComparison(ref, comparisonId, signal) {
      await change('StopCompare', ref, { CompareTaskId: comparisonId }, accepted, signal);
    },

    listComparisons: (ref, signal) => listComparisons(ref, null, signal),

    async readComparison(ref, comparisonId, signal) {
      const found = (await listComparisons(ref, comparisonId, signal)).find(({ id }) => id === comparisonId);
      if (found) return found;
      throw new Failure(
        'task-not-found',
        sentence('DTS knows no comparison {comparison} of {task}.', { comparison: comparisonId, task: ref.jobId }),
      );
    },

    readComparisonReport(ref, comparisonId, page, signal) {
      const parameters = {
        JobId: ref.jobId,
        CompareTaskId: comparisonId,
        DifferenceLimit: page.differences.limit,
        DifferenceOffset: page.differences.offset,
        SkippedLimit: page.skipped.limit,
        SkippedOffset: page.skipped.offset,
      };
      return read('DescribeCompareReport', ref.region, ref.jobId, parameters, reportAnswer, signal);
    },

    readDifferences(ref, comparisonId, query, signal) {
      const parameters = {
        JobId: ref.jobId,
        CompareTaskId: comparisonId,
        DBName: query.database,
        ...(query.schema ? { SchemaName: query.schema } : {}),
        TableName: query.table,
        ...(query.chunk === undefined ? {} : { ChunkId: query.chunk }),
        Limit: query.limit,
        Offset: query.offset,
      };
      return read('DescribeCompareDiffItems', ref.region, ref.jobId, parameters, differencesAnswer, signal);
    },

    readGtidReport: (ref, signal) =>
      read('DescribeMigrateGtidCompareReport', ref.region, ref.jobId, { JobId: ref.jobId }, gtidAnswer, signal),
  };
}

/** An accepted change answers nothing but its request id. */
const accepted = z.object({});

function requestIdIn(body: unknown): string {
  return z.object({ RequestId: z.string() }).safeParse(body).data?.RequestId ?? '';
}

function listParameters({ statuses, jobId, name, sourceTypes }: TaskFilter) {
  return {
    ...(statuses?.length ? { Status: statuses } : {}),
    ...(jobId ? { JobId: jobId } : {}),
    ...(name ? { JobName: name } : {}),
    ...(sourceTypes?.length ? { SrcDatabaseType: sourceTypes } : {}),
  };
}

async function credentialsOf(given: DtsClientOptions['credentials']): Promise<Credentials> {
  const credentials = typeof given === 'function' ? await given() : given;
  if (credentials.secretId !== '' && credentials.secretKey !== '') return credentials;
  throw new Failure(
    'credentials-missing',
    sentence('There are no credentials for DTS.'),
    sentence('Sign in with a SecretId and SecretKey.'),
  );
}
