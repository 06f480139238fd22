/** Answers of the server handed on document by document: the event loop stays free, and memory bounded. */
import { Breather } from '../../util/breather.ts';
import { Lanes } from '../../util/lanes.ts';
import { hashInPieces, isLong } from './digest-bson.ts';

/** Takes documents in one by one; what comes of them is read when all are there. */
export interface Collector<T> {
  /** @param hash of a document that was too long to be hashed at once */
  add(document: Buffer, hash?: bigint): void;
  readonly result: T;
}

/** Of a document: one is an answer by itself, and answers of 16 MB lie in memory twice for a moment. Bytes. */
const LARGE = 500_000;
export const isLarge = (size: number) => size > LARGE;

/** Lets one reader at a time ask for large documents. */
export class Gate {
  private readonly place = new Lanes([0]);

  pass(signal: AbortSignal): Promise<unknown> {
    return this.place.take(signal);
  }
  leave(): void {
    this.place.give(0);
  }
}

/** What one cursor finds, on its way to a collector. */
export class Answers {
  private readonly breather = new Breather();
  private inside = false;

  constructor(
    private readonly into: Collector<unknown>,
    private readonly gate: Gate,
    private readonly signal: AbortSignal,
  ) {}

  /** Before the first question: by what is known of the collection. After that: by the documents that came. */
  async expect(size: number): Promise<void> {
    if (isLarge(size) === this.inside) return;
    if (this.inside) this.end();
    else {
      await this.gate.pass(this.signal);
      this.inside = true;
    }
  }

  async take(documents: readonly Uint8Array[]): Promise<void> {
    let largest = 0;
    for (const { buffer, byteOffset, byteLength } of documents) {
      const document = Buffer.from(buffer, byteOffset, byteLength);
      largest = Math.max(largest, byteLength);
      const hash = isLong(document) ? await hashInPieces(document, () => this.pause()) : undefined;
      this.into.add(document, hash);
      if (this.breather.due) await this.pause();
    }
    await this.expect(largest);
  }

  end(): void {
    if (this.inside) this.gate.leave();
    this.inside = false;
  }

  private pause(): Promise<void> {
    return this.breather.pause(this.signal);
  }
}
