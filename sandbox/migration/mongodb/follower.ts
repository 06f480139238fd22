/**
 * Follows the source's oplog by a tailable cursor and does its entries again on the target. Receiving and applying
 * are two loops: what has arrived and waits is the gap, as long as nothing new stands in the oplog.
 */
import { BSON, MongoServerError, type Document, type MongoClient, type Timestamp } from 'mongodb';
import { pause as sleep } from '../../../src/util/wait.ts';
import { applyEntries, UnknownChange } from './changes.ts';

/** Every BSON type as itself. */
export const EXACT = { promoteValues: false, promoteBuffers: false, promoteLongs: false, bsonRegExp: true } as const;

const RETRY_MS = 200;
const AWAIT_MS = 500;
const BATCH = 500;
/** Received and not applied; beyond it one waits before receiving more. */
const RELAY_BYTES = 64 * 2 ** 20;

interface Received {
  readonly entry: Document;
  readonly ts: Timestamp;
  readonly bytes: number;
}

export class Follower {
  /** up to here everything is applied */
  applied: Timestamp;
  /** a fault: so many milliseconds more for each entry */
  slowMs = 0;
  private received: Timestamp;
  private refused: string | null = null;
  /** the oplog no longer holds what came next, and nothing brings it back */
  private lost: string | null = null;
  private readonly relay: Received[] = [];
  private relayBytes = 0;
  private applying = true;
  private readonly ending = new AbortController();
  private readonly loops: Promise<unknown>;

  /** @param from what the copy may have missed begins behind this entry */
  constructor(
    private readonly source: MongoClient,
    private readonly target: MongoClient,
    private readonly moves: (database: string) => boolean,
    from: Timestamp,
  ) {
    this.applied = this.received = from;
    this.loops = Promise.all([this.receive(), this.applyReceived()]);
  }

  /** Why it was given up; null while it goes on. */
  get broken(): string | null {
    return this.lost ?? this.refused;
  }

  /** Applies, or not; what is received meanwhile waits. A change that was refused is tried again. */
  apply(on: boolean): void {
    this.applying = on;
    if (on) this.refused = null;
  }

  /** Bytes of the oplog that are not applied yet; asks the source what has not even arrived. */
  async gapBytes(): Promise<number> {
    const newer = await this.oplog()
      .find({ ts: { $gt: this.received } }, { raw: true, limit: 10_000, maxTimeMS: 2_000 })
      .toArray();
    return newer.reduce((sum, bytes) => sum + bytesOf(bytes).length, this.relayBytes);
  }

  /** Resolves when nothing is read or written any more. */
  async stop(): Promise<void> {
    this.ending.abort();
    await this.loops;
  }

  private oplog() {
    return this.source.db('local').collection('oplog.rs');
  }

  private async receive(): Promise<void> {
    const { signal } = this.ending;
    while (!signal.aborted && this.lost === null) {
      // from the last one known, which must still be there
      const cursor = this.oplog().find(
        { ts: { $gte: this.received } },
        { raw: true, tailable: true, awaitData: true, maxAwaitTimeMS: AWAIT_MS, signal },
      );
      try {
        let anchored = false;
        for await (const bytes of cursor) {
          if (anchored) this.take(bytesOf(bytes));
          else anchored = this.anchor(bytesOf(bytes));
          if (this.lost !== null) return;
          while (this.relayBytes > RELAY_BYTES) await sleep(RETRY_MS, signal);
        }
      } catch {
        // the source is away; it is asked again from where it stood
      } finally {
        await cursor.close().catch(() => undefined);
      }
      await sleep(RETRY_MS, signal).catch(() => undefined);
    }
  }

  private anchor(bytes: Uint8Array): boolean {
    const { ts } = BSON.deserialize(bytes, EXACT) as { readonly ts: Timestamp };
    if (ts.equals(this.received)) return true;
    this.lost = 'The source’s oplog has rolled over: it no longer holds what was to be applied next.';
    return false;
  }

  private take(bytes: Uint8Array): void {
    const entry = BSON.deserialize(bytes, EXACT);
    this.received = entry['ts'] as Timestamp;
    this.relay.push({ entry, ts: this.received, bytes: bytes.length });
    this.relayBytes += bytes.length;
  }

  private async applyReceived(): Promise<void> {
    const { signal } = this.ending;
    while (!signal.aborted) {
      const some = this.applying && this.broken === null ? this.relay.slice(0, this.slowMs > 0 ? 1 : BATCH) : [];
      if (some.length === 0) {
        await sleep(20, signal).catch(() => undefined);
        continue;
      }
      try {
        if (this.slowMs > 0) await sleep(this.slowMs, signal);
        await applyEntries(
          this.target,
          some.map(({ entry }) => entry),
          this.moves,
        );
        this.relay.splice(0, some.length);
        this.relayBytes -= some.reduce((sum, { bytes }) => sum + bytes, 0);
        this.applied = some.at(-1)?.ts ?? this.applied;
      } catch (error) {
        if (isRefused(error)) this.refused = error instanceof Error ? error.message : String(error);
        else await sleep(RETRY_MS, signal).catch(() => undefined);
      }
    }
  }
}

/** What a raw cursor answers. */
function bytesOf(document: unknown): Uint8Array {
  if (document instanceof Uint8Array) return document;
  throw new Error('The driver was asked for raw documents and answered others.');
}

/** The target has looked at the change and says no, or the change is not known; else it cannot be reached now. */
function isRefused(error: unknown): boolean {
  return error instanceof UnknownChange || (error instanceof MongoServerError && typeof error.code === 'number');
}
