/**
 * One database seen by several sessions. Where the database allows SNAPSHOT isolation every session reads in a
 * transaction of that level, begun together; elsewhere at READ COMMITTED, and the write positions read before and
 * after tell whether that was good enough. Rows that somebody is writing are waited for, never read uncommitted.
 */
import { randomBytes } from 'node:crypto';
import { Failure } from '../../util/failure.ts';
import { Lanes } from '../../util/lanes.ts';
import { sentence } from '../../util/sentence.ts';
import { throwIfAborted } from '../../util/wait.ts';
import type { ConnectRequest } from '../engine.ts';
import { majorOf, productOf } from './dialect.ts';
import { Link, type Row } from './link.ts';
import { ISOLATION } from './sql/digest-catalog.ts';
import { begin, STANDING, type Isolation } from './sql/digest-session.ts';

/** A scan takes as long as it takes; the user can cancel it. Milliseconds. */
const A_DAY = 86_400_000;
/** Azure SQL Database says 12 and has what the newest version has. */
const NEWEST = 17;

interface Worker {
  readonly link: Link;
  /** its session is prepared and, where there is one, its transaction open */
  ready: boolean;
}

export class Snapshot {
  private readonly closing = new AbortController();
  /** known only to sessions we prepared: a link may have opened another one by itself */
  private mark = '';

  private constructor(
    private readonly keeper: Link,
    private readonly workers: Lanes<Worker>,
    readonly database: string,
    readonly isolation: Isolation,
  ) {}

  static async open(
    request: ConnectRequest,
    database: string,
    workers: number,
    signal: AbortSignal,
  ): Promise<Snapshot> {
    const within = { ...request, profile: { ...request.profile, database } };
    const links: Link[] = [];
    try {
      while (links.length <= workers) links.push(await Link.open(within, false, signal));
      const [keeper, ...others] = links;
      if (!keeper) throw new Error('no link was opened');
      const isolation = await isolationOf(keeper, signal);
      const lanes = new Lanes(others.map((link): Worker => ({ link, ready: false })));
      const snapshot = new Snapshot(keeper, lanes, database, isolation);
      await snapshot.renew(signal);
      return snapshot;
    } catch (error) {
      await Promise.all(links.map((link) => link.close()));
      throw error;
    }
  }

  get product(): string {
    const { version, azureDatabase } = this.keeper.about;
    return `${productOf(version, azureDatabase)} (${version})`;
  }
  /** major version by what the server can do */
  get level(): number {
    const { version, azureDatabase } = this.keeper.about;
    return azureDatabase ? NEWEST : majorOf(version);
  }
  get endpoint(): string {
    return `${this.keeper.where.endpoint}/${this.database}`;
  }
  get size(): number {
    return this.workers.all.length;
  }

  /** Nobody else may be using the workers. */
  async renew(signal: AbortSignal): Promise<void> {
    this.mark = randomBytes(16).toString('hex').toUpperCase();
    for (const worker of this.workers.all) await this.prepare(worker, signal);
  }

  /** Runs one SELECT on a free worker. */
  async query(sql: string, signal: AbortSignal): Promise<readonly Row[]> {
    const either = AbortSignal.any([signal, this.closing.signal]);
    const worker = await this.workers.take(either);
    try {
      if (!worker.ready) await this.prepare(worker, either);
      // until the answer is known to come from the prepared session
      worker.ready = false;
      const rows = await worker.link.rows(sql, either, A_DAY);
      const [standing] = await worker.link.rows(STANDING, either);
      throwIfAborted(either);
      const inside = this.isolation !== 'snapshot' || Number(standing?.['depth']) > 0;
      if (standing?.['mark'] !== this.mark || !inside) throw lost(this.endpoint);
      worker.ready = true;
      return rows;
    } finally {
      this.workers.give(worker);
    }
  }

  /** Statements about the server and its catalog, which no snapshot covers. */
  ask(sql: string, signal: AbortSignal): Promise<readonly Row[]> {
    return this.keeper.rows(sql, signal);
  }

  /** Milliseconds for a trivial question. */
  async latency(signal: AbortSignal): Promise<number> {
    const before = performance.now();
    await this.keeper.rows('SELECT 1 AS one', signal);
    return performance.now() - before;
  }

  async close(): Promise<void> {
    // stops on the server what still runs
    this.closing.abort();
    await this.workers.drain();
    await Promise.all([this.keeper, ...this.workers.all.map(({ link }) => link)].map((link) => link.close()));
  }

  private async prepare(worker: Worker, signal: AbortSignal): Promise<void> {
    // a batch: what sp_executesql sets ends with it, and it may not leave a transaction open
    await worker.link.table(begin(this.mark, this.isolation), signal);
    worker.ready = true;
  }
}

async function isolationOf(link: Link, signal: AbortSignal): Promise<Isolation> {
  const [row] = await link.rows(ISOLATION, signal);
  // 1 is ON; 2 and 3 are on their way from or to it
  if (row?.['snapshot_state'] === '1') return 'snapshot';
  return row?.['row_versions'] === '1' ? 'row versions' : 'locks';
}

function lost(endpoint: string): Failure {
  return new Failure(
    'connection-lost',
    sentence('{endpoint} closed a connection during the comparison.', { endpoint }),
    sentence('Start the comparison again; finished tables are kept.'),
  );
}
