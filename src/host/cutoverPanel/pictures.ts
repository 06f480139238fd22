import type { Side } from '../../cutover/facts.ts';
import type { RunSnapshot, SideView } from '../../cutover/snapshot.ts';
import type { ToPanel } from '../../protocol/messages.ts';
import { changesBetween, type SessionChanges } from '../../protocol/sessionChanges.ts';

/** Makes the messages that bring pictures to one page: the first whole, later ones with what changed of the sessions. */
export class Pictures {
  #last: RunSnapshot | null = null;

  next(snapshot: RunSnapshot): ToPanel {
    const before = this.#last;
    this.#last = snapshot;
    const source = before ? changes(before.source, snapshot.source) : undefined;
    const target = before ? changes(before.target, snapshot.target) : undefined;
    if (!before || source === undefined || target === undefined) return { type: 'snapshot', snapshot };
    const slim = { ...snapshot, source: without(snapshot, 'source'), target: without(snapshot, 'target') };
    return { type: 'changes', base: before.revision, snapshot: slim, sessions: { source, target } };
  }

  /** What the page has is not known any more: the next picture is a whole one. */
  forget(): void {
    this.#last = null;
  }
}

const without = (snapshot: RunSnapshot, side: Side): SideView => ({ ...snapshot[side], sessions: [] });

/** Null: the very list that was sent; a new look makes a new list. */
const changes = (before: SideView, after: SideView): SessionChanges | null | undefined =>
  before.sessions === after.sessions ? null : changesBetween(before.sessions, after.sessions);
