/**
 * The connections behind one EngineConnection: two at most, whatever is asked at the same time. One to the database of
 * the profile is kept while it is asked again and again; none stays in another database, where it would keep that
 * from being dropped, renamed or copied.
 */
import { cancelled, Failure } from '../../util/failure.ts';
import { Lanes } from '../../util/lanes.ts';
import { sentence } from '../../util/sentence.ts';
import type { ConnectRequest } from '../engine.ts';
import { Backend } from './backend.ts';
import { whereOf, type Where } from './errors.ts';

/** On one server at the same time. */
const MOST = 2;
/** One that nobody uses for this long is ended. */
const KEPT_IDLE_MS = 10_000;

export class Connections {
  readonly where: Where;
  private idle: Backend | null = null;
  private used = 0;
  private ending: NodeJS.Timeout | undefined;
  private readonly places = new Lanes(Array.from({ length: MOST }, (_, number) => number));
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
    await this.endIdle();
  }

  private async lend<T>(
    signal: AbortSignal,
    work: (backend: Backend, signal: AbortSignal) => Promise<T>,
    database: string,
  ): Promise<T> {
    const place = await this.places.take(signal);
    this.used += 1;
    try {
      const backend = await this.backendFor(database, signal);
      try {
        return await work(backend, signal);
      } finally {
        await this.giveBack(backend);
      }
    } finally {
      this.used -= 1;
      this.places.give(place);
    }
  }

  private async backendFor(database: string, signal: AbortSignal): Promise<Backend> {
    const idle = this.idle;
    if (database !== this.where.database || !idle?.usable) {
      if (this.used === MOST) await this.endIdle();
      return Backend.open(this.request, database, signal);
    }
    clearTimeout(this.ending);
    this.idle = null;
    return idle;
  }

  private async giveBack(backend: Backend): Promise<void> {
    const keep = backend.where.database === this.where.database && !this.idle?.usable;
    if (!backend.usable || !keep || this.closing.signal.aborted) return backend.close();
    clearTimeout(this.ending);
    this.idle = backend;
    this.ending = setTimeout(() => void this.endIdle(), KEPT_IDLE_MS).unref();
  }

  private async endIdle(): Promise<void> {
    clearTimeout(this.ending);
    const idle = this.idle;
    this.idle = null;
    await idle?.close();
  }
}
