import type { BackendPhase, CompareOutcome, CompareScope, MigrationBackend } from './backend.ts';

export interface Script {
  phase?: BackendPhase;
  percent?: number;
  gapMb?: number | null;
  lagSeconds?: number | null;
  error?: { message: string; solution: string } | null;
  /** what a comparison finds; it waits for this */
  outcome?: CompareOutcome | Promise<CompareOutcome>;
  /** `complete` waits for this */
  completion?: Promise<void>;
}

/** A backend that moves nothing and says what its script says; the script may be changed while it runs. */
export class ScriptedBackend implements MigrationBackend {
  constructor(readonly script: Script = {}) {}

  get phase() {
    return this.script.phase ?? 'idle';
  }
  get percent() {
    return this.script.percent ?? 0;
  }
  get error() {
    return this.script.error ?? null;
  }
  gapMb() {
    return this.script.gapMb ?? null;
  }
  lagSeconds() {
    return this.script.lagSeconds ?? null;
  }
  start() {
    return this.enter('full');
  }
  pause() {
    return Promise.resolve();
  }
  resume() {
    return this.enter('incremental');
  }
  async complete() {
    await this.script.completion;
    await this.enter('finished');
  }
  stop() {
    return this.enter('finished');
  }
  async compare(_scope: CompareScope, onProgress: (percent: number) => void, signal: AbortSignal) {
    onProgress(50);
    const outcome = await Promise.race([this.script.outcome ?? { tables: [] }, aborted(signal)]);
    onProgress(100);
    return outcome;
  }

  private enter(phase: BackendPhase) {
    this.script.phase = phase;
    return Promise.resolve();
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const stop = () => reject(new Error('aborted'));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
