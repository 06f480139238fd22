/**
 * A consistent view of one deployment for several readers. Replica sets and clusters of version 5 and later read at one
 * cluster time; older ones, and those that cannot keep so old a state any longer, read what a majority has; standalone
 * servers what they have. Where the view moves, the write positions of the comparison tell whether that mattered.
 */
import { Timestamp, type Document } from 'mongodb';
import { asFailure } from '../../util/failure.ts';
import { Lanes } from '../../util/lanes.ts';
import type { ConnectRequest } from '../engine.ts';
import { hello, kindOf, type Kind } from './deployment.ts';
import { Answers, Gate, type Collector } from './digest-answers.ts';
import { CODE, errorNumber } from './errors.ts';
import { Link } from './link.ts';
import { numberOf, stringOf } from './text.ts';

/** A scan takes as long as it takes; the user can cancel it. Milliseconds. */
const A_DAY = 86_400_000;
/** The first wire version with snapshot reads outside transactions: MongoDB 5.0. */
const SNAPSHOT_WIRE_VERSION = 13;
/** SnapshotTooOld, SnapshotUnavailable: the state is not kept any longer, or the catalog has changed since. */
const SNAPSHOT_GONE: ReadonlySet<number> = new Set([239, 246]);

type Level = 'snapshot' | 'majority' | 'local';

/** Where documents come from. */
export type Reader = Pick<Snapshot, 'gather' | 'consistency'>;

export class Snapshot {
  private readonly closing = new AbortController();
  private readonly lanes: Lanes<number>;
  private readonly gate = new Gate();
  private level: Level = 'local';
  /** nothing older than this is read; null on a standalone server */
  private time: Timestamp | null = null;

  private constructor(
    private readonly link: Link,
    readonly database: string,
    readonly size: number,
    readonly kind: Kind,
    private readonly wireVersion: number,
    readonly product: string,
  ) {
    this.lanes = new Lanes([...Array(size).keys()]);
  }

  static async open(
    request: ConnectRequest,
    database: string,
    workers: number,
    signal: AbortSignal,
  ): Promise<Snapshot> {
    // sockets for the readers, for what ends their work, and for questions about the server
    const link = await Link.open(request, request.profile.nodes, signal, workers + 4);
    try {
      const greeting = await hello(link, signal);
      const build = await link.command('admin', { buildInfo: 1 }, signal);
      const snapshot = new Snapshot(
        link,
        database,
        workers,
        kindOf(greeting),
        numberOf(greeting['maxWireVersion']) ?? 0,
        `MongoDB ${stringOf(build['version'])}`,
      );
      await snapshot.take(signal);
      return snapshot;
    } catch (error) {
      await link.close();
      throw error;
    }
  }

  get endpoint(): string {
    return `${this.link.where.endpoint}/${this.database}`;
  }

  /** In words, for the record. */
  get consistency(): string {
    switch (this.level) {
      case 'snapshot':
        return 'snapshot reads';
      case 'majority':
        return 'majority reads';
      case 'local':
        return 'plain reads';
    }
  }

  renew(signal: AbortSignal): Promise<void> {
    return this.take(signal);
  }

  private async take(signal: AbortSignal): Promise<void> {
    this.level = 'local';
    this.time = null;
    if (this.kind === 'standalone') return;
    // asked for afterwards: what was committed before must be part of what is read
    this.time = await this.clusterTime(signal);
    if (!this.time) return;
    const levels: readonly Level[] =
      this.wireVersion >= SNAPSHOT_WIRE_VERSION ? ['snapshot', 'majority'] : ['majority'];
    for (const level of levels) {
      if (!(await this.works(level, signal))) continue;
      this.level = level;
      return;
    }
  }

  /** The newest operation there is; through a mongos the question goes to every shard. */
  private async clusterTime(signal: AbortSignal): Promise<Timestamp | null> {
    const question: Document = this.kind === 'sharded' ? { dbStats: 1 } : { ping: 1 };
    const answer = await this.link.command(this.kind === 'sharded' ? this.database : 'admin', question, signal);
    return answer['operationTime'] instanceof Timestamp ? answer['operationTime'] : null;
  }

  /** A set without a majority, or with an engine that keeps no history, refuses or does not answer in time. */
  private async works(level: Level, signal: AbortSignal): Promise<boolean> {
    const probe = { find: 'dts_cutover.probe', limit: 1, singleBatch: true, ...this.readConcern(level) };
    try {
      await this.link.readRaw(this.database, probe, async () => undefined, signal);
      return true;
    } catch (error) {
      const { reason } = asFailure(error);
      // may not read that, which says nothing about the level
      if (errorNumber(error) === CODE.unauthorized) return true;
      if (reason === 'timed-out' || errorNumber(error) !== 0) return false;
      throw error;
    }
  }

  private readConcern(level: Level): Document {
    if (this.time === null || level === 'local') return {};
    const time = level === 'snapshot' ? { atClusterTime: this.time } : { afterClusterTime: this.time };
    return { readConcern: { level, ...time } };
  }

  /**
   * Runs a command that opens a cursor on a free lane, and gathers its documents. `anytime`: the server keeps no history
   * of this collection. `size`: bytes of a document, as far as known.
   */
  async gather<T>(
    command: Document,
    collector: () => Collector<T>,
    signal: AbortSignal,
    { anytime = false, size = 0 }: { readonly anytime?: boolean; readonly size?: number } = {},
  ): Promise<T> {
    const either = AbortSignal.any([signal, this.closing.signal]);
    const lane = await this.lanes.take(either);
    try {
      for (;;) {
        const level = anytime && this.level === 'snapshot' ? 'majority' : this.level;
        const into = collector();
        const answers = new Answers(into, this.gate, either);
        try {
          await answers.expect(size);
          const asked = { ...command, ...this.readConcern(level) };
          await this.link.readRaw(this.database, asked, (documents) => answers.take(documents), either, A_DAY);
          return into.result;
        } catch (error) {
          if (level !== 'snapshot' || !SNAPSHOT_GONE.has(errorNumber(error))) throw error;
          // a newer state then, from the beginning of this piece
          this.level = 'majority';
        } finally {
          answers.end();
        }
      }
    } finally {
      this.lanes.give(lane);
    }
  }

  /** Questions about the server and its catalog. */
  get questions(): Link {
    return this.link;
  }

  /** Milliseconds for a trivial question, on a socket that no reader uses. */
  async latency(signal: AbortSignal): Promise<number> {
    const before = performance.now();
    await this.link.command('admin', { ping: 1 }, signal);
    return performance.now() - before;
  }

  async close(): Promise<void> {
    // stops on the server what still runs
    this.closing.abort();
    await this.lanes.drain();
    await this.link.close();
  }
}
