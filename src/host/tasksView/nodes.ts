import type { Side, TaskRef, TaskStep } from '../../cutover/facts.ts';
import type { Failure } from '../../util/failure.ts';

/** One row of the tree. What it shows is looked up when it is drawn, so a row never holds stale facts. */
export type Node =
  | { readonly kind: 'account' }
  | { readonly kind: 'failure'; readonly region: string; readonly failure: Failure; readonly rows: number }
  /** tasks that DTS described in a way that could not be read */
  | { readonly kind: 'unreadable'; readonly region: string; readonly count: number }
  | { readonly kind: 'group'; readonly id: string; readonly label: string; readonly refs: readonly TaskRef[] }
  | { readonly kind: 'task'; readonly ref: TaskRef }
  | { readonly kind: 'more'; readonly group: string; readonly left: number }
  | { readonly kind: 'connection'; readonly ref: TaskRef; readonly side: Side }
  | { readonly kind: 'step'; readonly ref: TaskRef; readonly step: TaskStep }
  | { readonly kind: 'loading'; readonly ref: TaskRef }
  | { readonly kind: 'comparison'; readonly ref: TaskRef }
  | { readonly kind: 'run'; readonly ref: TaskRef };

/** The task a row belongs to; what commands get from the context menu. */
export function refOf(node: Node): TaskRef | null {
  return 'ref' in node ? node.ref : null;
}
