import type { TaskFacts, TaskRef } from '../../cutover/facts.ts';
import type { DtsClient } from '../../dts/api.ts';
import { asFailure, isFailure, type Failure } from '../../util/failure.ts';
import type { Log } from '../log.ts';

/** A service that allows 20 requests per second has other users too. */
const AT_ONCE = 4;

export const keyOf = ({ region, jobId }: TaskRef) => `${region}/${jobId}`;

/** Steps, gap and lag of the few tasks somebody looks at; one request each. */
export class Details {
  readonly #known = new Map<string, TaskFacts | Failure>();
  readonly #reading = new Set<string>();
  readonly #client: () => Promise<DtsClient>;
  readonly #changed: () => void;
  readonly #log: Log;

  constructor(client: () => Promise<DtsClient>, changed: () => void, log: Log) {
    this.#client = client;
    this.#changed = changed;
    this.#log = log;
  }

  get(ref: TaskRef): TaskFacts | undefined {
    const known = this.#known.get(keyOf(ref));
    return isFailure(known) ? undefined : known;
  }

  /** why the last try failed, if it did */
  failure(ref: TaskRef): Failure | undefined {
    const known = this.#known.get(keyOf(ref));
    return isFailure(known) ? known : undefined;
  }

  /** Reads these; those of others, which nobody looks at any more, are dropped. */
  async readOnly(wanted: readonly TaskRef[], signal: AbortSignal): Promise<void> {
    const keys = new Set(wanted.map(keyOf));
    for (const key of this.#known.keys()) if (!keys.has(key)) this.#known.delete(key);
    const queue = [...wanted];
    await Promise.all(
      Array.from({ length: Math.min(AT_ONCE, queue.length) }, async () => {
        for (let ref = queue.shift(); ref && !signal.aborted; ref = queue.shift()) await this.read(ref, signal);
      }),
    );
  }

  /** Reads one, unless it is being read. A failure is kept in its place; the next round tries again. */
  async read(ref: TaskRef, signal: AbortSignal): Promise<void> {
    const key = keyOf(ref);
    if (this.#reading.has(key)) return;
    this.#reading.add(key);
    try {
      const facts = await (await this.#client()).readTask(ref, signal);
      if (!signal.aborted) this.#known.set(key, facts);
    } catch (error) {
      if (signal.aborted) return;
      const failure = asFailure(error);
      this.#known.set(key, failure);
      this.#log.warn(`detail of ${key}: ${failure.message}`);
    } finally {
      this.#reading.delete(key);
    }
    if (!signal.aborted) this.#changed();
  }

  clear(): void {
    this.#known.clear();
  }
}
