/**
 * The oplog. With a file it is what the server lives on: an entry is in the file before its client hears of it, and
 * reading the file again gives the databases back.
 */
import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { Long, Timestamp, type Document } from 'mongodb';
import { parse, serialize } from './documents.ts';

export interface Logged {
  readonly ts: Timestamp;
  /** the whole entry as BSON */
  readonly bytes: Uint8Array;
}

/** Kept in memory to be read, as a capped collection. */
const CAP_BYTES = 256 * 2 ** 20;

export class Oplog {
  readonly all: Logged[] = [];
  term = 1;
  private readonly file: number | null = null;
  private readonly found: Document[] = [];
  private last = { t: 0, i: 0 };
  private size = 0;
  private position = 0;
  private waiting = new Set<() => void>();

  /** @param file made where it is missing; without one the entries live as long as the process */
  constructor(file?: string) {
    if (file === undefined) return;
    const read = existsSync(file) ? this.readAgain(readFileSync(file)) : 0;
    this.file = openSync(file, read === 0 ? 'w' : 'r+');
    // what a kill has cut off was never acknowledged
    ftruncateSync(this.file, read);
    this.position = read;
    this.term += read === 0 ? 0 : 1;
  }

  /** Once, the entries of an earlier life. */
  replayed(): readonly Document[] {
    return this.found.splice(0);
  }

  /** Writes one entry; in the file it is when this returns. */
  log(op: string, ns: string, o: Document, more: Document = {}): Document {
    const t = Math.max(Math.floor(Date.now() / 1000), this.last.t);
    this.last = { t, i: t === this.last.t ? this.last.i + 1 : 1 };
    const ts = new Timestamp(this.last);
    const term = Long.fromNumber(this.term);
    const entry = { op, ns, o, ...more, ts, t: term, v: Long.fromNumber(2), wall: new Date() };
    const bytes = serialize(entry);
    if (this.file !== null) this.position += writeSync(this.file, bytes, 0, bytes.length, this.position);
    this.keep({ ts, bytes });
    const woken = this.waiting;
    this.waiting = new Set();
    for (const wake of woken) wake();
    return entry;
  }

  /** Entries from `ts` on, or behind it. */
  from(ts: Timestamp, inclusive: boolean): readonly Logged[] {
    const bound = ts.toBigInt();
    let [low, high] = [0, this.all.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const here = this.all[middle]?.ts.toBigInt() ?? 0n;
      if (here < bound || (here === bound && !inclusive)) low = middle + 1;
      else high = middle;
    }
    return this.all.slice(low);
  }

  /** Calls back once when the next entry is written; the answer takes that back. */
  onNext(wake: () => void): () => void {
    this.waiting.add(wake);
    return () => void this.waiting.delete(wake);
  }

  close(): void {
    if (this.file !== null) closeSync(this.file);
  }

  /** Answers how many bytes hold whole entries. */
  private readAgain(content: Buffer): number {
    let at = 0;
    while (at + 4 <= content.length) {
      const end = at + content.readInt32LE(at);
      if (end > content.length || end < at + 5) break;
      const bytes = content.subarray(at, end);
      const entry = parse(bytes);
      const ts = entry['ts'] as Timestamp;
      this.found.push(entry);
      this.keep({ ts, bytes });
      this.last = { t: ts.getHighBitsUnsigned(), i: ts.getLowBitsUnsigned() };
      this.term = Number(entry['t']);
      at = end;
    }
    return at;
  }

  private keep(entry: Logged): void {
    this.all.push(entry);
    this.size += entry.bytes.length;
    if (this.size <= CAP_BYTES) return;
    const gone = this.all.splice(0, Math.ceil(this.all.length / 10));
    for (const { bytes } of gone) this.size -= bytes.length;
  }
}
