/**
 * A DTS service on this machine that the real SDK talks to: same wire format, same signature, same limits, same refusals.
 * It listens on 127.0.0.1 only. `/_sandbox/faults` (GET, POST a rule, DELETE all) plants faults while it runs.
 */
import { randomUUID } from 'node:crypto';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { z } from 'zod';
import { ACTIONS, type Call } from './actions.ts';
import { faultRule, Faults, type Fault } from './faults.ts';
import { Job } from './job.ts';
import { ServiceError } from './serviceError.ts';
import { authenticate, type SandboxAccount } from './signature.ts';
import type { SandboxTask } from './task.ts';

export type { SandboxAccount } from './signature.ts';
export type * from './task.ts';

const VERSION = '2021-12-06';
const CALLS_PER_SECOND = 20;
const DEFAULT_REGIONS = [
  'ap-guangzhou',
  'ap-shanghai',
  'ap-beijing',
  'ap-hongkong',
  'ap-singapore',
  'na-siliconvalley',
];

export interface DtsServiceOptions {
  readonly accounts: readonly SandboxAccount[];
  readonly tasks: readonly SandboxTask[];
  readonly regions?: readonly string[];
  /** the port to listen on; any free one when missing */
  readonly port?: number;
  /** the service's own clock, epoch milliseconds */
  readonly now?: () => number;
}

/** A call that reached the service, whatever became of it. */
export interface ReceivedCall {
  readonly action: string;
  readonly region: string;
  readonly jobId: string | null;
  readonly language: string;
  readonly at: number;
}

export interface DtsServiceControl {
  readonly faults: Faults;
  /** every signed call that arrived, in order */
  readonly calls: readonly ReceivedCall[];
  /** connections that are open now */
  openConnections(): number;
  /** resolves as soon as none is open */
  disconnected(): Promise<void>;
  job(jobId: string): Job | undefined;
  addTask(task: SandboxTask): void;
  removeTask(jobId: string): void;
}

export interface DtsService {
  readonly url: string;
  readonly port: number;
  readonly control: DtsServiceControl;
  /** ends every connection, also those that wait for an answer */
  stop(): Promise<void>;
}

export async function startDtsService(options: DtsServiceOptions): Promise<DtsService> {
  const regions = options.regions ?? DEFAULT_REGIONS;
  const faults = new Faults();
  const calls: ReceivedCall[] = [];
  const recent = new Map<string, number[]>();
  let jobs = options.tasks.map((task) => new Job(task));
  const clock = options.now ?? Date.now;
  let connections = 0;
  const waiting: (() => void)[] = [];

  /** Everything up to the effect: who, what, where, how often. */
  function admit(request: IncomingMessage, body: Buffer) {
    const account = authenticate(request.headers, body, options.accounts, clock());
    const name = header(request, 'x-tc-action');
    const region = header(request, 'x-tc-region');
    if (header(request, 'x-tc-version') !== VERSION) {
      throw new ServiceError('NoSuchVersion', 'The specified version does not exist.');
    }
    const action = ACTIONS.get(name);
    if (!action) throw new ServiceError('InvalidAction', `The request action \`${name}\` is not valid.`);
    if (region === '')
      throw new ServiceError('MissingParameter', 'The request is missing a required parameter `Region`.');
    if (!regions.includes(region)) {
      throw new ServiceError('UnsupportedRegion', `The region \`${region}\` is not supported.`);
    }
    const lane = `${account.secretId} ${region} ${name}`;
    const now = clock();
    const inWindow = (recent.get(lane) ?? []).filter((at) => now - at < 1000);
    if (inWindow.length >= CALLS_PER_SECOND) {
      throw new ServiceError(
        'RequestLimitExceeded',
        `The number of requests exceeds the limit of ${CALLS_PER_SECOND} per second.`,
      );
    }
    recent.set(lane, [...inWindow, now]);
    return { account, action, name, region };
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const path = new URL(request.url ?? '/', 'http://sandbox').pathname;
    if (path === '/_sandbox/faults') return void controlFaults(request, response, body, faults);
    const received = {
      action: header(request, 'x-tc-action'),
      region: header(request, 'x-tc-region'),
      jobId: jobIdIn(body),
      language: header(request, 'x-tc-language'),
      at: Date.now(),
    };
    calls.push(received);
    const planted = faults.take(received.action, received.region, received.jobId);
    for (const fault of planted) if (fault.kind === 'slow') await sleep(fault.ms);
    const instead = planted.find(isInsteadOfAnswer);
    if (instead && !('afterEffect' in instead && instead.afterEffect) && instead.kind !== 'cut') {
      return spoil(instead, request, response, '');
    }
    const answer = { Response: { ...carryOut(request, body, planted), RequestId: randomUUID() } };
    const text = JSON.stringify(answer);
    if (instead) return spoil(instead, request, response, text);
    response.writeHead(200, { 'content-type': 'application/json' }).end(text);
  }

  function carryOut(request: IncomingMessage, body: Buffer, planted: readonly Fault[]): Record<string, unknown> {
    try {
      const { account, action, name, region } = admit(request, body);
      const parameters: unknown = JSON.parse(body.toString('utf8'));
      for (const fault of planted) if (fault.kind === 'error') throw new ServiceError(fault.code, fault.message);
      if (account.permissions === 'none' || (account.permissions === 'read-only' && action.changes)) {
        const jobId = jobIdIn(body);
        const resource = jobId ? `qcs::dts:${region}:uin/${account.uin}:task/${jobId}` : '*';
        throw new ServiceError(
          'UnauthorizedOperation.PermissionDenied',
          `You are not authorized to perform operation (dts:${name}) on resource (${resource}).`,
        );
      }
      const language = header(request, 'x-tc-language') === 'zh-CN' ? 'zh-CN' : 'en-US';
      const call: Call = { region, language, jobs };
      return planted.reduce(distort, action.answer(parameters, call));
    } catch (error) {
      if (error instanceof ServiceError) return { Error: { Code: error.code, Message: error.message } };
      return { Error: { Code: 'InternalError', Message: String(error) } };
    }
  }

  const server = http.createServer((request, response) => {
    serve(request, response).catch(() => request.socket.destroy());
  });
  server.on('connection', (socket) => {
    connections++;
    socket.once('close', () => {
      connections--;
      if (connections === 0) for (const tell of waiting.splice(0)) tell();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    control: {
      faults,
      calls,
      openConnections: () => connections,
      disconnected: () => new Promise((resolve) => (connections === 0 ? resolve() : void waiting.push(resolve))),
      job: (jobId) => jobs.find(({ task }) => task.jobId === jobId),
      addTask: (task) => (jobs = [...jobs, new Job(task)]),
      removeTask: (jobId) => (jobs = jobs.filter(({ task }) => task.jobId !== jobId)),
    },
    async stop() {
      for (const job of jobs) job.comparisons.fail('The service stops.');
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

type InsteadOfAnswer = Extract<Fault, { kind: 'hang' | 'drop' | 'cut' | 'http' | 'page' }>;

function isInsteadOfAnswer(fault: Fault): fault is InsteadOfAnswer {
  return ['hang', 'drop', 'cut', 'http', 'page'].includes(fault.kind);
}

function spoil(fault: InsteadOfAnswer, request: IncomingMessage, response: ServerResponse, answer: string): void {
  switch (fault.kind) {
    case 'hang':
      return;
    case 'drop':
      request.socket.destroy();
      return;
    case 'cut':
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) });
      response.write(answer.slice(0, answer.length / 2), () => request.socket.destroy());
      return;
    case 'http':
      response.writeHead(fault.status).end();
      return;
    case 'page':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>Please log in.</body></html>');
  }
}

/** Changes an answer as a fault asks for it. */
function distort(answer: Record<string, unknown>, fault: Fault): Record<string, unknown> {
  if (fault.kind === 'status' && 'Status' in answer) return { ...answer, Status: fault.status };
  if (fault.kind === 'measures' && 'StepInfo' in answer) {
    const measures = { MasterSlaveDistance: fault.value, SecondsBehindMaster: fault.value };
    return { ...answer, StepInfo: { ...Object(answer.StepInfo), ...measures } };
  }
  if (fault.kind === 'nulls') {
    const kept = ['JobId', 'TotalCount', 'CompareTaskId', 'Error'];
    return Object.fromEntries(Object.entries(answer).map(([key, value]) => [key, kept.includes(key) ? value : null]));
  }
  return answer;
}

function controlFaults(request: IncomingMessage, response: ServerResponse, body: Buffer, faults: Faults): void {
  // a page in a browser that resolves its own name to 127.0.0.1 has another Host
  const local = /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? '');
  if (!local) return void response.writeHead(403).end();
  if (request.method === 'DELETE') faults.clear();
  if (request.method === 'POST') {
    const rule = faultRule.safeParse(parseJson(body));
    if (!rule.success) return void response.writeHead(400).end(z.prettifyError(rule.error));
    faults.add(rule.data);
  }
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(faults.list()));
}

function header(request: IncomingMessage, name: string): string {
  return String(request.headers[name] ?? '');
}

function jobIdIn(body: Buffer): string | null {
  return z.object({ JobId: z.string() }).safeParse(parseJson(body)).data?.JobId ?? null;
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
