/**
 * What the extension may ask of the cloud service, without the SDK: import types from here or from `client.ts`
 * with `import type`, and the client itself with `await import('./dts/client.ts')` when it is first needed.
 */
import type { TaskFacts, TaskRef, TaskStatus } from '../cutover/facts.ts';
import type {
  ComparisonReport,
  ComparisonRequest,
  ComparisonTask,
  DifferencePage,
  DifferenceQuery,
  GtidReport,
  ReportPage,
} from './comparison.ts';

/** An API key pair; `token` goes with temporary ones. Never logged, never part of an error. */
export interface Credentials {
  readonly secretId: string;
  readonly secretKey: string;
  readonly token?: string | undefined;
}

/** A role to act as: its temporary keys are asked for with other keys (`assume`), or because of where this runs. */
export type Role =
  | {
      readonly role: 'assume';
      readonly keys: Credentials;
      /** `qcs::cam::uin/100000000001:roleName/migration` */
      readonly arn: string;
      readonly sessionName: string;
    }
  /** the role bound to the cloud server this runs on */
  | { readonly role: 'machine' }
  /** the role of the Kubernetes (TKE) workload this runs in, by its OIDC token */
  | { readonly role: 'workload' };

/** Who asks. A role that is configured is either acted as or refused: its keys alone would be somebody else. */
export type Identity = Credentials | Role;

/** Which site of the cloud, or a private one (`http://127.0.0.1:8080`, `https://dts.cloud.example`). */
export type DtsEndpoint =
  | { readonly kind: 'mainland' }
  | { readonly kind: 'international' }
  | { readonly kind: 'custom'; readonly url: string };

export type DtsLanguage = 'en-US' | 'zh-CN';

export interface DtsRegion {
  /** e.g. `ap-guangzhou` */
  readonly id: string;
  /** as the service names it in the chosen language */
  readonly name: string;
}

/** One request to the service, for the log; holds no parameters and no part of the answer. */
export interface CallRecord {
  readonly action: string;
  readonly region: string;
  /** 1 for the first try */
  readonly attempt: number;
  readonly milliseconds: number;
  /** `ok`, or the reason of the Failure */
  readonly outcome: string;
  /** the service's error code, '' where there is none */
  readonly code: string;
  /** what the cloud's support asks for; '' where the service gave none */
  readonly requestId: string;
  /** places of the answer that could not be read, never what stood there */
  readonly unreadable: readonly string[];
}

export interface DtsClientOptions {
  /** a function is asked before every request, so that keys can be renewed */
  readonly credentials: Identity | (() => Promise<Identity>);
  readonly endpoint: DtsEndpoint;
  /** language of the service's own messages */
  readonly language: DtsLanguage;
  /** `http://user:password@host:port`; the environment's proxy variables are not looked at */
  readonly proxy?: string | undefined;
  /** limit for one request, milliseconds; default 15,000 */
  readonly timeoutMs?: number | undefined;
  readonly log?: ((record: CallRecord) => void) | undefined;
}

/** Which tasks to list; everything when empty. */
export interface TaskFilter {
  readonly statuses?: readonly TaskStatus[] | undefined;
  readonly jobId?: string | undefined;
  readonly name?: string | undefined;
  /** DTS's own spelling, e.g. `mysql`, `cynosdbmysql` */
  readonly sourceTypes?: readonly string[] | undefined;
}

export interface TaskPage {
  /** not detailed: without steps, gap, lag and scope; none of them was on an earlier page of the same listing */
  readonly tasks: readonly TaskFacts[];
  /** how many the service counts in all; null where it does not tell */
  readonly total: number | null;
  /** how many items of this page could not be read */
  readonly unreadable: number;
}

/**
 * Every method rejects with a `Failure`, aborts at once with its signal, keeps to the service's 20 requests per second,
 * action and region, and works for several regions side by side. Only reads are tried again.
 * The others (`completeTask`, `createComparison`, `startComparison`, `stopComparison`) send exactly one request;
 * when no answer to it came, they reject with `outcome-unknown`, and the state has to be read before anything else.
 */
export interface DtsClient {
  /** where it talks to, for people: host and port */
  readonly endpointName: string;
  /** DescribeMigrationJobs, page by page (100 each), newest task first */
  taskPages(region: string, filter: TaskFilter, signal: AbortSignal): AsyncIterable<TaskPage>;
  /** the same to its end; `onPage` sees every page when it arrives */
  listTasks(
    region: string,
    filter: TaskFilter,
    signal: AbortSignal,
    onPage?: (page: TaskPage) => void,
  ): Promise<readonly TaskFacts[]>;
  /** DescribeMigrationDetail */
  readTask(ref: TaskRef, signal: AbortSignal): Promise<TaskFacts>;
  /** CompleteMigrateJob. It resolves when the service accepted it, which is not yet the task's success. */
  completeTask(ref: TaskRef, signal: AbortSignal): Promise<void>;
  /** CreateCompareTask; answers the new comparison's id, not yet started */
  createComparison(ref: TaskRef, request: ComparisonRequest, signal: AbortSignal): Promise<string>;
  /** StartCompare */
  startComparison(ref: TaskRef, comparisonId: string, signal: AbortSignal): Promise<void>;
  /** StopCompare */
  stopComparison(ref: TaskRef, comparisonId: string, signal: AbortSignal): Promise<void>;
  /** DescribeCompareTasks, all pages, newest first */
  listComparisons(ref: TaskRef, signal: AbortSignal): Promise<readonly ComparisonTask[]>;
  /** DescribeCompareTasks for one id; `task-not-found` when the service does not know it */
  readComparison(ref: TaskRef, comparisonId: string, signal: AbortSignal): Promise<ComparisonTask>;
  /** DescribeCompareReport, one page of each of its lists */
  readComparisonReport(
    ref: TaskRef,
    comparisonId: string,
    page: ReportPage,
    signal: AbortSignal,
  ): Promise<ComparisonReport>;
  /** DescribeCompareDiffItems, one page */
  readDifferences(
    ref: TaskRef,
    comparisonId: string,
    query: DifferenceQuery,
    signal: AbortSignal,
  ): Promise<DifferencePage>;
  /** the regions in which the site offers DTS, by name; null where it cannot be asked (a private site) */
  listRegions(signal: AbortSignal): Promise<readonly DtsRegion[] | null>;
  /** DescribeMigrateGtidCompareReport */
  readGtidReport(ref: TaskRef, signal: AbortSignal): Promise<GtidReport>;
}
