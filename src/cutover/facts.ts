/**
 * The vocabulary of a cutover. Facts are plain data, readings of the world with the time they were taken;
 * nothing here decides anything. Instants are epoch milliseconds of this machine, durations say their unit.
 */
import type { FailureFacts } from '../util/failure.ts';
import type { Sentence } from '../util/sentence.ts';
import type { RightFacts } from './rightFacts.ts';

export { RIGHT_USES, type RightFacts, type RightsScope, type RightUse } from './rightFacts.ts';

export type EngineKind = 'mysql' | 'postgres' | 'sqlserver' | 'mongodb';
export type Side = 'source' | 'target';

// ---------------------------------------------------------------- the task

export interface TaskRef {
  /** the cloud's region, e.g. `ap-guangzhou` */
  readonly region: string;
  /** the task's id, e.g. `dts-abcd1234` */
  readonly jobId: string;
}

/** `unknown` is DTS's own word; a word never seen before becomes `unrecognized`, with `rawStatus` telling it. */
export const TASK_STATUSES = [
  'creating',
  'created',
  'checking',
  'checkPass',
  'checkNotPass',
  'readyRun',
  'running',
  'readyComplete',
  'success',
  'failed',
  'stopping',
  'completing',
  'pausing',
  'manualPaused',
  'resumableErr',
  'resuming',
  'unknown',
  'error',
  'canceled',
] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number] | 'unrecognized';

export type TradeStatus =
  | 'normal'
  | 'resizing'
  | 'reversing'
  | 'isolating'
  | 'isolated'
  | 'offlining'
  | 'offlined'
  | 'notBilled'
  | 'unrecognized';

export type MigrateType = 'structure' | 'full' | 'fullAndIncrement' | 'unrecognized';

export type StepStatus = 'notStarted' | 'running' | 'finished' | 'failed' | 'unrecognized';

/** One step of DTS's own list; `sinker` is "Syncing Incremental Data". */
export interface TaskStep {
  readonly id: string;
  readonly name: string;
  readonly status: StepStatus;
  readonly rawStatus: string;
  readonly percent: number | null;
}

/** Where DTS reads or writes; secrets in DTS's answer never get this far. */
export interface TaskEndpoint {
  readonly databaseType: string;
  /** the engine of ours that can speak to it, or null (redis, kafka, …) */
  readonly engine: EngineKind | null;
  readonly accessType: string;
  readonly region: string;
  readonly instanceId: string;
  /** several for MongoDB and TDSQL */
  readonly nodes: readonly { readonly host: string; readonly port: number | null; readonly user: string }[];
}

/** What a task moves, and under which names. Names are case-sensitive. */
export interface MigrationScope {
  readonly mode: 'all' | 'partial';
  /** empty when `mode` is `all` */
  readonly databases: readonly ScopedDatabase[];
  /** `AdvancedObjects`, where the task tells it: of triggers, routines and events only the kinds named here come over */
  readonly advancedObjects?: readonly string[] | undefined;
}
export interface ScopedDatabase {
  readonly name: string;
  readonly newName: string;
  readonly schema: string | null;
  readonly newSchema: string | null;
  /** true when every table is moved; then `tables` is empty */
  readonly allTables: boolean;
  readonly tables: readonly ScopedTable[];
  /** what else of it the task moves, for the kinds about which its options say something */
  readonly objects?: readonly ScopedObjects[] | undefined;
}
export interface ScopedTable {
  readonly name: string;
  readonly newName: string;
  /** tables that pt-osc or gh-ost may make beside it and that come along */
  readonly temporary?: readonly string[] | undefined;
}
/** The kinds of objects besides tables that a task can be told to move or to leave out. */
export const MOVED_KINDS = ['view', 'function', 'procedure', 'trigger', 'event', 'role'] as const;
export type MovedKind = (typeof MOVED_KINDS)[number];
export interface ScopedObjects {
  readonly kind: MovedKind;
  /** which of them: all, none, or those named */
  readonly moved: 'all' | 'none' | readonly string[];
}

/** How a task was told to do its work; null where DTS does not tell. */
export interface TaskOptions {
  /** the kinds of objects in `AdvancedObjects`, in DTS's spelling; only what is named there comes over */
  readonly advancedObjects: readonly string[] | null;
  /** `IsDstReadOnly`: the target stays read-only while the task runs (MySQL) */
  readonly targetReadOnly: boolean | null;
  /** `IsMigrateAccount` */
  readonly migratesAccounts: boolean | null;
  /** `IsOverrideRoot`, of old tasks: the source's root replaces the target's */
  readonly overridesRoot: boolean | null;
}

export interface TaskFacts {
  readonly ref: TaskRef;
  readonly name: string;
  readonly status: TaskStatus;
  /** the status in DTS's own spelling */
  readonly rawStatus: string;
  readonly trade: TradeStatus;
  readonly migrateType: MigrateType;
  readonly steps: readonly TaskStep[];
  /** MB not yet applied on the target; null is "no valid value" (null or −1 on the wire), which is not zero */
  readonly gapMb: number | null;
  /** seconds the target is behind; null as above */
  readonly lagSeconds: number | null;
  /** what the task allows now, in DTS's spelling */
  readonly allowedActions: readonly string[];
  readonly source: TaskEndpoint;
  readonly target: TaskEndpoint;
  readonly scope: MigrationScope;
  /** missing where only the list was read */
  readonly options?: TaskOptions | undefined;
  /** DTS's own words about what went wrong, and its advice */
  readonly error: { readonly message: string; readonly solution: string } | null;
  readonly createdAt: number | null;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  /** when DTS last changed what it tells about the task, by its own clock; null where it does not say */
  readonly updatedAt?: number | null | undefined;
  /** the places of DTS's answer that could not be read, e.g. `StepInfo.StepInfo.0`; what stood there counts as not told */
  readonly unreadable?: readonly string[] | undefined;
  /** whether this came from the detail call (steps, gap and lag are only there) */
  readonly detailed: boolean;
  /** when the answer arrived here */
  readonly readAt: number;
}

/** One point of the gap and lag chart. */
export interface LagSample {
  readonly at: number;
  readonly gapMb: number | null;
  readonly lagSeconds: number | null;
}

// ---------------------------------------------------------------- sessions

export type SessionState = 'executing' | 'open transaction' | 'idle' | 'background' | 'unknown';

/** What the server itself says a session is, before any rule of ours. */
export type SessionNature = 'client' | 'self' | 'replication' | 'system';

/** One session on a server, engine-neutral. Text fields are '' where the server tells nothing. */
export interface SessionFacts {
  /** as the server spells it; may exceed 2^53, so text */
  readonly id: string;
  readonly account: string;
  /** client host or address without the port */
  readonly host: string;
  readonly program: string;
  readonly database: string;
  readonly state: SessionState;
  /** seconds in this state */
  readonly stateAge: number | null;
  /** the statement it runs or ran last, cut to 2,000 characters */
  readonly statement: string;
  readonly nature: SessionNature;
  /** how the adapter knows the nature, e.g. "backend_type is walsender" */
  readonly natureWhy: Sentence;
  /** when the session began, where the server tells */
  readonly startedAt: number | null;
}

export type SessionClass = 'self' | 'dts' | 'replication' | 'system' | 'ignored' | 'business' | 'unknown';

export interface ClassifiedSession extends SessionFacts {
  readonly class: SessionClass;
  /** the rule that gave the class */
  readonly rule: Sentence;
}

/** The runbook's own query and its answer, columns as the server named them. */
export interface RawResult {
  readonly query: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

export interface SessionList {
  readonly sessions: readonly SessionFacts[];
  readonly raw: RawResult;
}

/** A list that cannot see others' sessions never turns green. */
export type Visibility =
  | { readonly level: 'full'; readonly how: Sentence }
  /** `grant`: the statement that mends it, '' where none does */
  | { readonly level: 'limited'; readonly missing: Sentence; readonly grant: string };

/** Something that will write later by itself: an enabled event scheduler, Agent job, cron job, prepared transaction. */
export interface PendingWriter {
  readonly kind: 'event' | 'job' | 'prepared transaction';
  readonly name: string;
  readonly detail: string;
  /** a prepared transaction blocks; a schedule warns */
  readonly blocks: boolean;
}

// ---------------------------------------------------------------- write position

export interface WrittenObject {
  /** `schema.table`, `db.table`, `db.collection` or a whole database where the engine cannot tell finer */
  readonly name: string;
  /** the database it is in, where the engine tells it apart from the name */
  readonly database?: string;
  /** rows or events seen, where the engine can count */
  readonly count: number | null;
  /** nobody's business: DTS's own bookkeeping (heartbeats), or set aside as `heartbeat` says */
  readonly byDts: boolean;
  /** not DTS's, but a table that the user's rule sets aside */
  readonly heartbeat?: boolean | undefined;
}

/**
 * One reading of a server's write position.
 * - `none`: nothing but DTS's own objects was written since `since`
 * - `written`: something else was
 * - `pending`: the position moved and the server has not yet published by what; neither proves nor disproves
 * - `unknown`: it cannot be told. Never counts as quiet.
 */
export interface PositionFacts {
  readonly takenAt: number;
  /** opaque; hand it back as `since` at the next reading */
  readonly token: string;
  /** the position as a DBA would write it down */
  readonly display: string;
  /** the reading this one is compared with; null at the first */
  readonly sinceDisplay: string | null;
  readonly foreign: 'none' | 'written' | 'pending' | 'unknown';
  readonly written: readonly WrittenObject[];
  readonly why: Sentence;
}

// ---------------------------------------------------------------- servers and connections

export interface ServerFacts {
  readonly engine: EngineKind;
  /** e.g. `PostgreSQL 18.4`, `MariaDB 10.11.6` */
  readonly product: string;
  readonly version: string;
  /** `host:port/database` without a secret */
  readonly endpoint: string;
  /** who the server says we are */
  readonly account: string;
  /** alike for every connection that reaches one running server, different for any two, copies of one another too */
  readonly identity: string;
  /** changes when the server process restarts */
  readonly startedAt: number | null;
  /** server clock minus ours, milliseconds */
  readonly clockOffset: number | null;
  readonly readOnly: boolean | null;
  /** it only follows another server (a standby, a secondary); null or missing where that cannot be told */
  readonly standby?: boolean | null | undefined;
}

export type ConnectionState =
  | { readonly state: 'unconfigured' }
  | { readonly state: 'connecting' }
  | {
      readonly state: 'connected';
      readonly server: ServerFacts;
      readonly visibility: Visibility | null;
      /** null or missing: not known yet */
      readonly rights?: readonly RightFacts[] | null | undefined;
    }
  | {
      readonly state: 'failed';
      readonly failure: FailureFacts;
      readonly since: number;
      readonly retryAt: number | null;
    };

// ---------------------------------------------------------------- comparison

export interface ObjectName {
  readonly database: string;
  /** null where the engine has no schemas */
  readonly schema: string | null;
  readonly name: string;
}

export type TableVerdict = 'same' | 'different' | 'skipped' | 'failed' | 'missingOnTarget' | 'missingOnSource';

export interface TableComparison {
  readonly source: ObjectName | null;
  readonly target: ObjectName | null;
  readonly verdict: TableVerdict;
  readonly reason: Sentence | null;
  readonly rows: { readonly source: number | null; readonly target: number | null };
  /** differing rows found; exact when `method` is `digest`, null for counts */
  readonly differenceCount: number | null;
  /** what was left out of its rows, and what was taken for equal */
  readonly notes?: readonly Sentence[] | undefined;
}

/** Something else than a table's rows that is not the same on both sides. */
export interface ComparedObject {
  /** e.g. `index`, `view`, `sequence` */
  readonly kind: string;
  readonly name: string;
  readonly verdict: 'different' | 'missingOnTarget' | 'missingOnSource';
  readonly detail: Sentence | null;
  /** for the target; shown, never executed */
  readonly statement: string | null;
}

/** Only `same` is green; anything skipped, failed, unreadable or written meanwhile makes `incomplete`. */
export type ComparisonVerdict = 'same' | 'different' | 'incomplete';

export interface ComparisonFacts {
  readonly id: string;
  readonly method: 'counts' | 'digest' | 'dts';
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly verdict: ComparisonVerdict;
  /** one sentence that says what was found */
  readonly summary: Sentence;
  readonly tables: readonly TableComparison[];
  /** those that keep it from being `same`; missing where none were compared */
  readonly objects?: readonly ComparedObject[] | undefined;
  /** what was left out, and why */
  readonly skipped: readonly Sentence[];
  /**
   * True: it covers all of the scope although only some tables were asked for, because nobody had written to the others
   * since they were compared.
   */
  readonly whole?: boolean | undefined;
  /** True: it began with the business stopped, the source quiet and nothing left for DTS to carry over. */
  readonly atRest?: boolean | undefined;
  /** write positions when it ended: a later write makes the verdict stale */
  readonly positions: { readonly source: string | null; readonly target: string | null };
}

export interface ComparisonProgress {
  readonly tablesDone: number;
  readonly tablesTotal: number;
  readonly rowsDone: number;
  readonly rowsTotal: number | null;
  readonly current: string;
  readonly startedAt: number;
}

/** What a comparison looks at besides rows. */
export type SchemaObjectKind =
  | 'column'
  | 'view'
  | 'materialized view'
  | 'routine'
  | 'trigger'
  | 'event'
  | 'index'
  | 'constraint'
  | 'options'
  | 'sequence'
  | 'auto increment'
  | 'type'
  | 'synonym'
  | 'policy'
  | 'rule'
  | 'large objects'
  | 'partition'
  | 'event trigger'
  | 'extension'
  | 'grant';
