/**
 * A read-only, consistent view of a MySQL or MariaDB server for several connections. These servers cannot share one
 * snapshot, so all are opened between two readings of the binary log position, again if it moved in between.
 */
import { Failure } from '../../util/failure.ts';
import { Lanes } from '../../util/lanes.ts';
import { sentence } from '../../util/sentence.ts';
import { throwIfAborted } from '../../util/wait.ts';
import type { ConnectRequest } from '../engine.ts';
import { applySettings } from './digest-settings.ts';
import { Link, optional } from './link.ts';

export type Cell = string | null;
export type Rows = readonly (readonly Cell[])[];

/** A scan takes as long as it takes; the user can cancel it. Milliseconds. */
const A_DAY = 86_400_000;
const TRIES = 5;

export class Snapshot {
  private readonly closing = new AbortController();
  /** of the links when their transactions began: a link that was opened again since is not part of this snapshot */
  private readonly generations = new Map<Link, number>();

  /** of the keeper when its settings were made */
  private settled = -1;

  private constructor(
    private readonly keeper: Link,
    private readonly workers: Lanes<Link>,
    readonly database: string,
  ) {}

  static async open(
    request: ConnectRequest,
    database: string,
    workers: number,
    signal: AbortSignal,
  ): Promise<Snapshot> {
    const within = { ...request, profile: { ...request.profile, database } };
    const opening = await Promise.allSettled(Array.from({ length: workers + 1 }, () => Link.open(within, signal)));
    const links = opening.flatMap((link) => (link.status === 'fulfilled' ? [link.value] : []));
    try {
      const failed = opening.find((link) => link.status === 'rejected');
      if (failed) throw failed.reason;
      const [keeper, ...others] = links;
      if (!keeper) throw new Error('no link was opened');
      const snapshot = new Snapshot(keeper, new Lanes(others), database);
      await snapshot.take(signal);
      return snapshot;
    } catch (error) {
      await Promise.all(links.map((link) => link.close()));
      throw error;
    }
  }

  get product(): string {
    return `${this.keeper.dialect.product} ${this.keeper.dialect.version}`;
  }
  get dialect(): Link['dialect'] {
    return this.keeper.dialect;
  }
  get endpoint(): string {
    return `${this.keeper.where.endpoint}/${this.database}`;
  }
  get size(): number {
    return this.workers.all.length;
  }

  async renew(signal: AbortSignal): Promise<void> {
    await this.take(signal);
  }

  private async take(signal: AbortSignal): Promise<void> {
    for (let tries = 1; ; tries++) {
      const before = await this.position(signal);
      await Promise.all(this.workers.all.map((link) => this.begin(link, signal)));
      // without the right to read it, or without a log, the write position of the comparison has to tell
      if (before === null || before === (await this.position(signal)) || tries === TRIES) return;
    }
  }

  /** Text is read as its bytes; all else has one spelling on both sides. */
  private async begin(link: Link, signal: AbortSignal): Promise<void> {
    await link.query(link.dialect.setTimeLimit(0), signal);
    await applySettings(link, signal);
    const { generation } = link;
    await link.query('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ', signal);
    // ends the one before
    await link.query('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY', signal);
    if (link.generation !== generation) throw lost(this.endpoint);
    this.generations.set(link, generation);
  }

  private async position(signal: AbortSignal): Promise<string | null> {
    const answer = await optional(this.keeper, this.dialect.binlogStatus, signal);
    return answer?.rows[0] ? JSON.stringify(answer.rows[0]) : null;
  }

  /** Runs one statement on a free worker; values come back as text. */
  async query(sql: string, signal: AbortSignal): Promise<Rows> {
    const either = AbortSignal.any([signal, this.closing.signal]);
    const link = await this.workers.take(either);
    try {
      const { rows } = await link.query(sql, either, A_DAY);
      throwIfAborted(either);
      if (link.generation !== this.generations.get(link)) throw lost(this.endpoint);
      return rows;
    } finally {
      this.workers.give(link);
    }
  }

  /** Statements outside the snapshot, e.g. about the server. */
  async ask(sql: string, signal: AbortSignal): Promise<Rows> {
    const { keeper } = this;
    // a lost connection is opened again by the statement before
    if (keeper.generation !== this.settled) {
      const { generation } = keeper;
      await applySettings(keeper, signal);
      this.settled = generation;
    }
    return (await keeper.query(sql, signal)).rows;
  }

  /** Milliseconds for a trivial question. */
  async latency(signal: AbortSignal): Promise<number> {
    const before = performance.now();
    await this.keeper.query('SELECT 1', signal);
    return performance.now() - before;
  }

  async close(): Promise<void> {
    // stops on the server what still runs
    this.closing.abort();
    await this.workers.drain();
    await Promise.all([this.keeper, ...this.workers.all].map((link) => link.close()));
  }
}

function lost(endpoint: string): Failure {
  return new Failure(
    'connection-lost',
    sentence('{endpoint} closed a connection during the comparison.', { endpoint }),
    sentence('Start the comparison again; finished tables are kept.'),
  );
}
