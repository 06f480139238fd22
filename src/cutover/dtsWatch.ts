/** Starts, follows and stops DTS's own comparison of a run. */
import { asFailure, Failure, type FailureFacts } from '../util/failure.ts';
import { sentence } from '../util/sentence.ts';
import { dtsOutcome, ENDED, type DtsComparisonRequest, type DtsReading } from './dtsComparison.ts';
import type { Ledger } from './ledger.ts';
import { isDtsComparing } from './machine.ts';
import { Poller } from './poller.ts';
import type { DtsComparisonPort } from './ports.ts';
import type { RunOptions } from './run.ts';
import type { CutoverSettings } from './settings.ts';

/** What it needs of the run. */
interface Followed {
  readonly options: Pick<RunOptions, 'ports' | 'clock'>;
  readonly ledger: Ledger;
  readonly settings: CutoverSettings;
  changed(): void;
}

export class DtsWatch {
  /** how the running one stood at the last look */
  reading: DtsReading | null = null;
  /** why the last look failed; it is tried again */
  failure: FailureFacts | null = null;
  /** null: nothing here can ask DTS to compare */
  private readonly source: DtsComparisonPort | null;
  private readonly poller: Poller;

  constructor(private readonly run: Followed) {
    this.source = run.options.ports.dtsComparison ?? null;
    this.poller = new Poller(
      run.options.clock,
      (signal) => this.look(signal),
      () => run.settings.taskIntervalSeconds * 1000,
    );
  }

  /** Follows what is running, if anything is. */
  follow(): void {
    if (this.source && isDtsComparing(this.run.ledger.state)) this.poller.start();
  }

  stopFollowing(): Promise<void> {
    return this.poller.stop();
  }

  /** Creates and starts one. When it is lost whether it began, it is followed: its status tells. */
  async begin(request: DtsComparisonRequest, by: string, signal: AbortSignal): Promise<void> {
    const { ledger } = this.run;
    const port = this.port();
    const id = await port.create(request, signal);
    this.reading = this.failure = null;
    const { method, sampleRate } = request;
    await ledger.record(
      { kind: 'dtsComparisonStarted', id, method, sampleRate, tables: request.tables?.length ?? null },
      by,
    );
    try {
      await port.start(id, new AbortController().signal);
    } catch (error) {
      const failure = asFailure(error);
      if (failure.reason !== 'outcome-unknown') {
        await ledger.record({ kind: 'dtsComparisonEnded', failure: failure.facts() }, '');
      }
      throw failure;
    } finally {
      this.follow();
    }
  }

  /** Asks DTS to stop it; that it stopped is seen by its status. */
  async halt(signal: AbortSignal): Promise<void> {
    const { dtsComparison } = this.run.ledger.state;
    if (!dtsComparison || !isDtsComparing(this.run.ledger.state)) {
      throw new Failure('not-allowed-now', sentence('DTS is not comparing now.'));
    }
    await this.port().stop(dtsComparison.id, signal);
    this.follow();
  }

  private port(): DtsComparisonPort {
    if (this.source) return this.source;
    throw new Failure('unsupported', sentence('DTS cannot be asked to compare from here.'));
  }

  private async look(signal: AbortSignal): Promise<boolean> {
    const { ledger } = this.run;
    const port = this.source;
    const { dtsComparison } = ledger.state;
    if (!port || !dtsComparison || !isDtsComparing(ledger.state)) return this.rest();
    try {
      const reading = await port.read(dtsComparison.id, signal);
      this.reading = reading;
      this.failure = null;
      if (!ENDED.has(reading.status)) return true;
      const counts = reading.status === 'success' ? await port.counts(dtsComparison.id, signal) : null;
      ledger.observe({ kind: 'dtsComparisonFinished', outcome: dtsOutcome(dtsComparison, reading, counts) });
      return this.rest();
    } catch (error) {
      if (signal.aborted) return false;
      const failure = asFailure(error);
      this.failure = failure.facts();
      if (failure.reason !== 'task-not-found') return false;
      ledger.observe({ kind: 'dtsComparisonEnded', failure: failure.facts() });
      return this.rest();
    } finally {
      this.run.changed();
    }
  }

  /** Nothing is left to be followed. */
  private rest(): true {
    void this.poller.stop();
    return true;
  }
}
