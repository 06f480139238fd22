/**
 * What an engine offers for comparing data. The digests are computed inside the databases; only group digests, row
 * hashes of differing groups and the differing rows themselves cross the wire. Nothing here speaks SQL: a document
 * store implements the same port. Every waiting call takes an AbortSignal, and an abort stops the server's work too.
 */
import type { EngineKind, ObjectName, SchemaObjectKind } from '../cutover/facts.ts';
import type { ConnectRequest } from '../engines/engine.ts';
import type { Sentence } from '../util/sentence.ts';
import type { ColumnRules } from './columns.ts';
import type { DifferingRow } from './mergeRows.ts';
import type { Trait } from './traits.ts';

/** One column (or top-level field) as the catalog describes it, domains resolved to their base type. */
export interface ColumnShape {
  readonly name: string;
  /** base type in the engine's own spelling, lower case, without length: `int4`, `varchar`, `bigint unsigned` */
  readonly type: string;
  /** the type as one would declare it: `numeric(12,2)` */
  readonly declared: string;
  readonly nullable: boolean;
  /** computed by the server from other columns; compared only where both sides store it */
  readonly generated: boolean;
  /** generated, and its values are stored: they may be others where a function, a locale or the expression is another */
  readonly stored?: boolean;
  /** made by the server for want of a key, and shown to nobody: one side may do without */
  readonly filler?: boolean;
  /** every UPDATE that does not set it changes it (ON UPDATE CURRENT_TIMESTAMP) */
  readonly touched?: boolean;
  /** digits after the point where the type fixes them, else null */
  readonly scale: number | null;
  /** for text: how the server orders and decodes it; null for everything else */
  readonly collation: string | null;
  readonly charset: string | null;
}

/** Columns that identify a row: none of them null, no two rows alike. */
export interface KeyShape {
  readonly name: string;
  readonly primary: boolean;
  readonly columns: readonly string[];
}

export interface TableShape {
  readonly name: ObjectName;
  readonly columns: readonly ColumnShape[];
  /** the primary key first */
  readonly keys: readonly KeyShape[];
  /** by the server's statistics; null where it keeps none */
  readonly estimatedRows: number | null;
  /** why its rows cannot be read (a foreign table, a missing right); null when they can */
  readonly unreadable: Sentence | null;
  /** why there is more in it than can be compared, so that it cannot be called the same */
  readonly partly?: Sentence | null;
  /** what statements that repair its rows have to mind */
  readonly repair?: RepairFacts;
  /** it came with an extension: compared where the source holds rows in it that the extension did not bring */
  readonly ofExtension?: 'empty' | 'rows';
}

/** What stands in the way of statements that repair rows of a table of the target. */
export interface RepairFacts {
  /** rows of other tables are seen through it, which are not meant */
  readonly only?: boolean;
  /** columns of which no two rows may have the same values, NULL or not */
  readonly uniques?: readonly (readonly string[])[];
  /** statements that stop, and let go on, what would run with every repaired row */
  readonly around?: readonly { readonly before: string; readonly after: string }[];
  /** triggers that run with every repaired row, and that nothing could stop */
  readonly alsoRuns?: readonly string[];
  /** rows of these tables are held by, or go with, a row of this one; columns there and here */
  readonly referencedBy?: readonly {
    readonly table: ObjectName;
    readonly columns: readonly (readonly [string, string])[];
  }[];
}

/** How one pair of columns is brought into a form that is equal exactly when the stored values are. */
export interface ColumnMatch {
  /** the engine's own word for the form; null when the values cannot be compared exactly */
  readonly form: string | null;
  /** what the user should know: why not, or under which equivalence */
  readonly note: Sentence | null;
}

export interface PlannedColumn {
  readonly name: string;
  readonly form: string;
  readonly source: ColumnShape;
  readonly target: ColumnShape;
}

/** One pair of tables, ready to be compared. */
export interface TablePlan {
  readonly source: TableShape;
  readonly target: TableShape;
  readonly columns: readonly PlannedColumn[];
  /** names of the key's columns, all of them among `columns`; empty when both sides have no common key */
  readonly key: readonly string[];
}

/** Count and digest of one group of rows. Ids mean the same rows on both sides. */
export interface GroupDigest {
  readonly id: string;
  readonly rows: number;
  /** how many of the rows have a hash, as the server counted them: a sum passes over the others, which then differ unseen */
  readonly digests: number;
  /** sum of the row hashes (additive, so that parts of a group add up) */
  readonly sum: bigint;
}

/** One row, or several equal ones of a table without a key. */
export interface RowHash {
  /** both sides stream in ascending order of it: the key itself or a hash of it; without a key the row's hash */
  readonly order: bigint;
  /** values of the key's columns as text; empty without a key */
  readonly key: readonly string[];
  readonly hash: bigint;
  /** 1 with a key */
  readonly copies: number;
}

export interface RowValues {
  readonly key: readonly string[];
  readonly hash: bigint;
  /** column → value as text, null for NULL */
  readonly values: Readonly<Record<string, string | null>>;
  /** columns whose value was cut because it is very long */
  readonly cut: readonly string[];
  /** of a document: equal where at most the order of its fields differs */
  readonly unordered?: bigint;
}

/** One side of one table pair inside that side's snapshot. Calls may overlap; the session's workers limit them. */
export interface SideDigest {
  /** independent pieces of the first pass; they may contribute to the same groups */
  readonly units: number;
  scan(unit: number, signal: AbortSignal): Promise<readonly GroupDigest[]>;
  /** splits groups into finer ones; null when they cannot be split further */
  refine(groups: readonly string[], signal: AbortSignal): Promise<readonly GroupDigest[]>;
  /** hashes of all rows in these groups, ascending by `order` */
  rowHashes(groups: readonly string[], signal: AbortSignal): AsyncIterable<readonly RowHash[]>;
  /** whole rows by key; those that do not exist are left out. Without a key: one row for each hash. */
  fetch(rows: readonly Pick<RowHash, 'key' | 'hash'>[], signal: AbortSignal): Promise<readonly RowValues[]>;
}

export interface PairDigest {
  readonly source: SideDigest;
  readonly target: SideDigest;
  /** whether groups are found by an index and can be refined; otherwise every call reads the whole table once */
  readonly indexed: boolean;
  /** groups of up to so many rows, both sides together, are looked at row by row; larger ones are refined first */
  readonly smallGroup: number;
  /**
   * What `rowHashes` of both sides would give, without the rows that are alike: for engines that can tell these apart
   * without looking into each. Both ascending by `order`.
   */
  readonly unequal?: (
    groups: readonly string[],
    signal: AbortSignal,
  ) => Promise<{ readonly source: readonly RowHash[]; readonly target: readonly RowHash[] }>;
  /**
   * Groups of both tables, where the first pass gives only one group of each: for tables so small that reading them once
   * more, where they differ, costs less than groups do where they are the same.
   */
  readonly regroup?: (signal: AbortSignal) => Promise<{
    readonly source: readonly GroupDigest[];
    readonly target: readonly GroupDigest[];
  }>;
  /** both tables are read in no time to speak of: any number of them may be compared at once */
  readonly small?: boolean;
  /**
   * Of rows with a key that differ, those that really do: where one side spells the same value otherwise than the other,
   * and only the values themselves tell. Left out where different hashes are different values.
   */
  readonly reallyDiffering?: (rows: readonly DifferingRow[], signal: AbortSignal) => Promise<readonly DifferingRow[]>;
  /** in words, for the record */
  readonly method: string;
}

/** Something besides rows, with a definition that is equal on both sides when the thing is. */
export interface SchemaObject {
  readonly kind: SchemaObjectKind;
  /** the table it belongs to, where there is one */
  readonly table: ObjectName | null;
  readonly schema: string | null;
  /** unique within kind, schema and table; for indexes and constraints the definition rather than the name */
  readonly name: string;
  /** what it is found by on the other side, where names may be spelled otherwise; the name itself where left out */
  readonly foundBy?: string;
  /** normalised definition; '' where only existence counts */
  readonly definition: string;
  /** every version spells this definition alike, under whatever names */
  readonly exact?: boolean;
  /** every version spells this definition alike, where no name was changed on the way */
  readonly spelledAlike?: boolean;
  /** on the target alone it refuses what the source takes */
  readonly refuses?: boolean;
  /** the next value a sequence or AUTO_INCREMENT would give, and the statement that raises it to another value */
  readonly next?:
    | {
        readonly value: bigint;
        readonly ascending: boolean;
        /** the nearest it might still give from a cache that nobody can look into; left out where `value` is exact */
        readonly nearest?: bigint;
        /** numbers it reserves at once, negative when they descend: what it is raised to lies that much further */
        readonly block?: bigint;
      }
    | undefined;
  /** of a column: looked at instead of the definition, which then is for people */
  readonly column?: ColumnRules;
  /** compared one by one, besides the definition */
  readonly traits?: readonly Trait[];
  /** told only where it differs: its table is told of anyway */
  readonly part?: boolean;
  /** of a foreign key: where it leads, in the names of this server; `columns` in parentheses */
  readonly refersTo?: { readonly table: ObjectName; readonly columns: string };
  /** why it does not work on this server, or (not `known`) why that cannot be told */
  readonly fails?: { readonly known: boolean; readonly why: Sentence };
  /** stands for no object: why there may be some that this account does not see, or cannot read */
  readonly unseen?: Sentence;
}

/** A read-only, consistent view of one database, seen by several connections at once. */
export interface DigestSession {
  /** e.g. `PostgreSQL 18.4` */
  readonly product: string;
  /** host:port/database without a secret */
  readonly endpoint: string;
  readonly workers: number;
  describe(signal: AbortSignal): Promise<readonly TableShape[]>;
  /** why there may be tables that this account does not even see; null when it sees all */
  blindSpot(signal: AbortSignal): Promise<Sentence | null>;
  /** why this server may have databases that the account does not see or may not open; null when it may open all */
  unseenDatabases(signal: AbortSignal): Promise<Sentence | null>;
  /** what tables of this database can be in: its schemas; null where the engine has none; empty: no such database */
  schemas(signal: AbortSignal): Promise<readonly (string | null)[]>;
  objects(signal: AbortSignal): Promise<readonly SchemaObject[]>;
  /** the statement that lets the sequence (or AUTO_INCREMENT) of this side go on at `next` */
  raiseStatement(object: SchemaObject, next: bigint): string;
  /** milliseconds a trivial question takes now, on a connection of its own: what the load guard watches */
  latency(signal: AbortSignal): Promise<number>;
  /** gives up the snapshot and takes a new one */
  renew(signal: AbortSignal): Promise<void>;
  /** ends the transactions and connections; running statements are stopped on the server first */
  close(): Promise<void>;
}

export interface SnapshotOptions {
  readonly database: string;
  /** connections that read at the same time */
  readonly workers: number;
}

/** How repair statements are written for a store of documents. Ids and fields are text as in `RowValues`. */
export interface DocumentRepair {
  /** what the methods below are called on */
  collection(name: ObjectName): string;
  /** null where the shell could not write exactly this */
  delete(id: string): string | null;
  insert(id: string, fields: Readonly<Record<string, string>>): string | null;
  replace(id: string, fields: Readonly<Record<string, string>>): string | null;
}

/** How repair statements are written for an engine that speaks SQL. */
export interface RepairDialect {
  identifier(name: string): string;
  table(name: ObjectName): string;
  /** a literal that the column's type takes back unchanged; null where none is certain to */
  literal(value: string | null, column: ColumnShape): string | null;
  /** statements before all others: what the session must be like, so that the literals mean what was read */
  readonly settings?: readonly string[];
  /** goes between `INSERT INTO t (…)` and `VALUES`, for columns the server numbers itself */
  readonly insertOverride: string;
  /** of a table whose rows are meant without those of other tables that are seen through it */
  readonly only?: string;
  /** around statements of which either all or none must take place */
  readonly transaction?: { readonly begin: string; readonly commit: string };
  /** statements before the first and after the last `INSERT` into a table, where it takes them */
  aroundInserts?(
    table: ObjectName,
    columns: readonly ColumnShape[],
  ): { readonly before: string; readonly after: string } | null;
}

export interface DigestEngine {
  readonly kind: EngineKind;
  readonly repair: RepairDialect | DocumentRepair;
  /** no definition names a database: another name of it changes nothing in them */
  readonly closedDatabases?: boolean;
  /**
   * Tables of up to so many rows, by the statistics, cost the way to the server and back rather than work: of these so
   * many are compared at once for each worker. Left out by engines that gain nothing from it.
   */
  readonly small?: { readonly rows: number; readonly atOnce: number };
  match(source: ColumnShape, target: ColumnShape): ColumnMatch;
  /**
   * Whether two definitions that read differently say the same: of servers that spell otherwise or, with `renamed`, with
   * other names in them. Null where that cannot be told; left out where it never can.
   */
  readonly definitionsAgree?: (source: string, target: string, renamed: boolean) => boolean | null;
  /** the same for two names of one column; left out where every name is another column */
  readonly foldColumn?: (name: string) => string;
  openSnapshot(request: ConnectRequest, options: SnapshotOptions, signal: AbortSignal): Promise<DigestSession>;
  /**
   * Makes both sides ready for one table: agrees on a hash both compute alike (constants are hashed on both sides and
   * compared, once per pair of sessions) and on groups that mean the same on both.
   * `careful` uses only plain text forms, for values the quick forms cannot take.
   */
  pair(
    plan: TablePlan,
    source: DigestSession,
    target: DigestSession,
    options: { readonly careful: boolean },
    signal: AbortSignal,
  ): Promise<PairDigest>;
}
