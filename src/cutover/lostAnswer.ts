/** The wait after a Complete whose answer was lost, or that was accepted and did nothing. */
import type { Moment } from '../util/clock.ts';
import { sentence } from '../util/sentence.ts';
import { isCompletable } from './completion.ts';
import { AWAITED } from './completionState.ts';
import type { TaskFacts } from './facts.ts';
import { maxHoleMs } from './gates.ts';
import type { RunState } from './machine.ts';
import type { CutoverSettings } from './settings.ts';
import { EMPTY_WINDOW, look, type Look, type SustainedWindow } from './windows.ts';

export class LostAnswer {
  /** how long the task has shown itself ready to be completed since then */
  window: SustainedWindow = EMPTY_WINDOW;
  /** which call is waited for, and since when by the monotonic clock */
  private awaited: { readonly call: number | null; readonly mono: number } | null = null;

  restart(): void {
    this.window = EMPTY_WINDOW;
  }

  /**
   * One more reading, asked for at `at`. Only an unbroken row of readings that show a task ready to be completed counts,
   * and only those that were asked for afterwards.
   */
  add(
    { task, at, now }: { readonly task: TaskFacts; readonly at: Moment; readonly now: Moment },
    { completion }: RunState,
    settings: CutoverSettings,
  ): void {
    if (!AWAITED.has(completion.state)) this.awaited = null;
    else if (this.awaited?.call !== completion.at) {
      // what was seen before this call says nothing about it
      this.window = EMPTY_WINDOW;
      this.awaited = { call: completion.at, mono: now.mono };
    }
    if (!this.awaited || at.mono < this.awaited.mono) {
      this.window = EMPTY_WINDOW;
      return;
    }
    const why = sentence('the task’s status is {status}', { status: task.rawStatus });
    const next: Look = isCompletable(task) ? { ...at, holds: 'yes' } : { ...at, holds: 'no', why };
    this.window = look(this.window, next, maxHoleMs(settings));
  }
}
