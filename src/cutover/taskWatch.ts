/** Watches the task: the newest reading, the course of gap and lag, and when the last attempt failed. */
import { momentOf, type Clock, type Moment } from '../util/clock.ts';
import { asFailure, type Failure, type FailureFacts } from '../util/failure.ts';
import type { LagSample, TaskFacts } from './facts.ts';
import { Poller } from './poller.ts';
import type { TaskPort } from './ports.ts';
import type { CutoverSettings } from './settings.ts';

/** An hour at the default pace; older points leave the chart. */
const MAX_SAMPLES = 1200;

export interface TaskWatchOptions {
  readonly port: TaskPort;
  readonly clock: Clock;
  readonly settings: () => CutoverSettings;
  readonly onRead: (task: TaskFacts, before: TaskFacts | null) => void;
  readonly onFailure: (failure: Failure) => void;
}

export class TaskWatch {
  task: TaskFacts | null = null;
  failure: FailureFacts | null = null;
  /** when the newest reading was asked for, by both clocks: what it tells may have been so then and no longer */
  readAt: Moment | null = null;
  /** readings in a row with this status, the newest included */
  inARow = 0;
  readonly samples: LagSample[] = [];
  private readonly poller: Poller;

  constructor(private readonly options: TaskWatchOptions) {
    this.poller = new Poller(
      options.clock,
      (signal) => this.read(signal),
      () => options.settings().taskIntervalSeconds * 1000,
    );
  }

  start(): void {
    this.poller.start();
  }

  stop(): Promise<void> {
    return this.poller.stop();
  }

  /** A reading from now on; false when it failed. */
  readNow(): Promise<boolean> {
    return this.poller.once();
  }

  private async read(signal: AbortSignal): Promise<boolean> {
    const asked = momentOf(this.options.clock);
    try {
      const task = await this.options.port.read(signal);
      const before = this.task;
      this.readAt = asked;
      this.task = task;
      this.inARow = before?.rawStatus === task.rawStatus ? this.inARow + 1 : 1;
      this.failure = null;
      this.samples.push({ at: task.readAt, gapMb: task.gapMb, lagSeconds: task.lagSeconds });
      if (this.samples.length > MAX_SAMPLES) this.samples.splice(0, this.samples.length - MAX_SAMPLES);
      this.options.onRead(task, before);
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      const failure = asFailure(error);
      this.failure = failure.facts();
      this.options.onFailure(failure);
      return false;
    }
  }
}
