/** The connections behind one EngineConnection: opened when needed, one idle kept per database, all ended by `close`. */
import { cancelled, Failure } from '../../util/failure.ts';
import { sentence } from '../../util/sentence.ts';
import type { ConnectRequest } from '../engine.ts';
import { Backend } from './backend.ts';
import { whereOf, type Where } from './errors.ts';

/** Idle connections kept; a server with many databases must not lose its slots to us. */
const KEPT_IDLE = 8;

export class Connections {
  readonly where: Where;
  private readonly idle: Backend[] = [];
  private readonly inUse = new Set<Promise<unknown>>();
  private readonly closing = new AbortController();

  constructor(private readonly request: ConnectRequest) {
    this.where = whereOf(request);
  }

  /** Lends a connection to one database for the time of `work`; by default the database of the profile. */
  async use<T>(
    signal: AbortSignal,
    work: (backend: Backend, signal: AbortSignal) => Promise<T>,
    database = this.where.database,
  ): Promise<T> {
    if (this.closing.signal.aborted) {
      throw new Failure(
        'connection-lost',
        sentence('The connection to {endpoint} is closed.', { endpoint: this.where.endpoint }),
      );
    }
    const either = AbortSignal.any([signal, this.closing.signal]);
    const task = this.lend(either, work, database);
    const settled = task.then(
      () => undefined,
      () => undefined,
    );
    this.inUse.add(settled);
    void settled.then(() => this.inUse.delete(settled));
    return task;
  }

  /** Stops what runs, on the server too, and ends every connection. */
  async close(): Promise<void> {
    this.closing.abort(cancelled());
    await Promise.all(this.inUse);
    await Promise.all(this.idle.splice(0).map((backend) => backend.close()));
  }

  private async lend<T>(
    signal: AbortSignal,
    work: (backend: Backend, signal: AbortSignal) => Promise<T>,
    database: string,
  ): Promise<T> {
    const backend = this.takeIdle(database) ?? (await Backend.open(this.request, database, signal));
    try {
      return await work(backend, signal);
    } finally {
      await this.giveBack(backend);
    }
  }

  private takeIdle(database: string): Backend | undefined {
    const index = this.idle.findIndex((backend) => backend.usable && backend.where.database === database);
    return index === -1 ? undefined : this.idle.splice(index, 1)[0];
  }

  private async giveBack(backend: Backend): Promise<void> {
    const another = this.idle.some((other) => other.usable && other.where.database === backend.where.database);
    if (!backend.usable || another || this.closing.signal.aborted) return backend.close();
    this.idle.push(backend);
    // the longest idle one goes, but never the main database's
    const spare = this.idle.findIndex((other) => !other.usable || other.where.database !== this.where.database);
    if (this.idle.length > KEPT_IDLE && spare !== -1) await this.idle.splice(spare, 1)[0]?.close();
  }
}
