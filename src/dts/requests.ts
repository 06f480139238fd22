/**
 * Requests to the service: each waits for its turn, is sent once, has its answer read as far as it can be, and is logged.
 * What may be asked, and what the answers mean, is in client.ts.
 */
import * as z from 'zod';
import { systemClock } from '../util/clock.ts';
import { asFailure, Failure, type FailureReason } from '../util/failure.ts';
import { sentence } from '../util/sentence.ts';
import type { Credentials, DtsClientOptions } from './api.ts';
import { failureOf, unexpectedAnswer, type CallContext } from './errors.ts';
import { createLimiter } from './limiter.ts';
import { readWhatCanBeRead, type Answered } from './readable.ts';
import { retryRead } from './retry.ts';
import { createRoleKeys, isRole } from './roles.ts';
import { addressOf, type Address } from './sites.ts';
import { CallProblem, send, type Service } from './transport.ts';

const DEFAULT_TIMEOUT_MS = 15_000;
const REQUESTS_PER_SECOND = 20;
const RETRY = { attempts: 4, firstPauseMs: 400, maxPauseMs: 5_000, random: Math.random, clock: systemClock };

/** What is asked, and the shape of what is expected. */
export interface Question<T> {
  /** `dts` when missing */
  readonly service?: Service;
  readonly action: string;
  readonly region: string;
  /** the task it is about, null where it is about none */
  readonly jobId: string | null;
  /** besides the task's id */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly answer: z.ZodType<T>;
}

/** One page of a list. */
export interface Page<T> extends Answered<T> {
  /** how many of its items could not be read */
  readonly lost: number;
}

export interface Requests {
  /** host and port of the site's general address, for people */
  readonly endpointName: string;
  /** tried again where that may help */
  read<T>(question: Question<T>, signal: AbortSignal): Promise<Answered<T>>;
  /** the same for a page; without the list that stands under this name it is no page */
  readPage<T>(list: string, question: Question<T>, signal: AbortSignal): Promise<Page<T>>;
  /** never tried again: a second request could act on a task the first one has already changed */
  change<T>(question: Question<T>, signal: AbortSignal): Promise<Answered<T>>;
  /** an answer that has not the documented shape, at this place */
  unexpected(question: Question<unknown>, path: string): Failure;
}

/** @throws Failure `bad-input` when a custom endpoint is no http or https URL */
export function createRequests(options: DtsClientOptions): Requests {
  const limiter = createLimiter(REQUESTS_PER_SECOND, 1_000, systemClock);
  const general = reach(options, '');
  const roleKeys = createRoleKeys({
    sts: options.endpoint.kind === 'custom' ? null : reach(options, '', 'sts'),
    language: options.language,
    proxy: options.proxy,
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
  });

  async function attempt<T>(question: Question<T>, changes: boolean, number: number, signal: AbortSignal) {
    const { service = 'dts', action, region, jobId, answer } = question;
    const parameters = jobId === null ? question.parameters : { JobId: jobId, ...question.parameters };
    const address = reach(options, region, service);
    const context: CallContext = { service, action, region, endpoint: address.host, jobId, changes };
    const release = await limiter.turn(`${region} ${action}`, signal);
    const startedAt = performance.now();
    const log = (outcome: FailureReason | 'ok', code: string, requestId: string, unreadable: readonly string[] = []) =>
      options.log?.({
        ...{ action, region, attempt: number, outcome, code, requestId, unreadable },
        milliseconds: Math.round(performance.now() - startedAt),
      });
    let body: unknown;
    try {
      const { language, proxy, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
      const credentials = await credentialsOf(options.credentials, roleKeys, signal);
      const request = { service, action, region, parameters };
      body = await send(request, credentials, { address, language, proxy, timeoutMs }, signal);
    } catch (error) {
      const failure = error instanceof CallProblem ? failureOf(error, context) : asFailure(error);
      log(failure.reason, failure.code ?? '', error instanceof CallProblem ? error.requestId : '');
      throw failure;
    } finally {
      release();
    }
    const read = readWhatCanBeRead(answer, body);
    if (!read.readable) {
      const failure = unexpectedAnswer(context, read.failedAt);
      log(failure.reason, '', requestIdIn(body));
      throw failure;
    }
    log('ok', '', requestIdIn(body), read.unreadable);
    return read;
  }

  function unexpected({ action, region, jobId }: Question<unknown>, path: string): Failure {
    return unexpectedAnswer({ action, region, jobId, endpoint: reach(options, region).host, changes: false }, path);
  }

  const read: Requests['read'] = (question, signal) =>
    retryRead((number) => attempt(question, false, number, signal), RETRY, signal);

  return {
    endpointName: general.host,
    read,
    async readPage(list, question, signal) {
      const page = await read(question, signal);
      if (page.unreadable.includes(list)) throw unexpected(question, list);
      return { ...page, lost: page.unreadable.filter((place) => isItemOf(list, place)).length };
    },
    change: (question, signal) => attempt(question, true, 1, signal),
    unexpected,
  };
}

/** Whether this place is an item of the list, and not something in one. */
const isItemOf = (list: string, place: string) =>
  place.startsWith(`${list}.`) && /^\d+$/.test(place.slice(list.length + 1));

function reach({ endpoint }: DtsClientOptions, region: string, service: Service = 'dts'): Address {
  const address = addressOf(endpoint, region, service);
  if (address) return address;
  throw new Failure(
    'bad-input',
    sentence('The endpoint in the settings is not an http or https address.'),
    sentence('Write it like https://dts.tencentcloudapi.com, without a user name.'),
  );
}

function requestIdIn(body: unknown): string {
  return z.object({ RequestId: z.string() }).safeParse(body).data?.RequestId ?? '';
}

async function credentialsOf(
  given: DtsClientOptions['credentials'],
  roleKeys: ReturnType<typeof createRoleKeys>,
  signal: AbortSignal,
): Promise<Credentials> {
  const identity = typeof given === 'function' ? await given() : given;
  if (isRole(identity)) return roleKeys(identity, signal);
  if (identity.secretId !== '' && identity.secretKey !== '') return identity;
  throw new Failure(
    'credentials-missing',
    sentence('There are no credentials for DTS.'),
    sentence('Sign in with a SecretId and SecretKey.'),
  );
}
