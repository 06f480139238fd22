/** DTS's own comparison: it runs inside DTS while the task is in its incremental step. Instants are epoch milliseconds. */

export type CompareMethod = 'dataCheck' | 'sampleDataCheck' | 'rowsCount';

/** Which objects; DTS takes the source's names here. */
export interface ComparedDatabase {
  readonly name: string;
  /** PostgreSQL and SQL Server */
  readonly schema?: string | undefined;
  /** table names; `all` for every table of the database or schema */
  readonly tables: 'all' | readonly string[];
}

export interface ComparisonRequest {
  /** the service gives it the id as a name when this is missing */
  readonly name?: string | undefined;
  /** `sameAsMigrate`: all that the task moves */
  readonly objects: 'sameAsMigrate' | readonly ComparedDatabase[];
  readonly method: CompareMethod;
  /** percent of the rows, 1 to 100; only for `sampleDataCheck` */
  readonly sampleRate?: number | undefined;
  /** 1 to 8 */
  readonly threads?: number | undefined;
}

/** The run's own state. `success` only says that it ran to its end: the verdict is the conclusion. */
export type ComparisonStatus =
  'created' | 'readyRun' | 'running' | 'success' | 'stopping' | 'failed' | 'canceled' | 'unrecognized';

/** `none`: there is none yet. Only `same` is good news, and only when no table was skipped. */
export type ComparisonConclusion = 'same' | 'different' | 'skipAll' | 'none' | 'unrecognized';

export interface ComparisonTask {
  readonly id: string;
  readonly name: string;
  readonly status: ComparisonStatus;
  readonly rawStatus: string;
  readonly conclusion: ComparisonConclusion;
  readonly rawConclusion: string;
  /** 0 to 100 */
  readonly percent: number | null;
  /** in DTS's spelling */
  readonly method: string;
  /** DTS's own words, '' where it says nothing */
  readonly message: string;
  readonly createdAt: number | null;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
}

/** Which part of the report's two long lists; `limit` at most 100. */
export interface ReportPage {
  readonly differences: { readonly limit: number; readonly offset: number };
  readonly skipped: { readonly limit: number; readonly offset: number };
}

/** A chunk of a table in which the two sides differ. */
export interface DifferentChunk {
  readonly database: string;
  readonly schema: string;
  readonly table: string;
  readonly chunk: number | null;
  /** what DTS computed or counted on each side */
  readonly source: string;
  readonly target: string;
  readonly indexName: string;
  readonly lowerBoundary: string;
  readonly upperBoundary: string;
}

export interface SkippedTable {
  readonly database: string;
  readonly schema: string;
  readonly table: string;
  readonly reason: string;
}

/** What only some engines' reports have: MongoDB's objects, documents and counts, PostgreSQL's structure and owners. */
export interface OtherDifference {
  readonly kind: 'object' | 'document' | 'row count' | 'structure' | 'owner' | 'table';
  /** dotted name of what differs, or the kind of object where DTS names none */
  readonly name: string;
  readonly source: string;
  readonly target: string;
}

export interface ComparisonReport {
  readonly status: ComparisonStatus;
  readonly conclusion: ComparisonConclusion;
  readonly rawConclusion: string;
  readonly totalTables: number | null;
  readonly checkedTables: number | null;
  readonly differentTables: number | null;
  readonly skippedTables: number | null;
  readonly differentRows: number | null;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  /** one page; `total` is the whole list's length where the service tells it */
  readonly different: { readonly total: number | null; readonly items: readonly DifferentChunk[] };
  readonly skipped: { readonly total: number | null; readonly items: readonly SkippedTable[] };
  readonly others: readonly OtherDifference[];
}

export interface DifferenceQuery {
  readonly database: string;
  readonly schema?: string | undefined;
  readonly table: string;
  readonly chunk?: number | undefined;
  readonly limit: number;
  readonly offset: number;
}

export interface DifferentRow {
  readonly database: string;
  readonly schema: string;
  readonly table: string;
  readonly chunk: number | null;
  /** the row's key as DTS writes it */
  readonly identifier: string;
  readonly kind: 'changed' | 'missingOnSource' | 'missingOnTarget' | 'unrecognized';
  readonly columns: readonly string[];
  readonly source: readonly (string | null)[];
  readonly target: readonly (string | null)[];
}

export interface DifferencePage {
  readonly total: number | null;
  readonly rows: readonly DifferentRow[];
}

export interface GtidReport {
  readonly status: string;
  /** in DTS's spelling; '' where there is none */
  readonly conclusion: string;
  readonly details: readonly {
    readonly result: string;
    readonly sourceSet: string;
    readonly targetSet: string;
    readonly onlyOnSource: string;
    readonly onlyOnTarget: string;
    /** whether the source's extra transactions touch what the task moves; null where the service does not tell */
    readonly touchesMigratedTables: boolean | null;
    readonly tables: readonly string[];
  }[];
}
