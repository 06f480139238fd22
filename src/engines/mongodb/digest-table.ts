/** One collection on one side: documents streamed as bytes and hashed here, by ranges of `_id` or in one piece. */
import type { Document } from 'mongodb';
import type { GroupDigest, RowHash, RowValues, SideDigest } from '../../comparison/port.ts';
import { Failure } from '../../util/failure.ts';
import { sentence } from '../../util/sentence.ts';
import {
  elementsOf,
  hashOf,
  idOf,
  identityOf,
  parsed,
  textOfElement,
  textOfIdentity,
  withoutOrder,
} from './digest-bson.ts';
import { findRange, idOfRange, type Range, type Ranges } from './digest-ranges.ts';
import type { Collector } from './digest-answers.ts';
import type { Reader } from './digest-snapshot.ts';

export interface CollectionSide {
  readonly snapshot: Reader;
  readonly collection: string;
  /** the server keeps no history of it */
  readonly capped: boolean;
  /** how many there are, by the server's statistics; 0 where it has none */
  readonly documents: number;
  /** of one of them, on average. Bytes */
  readonly size: number;
  /** documents asked for at first; then by the size of those before */
  readonly batch: number;
}

/** Longer values are cut: a difference is there to be looked at. Characters. */
const LONGEST_VALUE = 100_000;
const LONGEST_DOCUMENT = 200_000;
const SHORT_VALUE = 200;
const MOST_FIELDS = 2_000;
/** The fields of longer documents are not put in order to compare them once more. Bytes. */
const LONGEST_SORTED = 1_000_000;
const KEYS_AT_A_TIME = 500;
/** Where so many documents were much longer than expected, the last of them are cut short. */
const CHARACTERS_AT_A_TIME = 8_000_000;
const LONGEST_KEY = Number.MAX_SAFE_INTEGER;

abstract class CollectionDigest implements SideDigest {
  abstract readonly units: number;
  constructor(readonly side: CollectionSide) {}

  abstract scan(unit: number, signal: AbortSignal): Promise<readonly GroupDigest[]>;
  abstract refine(groups: readonly string[], signal: AbortSignal): Promise<readonly GroupDigest[]>;
  abstract rowHashes(groups: readonly string[], signal: AbortSignal): AsyncIterable<readonly RowHash[]>;

  protected gather<T>(find: Document, collector: () => Collector<T>, signal: AbortSignal): Promise<T> {
    const { snapshot, batch, size, capped } = this.side;
    return snapshot.gather({ ...find, batchSize: batch }, collector, signal, { anytime: capped, size });
  }

  async fetch(rows: readonly Pick<RowHash, 'key' | 'hash'>[], signal: AbortSignal): Promise<readonly RowValues[]> {
    const found: RowValues[] = [];
    for (let i = 0; i < rows.length; i += KEYS_AT_A_TIME) {
      const keys = rows.slice(i, i + KEYS_AT_A_TIME).map(({ key: [key = ''] }) => key);
      const find = { find: this.side.collection, filter: { _id: { $in: keys.map((key) => this.keyValue(key)) } } };
      found.push(...(await this.gather(find, () => new Values(new Set(keys)), signal)));
    }
    return found;
  }

  private keyValue(key: string): unknown {
    const known = parsed(key);
    if (known) return known.value;
    throw new Failure(
      'unsupported',
      sentence('{collection} has an _id that cannot be asked for exactly: {key}', {
        collection: this.side.collection,
        key: key.slice(0, SHORT_VALUE),
      }),
    );
  }
}

/** Both sides use the same ranges of the `_id` index; only those that differ are read again. */
export class RangeDigest extends CollectionDigest {
  readonly units: number;

  constructor(
    side: CollectionSide,
    private readonly ranges: Ranges,
  ) {
    super(side);
    this.units = ranges.all.length;
  }

  async scan(unit: number, signal: AbortSignal): Promise<readonly GroupDigest[]> {
    const range = this.ranges.all[unit];
    return range ? [await this.digest(range, signal)] : [];
  }

  async refine(groups: readonly string[], signal: AbortSignal): Promise<readonly GroupDigest[]> {
    const finer: GroupDigest[] = [];
    for (const id of groups) {
      for (const range of await this.ranges.split(id, signal)) finer.push(await this.digest(range, signal));
    }
    return finer;
  }

  async *rowHashes(groups: readonly string[], signal: AbortSignal): AsyncIterable<readonly RowHash[]> {
    const ranges = groups.map((id) => this.ranges.get(id)).sort((a, b) => a.number - b.number);
    for (const range of ranges) {
      yield await this.gather(this.find(range), () => new Rows(() => BigInt(range.number)), signal);
    }
  }

  private async digest(range: Range, signal: AbortSignal): Promise<GroupDigest> {
    const { rows, sum } = await this.gather(this.find(range), () => new Sum(), signal);
    this.ranges.count(this.side, range, rows);
    return { id: idOfRange(range), rows, digests: rows, sum };
  }

  private find(range: Range): Document {
    return findRange(this.side.collection, range);
  }
}

/** For collections whose `_id` index is missing, or in another order on the other side: groups by a hash of the `_id`. */
export class BucketDigest extends CollectionDigest {
  readonly units = 1;
  private readonly counts = new Map<string, number>();

  constructor(
    side: CollectionSide,
    /** a power of two */
    private readonly buckets: bigint,
  ) {
    super(side);
  }

  async scan(_unit: number, signal: AbortSignal): Promise<readonly GroupDigest[]> {
    const groups = await this.gather(this.find, () => new Buckets(this.buckets), signal);
    for (const { id, rows } of groups) this.counts.set(id, rows);
    return groups;
  }

  refine(): Promise<readonly GroupDigest[]> {
    throw new Error('groups that every question reads the whole collection for are not refined');
  }

  /** As often over the whole collection as the rows in question would not fit into memory. */
  async *rowHashes(groups: readonly string[], signal: AbortSignal): AsyncIterable<readonly RowHash[]> {
    const sorted = groups.map(BigInt).sort((a, b) => (a < b ? -1 : 1));
    while (sorted.length > 0) {
      const some = new Set<bigint>();
      let rows = 0;
      for (const bucket of [...sorted]) {
        rows += this.counts.get(String(bucket)) ?? 0;
        if (some.size > 0 && rows > ROWS_AT_A_TIME) break;
        some.add(bucket);
        sorted.shift();
      }
      const bucketOf = (id: bigint) => {
        const bucket = id & (this.buckets - 1n);
        return some.has(bucket) ? bucket : null;
      };
      yield await this.gather(this.find, () => new Rows(bucketOf), signal);
    }
  }

  private get find(): Document {
    return { find: this.side.collection };
  }
}

const ROWS_AT_A_TIME = 20_000;

class Sum implements Collector<{ rows: number; sum: bigint }> {
  readonly result = { rows: 0, sum: 0n };
  add(document: Buffer, hash = hashOf(document)): void {
    this.result.rows++;
    this.result.sum += hash;
  }
}

class Buckets implements Collector<readonly GroupDigest[]> {
  private readonly groups = new Map<bigint, { rows: number; sum: bigint }>();
  constructor(private readonly buckets: bigint) {}

  add(document: Buffer, hash = hashOf(document)): void {
    const bucket = hashOf(identityOf(idOf(document))) & (this.buckets - 1n);
    const group = this.groups.get(bucket) ?? { rows: 0, sum: 0n };
    group.rows++;
    group.sum += hash;
    this.groups.set(bucket, group);
  }

  get result(): readonly GroupDigest[] {
    return [...this.groups].map(([bucket, group]) => ({ id: String(bucket), digests: group.rows, ...group }));
  }
}

/** Its `_id` becomes text when somebody asks: nearly all rows are alike on both sides, and nobody does. */
class Row implements RowHash {
  readonly copies = 1;
  constructor(
    readonly order: bigint,
    readonly hash: bigint,
    private readonly ids: Packed,
    private readonly at: number,
  ) {}

  get key(): readonly string[] {
    return [textOfIdentity(this.ids.from(this.at))];
  }
  /** The same document with another hash. */
  withHash(hash: bigint): Row {
    return new Row(this.order, hash, this.ids, this.at);
  }
}

/** Pieces of bytes one after the other: a buffer for each would take several times as much memory. */
class Packed {
  private bytes = Buffer.allocUnsafe(4096);
  private used = 0;

  /** Answers where it begins. */
  add(piece: Buffer): number {
    const at = this.used;
    this.used += piece.length;
    if (this.used > this.bytes.length) {
      const larger = Buffer.allocUnsafe(2 * this.used);
      this.bytes.copy(larger, 0, 0, at);
      this.bytes = larger;
    }
    piece.copy(this.bytes, at);
    return at;
  }
  from(at: number): Buffer {
    return this.bytes.subarray(at);
  }
}

/** Ascending by the group's number, then by the hash of the `_id`, with its type: 1 and 1.0 are two. */
class Rows implements Collector<readonly RowHash[]> {
  private readonly rows: Row[] = [];
  private readonly ids = new Packed();
  constructor(private readonly groupOf: (id: bigint) => bigint | null) {}

  add(document: Buffer, hash?: bigint): void {
    const id = identityOf(idOf(document));
    const idHash = hashOf(id);
    const group = this.groupOf(idHash);
    if (group === null) return;
    this.rows.push(new Row((group << 64n) | idHash, hash ?? hashOf(document), this.ids, this.ids.add(id)));
  }

  get result(): readonly RowHash[] {
    const unique: Row[] = [];
    for (const row of this.rows.sort((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : 0))) {
      const before = unique.at(-1);
      // an _id is unique on every shard, not over all of them
      if (before?.order === row.order) unique[unique.length - 1] = before.withHash(together(before.hash, row.hash));
      else unique.push(row);
    }
    return unique;
  }
}

/** The same whichever comes first, and never what one of them alone would give. */
const together = (a: bigint, b: bigint) => BigInt.asUintN(64, a + b + 1n);

class Values implements Collector<readonly RowValues[]> {
  private readonly rows = new Map<string, RowValues>();
  private room = CHARACTERS_AT_A_TIME;
  constructor(private readonly wanted: ReadonlySet<string>) {}

  add(document: Buffer, known?: bigint): void {
    const key = textOfElement(idOf(document), LONGEST_KEY).text;
    // the server finds 1.0 where 1 is asked for, and by the collection's collation
    if (!this.wanted.has(key)) return;
    const hash = known ?? hashOf(document);
    const other = this.rows.get(key);
    if (other) {
      this.rows.set(key, { ...other, hash: together(other.hash, hash) });
      return;
    }
    const row = valuesOf(key, hash, document, Math.min(LONGEST_DOCUMENT, this.room));
    this.rows.set(key, row);
    for (const value of Object.values(row.values)) this.room -= value?.length ?? 0;
  }

  get result(): readonly RowValues[] {
    return [...this.rows.values()];
  }
}

/** @param room characters for all of it */
function valuesOf(key: string, hash: bigint, document: Buffer, room: number): RowValues {
  const values: [string, string][] = [];
  const cut: string[] = [];
  const names = new Set<string>();
  let left = room;
  for (const element of elementsOf(document)) {
    if (values.length === MOST_FIELDS) {
      cut.push('…');
      break;
    }
    const limit = Math.max(SHORT_VALUE, Math.min(LONGEST_VALUE, left));
    const field = textOfElement(element, limit);
    values.push([element.name, field.text.slice(0, limit)]);
    left -= field.text.length;
    // a name may stand there twice: of such values only one is shown
    if (field.cut || names.has(element.name)) cut.push(element.name);
    names.add(element.name);
  }
  const sorted = document.length > LONGEST_SORTED ? null : withoutOrder(document);
  const unordered = sorted ? { unordered: hashOf(sorted) } : {};
  return { key: [key], hash, values: Object.fromEntries(values), cut, ...unordered };
}
