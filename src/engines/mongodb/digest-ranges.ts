/**
 * Ranges of `_id`, agreed upon once and used on both sides. They are bounds of the `_id` index, not conditions: a
 * condition matches values of one BSON type only, the index holds every type in one order that all servers have alike.
 */
import type { Document } from 'mongodb';
import type { Collector } from './digest-answers.ts';
import { idOf, identityOf, valueOf } from './digest-bson.ts';
import type { Reader } from './digest-snapshot.ts';

/** One value of `_id`, as the driver sends it. */
interface Bound {
  readonly value: unknown;
}

export interface Range {
  readonly number: number;
  /** inclusive; null: from the first on */
  readonly from: Bound | null;
  /** exclusive; null: to the last */
  readonly to: Bound | null;
}

/** What a side of a pair is, as far as ranges are concerned. */
export interface Ranged {
  readonly snapshot: Reader;
  readonly collection: string;
}

export class Ranges {
  private readonly byId = new Map<string, Range>();
  private readonly splits = new Map<string, Promise<readonly Range[]>>();
  private readonly counted = new Map<string, Map<Ranged, number>>();
  private last = 0;
  /** in the order of the index; of the first pass */
  readonly all: readonly Range[];

  constructor(
    private readonly sides: readonly Ranged[],
    bounds: readonly Bound[],
    /** documents a range is split into */
    private readonly documents: number,
  ) {
    this.all = this.between(null, bounds, null);
  }

  get(id: string): Range {
    const range = this.byId.get(id);
    if (!range) throw new Error(`no range ${id}`);
    return range;
  }

  /** Remembers where the range holds more. */
  count(side: Ranged, range: Range, documents: number): void {
    const id = idOfRange(range);
    const counts = this.counted.get(id) ?? new Map<Ranged, number>();
    this.counted.set(id, counts.set(side, documents));
  }

  /** Finer ranges, the same for both sides, found by walking along the index of the side that holds more. */
  split(id: string, signal: AbortSignal): Promise<readonly Range[]> {
    const known = this.splits.get(id) ?? this.walk(this.get(id), signal);
    this.splits.set(id, known);
    return known;
  }

  private async walk(range: Range, signal: AbortSignal): Promise<readonly Range[]> {
    const counts = this.counted.get(idOfRange(range));
    const [side] = [...this.sides].sort((a, b) => (counts?.get(b) ?? 0) - (counts?.get(a) ?? 0));
    if (!side) throw new Error('a range of no collection');
    const bounds: Bound[] = [];
    for (;;) {
      const from = bounds.at(-1) ?? range.from;
      const [next] = await side.snapshot.gather(
        {
          ...findRange(side.collection, { from, to: range.to }),
          projection: { _id: 1 },
          sort: { _id: 1 },
          skip: this.documents,
          limit: 1,
          singleBatch: true,
        },
        boundCollector,
        signal,
      );
      if (!next) return this.between(range.from, bounds, range.to);
      bounds.push(next);
    }
  }

  private between(from: Bound | null, bounds: readonly Bound[], to: Bound | null): readonly Range[] {
    const ends = [...bounds, to];
    return ends.map((end, i) => {
      const range: Range = { number: this.last++, from: i === 0 ? from : (bounds[i - 1] ?? null), to: end };
      this.byId.set(idOfRange(range), range);
      return range;
    });
  }
}

export const idOfRange = ({ number }: Range) => String(number);

export function findRange(collection: string, { from, to }: Pick<Range, 'from' | 'to'>): Document {
  return {
    find: collection,
    hint: { _id: 1 },
    ...(from ? { min: { _id: from.value } } : {}),
    ...(to ? { max: { _id: to.value } } : {}),
  };
}

/** About every nth `_id`: a random sample in the order of the index, which takes one quick question. */
export async function sampleBounds(
  { snapshot, collection }: Ranged,
  ranges: number,
  signal: AbortSignal,
): Promise<readonly Bound[]> {
  if (ranges < 2) return [];
  const pipeline = [{ $sample: { size: ranges - 1 } }, { $project: { _id: 1 } }, { $sort: { _id: 1 } }];
  // outside the snapshot: any bounds will do, as long as both sides use the same
  const command = { aggregate: collection, pipeline, allowDiskUse: true, cursor: { batchSize: 1_000 } };
  return snapshot.gather(command, boundCollector, signal, { anytime: true });
}

/** A sample may hold a document twice. */
function boundCollector(): Collector<Bound[]> {
  const result: Bound[] = [];
  let before: Buffer | null = null;
  return {
    result,
    add(document) {
      const id = idOf(document);
      const identity = identityOf(id);
      if (before?.equals(identity)) return;
      before = Buffer.from(identity);
      result.push({ value: valueOf(id) });
    },
  };
}
