/** The two windows of a stopped business, the quiet source and the dwell at zero, and what of them stands in the record. */
import type { Moment } from '../util/clock.ts';
import { sentence, type Sentence } from '../util/sentence.ts';
import { maxHoleMs } from './gates.ts';
import type { JournalEvent } from './journal.ts';
import type { CutoverSettings } from './settings.ts';
import { EMPTY_WINDOW, look, windowState, type Look, type SustainedWindow } from './windows.ts';

export interface RestWindowsOptions {
  readonly now: () => Moment;
  readonly settings: () => CutoverSettings;
  readonly observe: (event: JournalEvent) => void;
}

export class RestWindows {
  private quietNow: SustainedWindow = EMPTY_WINDOW;
  private dwellNow: SustainedWindow = EMPTY_WINDOW;
  private readonly reached = { quiet: false, dwell: false };

  constructor(private readonly options: RestWindowsOptions) {}

  get quiet(): SustainedWindow {
    return this.quietNow;
  }

  get dwell(): SustainedWindow {
    return this.dwellNow;
  }

  /** Both begin again: what was seen before says nothing about now. `why`: for whoever watches them. */
  restart(why: Sentence | null = null): void {
    this.quietNow = why ? { ...EMPTY_WINDOW, lastReset: { at: this.options.now().at, why } } : EMPTY_WINDOW;
    this.dwellNow = this.quietNow;
  }

  /** The business was stopped or writes again: what is reached from now on is news. */
  begin(): void {
    this.restart();
    this.reached.quiet = this.reached.dwell = false;
  }

  /** Answers whether the window is reached with this look. */
  addQuiet(next: Look): boolean {
    this.quietNow = look(this.quietNow, next, maxHoleMs(this.options.settings()));
    const reached = this.stateOf(this.quietNow, this.options.settings().quietWindowSeconds) === 'reached';
    if (reached && !this.reached.quiet) {
      this.options.observe({ kind: 'quietReached', since: this.quietNow.since ?? next.at });
    }
    if (!reached && this.reached.quiet && next.holds !== 'pending') {
      const why = this.quietNow.lastReset?.why ?? sentence('there is no fresh look');
      this.options.observe({ kind: 'quietBroken', why });
    }
    if (next.holds !== 'pending') this.reached.quiet = reached;
    return reached;
  }

  addDwell(next: Look): void {
    this.dwellNow = look(this.dwellNow, next, maxHoleMs(this.options.settings()));
    const state = this.stateOf(this.dwellNow, this.options.settings().zeroDwellSeconds);
    if (state === 'reached' && !this.reached.dwell) {
      this.options.observe({ kind: 'dwellReached', since: this.dwellNow.since ?? next.at });
      this.reached.dwell = true;
    }
    if ((state === 'broken' || state === 'waiting') && this.reached.dwell) {
      const why = this.dwellNow.lastReset?.why ?? sentence('there is no fresh sample');
      this.options.observe({ kind: 'dwellBroken', why });
      this.reached.dwell = false;
    }
  }

  private stateOf(window: SustainedWindow, requiredSeconds: number) {
    return windowState(window, requiredSeconds, this.options.now(), maxHoleMs(this.options.settings()));
  }
}
