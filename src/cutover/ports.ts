/** What a run needs from the outside. The panel, the commands, the headless run and the tests hand in their own. */
import type { EngineConnection } from '../engines/engine.ts';
import type { DtsComparisonRequest, DtsCounts, DtsReading } from './dtsComparison.ts';
import type { ComparisonFacts, ComparisonProgress, MigrationScope, Side, TaskFacts } from './facts.ts';
import type { Sentence } from '../util/sentence.ts';

export interface TaskPort {
  /** the detail reading: steps, gap and lag */
  read(signal: AbortSignal): Promise<TaskFacts>;
  /**
   * CompleteMigrateJob, sent at most once per call. Rejects with reason `outcome-unknown` when the call may or may
   * not have been carried out; the run then reads the status and never sends again by itself.
   */
  complete(signal: AbortSignal): Promise<void>;
}

export interface EndpointPort {
  /** false while the user has not configured this side; `connect` then rejects with `not-configured` */
  configured(): boolean;
  connect(signal: AbortSignal): Promise<EngineConnection>;
}

/** DTS's own comparison, one call each. Changes are sent once; `outcome-unknown` when no answer came. */
export interface DtsComparisonPort {
  /** CreateCompareTask: its id; not yet started */
  create(request: DtsComparisonRequest, signal: AbortSignal): Promise<string>;
  start(id: string, signal: AbortSignal): Promise<void>;
  stop(id: string, signal: AbortSignal): Promise<void>;
  read(id: string, signal: AbortSignal): Promise<DtsReading>;
  /** the head of the report */
  counts(id: string, signal: AbortSignal): Promise<DtsCounts>;
}

export interface ComparisonRequest {
  readonly method: 'counts' | 'digest';
  readonly scope: MigrationScope;
  /** only these source tables, as `schema.table`; null for all of the scope */
  readonly tables: readonly string[] | null;
  /** results of before this moment prove nothing any more and must not be taken over; null: any may */
  readonly notBefore: number | null;
}

/** Compares the data of both sides; resolves with a verdict, rejects with `cancelled` or a failure before any verdict. */
export type Compare = (
  request: ComparisonRequest,
  onProgress: (progress: ComparisonProgress) => void,
  signal: AbortSignal,
) => Promise<ComparisonFacts>;

/** What the user has to agree to before something that cannot be undone is done. */
export interface Confirmation {
  readonly kind: 'complete' | 'terminate' | 'override' | 'finish' | 'resume' | 'server' | 'handOver';
  readonly title: Sentence;
  /** what will be touched, named, one line each */
  readonly details: readonly Sentence[];
  readonly action: Sentence;
  /** the user has to type this, exactly; null when a button is enough */
  readonly typed: string | null;
}

export interface RunPorts {
  readonly task: TaskPort;
  readonly endpoints: Readonly<Record<Side, EndpointPort>>;
  readonly compare: Compare;
  /** missing where DTS is not asked to compare */
  readonly dtsComparison?: DtsComparisonPort | undefined;
  /** asked after the state has been read again; false leaves everything as it is */
  confirm(request: Confirmation, signal: AbortSignal): Promise<boolean>;
  /** the user's name for the record */
  userName(): string;
}
