import type { RunSnapshot } from '../../cutover/snapshot.ts';
import type { ToPanel } from '../../protocol/messages.ts';
import { changesOf } from '../../protocol/pictureChanges.ts';

/** Makes the messages that bring pictures to one page: the first whole, later ones with what changed of their long lists. */
export class Pictures {
  #last: RunSnapshot | null = null;

  next(snapshot: RunSnapshot): ToPanel {
    const before = this.#last;
    this.#last = snapshot;
    const changed = before && changesOf(before, snapshot);
    return changed ? { type: 'changes', base: before.revision, ...changed } : { type: 'snapshot', snapshot };
  }

  /** What the page has is not known any more: the next picture is a whole one. */
  forget(): void {
    this.#last = null;
  }
}
