/** What was seen on the source since the business was said to be stopped: for the panel as it is, for the record once. */
import type { Reason } from './reasons.ts';
import type { SideLook } from './sideWatch.ts';
import type { SideView } from './snapshot.ts';

/** Reasons put on record for one pause; a busy source would fill the record with more of the same. */
const MOST_REASONS = 30;

export class PauseWatch {
  private readonly written = new Map<string, number | null>();
  private readonly told = new Set<string>();
  private since: number | null = null;
  private looks = 0;

  /** The business was stopped (at `since`) or writes again (null). */
  restart(since: number | null): void {
    this.written.clear();
    this.told.clear();
    this.since = since;
    this.looks = 0;
  }

  /**
   * One more look while the business is said to be stopped; answers what has not been on record yet. The first look
   * still sees what was written before the pause, so nothing of it is held against the pause.
   */
  add(seen: SideLook, disturbances: readonly Reason[]): readonly Reason[] {
    this.since ??= seen.at;
    this.looks++;
    if (this.looks === 1) return [];
    for (const object of seen.position.written.filter((o) => !o.byDts)) {
      const sum = this.written.get(object.name) ?? 0;
      this.written.set(object.name, object.count === null ? null : sum + object.count);
    }
    return disturbances.filter((why) => this.isNews(why));
  }

  view(): SideView['writtenSince'] {
    if (this.since === null) return null;
    return { since: this.since, objects: [...this.written].map(([name, count]) => ({ name, count })) };
  }

  /** One session named stands for its like; what was written is named every time it is something else. */
  private isNews({ code, subject }: Reason): boolean {
    const key = code === 'written' ? `${code} ${subject}` : code;
    if (this.told.has(key) || this.told.size >= MOST_REASONS) return false;
    this.told.add(key);
    return true;
  }
}
