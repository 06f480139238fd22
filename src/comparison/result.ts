/** What a comparison gives back: the JSON document of the front end, and the same as facts for a run. */
import type { EngineKind, ObjectName } from '../cutover/facts.ts';
import type { Sentence } from '../util/sentence.ts';
import type { ColumnShape, RepairFacts } from './port.ts';

export interface RowDifference {
  /** `missing`: not on the target; `extra`: only there */
  readonly kind: 'changed' | 'missing' | 'extra';
  /** key column → value as text; empty for a table without a key */
  readonly key: Readonly<Record<string, string>>;
  readonly source: Readonly<Record<string, string | null>> | null;
  readonly target: Readonly<Record<string, string | null>> | null;
  /** copies of this row too few or too many; only for tables without a key */
  readonly copies?: number;
  /** columns whose value is too long to be shown whole */
  readonly cut?: readonly string[];
  /** where both sides read alike, although what they store does not: the hash of the whole row, in hexadecimal */
  readonly digest?: { readonly source: string; readonly target: string };
  /** a document with the same values under the same names, whose fields stand in another order */
  readonly orderOnly?: true;
}

export interface TableResult {
  readonly source: ObjectName | null;
  readonly target: ObjectName | null;
  readonly verdict: 'same' | 'different' | 'skipped' | 'failed' | 'missingOnTarget' | 'missingOnSource';
  readonly reason: Sentence | null;
  readonly rows: { readonly source: number | null; readonly target: number | null };
  /** at most as many as were asked for */
  readonly differences: readonly RowDifference[];
  /** exact, also when fewer are listed; null when the rows were not compared to the end */
  readonly differenceCount: number | null;
  /** fewer differences are listed than were found */
  readonly truncated: boolean;
  /** columns left out, and equivalences that were applied */
  readonly notes: readonly Sentence[];
  /** how the digest was made; '' when there was none */
  readonly method: string;
  /** what repair statements need to know of the target; empty where nothing differs */
  readonly targetColumns: readonly ColumnShape[];
  /** of a table that differs: what its repair has to mind */
  readonly targetRepair?: RepairFacts;
}

export interface ObjectResult {
  readonly kind: string;
  /** with its schema and table, as a user would write it on the source (on the target where it is only there) */
  readonly name: string;
  readonly verdict: 'same' | 'different' | 'missingOnTarget' | 'missingOnSource';
  readonly detail: Sentence | null;
  /** a statement for the target that puts it right; shown, never executed */
  readonly statement: string | null;
  /** false: told for information, the comparison can still be `same` */
  readonly counts: boolean;
  /** something is to be done about it, although it does not count */
  readonly noted?: boolean;
  /** it reads differently on two servers that spell differently: nobody knows whether it is the same */
  readonly uncertain?: boolean;
}

export interface ComparedSide {
  /** e.g. `PostgreSQL 18.4` */
  readonly server: string;
  /** host:port/database */
  readonly endpoint: string;
  /** the write position before the snapshot and when all was done, as a DBA would write it; null when not known */
  readonly position: { readonly before: string | null; readonly after: string | null };
}

export interface ComparisonResult {
  readonly engine: EngineKind;
  readonly verdict: 'same' | 'different' | 'incomplete';
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly source: ComparedSide;
  readonly target: ComparedSide;
  readonly tables: readonly TableResult[];
  /** how many of them were taken over from an earlier comparison, since which nobody had written */
  readonly reused: number;
  readonly objects: readonly ObjectResult[];
  /** why the verdict is not more than it is, and what was left out */
  readonly remarks: readonly Sentence[];
  /** handed to the next reading of the position: a later write makes the verdict stale */
  readonly tokens: { readonly source: string | null; readonly target: string | null };
}
