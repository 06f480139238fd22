/**
 * What really moves the data behind a task of the sandbox. The service turns it into DTS's words:
 * it reads phase, gap and lag at every call and derives Status, StepInfo and AllowedAction from them.
 * The readings are synchronous, so an implementation keeps its latest measurement at hand.
 */

/**
 * - `idle`: configured, not started
 * - `full`: structure and existing rows are being copied
 * - `incremental`: existing rows are there, changes are being applied
 * - `finished`: completed; nothing is applied any more
 * - `failed`: gave up; `error` says why
 */
export type BackendPhase = 'idle' | 'full' | 'incremental' | 'finished' | 'failed';

/** One object to compare, under its name on each side; `schema` is '' where the engine has none. */
export interface ComparedTable {
  readonly source: { readonly database: string; readonly schema: string; readonly table: string };
  readonly target: { readonly database: string; readonly schema: string; readonly table: string };
}

export interface CompareScope {
  /** as the caller asked for it; null means everything the task moves */
  readonly tables: readonly ComparedTable[] | null;
  readonly method: 'dataCheck' | 'sampleDataCheck' | 'rowsCount';
}

export interface RowDifference {
  /** the row's key as text, e.g. `id=42` */
  readonly identifier: string;
  /** `srcLack`: the source has no such row; `dstLack`: the target has none */
  readonly kind: 'data' | 'srcLack' | 'dstLack';
  readonly columns: readonly string[];
  readonly source: readonly (string | null)[] | null;
  readonly target: readonly (string | null)[] | null;
}

export interface TableOutcome extends ComparedTable {
  readonly conclusion: 'same' | 'different' | 'skipped';
  /** why it was skipped; '' otherwise */
  readonly reason: string;
  readonly sourceRows: number | null;
  readonly targetRows: number | null;
  readonly differences: readonly RowDifference[];
}

export interface CompareOutcome {
  readonly tables: readonly TableOutcome[];
}

export interface MigrationBackend {
  readonly phase: BackendPhase;
  /** progress of the phase `full`, 0 to 100 */
  readonly percent: number;
  /** why it failed, in the words a user would read; null unless `phase` is `failed` */
  readonly error: { readonly message: string; readonly solution: string } | null;
  /** MB not yet applied on the target; null is "no valid value" */
  gapMb(): number | null;
  /** seconds the target is behind; null is "no valid value" */
  lagSeconds(): number | null;
  start(): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** applies what is left and ends the task; resolves when nothing more will be applied */
  complete(): Promise<void>;
  /** ends the task without waiting for anything; it cannot be resumed */
  stop(): Promise<void>;
  /** compares while changes are still applied; rejects when the signal aborts */
  compare(scope: CompareScope, onProgress: (percent: number) => void, signal: AbortSignal): Promise<CompareOutcome>;
}
