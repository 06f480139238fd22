/**
 * What an engine can say about writes, for proofs that tables are the same: which tables may hold other rows than at an
 * earlier position. Nobody is left out, DTS no more than anybody else. What cannot be told is never passed over: it makes
 * the answer incomplete, or everything count as written.
 */
import type { ObjectName } from '../cutover/facts.ts';
import type { Sentence } from '../util/sentence.ts';

/** How fine an engine can tell what was written. */
export type Grain = 'row' | 'table' | 'database' | 'server';

/** One thing that changed, with what it takes along before anything is closed over. */
export type WrittenThing =
  | { readonly kind: 'table' | 'type'; readonly name: ObjectName }
  | { readonly kind: 'database'; readonly database: string }
  | { readonly kind: 'server' };

/** A change of `from` may change what is read from `to`. */
export interface Dependency {
  readonly kind:
    | 'cascade' // rows of `to` refer to rows of `from`, and go or change with them
    | 'partition' // `from` is a partition of `to`
    | 'inheritance' // `from` inherits from `to`, whose rows are read with its own
    | 'trigger' // a trigger of `from` writes to `to`
    | 'type'; // `to`, a table or a type, is made of the type `from`
  readonly from: ObjectName;
  readonly to: ObjectName;
}

/** A moment of one server, with the counters of every table in it. */
export interface ProofPosition {
  /** handed back to the same engine later, also by another process; no secret in it */
  readonly token: string;
  /** as a DBA would write it */
  readonly display: string;
  /** why nothing that is read after this moment can be a proof yet: e.g. a transaction that may commit unseen */
  readonly unsure: Sentence | null;
  /** tables of which nobody could tell whether they were written, and why */
  readonly never: readonly { readonly table: ObjectName; readonly why: Sentence }[];
}

export interface WrittenSince {
  /**
   * `known`: whatever was committed before the question was asked is named. `late`: something may still come to light
   * that was committed before; it will be named by a later answer. `lost`: nobody will ever know.
   */
  readonly state: 'known' | 'late' | 'lost';
  readonly grain: Grain;
  /** also where not all of it is known */
  readonly written: readonly WrittenThing[];
  readonly dependencies: readonly Dependency[];
  /** what the answer rests on, or why it is not complete */
  readonly why: Sentence;
  /** the moment up to which this answer goes: where the next one begins */
  readonly position: ProofPosition;
}

export interface WriteWatch {
  readonly grain: Grain;
  /** of these databases. To be read before the snapshot: whatever was committed before is in a snapshot taken later */
  takeProofPosition(databases: readonly string[], signal: AbortSignal): Promise<ProofPosition>;
  /** waits while the server publishes late, for some seconds */
  writtenSince(position: string, databases: readonly string[], signal: AbortSignal): Promise<WrittenSince>;
}
