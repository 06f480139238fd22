import type { TaskFacts, TaskRef } from '../../cutover/facts.ts';
import type { RunSnapshot } from '../../cutover/snapshot.ts';
import type { Parts } from '../parts.ts';

/** A command as the table lists it. Its id carries the prefix `dtsCutover.` everywhere but here. */
export type Command = GeneralCommand | TaskCommand;

export interface GeneralCommand {
  readonly id: string;
  /** rejects with a Failure; `cancelled` is silent */
  run(parts: Parts, argument: unknown): Promise<void> | void;
}

/** Acts on one task: that of the tree's row, or one that the user picks. */
export interface TaskCommand {
  readonly id: string;
  /** the tasks to pick from, when none is given */
  readonly offers: Offer;
  onTask(parts: Parts, ref: TaskRef, signal: AbortSignal): Promise<void> | void;
}

/** Whether the command can do something for a task, by what is known of it. */
export type Offer = (known: { readonly task: TaskFacts | undefined; readonly run: RunSnapshot | undefined }) => boolean;
