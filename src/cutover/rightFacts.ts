/** The vocabulary of what accounts may do. */
import type { Sentence } from '../util/sentence.ts';

/** What a step of the cutover does with an account; `end a session` is the one that a cutover can do without. */
export const RIGHT_USES = ['sessions', 'position', 'writers', 'comparison', 'objects', 'end a session'] as const;
export type RightUse = (typeof RIGHT_USES)[number];

/** Whether an account may do what a later step needs. `unknown` counts as missing. */
export interface RightFacts {
  readonly use: RightUse;
  readonly state: 'ok' | 'missing' | 'unknown';
  /** what it is about, e.g. tables; empty for the server as a whole */
  readonly objects: readonly string[];
  readonly why: Sentence;
  /** the statement that would give it; null where none is known or none is needed */
  readonly grant: string | null;
}

/** The part of a server that a migration covers; `tables` null for every table of the database. */
export interface RightsScope {
  readonly database: string;
  readonly tables: readonly string[] | null;
}
