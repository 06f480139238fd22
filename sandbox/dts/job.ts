/** One task's life, as DTS leads it: what its status is, what it allows, and what happens when it is asked for something. */
import { Comparisons } from './comparisons.ts';
import { ServiceError } from './serviceError.ts';
import type { SandboxTask } from './task.ts';

/** Billing states in which nothing can be done with a task. */
const ENDED_TRADE: ReadonlySet<string> = new Set(['isolating', 'isolated', 'offlining', 'offlined']);
/** Below this a task is called ready to complete; once called so it stays so. */
const READY_GAP_MB = 10;
const READY_LAG_SECONDS = 10;

export class Job {
  readonly createdAt: number;
  updatedAt: number;
  startedAt: number | null = null;
  endedAt: number | null = null;
  tradeStatus: string | null;
  /** how long after a command's effect the service still tells of the status before it */
  tellsLateMs: number;
  readonly comparisons: Comparisons;
  /** the status somebody's command put the task in; null while it follows the backend */
  private commanded: string | null;
  private wasReady = false;
  /** what the status was, and from when on it is told; the first is told now */
  private readonly states: { readonly status: string; readonly from: number }[];
  /** why a command failed */
  private commandError: { message: string; solution: string } | null = null;

  constructor(readonly task: SandboxTask) {
    this.createdAt = task.createdAt ?? Date.now();
    this.updatedAt = this.createdAt;
    this.tradeStatus = task.tradeStatus === undefined ? 'normal' : task.tradeStatus;
    this.tellsLateMs = task.tellsLateMs ?? 0;
    this.commanded = task.status ?? null;
    if (this.status !== 'created') this.startedAt = Math.min(this.createdAt + 60_000, Date.now());
    if (['success', 'failed', 'canceled'].includes(this.status))
      this.endedAt = Math.min(this.createdAt + 3_600_000, Date.now());
    this.comparisons = new Comparisons(this);
    this.states = [{ status: this.status, from: 0 }];
  }

  /** The status as the service tells it: what a command did is told late, and the steps on the way are not left out. */
  get told(): string {
    this.note();
    const now = Date.now();
    this.states.splice(
      0,
      this.states.findLastIndex(({ from }) => from <= now),
    );
    return this.states[0]?.status ?? this.status;
  }

  /** What the task is in. */
  get status(): string {
    if (this.commanded !== null) return this.commanded;
    const { backend, migrateType } = this.task;
    switch (backend.phase) {
      case 'idle':
        return 'created';
      case 'full':
        return 'running';
      case 'incremental': {
        if (migrateType !== 'fullAndIncrement') return 'running';
        const gap = backend.gapMb();
        const lag = backend.lagSeconds();
        this.wasReady ||= gap !== null && gap <= READY_GAP_MB && lag !== null && lag <= READY_LAG_SECONDS;
        return this.wasReady ? 'readyComplete' : 'running';
      }
      case 'finished':
        return 'success';
      case 'failed':
        // a copy that broke cannot go on, following the changes can
        return backend.percent === 100 ? 'resumableErr' : 'failed';
    }
  }

  get error() {
    return this.commandError ?? this.task.backend.error;
  }

  /** Whether changes are being applied now; only then a comparison may run. */
  get inIncrementalStep(): boolean {
    return this.isIncremental(this.status);
  }

  /** Whether the service tells that they are. */
  get tellsIncremental(): boolean {
    return this.isIncremental(this.told);
  }

  /** As the service tells them, with a duplicate as the real one sends it. */
  get allowedActions(): readonly string[] {
    return this.actionsIn(this.told);
  }

  private isIncremental(status: string): boolean {
    const { migrateType, backend } = this.task;
    if (migrateType !== 'fullAndIncrement') return false;
    return status === 'readyComplete' || (status === 'running' && backend.phase === 'incremental');
  }

  private actionsIn(status: string): readonly string[] {
    if (this.tradeStatus !== null && ENDED_TRADE.has(this.tradeStatus)) return ['view', 'recover', 'offline'];
    const compare = this.isIncremental(status) ? ['createCmpTask'] : [];
    switch (status) {
      case 'created':
      case 'checkNotPass':
        return ['view', 'modify', 'configure', 'check', 'isolate'];
      case 'checkPass':
        return ['view', 'modify', 'configure', 'check', 'start', 'isolate'];
      case 'running':
        return ['view', 'stop', 'pause', ...compare, 'view', 'isolate', 'resize'];
      case 'readyComplete':
        return ['view', 'stop', 'complete', 'pause', ...compare, 'view', 'isolate', 'resize'];
      case 'manualPaused':
        return ['view', 'stop', 'continue', 'isolate'];
      case 'resumableErr':
        return ['view', 'stop', 'resume', 'isolate'];
      case 'success':
      case 'failed':
      case 'canceled':
        return ['view', 'isolate', 'offline'];
      default:
        return ['view'];
    }
  }

  complete(): void {
    this.mustAllow('complete');
    this.comparisons.fail('The migration task was completed while the comparison ran.');
    this.run('completing', this.task.backend.complete(), 'success');
  }

  stop(): void {
    this.mustAllow('stop');
    this.comparisons.fail('The migration task was stopped while the comparison ran.');
    this.run('stopping', this.task.backend.stop(), 'canceled');
  }

  pause(): void {
    this.mustAllow('pause');
    this.run('pausing', this.task.backend.pause(), 'manualPaused');
  }

  continue(): void {
    this.mustAllow('continue');
    this.run('resuming', this.task.backend.resume(), null);
  }

  resume(): void {
    this.mustAllow('resume');
    this.run('resuming', this.task.backend.resume(), null);
  }

  start(): void {
    this.mustAllow('start');
    this.startedAt = Date.now();
    this.run('readyRun', this.task.backend.start(), null);
  }

  private mustAllow(action: string): void {
    if (this.tradeStatus !== null && ENDED_TRADE.has(this.tradeStatus)) {
      throw new ServiceError(
        'FailedOperation.NotAllowOperation',
        `The task is ${this.tradeStatus}; ${action} is not allowed.`,
      );
    }
    if (!this.actionsIn(this.status).includes(action)) {
      throw new ServiceError('FailedOperation.StatusInConflict', `The status ${this.status} does not allow ${action}.`);
    }
  }

  /** The call is answered at once; the work goes on, and the status tells how it ended. */
  private run(meanwhile: string, work: Promise<void>, afterwards: string | null): void {
    this.enter(meanwhile);
    this.commandError = null;
    void work.then(
      () => this.settle(afterwards),
      (error: unknown) => {
        this.commandError = { message: String(error), solution: 'Look at the log of the sandbox.' };
        this.settle('failed');
      },
    );
  }

  private settle(status: string | null): void {
    this.enter(status);
    if (status === 'success' || status === 'failed' || status === 'canceled') this.endedAt = Date.now();
  }

  /** What the backend did by itself is told at once, unless a command's effect has still to be told. */
  private note(): void {
    const newest = this.states.at(-1);
    if (newest?.status === this.status) return;
    this.states.push({ status: this.status, from: newest?.from ?? 0 });
    this.startedAt ??= Date.now();
  }

  private enter(commanded: string | null): void {
    this.note();
    this.commanded = commanded;
    this.updatedAt = Date.now();
    this.states.push({ status: this.status, from: this.updatedAt + this.tellsLateMs });
  }
}
